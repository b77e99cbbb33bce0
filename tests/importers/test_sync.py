"""Feeds come in whole: one row per paper, each feed's health kept, a failing one never in the way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from importers.http import Limits
from importers.papers import add_papers
from importers.sync import fetch_feeds, is_arxiv
from journal import db
from journal.config import Settings
from journal.errors import BadRef
from journal.paths import Paths
from journal.queries.feeds import list_feeds
from journal.queries.items import find
from journal.queries.papers import count_papers, get_paper, list_papers
from journal.queries.today import list_today
from journal.store import feeds, items, papers
from journal.store.changes import change, program_change
from journal.types import FeedHealth, Kind, PaperState, Ref
from tests.standins import Reply, Request, StandIn, rate_limited

P1 = Ref(Kind.paper, 1)
THURSDAY = datetime(2026, 11, 19, 14, tzinfo=UTC)
QUICK = Limits(connect_s=4, read_s=4, total_s=4)  # for a machine with other things to do


def rss(
    *entries: tuple[str, str, str], built: str = "Thu, 19 Nov 2026 05:00:00 +0000", category: str = "cs.LG"
) -> bytes:
    """An arXiv RSS document of (id with version, title, announce type) entries."""
    parts = "".join(
        f"<item><title>{title}</title><link>https://arxiv.org/abs/{arxiv_id.partition('v')[0]}</link>"
        f"<description>arXiv:{arxiv_id} Announce Type: {kind} \nAbstract: About {title}.</description>"
        f"<guid isPermaLink='false'>oai:arXiv.org:{arxiv_id}</guid><category>{category}</category>"
        f"<arxiv:announce_type>{kind}</arxiv:announce_type><dc:creator>Jane Roe, Ann Other</dc:creator></item>"
        for arxiv_id, title, kind in entries
    )
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:arxiv="http://arxiv.org/schemas/atom" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>{category} updates on arXiv.org</title><link>http://rss.arxiv.org/rss/{category}</link>"
        f"<lastBuildDate>{built}</lastBuildDate><skipDays><day>Saturday</day><day>Sunday</day></skipDays>"
        f"{parts}</channel></rss>"
    ).encode()


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in


def settings(server: StandIn) -> Settings:
    base = server.url().rstrip("/")
    return Settings(
        arxiv_rss_url=base, arxiv_api_url=f"{base}/api/query", arxiv_oai_url=f"{base}/oai", arxiv_interval_s=0
    )


def follow(paths: Paths, *urls: str) -> None:
    with change(paths, "feed add") as opened:
        for url in urls:
            feeds.add(opened, url)


def fetch(paths: Paths, server: StandIn, now: datetime = THURSDAY) -> list[tuple[FeedHealth, int, int]]:
    reports = fetch_feeds(paths, settings(server), clock=lambda: now, limits=QUICK)
    return [(report.health, report.new, report.updated) for report in reports]


def rows(paths: Paths) -> list[tuple[str, PaperState, tuple[str, ...]]]:
    connection = db.connect(paths)
    found = [(row.title, row.state, row.badges) for row in list_papers(connection)]
    connection.close()
    return found


def test_a_day_comes_in_in_the_feeds_order_and_is_said_in_numbers(paths: Paths, server: StandIn) -> None:
    server.routes["/rss/cs.LG"] = rss(
        ("2611.00001v1", "One", "new"), ("2611.00002v1", "Two", "cross"), ("2601.00003v4", "Old", "replace")
    )
    follow(paths, server.url("/rss/cs.LG"))
    assert fetch(paths, server) == [(FeedHealth.current, 2, 0)], "what Today holds; the third is a replacement"
    assert rows(paths) == [
        ("One", PaperState.new, ()), ("Two", PaperState.new, ("cross",)), ("Old", PaperState.none, ("v4",)),
    ]  # fmt: skip
    connection = db.connect(paths)
    (feed,) = list_feeds(connection)
    connection.close()
    assert feed.message == "Thu batch: 1 new, 1 cross, 1 replaced"
    assert (feed.title, feed.fetched_at, feed.succeeded_at) == ("cs.LG updates on arXiv.org", THURSDAY, THURSDAY)


def test_cross_lists_and_new_versions_are_one_row_with_its_state_kept(paths: Paths, server: StandIn) -> None:
    server.routes["/rss/cs.LG"] = rss(("2611.00001v1", "One", "new"))
    server.routes["/rss/cs.CL"] = rss(("2611.00001v1", "One", "cross"), category="cs.CL")
    follow(paths, server.url("/rss/cs.LG"), server.url("/rss/cs.CL"))
    assert fetch(paths, server) == [(FeedHealth.current, 1, 0), (FeedHealth.current, 0, 0)]
    with change(paths, "queue p1") as opened:
        papers.set_state(opened, P1, PaperState.queued)
    friday = THURSDAY + timedelta(days=1)
    server.routes["/rss/cs.LG"] = rss(
        ("2611.00001v2", "One, better", "replace"), built="Fri, 20 Nov 2026 05:00:00 +0000"
    )
    assert fetch(paths, server, friday)[0] == (FeedHealth.current, 0, 1)
    assert rows(paths) == [("One, better", PaperState.queued, ("v2",))]


def test_a_skipped_or_deleted_paper_does_not_come_back(paths: Paths, server: StandIn) -> None:
    server.routes["/rss/cs.LG"] = rss(("2611.00001v1", "One", "new"), ("2611.00002v1", "Two", "new"))
    follow(paths, server.url("/rss/cs.LG"))
    fetch(paths, server)
    connection = db.connect(paths)
    one, two = find(connection, "2611.00001"), find(connection, "2611.00002")
    connection.close()
    assert one is not None
    assert two is not None
    with change(paths, "skip, rm") as opened:
        papers.set_state(opened, one, PaperState.skipped)
        items.delete(opened, two)
    server.routes["/rss/cs.LG"] = rss(
        ("2611.00001v2", "One", "replace"), ("2611.00002v1", "Two", "new"), ("2611.00003v1", "Three", "new")
    )
    fetch(paths, server, THURSDAY + timedelta(hours=1))
    assert rows(paths) == [("Three", PaperState.new, ()), ("One", PaperState.skipped, ("v2",))]


def test_what_has_not_changed_is_not_sent_again(paths: Paths, server: StandIn) -> None:
    server.routes["/rss/cs.LG"] = Reply(rss(("2611.00001v1", "One", "new")), etag='"1"')
    server.routes["/blog"] = Reply(
        b"<rss version='2.0'><channel><title>B</title><item><title>Post</title><link>https://b.org/1</link></item></channel></rss>",
        last_modified="Thu, 19 Nov 2026 05:00:00 GMT",
    )
    follow(paths, server.url("/rss/cs.LG"), server.url("/blog"))
    assert fetch(paths, server) == [(FeedHealth.current, 1, 0), (FeedHealth.current, 1, 0)]
    assert fetch(paths, server) == [(FeedHealth.unchanged, 0, 0), (FeedHealth.unchanged, 0, 0)]
    assert sorted(str(request.headers["If-None-Match"]) for request in server.requests[2:]) == ['"1"', "None"]
    assert len(rows(paths)) == 2


def test_one_bad_feed_never_stops_the_rest(paths: Paths, server: StandIn) -> None:
    good = rss(("2611.00001v1", "One", "new"))
    server.routes.update({
        "/rss/cs.LG": good,
        "/page": Reply(b"<!doctype html><html><body>hello</body></html>", content_type="text/html"),
        "/empty": b"",
        "/huge": Reply(b"<rss>" + b"x" * 100_000, endless=True),
        "/slow": Reply(good, drip_s=0.5),
        "/broken": Reply(good, breaks_off_after=100),
        "/waits": rate_limited("120"),
        "/rss/cs.AI": b"Rate exceeded.",
        "/loop": Reply(status=302, headers={"Location": "/loop"}),
        "/file": Reply(status=302, headers={"Location": "file:///etc/passwd"}),
    })  # fmt: skip
    bad = ("/page", "/empty", "/huge", "/slow", "/broken", "/waits", "/rss/cs.AI", "/loop", "/file", "/404")
    follow(paths, *(server.url(path) for path in bad), "http://127.0.0.1:1/dead", server.url("/rss/cs.LG"))
    reports = fetch_feeds(paths, settings(server), clock=lambda: THURSDAY, limits=QUICK)
    assert [(report.health, report.new) for report in reports] == [
        (FeedHealth.unreadable, 0),
        (FeedHealth.unreadable, 0),
        (FeedHealth.unreadable, 0),
        (FeedHealth.unreachable, 0),
        (FeedHealth.unreachable, 0),
        (FeedHealth.rate_limited, 0),
        (FeedHealth.rate_limited, 0),
        (FeedHealth.unreachable, 0),
        (FeedHealth.unreadable, 0),
        (FeedHealth.unreadable, 0),
        (FeedHealth.unreachable, 0),
        (FeedHealth.current, 1),
    ]
    assert all(report.health.failed == (report.new == 0) for report in reports)
    assert all(report.message.endswith(".") for report in reports if report.health.failed)
    assert reports[5].next_try_at == THURSDAY + timedelta(seconds=120)


def test_a_server_that_asked_us_to_wait_is_not_asked_before(paths: Paths, server: StandIn) -> None:
    server.routes["/rss/cs.LG"] = rate_limited("600")
    follow(paths, server.url("/rss/cs.LG"))
    fetch(paths, server)
    server.routes["/rss/cs.LG"] = rss(("2611.00001v1", "One", "new"))
    assert fetch(paths, server, THURSDAY + timedelta(minutes=9)) == [(FeedHealth.rate_limited, 0, 0)]
    assert len(server.requests) == 1
    assert fetch(paths, server, THURSDAY + timedelta(minutes=11)) == [(FeedHealth.current, 1, 0)]


def test_a_failure_leaves_what_is_known_of_the_feed(paths: Paths, server: StandIn) -> None:
    server.routes["/rss/cs.LG"] = Reply(rss(("2611.00001v1", "One", "new")), etag='"1"')
    follow(paths, server.url("/rss/cs.LG"))
    fetch(paths, server)
    before = server.routes.pop("/rss/cs.LG")
    assert fetch(paths, server) == [(FeedHealth.unreadable, 0, 0)]
    connection = db.connect(paths)
    (feed,) = list_feeds(connection)
    connection.close()
    assert (feed.title, feed.etag, feed.succeeded_at) == ("cs.LG updates on arXiv.org", '"1"', THURSDAY)
    server.routes["/rss/cs.LG"] = before
    assert fetch(paths, server) == [(FeedHealth.unchanged, 0, 0)]


def test_an_empty_weekend_is_called_a_weekend(paths: Paths, server: StandIn) -> None:
    server.routes["/rss/cs.LG"] = rss(built="Sun, 22 Nov 2026 05:00:00 +0000")
    follow(paths, server.url("/rss/cs.LG"))
    assert fetch(paths, server, datetime(2026, 11, 22, 15, tzinfo=UTC)) == [(FeedHealth.weekend, 0, 0)]


def test_the_papers_of_a_stale_batch_are_kept_all_the_same(paths: Paths, server: StandIn) -> None:
    server.routes["/rss/cs.LG"] = rss(("2402.00001v1", "Old", "new"), built="Fri, 23 Feb 2024 05:00:00 +0000")
    follow(paths, server.url("/rss/cs.LG"))
    assert fetch(paths, server) == [(FeedHealth.stale, 1, 0)]
    assert [title for title, _, _ in rows(paths)] == ["Old"]


def test_a_removed_feed_is_not_asked(paths: Paths, server: StandIn) -> None:
    follow(paths, server.url("/rss/cs.LG"))
    with change(paths, "feed remove") as opened:
        feeds.remove(opened, server.url("/rss/cs.LG"))
    assert fetch(paths, server) == []
    assert server.requests == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://rss.arxiv.org/rss/cs.LG", True), ("http://export.arxiv.org/rss/cs.LG", True), ("https://arxiv.org/x", True),
        ("http://mirror.local/rss/cs.LG", True), ("http://mirror.local/blog", False), ("https://notarxiv.org/rss", False),
    ],
)  # fmt: skip
def test_arxiv_is_known_by_its_name_or_its_mirror(url: str, expected: bool) -> None:
    assert is_arxiv(url, Settings(arxiv_rss_url="http://mirror.local/")) is expected


def test_real_feeds_of_a_morning_come_in_without_a_crash(paths: Paths, server: StandIn, shared_data: Path) -> None:
    """arXiv's own replies and real blogs: each is read or refused with a sentence, twice gives nothing more."""
    files = [
        *sorted((shared_data / "feeds" / "ml_blogs").iterdir()), *sorted((shared_data / "feeds" / "netnewswire").iterdir()),
        *sorted((shared_data / "arxiv" / "other").iterdir()), *sorted((shared_data / "arxiv" / "physbiblio").iterdir()),
        *sorted((shared_data / "arxiv" / "jmamath-distill").iterdir()),
    ]  # fmt: skip
    for number, file in enumerate(files):
        server.routes[f"/{number}"] = file.read_bytes()
    follow(paths, *(server.url(f"/{number}") for number in range(len(files))))
    first = fetch_feeds(paths, settings(server), clock=lambda: THURSDAY)
    assert all(report.message for report in first)
    assert sum(report.health is FeedHealth.current for report in first) > 0.7 * len(files)
    count = len(rows(paths))
    again = fetch_feeds(paths, settings(server), clock=lambda: THURSDAY + timedelta(minutes=1))
    assert [report.new for report in again] == [0] * len(files)
    assert len(rows(paths)) == count


