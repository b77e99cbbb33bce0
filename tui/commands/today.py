"""The morning: today, triage."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from journal.types import DayOrder, PaperState
from tui import context
from tui.commands.options import Json, Limit
from tui.formatting import ago, counted, next_try, printable
from tui.output import note, show, show_json


class TriageVerb(StrEnum):
    """What one wants with a paper; the same verbs as the keys."""

    keep = "keep"
    queue = "queue"
    skip = "skip"
    mute = "mute"


STATE_OF_VERB = {
    TriageVerb.keep: PaperState.kept,
    TriageVerb.queue: PaperState.queued,
    TriageVerb.skip: PaperState.skipped,
    TriageVerb.mute: PaperState.muted,
}


def today(
    limit: Limit = 20,
    order: Annotated[DayOrder, typer.Option(help="What fits you first, or what arrived last.")] = DayOrder.rank,
    json: Json = False,
) -> None:
    """What to skim now, and how each feed is."""
    from journal.clock import now
    from journal.queries.feeds import list_feeds
    from journal.queries.papers import count_papers
    from journal.queries.today import list_today
    from tui.commands.paper_table import show_today

    with context.reading() as connection:
        rows = list_today(connection, order=order, limit=limit)
        waiting = count_papers(connection, states=(PaperState.new,))
        feeds = list_feeds(connection)
    context.remember_list([row.ref for row in rows])
    if json:
        show_json(rows)
    for feed in () if json else feeds:
        # The message of a feed that has something to say for itself begins with its health.
        said = feed.message if feed.message.startswith(feed.health) else f"{feed.health}: {feed.message}"
        again = f", next try {next_try(feed.next_try_at, now())}" if feed.health.failed else ""
        note(f"{printable(feed.title or feed.url)}: {printable(said)} ({ago(feed.fetched_at, now())}{again})")
    if rows and not json:
        show_today(rows)
        if waiting > len(rows):
            note(f"{counted(waiting - len(rows), 'more paper')}; journal triage REF keep|queue|skip|mute")
    if rows:
        return
    context.nothing_found(
        "Nothing is new: every paper that the feeds brought is triaged." if feeds else "No feed is followed.",
        "" if feeds else "journal feed add cs.LG",
    )


def triage(
    arguments: Annotated[
        list[str], typer.Argument(metavar="REF... VERB", help="Papers, then keep, queue, skip or mute.")
    ],
    json: Json = False,
) -> None:
    """Say what you want with papers: journal triage p3 p4 queue."""
    from journal.queries.papers import get_paper
    from journal.store import papers
    from journal.store.changes import change

    *mentions, verb = arguments
    if verb not in TriageVerb.__members__ or not mentions:
        raise typer.BadParameter("write the papers first, then one of keep, queue, skip, mute")
    state = STATE_OF_VERB[TriageVerb(verb)]
    with change(context.begin(), verb) as made:
        refs = [context.resolve(made.connection, mention) for mention in mentions]
        made.summary = f"{verb} {' '.join(map(str, refs))}"
        for ref in refs:
            papers.set_state(made, ref, state)
        rows = [get_paper(made.connection, ref) for ref in refs]
    if json:
        show_json(rows)
    else:
        show(f"{' '.join(map(str, refs))}: {state}")
