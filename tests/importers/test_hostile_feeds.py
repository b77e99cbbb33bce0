"""Whatever servers send, fetching ends in time and memory, says what it refused, and nothing of it acts.

All of it goes the whole way: a server on 127.0.0.1, `fetch_feeds` in a process of its own, the journal, and
what the commands and the interface print.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import unicodedata
import zlib
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from rich.segment import Segment

from importers.feed_bounds import MOST_ITEMS
from importers.feeds import read_feed
from importers.http import Limits, get
from importers.parsed_feed import MOST_AUTHORS, ParsedFeed
from importers.sync import fetch_feeds
from journal import db
from journal.config import Settings
from journal.errors import Unreadable
from journal.paths import Paths, at_home
from journal.queries.papers import get_paper
from journal.store import feeds
from journal.store.changes import change
from journal.types import Kind, Paper, Ref
from tests import hostile
from tests.hostile import GOOD, MIB, RawServer, rss
from tests.standins import Reply, Route, StandIn, redirect
from tests.tui.driving import opened, press

MOST_MIB = 192  # of memory, for all of these feeds together; 50 of it is the program
LIMITS = Limits(connect_s=3, read_s=3, total_s=5, max_bytes=4 * MIB)
_TIME_S = 120  # for all of them: who hangs is ended; on an idle machine they take a tenth

URL = "https://b.example/feed"
_ROOT = Path(__file__).resolve().parents[2]
_FETCH = """
import json, resource, sys
from pathlib import Path
from importers.http import Limits
from importers.parsed_feed import MOST_AUTHORS, ParsedFeed
from importers.sync import fetch_feeds
from journal.config import Settings
from journal.paths import at_home
reports = fetch_feeds(at_home(Path(sys.argv[1])), Settings(arxiv_interval_s=0), limits=Limits(**json.loads(sys.argv[2])))
try:  # the rusage of a child begins with the size of its parent
    (peak,) = [int(line.split()[1]) / 2**10 for line in open("/proc/self/status") if line.startswith("VmHWM:")]
except (OSError, ValueError):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
print(json.dumps({"peak_mib": peak, "reports": [
    [report.url, report.health, report.new, report.refused, report.message] for report in reports]}))
"""


@dataclass(frozen=True)
class Case:
    """A hostile answer; what its feed's health is and what its message holds."""

    route: Route
    health: str
    said: str = ""
    new: int = 0
    refused: int = 0


def plain(content: bytes, **told: object) -> Reply:
    return Reply(content, **told)  # type: ignore[arg-type]


def packed(content: bytes, encoding: str) -> Reply:
    return Reply(content, headers={"Content-Encoding": encoding})


