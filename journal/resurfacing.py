"""What comes back today: at most five things that earn it, each with its reason. Pure.

What comes back is tied to work: a method that is being trained on, a fix that nobody verified, a paper
that was queued and is getting old. The three take turns, so that a full queue never crowds out the others.
What is answered comes back after an interval that grows each time. What is left unanswered for a week
goes to rest by itself, longer each time, and what came due last stands first: so nothing is shown for
ever, nothing piles up, and nothing is counted against anybody. That week is made of days on which this
person used the journal: who is away ignores nothing, and finds what waited. Intervals are of the calendar:
they go on meanwhile. All of it goes by this person's days: within a day the list loses what is answered and
gains what begins.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum, auto
from itertools import zip_longest
from zlib import crc32

from journal.errors import BadValue
from journal.types import Kind, Ref

MOST_A_DAY = 5
LONGEST_DAYS = 3650  # that a person may put something off for
_PATIENCE = 7  # days of use that something unanswered is shown on, before it rests
_JUST_STARTED = 3  # days that a run counts as just started; of use, for what comes back after a snooze
_LONGEST_DONE, _LONGEST_SNOOZE = 365, 30  # days


class Reason(StrEnum):
    """Why something comes back; in the order in which the reasons take turns."""

    method = auto()  # a run that just started builds on the paper
    unverified = auto()  # the problem has a fix, and nobody said whether it held
    queued = auto()  # the paper waits to be read


class Answer(StrEnum):
    """What a person says to what came back."""

    done = auto()  # seen: again after a long while, longer each time
    snoozed = auto()  # not now: again in a few days
    never = auto()


_FIRST_WAIT = {Reason.method: timedelta(0), Reason.unverified: timedelta(days=2), Reason.queued: timedelta(days=7)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What may come back. `since`: when it was queued, its fix was written, or its last run started."""

    ref: Ref
    title: str
    reason: Reason
    since: datetime
    run: Ref | None = None  # that builds on the paper
    notes: tuple[Ref, ...] = ()  # diary notes about the paper, newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The last answer to an item and a reason; `due_at` None: never. `times`: how often it came up so far."""

    answer: Answer
    answered_at: datetime
    due_at: datetime | None
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing that comes back today, with its reason in words; `times`: how often it came up before."""

    ref: Ref
    kind: Kind
    title: str
    reason: Reason
    because: str
    times: int
    run: Ref | None
    notes: tuple[Ref, ...]


Answers = Mapping[tuple[Ref, Reason], Answered]


def due_today(
    candidates: Iterable[Candidate],
    answers: Answers,
    now: datetime,
    zone: tzinfo | None = None,
    used: Collection[date] | None = None,
) -> tuple[Due, ...]:
    """What comes back on the day of `now` in `zone` (None: this machine's), the reasons taking turns.

    Five, less what was answered on this day already. `used` are the days on which the journal was used;
    None: every day.
    """
    used_days = None if used is None else sorted(used)
    today = _day(now, zone)
    answered_today = [key for key, answered in answers.items() if _day(answered.answered_at, zone) == today]
    quiet = {ref for ref, _ in answered_today}
    waiting: dict[Reason, list[tuple[date, int, Candidate]]] = {reason: [] for reason in Reason}
    for candidate in candidates:
        came = came_up(candidate, answers.get((candidate.ref, candidate.reason)), today, zone, used_days)
        if came is not None and candidate.ref not in quiet:
            waiting[candidate.reason].append((*came, candidate))
    _leave_once(waiting)

    given = {reason: sum(1 for _, answered in answered_today if answered is reason) for reason in Reason}
    # A reason keeps its places for the whole day: answering one thing never swaps the others.
    places = _places({reason: len(waiting[reason]) + given[reason] for reason in Reason})
    chosen = []
    for reason, found in waiting.items():
        found.sort(key=lambda one: (-one[0].toordinal(), _draw(one[2].ref, today)))
        chosen.append(
            [_due(one, times, now, zone) for _, times, one in found[: max(0, places[reason] - given[reason])]]
        )
    in_turn = [due for turn in zip_longest(*chosen) for due in turn if due is not None]
    return tuple(in_turn[: max(0, MOST_A_DAY - len(answered_today))])


def came_up(
    candidate: Candidate,
    answered: Answered | None,
    today: date,
    zone: tzinfo | None = None,
    used: Sequence[date] | None = None,
) -> tuple[date, int] | None:
    """Since which day it is due, and how often it came up before; None where it is not due on `today`.

    Once it was due on seven of the days `used` (in order; None: every day), it rests from the day after them on,
    for half as long as if it had been answered.
    """
    since = _day(candidate.since, zone)
    if answered is not None and answered.due_at is None:
        return None
    is_new = answered is None or candidate.since > answered.answered_at
    due = since + _FIRST_WAIT[candidate.reason]
    times = 0 if answered is None else answered.times
    if candidate.reason is Reason.method:
        return _method_came_up(due, answered, is_new, times, today, zone, used)
    if answered is not None and answered.due_at is not None and not is_new:
        due = _day(answered.due_at, zone)
    elif is_new:
        times = 0  # queued or fixed anew
    while (rests_from := _over_from(due, _PATIENCE, used)) is not None and today >= rests_from:
        times += 1
        due = rests_from + timedelta(days=_days(Answer.done, times - 1))
    return (due, times) if today >= due else None


def _over_from(since: date, days: int, used: Sequence[date] | None) -> date | None:
    """The day after so many days of use from `since` on; None where there were not so many yet."""
    if used is None:
        return since + timedelta(days=days)
    last = bisect_left(used, since) + days - 1
    return used[last] + timedelta(days=1) if last < len(used) else None


def _method_came_up(
    due: date,
    answered: Answered | None,
    is_new: bool,
    times: int,
    today: date,
    zone: tzinfo | None,
    used: Sequence[date] | None,
) -> tuple[date, int] | None:
    """Only a new run brings a paper back whose method was done with; one that was snoozed comes by itself."""
    has_just_started = due <= today < due + timedelta(days=_JUST_STARTED)
    if answered is None or answered.due_at is None:
        return (due, times) if has_just_started else None
    again = _day(answered.due_at, zone)
    if is_new:
        return (max(due, again), times) if has_just_started and again <= today else None
    over_from = _over_from(again, _JUST_STARTED, used)
    is_over = over_from is not None and today >= over_from
    return (again, times) if answered.answer is Answer.snoozed and again <= today and not is_over else None


def answer(
    what: Answer, times: int, now: datetime, *, days: int | None = None, before: Answered | None = None
) -> Answered:
    """The answer to keep to something that came up `times` times before. Raises BadValue for too many `days`.

    A second answer on the same occasion (`before`) counts no second time.
    """
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise BadValue(f"Something can be put off for 1 to {LONGEST_DAYS:,} days.")
    if what is Answer.never and days is not None:
        raise BadValue("Never is never: it takes no days.")
    times = before.times if before is not None else times + 1
    interval = timedelta(days=days or _days(what, times))
    return Answered(answer=what, answered_at=now, due_at=None if what is Answer.never else now + interval, times=times)


def _days(what: Answer, times: int) -> int:
    """14, 28, 56... days after it was done with for the first, second, third time; 3, 6, 9... after a snooze."""
    if what is Answer.snoozed:
        return min(3 * times, _LONGEST_SNOOZE)
    return int(min(7 * 2 ** min(times, 10), _LONGEST_DONE))


def _leave_once(waiting: Mapping[Reason, list[tuple[date, int, Candidate]]]) -> None:
    """A paper that earns it twice comes back once, for the reason that is closest to work."""
    seen: set[Ref] = set()
    for found in waiting.values():
        found[:] = [one for one in found if one[2].ref not in seen]
        seen |= {one[2].ref for one in found}


def _places(counts: Mapping[Reason, int]) -> dict[Reason, int]:
    """How many of the day's places each reason has, one after the other in turn."""
    places = dict.fromkeys(counts, 0)
    while sum(places.values()) < min(MOST_A_DAY, sum(counts.values())):
        for reason, count in counts.items():
            if places[reason] < count and sum(places.values()) < MOST_A_DAY:
                places[reason] += 1
    return places


def _draw(ref: Ref, today: date) -> int:
    """Among what came due on one day each has its chance, the same all day."""
    return crc32(f"{today} {ref}".encode())


def _day(moment: datetime, zone: tzinfo | None) -> date:
    return moment.astimezone(zone).date()


# ---------------------------------------------------------------- in words


def _due(candidate: Candidate, times: int, now: datetime, zone: tzinfo | None) -> Due:
    return Due(
        ref=candidate.ref,
        kind=candidate.ref.kind,
        title=candidate.title,
        reason=candidate.reason,
        because="".join(_because(candidate, times, now, zone)),
        times=times,
        run=candidate.run,
        notes=candidate.notes,
    )


def _because(candidate: Candidate, times: int, now: datetime, zone: tzinfo | None) -> Iterator[str]:
    age = (_day(now, zone) - _day(candidate.since, zone)).days
    if candidate.reason is Reason.method:
        yield f"{candidate.run}, started {_lately(now - candidate.since, age)}, builds on it"
        if candidate.notes:
            yield f"; your {'notes' if len(candidate.notes) > 1 else 'note'} {_listed(candidate.notes)}"
        return
    yield f"queued {_ago(age)}" if candidate.reason is Reason.queued else f"fixed {_ago(age)}; nobody said if it held"
    if times:
        yield f", {_ordinal(times + 1)} time"


def _listed(refs: Sequence[Ref]) -> str:
    shown = ", ".join(map(str, refs[:3]))
    return f"{shown} and {len(refs) - 3} more" if len(refs) > 3 else shown


def _ago(days: int) -> str:
    return {0: "today", 1: "yesterday"}.get(days, f"{days:,} days ago")


def _lately(length: timedelta, days: int) -> str:
    minutes = max(0, int(length.total_seconds())) // 60
    if minutes < 60:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 24 * 60 else _ago(days)


def _ordinal(number: int) -> str:
    words = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
    return words[number - 2] if 2 <= number <= 10 else f"{number}th"
