"""While it trains: what runs, how far it is, and what there is to do until it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from journal import clock, db
from journal.ids import new_uid
from journal.paths import Paths
from journal.queries.training import training_now
from journal.recorder import spool
from journal.recorder.events import EndedEvent, EntryEvent, Event, LaunchedEvent, TriedEvent
from journal.store import links, runs
from journal.store.changes import program_change
from journal.store.intake import take_in_spool
from journal.types import EntryType, Kind, MetricValue, Ref, RunDraft, RunStatus, SessionExit
from tests.tui.commands.conftest import Run
from tui.training_words import training_words


def launch(paths: Paths, what: str, *, minutes_ago: int) -> LaunchedEvent:
    """`journal run` began to try something."""
    at = clock.now() - timedelta(minutes=minutes_ago)
    entry = EntryEvent(
        uid=new_uid(), type=EntryType.tried, what=what, why="", expect="accuracy +0.3", papers=("1608.03983",), at=at
    )
    start = LaunchedEvent(
        uid=new_uid(), entry=entry.uid, at=at, host="box", pid=7, argv=("python", "train.py"), cwd="/w"
    )
    take_in(paths, entry, start)
    return start


def take_in(paths: Paths, *events: Event) -> None:
    for event in events:
        spool.put(paths.spool, event)
    assert take_in_spool(paths) == 0


def end(paths: Paths, start: LaunchedEvent) -> None:
    take_in(
        paths,
        EndedEvent(uid=new_uid(), session=start.uid, at=clock.now(), exit=SessionExit.failed, error="", code=1),
    )


def training(paths: Paths) -> list[str]:
    connection = db.connect(paths)
    try:
        return [str(ref) for ref, _ in training_now(connection, clock.now())]
    finally:
        connection.close()


def test_what_trains_is_told_with_its_time_its_result_and_what_was_expected(run: Run, paths: Paths) -> None:
    launch(paths, "cosine schedule", minutes_ago=34)
    connection = db.connect(paths)
    connection.execute(
        "INSERT INTO run_metric (item_id, key, value, step) SELECT item_id, 'validation/accuracy', 0.99, 1400 FROM run"
    )
    connection.close()
    line = run("meanwhile").out.splitlines()[1]
    assert line.split()[:4] == ["trains", "r1", "cosine", "schedule"]
    assert line.endswith("34 min · 0.99 val/accuracy at step 1,400 · expected: accuracy +0.3")
    (told,) = run("meanwhile", "--json").json["training"]
    assert (told["ref"], told["entry"], told["sessions"], told["step"]) == ("r1", "e1", 1, 1400)


def test_what_ended_without_an_outcome_waits_for_it(run: Run, paths: Paths) -> None:
    start = launch(paths, "cosine schedule", minutes_ago=34)
    assert run("meanwhile", "--json").json["ended"] == []
    end(paths, start)
    ran = run("meanwhile")
    assert "Nothing trains now." in ran.err
    assert "r1 failed 0 s ago: what came of it?" in ran.out
    assert [(each["ref"], each["run"], each["runs"]) for each in run("meanwhile", "--json").json["ended"]] == [
        ("e1", "r1", 1)
    ]
    run("outcome", "e1", "out of memory", "--verdict", "unclear")
    assert run("meanwhile", "--json").json["ended"] == []


def test_the_last_of_many_runs_speaks_for_its_entry_and_none_while_one_goes_on(run: Run, paths: Paths) -> None:
    run("log", "five seeds")
    now = clock.now()

    def mirror(number: int, status: RunStatus) -> None:
        draft = RunDraft(
            run_id=f"{number:032}", tracking_uri="sqlite:///m.db", name="cnn", experiment="x", status=status,
            started_at=now - (timedelta() if status is RunStatus.running else timedelta(hours=9 - number)),
            ended_at=None if status is RunStatus.running else now - timedelta(hours=8 - number),
        )  # fmt: skip
        with program_change(paths) as change:
            runs.mirror(change, ((draft, str(status)),))
            links.add(change, Ref(Kind.run, number), Ref(Kind.entry, 1))

    for number in (1, 2, 3):
        mirror(number, RunStatus.finished)
    assert [(each["run"], each["runs"]) for each in run("meanwhile", "--json").json["ended"]] == [("r3", 3)]
    assert "r3 finished 5 h 00 ago, and 2 runs before" in run("meanwhile").out
    mirror(4, RunStatus.running)
    assert run("meanwhile", "--json").json["ended"] == []
    assert training(paths) == ["r4"]


def test_a_run_that_nobody_watches_and_that_is_silent_is_not_said_to_train(run: Run, paths: Paths) -> None:
    """As one is whose script was killed: MLflow goes on to call it RUNNING."""
    at = clock.now() - timedelta(minutes=20)
    draft = RunDraft(
        run_id="ab" * 16,
        tracking_uri="sqlite:///m.db",
        name="cnn",
        experiment="x",
        status=RunStatus.running,
        started_at=at,
    )
    with program_change(paths) as change:
        runs.mirror(change, ((draft, "d"),))
    assert training(paths) == []
    assert "silent for 20 min" in run("runs", "list").out
    with program_change(paths) as change:
        spoken = replace(draft, metrics={"train/loss": MetricValue(value=0.5, step=9, logged_at=clock.now())})
        runs.mirror(change, ((spoken, "e"),))
    assert training(paths) == ["r1"]
    assert "silent" not in run("runs", "list").out


def test_meanwhile_one_reads_answers_and_prepares(run: Run, paths: Paths) -> None:
    launch(paths, "cosine schedule", minutes_ago=1)
    run("log", "read this", "--type", "note", "--paper", "1706.03762", "--paper", "1512.03385")
    run("triage", "p1", "p2", "p3", "queue")
    run("log", "Does the seed matter?", "--type", "question")
    run("log", "warm-up", "--type", "idea")
    told = {line.split()[0]: line for line in run("meanwhile").out.splitlines()[1:]}
    assert told["comes"].split()[2] == "p1"  # the run builds on it, so it is not told once more
    assert [line.split()[1] for line in run("meanwhile").out.splitlines() if line.startswith("read")] == ["p2", "p3"]
    assert "Does the seed matter?" in told["answer"]
    assert "e4   warm-up" in told["try"]
    run("meanwhile")
    assert run("show", "@1", "--json").json["ref"] == "r1"


def test_a_trial_without_a_run_trains_too_and_archived_or_deleted_runs_do_not(run: Run, paths: Paths) -> None:
    at = clock.now() - timedelta(minutes=3)
    take_in(
        paths,
        TriedEvent(
            uid=new_uid(), what="in a notebook", why="", expect="", papers=(), started_at=at, host="box", pid=9, argv=(),
            cwd="/w",
        ),
    )  # fmt: skip
    assert training(paths) == ["e1"]
    launch(paths, "a run", minutes_ago=2)
    assert training(paths) == ["e1", "r1"]
    run("rm", "r1")
    assert training(paths) == ["e1"]
    run("rm", "e1")
    assert training(paths) == []


@pytest.mark.parametrize(
    ("refs", "words"),
    [((), ""), (("r12",), "r12 trains 34 min"), (("r12", "r13", "e4"), "3 train, r12 for 34 min")],
)
def test_the_first_line_says_it_in_a_few_words(refs: tuple[str, ...], words: str) -> None:
    now = clock.now()
    since = now - timedelta(minutes=34)
    found = tuple((Ref(Kind.run if ref[0] == "r" else Kind.entry, int(ref[1:])), since) for ref in refs)
    assert training_words(found, now) == words
