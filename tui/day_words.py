"""How the day is told at its end, by the command and in the room. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from journal.triage import DayReport, day_sentence
from journal.types import PaperState
from tui.feed_words import short_name, with_next_try
from tui.formatting import clipped, counted, next_try, printable, readable

_MOST_TITLES = 12
_LONGEST_TITLE = 100  # cells


def day_lines(report: DayReport, now: datetime, *, most: int = _MOST_TITLES) -> list[str]:
    """What was decided, what could not be read, when there is more, which papers were kept and queued."""
    lines = [f"{day_sentence(report.day)}."]
    if report.failed_feeds:
        failed = counted(len(report.failed_feeds), "feed")
        lines.append(f"{failed} could not be read, so there may be more than was shown:")
        lines += [
            f"  {short_name(feed)}: {with_next_try(feed, now)}; {printable(feed.message[:200])}"
            for feed in report.failed_feeds
        ]
    if report.next_due_at is not None:
        due = report.next_due_at
        lines.append(
            "More may be out by now: journal feed fetch"
            if due <= now
            else f"The next batch is due {next_try(due, now)}."
        )
    for state, titled in ((PaperState.kept, report.kept), (PaperState.queued, report.queued)):
        lines += _titles(state, titled, report.day.counts.get(state, 0), most)
    if report.day.counts.get(PaperState.muted):
        lines += ["", "What was muted: journal paper list --state muted"]
    return lines


def _titles(state: PaperState, titled: Sequence[tuple[str, str]], count: int, most: int) -> list[str]:
    if not titled:
        return []
    lines = ["", f"{state.title()}:"]
    lines += [f"  {ref}  {clipped(readable(printable(title[:400])), _LONGEST_TITLE)}" for ref, title in titled[:most]]
    if count > most:
        lines.append(f"  and {count - most:,} more: journal paper list --state {state}")
    return lines
