"""The interface tells of runs that lie about, and mirrors those it knows, while keys are never waited for."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import pytest

from importers.mirror import sync_runs
from journal.db import connect
from journal.paths import Paths
from journal.queries.runs import count_runs
from journal.tracking_uris import wandb_uri
from tests.conftest import NOON
from tests.importers.wandb_files import exit_of, framed, history, run, written
from tests.tui.driving import opened, press, screen_text, settle
from tui.apart import Apart


def count(paths: Paths) -> int:
    with closing(connect(paths)) as connection:
        return count_runs(connection)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


async def test_an_empty_room_of_runs_names_what_was_found(paths: Paths, here: Path):
    written(here / "wandb", "a", framed(run(), exit_of(0)))
    written(here / "wandb", "b", framed(run(), exit_of(0)))
    async with opened(paths) as (app, pilot):
        await press(pilot, "3")
        await settle(pilot)
        shown = " ".join(screen_text(app).split())
        assert "Found wandb/ with 2 runs here: journal runs sync" in shown


async def test_an_empty_room_of_runs_where_nothing_lies_says_how_to_begin(paths: Paths, here: Path):
    async with opened(paths) as (app, pilot):
        await press(pilot, "3")
        await settle(pilot)
        assert "journal experiment run linear" in screen_text(app)


async def test_what_goes_on_in_a_known_store_comes_by_itself(paths: Paths, here: Path):
    written(here / "wandb", "a", framed(run(), exit_of(0)))
    sync_runs(paths, wandb_uri(here / "wandb"))
    written(here / "wandb", "b", framed(run("arrived meanwhile"), history(0, loss=1)))
    async with opened(paths) as (app, _):
        app.mirrorer.mirror()
        for _ in range(600):
            if count(paths) == 2:
                break
            await asyncio.sleep(0.05)
    assert count(paths) == 2


def test_a_store_that_fails_is_told_and_the_others_come(paths: Paths, here: Path, monkeypatch: pytest.MonkeyPatch):
    written(here / "wandb", "a", framed(run(), exit_of(0)))
    sync_runs(paths, wandb_uri(here / "wandb"))
    written(here / "wandb", "b", framed(run(), exit_of(0)))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:s3cret@127.0.0.1:1")
    (failure,) = Apart(paths, lambda: NOON).mirror()
    assert failure.startswith("No MLflow store answers at http://me@127.0.0.1:1")
    assert count(paths) == 2
