"""The list of the Runs room: filtered by its own language, in any order. Called in threads."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from journal.clock import Clock
from journal.deciding import TRAINING_LOSS
from journal.queries.run_filter import RunFilter, parse_run_filter
from journal.queries.run_lists import refs_to_ids, run_ids, run_rows, unknown_names
from journal.queries.run_marks import run_marks
from journal.queries.run_order import NEWEST_FIRST, RunOrder
from journal.queries.run_values import sorted_values, telling_metrics, telling_param, values_of
from journal.types import Ref
from tui.formatting import printable
from tui.screens.item_rows import run_row
from tui.screens.run_choices import order_words
from tui.widgets.rows import Row

_HOW_TO_BEGIN = "Make one: journal run -- python train.py. Or mirror an MLflow store: journal runs sync"

_MOST_TOLD_APART = 200  # of the runs of a list, the first: reading the parameters of 10,000 takes longer than a key may


@dataclass(frozen=True, slots=True)
class _Found:
    """What a filter left, in its order: the rows of 10,000 runs would be 100 times as much."""

    filter_text: str
    order: RunOrder
    filter: RunFilter
    ids: Sequence[int]
    others: Sequence[str]  # parameters and metrics to show where there is space


class RunSource:
    """Every run that is not archived, last started first, unless filter or order say otherwise."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.order = NEWEST_FIRST
        self.is_typing = False  # until the filter is whole, what is not clear changes nothing in the list
        self._clear_text = ""  # the last filter that was understood whole
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
        order, marks = found.order, run_marks(connection, ids)
        by_order = sorted_values(connection, ids, order)
        deciding = telling_metrics(connection, ids)
        others = values_of(connection, ids, found.others)

        def told(identity: int) -> list[tuple[str, object] | None]:
            """What the order goes by, else what decides, which may be nothing, and what tells it from other runs."""
            values: dict[str, object] = {order.key: by_order[identity]} if identity in by_order else {}
            if identity in deciding:
                values.setdefault(*deciding[identity])
            has_result = bool(values)
            for key in found.others:
                if key in others.get(identity, {}):
                    values.setdefault(key, others[identity][key])
            return [*values.items()] if has_result else [None, *values.items()]

        rows = run_rows(connection, ids)
        return [run_row(row, told(identity), now, marks.get(identity, "")) for identity, row in rows.items()]

    def position(self, connection: sqlite3.Connection, filter_text: str, ref: Ref) -> int | None:
        identity = refs_to_ids(connection, [ref]).get(ref)
        ids = self._found_for(connection, filter_text).ids
        return ids.index(identity) if identity in ids else None

    def note(self, connection: sqlite3.Connection, filter_text: str, count: int) -> str:
        filter = self._found_for(connection, filter_text).filter
        unclear = self.why_unclear(filter_text)
        if unclear and not self.is_typing:
            return f"{unclear} Nothing is listed."
        said = [f"{unclear} The list is as before."] if unclear else []
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

    def why_unclear(self, filter_text: str) -> str:
        """What of the filter could not be honoured; '' where all of it is."""
        return printable(parse_run_filter(filter_text, now=self._clock()).why_unclear)

    def refs(self, connection: sqlite3.Connection, filter_text: str) -> tuple[Ref, ...]:
        """Every run that the filter leaves, in the order of the list."""
        return tuple(row.ref for row in run_rows(connection, self._found_for(connection, filter_text).ids).values())

    def _read(self, connection: sqlite3.Connection, filter_text: str) -> _Found:
        """Of a filter that is not understood whole: none or, while it is being typed, what the one before it left."""
        now, order = self._clock(), self.order
        is_clear = not parse_run_filter(filter_text, now=now).unclear
        if is_clear:
            self._clear_text = filter_text
        filter = parse_run_filter(filter_text if is_clear else self._clear_text, now=now, is_typing=True)
        ids = run_ids(connection, filter, order, now=now) if is_clear or self.is_typing else []
        param = telling_param(connection, ids[:_MOST_TOLD_APART])
        others = (TRAINING_LOSS,) if param is None else (param, TRAINING_LOSS)
        found = self._found = _Found(filter_text, order, filter, ids, others)
        return found

    def _found_for(self, connection: sqlite3.Connection, filter_text: str) -> _Found:
        """What the last count found; another filter, or another order, is read again."""
        found = self._found  # once: another thread may be reading for another text
        if found is not None and (found.filter_text, found.order) == (filter_text, self.order):
            return found
        return self._read(connection, filter_text)
