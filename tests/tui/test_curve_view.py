"""How curves are looked at: what belongs together, where points fall, and what stays when one zooms."""

from __future__ import annotations

import math

import pytest

from journal.curves import Curve
from journal.types import Kind, Ref
from tui.curve_legend import LegendLine, legend, said_of
from tui.curve_view import (
    Along,
    Line,
    View,
    drawing,
    extent,
    following,
    lines_of,
    next_along,
    next_smoothing,
    not_above_0,
    panned,
    places,
    steps_shown,
    window_words,
    zoomed,
)
from tui.plot import drawn

R1, R2 = Ref(Kind.run, 1), Ref(Kind.run, 2)
WHOLE = (0.0, 1000.0)


def curve(key: str, *values: float, first: int = 0, **more: object) -> Curve:
    steps = tuple(range(first, first + len(values)))
    return Curve(key=key, steps=steps, values=values, times_ms=tuple(1000 * step for step in steps), **more)  # type: ignore[arg-type]


def line(*values: float, **more: object) -> Line:
    return Line(curve("loss", *values), "curve-0", **more)  # type: ignore[arg-type]


def test_lines_differ_without_colour_too() -> None:
    lines = lines_of([(ref, curve(key, 1.0), None, None) for ref in (R1, R2) for key in ("train/loss", "val/loss")])
    assert len({each.mark for each in lines}) == 4
    assert [each.role for each in lines] == ["curve-0", "curve-0", "curve-1", "curve-1"], "a colour for each run"
    assert [each.is_dashed for each in lines] == [True, False, True, False]
    both = lines_of([(R1, curve(key, 1.0), None, None) for key in ("train/loss", "val/loss")])
    assert [each.role for each in both] == ["curve-0", "curve-1"], "or for each metric"
    assert lines_of([(R1, curve("loss", 1.0), None, None)])[0].mark == ""


# ---------------------------------------------------------------- zooming


def test_zooming_in_and_out_again_is_where_one_was() -> None:
    once = zoomed(View(), WHOLE, 1)
    assert once.window == (250, 750)
    assert zoomed(zoomed(once, WHOLE, 1), WHOLE, -1) == once
    assert zoomed(once, WHOLE, -1).window is None


def test_no_window_leaves_what_there_is() -> None:
    view = zoomed(View(), WHOLE, 1)
    for _ in range(20):
        view = panned(view, WHOLE, 1)
    assert view.window == (500, 1000)
    assert panned(view, WHOLE, -1).window == (375, 875)
    assert panned(View(), WHOLE, 1) == View()
    near = view
    for _ in range(100):
        near = zoomed(near, WHOLE, 1)
    assert near.window is not None
    assert near.window[0] < near.window[1]


def test_a_logarithmic_axis_is_halved_as_it_is_seen() -> None:
    view = zoomed(View(is_log_x=True), (1.0, 10_000.0), 1)
    assert view.window == pytest.approx((10, 1000))


def test_what_grows_keeps_the_window_or_its_end() -> None:
    early, late = View(window=(0, 10)), View(window=(90, 100))
    assert following(early, (0, 100), (0, 150)) == early
    assert following(late, (0, 100), (0, 150)).window == (140, 150)
    assert following(View(), (0, 100), (0, 150)) == View()


def test_keys_go_round() -> None:
    weights = [0.0]
    while len(weights) < 2 or weights[-1] != 0:
        weights.append(next_smoothing(weights[-1], 1))
    assert weights == [0.0, 0.6, 0.9, 0.97, 0.99, 0.0]
    assert next_smoothing(0.0, -1) == 0.99
    assert next_along(next_along(Along.step, has_epochs=False), has_epochs=False) is Along.step
    assert next_along(Along.time, has_epochs=True) is Along.epoch


# ---------------------------------------------------------------- where points fall


