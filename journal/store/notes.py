"""This person's notes on a paper: one diary entry for each, which grows pass by pass."""

from __future__ import annotations

from journal.queries.queue import notes_of
from journal.reading_notes import merged, title_of
from journal.store import entries, items, links
from journal.store.changes import Change
from journal.types import EntryDraft, EntryType, Ref, Relation


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
