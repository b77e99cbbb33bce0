"""A run took what it was trained for: the pauses between its sessions are none of it, wherever that is asked."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta

import pytest

from journal import db
from journal.ids import new_uid
from journal.paths import Paths
from journal.queries.run_filter import parse_run_filter
from journal.queries.run_lists import run_ids, run_rows
from journal.queries.run_order import parse_order
from journal.queries.runs import get_run
from journal.queries.whole_runs import whole_runs
from journal.recorder import spool
from journal.recorder.events import EndedEvent, LaunchedEvent, RunEvent, TriedEvent
from journal.store.intake import take_in_spool
from journal.types import Kind, Ref, SessionExit
from tests.conftest import NOON
from tui.run_cells import trained

Hours = tuple[float, float | None]


def at(hours: float) -> timedelta:
    return timedelta(hours=hours)


def continued(paths: Paths, run_id: str, sessions: Sequence[Hours]) -> None:
    """A run with sessions from and until these hours; None: it goes on."""
    for number, (begun, until) in enumerate(sessions):
        start = LaunchedEvent(
            uid=new_uid(), entry="", at=NOON + at(begun), host="elsewhere", pid=7, argv=("train",), cwd="/",
            continues=run_id if number else "",
        )  # fmt: skip
        spool.put(paths.spool, start)
        if not number:
            tie = RunEvent(uid=new_uid(), entry="", run_id=run_id, tracking_uri="", at=start.at, session=start.uid)
            spool.put(paths.spool, tie)
        if until is not None:
            end = EndedEvent(
                uid=new_uid(), session=start.uid, at=NOON + at(until), exit=SessionExit.killed, error="", signal=9
            )
            spool.put(paths.spool, end)
    assert take_in_spool(paths) == 0


@pytest.mark.parametrize(
    ("sessions", "hours"),
    [
        ([(0, 2)], 2),
        ([(0, 2), (12, 13)], 3),
        ([(0, 2), (12, None)], 14),
        ([(0, 2), (12, 13), (20, 20.5), (21, None)], 6.5),
        ([(0, 2), (1, 3)], 3),  # both at once
        ([(0, 5), (1, 2), (6, 7)], 6),  # one within the other
        ([(0, 2), (2, 4)], 4),
        ([(0, None), (3, 4)], 24),
    ],
)
def test_a_run_took_what_it_was_trained_for(paths: Paths, sessions: Sequence[Hours], hours: float) -> None:
    continued(paths, "ab" * 16, sessions)
    now = NOON + at(24)
    with closing(db.connect(paths)) as connection:
        run = get_run(connection, Ref(Kind.run, 1))
        (identity,) = run_ids(connection, now=now)
        (row,) = run_rows(connection, [identity]).values()
        (whole,) = whole_runs(connection, [identity])
        assert {trained(each, now) for each in (run, row, whole)} == {at(hours)}
        for text, holds in (("took=", True), ("took>", False), ("took<=", True), ("took<", False)):
            filter = parse_run_filter(f"{text}{int(hours * 3600)}s", now=now)
            assert run_ids(connection, filter, now=now) == ([identity] if holds else [])


def test_a_trial_within_a_launch_is_no_time_of_its_own(paths: Paths) -> None:
    start = LaunchedEvent(uid=new_uid(), entry="", at=NOON, host="elsewhere", pid=7, argv=("train",), cwd="/")
    trial = TriedEvent(
        uid=new_uid(), what="cosine", why="", expect="", papers=(), started_at=NOON + at(0.5), host="elsewhere",
        pid=8, argv=("train",), cwd="/", launch=start.uid,
    )  # fmt: skip
    tie = RunEvent(uid=new_uid(), entry="", run_id="ab" * 16, tracking_uri="", at=NOON + at(0.5), session=trial.uid)
    for event in (start, trial, tie):
        spool.put(paths.spool, event)
    for uid, hours in ((trial.uid, 1), (start.uid, 2)):
        end = EndedEvent(uid=new_uid(), session=uid, at=NOON + at(hours), exit=SessionExit.finished, error="")
        spool.put(paths.spool, end)
    assert take_in_spool(paths) == 0
    with closing(db.connect(paths)) as connection:
        assert get_run(connection, Ref(Kind.run, 1)).paused_s == 0


def test_runs_are_ordered_by_what_they_were_trained_for(paths: Paths) -> None:
    continued(paths, "aa" * 16, [(0, 1), (30, 31)])  # r1: 2 hours in a span of 31
    continued(paths, "bb" * 16, [(0, 3)])
    continued(paths, "cc" * 16, [(0, 1)])
    with closing(db.connect(paths)) as connection:
        order = parse_order("-took", connection)
        assert order is not None
        ids = run_ids(connection, order=order, now=NOON + at(40))
        assert [str(row.ref) for row in run_rows(connection, ids).values()] == ["r2", "r1", "r3"]
