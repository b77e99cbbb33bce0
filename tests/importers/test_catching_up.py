"""Nothing is missed: days away, a stale feed or one that is down are caught up with, or said to be missing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest

from importers.catching_up import listed_categories
from importers.http import Limits
from importers.sync import FeedReport, fetch_feeds
from journal import db
from journal.errors import BeingFetched
from journal.paths import Paths
from journal.queries.feeds import list_feeds
from journal.queries.items import find
from journal.queries.papers import get_paper, list_papers
from journal.store import feeds, papers
from journal.store.changes import change
from journal.types import Feed, FeedHealth, PaperState
from tests.arxiv_service import BUSY, EASTERN, RATE_EXCEEDED, ArxivService, Paper
from tests.standins import Reply, rate_limited

QUICK = Limits(connect_s=4, read_s=4, total_s=4)
DOWN = Reply(b"", status=503)


def eastern(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=EASTERN).astimezone(UTC)


THURSDAY, WEDNESDAY = eastern("2026-11-12 09:00"), eastern("2026-11-18 09:00")


def a_fortnight() -> list[Paper]:
    """Two papers in each list of cs.LG from Thursday 12 to Friday 20 November, of which one is a cross-list."""
    made = []
    for number, day in enumerate((11, 12, 13, 16, 17, 18, 19)):
        moment = eastern(f"2026-11-{day} 12:00")
        made.append(Paper(f"2611.0{number}001", (moment,), title=f"Own {day}"))
        made.append(Paper(f"2611.0{number}002", (moment,), ("cs.CL", "cs.LG"), title=f"Cross {day}"))
    return made


@contextmanager
def following(
    paths: Paths, *categories: str, collection: list[Paper] | None = None, **more: Any
) -> Iterator[ArxivService]:
    """arXiv on Thursday the 12th, its lists followed and read."""
    with ArxivService(a_fortnight() if collection is None else collection, THURSDAY, **more) as arxiv:
        with change(paths, "feed add") as opened:
            for name in categories or ("cs.LG",):
                feeds.add(opened, arxiv.url(f"/rss/{name}"))
        reports = fetch(paths, arxiv)
        assert {report.health for report in reports} == {FeedHealth.current}
        assert oai_visits(arxiv) == 0, "a feed that is followed for the first time begins with the batch it holds"
        yield arxiv


def fetch(paths: Paths, arxiv: ArxivService, now: datetime | None = None, **more: Any) -> tuple[FeedReport, ...]:
    arxiv.now = now or arxiv.now
    return fetch_feeds(paths, arxiv.settings(), clock=lambda: arxiv.now, limits=QUICK, **more)


def oai_visits(arxiv: ArxivService) -> int:
    return sum(visit.path == "/oai" for visit in arxiv.visits)


def the_feed(paths: Paths) -> Feed:
    with closing(db.connect(paths)) as connection:
        return list_feeds(connection)[0]


def kept(paths: Paths) -> dict[str, date | None]:
    """The titles of all new papers, with the day of the list that announced each; a title that is there twice fails."""
    with closing(db.connect(paths)) as connection:
        rows = list_papers(connection, states=(PaperState.new,), limit=1000)
        found = [get_paper(connection, row.ref) for row in rows]
    assert set(Counter(paper.arxiv_id for paper in found).values()) <= {1}
    return {paper.title: paper.announced_on for paper in found}


EXPECTED = {
    f"{kind} {day}": date(2026, 11, listed)
    for day, listed in ((11, 12), (12, 13), (13, 16), (16, 17), (17, 18))
    for kind in ("Own", "Cross")
}


def test_four_days_away_bring_every_paper_of_the_missed_lists_once_with_its_day(paths: Paths) -> None:
    with following(paths) as arxiv:
        (report,) = fetch(paths, arxiv, WEDNESDAY)
        assert (report.health, report.new, report.missing) == (FeedHealth.current, 8, ())
        assert report.message == (
            "Wed batch: 1 new, 1 cross; caught up by OAI-PMH with the lists of 13, 16 and 17 Nov: 3 new, 3 cross"
        )
        assert kept(paths) == EXPECTED
        assert the_feed(paths).complete_on == date(2026, 11, 18)
        asked = oai_visits(arxiv)
        (again,) = fetch(paths, arxiv)
        assert (again.new, oai_visits(arxiv)) == (0, asked), "what is there is not asked for again"
        assert again.message == "unchanged since the Wed batch (1 new, 1 cross)"


def test_who_reads_every_day_asks_for_nothing_more_also_over_weekends_and_holidays(paths: Paths) -> None:
    lists = (20, 23, 24, 25)  # until Thursday the 26th
    more = [Paper(f"2611.1{day}01", (eastern(f"2026-11-{day} 12:00"),)) for day in lists]
    with following(paths, collection=a_fortnight() + more) as arxiv:
        for day in range(18):  # over Thanksgiving: no list on Friday the 27th
            fetch(paths, arxiv, THURSDAY + timedelta(days=day))
        assert oai_visits(arxiv) == 0
        assert the_feed(paths).complete_on == date(2026, 11, 26)


def test_a_weekend_after_days_away_still_brings_the_lists_that_were_missed(paths: Paths) -> None:
    with following(paths) as arxiv:
        (report,) = fetch(paths, arxiv, eastern("2026-11-21 10:00"))
        assert report.health is FeedHealth.weekend
        assert report.message.startswith(
            "empty: arXiv announces nothing on a Saturday; caught up by OAI-PMH with the 6 lists"
        )
        assert (report.new, the_feed(paths).complete_on) == (12, date(2026, 11, 20))
        asked = oai_visits(arxiv)
        fetch(paths, arxiv, eastern("2026-11-22 10:00"))
        assert oai_visits(arxiv) == asked


def test_what_a_stale_feed_withholds_comes_by_oai(paths: Paths) -> None:
    with following(paths) as arxiv:
        arxiv.stale["cs.LG"] = date(2026, 11, 12)
        (report,) = fetch(paths, arxiv, eastern("2026-11-13 09:00"))
        assert (report.health, report.new, report.missing) == (FeedHealth.stale, 2, ())
        assert "stale: the same 2 papers as the Thu batch" in report.message
        assert "caught up by OAI-PMH with the list of 13 Nov: 1 new, 1 cross" in report.message
        assert kept(paths)["Own 12"] == date(2026, 11, 13)
        asked = oai_visits(arxiv)
        fetch(paths, arxiv, eastern("2026-11-13 10:00"))
        assert oai_visits(arxiv) == asked, "still stale, and nothing is missing"


@pytest.mark.parametrize(
    ("reply", "health"),
    [
        (DOWN, FeedHealth.unreachable),
        (Reply(b"x" * 50, breaks_off_after=9), FeedHealth.unreachable),
        (Reply(b"<html>", content_type="text/html"), FeedHealth.unreadable),
    ],
)
def test_what_a_feed_that_fails_withholds_comes_by_oai(paths: Paths, reply: Reply, health: FeedHealth) -> None:
    with following(paths) as arxiv:
        arxiv.instead.append(reply)
        (report,) = fetch(paths, arxiv, WEDNESDAY)
        assert (report.health, report.new, report.missing) == (health, 8, ())
        assert "aught up by OAI-PMH with the lists of 13, 16, 17 and 18 Nov: 4 new, 4 cross." in report.message
        assert kept(paths) == EXPECTED
        assert the_feed(paths).complete_on == date(2026, 11, 18)


def test_a_feed_that_fails_while_nothing_is_due_asks_nobody(paths: Paths) -> None:
    with following(paths) as arxiv:
        arxiv.instead.append(DOWN)
        (report,) = fetch(paths, arxiv)
        assert (report.health.failed, report.missing, oai_visits(arxiv)) == (True, (), 0)


@pytest.mark.parametrize(
    ("refusal", "wait_s"), [(BUSY, 120), (RATE_EXCEEDED, 15 * 60), (Reply(b"", status=500), 15 * 60)]
)
def test_a_harvest_that_is_refused_is_told_and_made_up_for_later(paths: Paths, refusal: Reply, wait_s: int) -> None:
    with following(paths) as arxiv:
        rss = Reply(arxiv_answer(arxiv, WEDNESDAY))
        arxiv.instead.extend([rss, refusal])
        (report,) = fetch(paths, arxiv, WEDNESDAY)
        assert report.health.failed
        assert report.missing == (date(2026, 11, 13), date(2026, 11, 16), date(2026, 11, 17))
        assert report.message.startswith("the lists of 13, 16 and 17 Nov are missing: 127.0.0.1")
        assert "Wed batch: 1 new, 1 cross" in report.message
        assert report.next_try_at == WEDNESDAY + timedelta(seconds=wait_s)
        assert the_feed(paths).complete_on == date(2026, 11, 12), "nothing is marked as complete"
        assert kept(paths).keys() == {"Own 11", "Cross 11", "Own 17", "Cross 17"}, "what the feed held is there"
        asked = len(arxiv.visits)
        (early,) = fetch(paths, arxiv, WEDNESDAY + timedelta(seconds=wait_s - 1))
        if report.health is FeedHealth.rate_limited:
            assert len(arxiv.visits) == asked, "whoever asks us to wait is not asked before"
            assert early.missing == report.missing
        (later,) = fetch(paths, arxiv, WEDNESDAY + timedelta(seconds=wait_s + 1))
        assert (later.health.failed, later.missing) == (False, ())
        assert kept(paths) == EXPECTED
        assert the_feed(paths).complete_on == date(2026, 11, 18)


def arxiv_answer(arxiv: ArxivService, now: datetime) -> bytes:
    before, arxiv.now = arxiv.now, now
    content = arxiv._feed("cs.LG", is_atom=False).content
    arxiv.now = before
    return content


def test_a_feed_that_asks_to_wait_is_not_answered_by_asking_elsewhere_at_once(paths: Paths) -> None:
    with following(paths) as arxiv:
        arxiv.instead.append(RATE_EXCEEDED)
        (report,) = fetch(paths, arxiv, WEDNESDAY)
        assert (report.health, oai_visits(arxiv)) == (FeedHealth.rate_limited, 0)
        assert report.message.startswith("the lists of 13, 16, 17 and 18 Nov are missing: ")
        arxiv.instead.append(RATE_EXCEEDED)
        (report,) = fetch(paths, arxiv, WEDNESDAY + timedelta(minutes=16))
        assert (report.health, report.missing) == (FeedHealth.rate_limited, ())
        assert kept(paths) == EXPECTED


def test_of_two_services_that_ask_to_wait_the_longer_wait_counts(paths: Paths) -> None:
    with following(paths) as arxiv:
        arxiv.instead.append(RATE_EXCEEDED)
        fetch(paths, arxiv, WEDNESDAY)
        later = WEDNESDAY + timedelta(minutes=16)
        arxiv.instead.extend([rate_limited("3600"), BUSY])
        (report,) = fetch(paths, arxiv, later)
        assert report.next_try_at == later + timedelta(hours=1)


def test_once_arxiv_asks_to_wait_the_other_lists_do_not_ask_either(paths: Paths) -> None:
    with following(paths, "cs.LG", "cs.CL") as arxiv:
        answers = [Reply(arxiv_answer(arxiv, WEDNESDAY))] * 2
        arxiv.instead.extend([*answers, BUSY])
        reports = fetch(paths, arxiv, WEDNESDAY)
        assert [report.health for report in reports] == [FeedHealth.rate_limited] * 2
        assert oai_visits(arxiv) == 1


class _Interrupted(Exception):
    pass


def test_a_harvest_that_is_interrupted_between_pages_keeps_what_came_and_the_next_one_ends_it(paths: Paths) -> None:
    def interrupt(categories: str, papers: int) -> None:
        assert categories == "cs.LG"
        if papers >= 6:
            raise _Interrupted

    with following(paths, page_size=3) as arxiv:
        with pytest.raises(_Interrupted):
            fetch(paths, arxiv, WEDNESDAY, tell_caught_up=interrupt)
        half = kept(paths)
        assert 4 < len(half) < len(EXPECTED)
        feed = the_feed(paths)
        assert feed.complete_on == date(2026, 11, 12)
        assert feed.message == "the lists of 13, 16 and 17 Nov are missing so far; Wed batch: 1 new, 1 cross"
        assert feed.next_try_at == WEDNESDAY, "due again at once"
        (report,) = fetch(paths, arxiv)
        assert report.new == len(EXPECTED) - len(half)
        assert kept(paths) == EXPECTED


def test_an_error_on_a_later_page_keeps_the_pages_before_it(paths: Paths) -> None:
    with following(paths, page_size=3) as arxiv:
        told: list[int] = []

        def break_it(categories: str, papers: int) -> None:
            told.append(papers)
            if papers == 3:
                arxiv.instead.append(BUSY)

        (report,) = fetch(paths, arxiv, WEDNESDAY, tell_caught_up=break_it)
        assert (report.health, told) == (FeedHealth.rate_limited, [0, 3])
        assert len(kept(paths)) > 4
        fetch(paths, arxiv, WEDNESDAY + timedelta(minutes=3))
        assert kept(paths) == EXPECTED


def test_a_cross_list_in_two_followed_feeds_is_one_row(paths: Paths) -> None:
    with following(paths, "cs.LG", "cs.CL") as arxiv:
        reports = fetch(paths, arxiv, WEDNESDAY)
        assert [report.missing for report in reports] == [(), ()]
        assert [report.new for report in reports] == [8, 0]
        assert kept(paths) == EXPECTED


def test_a_new_version_of_a_missed_list_updates_the_paper_and_keeps_its_state(paths: Paths) -> None:
    old = Paper("2611.00001", (eastern("2026-11-11 12:00"),), title="Own 11")
    with following(paths, collection=[old]) as arxiv:
        with closing(db.connect(paths)) as connection:
            ref = find(connection, "2611.00001")
        assert ref is not None
        with change(paths, "queue") as opened:
            papers.set_state(opened, ref, PaperState.queued)
        arxiv.papers[:] = [replace(old, submitted=(*old.submitted, eastern("2026-11-13 12:00")), title="Own, better")]
        (report,) = fetch(paths, arxiv, WEDNESDAY)
        assert (report.new, report.updated) == (0, 1)
        with closing(db.connect(paths)) as connection:
            paper = get_paper(connection, ref)
        assert (paper.title, paper.version, paper.state) == ("Own, better", 2, PaperState.queued)


def test_records_that_arxiv_took_away_do_no_harm(paths: Paths) -> None:
    collection = [*a_fortnight(), Paper("2611.09999", (eastern("2026-11-12 12:00"),), deleted=date(2026, 11, 16))]
    with following(paths, collection=collection) as arxiv:
        (report,) = fetch(paths, arxiv, WEDNESDAY)
        assert report.missing == ()
        assert kept(paths) == EXPECTED


def test_a_list_that_nobody_has_yet_is_asked_for_again(paths: Paths) -> None:
    """Stale, and the OAI-PMH service is as late: what comes later must not be taken for read."""
    with following(paths) as arxiv:
        friday = eastern("2026-11-13 09:00")
        arxiv.stale["cs.LG"] = date(2026, 11, 12)
        late, arxiv.papers = arxiv.papers, [paper for paper in arxiv.papers if paper.title.endswith("11")]
        (report,) = fetch(paths, arxiv, friday)
        assert report.message.endswith("OAI-PMH has nothing of the list of 13 Nov either")
        assert the_feed(paths).complete_on == date(2026, 11, 12)
        arxiv.papers = late
        (report,) = fetch(paths, arxiv, friday + timedelta(hours=1))
        assert report.new == 2
        assert the_feed(paths).complete_on == date(2026, 11, 13)


def test_what_is_too_long_ago_is_said(paths: Paths) -> None:
    with following(paths) as arxiv:
        (report,) = fetch(paths, arxiv, eastern("2027-03-04 09:00"))
        assert report.message.endswith("lists before 3 Jan 2027 are too long ago to catch up with")
        assert the_feed(paths).complete_on == date(2027, 3, 3), "nobody has the list of the 4th yet"


def test_a_harvest_of_too_many_pages_is_told_and_goes_on_with_the_next_fetch(paths: Paths) -> None:
    many = [Paper(f"2611.1{n:04}", (eastern("2026-11-12 12:00"),), title=f"Many {n}") for n in range(40)]
    more = [Paper(f"2611.2{n:04}", (eastern("2026-11-16 12:00"),), title=f"More {n}") for n in range(30)]
    with following(paths, collection=[*a_fortnight(), *many, *more], page_size=1) as arxiv:
        (report,) = fetch(paths, arxiv, WEDNESDAY)
        assert report.message.startswith("the list of 17 Nov is missing: 127.0.0.1 holds more than the 60 pages")
        assert report.health.failed
        (report,) = fetch(paths, arxiv, WEDNESDAY + timedelta(hours=1))
        assert report.missing == ()
        assert len(kept(paths)) == len(EXPECTED) + 70


def test_a_feed_followed_again_begins_again(paths: Paths) -> None:
    with following(paths) as arxiv:
        with change(paths, "feed remove") as opened:
            feeds.remove(opened, arxiv.url("/rss/cs.LG"))
        with change(paths, "feed add") as opened:
            feeds.add(opened, arxiv.url("/rss/cs.LG"))
        fetch(paths, arxiv, WEDNESDAY)
        assert oai_visits(arxiv) == 0


@pytest.mark.parametrize(
    ("url", "categories"),
    [
        ("https://rss.arxiv.org/rss/cs.LG", "cs.LG"), ("https://rss.arxiv.org/atom/cs.LG+stat.ML", "cs.LG+stat.ML"),
        ("http://mirror.local/arxiv/rss/quant-ph/", "quant-ph"), ("https://rss.arxiv.org/rss/cs.XX", None),
        ("https://export.arxiv.org/api/query?search_query=cat:cs.LG", None), ("https://[", None),
    ],
)  # fmt: skip
def test_only_lists_of_categories_can_be_caught_up_with(url: str, categories: str | None) -> None:
    assert listed_categories(url) == categories


# ---------------------------------------------------------------- several at once


def test_while_somebody_fetches_another_fetch_is_refused_and_says_why(paths: Paths) -> None:
    began, may_end = Event(), Event()

    def hold(kept: int, of: int) -> None:
        began.set()
        assert may_end.wait(10)

    with following(paths) as arxiv:
        first = Thread(target=fetch, args=(paths, arxiv), kwargs={"tell": hold})
        first.start()
        assert began.wait(10)
        asked = len(arxiv.visits)
        with pytest.raises(BeingFetched, match="being fetched by another process"):
            fetch(paths, arxiv)
        assert len(arxiv.visits) == asked
        may_end.set()
        first.join()
        assert len(fetch(paths, arxiv)) == 1


def test_two_processes_that_fetch_at_once_keep_to_the_gate_and_nothing_is_asked_twice(paths: Paths) -> None:
    interval_s = 0.3
    with ArxivService([], datetime.now(UTC), answers_in_s=0.1) as arxiv:
        with change(paths, "feed add") as opened:
            for name in ("cs.LG", "cs.CL", "stat.ML"):
                feeds.add(opened, arxiv.url(f"/rss/{name}"))
        given = {
            "LABJOURNAL_ARXIV_RSS": arxiv.url("").rstrip("/"), "LABJOURNAL_ARXIV_OAI": arxiv.url("/oai"),
            "LABJOURNAL_ARXIV_INTERVAL": str(interval_s),
        }  # fmt: skip
        command = [sys.executable, "-m", "tui.cli", "feed", "fetch"]
        both = [
            subprocess.Popen(command, env=os.environ | given, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        said = [process.communicate(timeout=60) for process in both]
        codes = sorted(process.returncode for process in both)
        asked = Counter(visit.path for visit in arxiv.visits)
        assert arxiv.most_at_once == 1
        assert arxiv.shortest_pause_s >= interval_s * 0.9
    refused = sum("being fetched by another process" in errors for _, errors in said)
    assert codes in ([0, 0], [0, 1]), said
    assert refused == codes.count(1)
    assert asked == dict.fromkeys(("/rss/cs.LG", "/rss/cs.CL", "/rss/stat.ML"), 2 - refused)
