"""Days away are caught up with: what was announced comes as new, what was only touched does not, nothing comes twice."""

from __future__ import annotations

import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importers.arxiv_oai import HarvestPage, harvest, read_page
from importers.gate import ArxivGate
from importers.http import Client, Limits
from importers.oai_xml import OaiRecord, read_document
from journal.config import Settings
from journal.errors import RateLimited, SourceError, TooLarge, Unreachable, Unreadable
from journal.types import AnnounceType, ArrivedPaper, PaperDraft
from tests.arxiv_service import BUSY, EASTERN, RATE_EXCEEDED, TOO_MANY, ArxivService, Paper
from tests.importers.recorded import reply
from tests.standins import Reply, Request, Route, StandIn

WEDNESDAY = date(2026, 11, 18)
NEW, CROSS, REPLACED, REPLACED_CROSS = AnnounceType
QUICK = Limits(read_s=2, total_s=5)


def eastern(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=EASTERN).astimezone(UTC)


NOW = eastern("2026-11-20 09:00")  # a Friday
MONDAY_NOON, TUESDAY_NOON, WEDNESDAY_NOON, THURSDAY_NOON = (eastern(f"2026-11-{day} 12:00") for day in (16, 17, 18, 19))


def harvested(
    base: ArxivService | Settings,
    feed: str = "cs.LG",
    since: date = WEDNESDAY,
    *,
    until: date | None = None,
    limits: Limits = QUICK,
    most_pages: int = 60,
) -> list[HarvestPage]:
    settings = base.settings() if isinstance(base, ArxivService) else base
    with Client() as client:
        pages = harvest(
            feed, since, settings, client=client, gate=nullcontext(), until=until, limits=limits, most_pages=most_pages
        )
        return list(pages)


def arrived(pages: list[HarvestPage]) -> list[ArrivedPaper]:
    return [one for page in pages for one in page.arrived]


def kinds(pages: list[HarvestPage]) -> dict[str, AnnounceType | None]:
    return {one.guid.removeprefix("oai:arXiv.org:"): one.announce_type for one in arrived(pages)}


@contextmanager
def answering(route: Route) -> Iterator[tuple[StandIn, Settings]]:
    with StandIn({"/oai": route}) as server:
        yield server, Settings(arxiv_oai_url=server.url("/oai"))


def recorded() -> HarvestPage:
    document = read_document(reply("arxiv_oai.xml"), host="oaipmh.arxiv.org")
    return read_page(document.records, feed="cs.LG", since=WEDNESDAY)


# ---------------------------------------------------------------- what a record says


def test_a_paper_arrives_with_everything_that_arxiv_knows():
    first = recorded().arrived[0]
    assert first.guid == "oai:arXiv.org:2611.00001v1"
    assert first.announce_type is NEW
    assert first.draft == PaperDraft(
        title="A toy study of warm-up for Erdős graphs with $n<m$ nodes",
        abstract="We show that $a<b and c>d$ holds for 5% of all graphs.",
        authors=("Ada Ampere", "Béla Berg", "Curie", "Dora Doe, Jr."),
        arxiv_id="2611.00001",
        version=1,
        categories=("cs.LG", "stat.ML"),
        published_at=datetime(2026, 11, 17, 15, 29, 38, tzinfo=UTC),
        announced_on=date(2026, 11, 18),
        comment="9 pages, 2 figures",
    )


def test_a_cross_list_and_a_replacement_are_told_from_a_new_paper():
    _, cross, old = recorded().arrived
    assert (cross.guid, cross.announce_type) == ("oai:arXiv.org:2611.00002v1", CROSS)
    assert cross.draft.authors == ("The Toy Collaboration", "Eve Example", "Fay Fermi")
    assert (old.guid, old.announce_type) == ("oai:arXiv.org:math/0611800v10", REPLACED_CROSS)
    assert old.draft.published_at == datetime(2006, 11, 27, tzinfo=UTC)
    assert (old.draft.doi, old.draft.journal_ref) == ("10.1000/example.7", "Ann. de l'École 7 (2007)")
    assert old.draft.announced_on == date(2026, 11, 19)


