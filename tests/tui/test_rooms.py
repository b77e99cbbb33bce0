"""Rooms: what they show, and that they keep their place."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from journal import db
from journal.paths import Paths
from journal.store import entries, papers
from journal.store.changes import change
from journal.types import EntryDraft, Kind, PaperState, Ref
from tests.tui.conftest import E1, E2, P1, R1, R2
from tests.tui.driving import opened, press, screen_text, send, settle
from tui.messages import JournalMoved
from tui.screens.sources import PapersSource
from tui.widgets.rows import Row


async def test_each_room_lists_its_kind(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        assert app.room.list.count == 10
        assert app.room.list.selected_ref == Ref(Kind.paper, 30)
        for key, count, first in (("2", 30, Ref(Kind.paper, 30)), ("3", 2, R1), ("4", 2, E2)):
            await press(pilot, key)
            assert (app.room.list.count, app.room.list.selected_ref) == (count, first)


async def test_the_detail_is_that_of_the_selected_item(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "3", "j")
        assert "cnn-steps" in app.room.detail.text
        await send(pilot, "k", "j", "k")
        await settle(pilot)
        assert app.room.detail.document is not None
        assert app.room.detail.document.ref == R1
        assert "The loss plateaus at epoch 12." in app.room.detail.text


async def test_a_run_without_a_why_is_hollow(lab: Paths) -> None:
    async with opened(lab, size=(80, 24)) as (app, pilot):
        await press(pilot, "3")
        lines = screen_text(app).splitlines()
        assert next(line for line in lines if "cnn-cosine" in line).strip().startswith("●")
        assert next(line for line in lines if "cnn-steps" in line).strip().startswith("○")
        await press(pilot, "j")
        assert "nobody wrote down why" in app.room.detail.text


async def test_a_room_keeps_its_place_while_another_is_visited(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "2", "j", "j", "j", "1", "2")
        assert app.room.list.selected_ref == Ref(Kind.paper, 27)


async def test_the_cursor_stays_on_its_item_when_the_journal_changes(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "4", "j")
        assert app.room.list.selected_ref == E1
        for number in range(3):
            with change(lab, "log") as made:
                entries.add(made, EntryDraft(what=f"Another try {number}"))
        await press(pilot, "r")
        assert app.room.list.selected_ref == E1
        assert app.room.list.cursor == 4
        assert app.header._counts is not None
        assert app.header._counts.entries == 5


async def test_a_change_by_another_process_appears_by_itself(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "4")
        with change(lab, "log") as made:
            entries.add(made, EntryDraft(what="Written in another window"))
        for _ in range(200):
            if app.room.list.count == 3:
                break
            await pilot.pause(0.05)
        await settle(pilot)
        assert "Written in another window" in screen_text(app)


async def test_a_change_is_seen_in_rooms_that_were_hidden(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "4", "2")
        with change(lab, "log") as made:
            entries.add(made, EntryDraft(what="Written meanwhile"))
        app.post_message(JournalMoved())
        await settle(pilot)
        await press(pilot, "4")
        assert app.room.list.count == 3


async def test_the_filter_narrows_by_the_search_grammar_and_escape_drops_it(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "2", "j", "j", "f", *"kernel")
        assert app.room.list.count == 15
        assert app.room.list.selected_ref == Ref(Kind.paper, 30)
        await press(pilot, "enter", "j")
        assert app.room.list.selected_ref == Ref(Kind.paper, 28)
        await press(pilot, "escape")
        assert (app.room.list.count, app.room.list.selected_ref) == (30, Ref(Kind.paper, 28))


async def test_a_filter_that_finds_nothing_says_so(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "3", "f", *"zebra")
        assert "Nothing matches" in screen_text(app)


async def test_the_filter_of_today_finds_only_what_is_new(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "f", *"paper")
        assert app.room.list.count == 10


@pytest.mark.parametrize(
    ("key", "advice"),
    [("1", "journal feed add"), ("2", "journal paper add"), ("3", "journal experiment run"), ("4", "journal log")],
)
async def test_an_empty_room_says_what_to_do(
    paths: Paths, key: str, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where no runs lie about
    async with opened(paths) as (app, pilot):
        await press(pilot, key)
        assert advice in screen_text(app)


async def test_today_tells_how_each_feed_is_the_failing_one_first(lab: Paths) -> None:
    async with opened(lab) as (app, _):
        lines = [line for line in screen_text(app).splitlines() if "blog.test" in line or "10 new" in line]
        assert [("✗" in line, "●" in line) for line in lines] == [(True, False), (False, True)]


async def test_a_day_that_is_done_says_so(lab: Paths) -> None:
    with change(lab, "skip all") as made:
        for number in range(21, 31):
            papers.set_state(made, Ref(Kind.paper, number), PaperState.skipped)
    async with opened(lab) as (app, _):
        assert "1 feed could not be read" in screen_text(app)


class _FailingSource(PapersSource):
    """Works until it does not."""

    broken = False

    def all_rows(self, connection: sqlite3.Connection, offset: int, limit: int) -> Sequence[Row]:
        if self.broken:
            connection.execute("SELECT * FROM no_such_table")
        return super().all_rows(connection, offset, limit)


async def test_a_source_that_fails_is_told_in_a_sentence_and_the_interface_lives_on(
    lab: Paths, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tui.screens.reading.PapersSource", _FailingSource)
    async with opened(lab) as (app, pilot):
        await press(pilot, "2")
        monkeypatch.setattr(_FailingSource, "broken", True)
        await press(pilot, "r")
        assert app.status.is_error
        assert "no_such_table" in app.status.shown_text
        assert app.room.list.selected_ref == Ref(Kind.paper, 30)
        monkeypatch.setattr(_FailingSource, "broken", False)
        await press(pilot, "r", "j")
        assert app.room.list.selected_ref == Ref(Kind.paper, 29)
    caplog.clear()


async def test_a_locked_journal_is_told_and_works_again_later(lab: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "BUSY_TIMEOUT_S", 0.05)
    monkeypatch.setattr(db.connect, "__kwdefaults__", {"must_exist": False, "busy_timeout_s": 0.05})
    async with opened(lab, size=(80, 24)) as (app, pilot):
        other = db.connect(lab)
        other.execute("BEGIN IMMEDIATE")
        await press(pilot, "s")
        assert app.status.is_error
        assert "locked" in app.status.shown_text
        assert "wait, and try again." in " ".join(screen_text(app).split())
        assert app.room.list.selected_ref == Ref(Kind.paper, 30)
        assert app.room.list.count == 10
        other.execute("ROLLBACK")
        other.close()
        await press(pilot, "s")
        assert app.room.list.count == 9


async def test_links_lead_around_the_triangle_and_back(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "3")
        assert app.room.list.selected_ref == R1
        await press(pilot, "enter", "enter")
        assert app.room.list.selected_ref == E1
        assert app.room.is_reading
        await press(pilot, "j", "j", "k")
        assert app.room.detail.linked_ref == P1
        await press(pilot, "enter")
        assert (app.room.room, app.room.list.selected_ref) == ("papers", P1)
        assert app.room.detail.linked_ref == E1
        await press(pilot, "b")
        assert app.room.list.selected_ref == E1
        await press(pilot, "backspace")
        assert app.room.list.selected_ref == R1
        await press(pilot, "b", "escape", "j")
        assert app.room.list.selected_ref == R2


async def test_following_a_link_drops_a_filter_that_would_hide_it(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "2", "f", *"gradients", "enter", "4", "j", "enter")
        assert app.room.detail.linked_ref == P1
        await press(pilot, "2", "f", *" -gradients", "enter", "4", "tab", "enter")
        assert (app.room.list.selected_ref, app.room.list.count) == (P1, 30)
        assert "not in this list" not in app.status.shown_text
