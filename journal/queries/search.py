"""Full-text search over every kind of item, ranked, with snippets."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime

from journal.clock import from_stored
from journal.errors import BadRef
from journal.queries.conditions import Clause, OfKind, Term, clauses_of
from journal.queries.fulltext import parse_search
from journal.queries.items import find
from journal.types import Kind, Ref, SearchHit, SearchResults

MOST_RANKED = 5_000
"""Above so many hits that the fields leave, ranking all takes too long: the newest are shown instead."""

SNIPPET_START, SNIPPET_END = "\x02", "\x03"
_WEIGHTS = "10.0, 6.0, 3.0, 1.0"  # title, people, extra, body
# The plus keeps SQLite from running the match anew for each of the rows, which pays for a few alone.
_AMONG = "+rowid IN (SELECT value FROM json_each(?))"
_MOST_LOOKED_UP = 100


def search(
    connection: sqlite3.Connection,
    text: str,
    *,
    kinds: frozenset[Kind] = frozenset(),
    limit: int = 20,
    offset: int = 0,
    now: datetime | None = None,
    is_typing: bool = False,
) -> SearchResults:
    """A page of what `text` finds, best first; newest first what has no word to rank by.

    Whatever a person types is a valid search (see `fulltext`), and the name of an item (a ref, an arXiv id, a
    DOI, the start of a run id) finds that one first. `kinds` narrows down further.
    """
    query = parse_search(text, now=now, is_typing=is_typing)
    narrowed = (tuple(Term(OfKind(kind)) for kind in sorted(kinds)),) if kinds else ()
    conditions = clauses_of((*narrowed, *query.all_of))
    most = offset + limit if query.ranked_by is None else max(offset + limit, MOST_RANKED + 1)
    ids = (
        _newest(connection, conditions, most)
        if query.match is None
        else _matching(connection, query.match, conditions, most)
    )
    capped = query.ranked_by is not None and len(ids) > MOST_RANKED
    scores = {} if query.ranked_by is None or capped else _scores(connection, query.ranked_by, ids)
    ids.sort(key=lambda identity: scores.get(identity, 0.0), reverse=True)  # else they stay newest first
    if named := _named(connection, text, kinds):
        ids = [named, *(identity for identity in ids if identity != named)]
    page = ids[offset : offset + limit]
    return SearchResults(hits=_hits(connection, query.ranked_by, page, scores), capped=capped, unclear=query.unclear)


def _named(connection: sqlite3.Connection, text: str, kinds: frozenset[Kind]) -> int | None:
    """The item that goes by this very name."""
    try:
        ref = find(connection, text)
    except BadRef:
        return None
    if ref is None or (kinds and ref.kind not in kinds):
        return None
    row = connection.execute(
        "SELECT id FROM item WHERE kind = ? AND number = ? AND deleted_at IS NULL", (ref.kind, ref.number)
    ).fetchone()
    return None if row is None else int(row[0])


def _matching(connection: sqlite3.Connection, match: str, conditions: Clause, most: int) -> list[int]:
    """The newest items that match and that the conditions leave, the newest first."""
    clause, values = conditions
    if clause and _counts_more_than(connection, match, MOST_RANKED):
        # A frequent word is looked for among the few that the conditions leave, where they leave few.
        few = _ids(
            connection, f"SELECT id FROM item WHERE deleted_at IS NULL {clause} LIMIT ?", *values, MOST_RANKED + 1
        )
        if len(few) <= MOST_RANKED:
            return _ids(
                connection,
                f"SELECT rowid FROM item_fts WHERE item_fts MATCH ? AND {_AMONG} ORDER BY rowid DESC",
                match, json.dumps(few),
            )  # fmt: skip
    return _ids(
        connection,
        f"""
        SELECT item.id FROM item_fts CROSS JOIN item ON item.id = item_fts.rowid
        WHERE item_fts MATCH ? AND deleted_at IS NULL {clause} ORDER BY item_fts.rowid DESC LIMIT ?
        """,
        match, *values, most,
    )  # fmt: skip


def _counts_more_than(connection: sqlite3.Connection, match: str, most: int) -> bool:
    (count,) = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM item_fts WHERE item_fts MATCH ? LIMIT ?)", (match, most + 1)
    ).fetchone()
    return bool(count > most)


def _newest(connection: sqlite3.Connection, conditions: Clause, most: int) -> list[int]:
    clause, values = conditions
    return _ids(
        connection,
        f"SELECT id FROM item WHERE deleted_at IS NULL {clause} ORDER BY created_at DESC, id DESC LIMIT ?",
        *values, most,
    )  # fmt: skip


def _ids(connection: sqlite3.Connection, query: str, *values: object) -> list[int]:
    return [identity for (identity,) in connection.execute(query, values).fetchall()]


def _scores(connection: sqlite3.Connection, match: str, ids: list[int]) -> dict[int, float]:
    """How well each of these items matches; those that do not are left out."""
    rows = connection.execute(
        f"SELECT rowid, -bm25(item_fts, {_WEIGHTS}) FROM item_fts WHERE item_fts MATCH ? AND {_AMONG}",
        (match, json.dumps(ids)),
    )
    return dict(rows.fetchall())


def _hits(
    connection: sqlite3.Connection, match: str | None, ids: list[int], scores: Mapping[int, float]
) -> tuple[SearchHit, ...]:
    """What is shown of these items, in their order."""
    listed = json.dumps(ids)
    snippets: dict[int, str] = {}
    if match is not None:
        among = _AMONG if len(ids) > _MOST_LOOKED_UP else _AMONG.removeprefix("+")
        snippets = dict(
            connection.execute(
                "SELECT rowid, snippet(item_fts, -1, char(2), char(3), '…', 16) FROM item_fts "
                f"WHERE item_fts MATCH ? AND {among}",
                (match, listed),
            ).fetchall()
        )
    rows = connection.execute(
        "SELECT id, kind, number, title, created_at, substr(body, 1, 160) FROM item "
        "WHERE id IN (SELECT value FROM json_each(?))",
        (listed,),
    ).fetchall()
    hits = {
        identity: SearchHit(
            ref=Ref(Kind(kind), number),
            kind=Kind(kind),
            title=title,
            snippet=snippets.get(identity, start),
            score=scores.get(identity),
            created_at=from_stored(created_at),
        )
        for identity, kind, number, title, created_at, start in rows
    }
    return tuple(hits[identity] for identity in ids if identity in hits)