def test_what_does_not_arrive_is_counted():
    page = recorded()
    assert (page.deleted, page.touched) == (1, 1)
    assert page.refused == ("item 6 (oai:arXiv.org:2611.00004): it has no title",)
    assert page.reached == date(2026, 11, 19)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (b"2611.00002<", b"none<", "it has no arXiv id"),
        (b'version="v1"><date>Tue, 17 Nov', b'version="one"><date>Tue, 17 Nov', "it has no version with a date"),
        (b"Tue, 17 Nov 2026 17:00:00 GMT", b"some day", "it has no version with a date"),
        (b"Tue, 17 Nov 2026 17:00:00 GMT", b"Tue, 17 Nov 1026 17:00:00 GMT", "it has no version with a date"),
    ],
)
def test_a_record_that_cannot_be_read_is_named_and_the_others_come(before: bytes, after: bytes, reason: str):
    content = reply("arxiv_oai.xml").replace(before, after)
    page = read_page(read_document(content, host="h").records, feed="cs.LG", since=WEDNESDAY)
    assert page.refused[0] == f"item 2 (Cross-listed from elsewhere): {reason}"
    assert len(page.arrived) == 2


def test_text_from_arxiv_is_plain():
    content = reply("arxiv_oai.xml").replace(b"Ada Ampere, B", "Ada\u202eAmpere \u009b31m, B".encode())
    page = read_page(read_document(content, host="h").records, feed="cs.LG", since=WEDNESDAY)
    assert page.arrived[0].draft.authors[0] == "AdaAmpere"


def test_a_stray_control_character_costs_no_page():
    content = reply("arxiv_oai.xml").replace(b"warm-up", b"warm\x0b-up\x1b")
    page = read_page(read_document(content, host="h").records, feed="cs.LG", since=WEDNESDAY)
    assert page.arrived[0].draft.title.startswith("A toy study of warm-up for")


# ---------------------------------------------------------------- what was announced in these days


def test_a_paper_is_announced_by_the_list_that_its_submission_came_in():
    papers = [
        Paper("2611.00001", (TUESDAY_NOON,)),
        Paper("2611.00002", (eastern("2026-11-18 13:59"),)),
        Paper("2611.00003", (eastern("2026-11-18 14:01"),)),
    ]
    with ArxivService(papers, NOW) as arxiv:
        days = [one.draft.announced_on for one in arrived(harvested(arxiv))]
    assert days == [date(2026, 11, 18), date(2026, 11, 19), date(2026, 11, 20)]


def test_a_paper_with_two_versions_since_is_new_to_who_was_away():
    with ArxivService([Paper("2611.00001", (TUESDAY_NOON, THURSDAY_NOON))], NOW) as arxiv:
        (one,) = arrived(harvested(arxiv))
    assert (one.guid, one.announce_type) == ("oai:arXiv.org:2611.00001v2", NEW)
    assert one.draft.announced_on == WEDNESDAY


def test_an_old_paper_that_was_only_touched_is_not_announced():
    old = Paper("2605.00001", (eastern("2026-05-05 12:00"),), touched=(date(2026, 11, 19),))
    older = Paper("1706.00001", (eastern("2017-06-12 12:00"), eastern("2018-06-12 12:00")), touched=(WEDNESDAY,))
    with ArxivService([old, older, Paper("2611.00001", (TUESDAY_NOON,))], NOW) as arxiv:
        pages = harvested(arxiv)
    assert kinds(pages) == {"2611.00001v1": NEW}
    assert sum(page.touched for page in pages) == 2


