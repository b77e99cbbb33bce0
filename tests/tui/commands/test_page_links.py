"""Code and weights that only a paper's page names, at the command line."""

from __future__ import annotations

import pytest

from journal.paths import Paths
from tests.standins import Reply, StandIn
from tests.tui.commands.conftest import Run

pytestmark = pytest.mark.usefixtures("paths")
CODE, WEIGHTS = "https://github.com/us/own", "https://huggingface.co/us/own"
PAGE = f"<p>Our code and weights: <a href='{CODE}'>GitHub</a>, <a href='{WEIGHTS}'>hub</a>\x1b]0;x\x07\u202e</p>"


@pytest.fixture
def server(run: Run) -> StandIn:  # type: ignore[misc]
    """The page of p1."""
    with StandIn({"/post": Reply(PAGE.encode(), content_type="text/html")}) as server:
        run("paper", "add", server.url("/post"))
        yield server


def test_links_are_looked_for_in_the_page_only_when_asked(run: Run, server: StandIn) -> None:
    server.requests.clear()
    ran = run("paper", "links", "p1")
    assert (ran.code, ran.out, server.requests) == (1, "", [])
    assert "journal paper links p1 --look" in ran.err
    ran = run("paper", "links", "p1", "--look")
    assert ran.code == 0
    assert [line.split(maxsplit=2) for line in ran.out.splitlines()[1:]] == [
        ["code", CODE, "found in its page"],
        ["weights", WEIGHTS, "found in its page"],
    ]
    found = run("paper", "links", "p1", "--json").json
    assert found["links"] == [
        {"kind": "code", "url": CODE, "in_page": True},
        {"kind": "weights", "url": WEIGHTS, "in_page": True},
    ]
    assert found["page_read_at"]
    assert len(server.requests) == 1
    assert CODE in run("show", "p1").out


def test_opening_code_that_is_not_known_looks_into_the_page_once(run: Run, server: StandIn) -> None:
    server.requests.clear()
    ran = run("paper", "open", "p1", "--code", "--print")
    assert (ran.code, ran.out) == (0, f"{CODE}\n")
    assert "No code address of p1 is known: looking into its page." in ran.err
    ran = run("paper", "open", "p1", "--weights", "--print")
    assert (ran.out, ran.err, len(server.requests)) == (f"{WEIGHTS}\n", "", 1)


def test_a_page_without_any_is_said_and_not_asked_again_by_itself(run: Run, server: StandIn) -> None:
    server.routes["/post"] = Reply(b"<p>Nothing.", content_type="text/html")
    server.requests.clear()
    for _ in range(2):
        ran = run("paper", "open", "p1", "--code")
        assert (ran.code, ran.out, len(server.requests)) == (1, "", 1)
        assert "p1 has no code address that is known." in ran.err
        assert "'journal paper links p1 --look' does so again" in ran.err
    ran = run("paper", "links", "p1")
    assert (ran.code, ran.out) == (1, "")
    assert "nothing found in it on" in ran.err
    assert run("undo").code == 0, "adding it is what is taken back"


def test_a_page_that_cannot_be_read_is_said(run: Run, server: StandIn) -> None:
    server.routes["/post"] = Reply(b"gone", 404, "text/html")
    ran = run("paper", "links", "p1", "--look")
    assert (ran.code, ran.out) == (1, "")
    assert "404" in ran.err


def test_arxiv_is_asked_in_turn(run: Run, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a proxy that refuses, so that nobody is asked in truth."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    run("log", "read", "--paper", "1706.03762")
    ran = run("paper", "open", "p1", "--code")
    assert (ran.code, ran.out) == (1, "")
    assert "arxiv.org cannot be reached through the proxy" in ran.err
    assert paths.arxiv_gate.exists()
