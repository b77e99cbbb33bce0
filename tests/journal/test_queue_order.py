"""A move gives the order that was asked for, and writes no more places than it needs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.queue_order import Step, moved, new_places


@pytest.mark.parametrize(
    ("papers", "step", "beside", "expected"),
    [
        ([3], Step.first, None, [3, 1, 2, 4, 5]),
        ([2], Step.last, None, [1, 3, 4, 5, 2]),
        ([2], Step.down, None, [1, 3, 2, 4, 5]),
        ([2], Step.up, None, [2, 1, 3, 4, 5]),
        ([1], Step.up, None, [1, 2, 3, 4, 5]),
        ([5], Step.down, None, [1, 2, 3, 4, 5]),
        ([5], Step.before, 2, [1, 5, 2, 3, 4]),
        ([1], Step.after, 4, [2, 3, 4, 1, 5]),
        ([4, 2], Step.first, None, [4, 2, 1, 3, 5]),  # as they were named
        ([4, 2], Step.down, None, [1, 3, 5, 2, 4]),  # side by side, as they stood
        ([2, 2], Step.last, None, [1, 3, 4, 5, 2]),
        ([1, 2, 3, 4, 5], Step.down, None, [1, 2, 3, 4, 5]),
    ],
)
def test_papers_go_where_they_are_told(papers: list[int], step: Step, beside: int | None, expected: list[int]) -> None:
    assert moved([1, 2, 3, 4, 5], papers, step, beside=beside) == expected


def test_one_step_passes_the_next_paper_that_is_seen() -> None:
    assert moved([1, 2, 3, 4, 5], [1], Step.down, among={1, 4}) == [2, 3, 4, 1, 5]
    assert moved([1, 2, 3, 4, 5], [4], Step.up, among={1, 4}) == [4, 1, 2, 3, 5]
    assert moved([1, 2, 3, 4, 5], [4], Step.down, among={1, 4}) == [1, 2, 3, 4, 5]


def test_a_move_between_two_places_writes_one() -> None:
    present = [(1, 1.0), (2, 2.0), (3, 3.0)]
    assert new_places(present, [1, 3, 2], {3}) == {3: 1.5}
    assert new_places(present, [3, 1, 2], {3}) == {3: 0.0}
    assert new_places(present, [2, 3, 1], {1}) == {1: 4.0}
    assert new_places(present, [1, 2, 3], {3}) == {}


@pytest.mark.parametrize(
    "present",
    [
        [(1, 1.0), (2, 1.0), (3, None)],
        [(1, None), (2, None), (3, None)],
        [(1, 1.0), (2, 1.0000000000000002), (3, 2.0)],
        [(1, 5.0), (2, float("inf")), (3, float("inf"))],
    ],
)
def test_where_a_place_is_missing_or_none_is_left_between_all_are_counted_anew(
    present: list[tuple[int, float | None]],
) -> None:
    places = {**dict(present), **new_places(present, [1, 3, 2], {3})}
    assert places == {1: 1.0, 3: 2.0, 2: 3.0}


_places = st.one_of(st.none(), st.floats(allow_nan=False), st.integers(0, 3).map(float))


@given(st.lists(_places, min_size=1, max_size=8), st.data())
def test_the_places_always_say_the_order(stored: list[float | None], data: st.DataObject) -> None:
    """Whatever stood there before, sorting by the new places gives what was wanted."""
    present = list(enumerate(sorted(stored, key=lambda place: (place is None, place or 0.0))))
    order = [paper for paper, _ in present]
    papers = data.draw(st.lists(st.sampled_from(order), min_size=1, unique=True))
    rest = [paper for paper in order if paper not in papers]
    steps = [Step.first, Step.last, Step.up, Step.down] + ([Step.before, Step.after] if rest else [])
    step = data.draw(st.sampled_from(steps))
    beside = data.draw(st.sampled_from(rest)) if step in {Step.before, Step.after} else None
    wanted = moved(order, papers, step, beside=beside)
    places = {**dict(present), **new_places(present, wanted, set(papers))}
    assert sorted(wanted) == order
    assert None not in places.values()
    assert sorted(order, key=lambda paper: places[paper] or 0.0) == wanted
    assert len(set(places.values())) == len(order)
