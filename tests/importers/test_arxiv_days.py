"""arXiv's schedule is known well enough to say which list a paper came in, and whether one was missed."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.arxiv_days import (
    EASTERN,
    HOLIDAYS,
    announces,
    due_day,
    first_list_day,
    harvest_from,
    holiday_of,
    list_day,
    lists_between,
    newest_list,
    next_batch,
    was_due,
)
from tests.arxiv_service import NO_LIST, list_of


def eastern(text: str) -> datetime:
    """`2026-11-19 13:59` of Ithaca's clocks, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=EASTERN).astimezone(UTC)


@pytest.mark.parametrize(
    ("submitted", "listed"),
    [
        ("2026-11-16 13:59", "2026-11-17"),  # Monday
        ("2026-11-16 14:00", "2026-11-18"),
        ("2026-11-18 14:01", "2026-11-20"),
        ("2026-11-19 14:00", "2026-11-23"),  # Thursday afternoon comes on Sunday evening, in Monday's list
        ("2026-11-20 13:59", "2026-11-23"),
        ("2026-11-20 14:00", "2026-11-24"),  # Friday afternoon and the weekend come in Tuesday's
        ("2026-11-22 23:59", "2026-11-24"),
        ("2026-07-15 13:30", "2026-07-16"),  # in summer too
        ("2026-11-25 14:30", "2026-11-30"),  # Thanksgiving: Friday's list is missing
        ("2026-11-26 10:00", "2026-11-30"),
        ("2026-12-24 15:00", "2026-12-29"),  # a Friday off: Monday's list is missing
    ],
)
def test_a_submission_is_in_the_list_that_arxiv_promises(submitted: str, listed: str):
    assert list_day(eastern(submitted)) == date.fromisoformat(listed)


def moments(first: str, last: str) -> st.SearchStrategy[datetime]:
    seconds = st.integers(int(eastern(first).timestamp()), int(eastern(last).timestamp()))
    return seconds.map(lambda one: datetime.fromtimestamp(one, UTC))


@given(moments("2026-07-15", "2027-12-31"))
def test_the_lists_are_those_of_arxivs_own_table(moment: datetime):
    assert list_day(moment) == list_of(moment)


@given(moments("1992-01-01", "2150-01-01"))
def test_every_submission_is_in_a_list_that_exists_and_comes_after_it(moment: datetime):
    day = list_day(moment)
    assert announces(day)
    assert moment < datetime.combine(day, time(), EASTERN)


def test_the_lists_without_a_holiday_are_those_of_the_week():
    quiet = date(2026, 9, 7)
    assert [announces(quiet + timedelta(days=number)) for number in range(7)] == [True] * 5 + [False] * 2


@pytest.mark.parametrize("missing", sorted(NO_LIST))
def test_a_list_that_is_missing_has_its_holiday(missing: date):
    assert not announces(missing)
    assert holiday_of(missing) in HOLIDAYS


def test_the_list_of_the_holiday_itself_was_announced_the_evening_before():
    assert announces(date(2026, 11, 26))
    assert holiday_of(date(2026, 11, 27)) == date(2026, 11, 26)
    assert holiday_of(date(2026, 11, 28)) is None  # a Saturday


def test_the_next_batch_is_there_after_the_next_midnight_that_brings_one():
    assert next_batch(eastern("2026-11-19 09:00")) == eastern("2026-11-20 00:30")
    assert next_batch(eastern("2026-11-20 09:00")) == eastern("2026-11-23 00:30")
    assert next_batch(eastern("2026-11-26 09:00")) == eastern("2026-11-30 00:30")


def test_a_batch_was_due_where_a_list_lies_between_two_builds():
    assert was_due(eastern("2026-11-19 00:10"), eastern("2026-11-20 00:10"))
    assert not was_due(eastern("2026-11-20 00:10"), eastern("2026-11-22 00:10"))
    assert not was_due(eastern("2026-11-26 00:10"), eastern("2026-11-27 00:10"))
    assert not was_due(None, eastern("2026-11-27 00:10"))


