"""Citation keys such as `vaswani2017attention`. Pure.

A key is made once, when a paper first needs one, and stored: people cite by it in texts of their own,
so it never follows a later change of title, year or authors (zotero-better-bibtex#76, "Showstopper").
The form is Google Scholar's: family name of the first author, year, first word of the title that says something.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator, Sequence
from itertools import count

from journal.person_names import from_shown

LONGEST_KEY = 200  # characters

# What would end a key in BibTeX or biber, or act in TeX; `@` begins another citation in Pandoc.
_NOT_IN_KEY = re.compile(r"[\s\"#%'(),={}~\\@\x00-\x20\x7f-\xa0]|[^\x21-\uffff]")
_WORD = re.compile(r"[a-z0-9]+")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,200}>|\\[A-Za-z]+|\$[^$]{0,400}\$")
_STOP_WORDS = frozenset({
    "a", "about", "above", "across", "after", "all", "am", "an", "and", "any", "are", "as", "at", "be", "been", "being",
    "between", "beyond", "but", "by", "can", "could", "de", "der", "die", "do", "does", "das", "for", "from", "has",
    "have", "how", "i", "if", "in", "into", "is", "it", "its", "le", "la", "les", "no", "not", "of", "on", "onto", "or",
    "our", "over", "should", "than", "that", "the", "their", "then", "there", "these", "this", "those", "through", "to",
    "toward", "towards", "un", "une", "under", "up", "upon", "via", "was", "we", "were", "what", "when", "where",
    "whether", "which", "who", "whom", "why", "will", "with", "within", "without", "you", "your",
})  # fmt: skip
# Letters that no decomposition makes ASCII.
_LETTERS = str.maketrans({
    "ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ı": "i", "ĸ": "k",
})  # fmt: skip


def made(authors: Sequence[str], year: int | None, title: str, taken: Container[str]) -> str:
    """A key that is not in `taken`: `vaswani2017attention`, else the same with a, b, c... behind it.

    `authors` are names as papers print them. `taken` holds `same(key)` of every key there is. Letters
    that ASCII lacks are folded; a name in another script is left out.
    """
    first = from_shown(authors[0]) if authors else None
    family = _first_word(_folded(first.get("family") or first["literal"])) if first else ""
    base = f"{family or 'anon'}{year or ''}{_telling_word(title)}"
    return _free(base, taken)


def brought(key: str, taken: Container[str]) -> str:
    """The key that an import brings, as it is where that is valid and free; else cleaned and told apart.

    Empty where nothing of it can stay: then make one.
    """
    key = _NOT_IN_KEY.sub("", unicodedata.normalize("NFC", key))[:LONGEST_KEY]
    return _free(key, taken) if key else ""


def is_valid(key: str) -> bool:
    """Whether `key` can stand in BibTeX, biber and Pandoc as it is."""
    return 0 < len(key) <= LONGEST_KEY and not _NOT_IN_KEY.search(key) and unicodedata.is_normalized("NFC", key)


def same(key: str) -> str:
    """What two keys share that BibTeX takes for one: it does not tell apart upper and lower case."""
    return key.casefold()


def _free(base: str, taken: Container[str]) -> str:
    return next(key for key in (base + ending for ending in _endings()) if same(key) not in taken)


def _endings() -> Iterator[str]:
    """`` (none), a, b ... z, aa, ab ..."""
    for number in count():
        letters = ""
        while number > 0:
            number, letter = divmod(number - 1, 26)
            letters = chr(ord("a") + letter) + letters
        yield letters


def _telling_word(title: str) -> str:
    words = _WORD.findall(_folded(_MARKUP.sub(" ", title)).replace("'", ""))
    telling = [word for word in words if word not in _STOP_WORDS and not word.isdigit()]
    return next(iter(telling or words), "")[:40]


def _first_word(text: str) -> str:
    """`stephensdavidowitz` of a hyphenated name, `google` of a group."""
    return "".join(_WORD.findall(text.partition(" ")[0]))[:40]


def _folded(text: str) -> str:
    """Lower case, accents dropped."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return "".join(character for character in decomposed if not unicodedata.combining(character))
