"""Sessions: the processes that worked, what surrounded them, and the runs that they made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from sqlmodel import col, select

from journal import models
from journal.clock import from_stored_or_none, stored
from journal.queries.sessions import quiet_runs, working_sessions
from journal.run_status import Told, true_status
from journal.store import datasets, items
from journal.store.changes import Change
from journal.types import Kind, RunStatus, SessionExit
from journal.words import AS_IN

_LONGEST_TITLE = 120


def get(change: Change, uid: str) -> models.Session | None:
    return change.session.exec(select(models.Session).where(models.Session.uid == uid)).first() if uid else None


def entry_uid(change: Change, session: models.Session | None) -> str:
    """The uid of what a session tried; empty without one."""
    item_id = session.entry_item_id if session else None
    return change.session.get_one(models.Item, item_id).uid if item_id else ""


def begin(change: Change, session: models.Session) -> models.Session:
    """Keep a session; one whose uid is known already stays as it is."""
    known = get(change, session.uid)
    if known is not None:
        return known
    change.session.add(session)
    change.session.flush()
    return session


def join(change: Change, session: models.Session, run_item_id: int, at: datetime, *, alone: bool = False) -> None:
    """The session worked on that run, and so did the one around it, unless it was `alone`."""
    for each in (session, None if alone else get(change, session.launch_uid)):
        if each is not None:
            change.connection.execute(
                "INSERT OR IGNORE INTO session_run (session_id, item_id, joined_at) VALUES (?, ?, ?)",
                (each.id, run_item_id, stored(at)),
            )
            datasets.link_used(change, each)
    settle_run(change, run_item_id)


def entries_around(change: Change, session: models.Session) -> tuple[str, ...]:
    """The uids of the entries of the launches that this session is part of, the nearest first."""
    found: list[str] = []
    met = {session.uid}
    around = get(change, session.launch_uid)
    while around is not None and around.uid not in met:
        met.add(around.uid)
        entry = change.session.get(models.Item, around.entry_item_id) if around.entry_item_id else None
        found += [entry.uid] if entry else []
        around = get(change, around.launch_uid)
    return tuple(found)


def leave(change: Change, session: models.Session | None, run: models.Run) -> None:
    """The session was meant to go on with that run, and made another; one known by that alone is the other one."""
    if not run.told and not run.digest:
        run.run_id = None
        change.session.add(run)
        change.session.flush()
        return
    for each in (session, get(change, session.launch_uid) if session else None):
        if each is not None:
            values = (each.id, run.item_id)
            change.connection.execute("DELETE FROM session_run WHERE session_id = ? AND item_id = ?", values)
    settle_run(change, run.item_id)


def own_run(change: Change, session: models.Session, *, title: str = "") -> models.Run:
    """The run of a session that no tracking store knows; made where there is none yet.

    The first trial inside of `journal run` has that of the command. `title` is for a new one.
    """
    run = unclaimed_run(change, session)
    if run is not None and not (session.launch_uid and _is_of_another_trial(change, session, run.item_id)):
        return run
    item = items.make(change, Kind.run, title=title[:_LONGEST_TITLE] or _command(session) or "a run")
    run = models.Run(item_id=items.identity(item), status=RunStatus.running, started_at=session.started_at)
    change.session.add(run)
    change.session.flush()
    join(change, session, run.item_id, session.started_at, alone=True)  # what went on around it took longer
    return run


def unclaimed_run(change: Change, session: models.Session) -> models.Run | None:
    """The run made for this session, or for the one around it, that no MLflow run has claimed."""
    uids = [uid for uid in (session.uid, session.launch_uid) if uid]
    return change.session.exec(
        select(models.Run)
        .join(models.SessionRun, col(models.SessionRun.item_id) == models.Run.item_id)
        .join(models.Session, col(models.Session.id) == models.SessionRun.session_id)
        .where(col(models.Session.uid).in_(uids), col(models.Run.run_id).is_(None))
        # The run that the one around it goes on with, too, was begun elsewhere.
        .order_by(col(models.Session.uid) != session.uid, col(models.SessionRun.joined_at))
    ).first()


def _is_of_another_trial(change: Change, session: models.Session, run_item_id: int) -> bool:
    """Whether another trial of the same command is tested by that run: two curves in one would be neither."""
    query = """
        SELECT 1 FROM session JOIN link ON link.to_id = session.entry_item_id AND link.relation = 'tests'
        WHERE session.launch_uid = ? AND session.id <> ? AND link.from_id = ?
    """
    values = (session.launch_uid, session.id, run_item_id)
    return change.connection.execute(query, values).fetchone() is not None


def end(
    change: Change,
    session: models.Session,
    exit: SessionExit,
    at: datetime,
    *,
    code: int | None = None,
    signal: int | None = None,
    output: str = "",
    error: str = "",
) -> None:
    """How it ended; the runs that it worked on follow. A session that vanished may yet tell how it was."""
    if session.exit is not None and exit is SessionExit.vanished:
        return
    session.exit, session.ended_at = exit, at
    session.code, session.signal = code, signal
    session.output, session.error = output or session.output, error or session.error
    change.session.add(session)
    for (run_item_id,) in change.connection.execute(
        "SELECT item_id FROM session_run WHERE session_id = ?", (session.id,)
    ).fetchall():
        settle_run(change, run_item_id)


def keep_facts(
    change: Change, session: models.Session, facts: Mapping[str, Mapping[str, str]]
) -> tuple[models.Session, ...]:
    """Keep what surrounded a session; a section that is there already is replaced. The sessions that it is now of.

    Those are it and whoever said, by the section AS_IN, that theirs is the same; such a one gets what there is.
    """
    for section, values in facts.items():
        digest, content = _content(values)
        change.connection.execute("INSERT OR IGNORE INTO facts VALUES (?, ?)", (digest, content))
        change.connection.execute(
            "INSERT OR REPLACE INTO capture (session_id, section, digest) VALUES (?, ?, ?)",
            (session.id, section, digest),
        )
    _share_facts(change, get(change, facts.get(AS_IN, {}).get("session", "")), session)
    alike = change.session.exec(
        select(models.Session)
        .join(models.Capture, col(models.Capture.session_id) == models.Session.id)
        .where(
            col(models.Session.id) > session.id,  # they came behind it
            models.Capture.section == AS_IN,
            models.Capture.digest == _content({"session": session.uid})[0],
        )
    ).all()
    for each in alike:
        _share_facts(change, session, each)
    return (session, *alike)


def _share_facts(change: Change, source: models.Session | None, session: models.Session) -> None:
    if source is not None:
        change.connection.execute(
            "INSERT OR REPLACE INTO capture (session_id, section, digest) "
            "SELECT ?, section, digest FROM capture WHERE session_id = ? AND section <> ?",
            (session.id, source.id, AS_IN),
        )


def _content(values: Mapping[str, str]) -> tuple[str, str]:
    """(digest, text) under which a section is kept."""
    content = json.dumps(values, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest(), content


def settle_run(change: Change, run_item_id: int) -> None:
    """Set status and end of a run to what its store and its sessions come to."""
    row = change.connection.execute(
        """
        SELECT told, told_ended_at, started_at,
            (SELECT max(logged_at) FROM run_metric WHERE run_metric.item_id = run.item_id)
        FROM run WHERE item_id = ?
        """,
        (run_item_id,),
    ).fetchone()
    told = Told(
        status=RunStatus(row[0]) if row[0] else None,
        ended_at=from_stored_or_none(row[1]),
        last_sign_at=from_stored_or_none(max((each for each in row[2:] if each), default=None)),
    )
    _date_the_vanished(change, run_item_id, told.last_sign_at)
    status, ended_at = true_status(told, working_sessions(change.connection, run_item_id), change.now)
    run = change.session.get_one(models.Run, run_item_id)
    run.status, run.ended_at = status, ended_at
    change.session.add(run)
    change.session.flush()


def _date_the_vanished(change: Change, run_item_id: int, last_sign_at: datetime | None) -> None:
    """The last session of a run, where it vanished, lived as long as the run logged."""
    if last_sign_at is not None:
        change.connection.execute(
            """
            UPDATE session SET ended_at = ?1, heartbeat_at = ?1 WHERE exit = 'vanished' AND ended_at < ?1 AND id = (
                SELECT session_id FROM session_run JOIN session ON session.id = session_id
                WHERE item_id = ?2 ORDER BY started_at DESC, session_id DESC LIMIT 1
            )
            """,
            (stored(last_sign_at), run_item_id),
        )


def settle_quiet(change: Change) -> int:
    """Settle again the runs that are said to go on and of which nothing was heard for long; how many.

    A run that does not change any more is not mirrored again, and so nothing else would notice.
    """
    quiet = quiet_runs(change.connection, change.now)
    for run_item_id in quiet:
        settle_run(change, run_item_id)
    return len(quiet)


def _command(session: models.Session) -> str:
    return " ".join(str(word) for word in json.loads(session.argv))[:_LONGEST_TITLE].strip()
