"""How far one is with the day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import NOON
from tui.day_progress import day_progress


@pytest.mark.parametrize(
    ("seconds", "left", "expected"),
    [
        ([], 0, ""),
        ([], 212, "212 to skim"),
        ([0], 211, "1 of 212"),
        ([0, 10, 20, 30, 40, 50], 60, "6 of 66, about 10 min"),
        ([0, 10, 20, 30, 40, 50], 2, "6 of 8, less than a minute"),
        ([0, 60, 120, 180, 240, 300], 300, "6 of 306, about 5 h"),
        ([0, 10, 20], 0, "all 3 done"),
        ([0, 10, 20, 30, 40, 7_200, 7_210], 60, "7 of 67, about 10 min"),
        ([0, 10, 20, *[30] * 36, 40, 50], 60, "41 of 101, about 10 min"),
    ],
    ids=[
        "nothing",
        "not begun",
        "too early to tell",
        "minutes",
        "nearly",
        "hours",
        "done",
        "a break is no look",
        "what is skipped in one go was one look",
    ],
)
def test_it_tells_how_much_is_done_and_how_long_the_rest_takes(seconds: list[int], left: int, expected: str) -> None:
    assert day_progress([NOON + timedelta(seconds=second) for second in seconds], left) == expected


def test_what_rules_muted_counts_as_done_and_not_as_begun() -> None:
    assert day_progress([], 200, by_rules=12) == "200 to skim"
    assert day_progress([NOON], 199, by_rules=12) == "13 of 212"
    assert day_progress([NOON], 0, by_rules=12) == "all 13 done"
