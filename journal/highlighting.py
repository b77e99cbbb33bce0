"""Words to be seen at a glance: what a person searched for, and what moved a paper up or down. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from journal.marks import Mark, MarkRole, Piece, pieces_of
from journal.stemming import Word, words_of

_MOST_TERMS = 200
_LONGEST_PHRASE = 16  # words; what follows is not compared
_LONGEST_TEXT = 200_000  # characters looked at


@dataclass(slots=True)
class _Node:
    """What may follow the words that led here: a stem, or a word that starts like one of `starts`."""

    following: dict[str, _Node] = field(default_factory=dict)
    starts: tuple[str, ...] = ()
    is_end: bool = False

    def length_at(self, words: Sequence[Word], place: int) -> int:
        """Of the longest term that stands there, in words; 0 for none."""
        node, longest = self, 0
        for length, word in enumerate(words[place : place + _LONGEST_PHRASE], 1):
            if word.stem.startswith(node.starts):
                longest = length
            following = node.following.get(word.stem)
            if following is None:
                break
            node = following
            longest = length if node.is_end else longest
        return longest


def find_words(text: str, terms: Iterable[str], role: MarkRole = MarkRole.match) -> tuple[Mark, ...]:
    """A mark on each place where one of `terms` stands, by position; overlapping ones are joined.

    A term is a word (`distillation`, which also finds `distilled`), the start of one (`distil*`), or a phrase
    of words in order (`knowledge distillation`). Case, accents and endings count as little as in search.
    """
    root = _tree(terms)
    if not (root.following or root.starts):
        return ()
    words = list(words_of(text[:_LONGEST_TEXT]))
    marks: list[Mark] = []
    for place, word in enumerate(words):
        length = root.length_at(words, place)
        if length:
            end = words[place + length - 1].end
            if marks and word.start < marks[-1].end:
                marks[-1] = Mark(marks[-1].start, max(end, marks[-1].end), role)
            else:
                marks.append(Mark(word.start, end, role))
    return tuple(marks)


def highlighted(
    text: str, *, searched: Iterable[str] = (), ranking: Iterable[str] = (), marks: Iterable[Mark] = ()
) -> tuple[Piece, ...]:
    """`text` as pieces that do not overlap, with its words marked over `marks` (those of `skimming`, say)."""
    return pieces_of(
        len(text),
        [*marks, *find_words(text, ranking, MarkRole.ranking), *find_words(text, searched, MarkRole.match)],
    )


def _tree(terms: Iterable[str]) -> _Node:
    root = _Node()
    for term in islice(terms, _MOST_TERMS):
        stems = [word.stem for word in words_of(term)][:_LONGEST_PHRASE]
        if not stems:
            continue
        is_start = term.rstrip().endswith("*")
        node = root
        for stem in stems[:-1] if is_start else stems:
            node = node.following.setdefault(stem, _Node())
        if is_start:
            node.starts += (stems[-1],)
        else:
            node.is_end = True
    return root
