"""Rows of a list as plain values: where they come from, how wide their columns are, which are at hand.

Pure but for what a `Source` reads.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rich.cells import cell_len, set_cell_size

from journal.queries.search import SNIPPET_END, SNIPPET_START
from journal.types import Ref
from tui.formatting import printable, printable_line

_MOST_CHARACTERS = 400  # no terminal is wider, and a title may be a megabyte long
GAP = 2  # blank cells between two columns
MARKED, NOT_MARKED = "✓", " "


@dataclass(frozen=True, slots=True)
class Span:
    """Text that is safe to show, and its roles (those of `Lines`) separated by blanks, the uppermost last."""

    text: str
    role: str = ""


Cell = tuple[Span, ...]


def cell(text: str, role: str = "") -> Cell:
    """A cell of one role; `text` may come from outside."""
    return (Span(printable(text[:_MOST_CHARACTERS]), role),)


def marked_cell(text: str, role: str = "") -> Cell:
    """A cell of a search snippet, whose matched words get the role `match`."""
    spans: list[Span] = []
    for number, part in enumerate(text[: _MOST_CHARACTERS * 2].split(SNIPPET_START)):
        matched, end, rest = part.partition(SNIPPET_END)
        pieces = [(matched, "match"), (rest, role)] if number and end else [(part, role)]
        # Blanks at the ends stay: the next piece joins there.
        spans.extend(Span(printable_line(piece), piece_role) for piece, piece_role in pieces if piece)
    return tuple(spans)


@dataclass(frozen=True, slots=True)
class Row:
    """One item of a list: a cell for each column, and a second line where the list has one."""

    ref: Ref
    cells: tuple[Cell, ...]
    note: Cell = ()

    def marked(self) -> Row:
        """With the mark of what was chosen, where its first cell has a place for it."""
        first, *others = self.cells
        if not first or first[0].text != NOT_MARKED:
            return self
        return replace(self, cells=((Span(MARKED, "ref"), *first[1:]), *others))


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `width` in cells, 0 for the one that takes what is left.

    `needs`: the width of the list below which this column is left out.
    """

    heading: str
    width: int = 0
    needs: int = 0
    is_right: bool = False


def column_widths(columns: Sequence[Column], width: int) -> list[int]:
    """Cells for each column of a list `width` cells wide; 0 where the column is left out."""
    widths = [0 if width < column.needs else column.width for column in columns]
    shown = sum(1 for column, taken in zip(columns, widths, strict=True) if taken or not column.width)
    left = max(0, width - sum(widths) - GAP * (shown - 1))
    return [taken if column.width else left for column, taken in zip(columns, widths, strict=True)]


def fitted(text: str, width: int, *, is_right: bool = False, keeps_end: bool = False) -> str:
    """`text` in exactly `width` cells, with an ellipsis where it was cut: at its end, or before what `keeps_end`.

    Cells are counted by rich, as Textual does: a strip whose length is counted otherwise would shift.
    """
    length = cell_len(text)
    if length > width and keeps_end:
        return fitted(text[::-1], width)[::-1]
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width > 1 else "…"[:width]
    filling = " " * (width - length)
    return filling + text if is_right else text + filling


class Source(Protocol):
    """Where the rows of a list come from. Called in threads, with a connection of their own."""

    def count(self, connection: sqlite3.Connection, filter_text: str) -> int:
        """How many rows the filter leaves; no filter is ''."""

    def rows(self, connection: sqlite3.Connection, filter_text: str, offset: int, limit: int) -> Sequence[Row]:
        """A page of rows."""

    def position(self, connection: sqlite3.Connection, filter_text: str, ref: Ref) -> int | None:
        """Where `ref` stands, counted from 0, or None where it is not in the list."""

    def note(self, connection: sqlite3.Connection, filter_text: str, count: int) -> str:
        """What there is to say about the list: why it is empty, or that it is not all; else ''."""


class RowCache:
    """The rows near the ones that are shown, by their position in the list."""

    def __init__(self, most: int = 3_000) -> None:
        self._most = most
        self._rows: dict[int, Row] = {}

    def __getitem__(self, index: int) -> Row | None:
        return self._rows.get(index)

    def clear(self) -> None:
        self._rows.clear()

    def put(self, first: int, rows: Iterable[Row]) -> None:
        """Keep `rows` as those from `first` on; the ones furthest from them make room."""
        self._rows.update(enumerate(rows, first))
        if len(self._rows) > self._most:
            nearest = sorted(self._rows, key=lambda index: abs(index - first))[: self._most * 2 // 3]
            self._rows = {index: self._rows[index] for index in nearest}

    def take_out(self, index: int) -> None:
        """Take one row out; those below move up."""
        self._rows = {position - (position > index): row for position, row in self._rows.items() if position != index}

    def cut(self, index: int) -> None:
        """Forget the rows from `index` on."""
        self._rows = {position: row for position, row in self._rows.items() if position < index}

    def missing(self, first: int, last: int) -> range:
        """The shortest run of positions that holds every one from `first` to `last` not at hand."""
        absent = [index for index in range(first, last + 1) if index not in self._rows]
        return range(absent[0], absent[-1] + 1) if absent else range(0)
