"""Full-text search over every kind of item, ranked, with snippets."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from journal.clock import from_stored
from journal.queries.conditions import OfKind, Term, clauses_of
from journal.queries.fulltext import parse_search
from journal.types import Kind, Ref, SearchHit, SearchResults

MOST_RANKED = 5_000
"""Above so many hits, ranking all of them takes too long: the newest are shown instead."""

SNIPPET_START, SNIPPET_END = "\x02", "\x03"
_WEIGHTS = "10.0, 6.0, 3.0, 1.0"  # title, people, extra, body


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
    """A page of what `text` finds, best first; newest first where there is no word to rank by.

    Whatever a person types is a valid search (see `fulltext`). `kinds` narrows down further.
    """
    query = parse_search(text, now=now, is_typing=is_typing)
    narrowed = (tuple(Term(OfKind(kind)) for kind in sorted(kinds)),) if kinds else ()
    conditions, values = clauses_of((*narrowed, *query.all_of))
    if query.match is None:
        return SearchResults(hits=_newest(connection, conditions, values, limit, offset))
    capped = _counts_more_than(connection, query.match, MOST_RANKED)
    order = "item_fts.rowid DESC" if capped else f"bm25(item_fts, {_WEIGHTS}), item_fts.rowid DESC"
    score = "NULL" if capped else f"-bm25(item_fts, {_WEIGHTS})"
    rows = connection.execute(
        f"""
        SELECT kind, number, item.title, created_at, {score},
            snippet(item_fts, -1, char(2), char(3), '…', 16)
        FROM item_fts JOIN item ON item.id = item_fts.rowid
        WHERE item_fts MATCH ? AND deleted_at IS NULL {conditions}
        ORDER BY {order} LIMIT ? OFFSET ?
        """,
        (query.match, *values, limit, offset),
    ).fetchall()
    return SearchResults(hits=tuple(_hit(row) for row in rows), capped=capped)


def _counts_more_than(connection: sqlite3.Connection, match: str, most: int) -> bool:
    (count,) = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM item_fts WHERE item_fts MATCH ? LIMIT ?)", (match, most + 1)
    ).fetchone()
    return bool(count > most)


def _newest(
    connection: sqlite3.Connection, conditions: str, values: tuple[object, ...], limit: int, offset: int
) -> tuple[SearchHit, ...]:
    rows = connection.execute(
        f"""
        SELECT kind, number, title, created_at, NULL, substr(body, 1, 160)
        FROM item WHERE deleted_at IS NULL {conditions} ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?
        """,
        (*values, limit, offset),
    ).fetchall()
    return tuple(_hit(row) for row in rows)


def _hit(row: tuple[str, int, str, str, float | None, str]) -> SearchHit:
    kind, number, title, created_at, score, snippet = row
    return SearchHit(
        ref=Ref(Kind(kind), number),
        kind=Kind(kind),
        title=title,
        snippet=snippet,
        score=score,
        created_at=from_stored(created_at),
    )
