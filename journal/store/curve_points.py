"""The curves of runs that no tracking store holds, written in bulk."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from journal.store.changes import Change

Point = tuple[int, int, float | None]
"""Step, milliseconds since 1970, and the value; NaN or None where it was no number."""


def replace_points(change: Change, run_item_id: int, points: Mapping[str, Iterable[Point]]) -> None:
    """Let these be the points of these metrics of a run; its other metrics stay. Only what differs is written."""
    for key, given in points.items():
        listed = list(given)
        add_points(change, run_item_id, {key: listed})
        series = _series(change, run_item_id, key)
        places = {(step, ms) for step, ms, _ in listed}
        if _count(change, series) > len(places):
            for step, ms in change.connection.execute(
                "SELECT step, logged_ms FROM metric_point WHERE series_id = ?", (series,)
            ).fetchall():
                if (step, ms) not in places:
                    change.connection.execute(
                        "DELETE FROM metric_point WHERE series_id = ? AND step = ? AND logged_ms = ?",
                        (series, step, ms),
                    )


def add_points(change: Change, run_item_id: int, points: Mapping[str, Iterable[Point]]) -> None:
    """Keep these points beside those that are there; one of the same step and time takes the other's place."""
    for key, given in points.items():
        series = _series(change, run_item_id, key)
        change.connection.executemany(
            """
            INSERT INTO metric_point (series_id, step, logged_ms, value) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET value = excluded.value WHERE value IS NOT excluded.value
            """,
            ((series, step, ms, _kept(value)) for step, ms, value in given),
        )


def _series(change: Change, run_item_id: int, key: str) -> int:
    change.connection.execute("INSERT OR IGNORE INTO metric_series (item_id, key) VALUES (?, ?)", (run_item_id, key))
    (series,) = change.connection.execute(
        "SELECT id FROM metric_series WHERE item_id = ? AND key = ?", (run_item_id, key)
    ).fetchone()
    return int(series)


def _count(change: Change, series: int) -> int:
    (count,) = change.connection.execute("SELECT count(*) FROM metric_point WHERE series_id = ?", (series,)).fetchone()
    return int(count)


def _kept(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value
