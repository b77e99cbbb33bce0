"""What comes back: due."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from tui import context
from tui.commands.options import Json
from tui.formatting import local_day, shown_title
from tui.output import note, show, show_json, show_table


class AnswerVerb(StrEnum):
    """What one says to what comes back; the same as the keys."""

    done = "done"
    snooze = "snooze"
    never = "never"


def due(
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[REF... ANSWER]", help="Items, then done, snooze or never.")
    ] = None,
    days: Annotated[int | None, typer.Option(help="Come back after so many days; else longer each time.")] = None,
    json: Json = False,
) -> None:
    """What comes back today: answer it with done, snooze or never.

    At most five things a day: papers that a run just started builds on, fixes that were never verified,
    and queued papers that are getting old. What is not answered goes away by itself after a week.
    """
    if arguments:
        _answer(arguments, days, json)
        return
    if days is not None:
        raise typer.BadParameter("--days goes with an answer: journal due p3 snooze --days 10")
    from journal.clock import now
    from journal.queries.resurfacing import list_due

    with context.reading() as connection:
        rows = list_due(connection, now())
    context.remember_list([row.ref for row in rows])
    if json:
        show_json(rows)
    elif rows:
        cells = [(str(row.ref), shown_title(row.ref, row.title), row.because) for row in rows]
        show_table(("ref", "title", "because"), cells, grows=1)
        note("journal due REF done|snooze|never")
    if not rows:
        context.nothing_found("Nothing comes back today.", "")


def _answer(arguments: list[str], days: int | None, json: bool) -> None:
    from journal.resurfacing import Answer
    from journal.store import resurfacings
    from journal.store.changes import change

    *mentions, verb = arguments
    if verb not in AnswerVerb.__members__ or not mentions:
        raise typer.BadParameter("write the items first, then one of done, snooze, never")
    what = Answer.snoozed if verb == AnswerVerb.snooze else Answer(verb)
    with change(context.begin(), verb) as made:
        refs = list(dict.fromkeys(context.resolve(made.connection, mention) for mention in mentions))
        made.summary = f"{verb} {' '.join(map(str, refs))}"
        answered = [(ref, resurfacings.keep(made, ref, what, days=days)) for ref in refs]
    if json:
        show_json([{"ref": ref, **context.json_of(one)} for ref, one in answered])
        return
    for ref, one in answered:
        show(f"{ref}  {'does not come back' if one.due_at is None else f'comes back {local_day(one.due_at)}'}")