def cases(secret: Path) -> dict[str, Case]:
    too_large = "sends more than 4 MiB"
    return {
        # ------------------------------------------------ never done
        "drip": Case(Reply(GOOD, drip_s=1), "unreachable", "took longer than 5 s"),
        "drip of headers": Case(Reply(GOOD, drip_headers_s=0.5), "unreachable", "took longer than 5 s"),
        "endless": Case(Reply(GOOD + b" " * 65_536, endless=True), "unreadable", too_large),
        "loop": Case(redirect("/loop"), "unreachable", "redirects more than 5 times"),
        # ------------------------------------------------ too much
        "100 MB": Case(Reply(GOOD[:-20] + b" " * 100_000_000), "unreadable", too_large),
        "gzip bomb": Case(packed(hostile.bomb(100 * MIB, 31), "gzip"), "unreadable", too_large),
        "zlib bomb": Case(packed(hostile.bomb(100 * MIB, 15), "deflate"), "unreadable", too_large),
        "deflate bomb": Case(packed(hostile.bomb(100 * MIB, -15), "deflate"), "unreadable", too_large),
        "gzip of gzip": Case(packed(hostile.bomb(MIB, 31), "gzip, gzip"), "unreadable", "encoding that was not asked"),
        "brotli": Case(packed(b"\x8b\x03\x80", "br"), "unreadable", "encoding that was not asked"),
        "no gzip": Case(packed(GOOD, "gzip"), "unreadable", "damaged compressed"),
        # ------------------------------------------------ swelling documents
        "laughs": Case(hostile.laughs(), "unreadable"),
        "quadratic laughs": Case(hostile.quadratic_laughs(), "unreadable", "would swell"),
        "external entity": Case(hostile.external_entity(secret.as_uri()), "current", "", new=1),
        "parameter entity": Case(hostile.external_entity(secret.as_uri(), parameter=True), "current", "", new=1),
        "a million items": Case(
            b'<rss version="2.0"><channel>' + b"<a/>" * 10 + b"<item/>" * 590_000 + b"</channel></rss>",
            "unreadable", "none of its 590000 items", refused=590_000,
        ),
        "many items": Case(
            rss(*(f"<link>https://many.example/{n}</link>" for n in range(MOST_ITEMS + 500))),
            "current", "; 500 could not be read, such as the items after the first 5,000", new=MOST_ITEMS, refused=500,
        ),
        "many elements": Case(rss("<a/>" * 400_000), "unreadable", "too many to be a feed"),
        "many attributes": Case(
            rss("<b " + " ".join(f"a{n}=''" for n in range(100_000)) + "/>"), "unreadable", "more than 200 attributes"
        ),
        "deep": Case(rss("<a>" * 30_000 + "</a>" * 30_000), "unreadable", "it has no link", refused=1),
        "deep JSON": Case(b'{"items":' + b"[" * 200_000, "unreadable", "damaged JSON"),
        "much JSON": Case(b'{"items":[' + b"{}," * 600_000 + b"{}]}", "unreadable", "too many to be a feed"),
        "long number": Case(b'{"items":[{"url":"https://n.example","id":' + b"9" * 1_000_000 + b"}]}", "unreadable", "damaged"),
        "many authors": Case(
            rss("<link>https://au.example</link>" + "".join(f"<dc:creator>N{n}</dc:creator>" for n in range(12_000))),
            "current", new=1,
        ),
        "long title": Case(rss(f"<title>{'word ' * 200_000}</title><link>https://t.example</link>"), "current", new=1),
        "long word": Case(rss(f"<title>{'w' * MIB}</title><link>https://w.example</link>"), "current", new=1),
        # ------------------------------------------------ not what it says
        "says utf-8": Case(
            '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><item><title>caf\xe9</title>'
            "<link>https://latin.example</link></item></channel></rss>".encode("latin-1"), "current", new=1,
        ),
        "utf-16": Case(GOOD.replace(b"utf-8", b"utf-16").replace(b"/1<", b"/16<").decode().encode("utf-16"), "current", new=1),
        "utf-7": Case(GOOD.replace(b"utf-8", b"utf-7"), "unreadable", "character set that is none"),
        "unknown charset": Case(GOOD.replace(b"utf-8", b"klingon").replace(b"/1<", b"/u<"), "current", new=1),
        "nul": Case(GOOD.replace(b"A post", b"A\x00post").replace(b"/1<", b"/nul<"), "current", "damaged", new=1),
        "no ids": Case(rss("<title>a</title>", "<description>b</description>", ""), "unreadable", "none of its 3 items", refused=3),
        "links that act": Case(
            rss("<link>https://ok.example</link>", *(f"<title>x</title><link>{link}</link>" for link in hostile.LINKS_THAT_ACT)),
            "current", "; 6 could not be read, such as item 2 (x): its link is a 'javascript:' address", new=1, refused=6,
        ),
        "login": Case(plain(b"<!doctype html><title>Log in</title><form>", content_type="text/html"), "unreadable", "a web page"),
        "204": Case(Reply(status=204), "unreadable", "204 No Content"),
        "206": Case(Reply(GOOD, status=206), "unreadable", "206 Partial Content"),
        "304": Case(Reply(status=304), "unreadable", "304 Not Modified"),
        **{str(s): Case(Reply(b"no" * 99, status=s), "unreadable", str(s)) for s in (300, 401, 403, 410, 418)},
        **{str(s): Case(Reply(b"no" * 99, status=s), "unreachable", str(s)) for s in (500, 599)},
        "cut off": Case(Reply(GOOD, breaks_off_after=100), "unreachable", "broke off"),
        # ------------------------------------------------ elsewhere
        "to file": Case(redirect(secret.as_uri()), "unreadable", "'file:' address"),
        "to script": Case(redirect("javascript:alert(1)"), "unreadable", "'javascript:' address"),
        "to ftp": Case(redirect("ftp://127.0.0.1/x"), "unreadable", "'ftp:' address"),
        "to nowhere": Case(redirect("http://[::bad"), "unreadable", "not valid"),
        "without location": Case(Reply(status=302), "unreadable", "302 Found"),
    }  # fmt: skip


