"""What a feed's document says, as plain values, and how the fields of a parsed document are read."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from importers.text import clean_line, shortened
from journal.types import ArrivedPaper

TITLE_LENGTH = 1000  # characters; what is longer is no title
NAME_LENGTH = 200
MOST_AUTHORS = 10_000  # twice as many as the longest list of a paper
_YEARS = range(1900, 2200)  # outside lie mistakes, which the journal's four-digit dates could not keep


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed as its document tells it.

    `refused` says for each item that could not be read which one and why. `damage` says what is wrong
    with the document as a whole, where items may be missing because of it; empty where nothing is.
    """

    title: str
    is_arxiv: bool
    built_at: datetime | None = None  # when the source says that it built this batch
    skip_days: tuple[str, ...] = ()  # such as Saturday: days on which nothing is announced
    arrived: tuple[ArrivedPaper, ...] = ()
    refused: tuple[str, ...] = ()
    damage: str = ""


def refusal(position: int, title: str, reason: str) -> str:
    """Which item (the first is 1) was refused, and why."""
    named = f"item {position} ({shortened(clean_line(title), 60)})" if title.strip() else f"item {position}"
    return f"{named}: {reason}"


def author_names(names: Iterable[str]) -> tuple[str, ...]:
    """Clean names in their order, none longer than a name is, and no more than a paper has."""
    return tuple(islice((shortened(name, NAME_LENGTH) for name in names if name), MOST_AUTHORS))


def field_text(fields: Any, key: str) -> str:
    """A field of a parsed document as text; feedparser makes a dict of an element with attributes."""
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def field_moment(fields: Any, *keys: str) -> datetime | None:
    """The first of these fields that is a believable time, aware. feedparser parses into UTC."""
    for key in keys:
        parsed = dict.get(fields, f"{key}_parsed")  # feedparser's own get() offers another time where one is missing
        if parsed is None:
            continue
        try:
            moment = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
        except (ValueError, OverflowError, TypeError, OSError):
            continue
        if is_believable(moment):
            return moment
    return None


def believable(moment: datetime) -> datetime | None:
    """`moment` where its year can be meant, else None."""
    return moment if is_believable(moment) else None


def is_believable(day: date) -> bool:
    return day.year in _YEARS
