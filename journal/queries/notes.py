"""Dated notes: the entries of type `note` that are linked with an item."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from journal.clock import from_stored
from journal.queries.items import item_id
from journal.types import Kind, Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A dated note on an item, or an answer to a question: then `answered_by` says whose."""

    ref: Ref
    kind: Kind = Kind.entry
    title: str
    body: str
    written_at: datetime
    answered_by: str = ""

    @property
    def text(self) -> str:
        """All that was written; its first line is the title."""
        return "\n".join(part for part in (self.title, self.body) if part.strip())


def notes_on(connection: sqlite3.Connection, ref: Ref) -> tuple[Note, ...]:
    """The notes on an item, oldest first. Raises NotFound."""
    rows = connection.execute(
        """
        SELECT number, title, body, created_at, answered_by FROM item JOIN entry ON entry.item_id = item.id
        WHERE type = 'note' AND deleted_at IS NULL AND item.id IN (
            SELECT from_id FROM link WHERE to_id = :id
            UNION SELECT to_id FROM link WHERE from_id = :id AND relation = 'tests'
        )
        ORDER BY created_at, item.id
        """,
        {"id": item_id(connection, ref)},
    ).fetchall()
    return tuple(
        Note(
            ref=Ref(Kind.entry, number),
            title=title,
            body=body,
            written_at=from_stored(created_at),
            answered_by=answered_by,
        )
        for number, title, body, created_at, answered_by in rows
    )
