"""The board in the interface: what was tried, what waits, what is missing; and going on from there by one key."""

from __future__ import annotations

import pytest

from journal import db
from journal.attributes import NAMES
from journal.paths import Paths
from journal.queries.entries import get_entry, list_entries
from journal.store import entries
from journal.store.changes import program_change
from journal.types import Entry, EntryDraft, EntryType, Kind, Ref, Verdict
from tests.conftest import NOON
from tests.tui.conftest import E1
from tests.tui.driving import opened, press, screen_text, settle
from tui.app import JournalApp
from tui.screens.board import BoardScreen
from tui.screens.writing import WritingScreen

E3, E4 = Ref(Kind.entry, 3), Ref(Kind.entry, 4)


@pytest.fixture
def ideas(lab: Paths) -> Paths:
    """e1 was tried and is guessed to be on the schedule; e3 waits."""
    with program_change(lab, clock=lambda: NOON) as change:
        entries.add(change, EntryDraft(what="mixup for all", type=EntryType.idea, attribute="augmentation"))
    return lab


def entry(paths: Paths, ref: Ref) -> Entry:
    connection = db.connect(paths)
    try:
        return get_entry(connection, ref)
    finally:
        connection.close()


def board_of(app: JournalApp) -> BoardScreen:
    assert isinstance(app.screen, BoardScreen)
    return app.screen


async def test_every_attribute_has_its_place_and_the_next_thing_is_named(ideas: Paths) -> None:
    async with opened(ideas, size=(140, 40)) as (app, pilot):
        await press(pilot, "4", "i")
        shown = screen_text(app)
        assert all(name in shown for name in NAMES)
        assert shown.count("nothing yet ") == len(NAMES) - 2 + 1  # and named once more above what comes next
        (line,) = [line for line in shown.splitlines() if "Cosine schedule instead" in line]
        for part in ("schedule?", "✓", "e1", "0.9931 val/accuracy", "kept"):
            assert part in line
        (line,) = [line for line in shown.splitlines() if "e3 " in line and "next" not in line]
        assert "mixup for all" in line
        assert "○" in line
        assert "next: e3 mixup for all: it is the only idea that waits" in shown
        assert shown.index("nothing yet on: data") < shown.index("next: e3")


async def test_enter_reads_the_entry_and_b_comes_back(ideas: Paths) -> None:
    async with opened(ideas) as (app, pilot):
        await press(pilot, "4", "i")
        while board_of(app).list.selected_ref != E1:
            await press(pilot, "j")
        await press(pilot, "enter")
        await settle(pilot)
        assert app.room.list.selected_ref == E1
        assert not isinstance(app.screen, BoardScreen)


async def test_t_begins_to_try_an_idea_and_u_takes_it_back(ideas: Paths) -> None:
    async with opened(ideas) as (app, pilot):
        await press(pilot, "4", "i", "j")
        assert board_of(app).list.selected_ref == E3
        await press(pilot, "t")
        assert "Why try e3: mixup for all" in screen_text(app)
        await press(pilot, *"overfits", "ctrl+s")
        tried = entry(ideas, E4)
        assert (tried.type, tried.why, tried.attribute) == (EntryType.tried, "overfits", "augmentation")
        assert board_of(app).list.selected_ref == E4  # it stands where the idea stood
        await press(pilot, "u")
        assert board_of(app).list.selected_ref == E3


async def test_a_says_what_an_entry_is_on_and_the_guess_comes_first(ideas: Paths) -> None:
    async with opened(ideas) as (app, pilot):
        await press(pilot, "4", "i")
        while board_of(app).list.selected_ref != E1:
            await press(pilot, "j")
        await press(pilot, "A")
        assert "schedule?" in screen_text(app)
        await press(pilot, "enter")
        assert entry(ideas, E1).attribute == "schedule"
        assert "schedule?" not in screen_text(app)
        assert board_of(app).list.selected_ref == E1
        await press(pilot, "A", "G", "enter")
        assert entry(ideas, E1).attribute == ""
        await press(pilot, "u")
        assert entry(ideas, E1).attribute == "schedule"


async def test_an_attribute_with_nothing_takes_an_idea(ideas: Paths) -> None:
    async with opened(ideas) as (app, pilot):
        await press(pilot, "4", "i", "g", "t")
        assert "There is nothing to try here yet" in app.status.shown_text
        await press(pilot, "enter")
        assert isinstance(app.screen, WritingScreen)
        assert "An idea on data" in screen_text(app)
        await press(pilot, *"pairs", "enter", *"twice", "ctrl+s")
        idea = entry(ideas, E4)
        assert (idea.title, idea.body, idea.type, idea.attribute) == ("pairs", "twice", EntryType.idea, "data")
        assert "pairs" in screen_text(app)
        await press(pilot, "u")
        assert "pairs" not in screen_text(app)


async def test_an_empty_journal_has_a_board_to_begin_with(paths: Paths) -> None:
    async with opened(paths, size=(80, 24)) as (app, pilot):
        await press(pilot, "4", "i")
        assert "next: something on data" in screen_text(app)
        await press(pilot, "A", "i", *"more", "ctrl+s", "u")
        assert "Undone: idea on data" in app.status.shown_text
        await press(pilot, "escape")
        assert not isinstance(app.screen, BoardScreen)
    connection = db.connect(paths)
    assert list_entries(connection) == ()
    connection.close()


async def test_what_is_written_elsewhere_is_seen_while_it_is_open(ideas: Paths) -> None:
    async with opened(ideas) as (app, pilot):
        await press(pilot, "4", "i")
        with program_change(ideas, clock=lambda: NOON) as change:
            entries.add(change, EntryDraft(what="cutout everywhere", type=EntryType.idea))
        app.room.reload()
        await settle(pilot)
        assert "cutout everywhere" in screen_text(app)


async def test_a_board_of_many_is_folded_under_headings_with_their_counts(ideas: Paths) -> None:
    with program_change(ideas, clock=lambda: NOON) as change:
        for number in range(300):
            type = EntryType.idea if number % 3 == 0 else EntryType.tried
            verdict = Verdict.kept if number % 3 == 1 else None
            attribute = "data" if number % 2 else "optimiser"
            entries.add(change, EntryDraft(what=f"thing {number}", type=type, verdict=verdict, attribute=attribute))
    async with opened(ideas, size=(60, 20)) as (app, pilot):
        await press(pilot, "4", "i")
        rows = board_of(app).list.count
        assert rows is not None
        assert rows < 2 * len(NAMES) + 9
        shown = screen_text(app)
        assert "100 tried, 50 kept, 50 ideas" in shown
        assert [f"thing {number} " in shown for number in (299, 297, 295, 293)] == [True, True, True, False]
        assert "nothing yet on: " in shown
        assert shown.index("nothing yet on: ") < shown.index("next: e3")
        assert "? keys" in shown
        await press(pilot, "g", "t")
        assert "Enter shows what is on this" in app.status.shown_text
        await press(pilot, "enter")
        assert board_of(app).list.count == rows + 147
        assert (board_of(app).list.cursor, "100 tried" in screen_text(app)) == (0, True)
        await press(pilot, "i")
        assert "An idea on data" in screen_text(app)
        await press(pilot, "escape", "enter")
        assert board_of(app).list.count == rows
        await press(pilot, "j", "enter")
        await settle(pilot)
        assert not isinstance(app.screen, BoardScreen)
