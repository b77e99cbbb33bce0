"""A plot as text: it fits, hides nothing and tells apart what crosses."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.plot import FAINT, Axis, Piece, Plot, Series, drawn
from tui.sparklines import sparkline
from tui.ticks import log_ticks, number_ticks, time_ticks

_WIDTH, _HEIGHT = 60, 20
_ANY = st.one_of(st.floats(-1e308, 1e308), st.sampled_from([math.nan, math.inf, -math.inf]))


def series(ys: Sequence[float], role: str = "curve-0", **more: object) -> Series:
    return Series([float(x) for x in range(len(ys))], ys, ys, ys, role, **more)  # type: ignore[arg-type]


def plot(*lines: Series, low: float = 0.0, high: float = 10.0, last: float = 9.0, **more: object) -> Plot:
    axis = Axis(low, high, number_ticks(low, high, 5))
    return Plot(lines, Axis(0.0, last, number_ticks(0.0, last, 4)), axis, **more)  # type: ignore[arg-type]


def text(rows: Sequence[Sequence[Piece]]) -> list[str]:
    return ["".join(piece for piece, _ in row) for row in rows]


@given(st.lists(_ANY, min_size=1, max_size=50), st.integers(0, 120), st.integers(0, 50), st.booleans())
def test_it_has_the_size_it_was_given_whatever_is_drawn(ys: list[float], width: int, height: int, dashed: bool) -> None:
    rows = text(drawn(plot(series(ys, mark="●", is_dashed=dashed), last=max(1.0, len(ys) - 1)), width, height))
    assert len(rows) == height
    assert {len(row) for row in rows} <= {width}


@given(st.lists(_ANY, min_size=1, max_size=50), st.booleans(), st.booleans())
def test_logarithmic_axes_draw_what_has_a_place_on_them(ys: list[float], log_x: bool, log_y: bool) -> None:
    x, y = Axis(0.5, 60.0, (), is_log=log_x), Axis(0.1, 10.0, log_ticks(0.1, 10.0, 5), is_log=log_y)
    rows = text(drawn(Plot([series(ys, mark="●")], x, y), _WIDTH, _HEIGHT))
    assert {len(row) for row in rows} == {_WIDTH}


def test_a_line_goes_from_corner_to_corner() -> None:
    rows = text(drawn(plot(series([float(x) for x in range(10)]), high=9.0), _WIDTH, _HEIGHT))
    assert rows[0].rstrip()[-1] not in "│┤"
    start = rows[-3].index("│" if "│" in rows[-3] else "┤") + 1
    assert rows[-3][start] not in " ┈"
    columns = [{row[cell] for row in rows[:-2]} - {" ", "┈"} for cell in range(start, _WIDTH)]
    assert all(columns), "no gap on the way"


def test_a_spike_of_one_point_in_ten_thousand_is_seen() -> None:
    ys = [1.0] * 10_000
    ys[5_000] = 9.0
    rows = text(drawn(plot(series(ys), last=9_999.0), _WIDTH, _HEIGHT))
    assert sum(any(0x2800 < ord(character) <= 0x28FF for character in row) for row in rows) > _HEIGHT / 2


def test_nan_is_a_gap_and_a_sign_and_the_infinite_leaves_by_the_edge() -> None:
    ys = [5.0, 5.0, 5.0, math.nan, math.nan, math.nan, math.inf, -math.inf, 5.0, 5.0]
    rows = text(drawn(plot(series(ys)), _WIDTH, _HEIGHT))
    assert rows[-3].count("×") == 3
    assert rows[0].count("▲") == 1
    assert rows[-3].count("▼") == 1
    middle = next(row for row in rows if sum(0x2800 < ord(character) <= 0x28FF for character in row) > 10)
    assert "   " in middle.strip()[10:-5], "nothing is drawn over what is not there"


def test_both_lines_are_there_where_they_cross() -> None:
    up, down = series([0.0, 10.0]), series([10.0, 0.0], "curve-1")
    both = text(drawn(plot(up, down, last=1.0), _WIDTH, _HEIGHT))
    alone = [text(drawn(plot(one, last=1.0), _WIDTH, _HEIGHT)) for one in (up, down)]
    for row, first, second in zip(both[:-2], *(rows[:-2] for rows in alone), strict=True):
        for drawn_cell, one, other in zip(row, first, second, strict=True):
            dots = [ord(cell) - 0x2800 if ord(cell) >= 0x2800 else 0 for cell in (one, other)]
            if any(dots):
                assert ord(drawn_cell) - 0x2800 == dots[0] | dots[1]


def test_what_lies_behind_never_takes_the_colour_of_a_line() -> None:
    noisy = series([0.0, 10.0] * 5, FAINT)
    rows = drawn(plot(noisy, series([5.0] * 10)), _WIDTH, _HEIGHT)
    alone = drawn(plot(series([5.0] * 10)), _WIDTH, _HEIGHT)
    assert [[piece for piece in row if piece[1] == "curve-0"] for row in rows] == [
        [piece for piece in row if piece[1] == "curve-0"] for row in alone
    ]
    assert any(role == FAINT for row in rows for _, role in row)


def test_a_restart_is_marked_from_top_to_bottom() -> None:
    rows = text(drawn(plot(series([1.0] * 10), verticals=[4.5, 99.0]), _WIDTH, _HEIGHT))
    assert sum("↻" in row for row in rows) == 1
    assert sum("┊" in row for row in rows) >= _HEIGHT - 5


def test_marks_stand_on_the_line_even_where_there_are_few_points() -> None:
    rows = text(drawn(plot(series([1.0, 9.0, 5.0], mark="■"), last=2.0), 80, _HEIGHT))
    assert any("■" in row for row in rows)


def test_a_cut_line_goes_on_to_the_edge() -> None:
    """Of a line that enters the window from the left, the way to its first point inside is drawn, too."""
    axis = Axis(4.5, 5.5, ())
    rows = text(drawn(Plot([series([5.0] * 10)], axis, Axis(0.0, 10.0, ())), _WIDTH, _HEIGHT))
    full = max(sum(0x2800 < ord(character) <= 0x28FF for character in row) for row in rows)
    assert full == _WIDTH - 3


# ---------------------------------------------------------------- numbers at the axes


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0.0, 1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0.0, 9_999.0, ["0", "2000", "4000", "6000", "8000"]),
        (0.0, 1e5, ["0", "20k", "40k", "60k", "80k", "100k"]),
        (0.011, 0.019, ["0.012", "0.014", "0.016", "0.018"]),
        (1e-7, 5e-7, ["1e-07", "2e-07", "3e-07", "4e-07", "5e-07"]),
    ],
)
def test_numbers_are_round(low: float, high: float, labels: list[str]) -> None:
    assert [label for _, label in number_ticks(low, high, 5)] == labels


def test_powers_of_ten_or_what_lies_between_them() -> None:
    assert [label for _, label in log_ticks(1e-5, 1.0, 8)] == ["1e-5", "1e-4", "0.001", "0.01", "0.1", "1"]
    assert [label for _, label in log_ticks(0.1, 2.0, 8)] == ["0.1", "0.2", "0.5", "1", "2"]
    assert len(log_ticks(1.31, 1.39, 5)) >= 2


def test_times_are_read_as_times() -> None:
    assert [label for _, label in time_ticks(0, 60, 4)] == ["0 s", "15 s", "30 s", "45 s", "60 s"]
    assert [label for _, label in time_ticks(0, 7200, 4)] == ["0 min", "30 min", "1:00 h", "1:30 h", "2:00 h"]
    assert [label for _, label in time_ticks(0, 3 * 86_400, 3)][-1] == "3 d"


@given(st.floats(-1e300, 1e300), st.floats(1e-300, 1e300), st.integers(1, 20))
def test_there_are_never_many_numbers_and_all_lie_on_the_axis(low: float, length: float, most: int) -> None:
    high = low + length
    for value, _ in (*number_ticks(low, high, most), *time_ticks(low, high, most)):
        assert low - length * 1e-6 <= value <= high + length * 1e-6
    assert len(number_ticks(low, high, most)) <= most + 2


# ---------------------------------------------------------------- a curve in one line


def test_a_sparkline_goes_down_with_its_values_and_says_what_is_no_number() -> None:
    assert sparkline([7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0], 8) == "█▇▆▅▄▃▂▁"
    assert sparkline([1.0, math.nan, math.inf], 3) == "▁××"
    assert len(sparkline([1.0] * 1000, 20)) == 20
    assert sparkline([], 20) == sparkline([1.0], 0) == ""
    assert sparkline([-1.7e308, 1.7e308], 2) == "▁█"
