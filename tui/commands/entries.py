"""The diary: log, entries, outcome."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from journal.errors import BadValue
from journal.types import EntryDraft, EntryRow, EntryType, Kind, Relation, Verdict
from tui import context
from tui.commands.options import Json, Limit
from tui.commands.typed import held
from tui.entry_words import verdict_words
from tui.formatting import local_time, titled
from tui.output import note, show, show_json, show_table, show_titled

VerdictOption = Annotated[Verdict | None, typer.Option(help="What became of it.")]
AttributeOption = Annotated[str, typer.Option(help="What it is about: data, architecture, optimiser, schedule...")]
_Word = TypeVar("_Word", bound=StrEnum)
_DRAFT = "log"


def log(
    what: Annotated[
        str | None,
        typer.Argument(help="What is tried, noted, thought of or asked; one line. Without it, your editor opens."),
    ] = None,
    why: Annotated[str, typer.Option(help="Why.")] = "",
    expect: Annotated[str, typer.Option(help="What you expect.")] = "",
    outcome: Annotated[str, typer.Option(help="What came of it.")] = "",
    verdict: VerdictOption = None,
    body: Annotated[str, typer.Option(help="Anything longer; - reads standard input.")] = "",
    type: Annotated[EntryType, typer.Option(help="What kind of entry.")] = EntryType.tried,
    attribute: AttributeOption = "",
    run: Annotated[list[str] | None, typer.Option(help="A run that tests it.")] = None,
    paper: Annotated[list[str] | None, typer.Option(help="A paper it is about: ref, arXiv id, DOI, URL.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag.")] = None,
    json: Json = False,
) -> None:
    """Write an entry into the diary; without words, in $EDITOR."""
    given = {
        "what": what or "", "body": body, "why": why, "expect": expect, "outcome": outcome, "verdict": verdict or "",
        "type": type, "attribute": attribute, "run": " ".join(run or ()), "paper": " ".join(paper or ()),
        "tag": " ".join(tag or ()),
    }  # fmt: skip
    if what is None:
        fields, file = _written(given)
        with held(file, _DRAFT):
            _log(fields, fields["run"].split(), fields["paper"].split(), fields["tag"].split(), json=json)
        return
    fields = {**given, "body": sys.stdin.read() if body == "-" else body}
    _log(fields, run or [], paper or [], tag or [], json=json)


def _written(given: dict[str, str]) -> tuple[dict[str, str], Path]:
    """What the person wrote in their editor, and the file that holds it. Exit code 1 where that is nothing."""
    from tui.editing import edit_document
    from tui.entry_template import document_of, fields_of, is_empty

    has_editor = bool(os.environ.get("VISUAL") or os.environ.get("EDITOR"))
    if given["body"] == "-" or not (sys.stdin.isatty() or has_editor):  # nobody is there to write
        raise typer.BadParameter("say what is tried: journal log 'cosine schedule' --why 'loss plateaus'")
    edited = edit_document(document_of(given), context.paths().state, about=_DRAFT)
    fields = fields_of(edited[0]) if edited else {}
    if edited is None or is_empty(fields):
        if edited is not None:
            edited[1].unlink(missing_ok=True)
        note("Nothing was written.")
        raise typer.Exit(1)
    return fields, edited[1]


def _log(fields: dict[str, str], runs: list[str], named_papers: list[str], tags: list[str], *, json: bool) -> None:
    """Keep the entry. A note or a question is about its runs; what is tried, or thought of, is tested by them."""
    from journal.attributes import attribute_named
    from journal.queries.entries import get_entry
    from journal.store import entries, items, links, papers
    from journal.store.changes import change

    draft = EntryDraft(
        what=fields["what"],
        type=_word(EntryType, fields["type"] or EntryType.tried, "type of entry"),
        why=fields["why"],
        expect=fields["expect"],
        outcome=fields["outcome"],
        verdict=_word(Verdict, fields["verdict"], "verdict") if fields["verdict"] else None,
        body=fields["body"],
        attribute=attribute_named(fields["attribute"]) if fields["attribute"] else "",
    )
    is_tested = draft.type in {EntryType.tried, EntryType.idea}
    with change(context.begin(), "log") as made:
        ref = entries.add(made, draft)
        made.summary = f"log {titled(ref, draft.what)}"
        for mention in runs:
            run = context.resolve(made.connection, mention, Kind.run)
            if is_tested:
                links.add(made, run, ref, Relation.tests)
            else:
                links.add(made, ref, run, Relation.about)
        for mention in named_papers:
            links.add(made, ref, papers.named(made, mention, context.remembered()), Relation.about)
        items.tag(made, ref, add=tags)
        entry = get_entry(made.connection, ref)
    context.remember_item(ref)
    if json:
        show_json(entry)
    else:
        show_titled(ref, entry.title)


def _word(words: type[_Word], text: str, what: str) -> _Word:
    """The word of an enumeration that a person wrote. Raises BadValue."""
    try:
        return words(text.strip().lower())
    except ValueError:
        raise BadValue(f"{text!r} is no {what}.", hint=f"It is one of {', '.join(words)}.") from None


def entries(
    type: Annotated[EntryType | None, typer.Option(help="Only this kind of entry.")] = None,
    attribute: Annotated[str, typer.Option(help="Only what is about this: optimiser, schedule...")] = "",
    only_open: Annotated[
        bool, typer.Option("--open", help="Only what was tried without an outcome, and open questions; oldest first.")
    ] = False,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """List the diary, newest first."""
    from journal.attributes import known_name
    from journal.queries.entries import list_entries

    with context.reading() as connection:
        rows = list_entries(
            connection,
            types=(type,) if type else (),
            attribute=known_name(attribute) or attribute.strip(),
            only_open=only_open,
            limit=limit,
        )
    context.remember_list([row.ref for row in rows])
    if json:
        show_json(rows)
    elif rows:
        _show_rows(rows)
    if not rows and only_open:
        context.nothing_found("Nothing is open.", "")
    if not rows:
        is_narrowed = type is not None or bool(attribute)
        context.nothing_found(
            "No entry is like that." if is_narrowed else "The diary is empty.",
            "" if is_narrowed else "journal log 'what you try' --why '...'",
        )


def _show_rows(rows: tuple[EntryRow, ...]) -> None:
    """A column says what they are about where that is known of one of them."""
    cells = [
        (
            str(row.ref), local_time(row.created_at), row.type, verdict_words(row),
            row.attribute, row.title,
        )
        for row in rows
    ]  # fmt: skip
    headers: tuple[str, ...] = ("ref", "when", "type", "verdict", "about", "what")
    if any(row.attribute for row in rows):
        show_table(headers, cells, spare=(4, 2, 3, 1))
    else:
        show_table(headers[:4] + headers[5:], [cell[:4] + cell[5:] for cell in cells], spare=(2, 3, 1))


def outcome(
    ref: Annotated[str, typer.Argument(help="The entry.")],
    text: Annotated[str, typer.Argument(help="What came of it.")],
    verdict: VerdictOption = None,
    json: Json = False,
) -> None:
    """Say what came of something tried; of a question, the final word."""
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