def test_a_paper_that_moderation_held_for_weeks_is_new_by_its_high_id():
    """Ids count up from announcement to announcement, so it stands among those of its list."""
    papers = [
        Paper("2611.00010", (TUESDAY_NOON,)),
        Paper("2611.00011", (eastern("2026-10-20 12:00"),), held_to=date(2026, 11, 18)),
        Paper("2611.00009", (eastern("2026-11-03 12:00"),), touched=(date(2026, 11, 18),)),
    ]
    with ArxivService(papers, NOW) as arxiv:
        pages = harvested(arxiv)
    assert kinds(pages) == {"2611.00010v1": NEW, "2611.00011v1": NEW}
    assert arrived(pages)[1].draft.announced_on == date(2026, 11, 18)
    assert pages[0].touched == 1


def one_record(arxiv_id: str, stamped: str, *submitted: str) -> ArrivedPaper | None:
    """What a page of this record alone announces to who has read all lists before Wednesday, 18 November."""
    record = OaiRecord(identifier=f"oai:arXiv.org:{arxiv_id}", datestamp=stamped, fields={"title": "T"})
    record.versions = [(f"v{number}", format_datetime(eastern(text))) for number, text in enumerate(submitted, start=1)]
    page = read_page([record], feed="cs.LG", since=WEDNESDAY)
    return page.arrived[0] if page.arrived else None


@pytest.mark.parametrize(
    ("stamped", "submitted", "kind", "day"),
    [
        ("2026-11-19", ["2026-11-13 12:00"], NEW, "2026-11-19"),  # due on Monday, and held back until Thursday
        ("2026-11-19", ["2026-11-12 12:00"], None, ""),  # due on Friday: too long ago to guess
        ("2026-11-19", ["2026-11-13 12:00", "2026-11-18 12:00"], NEW, "2026-11-18"),
        ("2026-11-18", ["2026-11-18 12:00"], NEW, "2026-11-18"),  # out a day before we thought
        ("2026-11-19", ["2020-01-13 12:00", "2026-11-13 12:00"], REPLACED, "2026-11-18"),
        ("2026-11-19", ["2020-01-13 12:00", "2026-11-12 12:00"], None, ""),
        ("never", ["2026-11-18 12:00"], NEW, "2026-11-19"),
    ],
)
def test_a_few_days_are_granted_for_what_was_held_back(
    stamped: str, submitted: list[str], kind: AnnounceType | None, day: str
):
    found = one_record("2611.00001", stamped, *submitted)
    assert (found.announce_type if found else None) is kind
    assert str(found.draft.announced_on if found else "") == day


def test_primary_is_what_is_in_any_category_of_the_feed():
    paper = Paper("2611.00001", (TUESDAY_NOON,), categories=("stat.ML", "cs.LG"))
    with ArxivService([paper], NOW) as arxiv:
        assert kinds(harvested(arxiv, "cs.LG")) == {"2611.00001v1": CROSS}
        assert kinds(harvested(arxiv, "cs.LG+stat.ML")) == {"2611.00001v1": NEW}
        assert kinds(harvested(arxiv, "stat")) == {"2611.00001v1": NEW}


def test_a_category_is_known_under_both_of_its_names():
    paper = Paper("2611.00001", (TUESDAY_NOON,), categories=("math.NA", "cs.NA"))
    with ArxivService([paper], NOW) as arxiv:
        assert kinds(harvested(arxiv, "cs.NA")) == {"2611.00001v1": NEW}


PEOPLE = st.lists(
    st.tuples(
        st.integers(0, 45 * 24 * 60).map(lambda minutes: NOW - timedelta(days=46) + timedelta(minutes=minutes)),
        st.integers(0, 3),
        st.sampled_from([("cs.LG",), ("cs.CL", "cs.LG"), ("cs.LG", "stat.ML"), ("stat.ML",)]),
    ),
    max_size=12,
)


