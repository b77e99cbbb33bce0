"""journal runs curve: a plot as text, the points as JSON, and a sentence where there is nothing to draw."""

from __future__ import annotations

import pytest

from journal import paths
from journal.store import runs
from journal.store.changes import program_change
from journal.types import RunDraft, RunStatus
from tests.tui.commands.conftest import Run

pytestmark = pytest.mark.usefixtures("lab")


def test_both_losses_are_drawn_with_what_they_came_to(run: Run) -> None:
    done = run("runs", "curve", "r1")
    assert done.code == 0
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert sum(0x2800 < ord(character) <= 0x28FF for character in done.out) > 50
    assert "↻" in done.out, "where it was continued"
    assert "train/loss       last 0.02 · best 0.02 at 99" in lines[-2]
    assert "validation/loss  last 0.03 · best 0.03 at 99" in lines[-1]
    assert "\x1b" not in done.out
    assert "--metric names another" in done.err


def test_points_come_as_json(run: Run) -> None:
    found = run("runs", "curve", "r1", "--metric", "train/loss", "--metric", "layer.03/norm", "--json").json
    assert [(each["ref"], each["kind"], each["metric"]) for each in found] == [
        ("r1", "run", "train/loss"),
        ("r1", "run", "layer.03/norm"),
    ]
    assert found[0]["steps"] == list(range(100))
    assert found[0]["values"][0] == 2.0
    assert found[0]["restarts"] == [30]
    assert found[1]["values"][-1] == 3.19


def test_a_group_of_metrics_is_named_by_what_it_measures(run: Run) -> None:
    found = run("runs", "curve", "r1", "-m", "loss", "--json").json
    assert [each["metric"] for each in found] == ["train/loss", "validation/loss"]


@pytest.mark.parametrize(
    "options", [["--log"], ["--smooth", "0.9"], ["--time"], ["--log", "--smooth", "0.9", "--time"]]
)
def test_every_way_to_look_at_it_draws(run: Run, options: list[str]) -> None:
    done = run("runs", "curve", "r1", "-m", "epoch", *options)
    assert done.code == 0
    assert sum(0x2800 < ord(character) <= 0x28FF for character in done.out) > 20
    assert ("1 point not above 0 left out." in done.err) is ("--log" in options)


def test_a_metric_that_no_run_has_is_wrong_usage_with_what_there_is(run: Run) -> None:
    done = run("runs", "curve", "r1", "-m", "train/los")
    assert done.code == 1
    assert done.err.splitlines()[0] == "journal: No metric is called 'train/los'."
    assert "train/loss" in done.err.splitlines()[1]
    assert done.out == ""


def test_a_metric_that_is_not_there_is_answered_with_each_name_once(run: Run) -> None:
    hint = run("runs", "curve", "r1", "-m", "epocj").err.splitlines()[1]
    names = hint.partition(": ")[2].rstrip(".").split(", ")
    assert len(names) == len(set(names)), hint


def test_a_run_whose_store_is_gone_is_a_sentence(run: Run) -> None:
    done = run("runs", "curve", "r2")
    assert done.code == 1
    assert "There is no MLflow store at" in done.err


def test_of_a_run_that_is_gone_from_its_store_that_is_said(run: Run) -> None:
    with program_change(paths.find()) as change:
        draft = RunDraft(
            run_id="9" * 32, tracking_uri="wandb:///nowhere/wandb", name="lost", experiment="x",
            status=RunStatus.finished, started_at=None,
        )  # fmt: skip
        (ref,) = runs.mirror(change, [(draft, "digest")])
        runs.mark_gone(change, "wandb:///nowhere/wandb", {"9" * 32})
    done = run("runs", "curve", str(ref))
    assert done.code == 1
    assert f"{ref} is gone from its store" in done.err
    assert "sync" not in done.err


def test_what_is_no_run_is_wrong_usage(run: Run) -> None:
    assert run("runs", "curve", "e1").code == 2
    assert run("runs", "curve", "r1", "--smooth", "1").code == 2
