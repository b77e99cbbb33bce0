"""Curves by SQL: from an MLflow store, and from the journal's own tables.

Thinned where they are read: 100,000 points would take Python longer to fetch than SQLite to put into a thousand
(each by its own run of the interpreter's lock). Every query is fetched whole, so between two of them nothing is
locked.
"""

from __future__ import annotations

import json
import math
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from importers import mlflow_sqlite
from importers.mlflow_sqlite import rows
from journal.curves import MOST_RESTARTS, Bucket, Curve, Point, curve_of, of_buckets
from journal.errors import Unreadable

_SPARSE = 8  # times as many steps as points
_REQUIRED = {"run_uuid", "key", "value", "timestamp"}


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the points of one metric are: a query for (step, ms, value, is_nan, nth), and what it is given."""

    query: str
    given: Mapping[str, object]

    def within(self, low: int, high: int) -> _Source:
        query = f"SELECT * FROM ({self.query}) WHERE step BETWEEN :low AND :high"  # noqa: S608 - our own words
        return _Source(query, {**self.given, "low": low, "high": high})


# ---------------------------------------------------------------- an MLflow store


def store_keys(store: sqlite3.Connection, run_id: str) -> tuple[str, ...]:
    """Names of the metrics of a run, in order."""
    found = rows(store, "SELECT key FROM latest_metrics WHERE run_uuid = ? ORDER BY key", [run_id])
    return tuple(row[0] for row in found)


def store_curves(
    store: sqlite3.Connection,
    run_id: str,
    keys: Sequence[str],
    session_starts_ms: Sequence[int] = (),
    most_points: int | None = None,
    between: tuple[int, int] | None = None,
) -> dict[str, Curve]:
    """Curves by key, as `importers.curves.read_curves` gives them."""
    query = store_query(store)
    sources = {key: _Source(query, {"run": run_id, "key": key}) for key in keys}
    return {key: _read(store, key, source, session_starts_ms, most_points, between) for key, source in sources.items()}


def store_query(store: sqlite3.Connection) -> str:
    """The points of the metric :key of the run :run. Raises Unreadable for a store of an unknown form."""
    there = mlflow_sqlite.columns(store, "metrics")
    if missing := _REQUIRED - there:
        (path,) = rows(store, "SELECT file FROM pragma_database_list WHERE name = 'main'")[0]
        raise Unreadable(f"{path} is no MLflow store of a known form: metrics lack {', '.join(sorted(missing))}.")
    step = "step" if "step" in there else "0"
    is_nan = "is_nan" if "is_nan" in there else "0"
    return (
        f"SELECT {step} AS step, timestamp AS ms, value, {is_nan} AS is_nan, rowid AS nth "  # noqa: S608 - our names
        f"FROM metrics {_by_run(store)} WHERE run_uuid = :run AND key = :key"
    )


def _by_run(store: sqlite3.Connection) -> str:
    """Left alone, SQLite takes the primary key, which covers all columns, and scans it over the points of all runs."""
    found = rows(
        store,
        """
        SELECT list.name, (
            SELECT group_concat(name) FROM (SELECT name FROM pragma_index_info(list.name) ORDER BY seqno)
        ) FROM pragma_index_list('metrics') AS list
        """,
    )
    names = {of: name for name, of in found if (of or "").startswith("run_uuid")}
    if not names:
        return ""
    name = names.get("run_uuid,key,step") or next(iter(names.values()))
    return 'INDEXED BY "{}"'.format(name.replace('"', '""'))


# ---------------------------------------------------------------- the journal's own


def own_keys(journal: sqlite3.Connection, item: int) -> tuple[str, ...]:
    """Names of the metrics of a run that the journal holds itself."""
    return tuple(
        row[0] for row in rows(journal, "SELECT key FROM metric_series WHERE item_id = ? ORDER BY key", [item])
    )


def own_curves(
    journal: sqlite3.Connection,
    item: int,
    keys: Sequence[str],
    session_starts_ms: Sequence[int] = (),
    most_points: int | None = None,
    between: tuple[int, int] | None = None,
) -> dict[str, Curve]:
    """Curves by key, of those that the journal holds."""
    query = """
        SELECT step, logged_ms AS ms, value, value IS NULL AS is_nan, logged_ms AS nth FROM metric_point
        WHERE series_id = (SELECT id FROM metric_series WHERE item_id = :item AND key = :key)
    """
    sources = {key: _Source(query, {"item": item, "key": key}) for key in keys}
    return {
        key: _read(journal, key, source, session_starts_ms, most_points, between) for key, source in sources.items()
    }


# ---------------------------------------------------------------- both


def number(value: object, *, is_nan: object) -> float:
    """A value as MLflow keeps it: 0 stands for NaN, and the largest float for infinity."""
    if is_nan or not isinstance(value, int | float):
        return math.nan
    return math.copysign(math.inf, value) if abs(value) >= sys.float_info.max else float(value)


def _read(
    connection: sqlite3.Connection,
    key: str,
    source: _Source,
    session_starts_ms: Sequence[int],
    most_points: int | None,
    between: tuple[int, int] | None,
) -> Curve:
    stretch = source if between is None else source.within(*between)
    count, different, first, last = rows(
        connection,
        f"SELECT count(*), count(DISTINCT step), min(step), max(step) FROM ({stretch.query})",  # noqa: S608
        stretch.given,
    )[0]
    if between is None and (most_points is None or count <= most_points):
        found = rows(connection, f"SELECT step, ms, value, is_nan FROM ({source.query}) ORDER BY ms, nth", source.given)  # noqa: S608
        points = (Point(step, ms, number(value, is_nan=is_nan)) for step, ms, value, is_nan in found)
        return curve_of(key, points, session_starts_ms=session_starts_ms)
    if different == 0:
        return Curve(key=key, steps=(), values=(), times_ms=())
    has_steps = different > 1 or count == 1 or between is not None
    is_spread_evenly = different == count and last - first <= _SPARSE * count
    query = _EVENLY if is_spread_evenly else _SETTLED.replace("(settled)", _LAST if has_steps else _COUNTED)
    restarts = _restarts(connection, source, session_starts_ms, count != different) if has_steps else ()
    ends_at = _last_end(connection, source, session_starts_ms) if restarts else None
    found = rows(
        connection,
        query.replace("(point)", f"({stretch.query})"),
        {
            **stretch.given, "most": sys.float_info.max, "first": first, "last": last,
            "count": different if has_steps else count, "points": max(1, (most_points or count) - 1),
            "ends": ends_at,
        },
    )  # fmt: skip
    return of_buckets(key, (_bucket(*row) for row in found), restarts, ends_at)


_FORM = "CASE WHEN is_nan THEN 1 WHEN value >= :most THEN 2 WHEN value <= -:most THEN 3 ELSE 0 END"
_BUCKETS = f"SELECT min(step), min(ms), {_FORM} AS form, avg(value), min(value), max(value) FROM"
# The last point that the last process logged stays itself; what an earlier one left behind it is apart.
_SIDE = "(step >= :ends) + (step > :ends)"
# Buckets of as many steps each: no point has to be moved for that. The last point has one for itself.
_EVENLY = f"""
    {_BUCKETS} (point)
    GROUP BY CASE WHEN step = :last THEN :points ELSE (step - :first) * :points / max(1, :last - :first) END,
        form, {_SIDE}
