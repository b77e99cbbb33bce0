"""The stand-in for arXiv speaks as arXiv does, so that what is proved against it holds for the real services."""

from __future__ import annotations

import re
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from importers.arxiv_api import fetch_papers
from importers.arxiv_oai import harvest
from importers.feed_health import judge
from importers.feeds import read_feed
from importers.http import Answer, BadStatus, Client, get
from importers.parsed_feed import ParsedFeed
from journal.errors import RateLimited, Unreadable
from journal.ids import ArxivId
from journal.paths import at_home
from journal.types import FeedHealth
from tests.arxiv_service import EASTERN, RATE_EXCEEDED, TOO_MANY, ArxivService, Paper
from tests.importers.recorded import reply
from tests.importers.test_feed_health import NEVER_READ


def eastern(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=EASTERN).astimezone(UTC)


THURSDAY = eastern("2026-11-19 09:00")
FULL = Paper(
    "2611.00001",
    (eastern("2026-11-18 12:00"),),
    categories=("cs.LG", "stat.ML"),
    title=r"A toy study of Erd\H{o}s graphs with $n<m$ nodes",
    authors=r"Ada Ampere, B\'ela Berg (Institute) and Curie",
    abstract="We show that $a<b & c>d$ holds.",
    comment="9 pages",
    journal_ref="J. Toys 1 (2026)",
    doi="10.1000/example.1",
)
CROSS = Paper("2611.00002", (eastern("2026-11-18 12:00"),), categories=("cs.CL", "cs.LG"), title="Elsewhere")
AGAIN = Paper("2610.00003", (eastern("2026-10-05 12:00"), eastern("2026-11-18 12:00")), title="Again")
LATER = Paper("2611.00004", (eastern("2026-11-19 12:00"),), title="Tomorrow's")
OLD = Paper("2510.00005", (eastern("2025-10-06 12:00"),), ("stat.ME",), cross_listed={"cs.LG": date(2026, 11, 19)})
WORN = Paper("2601.00006", tuple(eastern(f"2026-{month:02d}-18 12:00") for month in (1, 2, 3, 5, 6, 11)), title="v6")
PAPERS = (FULL, CROSS, AGAIN, LATER, OLD, WORN)


def answer(arxiv: ArxivService, path: str, **validators: str | None) -> Answer:
    return get(arxiv.url(path), **validators)  # type: ignore[arg-type]


def feed(arxiv: ArxivService, path: str = "/rss/cs.LG") -> ParsedFeed:
    came = answer(arxiv, path)
    return read_feed(came.content, url=came.url, content_type=came.content_type)


def kinds(parsed: ParsedFeed) -> dict[str, str | None]:
    return {one.guid.removeprefix("oai:arXiv.org:"): one.announce_type for one in parsed.arrived}


TODAY = {"2611.00001v1": "new", "2510.00005v1": "cross", "2611.00002v1": "cross", "2610.00003v2": "replace"}


# ---------------------------------------------------------------- our readers read it


def test_one_paper_reads_the_same_from_all_three_services():
    with ArxivService(PAPERS, THURSDAY) as arxiv, Client() as client:
        by_feed = feed(arxiv).arrived[0].draft
        by_atom = feed(arxiv, "/atom/cs.LG").arrived[0].draft
        settings, paths = arxiv.settings(), at_home(Path("/nonexistent"))
        ((by_api,), _) = fetch_papers([ArxivId(FULL.id)], settings, paths, gate=nullcontext())
        pages = harvest("cs.LG", date(2026, 11, 19), settings, client=client, gate=nullcontext())
        by_oai = next(one.draft for page in pages for one in page.arrived if one.draft.arxiv_id == FULL.id)
    for name in ("title", "abstract", "authors", "arxiv_id", "version", "categories"):
        assert {getattr(draft, name) for draft in (by_feed, by_atom, by_api, by_oai)} == {getattr(by_oai, name)}
    assert by_oai.title == "A toy study of Erdős graphs with $n<m$ nodes"
    assert by_oai.authors == ("Ada Ampere", "Béla Berg", "Curie")
    assert by_feed.announced_on == by_atom.announced_on == by_oai.announced_on == date(2026, 11, 19)
    assert by_api.published_at == by_oai.published_at == FULL.submitted[0]
    assert (by_api.doi, by_api.comment, by_api.journal_ref) == (by_oai.doi, by_oai.comment, by_oai.journal_ref)


# ---------------------------------------------------------------- the feeds


