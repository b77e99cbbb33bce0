"""What training processes recorded arrives in the journal, each event exactly once."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from journal import db
from journal.errors import Locked, NothingToUndo
from journal.ids import new_uid
from journal.paths import Paths, at_home
from journal.queries.entries import get_entry, list_entries
from journal.queries.items import find
from journal.queries.papers import get_paper
from journal.queries.runs import get_run
from journal.recorder import spool
from journal.recorder.events import EndedEvent, Event, OutcomeEvent, RunEvent, TriedEvent
from journal.store import items, runs
from journal.store.changes import change, program_change
from journal.store.intake import take_in_spool
from journal.store.undo import undo
from journal.types import ENTRY_TAG, Kind, PaperState, Ref, RunDraft, RunStatus, SessionExit, Verdict
from tests.conftest import NOON

E1, R1, P1 = Ref(Kind.entry, 1), Ref(Kind.run, 1), Ref(Kind.paper, 1)


def tried(what: str = "cosine schedule", papers: tuple[str, ...] = ()) -> TriedEvent:
    return TriedEvent(
        uid=new_uid(), what=what, why="plateau", expect="+0.3", papers=papers, started_at=NOON, host="box", pid=7,
        argv=("train.py",), cwd="/work",
    )  # fmt: skip


def outcome(trial: TriedEvent, text: str = "it held") -> OutcomeEvent:
    return OutcomeEvent(uid=new_uid(), entry=trial.uid, text=text, verdict=Verdict.kept, at=NOON)


def ended(trial: TriedEvent, error: str = "") -> EndedEvent:
    return EndedEvent(
        uid=new_uid(),
        session=trial.uid,
        at=NOON,
        exit=SessionExit.failed if error else SessionExit.finished,
        error=error,
    )


def spooled(paths: Paths, *events: Event) -> None:
    for event in events:
        spool.put(paths.spool, event)


def test_a_trial_becomes_an_entry_with_paper_and_outcome(paths: Paths) -> None:
    trial = tried(papers=("1608.03983v2", "nonsense of a name"))
    spooled(paths, trial, outcome(trial), ended(trial))
    assert take_in_spool(paths) == 0
    connection = db.connect(paths)
    entry = get_entry(connection, E1)
    paper = get_paper(connection, P1)
    session = connection.execute("SELECT host, pid, exit FROM session").fetchall()
    connection.close()
    assert (entry.title, entry.why, entry.expect, entry.created_at) == ("cosine schedule", "plateau", "+0.3", NOON)
    assert (entry.outcome, entry.verdict) == ("it held", Verdict.kept)
    assert "nonsense of a name" in entry.body
    assert [str(link.ref) for link in entry.links] == ["p1"]
    assert (paper.arxiv_id, paper.state) == ("1608.03983", PaperState.none)
    assert session == [("box", 7, "finished")]
    assert spool.pending(paths.spool) == []


def test_an_exception_is_kept_with_its_traceback(paths: Paths) -> None:
    trial = tried()
    spooled(paths, trial, ended(trial, "Traceback ...\nRuntimeError: shapes differ"))
    take_in_spool(paths)
    connection = db.connect(paths)
    assert "RuntimeError: shapes differ" in get_entry(connection, E1).body
    connection.close()


def test_a_run_is_tied_before_and_after_it_is_mirrored(paths: Paths) -> None:
    trial = tried(papers=("1608.03983",))
    spooled(
        paths, trial, RunEvent(uid=new_uid(), entry=trial.uid, run_id="ab" * 16, tracking_uri="sqlite:////s", at=NOON)
    )
    take_in_spool(paths)
    draft = RunDraft(
        run_id="ab" * 16, tracking_uri="sqlite:////s", name="linear", experiment="mnist", status=RunStatus.finished,
        tags={ENTRY_TAG: trial.uid},
    )  # fmt: skip
    with program_change(paths) as opened:
        runs.mirror(opened, [(draft, "d")])
    connection = db.connect(paths)
    run = get_run(connection, R1)
    count = connection.execute("SELECT count(*) FROM run").fetchone()[0]
    connection.close()
    assert count == 1
    assert (run.title, run.status) == ("linear", RunStatus.finished)
    assert {(link.relation, str(link.ref)) for link in run.links} == {("tests", "e1"), ("about", "p1")}


def test_an_event_is_taken_in_once_even_when_its_file_stays(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a kill between the commit and the removal of the files."""
    spooled(paths, tried())
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)
    assert [take_in_spool(paths) for _ in range(3)] == [0, 0, 0]
    connection = db.connect(paths)
    assert len(list_entries(connection)) == 1
    connection.close()
    monkeypatch.undo()
    take_in_spool(paths)
    assert spool.pending(paths.spool) == []


