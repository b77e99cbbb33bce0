"""Keys that arrive in one read: what the first opens is what the next are for."""

from __future__ import annotations

import threading

import pytest
from textual.events import Key, Paste

from journal.errors import JournalUnusable
from journal.paths import Paths
from journal.queries.taste import list_rules
from journal.types import Kind, PaperState, Ref
from tests.tui.driving import opened, press, settle
from tests.tui.test_muting import rules_of
from tests.tui.test_triage import state_of
from tui.app import JournalApp
from tui.screens.dialogs import HelpScreen
from tui.screens.due import DueScreen
from tui.screens.feeds import FeedsScreen
from tui.screens.rules import RulesScreen
from tui.screens.search import SearchLine, SearchScreen

_NAMES = {"/": "slash", "?": "question_mark", "+": "plus", "-": "minus", "\n": "enter", " ": "space"}


def arrive(app: JournalApp, keys: str) -> None:
    """All keys at once, as a paste or a slow line brings them; `\\x1b` is Esc."""
    for character in keys:
        name = "escape" if character == "\x1b" else _NAMES.get(character, character)
        app.post_message(Key(name, character if character.isprintable() else None))


def new_papers(paths: Paths) -> list[int]:
    return [number for number in range(21, 31) if state_of(paths, number) is PaperState.new]


ALL_NEW = list(range(21, 31))


async def test_what_is_typed_behind_f_is_the_filter(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        arrive(app, "fsad")
        await settle(pilot)
        assert app.room.filter_line.value == "sad"
    assert new_papers(lab) == ALL_NEW


async def test_what_is_typed_behind_the_search_key_is_searched(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        arrive(app, "/sad")
        await settle(pilot)
        assert isinstance(app.screen, SearchScreen)
        assert app.screen.query_one(SearchLine).value == "sad"
    assert new_papers(lab) == ALL_NEW


@pytest.mark.parametrize(
    ("key", "screen"), [("?", HelpScreen), ("F", FeedsScreen), ("c", DueScreen), ("w", RulesScreen)]
)
async def test_a_key_behind_one_that_opens_a_screen_is_for_that_screen(
    lab: Paths, key: str, screen: type[object]
) -> None:
    async with opened(lab) as (app, pilot):
        arrive(app, "+\n")
        await settle(pilot)
        assert len(rules_of(lab)) == 1
        arrive(app, key + "sss")
        await settle(pilot)
        assert isinstance(app.screen, screen)
        arrive(app, "\x1bs")
        await settle(pilot)
        assert not isinstance(app.screen, screen)
    assert new_papers(lab) == list(range(21, 30)), "closed, the room hears the keys again"


async def test_keys_wait_for_the_choices_of_a_menu(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        arrive(app, "+j\n")
        await settle(pilot)
        assert [str(rule) for rule in rules_of(lab)] == ["+au:Alan Turing"]
        arrive(app, "mG\nnumber 25\n")
        await settle(pilot)
        assert "mute number 25" in [str(rule) for rule in rules_of(lab)]
    assert state_of(lab, 25) is PaperState.muted
    assert new_papers(lab) == [number for number in ALL_NEW if number != 25]


async def test_a_key_behind_a_filter_is_for_what_the_filter_leaves(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        arrive(app, "f25\ns")
        await settle(pilot)
    assert new_papers(lab) == [number for number in ALL_NEW if number != 25]


async def test_a_key_behind_a_search_is_for_what_was_chosen(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        arrive(app, "/number 25")
        await settle(pilot)
        arrive(app, "\nd")
        await settle(pilot)
    assert state_of(lab, 25) is PaperState.queued
    assert new_papers(lab) == [number for number in ALL_NEW if number != 25]


async def test_a_link_is_made_by_keys_that_come_at_once(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        arrive(app, "l")
        await settle(pilot)
        arrive(app, "number 25")
        await settle(pilot)
        arrive(app, "\n\ns")
        await settle(pilot)
        assert state_of(lab, 30) is PaperState.skipped
    assert len(new_papers(lab)) == 9


async def test_a_paste_behind_f_is_the_filter_too(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        arrive(app, "f")
        app.post_message(Paste("kernels"))
        await settle(pilot)
        assert app.room.filter_line.value == "kernels"


async def test_keys_wait_for_a_slow_disk_and_come_in_their_order(lab: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()

    def slow(connection: object) -> object:
        assert gate.wait(10)
        return list_rules(connection)  # type: ignore[arg-type]

    async with opened(lab) as (app, pilot):
        await press(pilot, "+", "enter")
        monkeypatch.setattr("tui.screens.papers.list_rules", slow)
        arrive(app, "wsas\n")
        for _ in range(20):
            await pilot.pause(0)
        assert app.room.list.selected_ref == Ref(Kind.paper, 30), "nothing was decided meanwhile"
        gate.set()
        await settle(pilot)
        assert rules_of(lab) == (), "Enter took the rule away"
    assert new_papers(lab) == ALL_NEW


async def test_keys_go_on_after_a_screen_that_could_not_be_read(lab: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(connection: object) -> object:
        raise JournalUnusable("The journal is gone.")

    async with opened(lab) as (app, pilot):
        monkeypatch.setattr("tui.screens.papers.list_rules", fails)
        arrive(app, "ws")
        await settle(pilot)
        assert not isinstance(app.screen, RulesScreen)
    assert state_of(lab, 30) is PaperState.skipped


async def test_decisions_that_come_in_one_read_are_each_for_the_next_paper(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        arrive(app, "asdasdasda")
        await settle(pilot)
        assert app.room.list.count == 0
    assert [state_of(lab, number) for number in (30, 29, 28, 21)] == [
        PaperState.kept, PaperState.skipped, PaperState.queued, PaperState.kept,
    ]  # fmt: skip
