"""What is said of a run in a row, at the command line and in the interface alike. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from journal.run_status import SILENT_AFTER
from journal.types import Run, RunRow, RunStatus
from tui.formatting import duration, number

_A_MOMENT = timedelta(seconds=1)


def took(run: RunRow | Run, now: datetime) -> str:
    """How long the run trained, or has trained so far; nothing where nobody knows."""
    return duration(trained(run, now))


def trained(run: RunRow | Run, now: datetime) -> timedelta | None:
    """For how long it was worked on until now: pauses between its sessions are none of it. None where nobody knows."""
    if run.started_at is None:
        return None
    if run.ended_at is None:
        ended_at = now if run.status is RunStatus.running else None
    else:
        is_start_the_last_sign = run.status is RunStatus.vanished and run.ended_at - run.started_at < _A_MOMENT
        ended_at = None if is_start_the_last_sign else run.ended_at
    if ended_at is None:
        return None
    return max(timedelta(0), ended_at - run.started_at - timedelta(seconds=run.paused_s))


def took_s(run: Run, now: datetime) -> float | None:
    """The same in seconds, for JSON."""
    length = trained(run, now)
    return None if length is None else round(length.total_seconds(), 3)


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
