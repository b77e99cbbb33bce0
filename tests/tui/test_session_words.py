"""The sessions of a run in a sentence: each process once, dated, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from journal.ids import new_uid
from journal.types import Session, SessionExit
from tests.conftest import NOON
from tui.session_words import outermost, session_words

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _utc() -> Iterator[None]:
    """Days and hours are those of this machine's clock."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def session(started_at: datetime, exit: SessionExit | None = None, lasted: timedelta | None = None) -> Session:
    return Session(
        uid=new_uid(), launch="", entry=None, host="box", pid=1, started_at=started_at, heartbeat_at=None,
        ended_at=None if lasted is None else started_at + lasted, exit=exit, code=None, signal=None, cwd="", argv=(),
        output="", error="",
    )  # fmt: skip


def test_a_run_that_was_continued_tells_each_of_its_sessions() -> None:
    monday = NOON - timedelta(days=4)  # NOON is a Friday
    sessions = (
        session(monday, SessionExit.killed, 3 * HOUR),
        session(monday + timedelta(days=1), SessionExit.vanished),
        session(NOON - 2 * HOUR),
    )
    assert session_words(sessions, NOON) == (
        "3 sessions: Mon 12:00 killed after 3 h 00, Tue 12:00 vanished, Fri 10:00 runs for 2 h 00"
    )


def test_a_trial_inside_of_a_launch_is_no_session_of_its_own() -> None:
    launch, later = session(NOON - 5 * HOUR, SessionExit.failed, HOUR), session(NOON - HOUR)
    trial = replace(session(NOON - 5 * HOUR, SessionExit.failed, HOUR), launch=launch.uid)
    assert outermost((trial, later, launch)) == (launch, later)
    assert session_words((launch, trial), NOON) == ""
    assert session_words((launch, trial, later), NOON).startswith("2 sessions: ")
    elsewhere = replace(trial, launch=new_uid())  # its launch worked on another run
    assert outermost((elsewhere, later)) == (elsewhere, later)


def test_one_session_says_no_more_than_the_run_does() -> None:
    assert session_words((), NOON) == ""
    assert session_words((session(NOON),), NOON) == ""


def test_one_session_is_told_of_an_entry_that_has_no_run() -> None:
    killed = session(NOON - HOUR, SessionExit.killed, HOUR / 2)
    assert session_words((killed,), NOON, least=1) == "1 session: Fri 11:00 killed after 30 min"


def test_older_ones_have_a_date_and_many_are_cut() -> None:
    old = [session(NOON - timedelta(days=400 - day), SessionExit.finished, HOUR) for day in range(30)]
    words = session_words(old, NOON)
    assert words.startswith("30 sessions: 16 Oct 2025 12:00 finished after 1 h 00, (19 more), ")
    assert words.count("finished") == 11
