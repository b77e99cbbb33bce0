"""What every kind of item shares: resolving what a person typed, tags, links, counts."""

from __future__ import annotations

import sqlite3

from journal.clock import from_stored
from journal.errors import BadRef, NotFound
from journal.ids import ArxivId
from journal.queries.citation_keys import ref_of_key
from journal.refs import Identifier, Last, Mention, Remembered, RowNumber, RunIdPrefix, parse_mention
from journal.types import Counts, Item, Kind, LinkedItem, Ref, Revision


def resolve(connection: sqlite3.Connection, text: str, remembered: Remembered = Remembered()) -> Ref:
    """The item that `text` names. Raises BadRef where it names nothing, NotFound where no such item is."""
    mention = _mention(connection, text)
    if isinstance(mention, RowNumber):
        if mention.row > len(remembered.rows):
            raise BadRef(f"The last list has no row {mention.row}.", hint="@N counts the rows of the list shown last.")
        return remembered.rows[mention.row - 1]
    if isinstance(mention, Last):
        if remembered.last is None:
            raise BadRef("Nothing was shown or made yet.", hint="Name the item, such as p12 or e3.")
        return remembered.last
    found = _find(connection, mention)
    if found is None:
        raise NotFound(f"There is no {text.strip()} in the journal.", hint="'journal search' finds by words.")
    return found


def find(connection: sqlite3.Connection, text: str) -> Ref | None:
    """As `resolve`, without the last list; None where no such item is. Raises BadRef."""
    mention = _mention(connection, text)
    return None if isinstance(mention, RowNumber | Last) else _find(connection, mention)


def _mention(connection: sqlite3.Connection, text: str) -> Mention:
    """What `text` names; a paper's citation key where it can be nothing else. Raises BadRef."""
    try:
        return parse_mention(text)
    except BadRef:
        if (cited := ref_of_key(connection, text)) is None:
            raise
        return cited


def _find(connection: sqlite3.Connection, mention: Mention) -> Ref | None:
    if isinstance(mention, Ref):
        row = connection.execute(
            "SELECT kind, number FROM item WHERE kind = ? AND number = ?", (mention.kind, mention.number)
        ).fetchone()
    elif isinstance(mention, ArxivId):
        row = _by_identifier(connection, "arxiv", mention.id)
    elif isinstance(mention, Identifier):
        row = _by_identifier(connection, mention.scheme, mention.value)
    elif isinstance(mention, RunIdPrefix):
        return _by_run_id(connection, mention.prefix) or ref_of_key(connection, mention.prefix)
    else:
        row = None
    return Ref(Kind(row[0]), row[1]) if row else None


def _by_identifier(connection: sqlite3.Connection, scheme: str, value: str) -> tuple[str, int] | None:
    row: tuple[str, int] | None = connection.execute(
        "SELECT kind, number FROM identifier JOIN item ON item.id = item_id WHERE scheme = ? AND value = ?",
        (scheme, value),
    ).fetchone()
    return row


def _by_run_id(connection: sqlite3.Connection, prefix: str) -> Ref | None:
    rows = connection.execute(
        "SELECT number FROM run JOIN item ON item.id = item_id WHERE run_id >= ? AND run_id < ? LIMIT 3",
        (prefix, prefix + "g"),
    ).fetchall()
    if len(rows) > 1:
        raise BadRef(f"More than one run id starts with {prefix}.", hint="Write more of it.")
    return Ref(Kind.run, rows[0][0]) if rows else None


def item_id(connection: sqlite3.Connection, ref: Ref) -> int:
    """The row of `ref`, deleted or not. Raises NotFound."""
    row = connection.execute("SELECT id FROM item WHERE kind = ? AND number = ?", (ref.kind, ref.number)).fetchone()
    if row is None:
        raise NotFound(f"There is no {ref} in the journal.", hint="'journal search' finds by words.")
    found: int = row[0]
    return found


def uid_of(connection: sqlite3.Connection, ref: Ref) -> str:
    """What names `ref` in every journal. Raises NotFound."""
    row = connection.execute("SELECT uid FROM item WHERE id = ?", (item_id(connection, ref),)).fetchone()
    return str(row[0])


def get_item(connection: sqlite3.Connection, ref: Ref) -> Item:
    """What every item has. Raises NotFound."""
    identity = item_id(connection, ref)
    title, created_at, updated_at, deleted_at = connection.execute(
        "SELECT title, created_at, updated_at, deleted_at FROM item WHERE id = ?", (identity,)
    ).fetchone()
    return Item(
        ref=ref,
        kind=ref.kind,
        title=title,
        created_at=from_stored(created_at),
        updated_at=from_stored(updated_at),
        tags=tags_of(connection, identity),
        is_deleted=deleted_at is not None,
    )


def tags_of(connection: sqlite3.Connection, identity: int) -> tuple[str, ...]:
    rows = connection.execute("SELECT name FROM tag WHERE item_id = ? ORDER BY name", (identity,))
    return tuple(name for (name,) in rows.fetchall())


def links_of(connection: sqlite3.Connection, identity: int) -> tuple[LinkedItem, ...]:
    """Both ends' links of an item, oldest first, without deleted items."""
    rows = connection.execute(
        """
        SELECT link.id, relation, 'out', kind, number, title FROM link JOIN item ON item.id = to_id
        WHERE from_id = :id AND deleted_at IS NULL
        UNION ALL
        SELECT link.id, relation, 'in', kind, number, title FROM link JOIN item ON item.id = from_id
        WHERE to_id = :id AND deleted_at IS NULL
        ORDER BY 1
        """,
        {"id": identity},
    ).fetchall()
    return tuple(
        LinkedItem(relation=relation, direction=direction, ref=Ref(Kind(kind), number), kind=Kind(kind), title=title)
        for _, relation, direction, kind, number, title in rows
    )


def revisions_of(connection: sqlite3.Connection, identity: int) -> tuple[Revision, ...]:
    """The texts of an item that were replaced, newest first."""
    rows = connection.execute(
        "SELECT field, replaced_at, text FROM revision WHERE item_id = ? ORDER BY id DESC", (identity,)
    ).fetchall()
    return tuple(Revision(field=row[0], replaced_at=from_stored(row[1]), text=row[2]) for row in rows)


def count_all(connection: sqlite3.Connection) -> Counts:
    """How many of each thing there are, deleted ones left out."""
    by_kind = dict(
        connection.execute("SELECT kind, count(*) FROM item WHERE deleted_at IS NULL GROUP BY kind").fetchall()
    )
    feeds = connection.execute("SELECT count(*) FROM feed WHERE removed_at IS NULL").fetchone()[0]
    new_papers = connection.execute(
        "SELECT count(*) FROM paper JOIN item ON item.id = item_id WHERE state = 'new' AND deleted_at IS NULL"
    ).fetchone()[0]
    return Counts(
        papers=by_kind.get("paper", 0),
        runs=by_kind.get("run", 0),
        entries=by_kind.get("entry", 0),
        feeds=feeds,
        new_papers=new_papers,
    )
