"""Dated notes on anything, answers to questions, and ideas that are tried: note, answer, try."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from journal.errors import BadRef, NotFound
from journal.refs import RowNumber, parse_mention
from journal.types import Entry, EntryType, Kind, Ref
from tui import context
from tui.commands.options import Json
from tui.commands.typed import held
from tui.formatting import printable, titled
from tui.output import note as tell
from tui.output import show_json, show_titled
from tui.user_name import user_name

_COMMENT = "%% "


def note_(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="REF... [TEXT]",
            help="What it is about, then the note; its first line is its title; - reads standard input. "
            "Without a text: your editor.",
        ),
    ],
    on: Annotated[list[str] | None, typer.Option(help="A further item that it is about.")] = None,
    edit: Annotated[bool, typer.Option("--edit", help="Go on writing in your editor.")] = False,
    json: Json = False,
) -> None:
    """Write a dated note on a run, an entry, a paper or any item.

    Of a paper without a text, it is your notes in three passes that your editor opens.
    """
    from journal.queries.entries import get_entry
    from journal.queries.items import get_item
    from journal.store import notes
    from journal.store.changes import change
    from tui.editing import note_name

    mentions, text = _parted(words)
    with context.reading() as connection:
        about = [*dict.fromkeys(context.resolve(connection, mention) for mention in (*mentions, *(on or ())))]
        for item in [get_item(connection, each) for each in about]:
            if item.is_deleted:  # before anything is typed
                raise NotFound(f"{item.ref} was deleted.")
        title = get_item(connection, about[0]).title
    if text is None and len(about) == 1 and about[0].kind is Kind.paper:
        from tui.commands.reading import edit_notes

        edit_notes(mentions[0], json=json)
        return
    typed, file = _text(text, edit=edit, about=about, what=f"A note on {_all_of(about, title)}")
    with held(file, note_name(about)), change(context.begin(), "note") as made:
        entry = notes.add(made, about, typed)
        kept = get_entry(made.connection, entry)
        named = " ".join(map(str, about))
        made.summary = f"note {entry} on {named}"
    show_written(kept, f"  (about {named})", json=json)


def _parted(words: list[str]) -> tuple[list[str], str | None]:
    """What a note is about, and its text: the last word, unless that can be nothing but one more item."""
    try:
        is_named = len(words) == 1 or isinstance(parse_mention(words[-1]), Ref | RowNumber)
    except BadRef:
        is_named = False
    return (words, None) if is_named else (words[:-1], words[-1])


def _all_of(about: list[Ref], title: str) -> str:
    return titled(about[0], printable(title)) if len(about) == 1 else " ".join(map(str, about))


def answer(
    ref: Annotated[str, typer.Argument(help="The question.")],
    text: Annotated[
        str | None, typer.Argument(help="The answer; - reads standard input. Without it: your editor.")
    ] = None,
    by: Annotated[str, typer.Option(help="Who answers; default: the name of this user.")] = "",
    json: Json = False,
) -> None:
    """Answer a question of the diary; it may have several answers.

    'journal outcome' has the final word.
    """
    from journal.queries.entries import get_entry
    from journal.store import notes
    from journal.store.changes import change

    with context.reading() as connection:
        question = get_entry(connection, context.resolve(connection, ref, Kind.entry))
    if question.type is not EntryType.question:  # before anything is typed
        raise notes.no_question(question.ref)
    what = f"An answer to {titled(question.ref, printable(question.title))}"
    typed, file = _text(text, edit=False, about=[question.ref], what=what)
    with held(file, f"{question.ref}-note"), change(context.begin(), "answer") as made:
        entry = notes.answer(made, question.ref, typed, by or user_name())
        made.summary = f"answer {entry} to {question.ref}"
        kept = get_entry(made.connection, entry)
    show_written(kept, f"  ({printable(kept.answered_by)} on {question.ref})", json=json)


def show_written(entry: Entry, further: str, *, json: bool) -> None:
    """Tell of the entry that came of a command, with something `further` behind its title."""
    context.remember_item(entry.ref)
    if json:
        show_json(entry)
    else:
        show_titled(entry.ref, entry.title, further=further)


def _text(text: str | None, *, edit: bool, about: list[Ref], what: str) -> tuple[str, Path | None]:
    """What is to be kept, and the file that holds it, where it was typed in an editor. Exit code 1 without a text."""
    if text == "-":
        text = sys.stdin.read()
    if text is not None and not edit:
        return text, None
    from tui.editing import edit_document, note_name

    comment = f"{_COMMENT}{what}. Its first line is its title; lines like this one are left out."
    document = f"{text or ''}\n{comment}\n"
    edited = edit_document(document, context.paths().state, about=note_name(about))
    if edited is None and text:
        return text, None  # left as it was given
    kept = "\n".join(line for line in edited[0].split("\n") if not line.startswith(_COMMENT)) if edited else ""
    if edited is None or not kept.strip():
        if edited is not None:
            edited[1].unlink(missing_ok=True)
        tell("Nothing was written.")
        raise typer.Exit(1)
    return kept, edited[1]


def try_(
    ref: Annotated[str, typer.Argument(metavar="IDEA", help="The idea, or another entry to go on from.")],
    what: Annotated[str, typer.Argument(help="What is tried; default: the idea itself.")] = "",
    why: Annotated[str, typer.Option(help="Why.")] = "",
    expect: Annotated[str, typer.Option(help="What you expect.")] = "",
    json: Json = False,
) -> None:
    """Begin to try an idea: an entry that follows it, for 'journal run --entry'."""
    from journal.queries.entries import get_entry
    from journal.store import entries
    from journal.store.changes import change

    with change(context.begin(), "try") as made:
        idea = context.resolve(made.connection, ref, Kind.entry)
        entry = entries.try_out(made, idea, what=what, why=why, expect=expect)
        kept = get_entry(made.connection, entry)
        made.summary = f"try {idea} as {entry}"
    show_written(kept, f"  (follows {idea})", json=json)
    if not json:
        tell(f"journal run --entry {entry} -- COMMAND")