def test_a_point_lies_at_its_step_its_time_or_its_epoch() -> None:
    epochs = Curve(key="epoch", steps=(0, 4), values=(0.0, 2.0), times_ms=(0, 0))
    one = line(5.0, 4.0, 3.0, started_ms=-500, epochs=epochs)
    assert places(one, Along.step) == [0, 1, 2]
    assert places(one, Along.time) == [0.5, 1.5, 2.5]
    assert places(one, Along.epoch) == [0, 0.5, 1]


def test_time_never_goes_back_within_a_line() -> None:
    """A run that went on from step 1 logged step 1 after step 2."""
    again = Curve(key="loss", steps=(0, 1, 2), values=(1.0, 1.0, 1.0), times_ms=(0, 9000, 2000))
    assert places(Line(again, "curve-0"), Along.time) == [0, 9, 9]


def test_what_has_no_place_on_a_logarithmic_axis_is_left_out_and_counted() -> None:
    one = line(-1.0, 0.0, math.nan, 0.1, 10.0)
    plot = drawing([one], View(is_log_y=True), columns=40, rows=10)
    assert plot is not None
    assert (plot.y.low, plot.y.high) == (0.1, 10.0)
    assert not_above_0([one], View(is_log_y=True)) == 2
    assert not_above_0([one], View(is_log_x=True)) == 1, "the step 0"
    assert not_above_0([one], View()) == 0
    assert drawing([line(-1.0)], View(is_log_y=True), columns=40, rows=10) is None


@pytest.mark.parametrize("value", [0.0, 1e12, -3.0, 5e-324, 1.7e308])
def test_a_constant_stands_in_the_middle(value: float) -> None:
    plot = drawing([line(value, value)], View(), columns=40, rows=10)
    assert plot is not None
    assert plot.y.low < value < plot.y.high


def test_the_height_fits_what_the_window_shows() -> None:
    plot = drawing([line(100.0, 1.0, 2.0, 3.0)], View(window=(1, 3)), columns=40, rows=10)
    assert plot is not None
    assert (plot.y.low, plot.y.high) == (1.0, 3.0)


def test_a_run_that_counted_no_epochs_has_no_place_among_them() -> None:
    epochs = Curve(key="epoch", steps=(0, 4), values=(0.0, 2.0), times_ms=(0, 0))
    plot = drawing([line(1.0, 2.0), line(3.0, 4.0, epochs=epochs)], View(along=Along.epoch), columns=40, rows=10)
    assert plot is not None
    assert [tuple(series.ys) for series in plot.series] == [(3.0, 4.0)]
    assert drawing([line(1.0, 2.0)], View(along=Along.epoch), columns=40, rows=10) is None


@pytest.mark.parametrize("is_log_y", [False, True])
def test_between_two_points_the_line_is_drawn_through(is_log_y: bool) -> None:
    view = View(window=(1.4, 1.6), is_log_y=is_log_y, is_log_x=is_log_y)
    plot = drawing([line(0.5, 1.0, 3.0)], view, columns=40, rows=10)
    assert plot is not None
    assert 1.5 < plot.y.low < plot.y.high < 2.5
    text = "".join(piece for row in drawn(plot, 40, 10) for piece, _ in row)
    assert sum(0x2800 < ord(character) <= 0x28FF for character in text) > 20


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (View(), ""),
        (View(window=(218.25, 363.75)), "step 218 to 364"),
        (View(window=(10000.2, 20000.7)), "step 10,000 to 20,001"),
        (View(window=(1.25, 1.375)), "step 1.25 to 1.375"),
        (View(along=Along.time, window=(60.0, 7500.0)), "time 1 min to 2 h 05"),
        (View(along=Along.time, window=(60.25, 61.0)), "time 60.2 s to 61.0 s"),
        (View(along=Along.epoch, window=(1.5, 3.0)), "epoch 1.5 to 3"),
    ],
)
def test_a_window_is_told_in_whole_steps_and_with_what_it_counts(view: View, words: str) -> None:
    assert window_words(view) == words


def test_nothing_but_nan_is_nothing_to_draw() -> None:
    assert drawing([line(math.nan, math.nan)], View(), columns=40, rows=10) is None
    assert drawing([], View(), columns=40, rows=10) is None
    assert extent([], View()) is None


