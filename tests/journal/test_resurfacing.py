"""What comes back is little, tied to work, answered for good, and goes away by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.errors import BadValue
from journal.resurfacing import (
    MOST_A_DAY,
    Answer,
    Answered,
    Answers,
    Candidate,
    Due,
    Reason,
    answer,
    came_up,
    due_today,
)
from journal.types import Kind, Ref
from tests.conftest import NOON

KINDS = {Reason.method: Kind.paper, Reason.queued: Kind.paper, Reason.unverified: Kind.problem}


def candidate(reason: Reason, number: int, days: float, *notes: int) -> Candidate:
    """Something that began `days` days before NOON."""
    return Candidate(
        ref=Ref(KINDS[reason], number), title=f"Item {number}", reason=reason, since=NOON - timedelta(days=days),
        run=Ref(Kind.run, 7) if reason is Reason.method else None, notes=tuple(Ref(Kind.entry, note) for note in notes),
    )  # fmt: skip


def queued(number: int, days: float) -> Candidate:
    return candidate(Reason.queued, number, days)


def due(candidates: Sequence[Candidate], answers: Answers | None = None, now: datetime = NOON) -> tuple[Due, ...]:
    return due_today(candidates, answers or {}, now, UTC)


def said(one: Due, what: Answer, now: datetime = NOON, days: int | None = None) -> dict[tuple[Ref, Reason], Answered]:
    return {(one.ref, one.reason): answer(what, one.times, now, days=days)}


# ---------------------------------------------------------------- what comes back


def test_a_queued_paper_comes_back_after_a_week_and_says_since_when() -> None:
    assert due([queued(1, 6)]) == ()
    (only,) = due([queued(1, 7)])
    assert (only.ref, only.because) == (Ref(Kind.paper, 1), "queued 7 days ago")


def test_a_paper_comes_back_when_a_run_builds_on_it_with_its_notes() -> None:
    (only,) = due([candidate(Reason.method, 3, 2 / 24, 12)])
    assert only.because == "r7, started 2 h ago, builds on it; your note e12"
    (only,) = due([candidate(Reason.method, 3, 2, 12, 9, 4, 1)])
    assert only.because == "r7, started 2 days ago, builds on it; your notes e12, e9, e4 and 1 more"
    assert only.run == Ref(Kind.run, 7)
    (only,) = due([candidate(Reason.method, 3, 10 / 24 / 60)])
    assert only.because == "r7, started 10 min ago, builds on it"
    assert due([candidate(Reason.method, 3, 3)]) == ()


def test_a_fix_that_nobody_verified_comes_back() -> None:
    assert due([candidate(Reason.unverified, 1, 1)]) == ()
    (only,) = due([candidate(Reason.unverified, 1, 6)])
    assert only.because == "fixed 6 days ago; nobody said if it held"


def test_what_has_not_begun_does_not_come_back() -> None:
    assert due([candidate(reason, 1, -2) for reason in Reason]) == ()


def test_the_reasons_take_turns() -> None:
    many = [candidate(reason, 10 * n + m, days) for reason, n, days in (
        (Reason.queued, 1, 8), (Reason.unverified, 2, 3), (Reason.method, 3, 1)) for m in range(4)]  # fmt: skip
    method, unverified, in_queue = Reason.method, Reason.unverified, Reason.queued
    assert [one.reason for one in due(many)] == [method, unverified, in_queue, method, unverified]
    assert [one.reason for one in due([*many[:4], many[4]])].count(unverified) == 1
    assert len(due(many[:4])) == 4


def test_a_paper_that_earns_it_twice_comes_back_once() -> None:
    (only,) = due([queued(3, 9), candidate(Reason.method, 3, 1)])
    assert only.reason is Reason.method


def test_what_came_due_last_stands_first() -> None:
    assert [one.ref.number for one in due([queued(1, 12), queued(2, 7), queued(3, 9)])] == [2, 3, 1]


# ---------------------------------------------------------------- what is answered


def test_what_is_done_comes_back_later_each_time() -> None:
    paper, now = queued(1, 7), NOON
    answers: Answers = {}
    gaps: list[int] = []
    times: list[str] = []
    for _ in range(7):
        (only,) = due([paper], answers, now)
        answers = said(only, Answer.done, now)
        times.append(only.because.partition(", ")[2])
        start = now
        while not due([paper], answers, now):
            now += timedelta(days=1)
        gaps.append((now - start).days)
    assert gaps == [14, 28, 56, 112, 224, 365, 365]
    assert times[:3] == ["", "second time", "third time"]


def test_a_snooze_is_short_and_never_is_never() -> None:
    (only,) = due([queued(1, 9)])
    snoozed, never = said(only, Answer.snoozed), said(only, Answer.never)
    for day in range(400):
        now = NOON + timedelta(days=day)
        assert bool(due([queued(1, 9)], snoozed, now)) is (day >= 3) or day > 9
        assert due([queued(1, 9)], never, now) == ()


def test_days_may_be_chosen() -> None:
    (only,) = due([queued(1, 9)])
    chosen = said(only, Answer.snoozed, days=40)
    assert due([queued(1, 9)], chosen, NOON + timedelta(days=39)) == ()
    assert due([queued(1, 9)], chosen, NOON + timedelta(days=40))
    for what, days in ((Answer.snoozed, 0), (Answer.done, 99_999), (Answer.never, 3)):
        with pytest.raises(BadValue):
            answer(what, 0, NOON, days=days)


def test_a_second_answer_to_the_same_occasion_does_not_count_twice() -> None:
    first = answer(Answer.done, 2, NOON)
    assert first.times == 3
    assert answer(Answer.snoozed, first.times, NOON, before=first).times == 3


def test_what_is_answered_is_not_made_up_for_on_the_same_day() -> None:
    papers = [queued(n, 8) for n in range(1, 9)]
    before = due(papers)
    answers: dict[tuple[Ref, Reason], Answered] = {}
    for left in range(MOST_A_DAY, 0, -1):
        shown = due(papers, answers)
        assert len(shown) == left
        answers |= said(shown[-1], Answer.done)
    assert due(papers, answers) == ()
    assert {ref for ref, _ in answers} == {one.ref for one in before}


def test_a_paper_answered_for_one_reason_does_not_come_for_another_the_same_day() -> None:
    both = [queued(3, 9), candidate(Reason.method, 3, 1)]
    answers = said(due(both)[0], Answer.done)
    assert due(both, answers) == ()


def test_another_run_brings_a_method_back_only_once_the_interval_is_over() -> None:
    answers = said(due([candidate(Reason.method, 3, 1)])[0], Answer.done)
    for days, comes in ((1, False), (13, False), (14, True), (40, True)):
        now = NOON + timedelta(days=days)
        newer = candidate(Reason.method, 3, -days + 0.1)
        assert bool(due([newer], answers, now)) is comes
    assert due([candidate(Reason.method, 3, 1)], answers, NOON + timedelta(days=14)) == ()  # no newer run


def test_a_snoozed_method_comes_back_without_another_run() -> None:
    run = candidate(Reason.method, 3, 2)
    answers = said(due([run])[0], Answer.snoozed)
    assert due([run], answers, NOON + timedelta(days=2)) == ()
    assert due([run], answers, NOON + timedelta(days=3))
    assert due([run], answers, NOON + timedelta(days=6)) == ()


def test_queueing_a_paper_anew_or_fixing_anew_begins_anew() -> None:
    for reason, wait in ((Reason.queued, 7), (Reason.unverified, 2)):
        old = {(Ref(KINDS[reason], 1), reason): answer(Answer.done, 5, NOON - timedelta(days=30))}
        (only,) = due([candidate(reason, 1, wait)], old)
        assert "time" not in only.because
        assert due([candidate(reason, 1, 40)], old) == ()


# ---------------------------------------------------------------- what is not answered


def test_what_is_never_answered_goes_to_rest_by_itself_for_longer_each_time() -> None:
    shown = [bool(due([queued(1, 0)], now=NOON + timedelta(days=day))) for day in range(150)]
    runs = [(day, shown[day]) for day in range(1, 150) if shown[day] != shown[day - 1]]
    assert runs == [
        (7, True),
        (14, False),
        (21, True),
        (28, False),
        (42, True),
        (49, False),
        (77, True),
        (84, False),
        (140, True),
        (147, False),
    ]


def test_who_was_away_for_three_weeks_finds_what_waited() -> None:
    papers = [queued(number, 0) for number in range(1, 6)]
    for days in range(7, 400):
        assert len(due_today(papers, {}, NOON + timedelta(days=days), UTC, {NOON.date()})) == 5, days


DAYS_OF_USE = st.sets(st.integers(0, 200).map(lambda days: NOON.date() + timedelta(days=days)))


@given(DAYS_OF_USE, st.integers(0, 200), st.integers(1, 200), st.sampled_from([Reason.queued, Reason.unverified]))
def test_days_without_use_take_nothing_away(used: set[date], first: int, away: int, reason: Reason) -> None:
    left, back = (NOON.date() + timedelta(days=days) for days in (first, first + away))
    used = {day for day in used if not left <= day < back}
    paper, ordered = candidate(reason, 1, 0), sorted(used)
    if (before := came_up(paper, None, left, UTC, ordered)) is not None:
        assert came_up(paper, None, back, UTC, ordered) == before


@given(DAYS_OF_USE, st.sampled_from([Reason.queued, Reason.unverified]))
def test_what_nobody_answers_is_shown_on_seven_days_of_use_and_then_rests(used: set[date], reason: Reason) -> None:
    shown: dict[int, int] = {}  # on how many days of use it was due for the first, second... time
    for day in sorted(used):
        if (found := came_up(candidate(reason, 1, 0), None, day, UTC, sorted(used))) is not None:
            shown[found[1]] = shown.get(found[1], 0) + 1
    times = sorted(shown)
    assert all(shown[time] == 7 for time in times[:-1])
    assert all(shown[time] <= 7 for time in times[-1:])
    every_day = {NOON.date() + timedelta(days=days) for days in range(201)}
    for day in used:
        as_ever = came_up(candidate(reason, 1, 0), None, day, UTC)
        assert came_up(candidate(reason, 1, 0), None, day, UTC, sorted(every_day)) == as_ever


def test_a_day_is_this_persons_day() -> None:
    paper = queued(1, 7)  # at noon
    early = NOON.replace(hour=1)
    assert due_today([paper], {}, early, UTC)
    assert due_today([paper], {}, early, timezone(timedelta(hours=-5))) == ()  # still yesterday there


# ---------------------------------------------------------------- whatever there is

REASONS = st.sampled_from(Reason)
CANDIDATES = st.lists(
    st.builds(candidate, REASONS, st.integers(1, 30), st.floats(-3, 400)),
    max_size=25,
    unique_by=lambda one: (one.ref, one.reason),
)
ANSWERS = st.dictionaries(
    st.tuples(st.integers(1, 30), REASONS).map(lambda key: (Ref(KINDS[key[1]], key[0]), key[1])),
    st.builds(
        lambda what, times, days: answer(what, times, NOON - timedelta(days=days)),
        st.sampled_from(Answer),
        st.integers(0, 9),
        st.floats(0, 60),
    ),
    max_size=12,
)


@given(CANDIDATES, ANSWERS)
def test_never_more_than_five_and_answers_are_respected(candidates: list[Candidate], answers: Answers) -> None:
    shown = due(candidates, answers)
    refs = [one.ref for one in shown]
    today = [key for key, given in answers.items() if given.answered_at.date() == NOON.date()]
    assert len(shown) <= max(0, MOST_A_DAY - len(today))
    assert len(set(refs)) == len(refs)
    assert not {ref for ref, _ in today} & set(refs)
    for one in shown:
        given = answers.get((one.ref, one.reason))
        began = next(c.since for c in candidates if (c.ref, c.reason) == (one.ref, one.reason))
        if given is not None:
            assert given.answer is not Answer.never
            if began <= given.answered_at:
                assert given.due_at is not None
                assert given.due_at.date() <= NOON.date()


@given(CANDIDATES, ANSWERS, st.randoms(use_true_random=False), st.integers(0, 23))
def test_a_day_has_one_list_whatever_the_hour_and_the_order_of_reading(
    candidates: list[Candidate], answers: Answers, random: object, hour: int
) -> None:
    past = [one for one in candidates if one.since.date() < NOON.date()]
    mixed = list(past)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    earlier = {key: given for key, given in answers.items() if given.answered_at.date() < NOON.date()}
    assert [one.ref for one in due(mixed, earlier, NOON.replace(hour=hour))] == [one.ref for one in due(past, earlier)]


@given(CANDIDATES, ANSWERS, st.sampled_from(Answer), st.integers(0, 4))
def test_answering_one_thing_leaves_the_others(
    candidates: list[Candidate], answers: Answers, what: Answer, which: int
) -> None:
    before = due(candidates, answers)
    if which >= len(before):
        return
    after = due(candidates, {**answers, **said(before[which], what)})
    assert {one.ref for one in after} == {one.ref for one in before} - {before[which].ref}


@given(st.sampled_from([Answer.done, Answer.snoozed]), st.integers(0, 40))
def test_intervals_grow(what: Answer, times: int) -> None:
    first, second = answer(what, times, NOON), answer(what, times + 1, NOON)
    assert first.due_at is not None
    assert second.due_at is not None
    assert NOON < first.due_at <= second.due_at <= NOON + timedelta(days=365)


@given(CANDIDATES.filter(bool))
def test_no_reason_crowds_out_another(candidates: list[Candidate]) -> None:
    alone = {reason: due([one for one in candidates if one.reason is reason]) for reason in Reason}
    shown = due(candidates)
    for reason, own in alone.items():
        fresh = [one for one in own if sum(one.ref in {o.ref for o in other} for other in alone.values()) == 1]
        if fresh:
            assert any(one.reason is reason for one in shown)
