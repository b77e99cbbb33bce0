"""Time, always UTC and aware, and its one stored form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]

_STORED = "%Y-%m-%d %H:%M:%S.%f"


def now() -> datetime:
    """The present moment; pass another `Clock` in its place to test."""
    return datetime.now(UTC)


def stored(moment: datetime) -> str:
    """Fixed-width text as SQLite keeps it: sorts correctly, and SQLite's date functions read it."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be kept")
    return moment.astimezone(UTC).strftime(_STORED)


def from_stored(text: str) -> datetime:
    """The aware moment that `stored` wrote."""
    return datetime.fromisoformat(text + "Z")


def from_stored_or_none(text: str | None) -> datetime | None:
    return None if text is None else from_stored(text)


def from_milliseconds(milliseconds: int | None) -> datetime | None:
    """MLflow keeps integer milliseconds since 1970."""
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, as JSON carries it: `2026-11-20T08:30:00Z`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
