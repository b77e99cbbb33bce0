"""The diary: log, entries, outcome."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from journal.types import EntryDraft, EntryType, Kind, Relation, Verdict
from tui import context
from tui.commands.options import Json, Limit
from tui.formatting import local_time, titled
from tui.output import show, show_json, show_table, show_titled

VerdictOption = Annotated[Verdict | None, typer.Option(help="What became of it.")]


def log(
    what: Annotated[str, typer.Argument(help="What is tried, noted, thought of or asked; one line.")],
    why: Annotated[str, typer.Option(help="Why.")] = "",
    expect: Annotated[str, typer.Option(help="What you expect.")] = "",
    outcome: Annotated[str, typer.Option(help="What came of it.")] = "",
    verdict: VerdictOption = None,
    body: Annotated[str, typer.Option(help="Anything longer; - reads standard input.")] = "",
    type: Annotated[EntryType, typer.Option(help="What kind of entry.")] = EntryType.tried,
    run: Annotated[list[str] | None, typer.Option(help="A run that tests it.")] = None,
    paper: Annotated[list[str] | None, typer.Option(help="A paper it is about: ref, arXiv id, DOI, URL.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag.")] = None,
    json: Json = False,
) -> None:
    """Write an entry into the diary."""
    from journal.queries.entries import get_entry
    from journal.store import entries, items, links, papers
    from journal.store.changes import change

    where = context.begin()
    draft = EntryDraft(
        what=what, type=type, why=why, expect=expect, outcome=outcome, verdict=verdict,
        body=sys.stdin.read() if body == "-" else body,
    )  # fmt: skip
    with change(where, "log") as made:
        ref = entries.add(made, draft)
        made.summary = f"log {titled(ref, what)}"
        for mention in run or ():
            links.add(made, context.resolve(made.connection, mention, Kind.run), ref, Relation.tests)
        for mention in paper or ():
            links.add(made, ref, papers.named(made, mention, context.remembered()), Relation.about)
        items.tag(made, ref, add=tag or ())
        entry = get_entry(made.connection, ref)
    context.remember_item(ref)
    if json:
        show_json(entry)
    else:
        show_titled(ref, entry.title)


def entries(
    type: Annotated[EntryType | None, typer.Option(help="Only this kind of entry.")] = None,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """List the diary, newest first."""
    from journal.queries.entries import list_entries

    with context.reading() as connection:
        rows = list_entries(connection, types=(type,) if type else (), limit=limit)
    context.remember_list([row.ref for row in rows])
    if json:
        show_json(rows)
    elif rows:
        show_table(
            ("ref", "when", "type", "verdict", "what"),
            [(str(row.ref), local_time(row.created_at), row.type, row.verdict or "", row.title) for row in rows],
            spare=(2, 3, 1),
        )
    if not rows:
        context.nothing_found("The diary is empty.", "journal log 'what you try' --why '...'")


def outcome(
    ref: Annotated[str, typer.Argument(help="The entry.")],
    text: Annotated[str, typer.Argument(help="What came of it.")],
    verdict: VerdictOption = None,
    json: Json = False,
) -> None:
    """Say what came of something tried, or answer a question."""
    from journal.queries.entries import get_entry
    from journal.store import entries
    from journal.store.changes import change

    with change(context.begin(), "outcome") as made:
        entry_ref = context.resolve(made.connection, ref, Kind.entry)
        made.summary = f"outcome of {entry_ref}"
        before = get_entry(made.connection, entry_ref)
        entries.set_outcome(made, entry_ref, text, verdict)
        entry = get_entry(made.connection, entry_ref)
    context.remember_item(entry_ref)
    if json:
        show_json(entry)
    else:
        has_changed = (entry.outcome, entry.verdict) != (before.outcome, before.verdict)
        said = f"outcome {'written' if entry.outcome else 'emptied'}" if has_changed else "nothing was changed"
        show(f"{entry_ref}  {said}; verdict: {entry.verdict}" if entry.verdict else f"{entry_ref}  {said}")
