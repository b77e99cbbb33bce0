"""A plot as lines of text: axes with their numbers, and curves of dots between them. Pure.

Made once for the interface and for the command line. Of the plot widgets for Textual, textual-plot 0.10 took 25 ms
for 5 curves of 400 points where this takes 12 for 500, draws lines over NaN, forgets the dots of a curve where another
one crosses it, and needs numpy, whose import alone takes 66 ms, longer than a key may; plotext 5.3 took 35 ms.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tui.braille import DOTS_X, DOTS_Y, Dots, draw_line
from tui.ticks import Tick

Piece = tuple[str, str]  # text, and the role that gives it its colour

_WIDEST_LABEL = 9
_MARKS_APART = 18  # cells between two marks of one line
_AXIS_ROWS = 2
_BEYOND = 1e6  # lengths of the axis: from further out, a line comes in as from there
FAINT = "faint"  # the role of what lies behind the lines: where both are in a cell, the line alone is drawn


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a plot: as many `ys`, `lows` and `highs` as `xs`, which ascend and have a place on their axis.

    `mark` is a character that stands on the line here and there, so that lines are told apart without colour.
    """

    xs: Sequence[float]
    ys: Sequence[float]
    lows: Sequence[float]
    highs: Sequence[float]
    role: str
    mark: str = ""
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """The stretch that is shown, `low` below `high`; both positive where it `is_log`."""

    low: float
    high: float
    ticks: tuple[Tick, ...]
    is_log: bool = False

    def shares(self, values: Sequence[float]) -> list[float]:
        """How far along the axis each value lies: 0 at its start, 1 at its end; infinite where it has no place."""
        if self.is_log:
            low, length = math.log(self.low), math.log(self.high) - math.log(self.low)
            return [(math.log(value) - low) / length if value > 0 else -math.inf for value in values]
        low, length = self.low, self.high - self.low
        return [(value - low) / length for value in values]

    def share(self, value: float) -> float:
        return self.shares([value])[0]


@dataclass(frozen=True, slots=True)
class Plot:
    series: Sequence[Series]
    x: Axis
    y: Axis
    verticals: Sequence[float] = ()  # where something happened


def drawn(plot: Plot, width: int, height: int) -> list[list[Piece]]:
    """The plot in exactly `height` lines of `width` cells; where that is too little, blank ones."""
    gutter = min(_WIDEST_LABEL, max((len(label) for _, label in plot.y.ticks), default=1)) + 1
    cells, lines = width - gutter - 1, height - _AXIS_ROWS
    if cells < 4 or lines < 2:
        return [[(" " * width, "")] for _ in range(height)]
    dots, behind = Dots(cells, lines), Dots(cells, lines)
    places = [plot.x.shares(series.xs) for series in plot.series]
    for series, across in zip(plot.series, places, strict=True):
        canvas = behind if series.role == FAINT else dots
        draw_line(canvas, _placed(series, across, plot, dots), series.role, is_dashed=series.is_dashed)
    for number, (series, across) in enumerate(zip(plot.series, places, strict=True)):
        if series.role != FAINT:
            _sign(dots, series, across, plot, number)
    labels = {_row(plot.y, value, lines): label for value, label in plot.y.ticks}
    verticals = {round(share * (cells - 1)) for share in map(plot.x.share, plot.verticals) if 0 <= share <= 1}
    rows = []
    for row in range(lines):
        label = labels.get(row)
        start = [((label or "")[:_WIDEST_LABEL].rjust(gutter), "dim"), ("┤" if label else "│", "dim")]
        rows.append(_joined([*start, *_cells(dots, behind, row, verticals, has_line=label is not None)]))
    return rows + _x_axis(plot.x, gutter, cells)


def _placed(
    series: Series, across: Sequence[float], plot: Plot, dots: Dots
) -> Iterator[tuple[float, float, float, float]]:
    """The points in dots, those beside the stretch that is shown left out but for one on either side."""
    wide, high = dots.width * DOTS_X - 1, dots.height * DOTS_Y - 1
    first = max(0, bisect_left(across, 0.0) - 1)
    last = bisect_right(across, 1.0, lo=first) + 1
    stretch = slice(first, last)
    middle = plot.y.shares(series.ys[stretch])
    is_bare = series.lows is series.ys and series.highs is series.ys
    least, most = (middle, middle) if is_bare else map(plot.y.shares, (series.lows[stretch], series.highs[stretch]))
    for x, y, low, top in zip(across[stretch], _near(middle, math.nan), _near(least), _near(most), strict=True):
        if -_BEYOND < x < _BEYOND:
            yield x * wide, (1 - y) * high, (1 - top) * high, (1 - low) * high


