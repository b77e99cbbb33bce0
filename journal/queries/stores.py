"""The tracking stores that the journal has runs of."""

from __future__ import annotations

import sqlite3


def mirrored_stores(connection: sqlite3.Connection) -> dict[str, int]:
    """How many runs were mirrored from each store, by its URI; those that it lost are counted, too."""
    rows = connection.execute(
        """
        SELECT tracking_uri, count(*) FROM run WHERE run_id IS NOT NULL AND tracking_uri <> ''
        GROUP BY tracking_uri ORDER BY max(started_at) DESC
        """
    ).fetchall()
    return dict(rows)
