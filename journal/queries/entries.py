"""Diary entries: one, and pages of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from journal.clock import from_stored, from_stored_or_none
from journal.queries.items import item_id, links_of, tags_of
from journal.types import Entry, EntryRow, EntryType, Kind, Ref, Verdict

# Tried, and nothing came of it yet; or a question without an answer, which an outcome is, too.
IS_OPEN = """
    verdict IS NULL AND trim(outcome) = '' AND (type = 'tried' OR type = 'question' AND NOT EXISTS (
        SELECT 1 FROM link JOIN item AS answer ON answer.id = from_id JOIN entry AS said ON said.item_id = answer.id
        WHERE to_id = item.id AND answer.deleted_at IS NULL AND said.answered_by <> ''
    ))
"""
ENTRY_COLUMNS = f"number, title, type, verdict, outcome, created_at, attribute, {IS_OPEN}"


def list_entries(
    connection: sqlite3.Connection,
    *,
    types: Iterable[EntryType] = (),
    attribute: str = "",
    only_open: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> tuple[EntryRow, ...]:
    """A page of entries, newest first; or of those that are open, oldest first."""
    where, values = _of_types(types)
    if attribute:
        where, values = f"{where} AND attribute = ?", (*values, attribute)
    order = "ASC" if only_open else "DESC"
    if only_open:
        where = f"{where} AND {IS_OPEN}"
    rows = connection.execute(
        f"""
        SELECT {ENTRY_COLUMNS} FROM item JOIN entry ON item_id = item.id
        WHERE kind = 'entry' AND deleted_at IS NULL {where} ORDER BY created_at {order}, id {order} LIMIT ? OFFSET ?
        """,
        (*values, limit, offset),
    ).fetchall()
    return tuple(entry_row(row) for row in rows)


def entry_row(row: tuple[int, str, str, str | None, str, str, str, int]) -> EntryRow:
    """A row of the columns ENTRY_COLUMNS."""
    number, title, entry_type, verdict, outcome, created_at, attribute, is_open = row
    return EntryRow(
        ref=Ref(Kind.entry, number),
        title=title,
        type=EntryType(entry_type),
        verdict=Verdict(verdict) if verdict else None,
        outcome=outcome,
        created_at=from_stored(created_at),
        attribute=attribute,
        is_open=bool(is_open),
    )


def count_entries(connection: sqlite3.Connection, *, types: Iterable[EntryType] = ()) -> int:
    where, values = _of_types(types)
    count: int = connection.execute(
        "SELECT count(*) FROM item JOIN entry ON item_id = item.id "
        f"WHERE kind = 'entry' AND deleted_at IS NULL {where}",
        values,
    ).fetchone()[0]
    return count


def _of_types(types: Iterable[EntryType]) -> tuple[str, tuple[str, ...]]:
    values = tuple(str(entry_type) for entry_type in types)
    return (f"AND type IN ({', '.join('?' * len(values))})", values) if values else ("", ())


def get_entry(connection: sqlite3.Connection, ref: Ref) -> Entry:
    """One entry with its links. Raises NotFound."""
    identity = item_id(connection, ref)
    row = connection.execute(
        """
        SELECT title, body, created_at, updated_at, deleted_at, type, why, expect, outcome, verdict, outcome_at,
            attribute, answered_by
        FROM item JOIN entry ON item_id = item.id WHERE item.id = ?
        """,
        (identity,),
    ).fetchone()
    return Entry(
        ref=ref,
        kind=Kind.entry,
        title=row[0],
        body=row[1],
        created_at=from_stored(row[2]),
        updated_at=from_stored(row[3]),
        is_deleted=row[4] is not None,
        tags=tags_of(connection, identity),
        type=EntryType(row[5]),
        why=row[6],
        expect=row[7],
        outcome=row[8],
        verdict=Verdict(row[9]) if row[9] else None,
        outcome_at=from_stored_or_none(row[10]),
        attribute=row[11],
        answered_by=row[12],
        links=links_of(connection, identity),
    )
