"""The morning: what is new, and how the day went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from journal.triage import Day, day_sentence, order_note
from journal.types import DayOrder, Feed, FeedHealth
from tui import context
from tui.commands.options import Json, Limit
from tui.formatting import ago, come_back, counted, next_try, printable
from tui.output import note, show, show_json

_MOST_GOOD = 2  # feeds that are well are told one by one


def today(
    limit: Limit = 20,
    order: Annotated[DayOrder, typer.Option(help="What fits you first, or the newest list.")] = DayOrder.rank,
    summary: Annotated[
        bool, typer.Option("--summary", help="What was decided today, instead of what is left.")
    ] = False,
    json: Json = False,
) -> None:
    """What to skim now, and how each feed is."""
    from journal.clock import now
    from journal.queries.feeds import list_feeds
    from journal.queries.resurfacing import list_due
    from journal.queries.today import list_today
    from journal.queries.triage import read_report
    from tui.commands.paper_table import show_today
    from tui.day_words import day_lines

    with context.reading() as connection:
        rows = () if summary else list_today(connection, order=order, limit=limit)
        report = read_report(connection, now())
        feeds = list_feeds(connection)
        back = 0 if json or summary else len(list_due(connection, now()))
    if summary and json:
        show_json(report)
        if not day_sentence(report.day):
            raise typer.Exit(1)
        return
    context.remember_list([row.ref for row in rows])
    if json:
        show_json(rows)
    if not summary:
        _note_feeds(feeds, now(), only_bad=json)
    if rows and not json:
        show_today(rows)
        _note_the_rest(report.day, len(rows), order)
    if rows:
        _note_what_comes_back(back)
        return
    if not json and day_sentence(report.day):
        for line in day_lines(report, now()):
            show(line)
        if summary:
            return
    if summary:
        context.nothing_found("Nothing was decided today.", "journal today")
    _note_what_comes_back(back)
    context.nothing_found(*_why_nothing_is_new(feeds))


def _why_nothing_is_new(feeds: Sequence[Feed]) -> tuple[str, str]:
    """The sentence, and what to do about it: silence is never taken for "nothing new"."""
    if not feeds:
        return "No feed is followed.", "journal feed add cs.LG, or journal feed import --starter"
    if all(feed.health.failed for feed in feeds):
        why = f": {printable(feeds[0].message)}" if len(feeds) == 1 else "."
        return f"No feed could be read{why}", "journal feed list"
    if not any(feed.succeeded_at for feed in feeds):
        return "No feed was read yet.", "journal feed fetch"
    return "Nothing is new: every paper that the feeds brought is triaged.", ""


def _note_feeds(feeds: Sequence[Feed], moment: datetime, *, only_bad: bool) -> None:
    """A line for each feed that one should know of, and one for all others where they are many."""
    from importers.gaps import lost_lists

    def is_bad(feed: Feed) -> bool:
        return feed.health.failed or feed.health is FeedHealth.stale or bool(lost_lists(feed, moment))

    bad = [feed for feed in feeds if is_bad(feed)]
    good = [] if only_bad else [feed for feed in feeds if not is_bad(feed)]
    for feed in (*bad, *(good if len(good) <= _MOST_GOOD else ())):
        # The message of a feed that has something to say for itself begins with its health.
        says_health = feed.message.startswith(feed.health)
        said = feed.message if says_health else f"{feed.health}: {feed.message}".removesuffix(": ")
        again = f", next try {next_try(feed.next_try_at, moment)}" if feed.health.failed else ""
        note(f"{printable(feed.title or feed.url)}: {printable(said)} ({ago(feed.fetched_at, moment)}{again})")
    if len(good) > _MOST_GOOD:
        counts = Counter(feed.health.replace("_", " ") for feed in good).most_common()
        told = ", ".join(f"{count:,} {health}" for health, count in counts)
        note(f"{len(good):,} {'other feeds' if bad else 'feeds'}: {told}; journal feed list")


def _note_what_comes_back(count: int) -> None:
    if count:
        note(f"{come_back(count)}: journal due")


def _note_the_rest(day: Day, shown: int, order: DayOrder) -> None:
    """What the list does not show, or why it stands as it does."""
    if day.by_rules:
        note(f"{day.by_rules:,} muted by your rules today: journal paper list --state muted")
    if order is DayOrder.rank and (why := order_note(day)):
        note(f"{why[0].upper()}{why[1:]}.")
    from tui.day_progress import day_progress

    done = day_progress(day.decided_at, day.left, day.by_rules)
    rest = f"; {counted(day.left - shown, 'more paper')}" if day.left > shown else ""
    note(f"{done}{rest}: journal triage REF keep|queue|skip|mute")
