"""A PDF arrives whole or not at all, what came before a break is used, and nothing else is taken for a PDF."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from importers.downloads import PDF_LIMITS, download_pdf
from importers.gate import ArxivGate
from importers.http import BadStatus, Client, Limits
from importers.streams import opened
from journal.errors import RateLimited, SourceError, TooLarge, Unreachable, Unreadable
from tests.standins import Reply, Request, StandIn, rate_limited, redirect

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 2000
QUICK = Limits(connect_s=1, read_s=1, total_s=5, max_bytes=2_000_000)


def pdf(**options: Any) -> Reply:
    return Reply(**{"content": PDF, "content_type": "application/pdf", "etag": '"v1"', "ranges": True, **options})


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "papers" / "2017 Vaswani - Attention (1706.03762).pdf"


def fetch(server: StandIn, target: Path, path: str = "/pdf", **options: Any) -> int:
    with Client() as client:
        return download_pdf(client, server.url(path), target, **{"limits": QUICK, **options}).fetched_bytes


def others(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir() if path != target)


def test_a_pdf_arrives_whole_and_leaves_nothing_beside_it(target: Path):
    told: list[tuple[int, int | None]] = []
    with StandIn({"/pdf": pdf()}) as server:
        assert fetch(server, target, progress=lambda done, total: told.append((done, total))) == len(PDF)
    assert target.read_bytes() == PDF
    assert others(target) == []
    assert told[0] == (0, len(PDF))
    assert told[-1] == (len(PDF), len(PDF))
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_finished_file_is_not_fetched_again(target: Path):
    with StandIn({"/pdf": pdf()}) as server:
        fetch(server, target)
        assert fetch(server, target) == 0
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "validator", [{"etag": '"v1"'}, {"etag": None, "last_modified": "Fri, 20 Nov 2026 05:00:00 GMT"}]
)
def test_what_broke_off_goes_on_from_there(target: Path, validator: dict[str, str | None]):
    with StandIn({"/pdf": pdf(breaks_off_after=300_000, **validator)}) as server:
        with pytest.raises(Unreachable, match="broke off"):
            fetch(server, target)
        assert not target.exists()
        kept = target.with_name(target.name + ".part").stat().st_size
        assert 0 < kept <= 300_000
        server.routes["/pdf"] = pdf(**validator)
        assert fetch(server, target) == len(PDF) - kept
    assert server.requests[1].headers["Range"] == f"bytes={kept}-"
    assert target.read_bytes() == PDF
    assert others(target) == []


@pytest.mark.parametrize(
    "second",
    [
        pdf(ranges=False),
        pdf(content=b"%PDF-2.0" + PDF, etag='"v2"'),
        pdf(content=PDF[:100_000], etag='"v2"'),
        pdf(content=PDF[:100_000]),
        pdf(headers={"Content-Range": f"bytes 5-{len(PDF) - 1}/{len(PDF)}"}, status=206, ranges=False),
        pdf(headers={"Content-Range": "nonsense"}, status=206, ranges=False),
    ],
    ids=["no ranges", "changed", "changed and shorter", "shorter by the same name", "another part", "no part"],
)
def test_where_going_on_is_not_possible_all_is_fetched_again(target: Path, second: Reply):
    with StandIn({"/pdf": pdf(breaks_off_after=300_000)}) as server:
        with pytest.raises(Unreachable):
            fetch(server, target)
        whole = Reply(second.content, content_type="application/pdf", etag=second.etag)
        server.routes["/pdf"] = lambda request: second if request.headers["Range"] else whole
        fetch(server, target)
    assert target.read_bytes() == second.content
    assert others(target) == []


def first_byte(request: Request) -> int:
    return int(request.headers["Range"].removeprefix("bytes=").removesuffix("-"))


@pytest.mark.parametrize(
    "lie",
    [
        lambda start: pdf(headers={"Content-Range": f"bytes {start}-9/10"}),
        lambda start: pdf(
            content=PDF[5 : 5 + len(PDF) - start], headers={"Content-Range": f"bytes 5-{len(PDF)}/{len(PDF)}"}
        ),
    ],
    ids=["more than the whole", "from another byte on"],
)
def test_a_part_that_does_not_fit_is_fetched_again(target: Path, lie: Callable[[int], Reply]):
    def lying(request: Request) -> Reply:
        if request.headers["Range"] is None:
            return pdf()
        return replace(lie(first_byte(request)), status=206, ranges=False)

    with StandIn({"/pdf": pdf(breaks_off_after=300_000)}) as server:
        with pytest.raises(Unreachable):
            fetch(server, target)
        server.routes["/pdf"] = lying
        fetch(server, target)
    assert target.read_bytes() == PDF


def test_a_server_that_sends_less_than_was_asked_for_has_broken_off(target: Path):
    def sparing(request: Request) -> Reply:
        start = first_byte(request)
        part = PDF[start : start + 100_000]
        headers = {"Content-Range": f"bytes {start}-{start + len(part) - 1}/{len(PDF)}"}
        return pdf(content=part, status=206, ranges=False, headers=headers)

    with StandIn({"/pdf": pdf(breaks_off_after=300_000)}) as server:
        for _ in range(2):
            with pytest.raises(Unreachable, match="broke off"):
                fetch(server, target)
            assert not target.exists()
            server.routes["/pdf"] = sparing
        with pytest.raises(Unreachable):
            fetch(server, target)
        fetch(server, target)
    assert target.read_bytes() == PDF


@pytest.mark.parametrize(
    "note", ["", "[]", "{}", '{"url": "http://127.0.0.1/other", "validator": "x"}', "nonsense", '{"validator": 5}']
)
def test_a_part_of_unknown_origin_is_not_built_on(target: Path, note: str):
    target.parent.mkdir()
    target.with_name(target.name + ".part").write_bytes(b"of another file")
    target.with_name(target.name + ".part.json").write_text(note)
    with StandIn({"/pdf": pdf()}) as server:
        fetch(server, target)
        assert server.requests[0].headers["Range"] is None
    assert target.read_bytes() == PDF


@pytest.mark.parametrize("etag", ['W/"weak"', None])
def test_without_a_strong_validator_all_is_fetched_again(target: Path, etag: str | None):
    with StandIn({"/pdf": pdf(etag=etag, breaks_off_after=300_000)}) as server:
        with pytest.raises(Unreachable):
            fetch(server, target)
        server.routes["/pdf"] = pdf(etag=etag)
        assert fetch(server, target) == len(PDF)
        assert server.requests[1].headers["Range"] is None
    assert target.read_bytes() == PDF


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (Reply(b"<!DOCTYPE html><title>PDF not available</title>", content_type="text/html"), Unreadable, "not available yet"),
        (Reply(b"<html>Log in " + b"x" * 5000, content_type="text/html; charset=utf-8"), Unreadable, "web page"),
        (Reply(b"\x89PNG" + b"x" * 5000, content_type="application/pdf"), Unreadable, "no PDF"),
        (Reply(b"x" * 1024 + PDF, content_type="application/pdf"), Unreadable, "no PDF"),
        (Reply(b"", content_type="application/pdf"), Unreadable, "empty"),
        (Reply(b"Rate exceeded.\n", content_type="text/plain"), RateLimited, "Rate exceeded"),
        (rate_limited("120"), RateLimited, "wait"),
        (Reply(b"gone", status=404), BadStatus, "404 Not Found"),
        (Reply(gzip.compress(PDF), headers={"Content-Encoding": "gzip"}), Unreadable, "encoding"),
        (redirect("file:///etc/passwd"), Unreadable, "sends us on"),
        (redirect("/pdf"), Unreachable, "redirects more than"),
        (pdf(endless=True), TooLarge, "sends more than"),
    ],
)  # fmt: skip
def test_what_is_no_pdf_is_said_in_a_sentence_and_leaves_nothing_that_looks_like_one(
    target: Path, reply: Reply, error: type[SourceError], words: str
):
    with StandIn({"/pdf": reply}) as server, pytest.raises(error, match=words) as caught:
        fetch(server, target)
    assert "127.0.0.1" in str(caught.value)
    assert "arXiv" not in caught.value.hint, "what arXiv does says nothing about another host"
    assert not target.exists()
    assert others(target) == []


def test_a_file_that_says_that_it_is_too_large_is_not_even_begun(target: Path):
    told: list[int] = []
    limits = Limits(max_bytes=100_000)
    with StandIn({"/pdf": pdf()}) as server, pytest.raises(TooLarge, match=r"more than 0\.0954 MiB"):
        fetch(server, target, limits=limits, progress=lambda done, _: told.append(done))
    assert told == []


def test_some_bytes_before_the_pdf_are_allowed_as_readers_allow_them(target: Path):
    with StandIn({"/pdf": pdf(content=b"\n" * 1000 + PDF)}) as server:
        fetch(server, target)
    assert target.read_bytes() == b"\n" * 1000 + PDF


def test_a_redirect_leads_to_the_file(target: Path):
    with StandIn({"/old": redirect("/pdf"), "/pdf": pdf()}) as server:
        assert fetch(server, target, "/old") == len(PDF)


def test_a_server_that_drips_is_left_after_the_total_time_and_the_part_is_kept(target: Path):
    with StandIn({"/pdf": pdf(drip_s=0.01)}) as server, pytest.raises(Unreachable, match=r"longer than 0\.5 s"):
        fetch(server, target, limits=Limits(connect_s=1, read_s=1, total_s=0.5))
    assert others(target) == [target.name + ".part", target.name + ".part.json"]


def test_the_limit_is_two_hundred_megabytes():
    assert PDF_LIMITS.max_bytes == 200 * 1024 * 1024


def test_closing_the_client_ends_a_download_that_waits(target: Path):
    with StandIn({"/pdf": pdf(drip_s=0.05)}) as server, Client() as client:
        threading.Timer(0.3, client.close).start()
        with pytest.raises(Unreachable, match="broken off"):
            download_pdf(client, server.url("/pdf"), target, limits=PDF_LIMITS)


@contextmanager
def _counting(entered: list[str]):
    entered.append("in")
    yield
    entered.append("out")


def test_only_arxiv_waits_for_the_gate_of_arxiv(target: Path, monkeypatch: pytest.MonkeyPatch):
    entered: list[str] = []
    gate = _counting(entered)
    with StandIn({"/pdf": pdf()}) as server:
        fetch(server, target, gate=gate)
        assert entered == []
        monkeypatch.setattr("importers.downloads.host_of", lambda url: "export.arxiv.org")
        fetch(server, target.with_name("other.pdf"), gate=gate)
    assert entered == ["in", "out"]


def test_the_gate_is_held_until_the_last_byte(tmp_path: Path):
    """One connection at a time, arXiv's terms say; the request is over when its content is."""
    slept: list[float] = []
    gate = ArxivGate(tmp_path / "gate", 3.0, sleep=slept.append)
    with StandIn({"/pdf": pdf()}) as server, Client() as client:
        with opened(client, server.url("/pdf"), gate=gate) as incoming:
            assert gate._turn.locked()
            assert b"".join(incoming.chunks) == PDF
        with gate:
            pass
    assert len(slept) == 1


