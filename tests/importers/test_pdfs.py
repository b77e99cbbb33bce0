"""The PDF of a paper lands in the cache once, and arXiv is only asked in turn."""

from __future__ import annotations

from contextlib import closing

import pytest

from importers.http import Client, Limits
from importers.pdfs import fetch_pdf
from journal import db
from journal.config import Settings
from journal.errors import NotFound, Unreachable
from journal.paths import Paths
from journal.queries.papers import get_paper
from journal.store import papers
from journal.store.changes import change
from journal.types import Paper
from tests.standins import Reply, StandIn

PDF = Reply(b"%PDF-1.7\n" + bytes(5000), content_type="application/pdf")
QUICK = Limits(connect_s=5, read_s=5, total_s=20, max_bytes=2_000_000)


def known(paths: Paths, mention: str) -> Paper:
    with change(paths, "paper add") as opened:
        ref = papers.named(opened, mention)
    with closing(db.connect(paths)) as connection:
        return get_paper(connection, ref)


def test_a_pdf_is_fetched_once_and_arxiv_is_not_asked_for_what_is_elsewhere(paths: Paths) -> None:
    with StandIn({"/a.pdf": PDF}) as server, Client() as client:
        paper = known(paths, server.url("/a.pdf"))
        first = fetch_pdf(client, paths, Settings(), paper, limits=QUICK)
        second = fetch_pdf(client, paths, Settings(), paper, limits=QUICK)
        assert len(server.requests) == 1
    assert first.path == second.path
    assert first.path.parent == paths.cache / "papers"
    assert (first.path.read_bytes(), first.fetched_bytes, second.fetched_bytes) == (PDF.content, 5009, 0)
    assert not paths.arxiv_gate.exists()


def test_arxiv_is_asked_in_turn(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a proxy that refuses, so that nobody is asked in truth."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with Client() as client, pytest.raises(Unreachable, match=r"arxiv\.org cannot be reached through"):
        fetch_pdf(client, paths, Settings(arxiv_interval_s=0), known(paths, "1706.03762"), limits=QUICK)
    assert paths.arxiv_gate.exists()


def test_a_paper_without_a_pdf_is_said(paths: Paths) -> None:
    with Client() as client, pytest.raises(NotFound, match="No PDF of p1 is known"):
        fetch_pdf(client, paths, Settings(), known(paths, "https://blog.example/post"))
