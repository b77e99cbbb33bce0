"""What is said of two runs claims no more than their points and their seeds tell."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from journal.curves import Curve
from journal.parting import parting
from journal.run_diff import compare
from journal.types import Kind, Ref
from tests.journal.test_run_diff import recorded
from tui.diff_words import parting_told

R1, R2 = Ref(Kind.run, 1), Ref(Kind.run, 2)
NAN = float("nan")


def curve(values: Sequence[float], steps: Sequence[int]) -> Curve:
    return Curve(key="test/accuracy", steps=tuple(steps), values=tuple(values), times_ms=(0,) * len(values))


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        ([0.1, 0.5, 0.7, 0.8, 0.8, 0.8], [0.2, 0.4, 0.8, 0.7, 0.9, 0.8],
         "different from the first step (0); 6 points are too few to tell more"),
        ([0.5, 0.51, 0.5], [0.9, 0.9, 0.9], "r2 above at every step; 3 points are too few to tell more"),
        ([0.9, 0.9, 0.9], [0.5, 0.51, 0.5], "r1 above at every step; 3 points are too few to tell more"),
        ([0.1, 0.5, 0.7], [0.1, 0.5, 0.8], "identical up to step 1, different at step 2; 3 points are too few to tell more"),
        ([0.1], [0.2], "different from the first step (0); 1 point is too few to tell more"),
        ([0.1, 0.2], [0.1, 0.2], "identical in all 2 steps of both, 0 to 1"),
        ([0.1, NAN], [0.2, 0.3],
         "different from the first step (0); 1 point is too few to tell more; r1 is not a number at step 1"),
    ],
)  # fmt: skip
def test_of_a_few_points_what_is_plain_is_told_and_that_they_are_few(a: list[float], b: list[float], told: str) -> None:
    assert (
        parting_told(parting(curve(a, range(len(a))), curve(b, range(len(b)))), compare(recorded(), recorded(R2)))
        == told
    )


def test_a_few_points_logged_at_other_steps() -> None:
    found = parting(curve([0.1, 0.5, 0.7], (0, 10, 20)), curve([0.2, 0.4, 0.8], (1, 11, 21)))
    assert parting_told(found, compare(recorded(), recorded(R2))) == (
        "2 points are too few to tell them apart; logged at other steps, so compared between their points"
    )
