"""Dated notes on items, answers to questions, and this person's notes on a paper, which grow pass by pass."""

from __future__ import annotations

from collections.abc import Sequence

from journal import models
from journal.errors import BadValue
from journal.queries.queue import notes_of
from journal.reading_notes import merged, title_of
from journal.store import entries, items, links
from journal.store.changes import Change
from journal.types import EntryDraft, EntryType, Ref, Relation


def add(change: Change, about: Sequence[Ref], text: str, *, answered_by: str = "") -> Ref:
    """Keep a note on these items; its first line is its title. Raises NotFound, BadValue where it says nothing."""
    title, _, body = text.strip().partition("\n")
    draft = EntryDraft(what=title, type=EntryType.note, body=body.strip("\n").rstrip(), answered_by=answered_by)
    entry = entries.add(change, draft)
    for ref in about:
        links.add(change, entry, ref, Relation.about)
    return entry


def answer(change: Change, question: Ref, text: str, by: str) -> Ref:
    """Keep an answer to a question; a question may have several. Raises NotFound, BadValue where it is none."""
    item = items.get(change, question)
    entry = change.session.get(models.Entry, item.id)
    if entry is None or entry.type != EntryType.question:
        raise no_question(question)
    return add(change, [question], text, answered_by=" ".join(by.split()) or "somebody")


def no_question(ref: Ref) -> BadValue:
    """Why an answer is refused."""
    return BadValue(f"{ref} is no question.", hint=f"'journal note {ref}' writes a note on it.")


def keep(change: Change, paper: Ref, base: str, body: str) -> Ref:
    """Keep `body` as the notes on `paper`; `base` is what they were when it was begun. The entry that holds them.

    What another window wrote meanwhile stays, too. Raises NotFound.
    """
    present = notes_of(change.connection, paper)
    if present is None:
        title = title_of(items.get(change, paper).title)
        entry = entries.add(change, EntryDraft(what=title, type=EntryType.note, body=body))
        links.add(change, entry, paper, Relation.about)
        return entry
    entry, theirs = present
    entries.edit(change, entry, {"body": body if theirs == base else merged(base, theirs, body)})
    return entry
