"""What is said of a run in a row, at the command line and in the interface alike. Pure."""

from __future__ import annotations

from datetime import datetime

from journal.types import RunRow, RunStatus
from tui.formatting import duration, number


def took(run: RunRow, now: datetime) -> str:
    """How long the run took, or how long it has been running."""
    if run.started_at is None:
        return ""
    if run.ended_at is None and run.status is not RunStatus.running:
        return ""
    return duration((run.ended_at or now) - run.started_at)


def value_words(value: object) -> str:
    """A metric's last value (None: NaN) or a parameter."""
    return number(value) if value is None or isinstance(value, float) else str(value)
