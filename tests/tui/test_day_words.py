"""How the day is told at its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from journal.triage import Day, DayReport
from journal.types import FeedHealth, PaperState
from tests.conftest import NOON
from tests.tui.widgets.test_feed_lines import CL, WHEN
from tui.day_words import day_lines

MONDAY = NOON + timedelta(days=3)
REPORT = DayReport(day=Day(counts={PaperState.kept: 2}), next_due_at=MONDAY)


def test_a_time_on_another_day_has_the_form_that_the_feeds_have() -> None:
    local = MONDAY.astimezone()
    assert f"The next batch is due {local:%a} {local.day} {local:%b %H:%M}." in day_lines(REPORT, NOON)


def test_a_feed_that_failed_is_named_with_its_health_and_its_next_try() -> None:
    lines = day_lines(replace(REPORT, failed_feeds=(CL,)), NOON)
    assert f"  cs.CL: rate limited until {WHEN}; rss.arxiv.org asks us to wait (status 429)." in lines
    silent = replace(CL, health=FeedHealth.unreachable, message="No answer.")
    assert f"  cs.CL: unreachable, next try {WHEN}; No answer." in day_lines(
        replace(REPORT, failed_feeds=(silent,)), NOON
    )


def test_titles_with_mathematics_are_readable_at_the_days_end() -> None:
    report = DayReport(day=Day(counts={PaperState.kept: 1}), kept=(("p1", "VGG-T$^3$: reconstruction"),))
    assert "  p1  VGG-T³: reconstruction" in day_lines(report, NOON)
