"""What a list needs beyond its pages: rows of named items, and where an item stands.

The orders are those of `list_papers` and `list_entries`; runs have `run_lists`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from journal.queries.entries import ENTRY_COLUMNS, entry_row
from journal.queries.papers import in_states, paper_rows
from journal.types import EntryRow, Kind, PaperRow, PaperState, Ref

_BATCH = 400  # SQLite allows 999 parameters in older builds


def paper_rows_of(connection: sqlite3.Connection, refs: Iterable[Ref]) -> tuple[PaperRow, ...]:
    """The rows of these papers, in their order; what is no paper is left out."""
    numbers = [ref.number for ref in refs if ref.kind is Kind.paper]
    ids: dict[int, int] = {}
    for batch, marks in _batches(numbers):
        ids.update(
            connection.execute(
                f"SELECT number, id FROM item WHERE kind = 'paper' AND number IN ({marks})",
                batch,
            ).fetchall()
        )
    return paper_rows(connection, [ids[number] for number in numbers if number in ids])


def entry_rows_of(connection: sqlite3.Connection, refs: Iterable[Ref]) -> tuple[EntryRow, ...]:
    """The rows of these entries, newest first."""
    rows = [
        entry_row(row)
        for batch, marks in _batches([ref.number for ref in refs if ref.kind is Kind.entry])
        for row in connection.execute(
            f"""
            SELECT {ENTRY_COLUMNS} FROM item JOIN entry ON item_id = item.id
            WHERE kind = 'entry' AND number IN ({marks}) AND deleted_at IS NULL
            """,
            batch,
        ).fetchall()
    ]
    rows.sort(key=lambda row: (row.created_at, row.ref.number), reverse=True)
    return tuple(rows)


def paper_position(connection: sqlite3.Connection, ref: Ref, *, states: Iterable[PaperState] = ()) -> int | None:
    """How many papers `list_papers` puts before this one; None where it is not in that list."""
    condition, names = in_states(states)
    row = connection.execute(
        "SELECT id FROM paper JOIN item ON item.id = item_id "
        f"WHERE kind = ? AND number = ? AND deleted_at IS NULL {condition}",
        (ref.kind, ref.number, *names),
    ).fetchone()
    if row is None:
        return None
    return _count(
        connection,
        f"SELECT count(*) FROM paper JOIN item ON item.id = item_id WHERE deleted_at IS NULL {condition} AND id > ?",
        (*names, row[0]),
    )


def entry_position(connection: sqlite3.Connection, ref: Ref) -> int | None:
    """How many entries `list_entries` puts before this one; None where it is not in that list."""
    shown = "FROM item WHERE kind = 'entry' AND deleted_at IS NULL"
    row = connection.execute(
        f"SELECT created_at, id {shown} AND kind = ? AND number = ?",
        (ref.kind, ref.number),
    ).fetchone()
    return row and _count(connection, f"SELECT count(*) {shown} AND (created_at, id) > (?, ?)", row)


def _batches(numbers: Sequence[int]) -> Iterator[tuple[tuple[int, ...], str]]:
    for start in range(0, len(numbers), _BATCH):
        batch = tuple(numbers[start : start + _BATCH])
        yield batch, ", ".join("?" * len(batch))


def _count(connection: sqlite3.Connection, query: str, values: Sequence[object]) -> int:
    count: int = connection.execute(query, tuple(values)).fetchone()[0]
    return count
