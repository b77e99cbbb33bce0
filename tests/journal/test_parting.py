"""The step at which two curves part: exact where they were identical, and never claimed of noise."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence

import pytest

from journal.curves import Curve
from journal.parting import parting

NAN = float("nan")


def curve(values: Iterable[float], steps: Sequence[int] | None = None) -> Curve:
    points = tuple(values)
    return Curve(key="train/loss", steps=tuple(steps or range(len(points))), values=points, times_ms=(0,) * len(points))


def training(points: int, dice: random.Random, noise: float = 0.05) -> list[float]:
    return [2 * math.exp(-3 * step / points) + dice.gauss(0, noise) for step in range(points)]


def test_identical_curves_never_part() -> None:
    values = training(200, random.Random(1))
    found = parting(curve(values), curve(values))
    assert (found.identical_to, found.differs_from, found.apart_from) == (199, None, None)
    assert (found.points, found.first, found.last) == (200, 0, 199)


def test_identical_seeds_until_a_change_part_at_the_change() -> None:
    values = training(1_000, random.Random(2))
    changed = [value + 0.1 * (step >= 480) for step, value in enumerate(values)]
    found = parting(curve(values), curve(changed))
    assert (found.identical_to, found.differs_from, found.apart_from, found.b_above) == (479, 480, 480, True)
    back = parting(curve(changed), curve(values))
    assert (back.apart_from, back.b_above) == (480, False)


def test_a_difference_too_small_to_see_comes_before_the_one_that_parts_them() -> None:
    values = training(1_000, random.Random(3))
    changed = [value + (0.15 if step >= 480 else 1e-6 if step > 312 else 0) for step, value in enumerate(values)]
    found = parting(curve(values), curve(changed))
    assert (found.identical_to, found.differs_from, found.apart_from) == (312, 313, 480)


@pytest.mark.parametrize("points", [8, 20, 50, 300, 2_000])
def test_noise_alone_is_not_called_apart(points: int) -> None:
    dice = random.Random(points)
    tries = 200 if points < 1_000 else 20
    called = sum(
        parting(curve(training(points, dice)), curve(training(points, dice))).apart_from is not None
        for _ in range(tries)
    )
    assert called <= tries * 0.01


@pytest.mark.parametrize("points", [100, 1_000, 5_000])
def test_other_seeds_that_part_are_found_near_the_step(points: int) -> None:
    dice = random.Random(4)
    change = points * 6 // 10
    for _ in range(10):
        a, b = training(points, dice), training(points, dice)
        found = parting(curve(a), curve(value + 0.2 * (step >= change) for step, value in enumerate(b)))
        assert found.differs_from == 0
        assert found.apart_from is not None
        assert abs(found.apart_from - change) <= 10


def test_curves_that_come_together_again_do_not_stay_apart() -> None:
    dice = random.Random(5)
    a, b = training(500, dice), training(500, dice)
    for step in range(100, 300):
        b[step] += 1
    assert parting(curve(a), curve(b)).apart_from is None
    crossing = [value + (1 if step < 250 else -1) for step, value in enumerate(b)]
    found = parting(curve(a), curve(crossing))
    assert found.apart_from == 250
    assert found.b_above is False


def test_the_shorter_one_ends_the_comparison() -> None:
    values = training(400, random.Random(6))
    found = parting(curve(values), curve(values[:150]))
    assert (found.identical_to, found.differs_from, found.last) == (149, None, 149)


def test_other_steps_are_compared_between_the_points() -> None:
    dice = random.Random(7)
    fine = curve((step / 100 + dice.gauss(0, 0.01) for step in range(0, 1_000, 2)), range(0, 1_000, 2))
    coarse = curve(
        (step / 100 + (0.5 if step > 700 else 0) + dice.gauss(0, 0.01) for step in range(1, 1_000, 10)),
        range(1, 1_000, 10),
    )
    for a, b, above in ((fine, coarse, True), (coarse, fine, False)):
        found = parting(a, b)
        assert found.is_interpolated
        assert (found.identical_to, found.differs_from) == (None, None)
        assert found.b_above is above
        assert found.apart_from == pytest.approx(701, abs=20)


def test_what_is_not_a_number_is_told_by_itself() -> None:
    values = training(300, random.Random(8))
    broken = [NAN if step >= 200 else value for step, value in enumerate(values)]
    found = parting(curve(values), curve(broken))
    assert (found.a_broken, found.b_broken, found.differs_from, found.identical_to) == (None, 200, 200, 199)
    assert found.apart_from is None
    both = parting(curve(broken), curve(broken))
    assert (both.a_broken, both.b_broken, both.differs_from, both.identical_to) == (200, 200, None, 299)
    infinite = parting(curve(values), curve([*values[:50], math.inf, *values[51:]]))
    assert (infinite.b_broken, infinite.differs_from, infinite.apart_from) == (50, 50, None)


def test_curves_without_a_common_stretch_are_not_compared() -> None:
    for a, b in (([], []), ([], [1.0]), ([1.0], [])):
        found = parting(curve(a), curve(b))
        assert (found.points, found.identical_to, found.apart_from) == (0, None, None)
    apart = parting(curve([1.0, 2.0], [0, 1]), curve([1.0, 2.0], [5, 6]))
    assert (apart.points, apart.first) == (0, None)


def test_a_few_points_tell_exact_differences_alone() -> None:
    found = parting(curve([1, 2, 3]), curve([1, 2, 9]))
    assert (found.identical_to, found.differs_from, found.apart_from, found.too_few) == (1, 2, None, 3)
    constant = parting(curve([1.0] * 50), curve([1.0] * 30 + [2.0] * 20))
    assert (constant.identical_to, constant.apart_from) == (29, 30)


def test_rounding_that_no_plot_shows_is_not_apart() -> None:
    smooth = [math.exp(-step / 100) for step in range(500)]
    jitter = [value * (1 + 1e-7 * (step > 3)) for step, value in enumerate(smooth)]
    found = parting(curve(smooth), curve(jitter))
    assert (found.identical_to, found.apart_from) == (3, None)


def test_a_hundred_thousand_points_are_taken_together() -> None:
    dice = random.Random(9)
    a, b = training(100_000, dice), training(100_000, dice)
    found = parting(curve(a), curve(value + 0.1 * (step >= 60_000) for step, value in enumerate(b)))
    assert found.apart_from == pytest.approx(60_000, abs=50)


@pytest.mark.parametrize(
    ("a", "b", "b_above"),
    [
        ([0.50, 0.51, 0.50, 0.51, 0.50, 0.51], [0.90, 0.91, 0.91, 0.90, 0.91, 0.90], True),
        ([0.90, 0.91, 0.91], [0.50, 0.51, 0.50], False),
        ([0.5, 0.5], [0.6, 0.6], True),
        ([0.5, 0.6, 0.5], [0.7, 0.8, 0.7], None),  # it moves as much as they are apart
        ([2.0, 1.0, 0.5], [2.1, 1.1, 0.6], None),  # the ranges touch
        ([0.5], [0.9], None),
        ([0.5, NAN], [0.9, 0.9], None),
    ],
)
def test_of_a_few_points_only_what_anyone_can_see_is_told(a: list[float], b: list[float], b_above: bool | None) -> None:
    found = parting(curve(a), curve(b))
    assert (found.apart_from, found.b_above) == (None, b_above)
    assert found.too_few == sum(math.isfinite(value) for value in a)


def test_enough_points_and_equal_ones_are_not_called_too_few() -> None:
    assert parting(curve([1.0, 2.0]), curve([1.0, 2.0])).too_few is None
    assert parting(curve([1.0] * 7), curve([2.0] * 7)).too_few is None