def test_a_feed_holds_the_list_of_its_day_and_nothing_else():
    with ArxivService(PAPERS, THURSDAY) as arxiv:
        parsed = feed(arxiv)
        assert kinds(parsed) == kinds(feed(arxiv, "/atom/cs.LG")) == TODAY
        assert parsed.refused == () and parsed.damage == ""
        assert list(kinds(feed(arxiv, "/rss/cs.LG+cs.CL")).values()).count("new") == 2
        arxiv.now += timedelta(days=1)
        assert kinds(feed(arxiv)) == {"2611.00004v1": "new"}


@pytest.mark.parametrize("now", ["2026-11-21 09:00", "2026-11-22 23:59", "2026-11-27 09:00"])
def test_weekends_and_holidays_are_empty(now: str):
    on_friday = Paper("2611.00007", (eastern("2026-11-20 10:00"),))
    on_thanksgiving = Paper("2611.00008", (eastern("2026-11-26 10:00"),))
    with ArxivService([on_friday, on_thanksgiving], eastern(now)) as arxiv:
        parsed = feed(arxiv)
    assert parsed.arrived == ()
    assert set(parsed.skip_days) == {"Saturday", "Sunday"}
    assert judge(NEVER_READ, parsed, eastern(now)).health in {FeedHealth.weekend, FeedHealth.holiday}


def test_what_was_submitted_on_a_holiday_comes_after_it():
    with ArxivService([Paper("2611.00008", (eastern("2026-11-26 10:00"),))], eastern("2026-11-30 01:00")) as arxiv:
        assert kinds(feed(arxiv)) == {"2611.00008v1": "new"}


def test_an_unchanged_feed_is_answered_by_304_until_the_next_day():
    with ArxivService(PAPERS, THURSDAY) as arxiv:
        first = answer(arxiv, "/rss/cs.LG")
        arxiv.now += timedelta(hours=2)
        assert answer(arxiv, "/rss/cs.LG", etag=first.etag).not_modified
        assert answer(arxiv, "/rss/cs.LG", last_modified=first.last_modified).not_modified
        arxiv.now += timedelta(days=1)
        assert not answer(arxiv, "/rss/cs.LG", etag=first.etag).not_modified


def test_a_stale_feed_repeats_a_batch_under_a_new_date():
    with ArxivService(PAPERS, THURSDAY) as arxiv:
        before = judge(NEVER_READ, feed(arxiv), arxiv.now)
        arxiv.stale["cs.LG"] = date(2026, 11, 19)
        arxiv.now += timedelta(days=1)
        after = judge(before, feed(arxiv), arxiv.now)
        assert after.health is FeedHealth.stale
        del arxiv.stale["cs.LG"]
        assert judge(after, feed(arxiv), arxiv.now).health is FeedHealth.current


# ---------------------------------------------------------------- the API


def titles(arxiv: ArxivService, query: str) -> list[str]:
    root = ElementTree.fromstring(answer(arxiv, f"/api/query?{query}").content)
    return [one.text or "" for one in root.iter("{http://www.w3.org/2005/Atom}title")][1:]


def test_the_api_finds_pages_and_sorts():
    with ArxivService(PAPERS, THURSDAY) as arxiv:
        assert titles(arxiv, "search_query=cat:cs.CL") == ["Elsewhere"]
        assert titles(arxiv, "search_query=ti:elsewhere+AND+au:ampere") == ["Elsewhere"]
        assert titles(arxiv, "search_query=ti:elsewhere+AND+au:nobody") == []
        assert titles(arxiv, "search_query=ti:elsewhere+OR+ti:again") == ["Elsewhere", "Again"]
        assert titles(arxiv, "search_query=all:%22toy+study%22")[0] == FULL.title
        by_date = "search_query=cat:cs.LG&sortBy=submittedDate&sortOrder=ascending"
        assert titles(arxiv, f"{by_date}&start=2&max_results=2") == ["Again", FULL.title]
        assert "Tomorrow's" not in titles(arxiv, "search_query=cat:cs.LG")


def test_the_api_knows_versions_unknown_ids_and_bad_ones():
    with ArxivService(PAPERS, THURSDAY) as arxiv:
        asked = [ArxivId(AGAIN.id, 1), ArxivId(AGAIN.id), ArxivId(AGAIN.id, 3), ArxivId("2611.99999")]
        drafts, missing = fetch_papers(asked, arxiv.settings(), at_home(Path("/nonexistent")), gate=nullcontext())
        assert [draft.version for draft in drafts] == [1, 2]
        assert missing == ["arXiv has no paper 2610.00003v3.", "arXiv has no paper 2611.99999."]
        with pytest.raises(BadStatus) as caught:
            answer(arxiv, "/api/query?id_list=abc")
        with pytest.raises(Unreadable, match="refuses the request: incorrect id format for abc"):
            read_feed(caught.value.content, url=arxiv.url("/api/query"))


