"""What is said of a run in a row, at the command line and in the interface alike. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from journal.run_status import SILENT_AFTER
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


def silence(run: RunRow, now: datetime) -> timedelta | None:
    """For how long nothing was heard of a run that is said to go on; None while that is not long."""
    if run.last_sign_at is None or now - run.last_sign_at < SILENT_AFTER:
        return None
    return now - run.last_sign_at


def short_duration(length: timedelta) -> str:
    """`15m`, `3h`, `2d`: for a narrow column."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes}m"
    return f"{minutes // 60}h" if minutes < 48 * 60 else f"{minutes // (24 * 60)}d"


def value_words(value: object) -> str:
    """A metric's last value (None: NaN) or a parameter."""
    return number(value) if value is None or isinstance(value, float) else str(value)
