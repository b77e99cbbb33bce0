"""Take the recorder's spool into the journal, each event exactly once.

Events and their mark in `intake` are written in one transaction, and only then are the files removed:
killed in between, the next intake finds the marks and removes the files; two at once queue at BEGIN.
"""

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import StatementError
from sqlmodel import select

from journal import models
from journal.errors import BadRef, NotFound, Unreadable, UsageError
from journal.paths import Paths
from journal.recorder import spool
from journal.recorder.events import (
    CapturedEvent,
    EndedEvent,
    EntryEvent,
    ErrorEvent,
    Event,
    LaunchedEvent,
    NewerEvent,
    OutcomeEvent,
    RunEvent,
    TriedEvent,
)
from journal.storable import storable
from journal.store import datasets, entries, items, links, notes, papers, runs, sessions
from journal.store.changes import Change, program_change
from journal.store.named_at_launch import named_at_launch
from journal.store.points import take_in_points
from journal.types import EntryDraft, EntryType, Kind, Relation, RunStatus

# What an event may hold that parses and still makes no sense: no title, a time before all calendars.
_NOT_KEEPABLE = (UsageError, NotFound, ValueError, OverflowError, sqlite3.IntegrityError, StatementError)
_PATIENCE_S = 1.0  # reading must not wait for long because events wait


def take_in_spool(paths: Paths, *, points_for_s: float = math.inf) -> int:
    """Take in every event and every point that waits; how many files were refused (kept in the spool's `refused/`).

    Points beyond what is taken in for about `points_for_s` go on waiting.
    An event whose trial has not arrived yet, or that a newer labjournal wrote, does, too.
    """
    events, refused = _readable(spool.pending(paths.spool))
    if events:
        refused += _take_in_events(paths, events)
    take_in_points(paths, for_s=points_for_s)  # behind the events: whose session is known by now
    return refused


def _take_in_events(paths: Paths, events: list[tuple[Path, Event]]) -> int:
    refused = 0
    try:
        done = _take_in(paths, events)
    except _NOT_KEEPABLE:
        # One of them says what no journal can keep: by itself each shows whether it is the one.
        done = []
        for path, event in events:
            try:
                done += _take_in(paths, [(path, event)])
            except _NOT_KEEPABLE:
                refused += _refuse(path)
    for path in done:
        with suppress(FileNotFoundError):  # another process took it in, too, and saw our marks
            path.unlink()
    return refused


def _take_in(paths: Paths, events: list[tuple[Path, Event]]) -> list[Path]:
    """Write these events in one transaction; the files of those that need not wait any longer."""
    with program_change(paths, busy_timeout_s=_PATIENCE_S) as change:
        return [path for path, event in events if _is_known(change, event.uid) or _apply(change, event)]


def _refuse(path: Path) -> bool:
    with suppress(FileNotFoundError):
        spool.refuse(path)
        return True
    return False


def _readable(pending: list[Path]) -> tuple[list[tuple[Path, Event]], int]:
    events: list[tuple[Path, Event]] = []
    refused = 0
    for path in pending:
        try:
            events.append((path, spool.read(path)))
        except NewerEvent:
            continue
        except Unreadable:
            refused += _refuse(path)
        except OSError:  # another process was faster, or the disk has a moment: the file stays
            continue
    return events, refused


def _is_known(change: Change, uid: str) -> bool:
    return change.session.get(models.Intake, uid) is not None


def _apply(change: Change, event: Event) -> bool:
    """Write one event; False where what it belongs to is not here yet."""
    if not _write(change, event):
        return False
    change.session.add(models.Intake(uid=event.uid, taken_at=change.now))
    change.session.flush()
    return True


def _write(change: Change, event: Event) -> bool:
    match event:
        case TriedEvent():
            _begin_trial(change, event)
        case EntryEvent():
            _add_entry(change, event, event.type, event.at)
        case LaunchedEvent():
            return _launch(change, event)
        case OutcomeEvent():
            entry = items.entry_with_uid(change, event.entry)
            if entry is None:
                return False
            ref = items.ref_of(entry)
            entries.set_outcome(change, ref, storable(event.text), event.verdict, with_deleted=True)
        case RunEvent():
            return _tie_run(change, event)
        case CapturedEvent() | ErrorEvent() | EndedEvent():
            session = sessions.get(change, event.session)
            if session is None:
                return False
            _tell_of_session(change, session, event)
    return True


