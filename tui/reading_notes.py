"""The notes on a paper in the person's editor: read, edited, and what is to be kept of them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from journal.errors import NotFound
from journal.queries.papers import get_paper
from journal.queries.queue import notes_of
from journal.reading_notes import body_of, document_of
from journal.types import Ref
from tui.editing import edit_document
from tui.formatting import printable, titled


def notes_to_edit(connection: sqlite3.Connection, ref: Ref) -> tuple[str, str]:
    """The notes on a paper as they are, and the line that names it. Raises NotFound, also where it was deleted."""
    paper = get_paper(connection, ref)
    if paper.is_deleted:  # before anything is typed
        raise NotFound(f"{ref} was deleted.")
    _, body = notes_of(connection, ref) or (ref, "")
    return body, f"Notes on {titled(ref, printable(paper.title))}"


def edited_notes(base: str, about: str, state_folder: Path, *, draft_of: str = "") -> tuple[str, Path] | None:
    """Let the person write; the notes to keep and the file that holds what was typed, None where nothing is new.

    Raises JournalError as `edit_document`, which takes `draft_of` as what is edited.
    """
    edited = edit_document(document_of(base, about), state_folder, about=draft_of)
    if edited is None:
        return None
    document, file = edited
    body = body_of(document, about)
    if body == body_of(base, about):
        file.unlink(missing_ok=True)
        return None
    return body, file