def test_a_file_that_another_process_fetches_is_left_to_it(target: Path):
    released = threading.Event()

    def slowly(request: Request) -> Reply:
        released.wait(10)
        return pdf()

    with StandIn({"/slow": slowly, "/pdf": pdf()}) as server:
        thread = threading.Thread(target=fetch, args=(server, target, "/slow"))
        thread.start()
        while not target.with_name(target.name + ".part").exists():
            time.sleep(0.01)
        time.sleep(0.1)
        with pytest.raises(SourceError, match="another process"):
            fetch(server, target)
        released.set()
        thread.join()
    assert target.read_bytes() == PDF


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with StandIn({"/pdf": pdf()}) as server, pytest.raises(SourceError, match="cannot be written"):
        fetch(server, tmp_path / "file" / "x.pdf")


_CHILD = """\
import sys
from pathlib import Path
from importers.downloads import download_pdf
from importers.http import Client
with Client() as client:
    download_pdf(client, sys.argv[1], Path(sys.argv[2]), progress=lambda done, total: print(done, flush=True))
"""


def test_ctrl_c_ends_it_at_once_and_keeps_what_came(target: Path):
    with StandIn({"/pdf": pdf(content=b"%PDF-" + b"x" * 400, drip_s=0.02)}) as server:
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, server.url("/pdf"), str(target)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).resolve().parents[2],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        )  # fmt: skip
        assert child.stdout is not None
        while int(child.stdout.readline() or "99") < 50:
            pass
        child.send_signal(signal.SIGINT)
        started = time.monotonic()
        _, errors = child.communicate(timeout=30)
        assert time.monotonic() - started < 10
        assert "KeyboardInterrupt" in errors
        part = target.with_name(target.name + ".part")
        assert part.read_bytes().startswith(b"%PDF-xxx")
        assert json.loads(part.with_name(part.name + ".json").read_text())["validator"] == '"v1"'
        kept = part.stat().st_size
        server.routes["/pdf"] = pdf(content=b"%PDF-" + b"x" * 400)
        assert fetch(server, target) == 405 - kept
    assert len(target.read_bytes()) == 405
