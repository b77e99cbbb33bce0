"""Triage: one key a paper, nothing lost, everything taken back."""

from __future__ import annotations

import threading

import pytest

from journal import db
from journal.paths import Paths
from journal.queries.papers import get_paper
from journal.store import entries, papers
from journal.store.changes import Change, change
from journal.store.rankings import rank_new
from journal.types import EntryDraft, Kind, PaperState, Ref
from tests.tui.driving import opened, press, screen_text, send, settle
from tui.messages import JournalMoved


def state_of(paths: Paths, number: int) -> PaperState:
    connection = db.connect(paths)
    try:
        return get_paper(connection, Ref(Kind.paper, number)).state
    finally:
        connection.close()


async def test_one_key_decides_and_moves_on(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        for key, number in (("a", 29), ("s", 28), ("d", 27), ("m", 26)):
            await press(pilot, key)
            assert app.room.list.selected_ref == Ref(Kind.paper, number)
        assert "4 of 10" in app.status.shown_text
    states = [state_of(lab, number) for number in (30, 29, 28, 27)]
    assert states == [PaperState.kept, PaperState.skipped, PaperState.queued, PaperState.muted]


async def test_keys_pressed_faster_than_the_disk_all_count(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await send(pilot, "s", "s", "s", "a", "a")
        await settle(pilot)
        assert app.room.list.selected_ref == Ref(Kind.paper, 25)
        assert app.room.list.count == 5
    assert [state_of(lab, number) for number in (30, 28, 27, 26, 25)] == [
        PaperState.skipped,
        PaperState.skipped,
        PaperState.kept,
        PaperState.kept,
        PaperState.new,
    ]


async def test_quitting_right_after_a_key_loses_nothing(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await send(pilot, "a", "a", "ctrl+q")
        for _ in range(200):
            if app._exit:
                break
            await pilot.pause(0.05)
        assert app._exit
    assert [state_of(lab, number) for number in (30, 29, 28)] == [PaperState.kept, PaperState.kept, PaperState.new]


async def test_undo_brings_the_paper_back_and_selects_it(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "j", "j", "s", "j", "u")
        assert app.room.list.selected_ref == Ref(Kind.paper, 28)
        assert app.room.list.count == 10
        assert "Undone: skip p28" in app.status.shown_text
        await press(pilot, "u")
        assert app.status.is_error
        assert "nothing to undo" in app.status.shown_text
    assert state_of(lab, 28) is PaperState.new


async def test_undo_takes_back_what_was_done_elsewhere_first(lab: Paths) -> None:
    """The last change is the last change, whichever window it was made in."""
    async with opened(lab) as (app, pilot):
        await press(pilot, "s")
        with change(lab, "log something") as made:
            entries.add(made, EntryDraft(what="Something"))
        await press(pilot, "u")
        assert "Undone: log something" in app.status.shown_text
        assert app.room.list.count == 9
        await press(pilot, "u")
        assert app.room.list.selected_ref == Ref(Kind.paper, 30)


async def test_the_day_can_be_finished(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await send(pilot, *"s" * 10)
        await settle(pilot)
        assert app.room.list.count == 0
        assert "all 10 done" in app.status.shown_text
        assert "could not be read" in screen_text(app)
        await press(pilot, "s")
        assert "no paper" in app.status.shown_text
        await press(pilot, "u")
        assert app.room.list.selected_ref == Ref(Kind.paper, 21)


async def test_papers_changes_a_state_in_place(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "2", "G", "d")
        assert app.room.list.selected_ref == Ref(Kind.paper, 1)
        assert app.room.list.count == 30
        assert "queued" in screen_text(app)
    assert state_of(lab, 1) is PaperState.queued


async def test_what_is_about_to_be_written_is_not_read_back_before(lab: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the disk is slow, news from another window does not make decided papers appear again."""
    gate = threading.Event()
    set_state = papers.set_state

    def slow(change: Change, ref: Ref, state: PaperState) -> PaperState:
        assert gate.wait(10)
        return set_state(change, ref, state)

    async with opened(lab) as (app, pilot):
        monkeypatch.setattr(papers, "set_state", slow)
        await send(pilot, "s", "s")
        await pilot.pause(0.1)
        app.post_message(JournalMoved())
        await pilot.pause(0.2)
        assert (app.room.list.count, app.room.list.selected_ref) == (8, Ref(Kind.paper, 28))
        gate.set()
        await settle(pilot)
        assert (app.room.list.count, app.room.list.selected_ref) == (8, Ref(Kind.paper, 28))


async def test_the_day_is_ranked_with_reasons_and_one_key_turns_to_the_order_of_arrival(lab: Paths) -> None:
    with change(lab, "wish") as made:
        made.connection.execute(
            "INSERT INTO rule (effect, field, value, made_at) VALUES ('plus', 'phrase', 'paper 23', ?)",
            ("2026-11-20 12:00:00.000000",),
        )
    assert rank_new(lab)
    async with opened(lab) as (app, pilot):
        assert app.room.list.selected_ref == Ref(Kind.paper, 23)
        assert "because: +paper 23" in app.room.detail.text
        await press(pilot, "t")
        assert (app.room.list.selected_ref, app.room.list.cursor) == (Ref(Kind.paper, 23), 7)
        await press(pilot, "g")
        assert app.room.list.selected_ref == Ref(Kind.paper, 30)
        await press(pilot, "t", "g")
        assert app.room.list.selected_ref == Ref(Kind.paper, 23)
