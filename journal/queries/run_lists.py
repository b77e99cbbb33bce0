"""Lists of runs: filtered, and in any order."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

from journal.queries.run_conditions import asks_for_archived, clause_of, names_in
from journal.queries.run_filter import RunFilter
from journal.queries.run_order import NEWEST_FIRST, RunOrder, joins_of, order_by
from journal.queries.runs import RUN_ROWS, run_row
from journal.types import Kind, Ref, RunRow

AMONG = "IN (SELECT value FROM json_each(?))"
"""The condition that a column is in a list, which is the parameter, as JSON."""


def run_ids(
    connection: sqlite3.Connection,
    filter: RunFilter = RunFilter(),
    order: RunOrder = NEWEST_FIRST,
    *,
    now: datetime,
    limit: int = -1,
    offset: int = 0,
    with_archived: bool = False,
) -> list[int]:
    """The rows (of `item`) of a page of runs. Archived ones are left out unless they are asked for."""
    clause, values = ("TRUE", ()) if filter.node is None else clause_of(filter.node)
    conditions = ["deleted_at IS NULL", clause]
    if not with_archived and not asks_for_archived(filter.node):
        conditions.append("archived_at IS NULL")
    joins, join_values = joins_of(order)
    terms, order_values = order_by(order, now)
    is_whole = limit < 0 and offset == 0  # with a LIMIT, whichever, SQLite sorts twice as long
    rows = connection.execute(
        f"SELECT item.id FROM run JOIN item ON item.id = run.item_id{joins} "
        f"WHERE {' AND '.join(conditions)} ORDER BY {terms}{'' if is_whole else ' LIMIT ? OFFSET ?'}",
        (*join_values, *values, *order_values, *(() if is_whole else (limit, offset))),
    )
    return [identity for (identity,) in rows.fetchall()]


def run_rows(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, RunRow]:
    """The rows of these runs by what they are in `item`, in their order."""
    rows = connection.execute(f"{RUN_ROWS} WHERE item.id {AMONG}", (json.dumps(ids),)).fetchall()
    found = {row[0]: run_row(row) for row in rows}
    return {identity: found[identity] for identity in ids if identity in found}


def refs_to_ids(connection: sqlite3.Connection, refs: Iterable[Ref]) -> dict[Ref, int]:
    """The rows of these runs; what is none is left out."""
    numbers = [ref.number for ref in refs if ref.kind is Kind.run]
    rows = connection.execute(
        f"SELECT number, id FROM item WHERE kind = 'run' AND number {AMONG}", (json.dumps(numbers),)
    )
    return {Ref(Kind.run, number): identity for number, identity in rows.fetchall()}


def unknown_names(connection: sqlite3.Connection, filter: RunFilter) -> tuple[str, ...]:
    """The names in a filter that no run has, neither as a parameter nor as a metric."""
    found = []
    for named in names_in(filter.node):
        tables = (("run_param", named.is_param), ("run_metric", named.is_metric))
        if not any(
            is_meant and connection.execute(f"SELECT 1 FROM {table} WHERE key = ? LIMIT 1", (named.key,)).fetchone()
            for table, is_meant in tables
        ):
            found.append(named.key)
    return tuple(dict.fromkeys(found))
