"""In which order runs are listed: as a value, as a person writes it, and as SQL.

The key of an order is a column of the list (`started`, `took`, `status`, `name`, `experiment`, `ended`, `ref`), or
the name of a metric or a parameter; `metric:lr` and `param:lr` say which. A minus before it turns it round.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime

from journal.clock import stored
from journal.deciding import Direction, direction
from journal.queries.conditions import Clause
from journal.queries.run_length import TOOK_S

_STATUS_ORDER = ("running", "scheduled", "failed", "vanished", "killed", "interrupted", "finished")
_RANK_OF_STATUS = " ".join(f"WHEN '{status}' THEN {rank}" for rank, status in enumerate(_STATUS_ORDER))
_COLUMNS = {
    "started": "started_at",
    "ended": "ended_at",
    "took": TOOK_S,
    "status": f"CASE status {_RANK_OF_STATUS} END",
    "name": "title COLLATE NOCASE",
    "experiment": "nullif(experiment, '') COLLATE NOCASE",
    "ref": "number",
}
COLUMNS = (*_COLUMNS,)
_NEWEST_FIRST = "started_at DESC NULLS LAST, item.id DESC"


@dataclass(frozen=True, slots=True)
class RunOrder:
    """`key` is a column, or the name of a metric or parameter, as `source` says: column, metric or param.

    What lacks the key comes last, whichever way round; what is alike comes newest first.
    """

    key: str = "started"
    source: str = "column"
    is_descending: bool = True

    def __str__(self) -> str:
        is_taken = self.source != "column" and self.key in _COLUMNS
        return f"{'-' if self.is_descending else ''}{f'{self.source}:' if is_taken else ''}{self.key}"

    @property
    def turned(self) -> RunOrder:
        return replace(self, is_descending=not self.is_descending)


NEWEST_FIRST = RunOrder()


def parse_order(text: str, connection: sqlite3.Connection) -> RunOrder | None:
    """What `-validation/accuracy` says; None where no run has a metric or parameter of that name."""
    is_descending = text.startswith("-")
    key = text.removeprefix("-").strip()
    if key in _COLUMNS:
        return RunOrder(key, "column", is_descending)
    for source, table in (("metric", "run_metric"), ("param", "run_param")):
        name = key.removeprefix(f"{source}:")
        if connection.execute(f"SELECT 1 FROM {table} WHERE key = ? LIMIT 1", (name,)).fetchone():
            return RunOrder(name, source, is_descending)
    return None


def names_like(text: str, connection: sqlite3.Connection) -> tuple[str, ...] | None:
    """What runs have and columns that are spelt nearly so, nearest first; None where no run has anything yet."""
    from difflib import get_close_matches  # only a slip of the pen waits for it

    rows = connection.execute("SELECT key FROM run_metric UNION SELECT key FROM run_param").fetchall()
    key = text.removeprefix("-").strip()
    return tuple(get_close_matches(key, [*_COLUMNS, *(name for (name,) in rows)])) if rows else None


def usual_order(key: str, source: str) -> RunOrder:
    """The best, the newest or the longest first; texts and parameters from their beginning on."""
    if source == "column":
        return RunOrder(key, source, key in {"started", "ended", "took", "ref"})
    return RunOrder(key, source, source == "metric" and direction(key) is not Direction.down)


def joins_of(order: RunOrder) -> Clause:
    """What the order needs beside the tables `run` and `item`."""
    if order.source == "column":
        return "", ()
    table = {"metric": "run_metric", "param": "run_param"}[order.source]
    return f" LEFT JOIN {table} AS sorted ON sorted.item_id = item.id AND sorted.key = ?", (order.key,)


def order_by(order: RunOrder, now: datetime) -> Clause:
    """The terms of ORDER BY."""
    direction = "DESC" if order.is_descending else "ASC"
    if order == NEWEST_FIRST:
        return _NEWEST_FIRST, ()
    if order.source == "metric":
        return f"sorted.value {direction} NULLS LAST, sorted.item_id IS NULL, {_NEWEST_FIRST}", ()
    if order.source == "param":
        by_value = f"sorted.number {direction}, sorted.value COLLATE NOCASE {direction}"
        return f"sorted.item_id IS NULL, sorted.number IS NULL, {by_value}, {_NEWEST_FIRST}", ()
    column = _COLUMNS[order.key]
    values = (stored(now),) if order.key == "took" else ()
    return f"{column} {direction} NULLS LAST, {_NEWEST_FIRST}", values