@settings(max_examples=40)
@given(PEOPLE, st.sampled_from(["2026-11-16", "2026-11-18"]))
def test_whoever_was_away_gets_what_the_daily_feeds_would_have_brought(rows: list, day: str):
    since, today = date.fromisoformat(day), NOW.astimezone(EASTERN).date()
    papers = []
    rows.sort(key=lambda row: row[0])  # ids in the order of the lists, as arXiv gives them
    for number, (moment, more, categories) in enumerate(rows, start=1):
        times = [moment + timedelta(days=20 * step) for step in range(more + 1)]
        known = [one for one in times if one < NOW] or times[:1]
        papers.append(Paper(f"{moment:%y%m}.{number:05d}", tuple(known), categories))
    expected: dict[str, AnnounceType] = {}
    for paper in papers:
        is_new = since <= paper.listed[0] <= today
        if "cs.LG" in paper.categories and (is_new or any(since <= one <= today for one in paper.listed)):
            is_primary = paper.categories[0] == "cs.LG"
            expected[paper.id] = (
                (NEW if is_primary else CROSS) if is_new else REPLACED if is_primary else REPLACED_CROSS
            )
    with ArxivService(papers, NOW) as arxiv:
        found = {one.draft.arxiv_id: one for one in arrived(harvested(arxiv, since=since))}
    assert {one: arrival.announce_type for one, arrival in found.items() if one in expected} == expected
    listed = {paper.id: paper.listed for paper in papers}
    for one, arrival in found.items():
        assert one and arrival.draft.announced_on
        if one in expected:
            assert arrival.draft.announced_on in listed[one]
        else:  # the slack for what moderation holds back
            assert any(since - timedelta(days=3) <= day < since for day in listed[one])


# ---------------------------------------------------------------- asking


def test_a_request_names_the_set_and_the_days():
    with ArxivService([Paper("2611.00001", (TUESDAY_NOON,))], NOW) as arxiv:
        harvested(arxiv, until=date(2026, 11, 19))
    (visit,) = arxiv.visits
    assert {name: values[0] for name, values in visit.query.items()} == {
        "verb": "ListRecords", "metadataPrefix": "arXivRaw", "set": "cs:cs:LG", "from": "2026-11-18", "until": "2026-11-19",
    }  # fmt: skip


def test_pages_follow_each_other_and_only_when_they_are_wanted():
    papers = [Paper(f"2611.{number:05d}", (TUESDAY_NOON,)) for number in range(1, 8)]
    with ArxivService(papers, NOW, page_size=3) as arxiv, Client() as client:
        pages = harvest("cs.LG", WEDNESDAY, arxiv.settings(), client=client, gate=nullcontext())
        assert len(next(pages).arrived) == 3
        assert len(arxiv.visits) == 1
        assert [len(page.arrived) for page in pages] == [3, 1]
    assert [set(visit.query) for visit in arxiv.visits[1:]] == [{"verb", "resumptionToken"}] * 2


def test_a_paper_on_two_pages_and_in_two_sets_comes_once():
    both = Paper("2611.00001", (TUESDAY_NOON,), categories=("cs.LG", "stat.ML"))
    with ArxivService([both], NOW) as arxiv:
        assert len(arrived(harvested(arxiv, "cs.LG+stat.ML"))) == 1
    page = reply("arxiv_oai.xml")
    last = page.replace(page[page.index(b"<resumptionToken") : page.index(b"</ListRecords>")], b"")

    def repeats(request: Request) -> bytes:
        return last if "resumptionToken" in request.query else page

    with answering(repeats) as (server, settings):
        pages = harvested(settings)
    assert len(server.requests) == 2
    assert [len(one.arrived) for one in pages] == [3, 0]
    assert (pages[1].touched, pages[1].deleted, pages[1].refused) == (0, 0, ())


def test_a_paper_twice_on_one_page_comes_once():
    page = reply("arxiv_oai.xml")
    start, end = page.index(b"<record>"), page.index(b"</record>") + len(b"</record>")
    doubled = (
        page[:start] + page[start:end] * 2 + page[end : page.index(b"<resumptionToken")] + b"</ListRecords></OAI-PMH>"
    )
    with answering(doubled) as (_, settings):
        assert len(arrived(harvested(settings))) == 3


def test_nothing_new_is_no_error():
    with ArxivService([Paper("2605.00001", (eastern("2026-05-05 12:00"),))], NOW) as arxiv:
        assert harvested(arxiv) == []


