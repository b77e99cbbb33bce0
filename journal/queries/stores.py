"""The tracking stores that the journal has runs of."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from journal.clock import from_stored, stored

_MOST_OPEN = 200
_LATELY = timedelta(days=7)  # what was killed is running for ever, as its store tells it


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
    """A run of which its store may have more; without id and store where only its process is known."""

    run_id: str | None
    tracking_uri: str
    started_at: datetime


def open_runs(connection: sqlite3.Connection, now: datetime) -> tuple[OpenRun, ...]:
    """The runs that go on, last begun first, and those that ended lately while nobody read their store.

    Where there are none, that costs a look at three small indexes.
    """
    rows = connection.execute(
        """
        SELECT * FROM (
            SELECT run_id, tracking_uri, started_at FROM run
            WHERE status = 'running' AND lifecycle = 'active' AND started_at > '' ORDER BY started_at DESC LIMIT :most
        ) UNION ALL SELECT * FROM (
            SELECT run_id, tracking_uri, started_at FROM run
            WHERE told = 'running' AND status <> 'running' AND lifecycle = 'active' AND started_at > ''
                AND run_id IS NOT NULL AND tracking_uri <> '' AND tracking_uri NOT LIKE 'http%' AND ended_at > :lately
            ORDER BY ended_at DESC LIMIT :most
        ) UNION ALL SELECT * FROM (
            SELECT run_id, tracking_uri, started_at FROM run
            WHERE status = 'vanished' AND told = '' AND lifecycle = 'active' AND started_at > '' AND ended_at > :lately
            ORDER BY ended_at DESC LIMIT :most
        )
        """,
        {"most": _MOST_OPEN, "lately": stored(now - _LATELY)},
    ).fetchall()
    return tuple(OpenRun(run_id, uri, from_stored(started_at)) for run_id, uri, started_at in rows)
