"""A metric over the steps of a run, as values that importers read and the interface draws. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

# More often than this, steps do not come in order, and going back is no sign of a new start.
MOST_RESTARTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One metric of one run, a point for each step, in the order of steps.

    `values` may hold NaN and infinities. `times_ms` are milliseconds since 1970. Where many points were
    read as few, `lows` and `highs` are the range that each point stands for; else they are empty.
    `restarts` are the steps at which a later process went on with the run; `ends_at` is the step that the last of
    them came to, None where there was none: what lies behind it an earlier one left.
    """

    key: str
    steps: tuple[int, ...]
    values: tuple[float, ...]
    times_ms: tuple[int, ...]
    lows: tuple[float, ...] = ()
    highs: tuple[float, ...] = ()
    restarts: tuple[int, ...] = ()
    ends_at: int | None = None

    @property
    def kept(self) -> int:
        """How many of the points, the first ones, still hold: the last process went back and left the others behind."""
        return len(self.steps) if self.ends_at is None else bisect_right(self.steps, self.ends_at)

    @property
    def least(self) -> tuple[float, ...]:
        """The least value that each point stands for."""
        return self.lows or self.values

    @property
    def greatest(self) -> tuple[float, ...]:
        return self.highs or self.values


@dataclass(frozen=True, slots=True)
class Point:
    """What was logged once. Points are given in the order in which they were logged, as far as that is known."""

    step: int
    time_ms: int
    value: float


def curve_of(
    key: str, points: Iterable[Point], *, session_starts_ms: Sequence[int] = (), most_points: int | None = None
) -> Curve:
    """The curve of what was logged, in any order.

    Of several points at one step, as a run that was continued leaves them, the last by time holds. A metric that
    was logged without steps, so always at the same one, gets its points counted instead. `session_starts_ms`: when
    each process began to work on the run; where that is not known, going back in steps tells of a new one.
    """
    by_time = sorted(points, key=lambda point: point.time_ms)
    if len(by_time) > 1 and len({point.step for point in by_time}) == 1:
        by_time = [replace(point, step=count) for count, point in enumerate(by_time)]
    at_step = {point.step: point for point in by_time}
    last = [at_step[step] for step in sorted(at_step)]
    starts = restarts_by_sessions(by_time, session_starts_ms) if session_starts_ms else restarts_by_steps(by_time)
    curve = Curve(
        key=key,
        steps=tuple(point.step for point in last),
        values=tuple(point.value for point in last),
        times_ms=tuple(point.time_ms for point in last),
        restarts=starts,
        ends_at=last_end(by_time, session_starts_ms) if starts else None,
    )
    return curve if most_points is None else thinned(curve, most_points)


def restarts_by_sessions(by_time: Sequence[Point], session_starts_ms: Sequence[int]) -> tuple[int, ...]:
    """The first step that each process logged, but for the one that logged first of all."""
    bounds = [*sorted(session_starts_ms), math.inf]
    times = [point.time_ms for point in by_time]
    found: set[int] = set()
    for start, end in pairwise(bounds):
        index = bisect_left(times, start)
        if 0 < index < len(times) and times[index] < end:
            found.add(by_time[index].step)
    return tuple(sorted(found))


def restarts_by_steps(by_time: Sequence[Point]) -> tuple[int, ...]:
    """The steps to which a run went back."""
    found = {after.step for before, after in pairwise(by_time) if after.step < before.step}
    return tuple(sorted(found)) if len(found) <= MOST_RESTARTS else ()


def last_end(by_time: Sequence[Point], session_starts_ms: Sequence[int]) -> int | None:
    """The step that the last process came to; None where nothing was logged."""
    if not session_starts_ms or not by_time:  # it went back for the last time, and ever on from there
        return by_time[-1].step if by_time else None
    start = max((start for start in session_starts_ms if start <= by_time[-1].time_ms), default=-math.inf)
    return max(point.step for point in by_time if point.time_ms >= start)


def thinned(curve: Curve, most_points: int) -> Curve:
    """`curve` in about `most_points`, each the mean of as many neighbours, with their range.

    The last point stays itself, and so does the last one that holds; in each group one of the values that are no
    numbers stays beside the mean.
    """
    if len(curve.steps) <= most_points:
        return curve
    groups: dict[tuple[int, bool, bool], list[int]] = {}
    last = len(curve.steps) - 1
    for index in range(last):
        place, behind = index * (most_points - 1) // last, index - curve.kept
        groups.setdefault((place, behind >= -1, behind >= 0), []).append(index)
    groups[most_points, True, True] = [last]
    buckets: list[Bucket] = []
    for indices in groups.values():
        buckets += _buckets(curve, indices)
    return of_buckets(curve.key, buckets, curve.restarts, curve.ends_at)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Neighbouring points as one: its first step and time, the mean of its values and their range."""

    step: int
    time_ms: int
    value: float
    low: float
    high: float


def of_buckets(
    key: str, buckets: Iterable[Bucket], restarts: tuple[int, ...] = (), ends_at: int | None = None
) -> Curve:
    in_order = sorted(buckets, key=lambda bucket: bucket.step)
    return Curve(
        key=key,
        steps=tuple(bucket.step for bucket in in_order),
        values=tuple(bucket.value for bucket in in_order),
        times_ms=tuple(bucket.time_ms for bucket in in_order),
        lows=tuple(bucket.low for bucket in in_order),
        highs=tuple(bucket.high for bucket in in_order),
        restarts=restarts,
        ends_at=ends_at,
    )


def _buckets(curve: Curve, indices: Sequence[int]) -> list[Bucket]:
    finite = [index for index in indices if math.isfinite(curve.values[index])]
    buckets = []
    if finite:
        first, values = finite[0], [curve.values[index] for index in finite]
        low = min(curve.least[index] for index in finite)
        high = max(curve.greatest[index] for index in finite)
        mean = math.fsum(values) / len(values)
        buckets.append(Bucket(curve.steps[first], curve.times_ms[first], min(max(mean, low), high), low, high))
    seen: set[str] = set()
    for index in indices:
        value = curve.values[index]
        if not math.isfinite(value) and repr(value) not in seen:
            seen.add(repr(value))
            buckets.append(Bucket(curve.steps[index], curve.times_ms[index], value, value, value))
    return buckets


def extended(curve: Curve, points: Sequence[Point]) -> Curve | None:
    """`curve` with what was logged since, or None where that cannot be told without reading all of it again."""
    last = curve.steps[-1] if curve.steps else None
    for point in points:
        if last is not None and point.step <= last:
            return None
        last = point.step
    values = tuple(point.value for point in points)
    return replace(
        curve,
        steps=curve.steps + tuple(point.step for point in points),
        values=curve.values + values,
        times_ms=curve.times_ms + tuple(point.time_ms for point in points),
        lows=curve.lows and curve.lows + values,
        highs=curve.highs and curve.highs + values,
        ends_at=curve.ends_at if curve.ends_at is None else last,
    )


def smoothed(values: Sequence[float], weight: float) -> tuple[float, ...]:
    """`values` as an exponential moving average, corrected for having begun at nought.

    As TensorBoard smooths (resmoothDataset of its line charts) and W&B did before it took the distance of steps
    into account. `weight` of what came before, 0 to below 1. NaN and infinities stay, and have no part in it.
    """
    if weight <= 0:
        return tuple(values)
    average, factor, result = 0.0, 1.0, []
    for value in values:
        if not math.isfinite(value):
            result.append(value)
            continue
        average = average * weight + (1 - weight) * value
        factor *= weight
        result.append(average / (1 - factor))
    return tuple(result)
