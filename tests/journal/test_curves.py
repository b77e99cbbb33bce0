"""Curves from what was logged: the last word at each step, restarts, few points for many, and smoothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.curves import Curve, Point, curve_of, extended, smoothed, thinned

_FINITE = st.floats(-1e6, 1e6)
_VALUES = st.lists(st.one_of(_FINITE, st.sampled_from([math.nan, math.inf, -math.inf])), min_size=1, max_size=300)


def points(*steps: int, value: float = 1.0) -> list[Point]:
    """Logged one after the other."""
    return [Point(step, 10 * number, value) for number, step in enumerate(steps)]


def curve(values: list[float]) -> Curve:
    return curve_of("loss", [Point(step, 10 * step, value) for step, value in enumerate(values)])


def test_the_last_value_by_time_holds_however_points_are_ordered() -> None:
    logged = [Point(1, 30, 3.0), Point(0, 10, 0.0), Point(1, 20, 2.0)]
    assert curve_of("loss", logged).values == (0.0, 3.0)
    assert curve_of("loss", logged[::-1]).values == (0.0, 3.0)


def test_going_back_is_a_restart_and_going_on_is_none() -> None:
    assert curve_of("loss", points(0, 1, 2, 3)).restarts == ()
    assert curve_of("loss", points(0, 1, 2, 1, 2, 3, 2, 3)).restarts == (1, 2)


def test_steps_in_no_order_at_all_are_no_restarts() -> None:
    zigzag = [step for number in range(200) for step in (2 * number + 1, 2 * number)]
    assert curve_of("loss", points(*zigzag)).restarts == ()


def test_sessions_tell_of_restarts_that_steps_do_not() -> None:
    logged = points(0, 1, 2, 3)  # at 0, 10, 20 and 30
    assert curve_of("loss", logged, session_starts_ms=[0, 15, 25, 99]).restarts == (2, 3)
    assert curve_of("loss", logged, session_starts_ms=[0]).restarts == ()


def test_one_point_keeps_its_step() -> None:
    assert curve_of("loss", points(7)).steps == (7,)
    assert curve_of("loss", points(7, 7, 7)).steps == (0, 1, 2), "logged without steps, they are counted"


@given(_VALUES, st.integers(2, 50))
def test_few_points_hold_the_range_the_ends_and_what_is_no_number(values: list[float], most: int) -> None:
    whole = curve(values)
    few = thinned(whole, most)
    assert len(few.steps) <= 4 * most
    assert list(few.steps) == sorted(few.steps)
    finite = [value for value in values if math.isfinite(value)]
    kept = [index for index, value in enumerate(few.values) if math.isfinite(value)]
    if finite:
        assert min(few.least[index] for index in kept) == min(finite)
        assert max(few.greatest[index] for index in kept) == max(finite)
        assert all(few.least[index] <= few.values[index] <= few.greatest[index] for index in kept)
    assert {repr(value) for value in few.values if not math.isfinite(value)} == {
        repr(value) for value in values if not math.isfinite(value)
    }
    assert repr(few.values[-1]) == repr(values[-1])
    assert few.steps[-1] == len(values) - 1


def test_what_follows_is_added_and_what_repeats_is_not_guessed_at() -> None:
    three = curve([3.0, 2.0, 1.0])
    longer = extended(three, [Point(3, 30, 0.5), Point(4, 40, math.nan)])
    assert longer is not None
    assert (longer.steps, longer.values[3], longer.lows) == ((0, 1, 2, 3, 4), 0.5, ())
    assert extended(three, [Point(2, 30, 0.5)]) is None
    assert extended(three, [Point(4, 30, 0.5), Point(3, 40, 0.5)]) is None
    few = thinned(curve([float(step) for step in range(100)]), 10)
    grown = extended(few, [Point(100, 0, 7.0)])
    assert grown is not None
    assert len(grown.lows) == len(grown.highs) == len(grown.steps)


@given(st.lists(_FINITE, min_size=1, max_size=100), st.sampled_from([0.3, 0.6, 0.9, 0.99]))
def test_smoothing_begins_with_the_first_value_and_stays_in_the_range(values: list[float], weight: float) -> None:
    result = smoothed(values, weight)
    assert result[0] == pytest.approx(values[0], abs=1e-9)
    assert len(result) == len(values)
    assert all(min(values) - 1e-6 <= value <= max(values) + 1e-6 for value in result)


def test_smoothing_is_tensorboards() -> None:
    """last = last * w + (1 - w) * value, divided by 1 - w ** count."""
    assert smoothed([1.0, 2.0, 4.0], 0.5) == pytest.approx((1.0, (0.25 + 1) / 0.75, (0.125 + 0.5 + 2) / 0.875))
    assert smoothed([1.0, 2.0], 0.0) == (1.0, 2.0)


def test_what_is_no_number_stays_and_spoils_nothing() -> None:
    with_nan = smoothed([1.0, math.nan, 3.0, math.inf], 0.5)
    assert math.isnan(with_nan[1])
    assert with_nan[3] == math.inf
    assert with_nan[2] == smoothed([1.0, 3.0], 0.5)[1]


@pytest.mark.parametrize("most_points", [None, 20])
def test_what_an_earlier_process_left_behind_the_end_of_the_last_one_is_told_apart(most_points: int | None) -> None:
    logged = [*range(60), *range(40, 120), *range(30, 90)]
    by_steps = curve_of("loss", points(*logged), most_points=most_points)
    by_sessions = curve_of("loss", points(*logged), session_starts_ms=(0, 600, 1400, 9000), most_points=most_points)
    for found in (by_steps, by_sessions):
        assert found.ends_at == 89
        assert found.steps[found.kept - 1] == 89
        assert found.steps[found.kept] == 90
        assert found.times_ms[-1] == 10 * (60 + 79)
    overtaken = extended(by_steps, [Point(120, 9999, 1.0), Point(121, 9999, 1.0)])
    assert overtaken is not None
    assert overtaken.kept == len(overtaken.steps)


def test_a_run_that_was_never_continued_holds_whole() -> None:
    assert curve_of("loss", points(0, 1, 2)).ends_at is None
    assert curve_of("loss", points(0, 1, 2)).kept == 3
