"""The curves of runs on one plot: chosen, smoothed, zoomed, and growing while they are looked at."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from importers.mirror import sync_runs
from journal.paths import Paths
from journal.tracking_uris import sqlite_uri
from journal.types import Kind, Ref
from tests.importers.stores import changed
from tests.tui.driving import opened, press, screen_text, send, settle
from tui.metric_groups import Group
from tui.screens.curves import CurvesScreen
from tui.screens.runs import RunsRoom

T0 = int(time.time() * 1000) - 10**7  # a run that logged nothing for long would count as vanished
R1, R2 = Ref(Kind.run, 1), Ref(Kind.run, 2)


def curves(app: App[None]) -> CurvesScreen:
    assert isinstance(app.screen, CurvesScreen)
    return app.screen


def dots(app: App[None]) -> int:
    return sum(0x2800 < ord(character) <= 0x28FF for character in screen_text(app))


@pytest.fixture
def store(mlflow_store: Path, paths: Paths, tmp_path: Path) -> Path:
    """An MLflow store in DELETE mode with a run of 2,000 steps that goes on, and one that ended, both mirrored."""
    path = tmp_path / "curves.db"
    shutil.copyfile(mlflow_store / "mlflow.db", path)
    changed(path, "PRAGMA journal_mode = DELETE")
    with closing(sqlite3.connect(path)) as connection, connection:
        for run_id, name, status, steps in (
            ("a" * 32, "goes on", "RUNNING", 2_000),
            ("b" * 32, "ended", "FINISHED", 50),
        ):
            connection.execute(
                "INSERT INTO runs (run_uuid, name, status, start_time, end_time, lifecycle_stage, experiment_id, artifact_uri) "
                "VALUES (?, ?, ?, ?, ?, 'active', 0, '')",
                (run_id, name, status, T0, None if status == "RUNNING" else T0 + 10**6),
            )
            for key in ("train/loss", "validation/loss"):
                log(connection, run_id, key, range(steps))
                connection.execute(
                    "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) VALUES (?, 0, ?, ?, 0, ?)",
                    (key, T0, steps - 1, run_id),
                )
    sync_runs(paths, sqlite_uri(path))
    return path


def log(connection: sqlite3.Connection, run_id: str, key: str, steps: range, ms: int = T0) -> None:
    connection.executemany(
        "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, 0)",
        [(key, 10 / (1 + step), ms + step, run_id, step) for step in steps],
    )


async def looked(pilot: Pilot[None]) -> None:
    """Let the screen look at the store once more."""
    screen = curves(pilot.app)
    looks = screen._looks
    for _ in range(400):
        await asyncio.sleep(0.01)
        if screen._looks > looks:
            break
    await settle(pilot)


# ---------------------------------------------------------------- keys


async def test_where_the_curves_cannot_be_read_their_screen_says_why(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "3")
        lab.journal.rename(lab.journal.with_suffix(".away"))
        await press(pilot, "c")
        await pilot.pause(0.3)
        await settle(pilot)
        assert "Reading" not in screen_text(app)
        assert "journal" in curves(app)._bottom.text
        lab.journal.with_suffix(".away").rename(lab.journal)
        await press(pilot, "q")
        assert not isinstance(app.screen, CurvesScreen)


async def test_c_draws_both_losses_of_the_run_with_its_why(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "3", "g", "c")
        text = screen_text(app)
        assert dots(app) > 100
        for part in ("train/loss", "validation/loss", "r1", "cnn-cosine", "The loss plateaus at epoch 12.", "↻"):
            assert part in text
        assert "last 0.02 · best 0.02 at 99" in text
        await press(pilot, "q")
        assert isinstance(app.screen.query_one(RunsRoom), RunsRoom)


async def test_marked_runs_are_drawn_together(store: Path, paths: Paths) -> None:
    async with opened(paths) as (app, pilot):
        await press(pilot, "3")
        assert isinstance(app.room, RunsRoom)
        app.room.marked = (R1, R2)
        await press(pilot, "c")
        text = screen_text(app)
        assert "goes on" in text
        assert "ended" in text
        assert len({line.mark for line in curves(app).board.whole(curves(app)._shown_groups)}) == 4


async def test_metrics_are_walked_found_and_kept(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "3", "g", "c", "j")
        assert "train/loss" not in screen_text(app).partition("validation")[0].splitlines()[0]
        await press(pilot, "f")
        await pilot.press(*"norm 07")
        await settle(pilot)
        await press(pilot, "enter")
        assert "layer.07/norm" in screen_text(app).splitlines()[0]
        assert "last 7.19" in screen_text(app)
        await press(pilot, "space", "f", "escape", "pageup")
        first = screen_text(app).splitlines()[0]
        assert "layer.07/norm, loss" in first
        await press(pilot, "j", "j")
        await press(pilot, "y", "s")
        assert "layer.07/norm" in screen_text(app).splitlines()[0]
        assert "smoothed 0.6 · log up" in screen_text(app).splitlines()[0]


async def test_a_name_that_no_metric_has_leaves_an_empty_plot(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "3", "g", "c", "f")
        await pilot.press(*"zzz")
        await settle(pilot)
        assert dots(app) == 0
        assert "No metric is called zzz." in screen_text(app)
        await press(pilot, "escape")
        assert dots(app) > 100


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_a_name_that_was_looked_for_is_dropped_before_the_curves_are_left(lab: Paths, key: str) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "3", "g", "c", "f", *"norm", "enter", key)
        assert (curves(app)._filter.is_open, len(curves(app)._list.groups)) == (False, len(curves(app).board.groups))
        await press(pilot, key)
        assert not isinstance(app.screen, CurvesScreen)


async def test_long_names_of_metrics_show_their_end(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "3", "g", "c")
        names = ("deep/nested/name/of/a/group3/loss", "deep/nested/name/of/a/group4/loss")
        curves(app)._list.show(tuple(Group(name, (name,)) for name in names), frozenset())
        await settle(pilot)
        assert "/group3/loss" in screen_text(app)
        assert "/group4/loss" in screen_text(app)


async def test_zooming_reads_more_finely_and_0_is_all_again(store: Path, paths: Paths) -> None:
    async with opened(paths) as (app, pilot):
        await press(pilot, "3")
        assert isinstance(app.room, RunsRoom)
        app.room.marked = (R1,)
        await press(pilot, "c")
        screen = curves(app)
        await press(pilot, "plus", "plus", "h")
        assert screen.view.window is not None
        before = screen.board.lines(screen._shown_groups, screen.view)[0].curve
        assert len(before.steps) <= 500
        await asyncio.sleep(0.2)
        await settle(pilot)
        after = screen.board.lines(screen._shown_groups, screen.view)[0].curve
        low, high = screen.view.window
        inside = [step for step in after.steps if low <= step <= high]
        assert len(inside) > 2 * len([step for step in before.steps if low <= step <= high])
        await press(pilot, "0")
        assert screen.view.window is None


async def test_across_by_time_and_by_epoch(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "3", "g", "c", "t")
        assert "by time" in screen_text(app)
        await press(pilot, "t")
        assert "by epoch" in screen_text(app)
        await press(pilot, "t", "x")
        assert "log across · 2 points not above 0 left out" in screen_text(app)


async def test_help_lists_the_keys_of_the_curves(lab: Paths) -> None:
    async with opened(lab, size=(120, 100)) as (app, pilot):
        await press(pilot, "3", "g", "c", "question_mark")
        assert "Smoother, then not at all" in screen_text(app)


# ---------------------------------------------------------------- where there is little to show


@pytest.mark.parametrize("size", [(80, 24), (140, 40), (40, 10), (20, 5), (3, 2)])
async def test_every_size_shows_what_it_can(lab: Paths, size: tuple[int, int]) -> None:
    async with opened(lab, size=size) as (app, pilot):
        await press(pilot, "3", "g", "c", "s", "y", "plus", "t", "j", "k")
        assert (dots(app) > 10) is (size[0] >= 40)


@pytest.mark.parametrize("theme", ["journal-dark", "journal-light"])
async def test_lines_have_other_colours_in_either_theme(lab: Paths, theme: str) -> None:
    async with opened(lab) as (app, pilot):
        app.theme = theme
        await press(pilot, "3", "g", "c")
        plot = curves(app)._plot
        colours = {plot.style_of(f"curve-{number}").color for number in range(8)}
        assert len(colours) == 8


async def test_without_colour_nothing_is_drawn_behind_the_lines(lab: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(lab) as (app, pilot):
        await press(pilot, "3", "g", "c", "s")
        plot = curves(app)._drawn(80, 20)
        assert plot is not None
        assert [series.mark for series in plot.series] == ["●", "■"]


async def test_a_run_without_metrics_says_so(paths: Paths, store: Path) -> None:
    changed(store, "DELETE FROM metrics", "DELETE FROM latest_metrics")
    async with opened(paths) as (app, pilot):
        await press(pilot, "3", "g", "c")
        assert "Nothing was measured in this run." in screen_text(app)
        await press(pilot, "j", "plus", "h", "0", "s", "y", "x", "t", "r", "space", "q")


async def test_without_runs_c_says_why_nothing_happens(paths: Paths) -> None:
    async with opened(paths) as (app, pilot):
        await press(pilot, "3", "c")
        assert "There is no run to draw." in screen_text(app)


# ---------------------------------------------------------------- while it grows


async def test_a_running_run_grows_and_the_zoom_stays(store: Path, paths: Paths) -> None:
    async with opened(paths) as (app, pilot):
        await press(pilot, "3")
        assert isinstance(app.room, RunsRoom)
        app.room.marked = (R1,)
        await press(pilot, "c", "plus", "plus")
        screen = curves(app)
        window = screen.view.window
        assert "running" in screen_text(app).splitlines()[0]
        with closing(sqlite3.connect(store)) as connection, connection:
            log(connection, "a" * 32, "train/loss", range(2_000, 2_100))
        await looked(pilot)
        assert screen.board.curves[R1, "train/loss"].steps[-1] == 2_099
        assert screen.view.window == window
        with closing(sqlite3.connect(store)) as connection, connection:
            log(
                connection, "a" * 32, "train/loss", range(1_000, 1_010), T0 + 10**6
            )  # it was continued from an earlier step
        await looked(pilot)
        assert screen.board.curves[R1, "train/loss"].restarts == (1_000,)
        assert screen.view.window == window


async def test_a_metric_that_is_new_comes_into_the_list(store: Path, paths: Paths) -> None:
    async with opened(paths) as (app, pilot):
        await press(pilot, "3")
        assert isinstance(app.room, RunsRoom)
        app.room.marked = (R1,)
        await press(pilot, "c")
        with closing(sqlite3.connect(store)) as connection, connection:
            log(connection, "a" * 32, "validation/accuracy", range(10))
            connection.execute(
                "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) "
                "VALUES ('validation/accuracy', 1, ?, 9, 0, ?)",
                (T0, "a" * 32),
            )
        await looked(pilot)
        assert "accuracy" in screen_text(app)


async def test_a_store_that_goes_leaves_what_was_read_and_says_so(store: Path, paths: Paths) -> None:
    async with opened(paths) as (app, pilot):
        await press(pilot, "3")
        assert isinstance(app.room, RunsRoom)
        app.room.marked = (R1,)
        await press(pilot, "c")
        kept = store.with_name("elsewhere.db")
        store.rename(kept)
        await looked(pilot)
        assert "What is shown is as it was read last." in " ".join(screen_text(app).split())
        assert dots(app) > 100
        kept.rename(store)
        await looked(pilot)
        await looked(pilot)
        assert "as it was read last" not in screen_text(app)
        assert dots(app) > 100


@pytest.mark.parametrize("content", [b"just text", b""], ids=["text", "empty"])
async def test_a_hostile_store_is_a_sentence(store: Path, paths: Paths, content: bytes) -> None:
    os.truncate(store, 0)
    store.write_bytes(content)
    async with opened(paths) as (app, pilot):
        await press(pilot, "3", "g", "c")
        await send(pilot, "j")
        await settle(pilot)
        assert str(store)[-12:] in "".join(screen_text(app).split())
        await press(pilot, "q")
        assert not isinstance(app.screen, CurvesScreen)


async def test_a_locked_store_is_a_sentence_and_is_read_when_it_is_free(store: Path, paths: Paths) -> None:
    async with opened(paths) as (app, pilot):
        await press(pilot, "3")
        assert isinstance(app.room, RunsRoom)
        app.room.marked = (R1,)
        with closing(sqlite3.connect(store, isolation_level=None)) as writer:
            writer.execute("BEGIN EXCLUSIVE")
            await press(pilot, "c")
            assert "is being written just now" in screen_text(app)
        await looked(pilot)
        await looked(pilot)
        assert dots(app) > 100


async def test_a_run_without_the_metric_that_is_shown_is_named(paths: Paths, store: Path) -> None:
    gone = f"WHERE run_uuid = '{'b' * 32}' AND key = 'train/loss'"
    changed(store, *(f"UPDATE {table} SET key = 'speed' {gone}" for table in ("metrics", "latest_metrics")))
    sync_runs(paths, sqlite_uri(store))
    async with opened(paths, size=(120, 40)) as (app, pilot):
        await press(pilot, "3", "g", "x", "j", "x", "c")
        assert "not in" not in screen_text(app)
        for _ in range(3):
            await press(pilot, *([] if curves(app)._list.group == Group("speed", ("speed",)) else ["j"]))
        assert "not in r" in screen_text(app).splitlines()[0]
