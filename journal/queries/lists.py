"""What a list needs beyond its pages: rows of named items, and where an item stands.

The orders are those of `list_papers`, `list_runs` and `list_entries`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from journal.queries.entries import ENTRY_COLUMNS, entry_row
from journal.queries.papers import in_states, paper_rows
from journal.queries.runs import RUN_ROWS, run_row
from journal.types import EntryRow, Kind, PaperRow, PaperState, Ref, RunRow

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


def run_rows_of(connection: sqlite3.Connection, refs: Iterable[Ref]) -> tuple[RunRow, ...]:
    """The rows of these runs that the list shows, in the list's order."""
    rows = [
        run_row(row)
        for batch, marks in _batches([ref.number for ref in refs if ref.kind is Kind.run])
        for row in connection.execute(
            f"{RUN_ROWS} WHERE kind = 'run' AND number IN ({marks}) AND deleted_at IS NULL",
            batch,
        ).fetchall()
    ]
    rows.sort(key=lambda row: (row.started_at is not None, row.started_at, row.ref.number), reverse=True)
    return tuple(rows)


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


def run_position(connection: sqlite3.Connection, ref: Ref) -> int | None:
    """How many runs `list_runs` puts before this one; None where it is not in that list."""
    shown = "FROM run JOIN item ON item.id = item_id WHERE deleted_at IS NULL"
    row = connection.execute(
        f"SELECT coalesce(started_at, ''), id {shown} AND kind = ? AND number = ?",
        (ref.kind, ref.number),
    ).fetchone()
    if row is None:
        return None
    return _count(connection, f"SELECT count(*) {shown} AND (coalesce(started_at, ''), id) > (?, ?)", row)


def entry_position(connection: sqlite3.Connection, ref: Ref) -> int | None:
    """How many entries `list_entries` puts before this one; None where it is not in that list."""
    shown = "FROM item WHERE kind = 'entry' AND deleted_at IS NULL"
    row = connection.execute(
        f"SELECT created_at, id {shown} AND kind = ? AND number = ?",
        (ref.kind, ref.number),
    ).fetchone()
    return row and _count(connection, f"SELECT count(*) {shown} AND (created_at, id) > (?, ?)", row)


def last_metrics(
    connection: sqlite3.Connection, refs: Iterable[Ref], keys: Sequence[str]
) -> dict[Ref, tuple[str, float | None]]:
    """For each of these runs, the first of `keys` that it logged and its last value (None was NaN)."""
    rank = {key: position for position, key in enumerate(keys)}
    found: dict[Ref, tuple[str, float | None]] = {}
    key_marks = ", ".join("?" * len(keys))
    for batch, marks in _batches([ref.number for ref in refs if ref.kind is Kind.run]):
        rows = connection.execute(
            f"""
            SELECT number, key, value FROM run_metric JOIN item ON item.id = item_id
            WHERE kind = 'run' AND number IN ({marks}) AND key IN ({key_marks})
            """,
            (*batch, *keys),
        ).fetchall()
        for number, key, value in sorted(rows, key=lambda row: -rank[row[1]]):
            found[Ref(Kind.run, number)] = (key, value)
    return found


def _batches(numbers: Sequence[int]) -> Iterator[tuple[tuple[int, ...], str]]:
    for start in range(0, len(numbers), _BATCH):
        batch = tuple(numbers[start : start + _BATCH])
        yield batch, ", ".join("?" * len(batch))


def _count(connection: sqlite3.Connection, query: str, values: Sequence[object]) -> int:
    count: int = connection.execute(query, tuple(values)).fetchone()[0]
    return count
