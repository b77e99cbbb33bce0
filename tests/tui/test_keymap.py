"""One table of keys: no key means two things, none is dead, and help shows them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from textual.binding import Binding

from journal.paths import Paths
from tests.tui.driving import opened, picture, press, screen_text, send, settle
from tui.app import JournalApp
from tui.keymap import KEYMAP, Key, RoomName, Where, bindings, clashes, keys_of, shown
from tui.screens.dialogs import help_document
from tui.widgets.document import lines_of

# How to get to each place, and what to press there before each key, so that there is something for it to do.
_WAY = {
    Where.app: (),
    Where.list: ("2",),
    Where.detail: ("2", "G", "tab"),
    Where.filter: ("2", "f", "p"),
    Where.search: ("slash", "p"),
    Where.choice: ("3", "l", "p", "enter"),
    Where.due: ("1", "c"),
    Where.board: ("4", "i"),
    Where.writing: ("4", "n"),
    Where.diff: ("3", "d"),
    Where.curves: ("3", "g", "c"),
    Where.dialog: ("question_mark",),
}
_READY = {
    Where.list: ("g", "ctrl+d"),
    Where.detail: ("g", "pagedown", "pagedown"),
    Where.search: ("down", "down", "down"),
    Where.choice: ("g", "down", "down"),
    Where.curves: ("pageup", "j"),
}
_FIRST = {
    "show_room('today')": ("2",),
    "show_room('papers')": ("3",),
    "go_back": ("2", "slash", "p", "enter"),
    "leave": ("tab",),
    "leave_or_quit": ("tab",),
    "triage('kept')": ("g", "j"),
    "move_in_queue('down')": ("v",),
    "move_in_queue('up')": ("v",),
    "answer('snoozed')": ("u",),  # the one thing that comes back
    "answer('never')": ("u",),
    "skip_above": ("g", "j"),
    "pan(-1)": ("plus", "plus"),
    "pan(1)": ("plus", "plus"),
    "zoom(-1)": ("plus", "plus"),
    "whole": ("plus",),
    "turn_restarts": ("k",),
}


def test_no_key_means_two_things_in_one_place() -> None:
    assert clashes(KEYMAP) == ()
    twice = replace(KEYMAP[0], action="undo")
    assert clashes((*KEYMAP, twice)) == (KEYMAP[0].keys,)


@pytest.mark.parametrize("room", RoomName)
def test_what_a_list_and_a_room_and_the_app_hear_never_overlaps(room: RoomName) -> None:
    """A key that an inner place takes would be dead further out."""
    for inner in (Where.list, Where.detail):
        keys = [
            name for place in (inner, Where.room, Where.app) for key in keys_of(place, room=room) for name in key.names
        ]
        assert len(keys) == len(set(keys))


def test_bindings_are_made_from_the_table() -> None:
    made = {
        (binding.key, binding.action)
        for binding in bindings(Where.room, room=RoomName.runs)
        if isinstance(binding, Binding)
    }
    assert made == {(key.keys, key.action) for key in keys_of(Where.room, room=RoomName.runs)}
    assert not any(action.startswith("triage") for _, action in made)


@pytest.mark.parametrize("room", RoomName)
def test_help_shows_every_key_of_the_room(room: RoomName) -> None:
    text = ["".join(span.text for span in line.spans) for line in lines_of(help_document(room), 70)]
    for key in keys_of(*Where, room=room):
        assert any(line.startswith(shown(key)) and line.endswith(key.words) for line in text), key


@pytest.mark.parametrize(
    ("way", "title", "first"),
    [
        (("3", "g", "c"), "Keys in the curves", "Next metric"),
        (("3", "d"), "Keys in a difference of runs", "Long parts whole, or cut"),
        (("4", "i"), "Keys on the board", "Begin to try it: an entry that follows it"),
    ],
)
async def test_help_in_a_screen_begins_with_the_keys_of_that_screen(
    lab: Paths, way: tuple[str, ...], title: str, first: str
) -> None:
    async with opened(lab, size=(100, 30)) as (app, pilot):
        await press(pilot, *way, "question_mark")
        text = screen_text(app)
        assert title in text
        assert first in "".join(text.splitlines()[:6])


def _state(app: JournalApp) -> tuple[object, ...]:
    """All that a person can see of what a key did."""
    return type(app.screen).__name__, picture(app), app.focused, app._exit


_PLACES = [
    *((place, RoomName.papers) for place in Where if place is not Where.room),
    *((Where.room, room) for room in RoomName),
]


@pytest.mark.parametrize(("place", "room"), _PLACES)
async def test_no_key_is_dead(lab: Paths, place: Where, room: RoomName, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each key changes what is on the screen, or leaves it."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # no test asks arXiv for a PDF
    way = _WAY.get(place, (str([*RoomName].index(room) + 1),))
    dead = []
    for keys in _until_each_quit(keys_of(place, room=room)):
        async with opened(lab, size=(60, 20)) as (app, pilot):
            await press(pilot, *way)
            here = type(app.screen), type(app.focused)
            for key, name in keys:
                if (type(app.screen), type(app.focused)) != here:
                    await press(pilot, *["escape"] * 3, *way)
                await press(pilot, *_READY.get(place, ()), *_FIRST.get(key.action, ()))
                before = _state(app)
                await send(pilot, name)
                if not app._exit:
                    await settle(pilot)
                if _state(app) == before:
                    dead.append(f"{name}: {key.words}")
    assert dead == []


def _until_each_quit(keys: Iterable[Key]) -> list[list[tuple[Key, str]]]:
    """The keys in runs that each end with one that leaves the program."""
    runs: list[list[tuple[Key, str]]] = [[]]
    for key in keys:
        for name in key.names:
            runs[-1].append((key, name))
            if key.action == "quit":
                runs.append([])
    return [run for run in runs if run]
