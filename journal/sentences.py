"""Where the sentences of an abstract begin and end. Pure.

By rule and not by a trained model: an abstract is short, and what goes wrong in it is always the same
few things (`e.g.`, `et al.`, `Fig. 3`, initials, figures, maths), which a list can name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Shortenings after which a sentence goes on, whatever follows.
_NEVER_LAST = _words("e.g i.e cf c.f vs eg ie viz dr prof mr mrs ms approx ca esp incl avg w.r.t wrt a.k.a")
# Shortenings of things that are counted: `Fig. 3`, `No. 5`, `Eq. (2)`, `App. B`.
_NUMBERED = _words(
    "fig figs eq eqs eqn eqns sec secs sect tab thm lem prop cor def alg algs app ch chap ref refs no nos vol pp"
)
# Shortenings that may be the last word: only a word that starts sentences shows that they are.
_MAYBE_LAST = _words("al etc resp inc ltd co corp jr sr u.s u.k u.n a.m p.m ph.d d.c ext acc dept univ et")
_STARTERS = _words(
    "a an additionally after all also although among and as at based because besides both but by code compared "
    "concretely consequently crucially despite during each empirically existing experiment experiments extensive "
    "finally first for from furthermore given here hence how however if importantly in instead it its leveraging "
    "meanwhile moreover most motivated nevertheless notably numerical on one our overall previous prior project "
    "recent remarkably results second several similarly since some source specifically such such, surprisingly "
    "that the their then there therefore these they third this those though through thus to together today "
    "ultimately under unlike using via we what when where whereas which while why with within without yet"
)
_END = re.compile(
    r"""
    (?<![.!?])(?P<dots>[.!?]++) (?P<closers>["'”’)\]}»$]{0,4}) (?=\s)              # the usual end
    | (?<=[a-z]{3}) \. (?=(?:We|The|This|These|In|Our|To|However|Experiments|Results|Code)\ )   # a blank was forgotten
    | [。！？]
    | \n[ \t]*\n
    """,
    re.VERBOSE,
)
_NEXT = re.compile(r"\s*(?P<opener>[\"'“‘(\[{$\\]*)(?P<word>[^\s\"'“‘(\[{$\\.,;:!?)]*)")
_LAST_WORD = re.compile(r"[\w.\-]*$")
_LONGEST_WORD = 40  # characters looked back for an abbreviation
# Inside of these a sentence ends only before a word that starts sentences. Bounded, so that a bracket that
# is never closed costs no more than its own length.
_HELD_TOGETHER = re.compile(r"\([^()]{0,300}\)|\$[^$\s][^$]{0,200}\$")
_WORD = re.compile(r"[^\W\d_]{2}")


def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """(start, end) of each sentence, in order, without the white space around it."""
    return tuple(_trimmed(text, _joined(text, _ends(text))))


def _ends(text: str) -> Iterator[int]:
    held = [(match.start(), match.end()) for match in _HELD_TOGETHER.finditer(text)]
    next_held = 0
    for match in _END.finditer(text):
        while next_held < len(held) and held[next_held][1] <= match.start():
            next_held += 1
        is_held = next_held < len(held) and held[next_held][0] < match.start()
        if match["dots"] is None or _is_end(text, match, is_held=is_held):
            yield match.end()


def _is_end(text: str, match: re.Match[str], *, is_held: bool) -> bool:
    following = _NEXT.match(text, match.end())
    word = following["word"] if following else ""
    starts = word.lower() in _STARTERS and word[:1].isupper() and not (is_held and match["dots"] != ".")
    if starts and not match["closers"].strip("$"):
        # "e.g. The" is no start, but "Smith et al. The" is.
        return _word_before(text, match.start()).lower() not in _NEVER_LAST
    if is_held or not _may_start(word, following["opener"] if following else ""):
        return False
    if match["closers"] or match["dots"] != ".":
        return True
    before = _word_before(text, match.start())
    if before.lower() in _NEVER_LAST or before.lower() in _MAYBE_LAST:
        return False
    if before.lower() in _NUMBERED and (len(word) == 1 or not word[:1].isalpha()):
        return False
    is_initial = len(before) == 1 and before.isupper()
    return not is_initial and not re.fullmatch(r"(?:[A-Za-z]\.)+[A-Za-z]", before)


def _word_before(text: str, end: int) -> str:
    found = _LAST_WORD.search(text[max(0, end - _LONGEST_WORD) : end])
    return found[0].strip(".-") if found else ""


def _may_start(word: str, opener: str) -> bool:
    """Whether a sentence may begin so: a capital, a digit, maths, a bracket, or a name such as `vLLM`."""
    if opener:
        return True
    return bool(word) and (not word[0].islower() or any(letter.isupper() for letter in word[1:]))


def _joined(text: str, ends: Iterator[int]) -> Iterator[tuple[int, int]]:
    """Stretches between ends; one without any word (`1.`, `(ii).`) belongs to what follows."""
    start = last = 0
    for end in ends:
        if _WORD.search(text, last, end):
            yield start, end
            start = end
        last = end
    yield start, len(text)


def _trimmed(text: str, stretches: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for start, end in stretches:
        stretch = text[start:end]
        start += len(stretch) - len(stretch.lstrip())
        end -= len(stretch) - len(stretch.rstrip())
        if start < end:
            yield start, end
