"""The queue in its order, and how far reading got with each paper of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import fields

from journal.clock import from_stored_or_none
from journal.queries.papers import paper_rows
from journal.reading_notes import are_notes, passes_in
from journal.types import EntryType, Kind, PaperState, QueuedPaper, Ref, Relation

_BATCH = 400  # SQLite allows 999 parameters in older builds
# Total, whatever the places are: none, or one twice.
_ORDER = "queue_place IS NULL, queue_place, coalesce(state_at, ''), item_id"
_QUEUE = f"""
    SELECT item.id AS id, number, state_at, row_number() OVER (ORDER BY {_ORDER}) AS place
    FROM paper JOIN item ON item.id = paper.item_id WHERE state = '{PaperState.queued}' AND deleted_at IS NULL
"""


def list_queue(connection: sqlite3.Connection, *, limit: int = 50, offset: int = 0) -> tuple[QueuedPaper, ...]:
    """A page of the queue, what is to be read first first."""
    found = connection.execute(f"{_QUEUE} ORDER BY place LIMIT ? OFFSET ?", (limit, offset)).fetchall()
    return _queued(connection, found)


def queue_rows_of(connection: sqlite3.Connection, refs: Iterable[Ref]) -> tuple[QueuedPaper, ...]:
    """Those of these papers that are queued, in the order of the queue."""
    numbers = {ref.number for ref in refs if ref.kind is Kind.paper}
    found = [row for row in connection.execute(f"{_QUEUE} ORDER BY place").fetchall() if row[1] in numbers]
    return _queued(connection, found)


def queue_position(connection: sqlite3.Connection, ref: Ref) -> int | None:
    """How many papers stand before this one; None where it is not queued."""
    row = connection.execute(f"SELECT place FROM ({_QUEUE}) WHERE number = ?", (ref.number,)).fetchone()
    return None if row is None or ref.kind is not Kind.paper else row[0] - 1


def queue_in(connection: sqlite3.Connection) -> list[tuple[int, int, float | None]]:
    """(number, item, place as it is stored) of the whole queue, in its order."""
    return connection.execute(
        "SELECT number, item.id, queue_place FROM paper JOIN item ON item.id = paper.item_id "
        f"WHERE state = ? AND deleted_at IS NULL ORDER BY {_ORDER}",
        (PaperState.queued,),
    ).fetchall()


def notes_of(connection: sqlite3.Connection, ref: Ref) -> tuple[Ref, str] | None:
    """The entry with this person's notes on a paper, and its text; None where there is none yet."""
    row = connection.execute("SELECT id FROM item WHERE kind = ? AND number = ?", (ref.kind, ref.number)).fetchone()
    return _notes_by_paper(connection, [row[0]]).get(row[0]) if row else None


def _notes_by_paper(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, tuple[Ref, str]]:
    """The oldest notes on each of these papers."""
    notes: dict[int, tuple[Ref, str]] = {}
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        rows = connection.execute(
            f"""
            SELECT to_id, number, title, body FROM link JOIN item ON item.id = from_id
            JOIN entry ON entry.item_id = item.id
            WHERE to_id IN ({", ".join("?" * len(batch))}) AND relation = ? AND type = ? AND deleted_at IS NULL
            ORDER BY item.id
            """,
            (*batch, Relation.about, EntryType.note),
        ).fetchall()
        for paper, number, title, body in rows:
            if paper not in notes and are_notes(title, body):
                notes[paper] = (Ref(Kind.entry, number), body)
    return notes


def _queued(
    connection: sqlite3.Connection, found: Sequence[tuple[int, int, str | None, int]]
) -> tuple[QueuedPaper, ...]:
    ids = [identity for identity, *_ in found]
    notes = _notes_by_paper(connection, ids)
    queued = []
    for row, (identity, _, state_at, place) in zip(paper_rows(connection, ids), found, strict=True):
        told = {field.name: getattr(row, field.name) for field in fields(row)}
        entry, body = notes.get(identity, (None, ""))
        queued.append(
            QueuedPaper(
                **told, place=place, queued_at=from_stored_or_none(state_at), notes=entry, passes=passes_in(body)
            )
        )
    return tuple(queued)