def test_a_failure_in_the_middle_takes_in_nothing_and_loses_nothing(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = tried()
    spooled(paths, trial, outcome(trial))
    with monkeypatch.context() as patched:
        patched.setattr("journal.store.entries.set_outcome", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take_in_spool(paths)
    connection = db.connect(paths)
    assert list_entries(connection) == ()
    assert len(spool.pending(paths.spool)) == 2
    take_in_spool(paths)
    assert get_entry(connection, E1).outcome == "it held"
    connection.close()


def test_an_outcome_waits_for_its_trial(paths: Paths) -> None:
    """Files of a cluster job may be copied in any order."""
    trial = tried()
    spooled(paths, outcome(trial))
    take_in_spool(paths)
    assert len(spool.pending(paths.spool)) == 1
    spooled(paths, trial)
    take_in_spool(paths)
    take_in_spool(paths)
    assert spool.pending(paths.spool) == []


def test_garbage_is_put_aside_and_the_rest_is_taken_in(paths: Paths) -> None:
    spooled(paths, tried())
    bad = paths.spool / f"{new_uid()}.json"
    bad.write_bytes(b"\xff\x00 not json")
    assert take_in_spool(paths) == 1
    assert (paths.spool / "refused" / bad.name).read_bytes() == b"\xff\x00 not json"
    connection = db.connect(paths)
    assert len(list_entries(connection)) == 1
    connection.close()


def test_text_that_no_database_takes_is_kept_readable(paths: Paths) -> None:
    spooled(paths, tried(what="a\ud800b", papers=("\0",)))
    take_in_spool(paths)
    connection = db.connect(paths)
    assert get_entry(connection, E1).title == "a?b"
    connection.close()


def test_what_arrives_for_a_deleted_entry_is_kept_with_it(paths: Paths) -> None:
    trial = tried()
    spooled(paths, trial)
    take_in_spool(paths)
    with change(paths, "rm e1") as opened:
        items.delete(opened, E1)
    spooled(paths, outcome(trial), ended(trial, "boom"))
    assert take_in_spool(paths) == 0
    undo(paths)
    connection = db.connect(paths)
    entry = get_entry(connection, E1)
    connection.close()
    assert (entry.is_deleted, entry.outcome, entry.body) == (False, "it held", "boom")


def test_undo_does_not_take_back_what_a_training_process_recorded(paths: Paths) -> None:
    spooled(paths, tried())
    take_in_spool(paths)
    with pytest.raises(NothingToUndo):
        undo(paths)


def _take_in(home: str) -> int:
    return take_in_spool(at_home(Path(home)))


def test_four_who_take_in_at_once_take_in_once(paths: Paths) -> None:
    trials = [tried(f"try {number}") for number in range(40)]
    spooled(paths, *trials)
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert pool.map(_take_in, [str(paths.data)] * 4) == [0, 0, 0, 0]
    connection = db.connect(paths)
    titles = [row.title for row in list_entries(connection, limit=100)]
    assert find(connection, "e40") == Ref(Kind.entry, 40)
    connection.close()
    assert sorted(titles) == sorted(trial.what for trial in trials)


@pytest.mark.parametrize(
    "bad",
    [
        replace(tried(), what=" \n"),
        replace(tried(), started_at=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))),
        RunEvent(uid=new_uid(), entry="0" * 26, run_id=" ", tracking_uri="", at=NOON),
    ],
    ids=["no title", "before all calendars", "no run id"],
)
def test_an_event_that_makes_no_sense_holds_nothing_up(paths: Paths, bad: Event) -> None:
    good = tried("cosine")
    if isinstance(bad, RunEvent):
        bad = replace(bad, uid=new_uid(), entry=good.uid)
    spooled(paths, good, bad, outcome(good))
    assert take_in_spool(paths) == 1
    assert take_in_spool(paths) == 0
    assert spool.pending(paths.spool) == []
    assert [file.stem for file in (paths.spool / "refused").iterdir()] == [bad.uid]
    connection = db.connect(paths)
    assert get_entry(connection, E1).outcome == "it held"
    connection.close()


def test_while_somebody_writes_the_events_wait(paths: Paths) -> None:
    spooled(paths, tried())
    holder = db.connect(paths)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Locked):
        take_in_spool(paths)
    holder.execute("ROLLBACK")
    holder.close()
    assert take_in_spool(paths) == 0
    assert spool.pending(paths.spool) == []
