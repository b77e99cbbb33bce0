"""Metrics and parameters of many runs: what a list shows of them, and which there are."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence

from journal.deciding import telling
from journal.queries.run_lists import AMONG
from journal.queries.run_order import RunOrder

_MOST_TELLING = 200  # names that are looked for in each run: one may have logged 12,000


def telling_metrics(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, tuple[str, float | None]]:
    """For each of these runs, the metric that decides, else what it logged last; a value None is NaN."""
    named = connection.execute(f"SELECT DISTINCT key FROM run_metric WHERE item_id {AMONG}", (json.dumps(ids),))
    keys = telling([key for (key,) in named.fetchall()], _MOST_TELLING)
    rank = {key: place for place, key in enumerate(keys)}
    found: dict[int, tuple[str, float | None]] = {}
    rows = connection.execute(
        f"SELECT item_id, key, value FROM run_metric WHERE item_id {AMONG} AND key {AMONG}",
        (json.dumps(ids), json.dumps(keys)),
    )
    for identity, key, value in rows.fetchall():
        if identity not in found or rank[key] < rank[found[identity][0]]:
            found[identity] = (key, value)
    last: dict[int, str] = {}
    rows = connection.execute(
        f"SELECT item_id, key, value, coalesce(logged_at, '') FROM run_metric WHERE item_id {AMONG}",
        (json.dumps([identity for identity in ids if identity not in found]),),
    )
    for identity, key, value, logged_at in rows.fetchall():
        if identity not in last or logged_at > last[identity]:
            last[identity], found[identity] = logged_at, (key, value)
    return found


def telling_param(connection: sqlite3.Connection, ids: Sequence[int]) -> str | None:
    """The parameter that tells these runs best apart: a number with the most values, and no seed; None where none."""
    row = connection.execute(
        f"""
        SELECT key FROM run_param WHERE item_id {AMONG} AND key NOT LIKE '%seed%' GROUP BY key
        HAVING min(value) <> max(value) ORDER BY max(number) IS NULL, count(DISTINCT value) DESC, count(*) DESC, key
        """,
        (json.dumps([*ids]),),
    ).fetchone()
    return None if row is None else str(row[0])


def sorted_values(connection: sqlite3.Connection, ids: Sequence[int], order: RunOrder) -> dict[int, object]:
    """What the order goes by, of each of these runs that has it: a float, a text, or None for NaN."""
    if order.source == "column":
        return {}
    table = {"metric": "run_metric", "param": "run_param"}[order.source]
    rows = connection.execute(
        f"SELECT item_id, value FROM {table} WHERE item_id {AMONG} AND key = ?", (json.dumps(ids), order.key)
    )
    return dict(rows.fetchall())


def values_of(connection: sqlite3.Connection, ids: Sequence[int], keys: Sequence[str]) -> dict[int, dict[str, object]]:
    """Metrics and, where there is none of that name, parameters of these runs, by run and name."""
    found: defaultdict[int, dict[str, object]] = defaultdict(dict)
    for table in ("run_param", "run_metric"):
        rows = connection.execute(
            f"SELECT item_id, key, value FROM {table} WHERE item_id {AMONG} AND key {AMONG}",
            (json.dumps(ids), json.dumps([*keys])),
        )
        for identity, key, value in rows.fetchall():
            found[identity][key] = value
    return found


def logged_metrics(connection: sqlite3.Connection, most: int) -> tuple[str, ...]:
    """The metrics that most runs logged."""
    rows = connection.execute("SELECT key FROM run_metric GROUP BY key ORDER BY count(*) DESC, key LIMIT ?", (most,))
    return tuple(key for (key,) in rows.fetchall())


def varying_params(connection: sqlite3.Connection, most: int) -> tuple[str, ...]:
    """The parameters that differ between runs, those that most runs have first."""
    rows = connection.execute(
        "SELECT key FROM run_param GROUP BY key HAVING min(value) <> max(value) ORDER BY count(*) DESC, key LIMIT ?",
        (most,),
    )
    return tuple(key for (key,) in rows.fetchall())
