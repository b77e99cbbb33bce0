"""What comes back, in the interface: told in one line, answered by one key, taken back like everything."""

from __future__ import annotations

from datetime import timedelta

import pytest

from journal import db
from journal.paths import Paths
from journal.queries.resurfacing import list_due
from journal.store import papers
from journal.store.changes import program_change
from journal.types import Kind, PaperState, Ref
from tests.conftest import NOON
from tests.tui.conftest import P1
from tests.tui.driving import opened, press, screen_text, send, settle
from tui.screens.due import DueScreen


@pytest.fixture
def waiting(lab: Paths) -> Paths:
    """p1 comes back since r1 builds on it, and p11 and p12 since they were queued eight days ago."""
    with program_change(lab, clock=lambda: NOON - timedelta(days=8)) as made:
        for number in (11, 12):
            papers.set_state(made, Ref(Kind.paper, number), PaperState.queued)
    return lab


def left(paths: Paths) -> list[str]:
    connection = db.connect(paths)
    try:
        return [str(one.ref) for one in list_due(connection, NOON)]
    finally:
        connection.close()


async def test_today_says_quietly_how_many_things_come_back(waiting: Paths) -> None:
    async with opened(waiting) as (app, pilot):
        assert "3 things come back: c" in screen_text(app)
        await press(pilot, "c", "n", "n", "escape")
        assert "1 thing comes back: c" in screen_text(app)
        await press(pilot, "c", "n", "escape")
        assert "come" not in screen_text(app)


async def test_each_thing_is_shown_with_its_reason(waiting: Paths) -> None:
    async with opened(waiting) as (app, pilot):
        await press(pilot, "c")
        shown = screen_text(app)
        assert "What comes back today" in shown
        assert "r1, started 2 days ago, builds on it" in shown
        assert shown.count("queued 8 days ago") == 2


@pytest.mark.parametrize(("key", "said"), [("d", "done p1"), ("z", "snooze p1"), ("n", "never p1")])
async def test_one_key_answers_and_undo_takes_it_back(waiting: Paths, key: str, said: str) -> None:
    async with opened(waiting) as (app, pilot):
        await press(pilot, "c", key)
        assert said in app.status.shown_text
        assert "p1" not in left(waiting)
        assert isinstance(app.screen, DueScreen)
        assert app.screen.list.count == 2
        await press(pilot, "u")
        assert f"Undone: {said}" in app.status.shown_text
        assert app.screen.list.count == 3
    assert left(waiting)[0] == "p1"


async def test_after_undo_the_cursor_is_on_what_returned(waiting: Paths) -> None:
    async with opened(waiting) as (app, pilot):
        await press(pilot, "c")
        assert isinstance(app.screen, DueScreen)
        await press(pilot, "j")
        returned = app.screen.list.selected_ref
        await press(pilot, "d", "k")
        assert app.screen.list.selected_ref not in {returned, None}
        await press(pilot, "u")
        assert app.screen.list.selected_ref == returned


async def test_keys_pressed_faster_than_the_disk_all_count(waiting: Paths) -> None:
    async with opened(waiting) as (app, pilot):
        await press(pilot, "c")
        await send(pilot, "d", "z", "n")
        await settle(pilot)
        assert "Nothing more comes back today" in screen_text(app)
        await press(pilot, "d")  # nothing is left to answer
        assert isinstance(app.screen, DueScreen)
    assert left(waiting) == []


async def test_enter_goes_to_the_item(waiting: Paths) -> None:
    async with opened(waiting) as (app, pilot):
        await press(pilot, "c", "enter")
        await settle(pilot)
        assert app.room.list.selected_ref == P1
        assert not isinstance(app.screen, DueScreen)
        await press(pilot, "b", "c")
        assert isinstance(app.screen, DueScreen)


async def test_what_happens_elsewhere_is_seen_while_it_is_open(waiting: Paths) -> None:
    async with opened(waiting) as (app, pilot):
        await press(pilot, "c")
        with program_change(waiting, clock=lambda: NOON) as made:
            papers.set_state(made, Ref(Kind.paper, 11), PaperState.kept)
        app.room.reload()
        await settle(pilot)
        assert isinstance(app.screen, DueScreen)
        assert app.screen.list.count == 2


async def test_nothing_comes_back_to_an_empty_journal(paths: Paths) -> None:
    async with opened(paths, size=(80, 24)) as (app, pilot):
        assert "come back" not in screen_text(app)
        await press(pilot, "c")
        assert "Nothing more comes back today" in screen_text(app)
        await press(pilot, "enter", "d", "escape")
        assert not isinstance(app.screen, DueScreen)