def _near(shares: Sequence[float], endless: float = _BEYOND) -> Sequence[float]:
    """The same, but no further out than a line can be drawn from; `endless` in the place of the infinite."""
    if min(shares, default=0) > -_BEYOND and max(shares, default=0) < _BEYOND:
        return shares
    return [
        math.copysign(endless, share) if math.isinf(share) else min(max(share, -_BEYOND), _BEYOND) for share in shares
    ]


def _sign(dots: Dots, series: Series, across: Sequence[float], plot: Plot, number: int) -> None:
    """Marks on the line, and what is no number at the edge where it would leave the plot."""
    last = dots.width - 1
    if series.mark:
        up, is_marked = plot.y.shares(series.ys), False
        for cell in range(_MARKS_APART // 2 + number * 5 % _MARKS_APART, dots.width, _MARKS_APART):
            height = _height_at(across, up, cell / last)
            if 0 <= height <= 1:
                dots.sign(cell, _row_at(height, dots.height), series.mark, series.role)
                is_marked = True
        shown = [] if is_marked else [index for index, x in enumerate(across) if 0 <= x <= 1 and 0 <= up[index] <= 1]
        for index in shown[-1:]:  # too short for that
            dots.sign(round(across[index] * last), _row_at(up[index], dots.height), series.mark, series.role)
    for index in [index for index, y in enumerate(series.ys) if not math.isfinite(y)]:
        if 0 <= across[index] <= 1:
            y = series.ys[index]
            sign = "×" if math.isnan(y) else "▲" if y > 0 else "▼"
            row = 0 if y > 0 else dots.height - 1
            dots.sign(round(across[index] * last), row, sign, f"{series.role} bad")


def _height_at(across: Sequence[float], up: Sequence[float], place: float) -> float:
    """How high a line is at `place`; NaN where it is not."""
    after = bisect_left(across, place)
    if after == len(across) or (after == 0 and across[0] != place):
        return math.nan
    if across[after] == place:
        return up[after]
    share = (place - across[after - 1]) / (across[after] - across[after - 1])
    return up[after - 1] + share * (up[after] - up[after - 1])


def _row(axis: Axis, value: float, lines: int) -> int:
    share = axis.share(value)
    return _row_at(share, lines) if math.isfinite(share) else -1


def _row_at(share: float, lines: int) -> int:
    return round((1 - share) * (lines * DOTS_Y - 1)) // DOTS_Y


def _cells(dots: Dots, behind: Dots, row: int, verticals: set[int], *, has_line: bool) -> Iterator[Piece]:
    for cell, (front, back) in enumerate(zip(dots.row(row), behind.row(row), strict=True)):
        if front[0] != " ":
            yield front
        elif cell in verticals:
            yield ("↻" if row == 0 else "┊"), "warn"
        elif back[0] != " ":
            yield back
        else:
            yield ("┈" if has_line and cell % 2 else " "), "grid"


def _x_axis(axis: Axis, gutter: int, cells: int) -> list[list[Piece]]:
    line = ["─"] * cells
    labels = [" "] * (gutter + 1 + cells)
    free_from = 0
    for value, label in axis.ticks:
        share = axis.share(value)
        if not 0 <= share <= 1:
            continue
        cell = round(share * (cells - 1))
        line[cell] = "┬"
        start = min(max(gutter + 1 + cell - len(label) // 2, 0), len(labels) - len(label))
        if start >= free_from:
            labels[start : start + len(label)] = label
            free_from = start + len(label) + 1
    return [[(" " * gutter + "└" + "".join(line), "dim")], [("".join(labels), "dim")]]


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours of one role as one piece."""
    joined: list[Piece] = []
    for text, role in pieces:
        if joined and joined[-1][1] == role:
            joined[-1] = (joined[-1][0] + text, role)
        else:
            joined.append((text, role))
    return joined
