"""Papers come from arXiv by their ids; what arXiv does not have is named, and every failure is a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest

from importers.arxiv_api import fetch_papers
from importers.http import Limits
from journal.config import Settings
from journal.errors import RateLimited, SourceError, TooLarge, Unreachable, Unreadable
from journal.ids import ArxivId, parse_arxiv_id
from journal.paths import Paths, at_home
from journal.types import PaperDraft
from tests.importers.recorded import reply
from tests.standins import Reply, Request, Route, StandIn, rate_limited

TOY = ArxivId("2611.00001")
OLD = ArxivId("math/0611800", 2)


@contextmanager
def arxiv(route: Route) -> Iterator[StandIn]:
    with StandIn({"/api/query": route}) as server:
        yield server


def fetch(
    server: StandIn, *ids: ArxivId, limits: Limits = Limits(read_s=2, total_s=5)
) -> tuple[list[PaperDraft], list[str]]:
    settings = Settings(arxiv_api_url=server.url("/api/query"), contact="reader@example.org")
    return fetch_papers(ids, settings, at_home(Path("/nonexistent")), gate=nullcontext(), limits=limits)


def test_papers_arrive_with_everything_that_arxiv_knows():
    with arxiv(reply("arxiv_api.xml")) as server:
        (toy, old), missing = fetch(server, TOY, OLD)
    assert missing == []
    assert toy == PaperDraft(
        title="A toy study of Erdős graphs",
        abstract="We show that $a<b$ holds for 5% of all graphs.",
        authors=("Ada Ampere", "Béla Berg"),
        arxiv_id="2611.00001",
        version=3,
        doi="10.1000/example.1",
        categories=("cs.LG", "stat.ML"),
        published_at=datetime(2026, 11, 2, 17, 59, 46, tzinfo=UTC),
        comment="9 pages, 2 figures",
        journal_ref="J. Toys 1 (2026)",
    )
    assert (old.arxiv_id, old.version) == ("math/0611800", 2)


def test_one_request_asks_for_all_ids_and_says_who_asks():
    with arxiv(reply("arxiv_api.xml")) as server:
        fetch(server, TOY, OLD)
    (request,) = server.requests
    assert request.query["id_list"] == ["2611.00001,math/0611800v2"]
    assert request.query["max_results"] == ["100"]
    assert "reader@example.org" in request.headers["User-Agent"]


def test_many_ids_are_asked_for_a_hundred_at_a_time():
    with arxiv(reply("arxiv_api.xml")) as server:
        _, missing = fetch(server, *(ArxivId(f"2501.{number:05d}") for number in range(150)))
    assert [len(request.query["id_list"][0].split(",")) for request in server.requests] == [100, 50]
    assert len(missing) == 150


def test_ids_that_do_not_exist_are_named_and_the_others_come():
    with arxiv(reply("arxiv_api.xml")) as server:
        drafts, missing = fetch(server, TOY, ArxivId("2611.99999"), ArxivId("2611.00001", 9))
    assert [draft.arxiv_id for draft in drafts] == ["2611.00001"]
    assert missing == ["arXiv has no paper 2611.99999.", "arXiv has no paper 2611.00001v9."]


def test_a_paper_asked_for_twice_comes_once():
    with arxiv(reply("arxiv_api.xml")) as server:
        drafts, missing = fetch(server, TOY, ArxivId("2611.00001", 3), TOY)
    assert (len(drafts), missing) == (1, [])


@pytest.mark.parametrize("status", [400, 200])
def test_an_id_that_arxiv_refuses_is_left_out_and_the_others_come(status: int):
    def refuses(request: Request) -> Reply:
        if "toys/0601001" in request.query["id_list"][0]:
            return Reply(reply("arxiv_api_error.xml"), status=status)
        return Reply(reply("arxiv_api.xml"))

    with arxiv(refuses) as server:
        drafts, missing = fetch(server, TOY, ArxivId("toys/0601001"))
    assert [draft.arxiv_id for draft in drafts] == ["2611.00001"]
    assert missing == ["arXiv has no paper toys/0601001."]
    assert len(server.requests) == 2


def test_a_refusal_for_another_reason_is_told():
    content = reply("arxiv_api_error.xml").replace(b"incorrect id format for toys/0601001", b"max_results too large")
    with (
        arxiv(Reply(content, status=400)) as server,
        pytest.raises(Unreadable, match="refuses the request: max_results too large"),
    ):
        fetch(server, TOY)


@pytest.mark.parametrize(
    ("route", "kind", "said"),
    [
        (rate_limited("30"), RateLimited, "asks us to wait"),
        (Reply(b"Rate exceeded."), RateLimited, "Rate exceeded"),
        (Reply(b"down", status=503), Unreachable, "503 Service Unavailable"),
        (Reply(b"<!DOCTYPE html><html></html>"), Unreadable, "not a list of papers"),
        (Reply(b""), Unreadable, "not a list of papers"),
        (Reply(reply("arxiv_api.xml")[:900]), Unreadable, "not a list of papers"),
        (Reply(reply("arxiv_api.xml"), breaks_off_after=500), Unreachable, "broke off"),
        (Reply(reply("arxiv_api.xml"), drip_s=0.02), Unreachable, "longer than"),
        (Reply(b"<feed>" * 10_000, endless=True), TooLarge, "sends more than"),
        (
            Reply(reply("arxiv_api.xml").replace(b"2026-11-02T17:59:46Z", b"some day")),
            Unreadable,
            "papers that cannot be read",
        ),
    ],
)
def test_a_failure_is_one_request_and_one_sentence(route: Reply, kind: type[SourceError], said: str):
    with arxiv(route) as server, pytest.raises(kind, match=said) as caught:
        fetch(server, TOY, limits=Limits(total_s=0.5, max_bytes=100_000))
    assert re.match(r"127\.0\.0\.1", str(caught.value))
    assert len(server.requests) == 1  # no storm of retries


def test_a_dead_server_is_named():
    with arxiv(b"") as server:
        pass
    with pytest.raises(Unreachable, match="cannot be reached"):
        fetch(server, TOY)


def test_each_request_passes_the_users_gate(paths: Paths):
    with arxiv(reply("arxiv_api.xml")) as server:
        settings = Settings(arxiv_api_url=server.url("/api/query"), arxiv_interval_s=0.0)
        fetch_papers([TOY], settings, paths)
    assert float(paths.arxiv_gate.read_text()) > 0


def test_text_from_arxiv_is_plain():
    content = reply("arxiv_api.xml").replace(b"Ada Ampere", "Ada\u202eAmpere \u009b31m".encode())
    with arxiv(content) as server:
        (draft,), _ = fetch(server, TOY)
    assert draft.authors[0] == "AdaAmpere"


def test_the_real_replies_of_arxiv_are_understood(shared_data: Path):
    for file in sorted((shared_data / "arxiv").rglob("*.xml")):
        content = file.read_bytes()
        found = re.findall(rb"<id>(https?://arxiv\.org/abs/[^<]+)</id>", content)
        ids = [identity for text in found if (identity := parse_arxiv_id(text.decode()))]
        counts = {content.count(b"<entry>"), *(content.count(b"</%s>" % name) - 1 for name in (b"title", b"updated"))}
        if not ids or counts != {len(ids)}:
            continue  # a cut reply, or one of the feeds
        with arxiv(content) as server:
            drafts, missing = fetch(server, *ids)
        assert [(draft.arxiv_id, draft.version) for draft in drafts] == [(one.id, one.version) for one in ids], file
        assert missing == []
        assert all(draft.abstract and draft.authors and draft.categories and draft.published_at for draft in drafts)
