"""How curves are looked at: what is shown together, smoothed, zoomed, and where each point falls. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum, auto

from journal.curves import Curve, smoothed
from journal.types import Ref
from tui.formatting import duration
from tui.metric_groups import is_training
from tui.plot import FAINT, Axis, Plot, Series
from tui.ticks import Tick, log_ticks, number_ticks, time_ticks

SMOOTHINGS = (0.0, 0.6, 0.9, 0.97, 0.99)
COLOURS = 8
MARKS = "●■▲◆○□△◇"
_ZOOM = 0.5
_PAN = 0.25
_LEAST_SHARE = 1e-6  # of the whole, that zooming leaves


class Along(StrEnum):
    """What the horizontal axis counts."""

    step = auto()
    time = auto()
    epoch = auto()


@dataclass(frozen=True, slots=True)
class View:
    """How a person looks at the curves. `window`: the stretch of the horizontal axis, None for all of it."""

    along: Along = Along.step
    smoothing: float = 0.0
    is_log_x: bool = False
    is_log_y: bool = False
    window: tuple[float, float] | None = None
    has_restarts: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A curve as one line of the plot. `started_ms` is when its run began."""

    curve: Curve
    role: str
    mark: str = ""
    is_dashed: bool = False
    started_ms: int | None = None
    epochs: Curve | None = None


# ---------------------------------------------------------------- looks


def lines_of(curves: Sequence[tuple[Ref, Curve, int | None, Curve | None]]) -> list[Line]:
    """Colours and marks: one colour a run, or one a metric where there is one run; training is dashed beside others.

    Given are, for each curve, its run, when that started (milliseconds since 1970), and what counts its epochs.
    """
    runs = list(dict.fromkeys(ref for ref, *_ in curves))
    keys = list(dict.fromkeys(curve.key for _, curve, *_ in curves))
    lines = []
    for place, (ref, curve, started_ms, epochs) in enumerate(curves):
        colour = (runs.index(ref) if len(runs) > 1 else keys.index(curve.key)) % COLOURS
        mark = MARKS[place % len(MARKS)] if len(curves) > 1 else ""
        is_dashed = len(keys) > 1 and is_training(curve.key)
        lines.append(Line(curve, f"curve-{colour}", mark, is_dashed, started_ms, epochs))
    return lines


def next_smoothing(weight: float, by: int) -> float:
    place = min(range(len(SMOOTHINGS)), key=lambda index: abs(SMOOTHINGS[index] - weight))
    return SMOOTHINGS[(place + by) % len(SMOOTHINGS)]


def next_along(along: Along, *, has_epochs: bool) -> Along:
    offered = [one for one in Along if has_epochs or one is not Along.epoch]
    return offered[(offered.index(along) + 1) % len(offered)] if along in offered else Along.step


def zoomed(view: View, whole: tuple[float, float], direction: int) -> View:
    """Half, or twice, as much of the horizontal axis; twice as much as all is all."""
    low, high = _scaled(view.window or whole, view)
    least, most = _scaled(whole, view)
    centre, half = (low + high) / 2, (high - low) / 2 * (_ZOOM if direction > 0 else 1 / _ZOOM)
    if 2 * half >= most - least:
        return replace(view, window=None)
    half = max(half, (most - least) * _LEAST_SHARE)
    return replace(view, window=_unscaled(_kept_within((centre - half, centre + half), (least, most)), view))


def panned(view: View, whole: tuple[float, float], direction: int) -> View:
    """A quarter of the window further; there is nothing beside the whole."""
    if view.window is None:
        return view
    low, high = _scaled(view.window, view)
    by = (high - low) * _PAN * direction
    return replace(view, window=_unscaled(_kept_within((low + by, high + by), _scaled(whole, view)), view))


def following(view: View, before: tuple[float, float] | None, now: tuple[float, float] | None) -> View:
    """A window that ended with the curve goes on to end with it; any other stays where it is."""
    if view.window is None or before is None or now is None or view.window[1] < before[1] or now[1] <= before[1]:
        return view
    by = now[1] - before[1]
    return replace(view, window=(view.window[0] + by, view.window[1] + by))


