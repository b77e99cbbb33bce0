"""The morning at the command line: papers from files and feeds, triaged."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from journal import db
from journal.paths import Paths, find
from journal.queries.feeds import list_feeds
from journal.queries.papers import count_papers
from tests.arxiv_service import RATE_EXCEEDED, ArxivService
from tests.arxiv_service import Paper as ArxivPaper
from tests.importers.test_sync import rss
from tests.standins import Reply, StandIn
from tests.tui.commands.conftest import Run

pytestmark = pytest.mark.usefixtures("paths")


def records(count: int, start: int = 0) -> list[dict[str, object]]:
    return [
        {"id": f"2601.{number:05}", "title": f"Paper {number}", "abstract": "An abstract. " * 20, "authors": ["Jane Roe"],
         "categories": ["cs.LG"], "announced": "2026-01-22"}
        for number in range(start, start + count)
    ]  # fmt: skip


def written(file: Path, lines: list[dict[str, object]]) -> Path:
    text = "".join(json.dumps(line) + "\n" for line in lines)
    file.write_bytes(gzip.compress(text.encode()) if file.suffix == ".gz" else text.encode())
    return file


def todays(*entries: tuple[str, str, str]) -> bytes:
    """A batch that is never stale: these commands run by the real clock."""
    return rss(*entries, built=format_datetime(datetime.now(UTC)))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with StandIn() as stand_in:
        monkeypatch.setenv("LABJOURNAL_ARXIV_RSS", stand_in.url().rstrip("/"))
        monkeypatch.setenv("LABJOURNAL_ARXIV_INTERVAL", "0")
        yield stand_in


def test_an_import_is_idempotent_and_undone_as_one(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "papers.jsonl.gz", records(4_500))
    assert run("paper", "import", str(file)).out == "4,500 papers new, 0 updated, 0 known already, 0 refused\n"
    assert run("paper", "import", str(file), "--json").json == {
        "new": 0,
        "updated": 0,
        "unchanged": 4500,
        "notes": 0,
        "refused": [],
        "left_out": [],
        "other_keys": [],
    }
    assert run("show", "2601.00007", "--json").json["title"] == "Paper 7"
    assert run("undo").out == "Undone: paper import papers.jsonl.gz\n"
    assert run("search", "abstract").code == 1
    assert "4,500 updated" in run("paper", "import", str(file)).out
    assert run("show", "2601.00007", "--json").json["ref"] == "p8"


def test_what_cannot_be_read_is_refused_by_its_line_and_the_rest_is_kept(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "papers.jsonl"
    good = json.dumps(records(1)[0])
    file.write_bytes(good.encode() + b"\nnot json\n\xff\xfe\n[]\n{}\n\n" + json.dumps(records(1, 5)[0]).encode())
    ran = run("paper", "import", str(file))
    assert ran.code == 1
    assert ran.out == "2 papers new, 0 updated, 0 known already, 4 refused\n"
    assert "line 2" in ran.err
    assert "4 records" in ran.err


def test_an_import_that_is_interrupted_keeps_whole_batches_and_goes_on(paths: Paths, tmp_path: Path) -> None:
    file = written(tmp_path / "papers.jsonl", records(30_000))
    for stop, expected in ((signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)):
        before = _count(paths)
        importing = subprocess.Popen(
            [sys.executable, "-m", "tui.cli", "paper", "import", str(file)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        deadline = time.monotonic() + 30
        while _count(paths) == before and time.monotonic() < deadline and importing.poll() is None:
            time.sleep(0.01)
        importing.send_signal(stop)
        _, said = importing.communicate(timeout=30)
        assert importing.returncode == expected
        assert b"Traceback" not in said
        assert said == (b"Interrupted. What was kept so far stays.\n" if stop == signal.SIGINT else b"")
        assert before < _count(paths) < 30_000
        assert _count(paths) % 2_000 == 0
    doctor = subprocess.run([sys.executable, "-m", "tui.cli", "doctor"], capture_output=True, text=True, check=False)
    assert doctor.returncode == 0, doctor.stdout
    kept = _count(paths)
    done = subprocess.run(
        [sys.executable, "-m", "tui.cli", "paper", "import", str(file), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    report = json.loads(done.stdout)
    assert (report["new"], report["updated"], report["unchanged"], report["refused"]) == (30_000 - kept, 0, kept, [])


def _count(paths: Paths) -> int:
    connection = db.connect(paths)
    count = count_papers(connection)
    connection.close()
    return count


def test_a_morning_from_feed_to_triage(run: Run, server: StandIn) -> None:
    server.routes["/rss/cs.LG"] = todays(("2611.00001v1", "One", "new"), ("2611.00002v1", "Two", "cross"))
    assert run("feed", "add", "cs.LG").out == "Following https://rss.arxiv.org/rss/cs.LG\n"
    fetched = run("feed", "fetch", "--json").json
    assert [(feed["health"], feed["new"], feed["refused"]) for feed in fetched] == [("current", 2, 0)]
    assert set(fetched[0]) >= {"url", "health", "new", "updated", "refused", "message", "next_try_at"}
    today = run("today", "--json").json
    assert [(row["ref"], row["title"], row["state"], row["badges"]) for row in today] == [
        ("p2", "One", "new", []),
        ("p1", "Two", "new", ["cross"]),
    ]
    assert {"arxiv_id", "version", "authors", "categories", "published_at", "kind"} <= set(today[0])
    assert (today[0]["score"], today[0]["because"], today[0]["is_chance"]) == (None, [], False)
    run("today")
    assert run("triage", "@1", "queue").out == "p2: queued\n"
    assert [row["ref"] for row in run("today", "--json").json] == ["p1"]
    assert run("triage", "p1", "skip", "--json").json[0]["state"] == "skipped"
    done = run("today")
    assert done.code == 1
    assert "every paper that the feeds brought is triaged" in done.err
    run("undo")
    assert [row["ref"] for row in run("today", "--json").json] == ["p1"]


def test_a_dead_feed_is_an_exit_code_and_a_sentence_for_cron(run: Run, server: StandIn) -> None:
    server.routes["/rss/cs.LG"] = todays(("2611.00001v1", "One", "new"))
    run("feed", "add", "cs.LG", "http://127.0.0.1:1/dead")
    ran = run("feed", "fetch", "--quiet")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("unreachable: http://127.0.0.1:1/dead: ")
    assert [feed["health"] for feed in run("feed", "list", "--json").json] == ["current", "unreachable"]
    assert "unreachable" in run("today").err
    run("feed", "remove", "http://127.0.0.1:1/dead")
    ran = run("feed", "fetch", "--quiet")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_one_feed_in_several_spellings_is_followed_once_and_removed_by_any(run: Run, server: StandIn) -> None:
    url = server.url("/good")
    spellings = (url, url.replace("http://", "HTTP://"), f"{url}#x")
    added = run("feed", "add", *spellings).out.splitlines()
    assert added == [f"Following {url}", *[f"Following already: {url}"] * 2]
    assert run("feed", "remove", spellings[1]).out == f"Not followed any more: {url}\n"
    assert run("feed", "list").code == 1


def test_a_misspelt_category_is_refused_and_no_other_is_followed(run: Run, server: StandIn) -> None:
    ran = run("feed", "add", "cs.LG", "notacat")
    assert (ran.code, ran.out) == (2, "")
    assert "'notacat'" in ran.err
    assert run("feed", "list").code == 1


def test_the_password_of_a_feed_is_sent_to_its_server_and_shown_nowhere(run: Run, server: StandIn) -> None:
    server.routes["/good"] = b"<rss version='2.0'><channel><item><title>P</title><link>/p</link></item></channel></rss>"
    url = server.url("/good").replace("127", "me:s3cret@127")
    said = [run("feed", "add", url, url.replace("good", "none"))]
    said += [run("feed", *words) for words in (("list",), ("list", "--json"), ("fetch",), ("fetch", "--json"))]
    said += [run("feed", "list"), run("today"), run("show", "p1"), run("show", "p1", "--json")]
    said += [run("feed", "remove", url.replace("good", "other")), run("undo")]
    assert "s3cret" not in repr(said)
    assert said[-1].out.startswith("Undone: feed add http://me@127")
    assert server.requests[0].headers["Authorization"].startswith("Basic ")
    run("feed", "add", url)
    assert "s3cret" not in said_in_the_log()
    (shown,) = run("feed", "list", "--json").json
    assert run("feed", "remove", shown["url"]).out == f"Not followed any more: {shown['url']}\n"
    assert run("feed", "list").code == 1


def said_in_the_log() -> str:
    log = find().log
    return log.read_text(encoding="utf-8") if log.exists() else ""


@pytest.mark.parametrize(
    "setting", [("ALL_PROXY", "socks5://127.0.0.1:1"), ("ALL_PROXY", "bogus://x"), ("SSL_CERT_FILE", "/nonexistent")]
)
def test_a_network_setting_that_cannot_be_used_is_said_once(
    run: Run, server: StandIn, monkeypatch: pytest.MonkeyPatch, setting: tuple[str, str]
) -> None:
    run("feed", "add", "cs.LG", server.url("/a"), server.url("/b"))
    monkeypatch.setenv(*setting)
    for words in (("feed", "fetch"), ("paper", "add", "1608.03983")):
        ran = run(*words)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.count(setting[0]) == ran.err.count("\n") == 2, "a sentence and what to do"
    assert {feed["health"] for feed in run("feed", "list", "--json").json} == {"unread"}


def test_an_interrupted_fetch_keeps_what_came_and_says_how_much(run: Run, paths: Paths, server: StandIn) -> None:
    good = todays(("2611.00001v1", "One", "new"))
    server.routes.update({"/drips": Reply(good, drip_s=0.5), "/etag": Reply(good, etag='"1"'), "/rss/cs.LG": good})
    run("feed", "add", server.url("/drips"), server.url("/etag"), "cs.LG")
    fetching = subprocess.Popen(
        [sys.executable, "-m", "tui.cli", "feed", "fetch"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 30
    while _healths(paths).count("unread") > 1 and time.monotonic() < deadline and fetching.poll() is None:
        time.sleep(0.02)
    fetching.send_signal(signal.SIGINT)
    out, said = fetching.communicate(timeout=30)
    assert (fetching.returncode, out) == (130, "")
    assert said == "2 of 3 feeds were fetched.\nInterrupted. What was kept so far stays.\n"
    assert _healths(paths)[0] == "unread"
    assert "unread" not in _healths(paths)[1:]
    assert _count(paths) == 1


def _healths(paths: Paths) -> list[str]:
    with closing(db.connect(paths)) as connection:
        return [str(feed.health) for feed in list_feeds(connection)]


def test_markup_in_a_feed_stays_text(run: Run, server: StandIn) -> None:
    server.routes["/rss/cs.LG"] = todays(("2611.00001v1", "&lt;b&gt;[bold]x[/bold]&#27;[31m", "new"))
    run("feed", "add", "cs.LG")
    run("feed", "fetch")
    shown = run("today").out + run("show", "p1").out
    assert "[bold]x[/bold]" in shown
    assert "\x1b" not in shown


def test_a_note_on_a_paper_is_an_entry_about_it(run: Run, tmp_path: Path) -> None:
    run("paper", "import", str(written(tmp_path / "p.jsonl", records(1))))
    assert run("paper", "note", "2601.00000", "Section 3\nhas the trick").out == "e1  Section 3  (about p1)\n"
    entry = run("show", "e1", "--json").json
    assert (entry["type"], entry["body"], entry["links"][0]["ref"]) == ("note", "has the trick", "p1")
    assert run("paper", "show", "p1", "--json").json["links"][0]["ref"] == "e1"
    assert run("paper", "show", "e1").code == 2


def test_papers_are_listed_the_newest_first_by_state(run: Run, tmp_path: Path) -> None:
    empty = run("paper", "list")
    assert (empty.code, empty.out) == (1, "")
    assert "journal paper add" in empty.err
    run("paper", "import", str(written(tmp_path / "p.jsonl", records(5))))
    run("triage", "p2", "p4", "keep")
    run("triage", "p3", "queue")
    assert [row["ref"] for row in run("paper", "list", "--json").json] == ["p5", "p4", "p3", "p2", "p1"]
    assert [row["ref"] for row in run("paper", "list", "--limit", "2", "--json").json] == ["p5", "p4"]
    kept = run("paper", "list", "--state", "kept", "--json").json
    assert [(row["ref"], row["state"], row["arxiv_id"]) for row in kept] == [
        ("p4", "kept", "2601.00003"),
        ("p2", "kept", "2601.00001"),
    ]
    assert [row["ref"] for row in run("paper", "list", "--state", "kept", "--state", "queued", "--json").json] == [
        "p4",
        "p3",
        "p2",
    ]
    listed = run("paper", "list", "-n", "1")
    assert listed.out.split("\n")[0].split() == ["ref", "state", "title", "authors", "categories"]
    assert "4 more papers" in listed.err
    assert run("show", "@1", "--json").json["ref"] == "p5"
    muted = run("paper", "list", "--state", "muted")
    assert muted.code == 1
    assert "No paper is muted." in muted.err
    assert run("paper", "list", "--state", "muted", "--json").json == []
    assert run("paper", "list", "--state", "loved").code == 2


def test_papers_added_together_are_a_list_and_one_alone_is_an_item(run: Run) -> None:
    run("log", "one")
    run("entries")
    run("paper", "add", "10.1000/a")
    assert run("show", "last", "--json").json["ref"] == "p1"
    assert run("show", "@1", "--json").json["ref"] == "e1"
    run("paper", "add", "10.1000/b", "10.1000/c")
    assert [run("show", mention, "--json").json["ref"] for mention in ("last", "@1", "@2")] == ["p3", "p2", "p3"]


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_closed_pipe_ends_quietly(run: Run, tmp_path: Path) -> None:
    run("paper", "import", str(written(tmp_path / "p.jsonl", records(3_000))))
    done = subprocess.run(
        f"{sys.executable} -m tui.cli search abstract --limit 3000 | head -1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert "journal:" not in done.stderr


def test_today_says_why_a_paper_stands_where_it_does(run: Run, server: StandIn) -> None:
    names = ("Soft targets of a teacher", "A robot that grasps", "The taxonomy of graphs")
    server.routes["/rss/cs.LG"] = todays(*((f"2611.{n:05}v1", names[n % 3], "new") for n in range(1, 43)))
    run("feed", "add", "cs.LG")
    run("feed", "fetch")
    assert "because" not in run("today").out
    run("triage", *(f"2611.{n:05}" for n in range(1, 30, 3)), "keep")
    run("feed", "fetch")
    first = run("today", "--limit", "3", "--json").json
    assert {row["title"] for row in first} == {names[1]}
    assert all(row["score"] > 0 and row["because"][0][1] > 0 for row in first)
    assert [row["score"] for row in first] == sorted((row["score"] for row in first), reverse=True)
    shown = run("today", "--limit", "3").out
    assert "because" in shown.splitlines()[0]
    assert f"{first[0]['because'][0][0]} +" in shown
    by_arrival = run("today", "--order", "announced", "--limit", "1", "--json").json
    assert by_arrival[0]["title"] != names[1] or by_arrival[0]["ref"] != first[0]["ref"]


@pytest.fixture
def library(run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArxivService]:
    """arXiv with two papers, one of them published under a DOI."""
    moment = datetime(2026, 11, 2, tzinfo=UTC)
    papers = [
        ArxivPaper("2611.00001", (moment,), title="Distilling a teacher", doi="10.1000/example.1"),
        ArxivPaper("2611.00002", (moment,), title="Distilling a \x1b[31msurvey"),
    ]
    with ArxivService(papers, moment.replace(day=20)) as service:
        monkeypatch.setenv("LABJOURNAL_ARXIV_API", service.url("/api/query"))
        yield service


def test_papers_are_found_on_arxiv_on_demand_and_kept_where_that_is_wanted(run: Run, library: ArxivService) -> None:
    found = run("paper", "find", "distilling")
    assert found.code == 0
    assert "2611.00001" in found.out and "2611.00002" in found.out and "\x1b" not in found.out
    assert run("paper", "list").code == 1, "looking keeps nothing"
    kept = run("paper", "find", "distilling teacher", "--add", "--json").json
    assert [(one["ref"], one["arxiv_id"], one["kind"]) for one in kept] == [("p1", "2611.00001", "paper")]
    assert run("paper", "find", "distilling", "--json").json[1]["ref"] is None
    assert run("undo").code == 0 and run("paper", "list").code == 1
    nothing = run("paper", "find", "basket weaving")
    assert nothing.code == 1 and "no paper that matches" in nothing.err
    assert run("paper", "find", "x", "--limit", "0").code == 2


def test_a_doi_is_looked_up_and_kept_by_itself_where_arxiv_has_it_not(run: Run, library: ArxivService) -> None:
    (paper,) = run("paper", "add", "10.1000/example.1", "--json").json
    assert (paper["arxiv_id"], paper["title"]) == ("2611.00001", "Distilling a teacher")
    other = run("paper", "add", "10.1000/nowhere")
    assert other.code == 0 and "10.1000/nowhere" in other.out
    library.instead.append(RATE_EXCEEDED)
    refused = run("paper", "add", "10.1000/later")
    assert refused.code == 1 and "10.1000/later is kept" in refused.err and "10.1000/later" in refused.out