def _add_entry(change: Change, event: TriedEvent | EntryEvent, type: EntryType, at: datetime) -> models.Item:
    named, unusable = [], []
    for mention in map(storable, event.papers):
        try:
            named.append(papers.named(change, mention))
        except (BadRef, NotFound):
            unusable.append(mention)
    draft = EntryDraft(
        what=storable(event.what),
        type=type,
        why=storable(event.why),
        expect=storable(event.expect),
        body="\n".join(f"Paper: {mention}" for mention in unusable),
        attribute=storable(event.attribute),
    )
    ref = entries.add(change, draft, uid=event.uid)
    item = items.get(change, ref)
    item.created_at = at
    change.session.add(item)
    for paper in named:
        links.add(change, ref, paper, Relation.about)
    return item


def _begin_trial(change: Change, event: TriedEvent) -> None:
    entry = _add_entry(change, event, EntryType.tried, event.started_at)
    session = _begin_session(change, event, entry, event.started_at)
    # The first trial of a launched command says why its run was made; the later ones have runs of their own.
    run = sessions.unclaimed_run(change, session) if event.launch else None
    if run is not None and not runs.has_entry(change, run.item_id):
        runs.link_to_entry(change, run.item_id, event.uid)


def _begin_session(
    change: Change, event: TriedEvent | LaunchedEvent, entry: models.Item | None, at: datetime
) -> models.Session:
    return sessions.begin(
        change,
        models.Session(
            uid=event.uid,
            entry_item_id=items.identity(entry) if entry else None,
            launch_uid=event.launch,
            host=storable(event.host),
            pid=event.pid,
            started_at=at,
            cwd=storable(event.cwd),
            argv=storable(json.dumps(event.argv)),
        ),
    )


def _launch(change: Change, event: LaunchedEvent) -> bool:
    entry = items.entry_with_uid(change, event.entry)
    if event.entry and entry is None:
        return False
    named = named_at_launch(change, event)
    entry = entry or named.entry
    session = _begin_session(change, event, entry, event.at)
    run = named.goes_on or _known_run(change, event.continues)
    if run is None:
        run = sessions.own_run(change, session, title=entry.title if entry else "")
        if event.continues:
            run.run_id = storable(event.continues)
            change.session.add(run)
    sessions.join(change, session, run.item_id, event.at)
    if entry is not None:
        runs.link_to_entry(change, run.item_id, entry.uid)
    if named.follows is not None:
        links.connect(change, run.item_id, named.follows.item_id, Relation.follows)
    if named.unknown:
        sentence = f"It was run with {named.unknown}, which name nothing in this journal."
        notes.add(change, [items.ref_of(change.session.get_one(models.Item, run.item_id))], sentence)
    return True


def _tie_run(change: Change, event: RunEvent) -> bool:
    """Link the run to its entry and its session; one that is not mirrored yet is kept by its id until it is."""
    session, entry = sessions.get(change, event.session), items.entry_with_uid(change, event.entry)
    if (event.session and session is None) or (event.entry and entry is None):
        return False
    followed = _known_run(change, storable(event.follows))
    if followed is not None:
        sessions.leave(change, session, followed)
    run_id = storable(event.run_id)
    run = runs.with_run_id(change, run_id, session)
    if run is None:
        item = items.make(change, Kind.run, title=run_id[:8])
        run = models.Run(
            item_id=items.identity(item), run_id=run_id, status=RunStatus.running, told=RunStatus.running,
            started_at=event.at,
        )  # fmt: skip
    run.tracking_uri = run.tracking_uri or storable(event.tracking_uri)
    change.session.add(run)
    change.session.flush()
    runs.link_to_entries(change, run.item_id, event.entry, session)
    if session is not None:
        sessions.join(change, session, run.item_id, event.at)
    if followed is not None and followed.item_id != run.item_id:
        links.connect(change, run.item_id, followed.item_id, Relation.follows)
    return True


def _known_run(change: Change, run_id: str) -> models.Run | None:
    return change.session.exec(select(models.Run).where(models.Run.run_id == run_id)).first() if run_id else None


def _tell_of_session(change: Change, session: models.Session, event: CapturedEvent | ErrorEvent | EndedEvent) -> None:
    if isinstance(event, CapturedEvent):
        facts = {
            storable(section): {storable(key): storable(value) for key, value in values.items()}
            for section, values in event.facts.items()
        }
        of = sessions.keep_facts(change, session, facts)
        datasets.see_used(change, session, facts)
        for each in of:
            datasets.link_used(change, each)
        return
    error = storable(event.error)
    if isinstance(event, EndedEvent):
        sessions.end(
            change, session, event.exit, event.at, code=event.code, signal=event.signal,
            output=storable(event.output), error=error,
        )  # fmt: skip
    else:
        session.error = error
        change.session.add(session)
    entry = change.session.get(models.Item, session.entry_item_id) if session.entry_item_id else None
    if error and entry is not None and error not in entry.body:
        body = "\n\n".join(text for text in (entry.body, error) if text)
        entries.edit(change, items.ref_of(entry), {"body": body}, with_deleted=True)
