"""Work in a process of its own does what it does in this one, fails in a sentence and leaves nothing behind."""

from __future__ import annotations

import logging
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta

import pytest

from journal import db
from journal.errors import JournalError
from journal.paths import Paths
from journal.queries.today import list_today
from journal.store import feeds
from journal.store.changes import change
from journal.types import Kind, PaperState, Ref
from tests.conftest import NOON
from tests.journal.store.test_rankings import keep, triage
from tests.standins import Reply, StandIn
from tui.apart import Apart, Stopped


@pytest.fixture
def apart(paths: Paths) -> Apart:
    keep(paths, 1, 6)
    triage(paths, Ref(Kind.paper, 1), PaperState.kept)
    keep(paths, 7, 9, PaperState.skipped)  # ten decisions make a taste
    return Apart(paths, lambda: NOON + timedelta(minutes=2))


def test_the_day_is_ranked_there_once(apart: Apart, paths: Paths) -> None:
    assert apart.rank()
    assert not apart.rank(), "nothing changed since"
    with closing(db.connect(paths)) as connection:
        assert list_today(connection, limit=1)[0].ref.number == 4, "which is like the one that was kept"
    assert not apart.running


def test_what_is_wrong_with_the_journal_is_said_as_here(apart: Apart, paths: Paths) -> None:
    with closing(sqlite3.connect(paths.journal)) as connection:
        connection.execute("PRAGMA user_version = 999")
    with pytest.raises(JournalError, match="newer") as here:
        db.connect(paths)
    with pytest.raises(JournalError) as told:
        apart.rank()
    assert str(told.value) == f"{here.value} {here.value.hint}"


def test_a_mistake_of_ours_is_said_and_logged(apart: Apart, paths: Paths, caplog: pytest.LogCaptureFixture) -> None:
    with closing(sqlite3.connect(paths.journal)) as connection:
        connection.execute("DROP TABLE ranking")
    with caplog.at_level(logging.ERROR), pytest.raises(JournalError, match="no such table: ranking"):
        apart.rank()
    assert "Traceback" in caplog.text
    caplog.clear()


def test_stopping_ends_it_and_nothing_is_started_any_more(apart: Apart, paths: Paths) -> None:
    is_asked, may_answer, ended = threading.Event(), threading.Event(), []

    def silent(_: object) -> Reply:
        is_asked.set()
        may_answer.wait(20)
        return Reply(b"")

    def fetch() -> None:
        try:
            apart.fetch(only_due=False, tell=lambda *_: None, tell_caught_up=lambda *_: None)
        except Stopped as stopped:
            ended.append(stopped)

    with StandIn({"/*": silent}) as server:
        with change(paths, "feed add") as made:
            feeds.add(made, server.url("/feed"))
        thread = threading.Thread(target=fetch)
        thread.start()
        assert is_asked.wait(20)
        (process,) = apart.running
        apart.stop()
        thread.join(10)
        assert ended
        assert process.returncode is not None
        assert not apart.running
        may_answer.set()
    with pytest.raises(Stopped):
        apart.rank()
