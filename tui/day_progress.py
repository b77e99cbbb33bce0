"""How far one is with the day, and how long the rest will take. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from statistics import median

from journal.triage import looks

_FEWEST_LOOKS = 5
_LAST_LOOKS = 30


def day_progress(decided_at: Sequence[datetime], left: int, by_rules: int = 0) -> str:
    """`37 of 212, about 6 min`: decided today, of those and the ones left; what rules muted counts as decided."""
    done = len(decided_at) + by_rules
    if not done and not left:
        return ""
    if not decided_at and left:
        return f"{left:,} to skim"
    if not left:
        return f"all {done:,} done"
    time = _time_left(decided_at, left)
    return f"{done:,} of {done + left:,}" + (f", {time}" if time else "")


def _time_left(decided_at: Sequence[datetime], left: int) -> str:
    recent = looks(decided_at)[-_LAST_LOOKS:]
    if len(recent) < _FEWEST_LOOKS:
        return ""
    minutes = median(recent) * left / 60
    if minutes < 1:
        return "less than a minute"
    return f"about {minutes:.0f} min" if minutes < 90 else f"about {minutes / 60:.0f} h"
