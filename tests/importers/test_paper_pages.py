"""The page of a paper is looked into when that is asked for, politely and within bounds, and what it names is kept."""

from __future__ import annotations

from contextlib import closing

import pytest

from importers.http import Client, Limits
from importers.paper_pages import look_into_page
from journal import db
from journal.config import Settings
from journal.errors import JournalError, NotFound, RateLimited, Unreachable, Unreadable
from journal.paths import Paths
from journal.queries.papers import get_paper
from journal.store import papers
from journal.store.changes import change
from journal.store.undo import undo
from journal.types import LinkKind, Paper, PaperLink, PaperState, Ref
from tests.conftest import NOON
from tests.standins import Reply, Route, StandIn, redirect

OWN = PaperLink("https://github.com/us/own", LinkKind.code)
PAGE = b"<html><p>Our code is available at <a href='https://github.com/us/own'>GitHub</a>.</p></html>"
QUICK = Limits(connect_s=5, read_s=5, total_s=20, max_bytes=100_000_000)
ARXIV = "1706.03762v7"


def page(content: bytes, status: int = 200, **more: object) -> Reply:
    return Reply(content, status, "text/html; charset=utf-8", **more)  # type: ignore[arg-type]


def known(paths: Paths, mention: str) -> Ref:
    with change(paths, "paper add") as opened:
        return papers.named(opened, mention)


def read(paths: Paths, ref: Ref) -> Paper:
    with closing(db.connect(paths)) as connection:
        return get_paper(connection, ref)


def look(paths: Paths, ref: Ref, server: StandIn, limits: Limits = QUICK) -> tuple[PaperLink, ...]:
    with Client() as client:
        return look_into_page(
            client,
            paths,
            Settings(arxiv_interval_s=0),
            ref,
            arxiv_url=server.url().rstrip("/"),
            limits=limits,
            clock=lambda: NOON,
        )


def asked(server: StandIn) -> list[str]:
    return [request.path for request in server.requests]


def test_the_html_version_of_the_kept_version_is_read_and_what_it_names_kept(paths: Paths) -> None:
    ref = known(paths, ARXIV)
    with StandIn({f"/html/{ARXIV}": page(PAGE)}) as server:
        assert look(paths, ref, server) == (OWN,)
        assert asked(server) == [f"/html/{ARXIV}"]
    paper = read(paths, ref)
    assert (paper.page_links, paper.page_read_at) == ((OWN,), NOON)
    assert paths.arxiv_gate.exists(), "arXiv is asked in turn"


def test_without_an_html_version_the_abs_page_is_read(paths: Paths) -> None:
    ref = known(paths, ARXIV)
    with StandIn({f"/abs/{ARXIV}": page(PAGE)}) as server:
        assert look(paths, ref, server) == (OWN,)
        assert asked(server) == [f"/html/{ARXIV}", f"/abs/{ARXIV}"]


def test_any_other_paper_is_read_at_its_own_address(paths: Paths) -> None:
    with StandIn({"/post": page(PAGE)}) as server:
        ref = known(paths, server.url("/post"))
        assert look(paths, ref, server) == (OWN,)
    assert not paths.arxiv_gate.exists()


def test_nothing_found_is_remembered_and_looking_again_replaces(paths: Paths) -> None:
    with StandIn({"/post": page(b"<p>Nothing here.")}) as server:
        ref = known(paths, server.url("/post"))
        assert look(paths, ref, server) == ()
        assert (read(paths, ref).page_links, read(paths, ref).page_read_at) == ((), NOON)
        server.routes["/post"] = page(PAGE)
        look(paths, ref, server)
        assert read(paths, ref).page_links == (OWN,)
        server.routes["/post"] = page(b"Weights: https://huggingface.co/us/own")
        look(paths, ref, server)
        assert [link.url for link in read(paths, ref).page_links] == ["https://huggingface.co/us/own"]


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (page(b"gone", 404), Unreadable, "404"),
        (page(b"Rate exceeded."), RateLimited, "asks us to wait"),
        (Reply(b"Rate exceeded.", content_type="text/plain"), RateLimited, "asks us to wait"),
        (Reply(b"%PDF-1.7", content_type="application/pdf"), Unreadable, "no web page"),
        (Reply(PAGE, content_type="image/png", endless=True), Unreadable, "no web page"),
        (page(b"busy", 429), RateLimited, "wait"),
        (redirect("javascript:alert(1)"), Unreadable, "only http and https"),
        (redirect("/post"), Unreachable, "redirects more than"),
        (page(PAGE, breaks_off_after=20), Unreachable, "broke off"),
    ],
)
def test_what_is_no_page_is_said_and_what_was_found_before_stays(
    paths: Paths, answer: Route, error: type[JournalError], said: str
) -> None:
    with StandIn({"/post": page(PAGE)}) as server:
        ref = known(paths, server.url("/post"))
        look(paths, ref, server)
        server.routes["/post"] = answer
        with pytest.raises(error, match=said):
            look(paths, ref, server)
    assert read(paths, ref).page_links == (OWN,)


def test_of_an_endless_page_the_beginning_is_read(paths: Paths) -> None:
    with StandIn({"/post": page(PAGE + b" " * 60_000, endless=True)}) as server:
        ref = known(paths, server.url("/post"))
        assert look(paths, ref, server) == (OWN,)


def test_a_page_that_drips_is_given_up(paths: Paths) -> None:
    with StandIn({"/post": page(PAGE * 1000, drip_s=0.01)}) as server:
        ref = known(paths, server.url("/post"))
        with pytest.raises(Unreachable, match="took longer than"):
            look(paths, ref, server, Limits(connect_s=5, read_s=5, total_s=0.3))
    assert read(paths, ref).page_read_at is None


def test_a_paper_without_a_page_is_said(paths: Paths) -> None:
    with StandIn() as server:
        ref = known(paths, server.url("/a.pdf"))
        with pytest.raises(NotFound, match="no page"):
            look(paths, ref, server)
        assert server.requests == []


def test_undo_takes_back_what_the_person_did_and_not_what_was_found(paths: Paths) -> None:
    with StandIn({"/post": page(PAGE)}) as server:
        ref = known(paths, server.url("/post"))
        with change(paths, "keep it") as made:
            papers.set_state(made, ref, PaperState.kept)
        look(paths, ref, server)
    assert undo(paths) == "keep it"
    assert (read(paths, ref).state, read(paths, ref).page_links) == (PaperState.none, (OWN,))
    assert undo(paths) == "paper add"
    assert read(paths, ref).is_deleted


@pytest.mark.parametrize("kept_was_read", [False, True])
def test_of_two_that_turn_out_to_be_one_the_links_of_the_kept_page_count(paths: Paths, kept_was_read: bool) -> None:
    theirs = PaperLink("https://huggingface.co/us/own", LinkKind.weights)
    with change(paths, "add") as made:
        kept, other = (papers.named(made, mention) for mention in (ARXIV, "10.1000/xyz"))
        papers.keep_page_links(made, other, (theirs,))
        if kept_was_read:
            papers.keep_page_links(made, kept, (OWN,))
    with change(paths, "merge") as made:
        papers.merge(made, 1, 2)
    assert read(paths, kept).page_links == ((OWN,) if kept_was_read else (theirs,))
    assert read(paths, kept).page_read_at is not None
    undo(paths)
    assert read(paths, kept).page_links == ((OWN,) if kept_was_read else ())
    assert read(paths, other).page_links == (theirs,)
