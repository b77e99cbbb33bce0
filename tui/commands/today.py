"""The morning: what is new, and how the day went."""

from __future__ import annotations

from typing import Annotated

import typer

from journal.triage import Day, day_sentence, order_note
from journal.types import DayOrder
from tui import context
from tui.commands.options import Json, Limit
from tui.formatting import ago, come_back, counted, next_try, printable
from tui.output import note, show, show_json


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
        return
    context.remember_list([row.ref for row in rows])
    if json:
        show_json(rows)
    for feed in () if json or summary else feeds:
        # The message of a feed that has something to say for itself begins with its health.
        said = feed.message if feed.message.startswith(feed.health) else f"{feed.health}: {feed.message}"
        again = f", next try {next_try(feed.next_try_at, now())}" if feed.health.failed else ""
        note(f"{printable(feed.title or feed.url)}: {printable(said)} ({ago(feed.fetched_at, now())}{again})")
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
    context.nothing_found(
        "Nothing is new: every paper that the feeds brought is triaged." if feeds else "No feed is followed.",
        "" if feeds else "journal feed add cs.LG",
    )


def _note_what_comes_back(count: int) -> None:
    if count:
        note(f"{come_back(count)}: journal due")


def _note_the_rest(day: Day, shown: int, order: DayOrder) -> None:
    """What the list does not show, or why it stands as it does."""
    if day.by_rules:
        note(f"{day.by_rules:,} muted by your rules today: journal paper list --state muted")
    if order is DayOrder.rank and (why := order_note(day)):
        note(f"{why[0].upper()}{why[1:]}.")
    if day.left > shown:
        note(f"{counted(day.left - shown, 'more paper')}; journal triage REF keep|queue|skip|mute")
