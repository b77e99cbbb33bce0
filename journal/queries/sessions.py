"""Sessions: the processes that worked on runs and entries, and what surrounded them."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from journal.clock import from_stored, from_stored_or_none, stored
from journal.queries.items import item_id
from journal.run_status import QUIET_AFTER, WorkingSession
from journal.types import Kind, Ref, Session, SessionExit
from journal.words import AS_IN

_COLUMNS = """
    session.uid, launch_uid, host, pid, started_at, heartbeat_at, ended_at, exit, code, signal, cwd, argv,
    output, error, (SELECT number FROM item WHERE item.id = entry_item_id)
"""


def working_sessions(connection: sqlite3.Connection, run_item_id: int) -> tuple[WorkingSession, ...]:
    """What deciding about a run's status needs to know of its sessions."""
    rows = connection.execute(
        """
        SELECT started_at, ended_at, exit, uid, launch_uid FROM session_run JOIN session ON session.id = session_id
        WHERE item_id = ? ORDER BY started_at
        """,
        (run_item_id,),
    ).fetchall()
    return tuple(
        WorkingSession(
            started_at=from_stored(started_at),
            ended_at=from_stored_or_none(ended_at),
            exit=SessionExit(exit) if exit else None,
            uid=uid,
            around=around,
        )
        for started_at, ended_at, exit, uid, around in rows
    )


def quiet_runs(connection: sqlite3.Connection, now: datetime) -> tuple[int, ...]:
    """The items of runs that are called running, that no session works on, and that gave no sign for long."""
    before = stored(now - QUIET_AFTER)
    rows = connection.execute(
        """
        SELECT item_id FROM run WHERE status = 'running' AND started_at < ?1
            AND NOT EXISTS (SELECT 1 FROM run_metric WHERE run_metric.item_id = run.item_id AND logged_at >= ?1)
            AND NOT EXISTS (
                SELECT 1 FROM session_run JOIN session ON session.id = session_id
                WHERE session_run.item_id = run.item_id AND exit IS NULL
            )
        """,
        (before,),
    ).fetchall()
    return tuple(item_id for (item_id,) in rows)


def sessions_of_run(connection: sqlite3.Connection, ref: Ref) -> tuple[Session, ...]:
    """The processes that worked on a run, first one first; a trial inside of `journal run` comes behind it."""
    rows = connection.execute(
        f"""
        SELECT {_COLUMNS} FROM session_run JOIN session ON session.id = session_id
        WHERE item_id = ? ORDER BY started_at, session.uid
        """,
        (item_id(connection, ref),),
    ).fetchall()
    return tuple(_session(row) for row in rows)


def sessions_of_entry(connection: sqlite3.Connection, ref: Ref) -> tuple[Session, ...]:
    """The processes that tried an entry, first one first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM session WHERE entry_item_id = ? ORDER BY started_at, uid",
        (item_id(connection, ref),),
    ).fetchall()
    return tuple(_session(row) for row in rows)


def runs_of_session(connection: sqlite3.Connection, uid: str) -> tuple[Ref, ...]:
    """The runs that a process, or a trial inside of it, worked on, first one first; none where it is not known."""
    rows = connection.execute(
        """
        SELECT number FROM session JOIN session_run ON session_id = session.id
        JOIN item ON item.id = session_run.item_id
        WHERE (session.uid = :uid OR launch_uid = :uid) AND deleted_at IS NULL
        GROUP BY number ORDER BY min(joined_at), number
        """,
        {"uid": uid},
    ).fetchall()
    return tuple(Ref(Kind.run, number) for (number,) in rows)


def entries_of_session(connection: sqlite3.Connection, uid: str) -> tuple[Ref, ...]:
    """What a process tried: its own entry, and those of the trials inside of it, first one first."""
    rows = connection.execute(
        """
        SELECT DISTINCT number FROM session JOIN item ON item.id = entry_item_id
        WHERE (session.uid = :uid OR launch_uid = :uid) AND deleted_at IS NULL ORDER BY started_at, number
        """,
        {"uid": uid},
    ).fetchall()
    return tuple(Ref(Kind.entry, number) for (number,) in rows)


def launched_last(connection: sqlite3.Connection, host: str) -> tuple[datetime, Ref, Ref | None] | None:
    """When `journal run` was called last on this machine, the run that it made, and what that is for, if it is said.

    Those within another one do not count, nor do runs that are deleted.
    """
    row = connection.execute(
        """
        SELECT session.started_at, run.number, entry.number FROM session
        JOIN session_run ON session_run.session_id = session.id
        JOIN item AS run ON run.id = session_run.item_id AND run.deleted_at IS NULL
        LEFT JOIN item AS entry ON entry.id = session.entry_item_id AND entry.deleted_at IS NULL
        WHERE host = ? AND launch_uid = '' AND NOT EXISTS (SELECT 1 FROM item WHERE item.uid = session.uid)
        ORDER BY session.started_at DESC, joined_at LIMIT 1
        """,  # the session of a trial has the uid of its entry
        (host,),
    ).fetchone()
    if row is None:
        return None
    started_at, run, entry = row
    return from_stored(started_at), Ref(Kind.run, run), Ref(Kind.entry, entry) if entry is not None else None


def facts_of_run(connection: sqlite3.Connection, ref: Ref) -> dict[str, dict[str, str]]:
    """What surrounded a run, in sections, as its last session that captured them had it."""
    rows = connection.execute(
        """
        SELECT section, content FROM session_run JOIN session ON session.id = session_run.session_id
        JOIN capture ON capture.session_id = session.id JOIN facts USING (digest)
        WHERE session_run.item_id = ? AND section <> ? ORDER BY started_at, session.uid
        """,
        (item_id(connection, ref), AS_IN),
    ).fetchall()
    return {section: json.loads(content) for section, content in rows}


def _session(row: tuple[object, ...]) -> Session:
    uid, launch, host, pid, started_at, heartbeat_at, ended_at, exit, code, signal, cwd, argv, output, error, entry = (
        row
    )
    return Session(
        uid=str(uid),
        launch=str(launch),
        entry=Ref(Kind.entry, entry) if isinstance(entry, int) else None,
        host=str(host),
        pid=int(str(pid)),
        started_at=from_stored(str(started_at)),
        heartbeat_at=from_stored(heartbeat_at) if isinstance(heartbeat_at, str) else None,
        ended_at=from_stored(ended_at) if isinstance(ended_at, str) else None,
        exit=SessionExit(exit) if isinstance(exit, str) else None,
        code=code if isinstance(code, int) else None,
        signal=signal if isinstance(signal, int) else None,
        cwd=str(cwd),
        argv=tuple(json.loads(str(argv))),
        output=str(output),
        error=str(error),
    )
