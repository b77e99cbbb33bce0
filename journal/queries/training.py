"""What trains now, and since when: read with the counts, so it must cost next to nothing."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from journal.clock import from_stored_or_none, stored
from journal.run_status import SILENT_AFTER
from journal.types import Kind, Ref

Training = tuple[tuple[Ref, datetime | None], ...]
"""Runs, or entries whose processes made no run so far, and since when each trains."""
# Runs that go on and gave a sign since the time that is bound, and the entries of open sessions that no run belongs
# to. A run that was continued began to train anew with the oldest of its sessions that goes on.
TRAINING = """
    SELECT item.id AS id, kind, number, title, coalesce((
        SELECT min(session.started_at) FROM session_run JOIN session ON session.id = session_id
        WHERE session_run.item_id = run.item_id AND exit IS NULL
    ), run.started_at) AS started_at
    FROM run JOIN item ON item.id = item_id
    WHERE status = 'running' AND lifecycle = 'active' AND archived_at IS NULL AND deleted_at IS NULL
        AND (
            run.started_at >= ?1
            OR EXISTS (
                SELECT 1 FROM session_run JOIN session ON session.id = session_id
                WHERE session_run.item_id = run.item_id AND exit IS NULL
            )
            OR EXISTS (SELECT 1 FROM run_metric WHERE run_metric.item_id = run.item_id AND logged_at >= ?1)
        )
    UNION ALL
    SELECT item.id, kind, number, title, min(session.started_at)
    FROM session JOIN item ON item.id = entry_item_id
    WHERE exit IS NULL AND deleted_at IS NULL AND launch_uid = ''
        AND NOT EXISTS (SELECT 1 FROM session_run WHERE session_id = session.id)
    GROUP BY item.id
    ORDER BY 5, 1
"""


def sign_since(now: datetime) -> str:
    """What to bind to TRAINING."""
    return stored(now - SILENT_AFTER)


def training_now(connection: sqlite3.Connection, now: datetime) -> Training:
    """What trains and since when, the longest first. Costs a look at two small indexes."""
    rows = connection.execute(f"SELECT kind, number, started_at FROM ({TRAINING})", (sign_since(now),)).fetchall()
    return tuple((Ref(Kind(kind), number), from_stored_or_none(since)) for kind, number, since in rows)
