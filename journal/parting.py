"""The step at which two curves part. Pure.

The rule. Where both curves have a value at a step, the values are compared; where few steps are common, the curve
with more points is read at the steps of the other, on the straight line between its points. Then:

- the curves are *identical* up to the last step before the first two values that differ at all;
- they are *apart* from the first step on after which the mean of their difference, over each window of `w` points up
  to the end, has one sign and is more than 4.5 standard errors. The error is that of a mean of `w` points with the
  scatter of both curves around a straight line within the window: their own noise, from point to point. It says
  nothing of what another seed would do. `w` is a fifth of the points, from 7 to 51.

Within the first such window, the step is where two means, before and after, fit the difference best. What is not
a number is told by itself, and left out of the means.

Fewer than 7 points are too few for that. Of them only what anyone can see is told: that one curve lies above the
other at every step, where their ranges do not touch and the two are further from each other, everywhere, than three
times what either moves from one step to the next.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import isfinite, sqrt

from journal.curves import Curve

_FEWEST = 7  # points: below, no window can be looked at
_MOVES = 3.0  # from step to step, that a few points must be apart
_SHORTEST, _LONGEST = 7, 51  # points of a window
_ERRORS = 4.5
_LEAST_NOISE = 1e-3  # of the range of both curves: what cannot be seen on a plot is not apart
_MOST_POINTS = 20_000  # beyond, neighbours are taken together
_ENOUGH_COMMON = 0.5  # of the points of the shorter one


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """Where two curves of one metric part; steps are those of the curves.

    `identical_to` and `differs_from` are the steps around the first exact difference: None where there is no such
    step. `apart_from`: None where they do not stay apart. `b_above`: whether B is the higher one there. `too_few`: how
    many points can be compared, where these are too few to look for where they part; `b_above` then says which one
    is the higher one at every step, None where neither plainly is.
    `a_broken` and `b_broken` are the first steps at which a curve is not a finite number, `a_stays_broken` and
    `b_stays_broken` whether it never is one again. `points` were compared,
    from step `first` to step `last`; none where the curves share no stretch.
    """

    key: str
    points: int
    first: int | None = None
    last: int | None = None
    identical_to: int | None = None
    differs_from: int | None = None
    apart_from: int | None = None
    b_above: bool | None = None
    a_broken: int | None = None
    b_broken: int | None = None
    a_stays_broken: bool = False
    b_stays_broken: bool = False
    is_interpolated: bool = False
    too_few: int | None = None


def parting(a: Curve, b: Curve) -> Parting:
    """Where `b` parts from `a`, by the rule above."""
    steps, ours, theirs, is_interpolated = _paired(a, b)
    (a_broken, a_stays), (b_broken, b_stays) = _broken(a), _broken(b)
    if not steps:
        return Parting(
            key=a.key, points=0, a_broken=a_broken, b_broken=b_broken, a_stays_broken=a_stays, b_stays_broken=b_stays
        )
    differing = next((index for index, pair in enumerate(zip(ours, theirs, strict=True)) if not _equal(*pair)), None)
    if is_interpolated:
        before = after = None
    elif differing is None:
        before, after = steps[-1], None
    else:
        before, after = (steps[differing - 1] if differing else None), steps[differing]
    finite = [index for index in range(len(steps)) if isfinite(ours[index]) and isfinite(theirs[index])]
    finite_a, finite_b = [ours[index] for index in finite], [theirs[index] for index in finite]
    is_short = differing is not None and len(finite) < _FEWEST
    apart, b_above = None, None
    if is_short:
        b_above = _plainly_above(finite_a, finite_b)
    elif differing is not None:
        apart = _apart([steps[index] for index in finite], finite_a, finite_b)
        b_above = apart[1] if apart else None
    return Parting(
        key=a.key,
        points=len(steps),
        first=steps[0],
        last=steps[-1],
        identical_to=before,
        differs_from=after,
        apart_from=max(apart[0], after) if apart and after is not None else apart[0] if apart else None,
        b_above=b_above,
        too_few=len(finite) if is_short else None,
        is_interpolated=is_interpolated,
        a_broken=a_broken,
        b_broken=b_broken,
        a_stays_broken=a_stays,
        b_stays_broken=b_stays,
    )


def _paired(a: Curve, b: Curve) -> tuple[list[int], list[float], list[float], bool]:
    """Steps, and the values of both there; whether one was read between its points."""
    ours, theirs = dict(zip(a.steps, a.values, strict=True)), dict(zip(b.steps, b.values, strict=True))
    common = sorted(ours.keys() & theirs.keys())
    if len(common) >= _ENOUGH_COMMON * min(len(ours), len(theirs)):
        return common, [ours[step] for step in common], [theirs[step] for step in common], False
    first, last = max(a.steps[0], b.steps[0]), min(a.steps[-1], b.steps[-1])
    coarse = a if len(a.steps) <= len(b.steps) else b
    steps = [step for step in coarse.steps if first <= step <= last]
    return steps, [_value_at(a, step) for step in steps], [_value_at(b, step) for step in steps], True


def _value_at(curve: Curve, step: int) -> float:
    index = bisect_left(curve.steps, step)
    if curve.steps[index] == step:
        return curve.values[index]
    left, right = curve.steps[index - 1], curve.steps[index]
    share = (step - left) / (right - left)
    return curve.values[index - 1] * (1 - share) + curve.values[index] * share


def _equal(one: float, other: float) -> bool:
    return one == other or (one != one and other != other)


def _broken(curve: Curve) -> tuple[int | None, bool]:
    """The first step at which a curve is not a finite number, and whether it is none from there on."""
    first = next((at for at, value in enumerate(curve.values) if not isfinite(value)), None)
    if first is None:
        return None, False
    return curve.steps[first], not any(map(isfinite, curve.values[first:]))


def _plainly_above(a: Sequence[float], b: Sequence[float]) -> bool | None:
    """Whether B is above at each of a few points by far more than either moves; None where neither is."""
    if len(a) < 2:
        return None
    largest = max(abs(after - before) for values in (a, b) for before, after in pairwise(values))
    for low, high, is_b in ((a, b, True), (b, a, False)):
        least = min(above - below for below, above in zip(low, high, strict=True))
        if max(low) < min(high) and least > _MOVES * largest:
            return is_b
    return None


def _apart(steps: Sequence[int], a: Sequence[float], b: Sequence[float]) -> tuple[int, bool] | None:
    """The step from which the curves, of `_FEWEST` points or more, stay apart, and whether B is above; else None."""
    together = -(-len(steps) // _MOST_POINTS)
    steps = steps[::together]
    a, b = _means(a, together), _means(b, together)
    size = min(len(steps), max(_SHORTEST, min(_LONGEST, len(steps) // 5)))
    span = max(max(a), max(b)) - min(min(a), min(b))
    least = (_LEAST_NOISE * span) ** 2
    difference = [theirs - ours for ours, theirs in zip(a, b, strict=True)]
    scatters = zip(_scatter(a, size), _scatter(b, size), strict=True)
    sums = [0.0, *accumulate(difference)]
    start, is_above = None, False
    for index, scatter in reversed(list(enumerate(ours + theirs for ours, theirs in scatters))):
        mean = (sums[index + size] - sums[index]) / size
        if abs(mean) <= _ERRORS * sqrt(max(scatter, least) / size) or (
            start is not None and (mean > 0) is not is_above
        ):
            break
        start, is_above = index, mean > 0
    if start is None:
        return None
    low, high = max(0, start - size), start + size
    return steps[low + _split(difference[low:high], is_above)], is_above


def _means(values: Sequence[float], together: int) -> Sequence[float]:
    if together == 1:
        return values
    return [
        sum(values[index : index + together]) / len(values[index : index + together])
        for index in range(0, len(values), together)
    ]


def _scatter(values: Sequence[float], size: int) -> list[float]:
    """For each window of `size` values: the variance around the straight line that fits them best."""
    middle = (size - 1) / 2
    spread_x = size * (size * size - 1) / 12
    shift = sum(values) / len(values)  # keeps the sums small beside what they tell
    centred = [value - shift for value in values]
    sums = [0.0, *accumulate(centred)]
    squares = [0.0, *accumulate(value * value for value in centred)]
    placed = [0.0, *accumulate(index * value for index, value in enumerate(centred))]
    found = []
    for start in range(len(values) - size + 1):
        total = sums[start + size] - sums[start]
        about = placed[start + size] - placed[start] - (start + middle) * total
        left = squares[start + size] - squares[start] - total * total / size - about * about / spread_x
        found.append(max(0.0, left) / (size - 2))
    return found


def _split(difference: Sequence[float], is_above: bool) -> int:
    """Where to cut the values so that two means fit them best, the second being on the side where they end up."""
    total, count = sum(difference), len(difference)
    best, best_gain, before = 0, 0.0, 0.0
    for index in range(1, count):
        before += difference[index - 1]
        step = (total - before) / (count - index) - before / index
        gain = step * step * index * (count - index) / count
        if gain > best_gain and (step > 0) is is_above:
            best, best_gain = index, gain
    return best