# ---------------------------------------------------------------- OAI-PMH


def oai(arxiv: ArxivService, query: str) -> str:
    return answer(arxiv, f"/oai?{query}").content.decode()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("verb=Sing", "badVerb"),
        ("", "badVerb"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=arXivRaw&colour=green", "badArgument"),
        ("verb=ListRecords&metadataPrefix=arXivRaw&from=yesterday", "badArgument"),
        ("verb=ListRecords&metadataPrefix=arXivRaw&from=2026-11-21", "badArgument"),
        ("verb=ListRecords&metadataPrefix=arXivRaw&until=2026-11-30", "badArgument"),
        ("verb=ListRecords&metadataPrefix=arXivRaw&set=cs:cs:lg", "badArgument"),
        ("verb=ListRecords&metadataPrefix=arXivRaw&resumptionToken=x", "badArgument"),
        ("verb=ListRecords&metadataPrefix=pictures", "cannotDisseminateFormat"),
        ("verb=ListRecords&metadataPrefix=arXivRaw&until=2005-09-16", "noRecordsMatch"),
    ],
)
def test_oai_refuses_in_its_own_words(query: str, code: str):
    with ArxivService(PAPERS, THURSDAY) as arxiv:
        assert f"<error code='{code}'>" in oai(arxiv, query)


def test_oai_selects_by_set_and_by_the_day_of_the_last_change():
    gone = Paper("2611.00009", (eastern("2026-11-10 12:00"),), deleted=date(2026, 11, 19))
    mended = Paper(
        "2505.00010", (eastern("2025-05-05 12:00"),), categories=("quant-ph",), touched=(date(2026, 11, 18),)
    )
    with ArxivService((*PAPERS, gone, mended), THURSDAY) as arxiv:
        since = "verb=ListRecords&metadataPrefix=arXivRaw&from=2026-11-18"
        ids = re.findall(r"<identifier>oai:arXiv.org:([^<]+)", oai(arxiv, since))
        assert ids == [
            "2505.00010", "2510.00005", "2601.00006", "2610.00003", "2611.00001", "2611.00002", "2611.00009",
        ]  # fmt: skip
        assert '<header status="deleted">' in oai(arxiv, since)
        assert re.findall(r"<identifier>([^<]+)", oai(arxiv, f"{since}&set=physics:quant-ph")) == [
            "oai:arXiv.org:2505.00010"
        ]
        assert "<setSpec>stat:stat:ML</setSpec>" in oai(arxiv, f"{since}&set=stat")
        assert "2611.00001" not in oai(arxiv, f"{since}&until=2026-11-18")
        arxiv.now = eastern("2026-11-19 22:29")
        assert "2611.00004" not in oai(arxiv, since)
        arxiv.now = eastern("2026-11-19 22:31")
        assert "2611.00004" in oai(arxiv, since)


def test_tokens_lead_on_until_they_expire():
    with ArxivService(PAPERS, THURSDAY, page_size=4) as arxiv:
        first = oai(arxiv, "verb=ListRecords&metadataPrefix=arXivRaw")
        token = re.findall(r"<resumptionToken expires='2026-11-20T00:00:00Z'>([^<]+)<", first)[0]
        onward = f"verb=ListRecords&resumptionToken={token.replace('%', '%25')}"
        assert re.search(r"<resumptionToken expires='[^']+'></resumptionToken>", oai(arxiv, onward))
        arxiv.now += timedelta(days=1)
        assert "badResumptionToken" in oai(arxiv, onward)


# ---------------------------------------------------------------- moods


@pytest.mark.parametrize("mood", [TOO_MANY, RATE_EXCEEDED])
@pytest.mark.parametrize(
    "path", ["/rss/cs.LG", "/atom/cs.LG", "/api/query?id_list=2611.00001", "/oai?verb=ListRecords"]
)
def test_every_service_can_be_too_busy_once(mood, path: str):
    with ArxivService(PAPERS, THURSDAY) as arxiv:
        arxiv.instead.append(mood)
        with pytest.raises(RateLimited):
            answer(arxiv, path)
        assert answer(arxiv, path).content


# ---------------------------------------------------------------- layout


def shape(element: ElementTree.Element, depth: int = 9) -> tuple:
    """Names of an element, its attributes and what is in it; what is repeated counts once."""
    inside = [shape(child, depth - 1) for child in element] if depth else []
    return element.tag, tuple(sorted(element.attrib)), tuple(dict.fromkeys(inside))


def first(document: bytes, name: str) -> ElementTree.Element:
    return next(one for one in ElementTree.fromstring(document).iter() if one.tag.rpartition("}")[2] == name)


