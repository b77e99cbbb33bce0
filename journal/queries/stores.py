"""The tracking stores that the journal has runs of."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from journal.clock import from_stored, stored

_MOST_OPEN = 200
_OF_LATE = timedelta(days=2)


def mirrored_stores(connection: sqlite3.Connection) -> dict[str, int]:
    """How many runs were mirrored from each store, by its URI; those that it lost are counted, too."""
    rows = connection.execute(
        """
        SELECT tracking_uri, count(*) FROM run WHERE run_id IS NOT NULL AND tracking_uri <> ''
        GROUP BY tracking_uri ORDER BY max(started_at) DESC
        """
    ).fetchall()
    return dict(rows)


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run whose last numbers its store may hold; without id and store where only its process is known."""

    run_id: str | None
    tracking_uri: str
    started_at: datetime


def open_runs(connection: sqlite3.Connection, now: datetime) -> tuple[OpenRun, ...]:
    """The runs that go on, last begun first, and those whose process vanished of late: nobody read what it left.

    Where there are none, that costs a look at two small indexes.
    """
    rows = connection.execute(
        """
        SELECT run_id, tracking_uri, started_at FROM run
        WHERE status = 'running' AND lifecycle = 'active' AND started_at > ''
        UNION ALL
        SELECT run_id, tracking_uri, started_at FROM run
        WHERE status = 'vanished' AND lifecycle = 'active' AND ended_at > ? AND told IN ('', 'running')
        ORDER BY started_at DESC LIMIT ?
        """,
        (stored(now - _OF_LATE), _MOST_OPEN),
    ).fetchall()
    return tuple(OpenRun(run_id, uri, from_stored(started_at)) for run_id, uri, started_at in rows)
