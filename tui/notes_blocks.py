"""Dated notes and answers as blocks of a document. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from journal.queries.notes import Note
from journal.types import LinkedItem
from tui.documents import Block, Prose
from tui.formatting import local_time, printable


def notes_blocks(notes: Sequence[Note]) -> tuple[Block, ...]:
    """A block for each note, with its date and its text, in their order."""
    return tuple(Prose(_heading(note), note.text) for note in notes)


def not_told(links: Sequence[LinkedItem], notes: Sequence[Note]) -> tuple[LinkedItem, ...]:
    """The links beside those to notes that are shown with their text."""
    shown = {note.ref for note in notes}
    return tuple(link for link in links if link.ref not in shown)


def _heading(note: Note) -> str:
    what = f"Answer {note.ref} by {printable(note.answered_by)}" if note.answered_by else f"Note {note.ref}"
    return f"{what} · {local_time(note.written_at)}"