RAW = {
    "/chunked": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n<rss", "unreachable", "broke off"
    ),
    "/bad-chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n<rss", "unreachable", "broke off"),
    "/longer": (b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + GOOD, "unreachable", "broke off"),
    "/shorter": (b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n" + GOOD, "unreadable", "damaged"),
    "/negative": (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" + GOOD, "unreachable", "broke off"),
    "/two-lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n" + GOOD, "unreachable", "broke off"),
    "/no-http": (b"SSH-2.0-OpenSSH_9.2\r\n", "unreachable", "broke off"),
    "/nothing": (b"", "unreachable", "broke off"),
    "/header": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 2_000_000 + b"\r\n\r\n" + GOOD, "unreachable", "broke off"),
    "/reason": (b"HTTP/1.1 500 \x1b[31mred\r\nContent-Length: 0\r\n\r\n", "unreachable", "500 Internal Server Error."),
}  # fmt: skip
ENDLESS = {"/continue": b"HTTP/1.1 100 Continue\r\n\r\n", "/headers": b"X: y\r\n"}


Fetched = tuple[Paths, dict[str, list[object]], float]


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory, empty_journal: Path) -> Fetched:
    """All of it fetched at once: the journal, the report of each by its name, the peak of memory in MiB."""
    home = tmp_path_factory.mktemp("hostile")
    (home / "journal.db").write_bytes(empty_journal.read_bytes())
    secret = home / "secret.txt"
    secret.write_text("the secret")
    routes: dict[str, Route] = {f"/{name.replace(' ', '-')}": case.route for name, case in cases(secret).items()}
    routes["/loop"] = redirect("/loop")
    routes |= {"/acts-rss": hostile.acting_rss(False), "/acts-rss-twice": hostile.acting_rss(True)}
    routes |= {"/acts-atom": hostile.acting_atom(), "/acts-json": hostile.acting_json()}
    endless = {"/continue": b"", "/headers": b"HTTP/1.1 200 OK\r\n"}
    raw = {**{path: answer for path, (answer, _, _) in RAW.items()}, **endless}
    with StandIn(routes) as server, RawServer(raw, ENDLESS) as raw_server:
        urls = {path: server.url(path) for path in routes} | {path: raw_server.url(path) for path in raw}
        urls |= {"/tls": server.url("/tls").replace("http:", "https:"), "/good": server.url("/good")}
        server.routes["/good"] = GOOD
        _follow(at_home(home), [*urls.values()])
        told = _fetched(home)
    by_url = {url: path for path, url in urls.items()}
    return at_home(home), {by_url[report[0]]: report[1:] for report in told["reports"]}, told["peak_mib"]


