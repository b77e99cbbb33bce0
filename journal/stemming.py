"""Words as the full-text index sees them: folded, and cut to their stem. Pure.

The index is FTS5 with `porter unicode61 remove_diacritics 2 tokenchars '_'`; what is marked on the screen
must be what it found, so this does what SQLite's ext/fts5/fts5_tokenize.c does, and a test holds the two
together. M. F. Porter, An algorithm for suffix stripping, Program 14(3), 1980.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

_WORD = re.compile(r"\w[\w\u0300-\u0331]*")
_DIACRITICS = re.compile("[\u0300-\u0331]+")
_LONGEST_STEMMED = 64  # bytes, FTS5_PORTER_MAX_TOKEN


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: where it stands, and its stem."""

    start: int
    end: int
    stem: str


def words_of(text: str) -> Iterator[Word]:
    """The words of `text`, in order."""
    for match in _WORD.finditer(text):
        yield Word(match.start(), match.end(), stem(match[0]))


def stems_of(text: str) -> list[str]:
    """The same words, their stems alone."""
    return list(map(stem, _WORD.findall(text)))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """`word` without case, accents and ending."""
    # SQLite counts and cuts bytes, so a letter beyond ASCII is two consonants to it.
    folded = fold(word).encode("utf-8", "replace").decode("latin-1")
    cut = _porter(folded) if 3 <= len(folded) <= _LONGEST_STEMMED else folded
    return cut.encode("latin-1").decode("utf-8", "replace")


def fold(word: str) -> str:
    """`word` in lower case and without accents, character by character."""
    if word.isascii():
        return word.lower()
    return _DIACRITICS.sub("", "".join(map(_folded_character, word)))


def _folded_character(character: str) -> str:
    decomposed = unicodedata.normalize("NFD", character)
    if len(decomposed) > 1 and all(unicodedata.category(mark) == "Mn" for mark in decomposed[1:]):
        character = decomposed[0]
    lower = character.lower()
    return lower if len(lower) == 1 else character


# ---------------------------------------------------------------- Porter's algorithm

_Condition = Callable[[str], bool]


def _consonants(stem: str) -> list[bool]:
    """Which letters are consonants; `y` is a vowel after one."""
    found: list[bool] = []
    is_consonant = False
    for letter in stem:
        is_consonant = not (letter in "aeiou" or (is_consonant and letter == "y"))
        found.append(is_consonant)
    return found


def _measure(stem: str) -> int:
    """How many times a vowel is followed by a consonant: Porter's m."""
    consonants = _consonants(stem)
    return sum(not before and after for before, after in pairwise(consonants))


def _is_long(stem: str) -> bool:
    return _measure(stem) > 0


def _is_longer(stem: str) -> bool:
    return _measure(stem) > 1


def _is_longer_on_s_or_t(stem: str) -> bool:
    return stem.endswith(("s", "t")) and _is_longer(stem)


def _has_vowel(stem: str) -> bool:
    return any(letter in "aeiou" or (letter == "y" and place > 0) for place, letter in enumerate(stem))


def _ends_short(stem: str) -> bool:
    """Consonant, vowel, consonant at the end, the last not w, x or y: Porter's *o."""
    return stem[-1:] not in {"w", "x", "y"} and _consonants(stem)[-3:] == [True, False, True]


# Endings with what takes their place, in the order of the algorithm; the first that fits decides.
_STEP_2 = (
    ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("logi", "log"),
    ("bli", "ble"), ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"),
    ("ation", "ate"), ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"),
    ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"),
)  # fmt: skip
_STEP_3 = (("ical", "ic"), ("ness", ""), ("icate", "ic"), ("iciti", "ic"), ("ful", ""), ("ative", ""), ("alize", "al"))
_STEP_4 = tuple(
    (ending, "")
    for ending in (
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate",
        "iti", "ous", "ive", "ize",
    )
)  # fmt: skip


def _porter(word: str) -> str:
    word = _without_plural(word)
    word = _without_past_and_progressive(word)
    if word.endswith("y") and _has_vowel(word[:-1]):
        word = word[:-1] + "i"
    word = _replaced(word, _STEP_2, lambda ending: _is_long)
    word = _replaced(word, _STEP_3, lambda ending: _is_long)
    word = _replaced(word, _STEP_4, lambda ending: _is_longer_on_s_or_t if ending == "ion" else _is_longer)
    if word.endswith("e"):
        measure = _measure(word[:-1])
        if measure > 1 or (measure == 1 and not _ends_short(word[:-1])):
            word = word[:-1]
    if word.endswith("ll") and _is_longer(word[:-1]):
        word = word[:-1]
    return word


def _without_plural(word: str) -> str:
    if not word.endswith("s") or word.endswith("ss"):
        return word
    if (word.endswith("sses") and len(word) > 4) or (word.endswith("ies") and len(word) > 3):
        return word[:-2]
    return word[:-1]


def _without_past_and_progressive(word: str) -> str:
    if word.endswith("eed") and len(word) > 3:
        return word[:-1] if _is_long(word[:-3]) else word
    for ending in ("ed", "ing"):
        if word.endswith(ending) and len(word) > len(ending):
            if not _has_vowel(word[: -len(ending)]):
                return word
            return _mended(word[: -len(ending)])
    return word


def _mended(word: str) -> str:
    """What `ed` and `ing` were taken from: `hopping` hop, `filing` file, `created` create."""
    if len(word) > 2 and word.endswith(("at", "bl", "iz")):
        return word + "e"
    if word[-1:] == word[-2:-1] and word[-1] not in "aeioulsz":
        return word[:-1]
    return word + "e" if _measure(word) == 1 and _ends_short(word) else word


def _replaced(word: str, endings: tuple[tuple[str, str], ...], condition_of: Callable[[str], _Condition]) -> str:
    for ending, replacement in endings:
        if word.endswith(ending) and len(word) > len(ending):
            before = word[: -len(ending)]
            return before + replacement if condition_of(ending)(before) else word
    return word
