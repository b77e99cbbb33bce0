"""A search snippet in lines, the matched words told apart. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from journal.queries.search import SNIPPET_END, SNIPPET_START
from tui.formatting import clipped, printable, width_of

_MOST_CHARACTERS = 2_000
_WORD = re.compile(r"\S+")

Line = tuple[tuple[str, bool], ...]
"""Pieces of text, each with whether it matched."""

_Cells = list[tuple[str, bool]]  # one character each


def snippet_lines(snippet: str, width: int) -> list[Line]:
    """`snippet` in lines of at most `width` cells; words stay whole, unless they are longer than a line."""
    characters = list(_characters(snippet[:_MOST_CHARACTERS]))
    lines: list[_Cells] = []
    room = 0
    for match in _WORD.finditer("".join(character for character, _ in characters)):
        word = characters[match.start() : match.end()]
        if width_of(match[0]) > width:
            word = [(character, word[0][1]) for character in clipped(match[0], width)]
        cells = width_of("".join(character for character, _ in word))
        if lines and cells < room:
            lines[-1] += [(" ", lines[-1][-1][1] and word[0][1]), *word]
            room -= cells + 1
        else:
            lines.append(word)
            room = width - cells
    return [
        tuple(
            ("".join(character for character, _ in run), matched) for matched, run in groupby(line, lambda one: one[1])
        )
        for line in lines
    ]


def _characters(snippet: str) -> Iterator[tuple[str, bool]]:
    """Every character that is shown, with whether it matched; blanks at the ends of pieces stay."""
    for number, part in enumerate(snippet.split(SNIPPET_START)):
        matched, end, rest = part.partition(SNIPPET_END)
        pieces = [(matched, True), (rest, False)] if number and end else [(part, False)]
        for text, is_matched in pieces:
            yield from ((character, is_matched) for character in printable(text, keeps_lines=True))
