"""The tracking stores that the journal has runs of."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from journal.clock import from_stored

_MOST_OPEN = 200


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
    """A run that goes on as far as the journal knows; without id and store where only its process is known."""

    run_id: str | None
    tracking_uri: str
    started_at: datetime


def open_runs(connection: sqlite3.Connection) -> tuple[OpenRun, ...]:
    """The runs that go on, last begun first. Where none does, that costs a look at a small index."""
    rows = connection.execute(
        """
        SELECT run_id, tracking_uri, started_at FROM run
        WHERE status = 'running' AND lifecycle = 'active' AND started_at > '' ORDER BY started_at DESC LIMIT ?
        """,
        (_MOST_OPEN,),
    ).fetchall()
    return tuple(OpenRun(run_id, uri, from_stored(started_at)) for run_id, uri, started_at in rows)
