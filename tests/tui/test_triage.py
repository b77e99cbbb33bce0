"""Triage: one key a paper, nothing lost, everything taken back."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from textual.pilot import Pilot

from journal import db
from journal.clock import stored
from journal.paths import Paths
from journal.queries.papers import get_paper
from journal.store import entries, papers
from journal.store.changes import Change, change, program_change
from journal.store.rankings import rank_new
from journal.types import EntryDraft, Kind, PaperState, Ref
from tests.conftest import NOON
from tests.journal.store.test_rankings import keep
from tests.tui.driving import opened, press, screen_text, send, settle
from tui.app import JournalApp
from tui.messages import JournalMoved
from tui.screens.sources import TodaySource
from tui.screens.today import TodayRoom
from tui.widgets.rows import Row


def state_of(paths: Paths, number: int) -> PaperState:
    connection = db.connect(paths)
    try:
        return get_paper(connection, Ref(Kind.paper, number)).state
    finally:
        connection.close()


async def test_one_key_decides_and_moves_on(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        for keys, number in (("a", 29), ("s", 28), ("d", 27), ("m enter", 26)):
            await press(pilot, *keys.split())
            assert app.room.list.selected_ref == Ref(Kind.paper, number)
        assert "4 of 10" in app.status.shown_text
    states = [state_of(lab, number) for number in (30, 29, 28, 27)]
    assert states == [PaperState.kept, PaperState.skipped, PaperState.queued, PaperState.muted]


async def test_nothing_is_decided_about_a_paper_that_was_not_shown_yet(
    lab: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(lab, 31, 200)
    may_read, read_rows = threading.Event(), TodaySource.all_rows

    def far_down_is_slow(source: TodaySource, connection: sqlite3.Connection, offset: int, limit: int) -> Sequence[Row]:
        assert offset == 0 or may_read.wait(20)
        return read_rows(source, connection, offset, limit)

    monkeypatch.setattr(TodaySource, "all_rows", far_down_is_slow)
    async with opened(lab) as (app, pilot):
        for key in "asdmlo":
            await send(pilot, "G", key)
            assert app.room.list.selected_ref is None
            await pilot.pause(0)
            assert "still being read" in app.status.shown_text
            app.status.clear()
        assert app.room.list.count == 210
        may_read.set()
        await settle(pilot)
        last = app.room.list.selected_ref
        assert last is not None
        await press(pilot, "s")
    assert state_of(lab, last.number) is PaperState.skipped


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


async def test_undo_says_what_it_took_back_also_where_the_paper_is_not_in_the_list(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "a")
        with change(lab, "keep p30") as made:
            papers.set_state(made, Ref(Kind.paper, 30), PaperState.skipped)
        await press(pilot, "u")
        assert "Undone: keep p30" in app.status.shown_text
        assert "not in this list" not in app.status.shown_text
        assert app.room.list.selected_ref == Ref(Kind.paper, 29)
        assert app.room.detail.document is not None
        assert app.room.detail.document.ref == Ref(Kind.paper, 29), "what is shown is what a key decides about"


async def test_a_key_that_changes_nothing_says_so_and_still_moves_on(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "2", "d", "k", "d")
        assert "p30 is queued already" in app.status.shown_text
        assert app.room.list.selected_ref == Ref(Kind.paper, 29)
        await press(pilot, "u")
        assert "Undone: queue p30" in app.status.shown_text
        await press(pilot, "u")
        assert "nothing to undo" in app.status.shown_text
    assert state_of(lab, 30) is PaperState.new


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


# ---------------------------------------------------------------- the day


async def test_what_was_decided_in_an_earlier_session_counts(lab: Paths) -> None:
    with change(lab, "skip three", clock=lambda: NOON) as made:
        for number in (30, 29, 21):
            papers.set_state(made, Ref(Kind.paper, number), PaperState.skipped)
    async with opened(lab) as (app, pilot):
        assert "3 of 10" in app.status.shown_text
        await press(pilot, "s")
        assert "4 of 10" in app.status.shown_text
        await press(pilot, "u", "u")
        assert "10 to skim" in app.status.shown_text


async def test_the_day_ends_with_a_summary_out_of_the_journal(lab: Paths) -> None:
    async with opened(lab) as (_, pilot):
        await press(pilot, "a", "d")
    async with opened(lab) as (app, pilot):
        await press(pilot, *"s" * 7, "m", "enter")
        text = screen_text(app)
        assert "All 10 done in less than a minute: 1 kept, 1 queued, 7 skipped, 1 muted." in text
        assert "p30  Paper number 30 on kernels" in text
        assert "p29  Paper number 29 on gradients" in text
        assert "1 feed could not be read, so there may be more" in text
        assert "A blog: unreachable; blog.test did not answer" in text
        await press(pilot, "u")
        assert "All 10 done" not in screen_text(app)
        assert app.room.list.count == 1


async def test_where_there_is_little_space_the_summary_has_all_of_it_and_the_keys_go_on_working(lab: Paths) -> None:
    async with opened(lab, size=(60, 14)) as (app, pilot):
        await press(pilot, *"a" * 9, "tab")
        assert app.room.is_reading
        await press(pilot, "a")
        assert "All 10 done" in screen_text(app)
        assert screen_text(app).count("Paper number") >= 3
        await press(pilot, "tab")
        assert "All 10 done" in screen_text(app)
        await press(pilot, "u")
        assert app.room.list.selected_ref == Ref(Kind.paper, 21)
        assert app.room.list.has_focus


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (40, 12)])
async def test_the_summary_is_read_to_its_end_by_the_keys_of_every_text(lab: Paths, size: tuple[int, int]) -> None:
    with program_change(lab) as made:
        made.connection.execute("UPDATE paper SET state = 'kept' WHERE state = 'new'")
        made.connection.execute("UPDATE paper SET state = 'queued' WHERE state = 'none'")
        made.connection.execute("UPDATE paper SET state_at = ?", (stored(NOON - timedelta(minutes=5)),))
    async with opened(lab, size=size) as (app, pilot):
        await pilot.pause()  # whether more follows is known after the first paint
        first = screen_text(app)
        assert "All 30 done" in first
        if size[1] < 30:
            assert "more below" in first
            for key, back in (("j", "k"), ("ctrl+d", "ctrl+u"), ("pagedown", "pageup"), ("space", "g")):
                await press(pilot, key)
                assert screen_text(app) != first, key
                await press(pilot, back)
                assert screen_text(app) == first, back
        await press(pilot, "G")
        last = screen_text(app)
        assert "p18  Paper number 18" in last
        assert "more below" not in last
        assert "A blog" in last or "unreachable" in last, "the health of the feeds stays"
        await press(pilot, "escape", "tab", "f")
        assert app.room.filter_line.is_open
        await press(pilot, "escape", "G")
        assert "p18  Paper number 18" in screen_text(app)
        await press(pilot, "q")
        assert app._exit


async def test_before_anything_was_learned_the_room_says_in_which_order_the_papers_are(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        assert "Order of arrival until you have decided about ten" in screen_text(app)
        await press(pilot, "t")
        assert "Order of arrival" not in screen_text(app), "that order was asked for"


# ---------------------------------------------------------------- everything above


async def test_everything_above_is_skipped_in_one_change_and_comes_back_by_one_undo(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "S")
        assert "Nothing stands above p30" in app.status.shown_text
        await press(pilot, "a", "j", "j", "j", "S")
        assert (app.room.list.selected_ref, app.room.list.cursor, app.room.list.count) == (Ref(Kind.paper, 26), 0, 6)
        assert "skip 3 papers above p26" in app.status.shown_text
        assert "4 of 10" in app.status.shown_text
        await press(pilot, "u")
        assert (app.room.list.selected_ref, app.room.list.cursor, app.room.list.count) == (Ref(Kind.paper, 26), 3, 9)
        await press(pilot, "u")
        assert app.room.list.count == 10
    assert {state_of(lab, number) for number in range(21, 31)} == {PaperState.new}


async def test_everything_above_the_last_paper_of_a_long_list_needs_no_waiting_for_its_rows(paths: Paths) -> None:
    keep(paths, 1, 400)
    async with opened(paths) as (app, pilot):
        await send(pilot, "G", "S")
        await settle(pilot)
        assert "skip 399 papers above p1" in app.status.shown_text
        assert (app.room.list.count, app.room.list.selected_ref) == (1, Ref(Kind.paper, 1))
        await press(pilot, "u")
        assert (app.room.list.count, app.room.list.cursor) == (400, 399)


async def test_above_means_what_the_list_shows_above(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "f", *"kernels", "enter", "G", "S")
        assert "skip 4 papers above p22" in app.status.shown_text
    states = [state_of(lab, number) for number in range(21, 31)]
    assert states == [PaperState.new, PaperState.new, *[PaperState.new, PaperState.skipped] * 4]


async def test_what_was_kept_a_moment_ago_is_not_skipped_with_what_stands_above(
    lab: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even while the disk is slow, and the decision is not written yet."""
    gate = threading.Event()
    set_state = papers.set_state

    def slow(change: Change, ref: Ref, state: PaperState) -> PaperState:
        assert gate.wait(10)
        return set_state(change, ref, state)

    async with opened(lab) as (app, pilot):
        monkeypatch.setattr(papers, "set_state", slow)
        await send(pilot, "j", "a", "j", "S")
        gate.set()
        await settle(pilot)
        assert "skip 2 papers above p27" in app.status.shown_text
    assert [state_of(lab, number) for number in (30, 29, 28, 27)] == [
        PaperState.skipped, PaperState.kept, PaperState.skipped, PaperState.new,
    ]  # fmt: skip


