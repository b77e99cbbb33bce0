"""What the search screen lists: the best hits over every kind of item. Called in threads."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from journal.clock import Clock
from journal.queries.search import search
from journal.types import Ref, SearchHit
from tui.formatting import local_day, printable, shown_title
from tui.widgets.rows import GAP, Column, Row, Span, cell, marked_cell

_MOST_SHOWN = 100
_REF_WIDTH = 8
SEARCH_COLUMNS = (Column("", _REF_WIDTH), Column("title"), Column("date", 10, needs=50))


@dataclass(frozen=True, slots=True)
class _Found:
    """What a text found."""

    filter_text: str
    rows: tuple[Row, ...]
    is_capped: bool
    unclear: tuple[str, ...]


class SearchSource:
    """The best hits over every kind; the newest items while nothing is typed."""

    def __init__(self, clock: Clock, without: Ref | None = None) -> None:
        self._clock, self._without = clock, without
        self._found: _Found | None = None

    def count(self, connection: sqlite3.Connection, filter_text: str) -> int:
        results = search(connection, filter_text, limit=_MOST_SHOWN, is_typing=True, now=self._clock())
        rows = tuple(_hit_row(hit) for hit in results.hits if hit.ref != self._without)
        self._found = _Found(filter_text, rows, results.capped, results.unclear)
        return len(rows)

    def rows(self, connection: sqlite3.Connection, filter_text: str, offset: int, limit: int) -> Sequence[Row]:
        found = self._found  # once: another thread may be searching for another text
        return found.rows[offset : offset + limit] if found and found.filter_text == filter_text else ()

    def position(self, connection: sqlite3.Connection, filter_text: str, ref: Ref) -> int | None:
        return None

    def note(self, connection: sqlite3.Connection, filter_text: str, count: int) -> str:
        found = self._found
        if not filter_text.strip():
            return "Newest first." if count else "The journal is empty."
        said = f"The best {count}." if count >= _MOST_SHOWN else f"{count} found."
        if not count:
            said = "Nothing found."
        elif found and found.is_capped:
            said = "Newest first: too many match to rank them."
        return " ".join((*map(printable, found.unclear if found else ()), said))


def _hit_row(hit: SearchHit) -> Row:
    cells = (
        cell(str(hit.ref), "ref"),
        cell(shown_title(hit.ref, hit.title[:400])),
        cell(local_day(hit.created_at), "dim"),
    )
    return Row(hit.ref, cells, (Span(" " * (_REF_WIDTH + GAP)), *marked_cell(hit.snippet, "dim")))