def test_the_unsmoothed_curve_lies_behind_where_there_is_colour_for_it() -> None:
    one = line(1.0, 9.0, 1.0)
    coloured = drawing([one], View(smoothing=0.9), columns=40, rows=10)
    plain = drawing([one], View(smoothing=0.9), columns=40, rows=10, has_colour=False)
    assert coloured is not None
    assert plain is not None
    assert [series.role for series in coloured.series] == ["faint", "curve-0"]
    assert [series.role for series in plain.series] == ["curve-0"]


def test_restarts_are_marked_until_they_are_not_wanted() -> None:
    one = Line(curve("loss", *map(float, range(9)), restarts=(4,)), "curve-0", started_ms=0)
    for along, place in ((Along.step, 4), (Along.time, 4.0)):
        plot = drawing([one], View(along=along), columns=40, rows=10)
        assert plot is not None
        assert plot.verticals == [place]
    plot = drawing([one], View(has_restarts=False), columns=40, rows=10)
    assert plot is not None
    assert plot.verticals == []


def test_the_steps_that_a_window_shows_are_those_to_read_again() -> None:
    one = line(*map(float, range(100)), started_ms=0)
    assert steps_shown(one, View(window=(10.5, 20.5))) == (9, 22)
    assert steps_shown(one, View(along=Along.time, window=(10.5, 20.5))) == (10, 21)
    assert steps_shown(one, View()) is None


# ---------------------------------------------------------------- the legend


def test_best_is_the_least_loss_and_the_greatest_accuracy() -> None:
    assert said_of(curve("train/loss", 3.0, 0.5, 1.0)) == "last 1 · best 0.5 at 1"
    assert said_of(curve("val_acc", 0.1, 0.9, 0.3)) == "last 0.3 · best 0.9 at 1"
    assert said_of(curve("learning_rate", 0.1, 0.2)) == "last 0.2 · 0.1 to 0.2"
    assert said_of(curve("loss", 1.0, math.nan)) == "last NaN · best 1 at 0 · NaN × here and there"
    assert said_of(curve("loss", math.nan)) == "last NaN"
    thin = curve("loss", 3.0, 1.0, lows=(3.0, 0.25), highs=(3.0, 2.0))
    assert said_of(thin) == "last 1 · best 0.25 near 1"


@pytest.mark.parametrize("width", [20, 40, 80, 140])
def test_every_line_of_the_legend_fits_and_nothing_in_it_steers_the_terminal(width: int) -> None:
    lines = [
        LegendLine(each, R1, "a title \x1b[31m" + "x" * 200, "because " * 50)
        for each in lines_of([(R1, curve("loss\n\x1b]0;evil\x07" + "y" * 100, 1.0), None, None)] * 9)
    ]
    rows = ["".join(text for text, _ in row) for row in legend(lines, width, most=4)]
    assert len(rows) == 4
    assert rows[-1] == "and 6 more curves"
    assert all(row.isprintable() for row in rows)
    assert all(len(row) <= width for row in rows)


def test_what_a_continued_run_left_behind_is_faint_and_not_joined_and_not_the_last_value() -> None:
    one = Line(curve("loss", 1.0, 2.0, 3.0, 9.0, 9.5, ends_at=2), "curve-0")
    plot = drawing([one], View(), columns=80, rows=20)
    assert plot is not None
    assert [(list(each.xs), each.role) for each in plot.series] == [([3, 4], "faint"), ([0, 1, 2], one.role)]
    assert said_of(one.curve).startswith("last 3 at 2 ")
    plot = drawing([one], View(along=Along.time), columns=80, rows=20)
    assert plot is not None
    assert [list(each.xs) for each in plot.series] == [[0, 1, 2]]


def test_infinities_beside_nan_are_both_told() -> None:
    assert said_of(curve("loss", 1.0, math.nan, math.inf, 2.0)).endswith("· NaN × and infinite ▲▼ here and there")