def test_a_token_that_expires_on_the_way_costs_one_start_from_the_last_day_reached():
    papers = [
        Paper(f"2611.{number:05d}", (moment,))
        for number, moment in enumerate([TUESDAY_NOON, WEDNESDAY_NOON, WEDNESDAY_NOON, WEDNESDAY_NOON], start=1)
    ]
    with ArxivService(papers, NOW, page_size=2) as arxiv, Client() as client:
        pages = harvest("cs.LG", WEDNESDAY, arxiv.settings(), client=client, gate=nullcontext())
        found = [next(pages)]
        arxiv.expire_tokens()
        found += pages
    assert [one.draft.arxiv_id for one in arrived(found)] == [paper.id for paper in papers]
    assert [visit.query.get("from") for visit in arxiv.visits] == [["2026-11-18"], None, ["2026-11-19"], None]


def test_tokens_that_expire_again_and_again_are_told():
    papers = [Paper(f"2611.{number:05d}", (TUESDAY_NOON,)) for number in range(1, 9)]
    with ArxivService(papers, NOW, page_size=2) as arxiv, Client() as client:
        pages = harvest("cs.LG", WEDNESDAY, arxiv.settings(), client=client, gate=nullcontext())
        next(pages)
        arxiv.expire_tokens()
        next(pages)
        arxiv.expire_tokens()
        with pytest.raises(Unreadable, match="refuses the request: badResumptionToken"):
            next(pages)


def test_the_pages_have_an_end():
    def endless(request: Request) -> bytes:
        return reply("arxiv_oai.xml").replace(b"skip%3D4", b"skip%%3D%d" % time.monotonic_ns())

    with answering(endless) as (server, settings), pytest.raises(TooLarge, match="more than the 4 pages"):
        harvested(settings, most_pages=4)
    assert len(server.requests) == 4


def test_a_service_that_sends_one_page_for_ever_is_left():
    """coneda/kor#55: a token that leads to the page it came with."""
    with answering(reply("arxiv_oai.xml")) as (server, settings), pytest.raises(Unreadable, match="again and again"):
        harvested(settings)
    assert len(server.requests) == 2


def test_a_category_that_arxiv_does_not_have_is_named():
    refuses = pytest.raises(Unreadable, match=r"refuses the request: badArgument .*Set does not exist")
    with ArxivService([Paper("2611.00001", (TUESDAY_NOON,))], NOW) as arxiv, refuses as caught:
        harvested(arxiv, "cs.XX")
    assert caught.value.hint == "Is cs.XX a category of arXiv?"


BOMB = b'<!DOCTYPE OAI-PMH [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
PAGE = reply("arxiv_oai.xml").split(b"?>", 1)[1].lstrip()
ERROR = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="%s">Why.</error></OAI-PMH>'


