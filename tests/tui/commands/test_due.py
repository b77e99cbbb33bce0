"""journal due: what comes back, out of a journal, and what is said to it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from journal import clock, db
from journal.clock import stored
from journal.paths import Paths
from journal.queries.resurfacing import list_due
from journal.store import entries, items, links, papers, runs
from journal.store.changes import change, program_change
from journal.types import (
    EntryDraft,
    EntryType,
    Kind,
    PaperDecision,
    PaperDraft,
    PaperState,
    Ref,
    RunDraft,
    RunStatus,
)
from tests.tui.commands.conftest import Run

P, E, R = (lambda n: Ref(Kind.paper, n)), (lambda n: Ref(Kind.entry, n)), (lambda n: Ref(Kind.run, n))


@pytest.fixture
def filled(paths: Paths) -> Paths:
    """p1, p2 queued 8 and 3 days ago; p3 kept; p4 and p5 read by nobody; r1 began an hour ago, r2 last month."""
    began = clock.now()
    for number, days, state in (
        (1, 8, PaperState.queued),
        (2, 3, PaperState.queued),
        (3, 30, PaperState.kept),
        (4, 30, PaperState.none),
        (5, 30, PaperState.none),
    ):
        with change(paths, f"paper {number}", clock=_at(began, days)) as made:
            draft = PaperDraft(title=f"Paper {number}", arxiv_id=f"2601.{number:05d}")
            decision = PaperDecision(inserts=((draft, PaperState.none),), updates=(), unchanged=0, placed=(-1,))
            papers.apply(made, decision)
            if state is not PaperState.none:
                papers.set_state(made, P(number), state)
    with program_change(paths, clock=lambda: began) as made:
        runs.mirror(
            made, ((_run("new", began - timedelta(hours=1)), "a"), (_run("old", began - timedelta(days=30)), "b"))
        )
        entries.add(made, EntryDraft(what="a try"))
    return paths


def _at(began: datetime, days: float) -> clock.Clock:
    return lambda: began - timedelta(days=days)


def _run(name: str, started_at: datetime) -> RunDraft:
    return RunDraft(
        run_id=name * 8, tracking_uri="sqlite:///m.db", name=name, experiment="x", status=RunStatus.running,
        started_at=started_at,
    )  # fmt: skip


def linked(paths: Paths, *pairs: tuple[Ref, Ref]) -> None:
    with change(paths, "link") as made:
        for source, target in pairs:
            links.add(made, source, target)


def because(paths: Paths) -> dict[str, str]:
    connection = db.connect(paths)
    try:
        return {str(one.ref): one.because for one in list_due(connection, clock.now())}
    finally:
        connection.close()


def test_old_queued_papers_come_back(run: Run, filled: Paths) -> None:
    assert run("due", "--json").json == [
        {
            "ref": "p1", "kind": "paper", "title": "Paper 1", "reason": "queued", "because": "queued 8 days ago",
            "times": 0, "run": None, "notes": [],
        }
    ]  # fmt: skip
    assert "p1   Paper 1  queued 8 days ago" in run("due").out


def test_the_day_ends_with_how_many_things_come_back(run: Run, filled: Paths) -> None:
    assert run("today").err.splitlines()[0] == "1 thing comes back: journal due"
    with program_change(filled) as made:
        papers.set_state(made, P(5), PaperState.new)
    day = run("today")
    assert (day.code, day.err.splitlines()[-1]) == (0, "1 thing comes back: journal due")
    assert "come" not in run("today", "--json").err
    run("due", "p1", "never")
    assert "come" not in run("today").err


def test_the_paper_of_a_run_comes_back_by_the_run_or_by_its_entry(filled: Paths) -> None:
    linked(filled, (R(1), P(3)))
    assert because(filled)["p3"] == "r1, started 1 h ago, builds on it"
    linked(filled, (R(1), E(1)), (E(1), P(2)))
    assert because(filled)["p2"] == "r1, started 1 h ago, builds on it"


def test_a_paper_that_nobody_wanted_comes_back_only_with_notes(filled: Paths) -> None:
    linked(filled, (R(1), P(4)), (R(1), P(5)), (R(2), P(3)))
    assert not {"p3", "p4", "p5"} & set(because(filled))
    with change(filled, "note") as made:
        for text, kind in (("see section 3", EntryType.note), ("a question", EntryType.question)):
            links.add(made, entries.add(made, EntryDraft(what=text, type=kind)), P(4))
    assert because(filled)["p4"] == "r1, started 1 h ago, builds on it; your note e2"
    with change(filled, "rm") as made:
        items.delete(made, E(2))
    assert "p4" not in because(filled)


def test_a_snoozed_method_comes_back_though_its_run_is_older_by_then(run: Run, filled: Paths) -> None:
    linked(filled, (R(1), P(3)))
    run("due", "p3", "snooze", "--days", "10")
    connection = db.connect(filled)
    for days, comes in ((9, False), (10, True), (13, True), (100, True)):  # nobody was there in between
        due = list_due(connection, clock.now() + timedelta(days=days))
        assert (P(3) in {one.ref for one in due}) is comes
    connection.close()


def test_after_a_holiday_there_is_what_waited_and_days_of_use_alone_let_it_rest(filled: Paths) -> None:
    began = clock.now()
    connection = db.connect(filled)

    def comes(days: int) -> bool:
        return P(2) in {one.ref for one in list_due(connection, began + timedelta(days=days))}

    assert comes(25)
    for days in range(4, 11):
        with program_change(filled, clock=_at(began, -days)) as made:
            entries.add(made, EntryDraft(what="by itself"))
    assert comes(25)
    for days in range(4, 11):
        with change(filled, "work", clock=_at(began, -days)) as made:
            entries.add(made, EntryDraft(what="a try"))
    assert comes(10)
    assert not comes(12)
    connection.close()


def test_runs_that_were_deleted_bring_nothing(filled: Paths) -> None:
    linked(filled, (R(1), P(3)))
    with change(filled, "rm") as made:
        items.delete(made, R(1))
    assert "p3" not in because(filled)


def test_a_fix_that_was_never_verified_comes_back_until_it_is(filled: Paths) -> None:
    began = clock.now()
    connection = db.connect(filled)
    for number, origin, held, fix in ((1, "own", None, "clip"), (2, "own", 1, "clip"), (3, "known", None, "clip"),
                                      (4, "own", None, " ")):  # fmt: skip
        moment = stored(began - timedelta(days=6))
        identity = connection.execute(
            "INSERT INTO item (kind, number, uid, title, created_at, updated_at) VALUES ('problem', ?, ?, 'NaN', ?, ?)",
            (number, f"{number:026}", moment, moment),
        ).lastrowid
        connection.execute(
            "INSERT INTO problem (item_id, origin, held, fix, fixed_at) VALUES (?, ?, ?, ?, ?)",
            (identity, origin, held, fix, moment),
        )
    connection.commit()
    assert [ref for ref in because(filled) if ref.startswith("x")] == ["x1"]
    assert because(filled)["x1"] == "fixed 6 days ago; nobody said if it held"
    connection.execute("UPDATE problem SET held = 0")
    connection.commit()
    connection.close()
    assert "x1" not in because(filled)


def test_an_answer_is_kept_and_the_paper_stays_queued(run: Run, filled: Paths) -> None:
    said = run("due", "p1", "done").out
    later = (clock.now() + timedelta(days=14)).astimezone().strftime("%Y-%m-%d")
    assert said == f"p1  comes back {later}\n"
    assert run("due").code == 1
    assert run("show", "p1", "--json").json["state"] == "queued"


@pytest.mark.parametrize("verb", ["done", "snooze", "never"])
def test_undo_takes_an_answer_back(run: Run, filled: Paths, verb: str) -> None:
    run("due", "p1", verb)
    assert because(filled) == {}
    assert f"Undone: {verb} p1" in run("undo").out
    assert because(filled) == {"p1": "queued 8 days ago"}
    run("due", "p1", "done")
    run("due", "p1", verb, *([] if verb == "never" else ["--days", "2"]))
    run("undo")
    connection = db.connect(filled)
    assert connection.execute("SELECT answer, times FROM resurfacing").fetchall() == [("done", 1)]
    connection.close()


def test_the_last_list_names_what_is_answered(run: Run, filled: Paths) -> None:
    run("due")
    assert run("due", "@1", "never").out == "p1  does not come back\n"
    assert run("due", "p1", "snooze", "--days", "9", "--json").json[0]["answer"] == "snoozed"  # it may be changed


def test_a_paper_may_be_answered_before_it_comes_back(run: Run, filled: Paths) -> None:
    assert run("due", "p2", "never").code == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("p3", "done"), 1, "does not come back"),
        (("p99", "done"), 1, "no p99"),
        (("p1",), 2, "done, snooze, never"),
        (("done",), 2, "done, snooze, never"),
        (("p1", "later"), 2, "done, snooze, never"),
        (("p1", "snooze", "--days", "0"), 2, "1 to 3,650 days"),
        (("p1", "never", "--days", "5"), 2, "takes no days"),
        (("--days", "5"), 2, "goes with an answer"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    run: Run, filled: Paths, words: tuple[str, ...], code: int, said: str
) -> None:
    ran = run("due", *words)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert because(filled) == {"p1": "queued 8 days ago"}


def test_what_was_deleted_or_decided_does_not_come_back(run: Run, filled: Paths) -> None:
    run("triage", "p1", "keep")
    assert run("due").code == 1
    run("undo")
    run("rm", "p1")
    assert run("due").code == 1
    assert run("due", "p1", "done").code == 1