def test_a_daily_reader_misses_nothing_and_one_who_was_away_the_days_between():
    thursday, friday = date(2026, 11, 12), date(2026, 11, 13)
    assert lists_between(thursday, thursday) == ()
    assert lists_between(friday, date(2026, 11, 15)) == ()  # a weekend is no gap
    away = lists_between(thursday, date(2026, 11, 17))
    assert away == (date(2026, 11, 13), date(2026, 11, 16), date(2026, 11, 17))
    assert lists_between(friday, thursday) == ()


def test_what_is_due_counts_from_two_hours_after_midnight():
    assert due_day(eastern("2026-11-19 01:59")) == date(2026, 11, 18)
    assert due_day(eastern("2026-11-19 02:00")) == date(2026, 11, 19)
    assert due_day(eastern("2026-11-22 12:00")) == date(2026, 11, 20)
    assert newest_list(date(2026, 11, 27)) == date(2026, 11, 26)


def test_who_holds_the_list_of_yesterday_looks_again_within_the_hour():
    early = eastern("2026-11-20 00:31")
    assert next_batch(early, date(2026, 11, 19)) == early + timedelta(hours=1)
    assert next_batch(early, date(2026, 11, 20)) == eastern("2026-11-23 00:30")
    assert next_batch(eastern("2026-11-21 09:00"), date(2026, 11, 20)) == eastern("2026-11-23 00:30")


@pytest.mark.parametrize(
    ("last", "today", "since"),
    [
        ("2026-11-13", "2026-11-20", "2026-11-13"),  # that day once more
        ("2026-11-20", "2026-11-20", "2026-11-20"),
        ("2026-01-01", "2026-11-20", "2026-09-21"),  # 60 days
        ("2027-11-20", "2026-11-20", "2026-11-20"),  # a clock that was wrong
    ],
)
def test_a_harvest_starts_at_the_last_list_that_was_read(last: str, today: str, since: str):
    assert harvest_from(date.fromisoformat(last), date.fromisoformat(today)) == date.fromisoformat(since)


def test_a_paper_held_back_over_the_end_of_a_month_is_placed_by_its_id():
    october = eastern("2026-10-12 10:00")
    assert first_list_day("2610.00001", october) == date(2026, 10, 13)
    assert first_list_day("2611.00001", october) == date(2026, 11, 3)  # takes in from Monday, 2 November
    assert first_list_day("math/0611800", datetime(2006, 11, 26, tzinfo=UTC)) == date(2006, 11, 28)
    assert first_list_day("2611.00001", datetime(1999, 1, 4, tzinfo=UTC)) == date(2026, 11, 3)
    assert first_list_day("2613.00001", october) == date(2026, 10, 13)  # no month


def test_the_id_of_a_monday_list_may_be_of_the_month_before():
    """Friday, 30 January 2026, announced on Sunday, 1 February (recorded listings)."""
    assert first_list_day("2601.23286", eastern("2026-01-30 11:00")) == date(2026, 2, 2)


def test_real_papers_were_listed_on_the_day_that_their_submission_promises(shared_data: Path):
    submitted = {}
    for file in (shared_data / "arxiv").rglob("*.xml"):
        for entry in re.findall(r"<entry>.*?</entry>", file.read_text(errors="replace"), re.DOTALL):
            identity = re.search(r"<id>https?://arxiv\.org/abs/(\d{4}\.\d{5})v1</id>", entry)
            moment = re.search(r"<published>([^<]+)</published>", entry)
            if identity and moment:
                submitted[identity[1]] = datetime.fromisoformat(moment[1])
    listed = {}
    missing = {date(2026, 1, 23) + timedelta(days=number) for number in range(209)}
    with gzip.open(shared_data / "papers" / "papers_60k.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record.get("announced"):
                missing.discard(date.fromisoformat(record["announced"]))
                listed[record["id"]] = record["announced"]
    both = submitted.keys() & listed.keys()
    assert len(both) >= 10
    assert {one: list_day(submitted[one]).isoformat() for one in both} == {one: listed[one] for one in both}
    # And the weekdays without a list are those of our holidays.
    assert {day for day in missing if day.weekday() < 5} == {day for day in missing if holiday_of(day)}
