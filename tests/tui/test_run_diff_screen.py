"""`d` in the Runs room: which two runs are meant is said, and what is slow comes while the rest can be read already."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

import importers.curves
from journal.curves import Curve
from journal.paths import Paths
from journal.types import Kind, Ref, Run
from tests.compared_runs import curves, record, story
from tests.tui.driving import opened, press, screen_text, send, settle
from tui.screens.run_diff import Pair, RunDiffScreen, pair_of
from tui.screens.runs import RunsRoom

R1, R2, R3, R4 = (Ref(Kind.run, number) for number in (1, 2, 3, 4))


@pytest.fixture(autouse=True)
def _reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importers.curves, "read_curves", curves)


@pytest.mark.parametrize(
    ("marked", "selected", "meant"),
    [
        ((R1, R2), R3, Pair(R1, R2, "both marked")),
        ((R1,), R3, Pair(R1, R3, "r1 marked, r3 under the cursor")),
        ((R1,), R1, Pair(R1, None, "r1 and the one before it")),
        ((), R3, Pair(R3, None, "r3 and the one before it")),
        ((R1, R2, R3), R1, None),
        ((R1,), None, None),
        ((), None, None),
    ],
)
def test_which_two_runs_are_meant(marked: tuple[Ref, ...], selected: Ref | None, meant: Pair | None) -> None:
    assert pair_of(marked, selected) == meant


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
async def test_one_key_shows_what_differs_from_the_run_before(
    paths: Paths, tmp_path: Path, size: tuple[int, int]
) -> None:
    story(paths, tmp_path)
    async with opened(paths, size=size) as (app, pilot):
        await press(pilot, "3", "j", "d")
        assert isinstance(app.screen, RunDiffScreen)
        text = screen_text(app)
        for part in (
            "r3 and the one before it",
            "validation/accuracy 0.9905 → 0.9925",
            "better, more than seeds explain",
        ):
            assert part in text
        whole = app.screen.detail.text
        for part in (
            "Bob Brown: Load batches in their own file",
            "smoothing=0.2",
            "Nothing else that is known differs.",
        ):
            assert part in whole
        await press(pilot, "escape")
        assert not isinstance(app.screen, RunDiffScreen)


async def test_marked_runs_are_compared_the_earlier_one_first(paths: Paths, tmp_path: Path) -> None:
    story(paths, tmp_path)
    async with opened(paths) as (app, pilot):
        await press(pilot, "3")
        room = app.room
        assert isinstance(room, RunsRoom)
        room.marked = (R3, R1)
        await press(pilot, "d")
        assert isinstance(app.screen, RunDiffScreen)
        assert (app.screen.a, app.screen.b) == (R1, R3)
        await press(pilot, "s")
        assert app.screen.detail.text.startswith("r3")
        assert "worse, more than seeds explain" in app.screen.detail.text
        await press(pilot, "escape")
        room.marked = (R1, R2, R3)
        await press(pilot, "d")
        assert "3 runs are marked: a difference is between two." in screen_text(app)


async def test_the_first_run_has_none_before_it_and_an_empty_room_none_at_all(paths: Paths) -> None:
    async with opened(paths) as (app, pilot):
        await press(pilot, "3", "d")
        assert "There are no runs to compare." in screen_text(app)
        record(paths, 1)
        await press(pilot, "r", "d")
        assert "r1 is the first run of its experiment" in screen_text(app)


async def test_what_the_journal_knows_is_shown_before_the_curves_are_read(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, asked = threading.Event(), threading.Event()

    def slow(where: Paths, run: Run, keys: Sequence[str]) -> tuple[Curve, ...]:
        asked.set()
        assert go_on.wait(20)
        return curves(where, run, keys)

    monkeypatch.setattr(importers.curves, "read_curves", slow)
    story(paths, tmp_path)
    async with opened(paths) as (app, pilot):
        await press(pilot, "3")
        await send(pilot, "d")
        while not asked.is_set():
            await pilot.pause(0.01)
        screen = app.screen
        assert isinstance(screen, RunDiffScreen)
        assert "Comparing code and curves..." in screen.detail.text
        assert "seed  0 → 1" in screen.detail.text
        go_on.set()
        await settle(pilot)
        assert "Comparing" not in screen.detail.text
        assert "Where the curves part" in screen.detail.text


async def test_closing_does_not_wait_for_what_is_slow(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, asked = threading.Event(), threading.Event()

    def slow(*_: object) -> tuple[Curve, ...]:
        asked.set()
        assert go_on.wait(20)
        return ()

    monkeypatch.setattr(importers.curves, "read_curves", slow)
    story(paths, tmp_path)
    async with opened(paths) as (app, pilot):
        await press(pilot, "3")
        await send(pilot, "d")
        while not asked.is_set():
            await pilot.pause(0.01)
        await send(pilot, "escape")
        await pilot.pause(0.01)
        assert not isinstance(app.screen, RunDiffScreen)
        go_on.set()
        await settle(pilot)


async def test_a_shows_long_parts_whole_and_a_run_can_be_gone_to(paths: Paths) -> None:
    many = {f"p{number:03}": "1" for number in range(100)}
    record(paths, 1, params=many)
    record(paths, 2, params=dict.fromkeys(many, "2"))
    async with opened(paths) as (app, pilot):
        await press(pilot, "3", "d")
        screen = app.screen
        assert isinstance(screen, RunDiffScreen)
        assert "and 70 more: a shows all" in screen.detail.text
        await press(pilot, "a")
        assert "p099  1 → 2" in screen.detail.text
        await press(pilot, "G", "enter")
        assert not isinstance(app.screen, RunDiffScreen)
        assert app.room.shown_ref == R1


async def test_names_are_text_and_no_markup(paths: Paths) -> None:
    record(paths, 1, name="[red]a[/]", params={"[bold]": "[/x] 1"})
    record(paths, 2, name="[link='x']b", params={"[bold]": "[/x] 2\x1b[31m"})
    async with opened(paths) as (app, pilot):
        await press(pilot, "3", "d")
        text = screen_text(app)
        for part in ("[red]a[/]", "[link='x']b", "[bold]", "[/x] 1 → [/x] 2"):
            assert part in text
