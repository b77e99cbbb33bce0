"""Sessions that training processes recorded: their runs, what surrounded them, and how they ended."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from journal import db
from journal.ids import new_uid
from journal.paths import Paths
from journal.queries.entries import get_entry
from journal.queries.items import uid_of
from journal.queries.runs import get_run, list_runs
from journal.queries.sessions import facts_of_run, sessions_of_run
from journal.recorder import presence, spool
from journal.recorder.events import (
    CapturedEvent,
    EndedEvent,
    EntryEvent,
    ErrorEvent,
    Event,
    LaunchedEvent,
    RunEvent,
    TriedEvent,
)
from journal.store import runs
from journal.store.changes import program_change
from journal.store.intake import take_in_spool
from journal.store.vanishing import settle_vanished, vanished
from journal.types import ENTRY_TAG, SESSION_TAG, EntryType, Kind, Ref, RunDraft, RunStatus, SessionExit
from tests.conftest import NOON

R1, R2 = Ref(Kind.run, 1), Ref(Kind.run, 2)


def launched(entry: str = "", **changes: object) -> LaunchedEvent:
    event = LaunchedEvent(
        uid=new_uid(), entry=entry, at=NOON, host="box", pid=7, argv=("python", "train.py"), cwd="/work"
    )
    return replace(event, **changes)  # type: ignore[arg-type]


def entry(what: str = "cosine schedule") -> EntryEvent:
    return EntryEvent(uid=new_uid(), type=EntryType.tried, what=what, why="plateau", expect="", papers=(), at=NOON)


def ended(session: str, exit: SessionExit, **changes: object) -> EndedEvent:
    event = EndedEvent(uid=new_uid(), session=session, at=NOON + timedelta(hours=1), exit=exit, error="")
    return replace(event, **changes)  # type: ignore[arg-type]


def ran(session: str, run_id: str = "ab" * 16) -> RunEvent:
    return RunEvent(uid=new_uid(), entry="", run_id=run_id, tracking_uri="sqlite:////s", at=NOON, session=session)


def draft(run_id: str = "ab" * 16, **tags: str) -> RunDraft:
    return RunDraft(
        run_id=run_id, tracking_uri="sqlite:////s", name="linear", experiment="mnist", status=RunStatus.running, started_at=NOON,
        tags=tags,
    )  # fmt: skip


def take_in(paths: Paths, *events: Event) -> None:
    for event in events:
        spool.put(paths.spool, event)
    assert take_in_spool(paths) == 0


def mirror(paths: Paths, *drafts: RunDraft) -> None:
    with program_change(paths, clock=lambda: NOON + timedelta(hours=2)) as change:
        runs.mirror(change, [(each, "d") for each in drafts])


def test_a_launch_without_a_why_is_a_hollow_run_named_by_its_command(paths: Paths) -> None:
    take_in(paths, launched())
    connection = db.connect(paths)
    (row,) = list_runs(connection)
    (session,) = sessions_of_run(connection, R1)
    connection.close()
    assert (row.title, row.status, row.has_why, row.run_id) == ("python train.py", RunStatus.running, False, None)
    assert (session.argv, session.cwd, session.entry) == (("python", "train.py"), "/work", None)


@pytest.mark.parametrize("exit", list(SessionExit))
def test_the_end_of_a_launch_is_the_end_of_its_run(paths: Paths, exit: SessionExit) -> None:
    why, start = entry(), launched()
    start = replace(start, entry=why.uid)
    take_in(paths, why, start, ended(start.uid, exit, code=3, output="epoch 1\n"))
    connection = db.connect(paths)
    run, (session,) = get_run(connection, R1), sessions_of_run(connection, R1)
    connection.close()
    assert (run.title, run.status, run.ended_at) == ("cosine schedule", RunStatus(str(exit)), NOON + timedelta(hours=1))
    assert [str(link.ref) for link in run.links] == ["e1"]
    assert (session.exit, session.code, session.output, str(session.entry)) == (exit, 3, "epoch 1\n", "e1")


@pytest.mark.parametrize("is_mirrored_first", [True, False])
def test_the_first_mlflow_run_of_a_launch_is_its_run_and_the_next_ones_are_others(
    paths: Paths, is_mirrored_first: bool
) -> None:
    start = launched()
    take_in(paths, start)
    first, second = draft(**{SESSION_TAG: start.uid}), draft("cd" * 16, **{SESSION_TAG: start.uid})
    if is_mirrored_first:
        mirror(paths, first)
        take_in(paths, ran(start.uid))
    else:
        take_in(paths, ran(start.uid))
        mirror(paths, first)
    mirror(paths, second)
    connection = db.connect(paths)
    listed = {str(row.ref): row.run_id for row in list_runs(connection)}
    held = [len(sessions_of_run(connection, ref)) for ref in (R1, R2)]
    connection.close()
    assert listed == {"r1": "ab" * 16, "r2": "cd" * 16}
    assert held == [1, 1]


def test_a_name_that_mlflow_made_up_gives_way_to_what_is_tried(paths: Paths) -> None:
    why = entry()
    start, hollow = launched(entry=why.uid), launched()
    take_in(paths, why, start, hollow)
    mirror(
        paths,
        replace(draft(**{SESSION_TAG: start.uid, ENTRY_TAG: why.uid}), name="secretive-conch-255"),
        replace(draft("cd" * 16, **{SESSION_TAG: hollow.uid}), name="angry-tern-77"),
        replace(draft("ef" * 16, **{ENTRY_TAG: why.uid}), name="big net"),
        replace(draft("01" * 16), name="gentle-dog-321"),
    )
    connection = db.connect(paths)
    titles = {str(row.ref): row.title for row in list_runs(connection)}
    connection.close()
    assert titles == {"r1": "cosine schedule", "r2": "python train.py", "r3": "big net", "r4": "gentle-dog-321"}


def test_what_the_process_came_to_holds_whatever_mlflow_says_later(paths: Paths) -> None:
    start = launched()
    take_in(paths, start, ran(start.uid), ended(start.uid, SessionExit.killed, signal=9))
    mirror(paths, draft(**{SESSION_TAG: start.uid}))
    connection = db.connect(paths)
    run = get_run(connection, R1)
    connection.close()
    assert (run.status, run.told) == (RunStatus.killed, RunStatus.running)


def test_a_run_that_is_continued_has_two_sessions(paths: Paths) -> None:
    first = launched()
    take_in(paths, first, ran(first.uid), ended(first.uid, SessionExit.killed))
    second = launched(continues="ab" * 16, at=NOON + timedelta(hours=3))
    take_in(paths, second)
    connection = db.connect(paths)
    run, sessions = get_run(connection, R1), sessions_of_run(connection, R1)
    count = len(list_runs(connection))
    connection.close()
    assert count == 1
    assert [session.uid for session in sessions] == [first.uid, second.uid]
    assert (run.status, run.ended_at) == (RunStatus.running, None)


def test_a_run_that_two_commands_share_ends_with_the_last_of_them(paths: Paths) -> None:
    first = launched()
    second = launched(continues="ab" * 16, at=NOON + timedelta(minutes=10))
    take_in(paths, first, ran(first.uid), second, ended(second.uid, SessionExit.finished))
    over = NOON + timedelta(hours=1)
    mirror(paths, replace(draft(**{SESSION_TAG: first.uid}), status=RunStatus.finished, ended_at=over))
    connection = db.connect(paths)
    assert get_run(connection, R1).status is RunStatus.running
    take_in(paths, ended(first.uid, SessionExit.finished, at=over + timedelta(minutes=5)))
    assert get_run(connection, R1).status is RunStatus.finished
    connection.close()


def test_what_was_named_while_the_journal_could_not_be_read_is_found_when_it_can(paths: Paths) -> None:
    why, first = entry(), launched()
    take_in(paths, why, replace(first, entry=why.uid), ran(first.uid), ended(first.uid, SessionExit.killed))
    again = launched(named_run="r1", at=NOON + timedelta(hours=3))
    take_in(paths, again, ran(again.uid, "cd" * 16), ran(again.uid, "ef" * 16))
    mirror(paths, draft("01" * 16, **{SESSION_TAG: again.uid}))
    connection = db.connect(paths)
    of_run = {str(row.ref): get_run(connection, row.ref) for row in list_runs(connection)}
    connection.close()
    assert {ref: run.run_id for ref, run in of_run.items()} == {
        "r1": "ab" * 16, "r2": "cd" * 16, "r3": "ef" * 16, "r4": "01" * 16,
    }  # fmt: skip
    # MLflow was not told of the run to go on with, and began another one.
    links = {ref: {(str(link.relation), str(link.ref)) for link in run.links} for ref, run in of_run.items()}
    assert links["r2"] == {("tests", "e1"), ("follows", "r1")}
    assert links["r3"] == links["r4"] == {("tests", "e1")}


def test_a_run_without_mlflow_that_was_named_so_is_gone_on_with(paths: Paths) -> None:
    first = launched()
    take_in(paths, first, ended(first.uid, SessionExit.killed))
    again = launched(named_run="r1", at=NOON + timedelta(hours=3))
    take_in(paths, again)
    connection = db.connect(paths)
    run, sessions = get_run(connection, R1), sessions_of_run(connection, R1)
    assert len(list_runs(connection)) == 1
    connection.close()
    assert [session.uid for session in sessions] == [first.uid, again.uid]
    assert (run.status, run.ended_at) == (RunStatus.running, None)


def test_a_run_without_mlflow_that_is_continued_becomes_the_first_mlflow_run_of_that_session(paths: Paths) -> None:
    first, around = launched(), launched()
    take_in(paths, first, ended(first.uid, SessionExit.killed), around)
    connection = db.connect(paths)
    uid = uid_of(connection, R1)
    again = launched(joins=uid, launch=around.uid, at=NOON + timedelta(hours=3))
    take_in(paths, again, ran(around.uid, "ef" * 16), ran(again.uid), ran(again.uid, "cd" * 16))
    listed = {str(row.ref): row.run_id for row in list_runs(connection)}
    connection.close()
    assert listed == {"r1": "ab" * 16, "r2": "ef" * 16, "r3": "cd" * 16}


def test_what_was_named_and_is_not_there_is_a_note_on_the_run(paths: Paths) -> None:
    take_in(paths, launched(named_entry="r1", named_run="nothing \x00 of ours"))
    connection = db.connect(paths)
    (link,) = get_run(connection, R1).links
    title = get_entry(connection, link.ref).title
    connection.close()
    assert title.startswith("It was run with --entry r1, --continue nothing")


def test_a_trial_inside_of_a_launch_shares_its_run(paths: Paths) -> None:
    start = launched()
    trial = TriedEvent(
        uid=new_uid(), what="cosine", why="", expect="", papers=(), started_at=NOON, host="box", pid=8, argv=(),
        cwd="", launch=start.uid,
    )  # fmt: skip
    run = replace(ran(trial.uid), entry=trial.uid)
    take_in(paths, start, trial, run)
    connection = db.connect(paths)
    sessions = sessions_of_run(connection, R1)
    assert len(list_runs(connection)) == 1
    connection.close()
    assert {session.uid for session in sessions} == {start.uid, trial.uid}


def test_a_launch_inside_of_a_launch_has_its_session_on_the_run_that_they_share(paths: Paths) -> None:
    outer, inner = entry("outer"), entry("inner")
    start = launched(entry=outer.uid)
    within = launched(entry=inner.uid, launch=start.uid, at=NOON + timedelta(minutes=1))
    take_in(paths, outer, start, inner, within)
    connection = db.connect(paths)
    (row,) = list_runs(connection)
    assert [session.uid for session in sessions_of_run(connection, row.ref)] == [start.uid, within.uid]
    assert {str(link.ref) for link in get_run(connection, row.ref).links} == {"e1", "e2"}
    connection.close()


def test_facts_are_kept_once_however_many_runs_share_them(paths: Paths) -> None:
    packages = {"torch": "2.13.0", "numpy": "2.4"}
    for lr in ("0.1", "0.2"):
        start = launched()
        facts = {"packages": packages, "command": {"lr": lr}}
        take_in(paths, start, CapturedEvent(uid=new_uid(), session=start.uid, facts=facts))
    connection = db.connect(paths)
    assert facts_of_run(connection, R2) == {"packages": packages, "command": {"lr": "0.2"}}
    assert [json.loads(content) for (content,) in connection.execute("SELECT content FROM facts")].count(packages) == 1
    connection.close()


def test_an_uncaught_exception_is_told_by_session_and_entry(paths: Paths) -> None:
    why = entry()
    start = launched(entry=why.uid)
    take_in(paths, why, start, ErrorEvent(uid=new_uid(), session=start.uid, at=NOON, error="RuntimeError: shapes"))
    take_in(paths, ended(start.uid, SessionExit.failed, error="RuntimeError: shapes"))
    connection = db.connect(paths)
    (session,) = sessions_of_run(connection, R1)
    body = connection.execute("SELECT body FROM item WHERE kind = 'entry'").fetchone()[0]
    connection.close()
    assert session.error == "RuntimeError: shapes"
    assert body.count("RuntimeError: shapes") == 1


def test_a_process_that_is_gone_without_a_word_has_vanished_and_may_still_tell(paths: Paths) -> None:
    start = launched()
    take_in(paths, start)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    presence.announce(paths.spool, start.uid, presence.of_process(child.pid))
    assert not vanished(paths)
    child.kill()
    child.wait()
    assert vanished(paths) == {start.uid}
    assert settle_vanished(paths) == 1
    assert not vanished(paths)
    connection = db.connect(paths)
    assert get_run(connection, R1).status is RunStatus.vanished
    take_in(paths, ended(start.uid, SessionExit.killed, signal=9))
    assert get_run(connection, R1).status is RunStatus.killed
    connection.close()


def test_a_machine_that_cannot_be_asked_is_believed_while_it_beats(paths: Paths) -> None:
    start = launched()
    take_in(paths, start)
    elsewhere = presence.Presence("cluster-7", "another boot", 4242, "1", beats=True)
    presence.announce(paths.spool, start.uid, elsewhere)
    (seen,) = presence.present(paths.spool).values()
    assert seen.beat_at is not None
    assert not presence.is_over(seen, seen.beat_at + timedelta(minutes=9))
    assert presence.is_over(seen, seen.beat_at + timedelta(minutes=11))