def window_words(view: View) -> str:
    """`step 218 to 364`: the stretch that is shown; '' where it is all of it."""
    if view.window is None:
        return ""
    low, high = view.window
    first, last = f"{low:.5g}", f"{high:.5g}"
    if view.along is Along.time:
        first, last = duration(timedelta(seconds=low)), duration(timedelta(seconds=high))
        if first == last:
            first, last = f"{low:,.1f} s", f"{high:,.1f} s"
    elif view.along is Along.step and round(low) < round(high):
        first, last = f"{round(low):,}", f"{round(high):,}"
    return f"{view.along} {first} to {last}"


def _kept_within(window: tuple[float, float], whole: tuple[float, float]) -> tuple[float, float]:
    shift = max(whole[0] - window[0], 0) + min(whole[1] - window[1], 0)
    return window[0] + shift, window[1] + shift


def _scaled(stretch: tuple[float, float], view: View) -> tuple[float, float]:
    return (math.log(stretch[0]), math.log(stretch[1])) if view.is_log_x else stretch


def _unscaled(stretch: tuple[float, float], view: View) -> tuple[float, float]:
    return (math.exp(stretch[0]), math.exp(stretch[1])) if view.is_log_x else stretch


# ---------------------------------------------------------------- where each point falls


def places(line: Line, along: Along) -> list[float]:
    """How far along the horizontal axis each point of a curve is: its step, seconds since the start, or its epoch."""
    curve = line.curve
    if along is Along.time:
        start = line.started_ms if line.started_ms is not None else min(curve.times_ms, default=0)
        return _ascending([(ms - start) / 1000 for ms in curve.times_ms])
    if along is Along.epoch:
        return _ascending([_epoch_at(step, line.epochs) for step in curve.steps])
    return [float(step) for step in curve.steps]


def _ascending(values: list[float]) -> list[float]:
    """A run that was continued from an earlier step logged some of what comes first last."""
    greatest = -math.inf
    for index, value in enumerate(values):
        greatest = values[index] = max(value, greatest)
    return values


def _epoch_at(step: int, epochs: Curve | None) -> float:
    if epochs is None or not epochs.steps:
        return math.nan
    after = bisect_right(epochs.steps, step)
    if after == 0:
        return epochs.values[0]
    if after == len(epochs.steps):
        return epochs.values[-1]
    first, last = epochs.steps[after - 1], epochs.steps[after]
    share = (step - first) / (last - first)
    return epochs.values[after - 1] + share * (epochs.values[after] - epochs.values[after - 1])


def extent(lines: Iterable[Line], view: View) -> tuple[float, float] | None:
    """From the first to the last point of all lines along the horizontal axis; None where there are none."""
    ends = [
        place
        for line in lines
        for place in places(line, view.along)
        if math.isfinite(place) and (place > 0 or not view.is_log_x)
    ]
    return (min(ends), max(ends)) if ends else None


def steps_shown(line: Line, view: View) -> tuple[int, int] | None:
    """The steps of a curve that the window shows, with one more on either side; None for all of them."""
    if view.window is None or not line.curve.steps:
        return None
    low, high = view.window
    steps = line.curve.steps
    if view.along is Along.step:
        before, after = max(0, bisect_right(steps, low) - 1), min(len(steps) - 1, bisect_left(steps, high))
        return min(math.floor(low) - 1, steps[before]), max(math.ceil(high) + 1, steps[after])
    found = places(line, view.along)
    first, behind = bisect_left(found, low), bisect_right(found, high)
    if first == behind and not 0 < first < len(found):  # neither in it nor through it
        return None
    return steps[max(0, first - 1)], steps[min(len(steps) - 1, behind)]