def served(path: str, papers: tuple[Paper, ...] = (FULL,)) -> bytes:
    with ArxivService(papers, THURSDAY) as arxiv:
        return answer(arxiv, path).content


def names(document: bytes, name: str) -> set[tuple[str, ...]]:
    """The path and attributes of everything inside the first element of that name."""

    def inside(element: ElementTree.Element, path: tuple[str, ...]) -> set[tuple[str, ...]]:
        found = {(*path, element.tag, *sorted(element.attrib))}
        return found.union(*(inside(child, (*path, element.tag)) for child in element))

    return inside(first(document, name), ())


@pytest.mark.parametrize(
    ("file", "path", "name"),
    [
        ("arxiv_rss.xml", "/rss/cs.LG", "item"),
        ("arxiv_atom.xml", "/atom/cs.LG", "entry"),
        ("arxiv_oai.xml", "/oai?verb=ListRecords&metadataPrefix=arXivRaw&set=cs:cs:LG&from=2026-11-18", "header"),
        ("arxiv_oai.xml", "/oai?verb=ListRecords&metadataPrefix=arXivRaw&set=cs:cs:LG&from=2026-11-18", "request"),
    ],
)
def test_the_layout_is_that_of_the_replies_in_the_tests(file: str, path: str, name: str):
    assert names(reply(file), name) <= names(served(path), name)


def test_an_oai_record_has_the_elements_of_arxivs_template_in_their_order():
    """arXiv/oaipmh, templates/record_formats.xml; the source type is told of some papers only."""
    path = "/oai?verb=ListRecords&metadataPrefix=arXivRaw"
    order = [child.tag.rpartition("}")[2] for child in first(served(path), "arXivRaw")]
    assert order == [
        "id", "submitter", "version", "title", "authors", "categories", "comments", "journal-ref", "doi", "license",
        "abstract",
    ]  # fmt: skip
    template = names(reply("arxiv_oai.xml"), "version") - names(served(path), "version")
    assert {found[-1].rpartition("}")[2] for found in template} == {"source_type"}


@pytest.mark.parametrize(
    ("file", "path", "name"),
    [
        ("other/arxiv-docs.rss_spec_example.xml", "/rss/cs.LG", "channel"),
        ("jmamath-distill/arxiv_cs_ai.xml", "/rss/cs.LG", "channel"),
        ("zotero-arxiv-daily/arxiv_rss_example.xml", "/atom/cs.LG", "feed"),
        ("arxiv.py/id_1605.08386_s0_m100_199195aa31ad.atom.xml", "/api/query?id_list=2611.00001", "feed"),
    ],
)
def test_the_layout_is_that_of_real_replies(shared_data: Path, file: str, path: str, name: str):
    """Element by element and in the same order, for a paper with the same fields."""
    real = first((shared_data / "arxiv" / file).read_bytes(), name)
    entries = [child for child in real if child.tag.rpartition("}")[2] in {"item", "entry"}]
    tags = {one.tag.rpartition("}")[2] for one in entries[0].iter()}
    paper = Paper(
        FULL.id,
        FULL.submitted,
        comment=FULL.comment if "comment" in tags else "",
        doi=FULL.doi if tags & {"DOI", "doi"} else "",
        journal_ref=FULL.journal_ref if tags & {"journal_reference", "journal_ref"} else "",
    )
    for later in entries[1:]:
        real.remove(later)
    assert shape(first(served(path, (paper,)), name)) == shape(real)


def test_the_apis_error_is_laid_out_as_the_real_one(shared_data: Path):
    real = (shared_data / "arxiv" / "arxiv.py" / "id_abc_s0_m100_b79c8dcf6bc3.atom.xml").read_bytes()
    with ArxivService(PAPERS, THURSDAY) as arxiv, pytest.raises(BadStatus) as caught:
        answer(arxiv, "/api/query?id_list=abc")
    assert caught.value.status == 400
    assert shape(ElementTree.fromstring(caught.value.content)) == shape(ElementTree.fromstring(real))
    without_times = re.compile(rb"<updated>[^<]+")
    assert without_times.sub(b"", caught.value.content) == without_times.sub(b"", real)


def test_nothing_found_is_laid_out_as_the_real_one(shared_data: Path):
    real = (shared_data / "arxiv" / "arxiv.py" / "id_0000.0000_s0_m100_8b51d9633a68.atom.xml").read_bytes()
    changing = re.compile(rb"<updated>[^<]+|api/[^<?]{20,}")
    ours = served("/api/query?search_query=&id_list=0000.0000&start=0&max_results=100")
    assert changing.sub(b"", ours) == changing.sub(b"", real)
