"""The morning at the prompt: which row is which, how far one is, where a paper came from, how the feeds are."""

from __future__ import annotations

import pytest

from journal.paths import Paths
from journal.store import feeds
from journal.store.changes import change
from tests.journal.store.test_rankings import keep
from tests.standins import StandIn
from tests.tui.commands.conftest import Run
from tests.tui.commands.test_papers_and_feeds import server, todays

__all__ = ["server"]


def test_rows_carry_the_numbers_that_name_them_and_the_day_says_how_far_it_is(run: Run, paths: Paths) -> None:
    keep(paths, 1, 9)
    ran = run("today", "-n", "3")
    assert [line.split()[:2] for line in ran.out.splitlines()[1:]] == [["@1", "p9"], ["@2", "p8"], ["@3", "p7"]]
    assert ran.err.splitlines()[-1] == "9 to skim; 6 more papers: journal triage REF keep|queue|skip|mute"
    run("triage", "@3", "keep")
    said = run("today").err.splitlines()[-1]
    assert said == "1 of 9: journal triage REF keep|queue|skip|mute"


@pytest.mark.usefixtures("paths")
def test_a_script_can_open_what_a_blog_brought_and_knows_which_feed_it_was(run: Run, server: StandIn) -> None:
    server.routes["/blog"] = (
        b"<rss version='2.0'><channel><title>A blog</title><item><title>Post</title>"
        b"<link>https://blog.example/1</link></item></channel></rss>"
    )
    server.routes["/rss/cs.LG"] = todays(("2611.00001v2", "One", "new"))
    run("feed", "add", server.url("/blog"), "cs.LG")
    run("feed", "fetch")
    found = {row["title"]: (row["url"], row["feeds"]) for row in run("today", "--json").json}
    assert found == {
        "Post": ("https://blog.example/1", ["A blog"]),
        "One": ("https://arxiv.org/abs/2611.00001v2", ["cs.LG updates on arXiv.org"]),
    }


def test_why_today_is_empty(run: Run, paths: Paths) -> None:
    assert "No feed is followed." in run("today").err
    with change(paths, "feed add") as opened:
        feeds.add(opened, "http://127.0.0.1:1/feed")
    assert "http://127.0.0.1:1/feed: unread (never)\n" in run("today").err
    assert "No feed was read yet. Try: journal feed fetch" in run("today").err
    run("feed", "fetch")
    assert "No feed could be read: 127.0.0.1:1" in run("today").err
    with change(paths, "read") as opened:
        opened.connection.execute("UPDATE feed SET health = 'unchanged', succeeded_at = fetched_at")
    assert "Nothing is new: every paper that the feeds brought is triaged." in run("today").err


def test_feeds_that_are_well_share_a_line_and_the_others_come_first(run: Run, paths: Paths) -> None:
    with change(paths, "feed add") as opened:
        for number in range(6):
            feeds.add(opened, f"https://blog.example/{number}", f"Blog {number}")
        opened.connection.execute("UPDATE feed SET health = iif(id < 5, 'unchanged', 'current'), message = 'well'")
        opened.connection.execute("UPDATE feed SET health = 'unreachable', message = 'It is down.' WHERE id = 3")
    bad, good = run("today").err.splitlines()[:2]
    assert bad.startswith("Blog 2: unreachable: It is down.")
    assert good == "5 other feeds: 3 unchanged, 2 current; journal feed list"


@pytest.mark.usefixtures("paths")
def test_a_day_without_a_decision_ends_alike_for_people_and_scripts(run: Run) -> None:
    assert run("today", "--summary").code == 1
    told = run("today", "--summary", "--json")
    assert (told.code, told.json["kept"]) == (1, [])


@pytest.mark.usefixtures("paths")
def test_what_is_no_news_is_not_counted_as_new(run: Run, server: StandIn) -> None:
    server.routes["/rss/cs.LG"] = todays(("2611.00001v1", "One", "new"), ("2601.00003v4", "Old", "replace"))
    run("feed", "add", "cs.LG")
    assert run("feed", "fetch").out.splitlines()[-1] == "1 new paper, 1 more that is no news, 0 updated"
    assert len(run("today", "--json").json) == 1