def _fetched(home: Path) -> dict[str, Any]:
    """What fetching all feeds of this journal came to, in a process of its own that is ended when it hangs."""
    done = subprocess.run(
        [sys.executable, "-c", _FETCH, str(home), json.dumps(asdict(LIMITS))],
        capture_output=True, text=True, timeout=_TIME_S, check=False, cwd=_ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _follow(paths: Paths, urls: list[str]) -> None:
    with change(paths, "follow") as made:
        for url in urls:
            feeds.add(made, url)


def test_each_hostile_feed_is_read_as_far_as_it_can_be_or_refused_with_the_reason(fetched: Fetched) -> None:
    _, reports, _ = fetched
    expected = cases(Path("/"))
    wrong = {}
    for name, case in expected.items():
        health, new, refused, message = reports[f"/{name.replace(' ', '-')}"]
        if (health, new, refused) != (case.health, case.new, case.refused) or case.said not in str(message):
            wrong[name] = (health, new, refused, str(message)[:300])
    assert wrong == {}


def test_what_is_no_proper_http_is_a_failure_with_its_reason(fetched: Fetched) -> None:
    _, reports, _ = fetched
    for path, (_, health, said) in RAW.items():
        assert (reports[path][0], said in str(reports[path][3])) == (health, True), (path, reports[path])
    assert [reports[path][0] for path in (*ENDLESS, "/tls")] == ["unreachable"] * 3
    assert reports["/good"][:2] == ["current", 1]


def test_all_of_it_together_stays_within_its_memory(fetched: Fetched) -> None:
    assert fetched[2] < MOST_MIB


def test_many_large_feeds_stay_within_the_same_memory(paths: Paths) -> None:
    large = GOOD + b"\n" * (4 * MIB - len(GOOD))
    with StandIn({"/*": large}) as server:
        _follow(paths, [server.url(f"/{number}") for number in range(45)])
        told = _fetched(paths.data)
    assert {report[1] for report in told["reports"]} == {"current"}
    assert told["peak_mib"] < MOST_MIB


def test_every_item_that_was_refused_is_counted_where_feeds_are_shown(fetched: Fetched) -> None:
    paths, reports, _ = fetched
    counted = {path: report[2] for path, report in reports.items() if report[2]}
    listed = json.loads(_printed(paths, "feed", "list", "--json"))
    shown = {urlsplit(feed["url"]).path: feed["message"] for feed in listed}
    assert len(counted) >= 5
    for path, number in counted.items():
        assert _counts(shown[path], number), path


def _counts(message: str, refused: object) -> bool:
    return f"{refused} could not be read" in message or f"none of its {refused} items could be read" in message


# ---------------------------------------------------------------- what reaches the terminal


def _printed(paths: Paths, *words: str) -> str:
    """What a command writes, on both outputs, as bytes decoded strictly."""
    done = subprocess.run(
        [sys.executable, "-m", "tui.cli", *words],
        capture_output=True, check=False, cwd=_ROOT, timeout=60,
        env={**os.environ, "LABJOURNAL_HOME": str(paths.data), "COLUMNS": "400"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return (done.stdout + done.stderr if "--json" not in words else done.stdout).decode("utf-8", "strict")


def _acting(text: str) -> set[str]:
    """Characters that no terminal may get from a server; a line's end and the joiner of emoji are none."""
    bad = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    return {character for character in text if unicodedata.category(character) in bad} - {"\n", "\u200d"}


@pytest.fixture(scope="module")
def acting(fetched: Fetched) -> tuple[Paths, list[Paper]]:
    """The journal, and the papers whose every field holds a text that acts."""
    paths = fetched[0]
    with closing(db.connect(paths)) as connection:
        found = connection.execute(
            "SELECT DISTINCT number FROM item JOIN identifier ON item_id = item.id WHERE scheme = 'url' "
            "AND (value LIKE '%rss.example%' OR value LIKE '%atom.example%' OR value LIKE '%json.example%')"
        ).fetchall()
        papers = [get_paper(connection, Ref(Kind.paper, number)) for (number,) in found]
    assert len(papers) == 4 * len(hostile.ACTS)
    return paths, papers


@pytest.mark.parametrize("words", [("today", "-n", "200"), ("paper", "list", "-n", "200"), ("feed", "list"), ("search", "red"), ("search", "owned")], ids=" ".join)  # fmt: skip
def test_no_command_prints_what_acts(acting: tuple[Paths, list[Paper]], words: tuple[str, ...]) -> None:
    printed = _printed(acting[0], *words)
    assert len(printed) > 50
    assert _acting(printed) == set()


def test_showing_a_paper_prints_nothing_that_acts_and_markup_as_it_is_written(
    acting: tuple[Paths, list[Paper]],
) -> None:
    paths, papers = acting
    for wanted in ("J0 ", "J6 ", "J15 ", "J16 ", "J19 ", "R8False", "R3True"):
        paper = next(paper for paper in papers if paper.title.startswith(wanted))
        printed = _printed(paths, "show", str(paper.ref))
        assert _acting(printed) == set(), wanted
    assert "[@click=app.quit]quit[/]" in _printed(paths, "show", str(next(p.ref for p in papers if p.title.startswith("J16 "))))  # fmt: skip


def test_what_is_kept_holds_no_control_either(acting: tuple[Paths, list[Paper]]) -> None:
    """Whoever reads the journal by other means, or its JSON, gets clean text too."""
    for paper in acting[1]:
        assert _acting("".join((paper.title, *paper.authors))) - {"\u200c"} == set(), paper.title


def test_the_interface_shows_markup_as_text_and_nothing_acts(acting: tuple[Paths, list[Paper]]) -> None:
    async def look() -> tuple[str, list[Segment]]:
        text, segments = "", []
        async with opened(acting[0], size=(160, 50)) as (app, pilot):
            for key in "12":
                await press(pilot, key)
                for keys in [("f", *"R1", "enter"), ("escape",), ("j",), ("j",), ("ctrl+d",), ("G",)]:
                    await press(pilot, *keys)
                    for strip in app.screen._compositor.render_strips(app.size):
                        segments += list(strip)
                        text += strip.text + "\n"
        return text, segments

    text, segments = asyncio.run(look())
    assert _acting(text) == set()
    assert "/nonsense" in text  # markup that Rich would have raised for
    links = [segment.style.link for segment in segments if segment.style and segment.style.link]
    assert [link for link in links if not link.startswith(("http://", "https://"))] == []
    actions = [segment.style.meta.get("@click") for segment in segments if segment.style and segment.style._meta]
    assert [action for action in actions if action and "quit" in str(action)] == []


# ---------------------------------------------------------------- damage


@pytest.mark.parametrize("name", ["RSS", "Atom", "JSON"])
def test_a_feed_that_is_cut_at_any_byte_is_read_or_refused(name: str) -> None:
    """In the middle of a tag, a character, an entity, a number: never a crash, and never an item more."""
    content = {
        "RSS": rss("<title>caf\xe9 &amp; 1</title><link>https://b.example/1</link>", "<link>https://b.example/2</link>"),
        "Atom": '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><title type="html">a &lt;b&gt; caf\xe9</title><link href="https://b.example/1"/><author><name>A</name></author><updated>2026-11-20T05:00:00Z</updated></entry></feed>'.encode(),
        "JSON": b'{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": 1, "url": "https://b.example/1", "title": "caf\\u00e9"}]}',
    }[name]  # fmt: skip
    whole = {one.draft.url for one in read_feed(content, url=URL).arrived}
    for length in range(len(content)):
        cut = _read_or_refusal(content[:length])
        if isinstance(cut, str):
            assert cut.startswith("b.example ")
        else:
            assert cut.damage or {one.draft.url for one in cut.arrived} <= whole


def _read_or_refusal(content: bytes) -> ParsedFeed | str:
    try:
        return read_feed(content, url=URL)
    except Unreadable as error:
        return str(error)


@pytest.mark.parametrize("extra", [0, 7])
def test_the_items_of_a_json_feed_have_the_same_limit(extra: int) -> None:
    items = b",".join(b'{"url":"https://b.example/%d"}' % number for number in range(MOST_ITEMS + extra))
    feed = read_feed(b'{"items":[' + items + b"]}", url=URL)
    assert (len(feed.arrived), len(feed.refused)) == (MOST_ITEMS, extra)


@pytest.mark.parametrize("kind", ["rss", "atom", "rdf"])
def test_a_feed_that_is_too_long_is_still_whole(kind: str) -> None:
    """Cutting it leaves a document that is well-formed, whatever stands around its items."""
    head, item, tail = {
        "rss": ("<rss version='2.0'><channel><title>T</title>", "<item><link>https://b.example/{}</link></item>", "<ttl>1</ttl></channel></rss>"),
        "atom": ("<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>", "<entry><link href='https://b.example/{}'/></entry>", "</feed>"),
        "rdf": ("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:r='http://purl.org/rss/1.0/'><r:channel><r:title>T</r:title></r:channel>", "<r:item><r:link>https://b.example/{}</r:link></r:item>", "</rdf:RDF>"),
    }[kind]  # fmt: skip
    items = "".join(item.replace("{}", str(number)) for number in range(MOST_ITEMS + 3))
    feed = read_feed(f"{head}{items}{tail}".encode(), url=URL)
    assert (feed.title, feed.damage) == ("T", "")
    assert (len(feed.arrived), len(feed.refused)) == (MOST_ITEMS, 3)
    assert feed.arrived[-1].draft.url == f"https://b.example/{MOST_ITEMS - 1}"


def test_a_list_of_authors_ends_where_no_paper_has_more() -> None:
    names = "".join(f"<dc:creator>Name {number}</dc:creator>" for number in range(MOST_AUTHORS + 50))
    feed = read_feed(rss(f"<link>https://b.example/1</link>{names}"), url=URL)
    assert len(feed.arrived[0].draft.authors) == MOST_AUTHORS


def test_compressed_content_comes_whole_in_each_form_that_servers_send() -> None:
    body = GOOD + b"\n" * 3_000_000  # unpacks to many pieces
    replies = {f"/{bits}": packed(zlib.compress(body, wbits=bits), "gzip" if bits > 16 else "deflate") for bits in (31, 15, -15)}  # fmt: skip
    with StandIn(replies) as server:
        for path in replies:
            assert get(server.url(path)).content == body


@pytest.mark.parametrize("target", ["127.0.0.1", "localhost", "127.1", "2130706433", "0", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "a.localhost."])  # fmt: skip
def test_nobody_outside_sends_us_on_to_this_machine(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What listens here, or beside a virtual machine, trusts who asks from here."""
    with StandIn({"/feed": redirect(f"http://{target}/secret"), "/secret": GOOD}) as server:
        monkeypatch.setenv("HTTP_PROXY", server.url())  # which plays the world outside
        with pytest.raises(Unreadable, match=r"^news\.example sends us on to this machine itself"):
            get("http://news.example/feed", limits=Limits(total_s=10))
        assert [request.path for request in server.requests] == ["/feed"]


def test_the_real_damaged_feeds_come_through_the_whole_way(paths: Paths, shared_data: Path) -> None:
    files = [file for file in sorted((shared_data / "feeds").rglob("*")) if file.is_file() and file.name != "README.md"]
    with StandIn({f"/{number}": file.read_bytes() for number, file in enumerate(files)}) as server:
        _follow(paths, [server.url(f"/{number}") for number in range(len(files))])
        reports = fetch_feeds(paths, Settings(arxiv_interval_s=0), limits=Limits(total_s=20))
    failed = {file.name for file, report in zip(files, reports, strict=True) if report.health.failed}
    assert failed == {
        "jmamath-distill.lab_blog_article.html", "Subs.opml", "SubsNoTitleAttributes.opml", "ScriptingNews.json",
        "allthis-partial.json", "authors.json",  # whose items have no links
    }  # fmt: skip
    for report in reports:
        assert report.message
        if report.refused:
            assert _counts(report.message, report.refused)
