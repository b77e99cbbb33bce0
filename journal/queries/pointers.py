"""Code pointers as they are kept: one, and pages of them. What became of the code is `journal.code_now`."""

from __future__ import annotations

import sqlite3

from journal.clock import from_stored
from journal.queries.items import item_id, links_of, tags_of
from journal.types import Kind, Pointer, Ref


def get_pointer(connection: sqlite3.Connection, ref: Ref) -> Pointer:
    """One pointer with its links. Raises NotFound."""
    identity = item_id(connection, ref)
    row = connection.execute(
        """
        SELECT title, body, created_at, updated_at, deleted_at, repository, root, commit_id, is_changed, path,
            first_line, last_line, text
        FROM item JOIN pointer ON item_id = item.id WHERE item.id = ?
        """,
        (identity,),
    ).fetchone()
    return Pointer(
        ref=ref,
        kind=Kind.pointer,
        title=row[0],
        note=row[1],
        created_at=from_stored(row[2]),
        updated_at=from_stored(row[3]),
        is_deleted=row[4] is not None,
        tags=tags_of(connection, identity),
        repository=row[5],
        root=row[6],
        commit_id=row[7],
        is_changed=bool(row[8]),
        path=row[9],
        first_line=row[10],
        last_line=row[11],
        text=row[12],
        links=links_of(connection, identity),
    )


def list_pointers(connection: sqlite3.Connection, *, limit: int = 50, offset: int = 0) -> tuple[Pointer, ...]:
    """A page of pointers, newest first."""
    rows = connection.execute(
        "SELECT number FROM item WHERE kind = 'pointer' AND deleted_at IS NULL "
        "ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?",
        (limit, offset),
    ).fetchall()
    return tuple(get_pointer(connection, Ref(Kind.pointer, number)) for (number,) in rows)


def count_pointers(connection: sqlite3.Connection) -> int:
    count: int = connection.execute(
        "SELECT count(*) FROM item WHERE kind = 'pointer' AND deleted_at IS NULL"
    ).fetchone()[0]
    return count
