"""arXiv's days: when it announces, which list a submission comes in, and which lists were missed. Pure.

A list carries the day whose feed holds it: it is announced at 20:00 Eastern of the day before, Sunday to
Thursday, and holds what was submitted until 14:00 of that day, for Monday's list of the Friday before
(info.arxiv.org/help/availability). On a holiday nothing is taken in at 14:00, so the list that would have
followed is missing: Friday's after a Thursday, Monday's after a Friday (in the listings of 2026 those of
22 June and 6 July).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# As arXiv lists them (info.arxiv.org/help/availability, read in 2026), and the two of summer by the lists
# that were missing. A holiday that is not known here makes a list look late, and costs a request in vain.
HOLIDAYS = frozenset({
    date(2026, 6, 19), date(2026, 7, 3),
    date(2026, 11, 26), date(2026, 12, 25), date(2026, 12, 29), date(2026, 12, 31),
})  # fmt: skip

_BUILT = timedelta(minutes=30)  # after midnight Eastern, by when the day's feed is built
_GRACE = timedelta(hours=2)  # after midnight Eastern, from when a missing batch is worth a word
_WHILE_LATE = timedelta(hours=1)
_DEADLINE = time(14)
LONGEST_CATCH_UP = timedelta(days=60)
_DAY = timedelta(days=1)
_MONTH_OF_ID = re.compile(r"(?:.*/)?(?P<year>\d\d)(?P<month>\d\d)(?:\.|\d{3}$)", re.ASCII)


def _eastern() -> tzinfo:
    try:
        return ZoneInfo("America/New_York")
    except ZoneInfoNotFoundError:  # a system without time zone data; an hour off in summer does no harm
        return timezone(timedelta(hours=-5))


EASTERN = _eastern()


def eastern_day(moment: datetime) -> date:
    """The day that it is in Ithaca, which is also the day of the list that is out."""
    return moment.astimezone(EASTERN).date()


def holiday_of(day: date) -> date | None:
    """The holiday because of which there is no list of `day`."""
    if day.weekday() >= 5:
        return None
    closed = _taken_in(day)
    while closed < day:
        if closed in HOLIDAYS:
            return closed
        closed += _DAY
    return None


def announces(day: date) -> bool:
    """Whether there is a list of this Eastern day."""
    return day.weekday() < 5 and holiday_of(day) is None


def due_day(now: datetime) -> date:
    """The Eastern day of the newest batch that should be out."""
    return newest_list(eastern_day(now - _GRACE))


def was_due(before: datetime | None, built_at: datetime | None) -> bool:
    """Whether between two builds of a feed a new batch should have come."""
    if before is None or built_at is None:
        return False
    return _next_list(eastern_day(before)) <= eastern_day(built_at)


def next_batch(now: datetime, held: date | None = None) -> datetime:
    """When the next batch is in the feeds: soon after the next midnight that brings one.

    While the feed still holds the list of `held`, and today's may come at any moment, in an hour.
    """
    today = eastern_day(now)
    if held is not None and held < today and announces(today):
        return now + _WHILE_LATE
    day = _next_list(today)
    return (datetime.combine(day, time(), EASTERN) + _BUILT).astimezone(UTC)


# ---------------------------------------------------------------- what was missed


def lists_between(after: date, until: date) -> tuple[date, ...]:
    """The days of all lists after that of `after`, up to and with `until`."""
    days = (after + timedelta(days=number) for number in range(1, (until - after).days + 1))
    return tuple(day for day in days if announces(day))


def newest_list(day: date) -> date:
    """The day of the newest list that is out on `day`."""
    while not announces(day):
        day -= _DAY
    return day


def harvest_from(last_batch: date, today: date) -> date:
    """The UTC day from which to harvest what came after the list of `last_batch`: that day once more, as an
    overlap, since a record's datestamp is the UTC day on which its list came out; at most 60 days back."""
    return max(min(last_batch, today), today - LONGEST_CATCH_UP)


# ---------------------------------------------------------------- which list a submission comes in


def list_day(submitted: datetime) -> date:
    """The day of the list that announces what was submitted then, unless moderation holds it back."""
    moment = submitted.astimezone(EASTERN)
    day = _next_list(moment.date())
    while moment >= datetime.combine(_taken_in(day), _DEADLINE, EASTERN):
        day = _next_list(day)
    return day


def first_list_day(arxiv_id: str, submitted: datetime) -> date:
    """The earliest list that can have announced a paper, by the date of its first version and by its id.

    An id is assigned at the announcement, in the month of the day whose submissions it takes in
    (info.arxiv.org/help/availability; 2601.23286 is in Monday's list of 2 February 2026), so that of a
    paper that moderation held back may name a later month than its date.
    """
    day = list_day(submitted)
    match = _MONTH_OF_ID.match(arxiv_id)
    if match is None or not 1 <= int(match["month"]) <= 12:
        return day
    year = int(match["year"])
    month = date(year + (1900 if year >= 91 else 2000), int(match["month"]), 1)
    if month - day > LONGEST_CATCH_UP:
        day = month  # where the date is a mistake, months need not be stepped through
    while not announces(day) or _taken_in(day) < month:
        day += _DAY
    return day


def _taken_in(day: date) -> date:
    """The day until whose 14:00 the list of `day` takes in what was submitted."""
    return day - timedelta(days=3 if day.weekday() == 0 else 1)


def _next_list(day: date) -> date:
    """The day of the first list after that of `day`."""
    day += _DAY
    while not announces(day):
        day += _DAY
    return day