ENTRY = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom">
<opensearch:totalResults>1</opensearch:totalResults><opensearch:startIndex>0</opensearch:startIndex>
<opensearch:itemsPerPage>1</opensearch:itemsPerPage><title>arXiv Query</title><id>http://arxiv.org/api/x</id><updated>2026-11-20T00:00:00Z</updated>
<entry><id>http://arxiv.org/abs/1608.03983v5</id><title>SGDR: Warm Restarts</title><summary>Restarts help.</summary>
<published>2016-08-13T13:46:05Z</published><updated>2017-05-03T16:28:09Z</updated><author><name>Ilya Loshchilov</name></author>
<arxiv:primary_category term="cs.LG"/><category term="cs.LG"/><category term="cs.NE"/>
<link href="http://arxiv.org/abs/1608.03983v5" rel="alternate" type="text/html"/></entry></feed>"""


def test_a_paper_named_in_a_diary_line_gets_its_title_when_it_is_added(paths: Paths, server: StandIn) -> None:
    server.routes["/api/query"] = Reply(ENTRY.encode(), content_type="application/atom+xml")
    with change(paths, "log") as opened:
        papers.named(opened, "1608.03983")
    added = add_papers(paths, settings(server), ["https://arxiv.org/pdf/1608.03983"])
    assert (added.refs, added.failures) == ((P1,), ())
    connection = db.connect(paths)
    paper = get_paper(connection, P1)
    connection.close()
    assert (paper.title, paper.version, paper.categories) == ("SGDR: Warm Restarts", 5, ("cs.LG", "cs.NE"))
    assert paper.state is PaperState.none


def test_adding_says_what_could_not_be_looked_up_and_keeps_the_rest(paths: Paths, server: StandIn) -> None:
    server.routes["/api/query"] = Reply(b"", status=503)
    added = add_papers(paths, settings(server), ["1608.03983", "10.1109/5.726791", "https://blog.org/post"])
    assert [str(ref) for ref in added.refs] == ["p1", "p2"]
    assert len(added.failures) == 2
    assert added.failures[1].startswith("10.1109/5.726791 is kept without a look into arXiv: ")
    connection = db.connect(paths)
    assert count_papers(connection) == 2
    connection.close()


def test_what_names_no_paper_is_refused_before_anything_is_asked(paths: Paths, server: StandIn) -> None:
    with pytest.raises(BadRef):
        add_papers(paths, settings(server), ["1608.03983", "e3"])
    assert server.requests == []


def test_fetching_is_not_taken_back_by_undo(paths: Paths, server: StandIn) -> None:
    from journal.store.undo import undo

    server.routes["/rss/cs.LG"] = rss(("2611.00001v1", "One", "new"))
    follow(paths, server.url("/rss/cs.LG"))
    fetch(paths, server)
    assert undo(paths) == "feed add"
    assert len(rows(paths)) == 1
    with program_change(paths) as opened:
        assert opened.connection.execute("SELECT count(*) FROM paper_feed").fetchone() == (1,)


def post(title: str, summary: str) -> bytes:
    return (
        f"<rss version='2.0'><channel><title>B</title><item><title>{title}</title><link>https://b.org/1</link>"
        f"<description>{summary}</description></item></channel></rss>"
    ).encode()


@pytest.mark.parametrize("slow", ["/older", "/younger"])
def test_of_two_feeds_that_carry_one_post_the_older_has_the_say(paths: Paths, server: StandIn, slow: str) -> None:
    """Whichever answers first, now and later."""
    forms = {"/older": post("Long title", "The text."), "/younger": post("Title", "Another cut of it.")}
    kept_one = Event()

    def after_the_other(_: Request) -> bytes:
        assert kept_one.wait(10)
        return forms[slow]

    server.routes.update({**forms, slow: after_the_other})
    follow(paths, server.url("/older"), server.url("/younger"))
    reports = fetch_feeds(
        paths, settings(server), clock=lambda: THURSDAY, tell=lambda kept, of: kept_one.set() if kept else None
    )
    assert sum(report.new for report in reports) == 1
    assert [title for title, _, _ in rows(paths)] == ["Long title"]
    server.routes.update(forms)
    assert [updated for _, _, updated in fetch(paths, server, THURSDAY + timedelta(hours=2))] == [0, 0]
    server.routes["/older"] = post("Longer title", "The text.")
    assert sum(updated for _, _, updated in fetch(paths, server, THURSDAY + timedelta(hours=4))) == 1
    assert [title for title, _, _ in rows(paths)] == ["Longer title"]


def test_a_slow_feed_holds_back_no_other_and_reports_keep_the_feeds_order(paths: Paths, server: StandIn) -> None:
    others_kept = Event()

    def slow(_: Request) -> bytes:
        assert others_kept.wait(10)
        return post("Slow", "S.").replace(b"/1<", b"/2<")

    server.routes.update({
        "/slow": slow,
        "/good": post("Good", "G."),
        "/rss/cs.LG": rss(("2611.00001v1", "One", "new")),
        "/rss/cs.CL": rss(("2611.00002v1", "Two", "new"), category="cs.CL"),
    })  # fmt: skip
    follow(paths, *(server.url(path) for path in ("/slow", "/good", "/rss/cs.LG", "/rss/cs.CL")))
    told: list[tuple[int, int]] = []
    seen: list[str] = []

    def tell(kept: int, of: int) -> None:
        told.append((kept, of))
        if kept == 3:
            seen.extend(title for title, _, _ in rows(paths))
            others_kept.set()

    reports = fetch_feeds(paths, settings(server), clock=lambda: THURSDAY, tell=tell)
    assert [report.url for report in reports] == [server.url(p) for p in ("/slow", "/good", "/rss/cs.LG", "/rss/cs.CL")]
    assert [report.new for report in reports] == [1, 1, 1, 1]
    assert told == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    assert sorted(seen) == ["Good", "One", "Two"]
    assert seen.index("Two") < seen.index("One"), "arXiv's lists follow one another as the feeds do"


def test_who_stops_in_the_middle_leaves_nobody_asking(paths: Paths, server: StandIn) -> None:
    server.routes["/*"] = rss(("2611.00001v1", "One", "new"))
    follow(paths, *(server.url(f"/{number}") for number in range(40)))

    def stop(kept: int, of: int) -> None:
        if kept:
            raise KeyboardInterrupt

    before = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt):
        fetch_feeds(paths, settings(server), tell=stop, clock=lambda: THURSDAY, limits=QUICK)
    asking = [thread for thread in set(threading.enumerate()) - before if thread.name == "feeds"]
    for thread in asking:
        thread.join(10)
    assert not any(thread.is_alive() for thread in asking)
    assert len(server.requests) < 40
    assert len(fetch(paths, server)) == 40, "and it can be done again"


def test_what_arrives_is_ranked_by_what_was_kept(paths: Paths, server: StandIn) -> None:
    subjects = ("distillation of a large teacher", "robots that grasp objects", "taxonomy of graphs")
    server.routes["/rss/cs.LG"] = rss(*((f"2611.{n:05}v1", subjects[n % 3], "new") for n in range(1, 31)))
    follow(paths, server.url("/rss/cs.LG"))
    fetch(paths, server)
    with closing(db.connect(paths)) as connection:
        kept = [row.ref for row in list_today(connection, limit=30) if row.title == subjects[0]]
        assert {row.score for row in list_today(connection)} == {None}
    with change(paths, "keep") as opened:
        for ref in kept:  # ten, from which an order is learned
            papers.set_state(opened, ref, PaperState.kept)
    server.routes["/rss/cs.LG"] = rss(
        *((f"2611.{n:05}v1", subjects[n % 3], "new") for n in range(31, 46)), built="Fri, 20 Nov 2026 05:00:00 +0000"
    )
    fetch(paths, server, THURSDAY + timedelta(days=1))
    with closing(db.connect(paths)) as connection:
        first = list_today(connection, limit=5)
    assert {row.title for row in first} == {subjects[0]}
    assert all("distillation" in dict(row.because) or "teacher" in dict(row.because) for row in first)


def blog(*posts: tuple[str, str]) -> bytes:
    """An RSS document of (name, date) posts."""
    items = "".join(
        f"<item><title>{name}</title><link>https://blog.example/{name}</link><pubDate>{day}</pubDate></item>"
        for name, day in posts
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>A blog</title>{items}</channel></rss>'.encode()


def test_the_archive_of_a_blog_that_was_just_followed_is_kept_and_is_no_news(paths: Paths, server: StandIn) -> None:
    old, recent = ("old", "Mon, 02 Mar 2026 10:00:00 GMT"), ("recent", "Mon, 16 Nov 2026 10:00:00 GMT")
    server.routes["/blog"] = blog(recent, old, ("undated", ""))
    follow(paths, server.url("/blog"))
    (report,) = fetch_feeds(paths, settings(server), clock=lambda: THURSDAY, limits=QUICK)
    assert (report.health, report.new, report.not_news) == (FeedHealth.current, 2, 1)
    assert report.message == "3 posts; 1 from before 2026-11-05 are no news"
    assert {(title, state) for title, state, _ in rows(paths)} == {
        ("old", PaperState.none), ("recent", PaperState.new), ("undated", PaperState.new)
    }  # fmt: skip
    server.routes["/blog"] = blog(("found late", "Tue, 03 Mar 2026 10:00:00 GMT"), recent, old)
    fetch(paths, server, THURSDAY + timedelta(days=1))
    assert ("found late", PaperState.new, ()) in rows(paths), "after that, whatever a feed brings is news"