# ---------------------------------------------------------------- the order follows the day


@asynccontextmanager
async def forty_papers(paths: Paths) -> AsyncIterator[tuple[JournalApp, TodayRoom, Pilot[None]]]:
    """Forty new papers on three subjects in turn (p39, p36.. on distillation), and a clock that goes on."""
    keep(paths, 1, 40)
    moment = NOON

    def clock() -> datetime:
        nonlocal moment
        moment += timedelta(seconds=1)
        return moment

    app = JournalApp(paths, clock=clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert isinstance(app.room, TodayRoom)
        yield app, app.room, pilot


async def decide_ten(app: JournalApp, pilot: Pilot[None]) -> None:
    """Keep what is about distillation, skip the rest."""
    for _ in range(10):
        ref = app.room.list.selected_ref
        assert ref is not None
        await press(pilot, "a" if ref.number % 3 == 0 else "s")


def listed(room: TodayRoom) -> list[int]:
    rows = [room.list._rows[index] for index in range(room.list.count or 0)]
    return [row.ref.number for row in rows if row is not None]


async def test_ten_decisions_change_what_comes_next_and_never_what_is_looked_at(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    set_state = papers.set_state

    def slow(change: Change, ref: Ref, state: PaperState) -> PaperState:
        assert gate.wait(10)
        return set_state(change, ref, state)

    async with forty_papers(paths) as (app, room, pilot):
        await decide_ten(app, pilot)
        assert listed(room) == list(range(30, 0, -1)), "worked out, and not shown yet"
        assert "in order of" not in app.status.shown_text
        monkeypatch.setattr(papers, "set_state", slow)
        await send(pilot, "a")
        while room.list.count == 30:
            await pilot.pause(0)
        order = listed(room)
        assert order[:3] == [29, 28, 27], "what a person may have read already comes next"
        assert [number % 3 for number in order[3:11]] == [0] * 8, "then the best, before anything was written"
        gate.set()
        await settle(pilot)
        assert listed(room) == order
        assert sorted(order) == list(range(1, 30))
        assert room.list.selected_ref == Ref(Kind.paper, order[0])
        assert "in order of your 10 decisions" in app.status.shown_text
        await press(pilot, "a")
        assert "in order of" not in app.status.shown_text
        assert listed(room) == order[1:]


async def test_the_row_that_stood_next_below_is_always_the_one_that_comes_next(paths: Paths) -> None:
    async with forty_papers(paths) as (_, room, pilot):
        while (room.list.count or 0) > 1:
            ref, next_below = room.list.selected_ref, listed(room)[1]
            assert ref is not None
            await press(pilot, "a" if ref.number % 3 == 0 else "s")
            assert room.list.selected_ref == Ref(Kind.paper, next_below)
            assert listed(room)[0] == next_below


async def test_what_arrived_meanwhile_does_not_change_what_stands_above_it(paths: Paths) -> None:
    async with forty_papers(paths) as (app, room, pilot):
        await press(pilot, "j")
        keep(paths, 41, 6)
        await press(pilot, "r")
        await decide_ten(app, pilot)
        await press(pilot, "G", "k", "k")
        above = listed(room)[: room.list.cursor]
        await press(pilot, "s")
        assert listed(room)[: room.list.cursor] == above


async def test_papers_that_were_passed_over_stay_above_and_the_best_of_the_rest_comes_next(paths: Paths) -> None:
    async with forty_papers(paths) as (app, room, pilot):
        await press(pilot, *"jjjjj")
        await decide_ten(app, pilot)
        passed = listed(room)[:6]
        assert passed == [40, 39, 38, 37, 36, 25]
        await press(pilot, "s")
        assert listed(room)[:5] == passed[:5]
        assert room.list.cursor == 5
        assert listed(room)[5:8] == [24, 23, 22]
        assert [number % 3 for number in listed(room)[8:12]] == [0] * 4
        assert sorted(listed(room)) == [*range(1, 25), 36, 37, 38, 39, 40]


async def test_moving_on_while_the_order_waits_loses_nothing(paths: Paths) -> None:
    """The order holds from where one is when it is shown, not from where one was when it was worked out."""
    async with forty_papers(paths) as (app, room, pilot):
        await decide_ten(app, pilot)
        await press(pilot, "j", "j", "j", "s")
        order = listed(room)
        assert order[:3] == [30, 29, 28]
        assert room.list.cursor == 3
        assert order[3:6] == [26, 25, 24]
        assert [number % 3 for number in order[6:9]] == [0] * 3
        assert sorted(order) == [number for number in range(1, 31) if number != 27]


async def test_undo_brings_a_paper_back_to_its_place_also_after_the_order_changed(paths: Paths) -> None:
    async with forty_papers(paths) as (app, room, pilot):
        await decide_ten(app, pilot)
        await press(pilot, "s")
        order = listed(room)
        await press(pilot, "s", "u")
        assert listed(room) == order
        assert (room.list.selected_ref, room.list.cursor) == (Ref(Kind.paper, order[0]), 0)
        await press(pilot, "u", "u")
        assert listed(room) == [31, 30, *order]
        await press(pilot, *"u" * 9)
        assert listed(room) == [*range(40, 29, -1), *order]
        await press(pilot, "u")
        assert "nothing to undo" in app.status.shown_text


async def test_a_wish_changes_what_comes_next(paths: Paths) -> None:
    async with forty_papers(paths) as (_, room, pilot):
        await press(pilot, "+", "G", "enter", *"tactile", "enter")
        assert listed(room) == list(range(40, 0, -1))
        await press(pilot, "s")
        assert listed(room)[:3] == [39, 38, 37]
        assert [number % 3 for number in listed(room)[3:8]] == [1] * 5


async def test_what_arrives_meanwhile_comes_behind_what_is_shown(paths: Paths) -> None:
    async with forty_papers(paths) as (_, room, pilot):
        await press(pilot, "j")
        keep(paths, 41, 2)
        await press(pilot, "r")
        assert listed(room) == [*range(40, 0, -1), 42, 41]
        assert room.list.selected_ref == Ref(Kind.paper, 39)


async def test_where_nothing_was_kept_yet_the_room_says_what_it_waits_for(paths: Paths) -> None:
    async with forty_papers(paths) as (app, room, pilot):
        await press(pilot, *"s" * 11)
        assert "Order of arrival until you keep or queue one" in screen_text(app)
        assert listed(room) == list(range(29, 0, -1))
        await press(pilot, *"ssssssssas")
        assert "Order of arrival" not in screen_text(app)
