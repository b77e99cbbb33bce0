"""What is said of two runs claims no more than their points and their seeds tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from journal.curves import Curve
from journal.parting import parting
from journal.run_diff import compare
from journal.seed_groups import GroupedRun
from journal.types import Kind, Ref
from tests.journal.test_run_diff import recorded
from tui.diff_words import parting_told, seeds_told

R1, R2 = Ref(Kind.run, 1), Ref(Kind.run, 2)
NAN = float("nan")
KEY = "test/accuracy"


def curve(values: Sequence[float], steps: Sequence[int]) -> Curve:
    return Curve(key=KEY, steps=tuple(steps), values=tuple(values), times_ms=(0,) * len(values))


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
         "different from the first step (0); 1 point is too few to tell more; r1 is not a number from step 1 on"),
        ([0.1, 0.2, 0.3], [NAN, NAN, NAN], "r2 is not a number from step 0 on"),
        ([NAN, NAN], [0.1, 0.2], "r1 is not a number from step 0 on"),
        ([NAN, 0.2], [0.1, NAN], "r1 is not a number at step 0; r2 is not a number from step 1 on"),
        ([NAN, 0.2], [NAN, NAN], "identical up to step 0; r1 is not a number at step 0; r2 is not a number from step 0 on"),
        ([NAN, NAN], [NAN, NAN],
         "identical in all 2 steps of both, 0 to 1; r1 is not a number from step 0 on; r2 is not a number from step 0 on"),
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


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        ([0.9010, 0.9012, 0.9011], [0.6910, 0.6912, 0.6911], "-0.21000, 95 % interval -0.21023 to -0.20977"),
        ([0.1, 0.2, 0.3], [0.4, 0.5, 0.6], "+0.30, 95 % interval +0.07 to +0.53"),
        ([1000.0, 1100.0, 1200.0], [2000.0, 2300.0, 2900.0], "+1300, 95 % interval +227 to +2373"),
        ([0.5, 0.5], [0.25, 0.25], "-0.25, 95 % interval -0.25 to -0.25"),
        ([1e-9, 2e-9], [3e-9, 4e-9], "+2e-09, 95 % interval -1.04e-09 to +5.04e-09"),
    ],
)
def test_an_interval_has_the_digits_that_tell_its_ends_apart(a: list[float], b: list[float], told: str) -> None:
    groups = [
        [
            GroupedRun(ref=Ref(Kind.run, first + at), seed=str(first + at), metrics={KEY: value})
            for at, value in enumerate(values)
        ]
        for first, values in ((1, a), (10, b))
    ]
    one, other = (
        replace(recorded(group[0].ref, metrics={KEY: group[0].metrics[KEY]}), group=group) for group in groups
    )
    diff = compare(one, other, metric=KEY)
    assert diff.seeds is not None
    assert diff.metric is not None
    assert f"Difference of means {told} (Welch)." in seeds_told(diff.seeds, diff.metric, diff)[1]


def test_pairs_of_seeds_are_told_as_that() -> None:
    groups = [
        [GroupedRun(ref=Ref(Kind.run, first + at), seed=str(at), metrics={KEY: value}) for at, value in enumerate(values)]
        for first, values in ((1, (0.90, 0.95, 0.80)), (10, (0.91, 0.961, 0.811)))
    ]  # fmt: skip
    one, other = (
        replace(recorded(group[0].ref, metrics={KEY: group[0].metrics[KEY]}), group=group) for group in groups
    )
    diff = compare(one, other, metric=KEY)
    assert diff.seeds is not None
    assert diff.metric is not None
    sure, details = seeds_told(diff.seeds, diff.metric, diff)
    assert sure == "more than seeds explain"
    assert "Difference of means +0.0107, 95 % interval +0.0092 to +0.0121 (3 pairs of seeds)." in details
