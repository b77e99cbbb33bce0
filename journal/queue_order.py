"""The order of the queue: where papers stand after a move, and the places that say so. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum, auto
from itertools import groupby, pairwise
from math import isfinite


class Step(StrEnum):
    """Where a paper goes in the queue; `before` and `after` are beside another one."""

    first = auto()
    last = auto()
    up = auto()
    down = auto()
    before = auto()
    after = auto()


Placed = tuple[int, float | None]
"""A paper of the queue and its place, which may be missing."""


def moved(
    order: Sequence[int],
    papers: Sequence[int],
    step: Step,
    *,
    beside: int | None = None,
    among: Collection[int] | None = None,
) -> list[int]:
    """`order` after `papers` went one step, side by side.

    They stand as they were named, but after `up` and `down`, which keep their order and pass one paper of
    `among` (the ones that a person sees; None: all). `before` and `after` need `beside`, which is none of `papers`.
    """
    together = set(papers)
    rest = [paper for paper in order if paper not in together]
    if step in {Step.up, Step.down}:
        papers = [paper for paper in order if paper in together]
        passed = _passed(order, together, among, forward=step is Step.down)
        if passed is None:
            return list(order)
        step, beside = (Step.after if step is Step.down else Step.before), passed
    if step is Step.first:
        at = 0
    elif step is Step.last:
        at = len(rest)
    else:
        assert beside is not None
        at = rest.index(beside) + (step is Step.after)
    return [*rest[:at], *dict.fromkeys(papers), *rest[at:]]


def _passed(
    order: Sequence[int], together: Collection[int], among: Collection[int] | None, *, forward: bool
) -> int | None:
    """The paper that is passed on the way, or None where nothing is left to pass."""
    on_the_way = list(order) if forward else list(reversed(order))
    furthest = max(at for at, paper in enumerate(on_the_way) if paper in together)
    ahead = (paper for paper in on_the_way[furthest + 1 :] if among is None or paper in among)
    return next(ahead, None)


def new_places(present: Sequence[Placed], wanted: Sequence[int], papers: Collection[int]) -> Mapping[int, float]:
    """The places to write, so that `wanted` is the order: those of `papers`, which were moved, where that will do.

    Everything is counted anew where a place is missing, stands twice, or lies too close to the next one.
    """
    place_of = dict(present)
    kept = [place_of[paper] for paper in wanted if paper not in papers]
    written: dict[int, float] = {}
    before: float | None = None
    for is_moved, group in groupby(wanted, key=lambda paper: paper in papers):
        run = list(group)
        if is_moved:
            following = wanted[wanted.index(run[-1]) + 1 :][:1]
            written.update(
                zip(run, _between(before, place_of[following[0]] if following else None, len(run)), strict=True)
            )
        before = place_of[run[-1]]
    all_places = [written.get(paper, place_of[paper]) for paper in wanted]
    if None in kept or not _rises(all_places):
        counted = {paper: float(number) for number, paper in enumerate(wanted, 1)}
        return {paper: place for paper, place in counted.items() if place_of[paper] != place}
    return {paper: place for paper, place in written.items() if place_of[paper] != place}


def _between(before: float | None, after: float | None, count: int) -> list[float]:
    """`count` rising places between two that may be missing."""
    if before is None and after is None:
        return [float(number) for number in range(1, count + 1)]
    if after is None:
        assert before is not None
        return [before + number for number in range(1, count + 1)]
    if before is None:
        return [after - count + number for number in range(count)]
    return [before + (after - before) * number / (count + 1) for number in range(1, count + 1)]


def _rises(places: Sequence[float | None]) -> bool:
    numbers = [place for place in places if place is not None and isfinite(place)]
    return len(numbers) == len(places) and all(one < other for one, other in pairwise(numbers))
