"""What is printed fits the terminal that it is read on, and is whole where a program reads it."""

from __future__ import annotations

import pytest

from journal.paths import Paths
from tests.compared_runs import record
from tests.tui.commands.conftest import Run
from tui import output

LONG = "loss/" + "x" * 295


@pytest.fixture
def two_runs(paths: Paths) -> None:
    for number in (1, 2):
        record(paths, number, metrics={LONG: 0.25 * number, "train/loss": 0.5 * number, "test/loss": 0.1})


@pytest.mark.parametrize("words", [("show", "r1"), ("runs", "diff", "r1", "r2")])
def test_one_long_name_does_not_push_the_values_of_all_off_the_terminal(
    run: Run, two_runs: None, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr(output, "room", lambda: 80)
    lines = run(*words).out.splitlines()
    (long,) = [line for line in lines if "xxx" in line]
    (short,) = [line for line in lines if line.startswith("train/loss ")]
    assert long.startswith("loss/xxx")
    for line, value in ((long, "0.25"), (short, "0.5")):
        assert 0 < line.find(value) < 50
        assert len(line) <= 80


@pytest.mark.parametrize("words", [("show", "r1"), ("runs", "diff", "r1", "r2")])
def test_elsewhere_a_long_name_is_whole(run: Run, two_runs: None, words: tuple[str, ...]) -> None:
    lines = run(*words).out.splitlines()
    assert [line for line in lines if line.startswith(f"{LONG}  0.25")]
    (short,) = [line for line in lines if line.startswith("train/loss ")]
    assert len(short) < 120