def drawing(lines: Sequence[Line], view: View, *, columns: int, rows: int, has_colour: bool = True) -> Plot | None:
    """The plot of `lines` as `view` has them, on about `columns` x `rows` cells; None where there is nothing on it."""
    series, left, behind = [], [], []
    for line in lines:
        xs = places(line, view.along)
        if any(map(math.isnan, xs[:1])):  # a run that counted no epochs
            continue
        values = smoothed(line.curve.values, view.smoothing)
        has_range = view.smoothing == 0
        lows, highs = (line.curve.least, line.curve.greatest) if has_range else (values, values)
        drawn, behind_it = slice(line.curve.kept), slice(line.curve.kept, None)
        series.append(Series(xs[drawn], values[drawn], lows[drawn], highs[drawn], line.role, line.mark, line.is_dashed))
        if line.curve.kept < len(xs) and view.along is not Along.time:  # its time was before what is drawn
            left.append(Series(xs[behind_it], values[behind_it], lows[behind_it], highs[behind_it], FAINT))
        if not has_range and has_colour:
            behind.append(
                Series(xs[drawn], line.curve.values[drawn], line.curve.least[drawn], line.curve.greatest[drawn], FAINT)
            )
    stretch = view.window or extent(lines, view)
    if stretch is None:
        return None
    stretch = _widened(stretch, is_log=view.is_log_x)
    heights = _heights([*series, *left], stretch, is_log_x=view.is_log_x, is_log=view.is_log_y)
    if heights is None:
        return None
    verticals = [place for line in lines for place in _restarts(line, view.along)] if view.has_restarts else []
    x = Axis(*stretch, _x_ticks(stretch, view, max(2, columns // 14)), view.is_log_x)
    y_ticks = (log_ticks if view.is_log_y else number_ticks)(*heights, max(2, rows // 4))
    return Plot([*behind, *left, *series], x, Axis(*heights, y_ticks, view.is_log_y), verticals)


def not_above_0(lines: Iterable[Line], view: View) -> int:
    """How many points have no place on a logarithmic axis."""
    if not (view.is_log_x or view.is_log_y):
        return 0
    return sum(
        (view.is_log_y and math.isfinite(y) and y <= 0) or (view.is_log_x and x <= 0)
        for line in lines
        for x, y in zip(places(line, view.along), smoothed(line.curve.values, view.smoothing), strict=True)
    )


def _restarts(line: Line, along: Along) -> list[float]:
    at = Curve(key="", steps=line.curve.restarts, values=(), times_ms=())
    if along is not Along.time:
        return places(replace(line, curve=at), along)
    steps, found = line.curve.steps, places(line, along)
    return [found[min(bisect_right(steps, step - 1), len(found) - 1)] for step in line.curve.restarts if found]


def _x_ticks(stretch: tuple[float, float], view: View, most: int) -> tuple[Tick, ...]:
    if view.is_log_x:
        return log_ticks(*stretch, most)
    return (time_ticks if view.along is Along.time else number_ticks)(*stretch, most)


def _heights(
    series: Sequence[Series], stretch: tuple[float, float], *, is_log_x: bool, is_log: bool
) -> tuple[float, float] | None:
    """The range of what is inside of `stretch`."""
    low, high = math.inf, -math.inf
    for one in series:
        for x, y, least, most in zip(one.xs, one.ys, one.lows, one.highs, strict=True):
            if stretch[0] <= x <= stretch[1] and math.isfinite(y):
                for value in (least, most, y):
                    if math.isfinite(value) and (value > 0 or not is_log):
                        low, high = min(low, value), max(high, value)
        for value in _passing(one, stretch, is_log_x=is_log_x, is_log=is_log):
            low, high = min(low, value), max(high, value)
    return _widened((low, high), is_log=is_log) if low <= high else None


def _passing(one: Series, stretch: tuple[float, float], *, is_log_x: bool, is_log: bool) -> tuple[float, ...]:
    """How high a line is at the ends of `stretch`, where it goes through without a point in it."""
    after = bisect_left(one.xs, stretch[0])
    if not 0 < after < len(one.xs) or one.xs[after] <= stretch[1]:
        return ()
    xs, ys = (*one.xs[after - 1 : after + 1], *stretch), one.ys[after - 1 : after + 1]
    if not all(map(math.isfinite, (*xs, *ys))) or (is_log_x and min(xs) <= 0) or (is_log and min(ys) <= 0):
        return ()
    x0, x1, *ends = map(math.log, xs) if is_log_x else xs
    y0, y1 = map(math.log, ys) if is_log else ys
    heights = tuple(y0 + (y1 - y0) * (x - x0) / (x1 - x0) for x in ends)
    return tuple(map(math.exp, heights)) if is_log else heights


def _widened(stretch: tuple[float, float], *, is_log: bool) -> tuple[float, float]:
    """A stretch that has a length: one value stands in the middle."""
    low, high = stretch
    if high - low > 1e-9 * max(abs(low), abs(high)):
        return (low / 2, high / 2) if math.isinf(high - low) else (low, high)
    if is_log:
        return low / 1.5, high * 1.5
    by = max(abs(low) * 0.05, 1e-300) if low else 1.0
    return low - by, high + by
