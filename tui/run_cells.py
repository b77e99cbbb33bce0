"""What is said of a run in a row, at the command line and in the interface alike. Pure."""

from __future__ import annotations

from datetime import datetime

from journal.types import Run, RunRow, RunStatus
from tui.formatting import duration, number


def took(run: RunRow | Run, now: datetime) -> str:
    """How long the run took, or how long it has been running; nothing where nobody knows."""
    if run.started_at is None:
        return ""
    if run.ended_at is None:
        return duration(now - run.started_at) if run.status is RunStatus.running else ""
    if run.status is RunStatus.vanished and run.ended_at <= run.started_at:
        return ""  # its start was the last sign of it
    return duration(run.ended_at - run.started_at)


def value_words(value: object) -> str:
    """A metric's last value (None: NaN) or a parameter."""
    return number(value) if value is None or isinstance(value, float) else str(value)
