"""Runs as the journal mirrors them: one, and pages of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from journal.clock import from_stored, from_stored_or_none
from journal.queries.items import item_id, links_of, tags_of
from journal.queries.run_length import PAUSED_S
from journal.types import Kind, Ref, Run, RunRow, RunStatus

HAS_WHY = """(note <> '' OR EXISTS (
    SELECT 1 FROM link JOIN entry ON entry.item_id = to_id WHERE from_id = item.id AND relation = 'tests'))"""
RUN_ROWS = f"""
    SELECT item.id, number, title, run_id, experiment, status, started_at, ended_at, archived_at IS NOT NULL,
        CASE WHEN status = 'running' AND NOT EXISTS (
            SELECT 1 FROM session_run JOIN session ON session.id = session_id
            WHERE session_run.item_id = run.item_id AND exit IS NULL
        ) THEN coalesce((SELECT max(logged_at) FROM run_metric WHERE run_metric.item_id = run.item_id), started_at) END,
        {HAS_WHY}, {PAUSED_S}
    FROM run JOIN item ON item.id = run.item_id
"""


def list_runs(connection: sqlite3.Connection, *, limit: int = 50, offset: int = 0) -> tuple[RunRow, ...]:
    """A page of runs, last started first, archived ones too; `run_lists` filters and sorts."""
    rows = connection.execute(
        f"{RUN_ROWS} WHERE deleted_at IS NULL ORDER BY started_at DESC, item.id DESC LIMIT ? OFFSET ?",
        (limit, offset),
    ).fetchall()
    return tuple(run_row(row) for row in rows)


def count_runs(connection: sqlite3.Connection) -> int:
    count: int = connection.execute(
        "SELECT count(*) FROM run JOIN item ON item.id = item_id WHERE deleted_at IS NULL"
    ).fetchone()[0]
    return count


def run_row(row: Sequence[object]) -> RunRow:
    """A row of the query RUN_ROWS."""
    _, number, title, run_id, experiment, status, started_at, ended_at, is_archived, last_sign_at, has_why, paused_s = (
        row
    )
    return RunRow(
        ref=Ref(Kind.run, int(str(number))),
        title=str(title),
        run_id=run_id if isinstance(run_id, str) else None,
        experiment=str(experiment),
        status=RunStatus(str(status)),
        started_at=from_stored(started_at) if isinstance(started_at, str) else None,
        ended_at=from_stored(ended_at) if isinstance(ended_at, str) else None,
        has_why=bool(has_why),
        is_archived=bool(is_archived),
        last_sign_at=from_stored(last_sign_at) if isinstance(last_sign_at, str) else None,
        paused_s=float(str(paused_s)),
    )


def get_run(connection: sqlite3.Connection, ref: Ref) -> Run:
    """One run with parameters, last metrics, tags and links. Raises NotFound."""
    identity = item_id(connection, ref)
    row = connection.execute(
        f"""
        SELECT title, created_at, updated_at, deleted_at, run_id, tracking_uri, experiment, status, started_at,
            ended_at, parent_run_id, artifact_uri, note, lifecycle, told, archived_at, {PAUSED_S}
        FROM item JOIN run ON item_id = item.id WHERE item.id = ?
        """,
        (identity,),
    ).fetchone()
    parent = connection.execute(
        "SELECT number FROM run JOIN item ON item.id = item_id WHERE run_id = ?", (row[10],)
    ).fetchone()
    params = connection.execute("SELECT key, value FROM run_param WHERE item_id = ? ORDER BY key", (identity,))
    metrics = connection.execute("SELECT key, value FROM run_metric WHERE item_id = ? ORDER BY key", (identity,))
    run_tags = connection.execute("SELECT key, value FROM run_tag WHERE item_id = ? ORDER BY key", (identity,))
    return Run(
        ref=ref,
        kind=Kind.run,
        title=row[0],
        created_at=from_stored(row[1]),
        updated_at=from_stored(row[2]),
        is_deleted=row[3] is not None,
        tags=tags_of(connection, identity),
        run_id=row[4],
        tracking_uri=row[5],
        experiment=row[6],
        status=RunStatus(row[7]),
        started_at=from_stored_or_none(row[8]),
        ended_at=from_stored_or_none(row[9]),
        parent=Ref(Kind.run, parent[0]) if parent else None,
        artifact_uri=row[11],
        note=row[12],
        is_gone=row[13] == "gone",
        told=RunStatus(row[14]) if row[14] else None,
        archived_at=from_stored_or_none(row[15]),
        paused_s=float(row[16]),
        params=dict(params.fetchall()),
        metrics=dict(metrics.fetchall()),
        run_tags=dict(run_tags.fetchall()),
        links=links_of(connection, identity),
    )


def digests(connection: sqlite3.Connection, tracking_uri: str) -> dict[str, str]:
    """The digest that each mirrored run of a store had when it was last written, by run id."""
    rows = connection.execute(
        "SELECT run_id, digest FROM run WHERE tracking_uri = ? AND run_id IS NOT NULL", (tracking_uri,)
    )
    return dict(rows.fetchall())


def kept_mark(connection: sqlite3.Connection, tracking_uri: str) -> str | None:
    """The mark under which a store was last mirrored whole; None where one of its runs still waits to be."""
    row = connection.execute(
        """
        SELECT mark FROM tracking_store WHERE tracking_uri = :uri AND NOT EXISTS (
            SELECT 1 FROM run WHERE tracking_uri = :uri AND digest = '' AND lifecycle <> 'gone'
        )
        """,
        {"uri": tracking_uri},
    ).fetchone()
    return None if row is None else str(row[0])