"""
# Where points were logged twice at a step, or steps are far apart here and there: buckets of as many points each.
_SETTLED = f"""
    WITH point AS (point), settled AS (settled),
    placed AS (SELECT *, row_number() OVER (ORDER BY step) - 1 AS place FROM settled)
    {_BUCKETS} placed
    GROUP BY CASE WHEN place = :count - 1 THEN :points ELSE place * :points / max(1, :count - 1) END,
        form, {_SIDE}
"""  # noqa: S608
_LAST = "(SELECT step, value, is_nan, max(ms) AS ms FROM point GROUP BY step)"
_COUNTED = "(SELECT row_number() OVER (ORDER BY ms, nth) - 1 AS step, value, is_nan, ms FROM point)"


_FORMS = {1: math.nan, 2: math.inf, 3: -math.inf}


def _bucket(step: int, ms: int, form: int, mean: float, low: float, high: float) -> Bucket:
    if form:
        low = mean = high = _FORMS[form]
    return Bucket(step, ms, min(max(mean, low), high) if not form else mean, low, high)


def _last_end(connection: sqlite3.Connection, source: _Source, session_starts_ms: Sequence[int]) -> int | None:
    """As `journal.curves` finds it."""
    if not session_starts_ms:
        query, given = f"SELECT step FROM ({source.query}) ORDER BY ms DESC, nth DESC LIMIT 1", source.given  # noqa: S608
    else:
        query = f"""
            WITH point AS ({source.query})
            SELECT max(step) FROM point WHERE ms >= (
                SELECT max(value) FROM json_each(:starts) WHERE value <= (SELECT max(ms) FROM point)
            )
        """  # noqa: S608
        given = {**source.given, "starts": json.dumps([*session_starts_ms])}
    return next((step for (step,) in rows(connection, query, given)), None)


def _restarts(
    connection: sqlite3.Connection, source: _Source, session_starts_ms: Sequence[int], has_repeated: bool
) -> tuple[int, ...]:
    """As `journal.curves` finds them."""
    if session_starts_ms:
        found = rows(
            connection,
            f"""
            SELECT step, min(ms) FROM (
                SELECT step, ms, (SELECT max(value) FROM json_each(:starts) WHERE value <= ms) AS start
                FROM ({source.query})
            ) GROUP BY start ORDER BY start
            """,  # noqa: S608 - our own words, every value is bound
            {**source.given, "starts": json.dumps([*session_starts_ms])},
        )
        return tuple(sorted({step for step, _ in found[1:]}))
    if not has_repeated:
        return ()
    found = rows(
        connection,
        f"""
        SELECT DISTINCT step FROM (
            SELECT step, lag(step) OVER (ORDER BY ms, nth) AS before FROM ({source.query})
        ) WHERE step < before LIMIT {MOST_RESTARTS + 1}
        """,  # noqa: S608
        source.given,
    )
    return tuple(sorted(row[0] for row in found)) if len(found) <= MOST_RESTARTS else ()