@pytest.mark.parametrize(
    ("route", "kind", "said"),
    [
        (BUSY, RateLimited, "asks us to wait (status 503)"),
        (TOO_MANY, RateLimited, "asks us to wait (status 429)"),
        (RATE_EXCEEDED, RateLimited, "Rate exceeded"),
        (Reply(b"down", status=503), Unreachable, "503 Service Unavailable"),
        (Reply(ERROR % b"badArgument", status=400), Unreadable, "refuses the request: badArgument (Why)"),
        (ERROR % b"cannotDisseminateFormat", Unreadable, "refuses the request: cannotDisseminateFormat (Why)"),
        (ERROR % b"idDoesNotExist", Unreadable, "refuses the request: idDoesNotExist (Why)"),
        (ERROR % b"badResumptionToken", Unreadable, "refuses the request: badResumptionToken (Why)"),
        (ERROR.replace(b"code", b"no") % b"x", Unreadable, "refuses the request: error (Why)"),
        (b"<!DOCTYPE html><html><body>Busy<br></body></html>", Unreadable, "a web page, not with records"),
        (b"<HTML><body><p>Busy</body></HTML>", Unreadable, "a web page, not with records"),
        (b"<html><body><p>Busy</p></body></html>", Unreadable, "a web page, not with records"),
        (b"", Unreadable, "nothing at all"),
        (b"  \n", Unreadable, "nothing at all"),
        (b'{"error": "busy"}', Unreadable, "something that is not a list of records"),
        (b"<rss/>", Unreadable, "something that is not a list of records"),
        (b"<OAI-PMH/>", Unreadable, "something that is not a list of records"),
        (PAGE[:3000], Unreadable, "damaged records"),
        (BOMB + PAGE.replace(b"toy study", b"&b;"), Unreadable, "declares a type of its own"),
        ((BOMB + PAGE).decode().encode("utf-16"), Unreadable, "declares a type of its own"),
        (b'<!DOCTYPE OAI-PMH SYSTEM "file:///etc/passwd">' + PAGE, Unreadable, "declares a type of its own"),
        (b"<a>" * 100_000, Unreadable, "without end"),
        (b'<?xml version="1.0" encoding="punycode"?>' + PAGE, Unreadable, "answered"),
        (b'<?xml version="1.0" encoding="klingon"?>' + PAGE, Unreadable, "answered"),
        (PAGE.replace(b"skip%3D4", b"x" * 5000), Unreadable, "names its next page by 5,"),
        (Reply(PAGE, breaks_off_after=2000), Unreachable, "broke off"),
        (Reply(PAGE, drip_s=0.02), Unreachable, "longer than"),
        (Reply(PAGE, endless=True), TooLarge, "sends more than"),
    ],
)
def test_a_failure_is_one_request_and_one_sentence(route: Route, kind: type[SourceError], said: str):
    with answering(route) as (server, settings), pytest.raises(kind) as caught:
        harvested(settings, limits=Limits(total_s=1.0, max_bytes=1_000_000))
    message = str(caught.value)
    assert said in message
    assert message.startswith("127.0.0.1") and message.endswith(".") and "\n" not in message
    assert len(server.requests) == 1


def test_who_is_asked_to_wait_knows_how_long():
    with answering(BUSY) as (_, settings), pytest.raises(RateLimited) as caught:
        harvested(settings)
    assert caught.value.retry_after_s == 120


def test_pages_that_came_before_a_failure_are_not_lost():
    papers = [Paper(f"2611.{number:05d}", (TUESDAY_NOON,)) for number in range(1, 5)]
    with ArxivService(papers, NOW, page_size=2) as arxiv, Client() as client:
        pages = harvest("cs.LG", WEDNESDAY, arxiv.settings(), client=client, gate=nullcontext())
        first = next(pages)
        arxiv.instead.append(BUSY)
        with pytest.raises(RateLimited):
            next(pages)
    assert (len(first.arrived), first.reached) == (2, WEDNESDAY)


def test_strange_elements_without_number_take_neither_memory_nor_time():
    content = b"<OAI-PMH><ListRecords>" + b"<a b='c'/>" * 200_000 + b"</ListRecords></OAI-PMH>"
    started = time.monotonic()
    tracemalloc.start()
    try:
        assert read_document(content, host="h").records == ()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * len(content)
    assert time.monotonic() - started < 20


@given(st.binary(max_size=300), st.integers(0, len(PAGE)))
def test_no_damage_escapes_as_anything_but_a_sentence(noise: bytes, place: int):
    with suppress(Unreadable):
        document = read_document(PAGE[:place] + noise + PAGE[place:], host="h")
        read_page(document.records, feed="cs.LG", since=WEDNESDAY)


def test_all_requests_of_a_user_pass_one_gate(tmp_path: Path):
    papers = [Paper(f"2611.{number:05d}", (TUESDAY_NOON,)) for number in range(1, 5)]
    with ArxivService(papers, NOW, page_size=2, answers_in_s=0.02) as arxiv:

        def read() -> None:
            with Client() as client:
                gate = ArxivGate(tmp_path / "gate", 0.1)
                list(harvest("cs.LG", WEDNESDAY, arxiv.settings(), client=client, gate=gate))

        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(arxiv.visits) == 6
    assert arxiv.most_at_once == 1
    assert arxiv.shortest_pause_s >= 0.09
