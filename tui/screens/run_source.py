"""The list of the Runs room: filtered by its own language, in any order. Called in threads."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from journal.clock import Clock
from journal.queries.run_filter import RunFilter, parse_run_filter
from journal.queries.run_lists import refs_to_ids, run_ids, run_rows, unknown_names
from journal.queries.run_order import NEWEST_FIRST, RunOrder
from journal.queries.run_values import sorted_values, telling_metrics
from journal.types import Ref
from tui.formatting import printable
from tui.screens.item_rows import run_row
from tui.screens.run_choices import order_words
from tui.widgets.rows import Row

_HOW_TO_BEGIN = "Make one: journal run -- python train.py. Or mirror an MLflow store: journal runs sync"


@dataclass(frozen=True, slots=True)
class _Found:
    """What a filter left, in its order: the rows of 10,000 runs would be 100 times as much."""

    filter_text: str
    order: RunOrder
    filter: RunFilter
    ids: Sequence[int]


class RunSource:
    """Every run that is not archived, last started first, unless filter or order say otherwise."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.order = NEWEST_FIRST
        self.is_typing = False  # nothing is said yet about what the filter ends with
        self.found = ""  # tells of stores that lie below this folder and are not taken in
        self._found: _Found | None = None

    @property
    def order_words(self) -> str:
        """`by validation/accuracy, highest first`; '' for the usual order."""
        return "" if self.order == NEWEST_FIRST else f"by {order_words(self.order)}"

    def count(self, connection: sqlite3.Connection, filter_text: str) -> int:
        return len(self._read(connection, filter_text).ids)

    def rows(self, connection: sqlite3.Connection, filter_text: str, offset: int, limit: int) -> Sequence[Row]:
        found = self._found_for(connection, filter_text)
        ids = found.ids[offset : offset + limit]
        now = self._clock()
        told: dict[int, tuple[str, object]] = {**telling_metrics(connection, ids)}
        for identity, value in sorted_values(connection, ids, found.order).items():
            told[identity] = (found.order.key, value)
        rows = run_rows(connection, ids)
        return [run_row(row, told.get(identity), now) for identity, row in rows.items()]

    def position(self, connection: sqlite3.Connection, filter_text: str, ref: Ref) -> int | None:
        identity = refs_to_ids(connection, [ref]).get(ref)
        ids = self._found_for(connection, filter_text).ids
        return ids.index(identity) if identity in ids else None

    def note(self, connection: sqlite3.Connection, filter_text: str, count: int) -> str:
        filter = self._found_for(connection, filter_text).filter
        unclear = filter.unclear if self.is_typing else parse_run_filter(filter_text, now=self._clock()).unclear
        said = [printable(each.sentence) for each in unclear]
        if count:
            return " ".join(said)
        said += [
            f"No run has a parameter or metric called {printable(name)}." for name in unknown_names(connection, filter)
        ]
        if filter.node is not None:
            said.append("Nothing matches. Esc drops the filter.")
        elif run_ids(connection, now=self._clock(), limit=1, with_archived=True):
            said.append("Every run is archived: is:archived shows them.")
        else:
            said.append(f"No runs yet. {self.found or _HOW_TO_BEGIN}")
        return " ".join(said)

    def refs(self, connection: sqlite3.Connection, filter_text: str) -> tuple[Ref, ...]:
        """Every run that the filter leaves, in the order of the list."""
        return tuple(row.ref for row in run_rows(connection, self._found_for(connection, filter_text).ids).values())

    def _read(self, connection: sqlite3.Connection, filter_text: str) -> _Found:
        now, order = self._clock(), self.order
        filter = parse_run_filter(filter_text, now=now, is_typing=True)
        found = self._found = _Found(filter_text, order, filter, run_ids(connection, filter, order, now=now))
        return found

    def _found_for(self, connection: sqlite3.Connection, filter_text: str) -> _Found:
        """What the last count found; another filter, or another order, is read again."""
        found = self._found  # once: another thread may be reading for another text
        if found is not None and (found.filter_text, found.order) == (filter_text, self.order):
            return found
        return self._read(connection, filter_text)
