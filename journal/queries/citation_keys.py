"""Citation keys that were given: which there are, and which paper one leads to."""

from __future__ import annotations

import sqlite3
import unicodedata

from journal import citation_keys
from journal.types import Kind, Ref

_MOST_MERGES = 20  # of which one paper is the result, one after the other


def taken_keys(connection: sqlite3.Connection) -> set[str]:
    """What no other key may be the same as: of deleted papers too, since texts may cite them."""
    return {citation_keys.same(key) for (key,) in connection.execute("SELECT key FROM citation")}


def key_of(connection: sqlite3.Connection, item_id: int) -> str | None:
    row = connection.execute("SELECT key FROM citation WHERE item_id = ?", (item_id,)).fetchone()
    return str(row[0]) if row else None


def ref_of_key(connection: sqlite3.Connection, text: str) -> Ref | None:
    """The paper that is cited by this key; of one that became part of another, that other."""
    key = unicodedata.normalize("NFC", text.strip())
    if not citation_keys.is_valid(key):
        return None
    row = connection.execute("SELECT item_id FROM citation WHERE key = ? COLLATE NOCASE", (key,)).fetchone()
    return ref_now(connection, row[0]) if row else None


def ref_now(connection: sqlite3.Connection, item_id: int) -> Ref:
    """What the item is called now: where it was deleted since it is the same as another, that other."""
    kind, number = connection.execute(
        """
        WITH RECURSIVE same (id, step) AS (
            SELECT ?, 0
            UNION ALL
            SELECT to_id, step + 1 FROM same JOIN item ON item.id = same.id JOIN link ON from_id = same.id
            WHERE relation = 'same as' AND deleted_at IS NOT NULL AND step < ?
        )
        SELECT kind, number FROM same JOIN item ON item.id = same.id
        ORDER BY deleted_at IS NOT NULL, step LIMIT 1
        """,
        (item_id, _MOST_MERGES),
    ).fetchone()
    return Ref(Kind(kind), number)
