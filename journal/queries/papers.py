"""Papers: one, a page of a list, and what is known of those that just arrived."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date

from journal.clock import from_stored, from_stored_or_none
from journal.queries.items import item_id, links_of, tags_of
from journal.tracking_uris import without_password
from journal.types import Kind, LinkKind, Paper, PaperDraft, PaperLink, PaperRow, PaperState, Ref, StoredPaper

_BATCH = 400  # SQLite allows 999 parameters in older builds


def list_papers(
    connection: sqlite3.Connection,
    *,
    states: Iterable[PaperState] = (),
    limit: int = 50,
    offset: int = 0,
) -> tuple[PaperRow, ...]:
    """A page of papers, those that arrived last first."""
    where, values = in_states(states)
    ids = connection.execute(
        f"SELECT id FROM paper JOIN item ON item.id = item_id WHERE deleted_at IS NULL {where} "
        "ORDER BY id DESC LIMIT ? OFFSET ?",
        (*values, limit, offset),
    ).fetchall()
    return paper_rows(connection, [identity for (identity,) in ids])


def count_papers(connection: sqlite3.Connection, *, states: Iterable[PaperState] = ()) -> int:
    where, values = in_states(states)
    count: int = connection.execute(
        f"SELECT count(*) FROM paper JOIN item ON item.id = item_id WHERE deleted_at IS NULL {where}",
        values,
    ).fetchone()[0]
    return count


def in_states(states: Iterable[PaperState]) -> tuple[str, tuple[str, ...]]:
    """The condition that a paper is in one of `states`, with its values; none of them: in any."""
    values = tuple(str(state) for state in states)
    return (f"AND state IN ({', '.join('?' * len(values))})", values) if values else ("", ())


def paper_rows(connection: sqlite3.Connection, ids: Sequence[int]) -> tuple[PaperRow, ...]:
    """The rows of these items, in the order of `ids`; others than papers are left out."""
    rows: dict[int, PaperRow] = {}
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        for row in connection.execute(
            f"""
            SELECT item.id, number, title, version, authors, categories, published_at, announced_on, state,
                (SELECT value FROM identifier WHERE item_id = item.id AND scheme = 'arxiv' LIMIT 1),
                (SELECT group_concat(DISTINCT announce_type) FROM paper_feed WHERE item_id = item.id)
            FROM paper JOIN item ON item.id = item_id WHERE item.id IN ({", ".join("?" * len(batch))})
            """,
            tuple(batch),
        ).fetchall():
            rows[row[0]] = PaperRow(
                ref=Ref(Kind.paper, row[1]),
                title=row[2],
                version=row[3],
                authors=tuple(json.loads(row[4])),
                categories=tuple(row[5].split()),
                published_at=from_stored_or_none(row[6]),
                announced_on=date.fromisoformat(row[7]) if row[7] else None,
                state=PaperState(row[8]),
                arxiv_id=row[9],
                badges=_badges(row[3], row[10]),
            )
    return tuple(rows[identity] for identity in ids if identity in rows)


def _badges(version: int | None, announce_types: str | None) -> tuple[str, ...]:
    """`v2` for a revised paper, `cross` where every feed that brought it lists it as a cross-list."""
    badges = [f"v{version}"] if version and version > 1 else []
    if announce_types and set(announce_types.split(",")) <= {"cross", "replace-cross"}:
        badges.append("cross")
    return tuple(badges)


def get_paper(connection: sqlite3.Connection, ref: Ref) -> Paper:
    """Everything known of one paper. Raises NotFound."""
    identity = item_id(connection, ref)
    row = connection.execute(
        """
        SELECT title, body, created_at, updated_at, deleted_at, version, authors, categories, published_at,
            announced_on, state, comment, journal_ref, code_url,
            (SELECT key FROM citation WHERE citation.item_id = item.id), page_read_at
        FROM item JOIN paper ON item_id = item.id WHERE item.id = ?
        """,
        (identity,),
    ).fetchone()
    identifiers = connection.execute(
        "SELECT scheme, value FROM identifier WHERE item_id = ? ORDER BY scheme, value DESC", (identity,)
    ).fetchall()
    known_by = dict(identifiers)
    feeds = connection.execute(
        "SELECT title, url FROM paper_feed JOIN feed ON feed.id = feed_id WHERE item_id = ?",
        (identity,),
    ).fetchall()
    return Paper(
        ref=ref,
        kind=Kind.paper,
        title=row[0],
        abstract=row[1],
        created_at=from_stored(row[2]),
        updated_at=from_stored(row[3]),
        is_deleted=row[4] is not None,
        tags=tags_of(connection, identity),
        version=row[5],
        authors=tuple(json.loads(row[6])),
        categories=tuple(row[7].split()),
        published_at=from_stored_or_none(row[8]),
        announced_on=date.fromisoformat(row[9]) if row[9] else None,
        state=PaperState(row[10]),
        comment=row[11],
        journal_ref=row[12],
        code_url=row[13],
        arxiv_id=known_by.get("arxiv"),
        doi=known_by.get("doi"),
        url=known_by.get("url"),
        key=row[14],
        feeds=tuple(title or without_password(url) for title, url in feeds),
        links=links_of(connection, identity),
        page_links=_page_links(connection, identity),
        page_read_at=from_stored_or_none(row[15]),
    )


def _page_links(connection: sqlite3.Connection, identity: int) -> tuple[PaperLink, ...]:
    rows = connection.execute("SELECT url, kind FROM paper_link WHERE item_id = ? ORDER BY place", (identity,))
    return tuple(PaperLink(url, LinkKind(kind)) for url, kind in rows.fetchall())


def stored_papers(connection: sqlite3.Connection, identifiers: Sequence[tuple[str, str]]) -> tuple[StoredPaper, ...]:
    """The kept papers, deleted ones too, that go by any of these (scheme, value) pairs."""
    found: set[int] = set()
    for scheme in ("arxiv", "doi", "url", "work"):
        values = [value for known, value in identifiers if known == scheme]
        for start in range(0, len(values), _BATCH):
            batch = values[start : start + _BATCH]
            marks = ", ".join("?" * len(batch))
            found.update(
                identity
                for (identity,) in connection.execute(
                    f"SELECT item_id FROM identifier WHERE scheme = ? AND value IN ({marks})",
                    (scheme, *batch),
                )
            )
    ids = sorted(found)
    return tuple(
        paper
        for start in range(0, len(ids), _BATCH)
        for paper in _stored_batch(connection, ids[start : start + _BATCH])
    )


def _stored_batch(connection: sqlite3.Connection, ids: Sequence[int]) -> list[StoredPaper]:
    marks = ", ".join("?" * len(ids))
    known_by: dict[int, list[tuple[str, str]]] = {identity: [] for identity in ids}
    for identity, scheme, value in connection.execute(
        f"SELECT item_id, scheme, value FROM identifier WHERE item_id IN ({marks})",
        tuple(ids),
    ):
        known_by[identity].append((scheme, value))
    rows = connection.execute(
        f"""
        SELECT item_id, title, body, authors, version, categories, published_at, announced_on, comment,
            journal_ref, code_url, state, deleted_at,
            (SELECT group_concat(field, ' ') FROM own_text WHERE own_text.item_id = item.id)
        FROM paper JOIN item ON item.id = item_id WHERE item_id IN ({marks}) ORDER BY item_id
        """,
        tuple(ids),
    ).fetchall()
    return [_stored(row, known_by[row[0]]) for row in rows]


def _stored(row: tuple[object, ...], known_by: list[tuple[str, str]]) -> StoredPaper:
    (
        identity,
        title,
        body,
        authors,
        version,
        categories,
        published,
        announced,
        comment,
        journal_ref,
        code_url,
    ) = row[:11]
    by_scheme = dict(sorted(known_by, reverse=True))
    return StoredPaper(
        item_id=int(str(identity)),
        draft=PaperDraft(
            title=str(title),
            abstract=str(body),
            authors=tuple(json.loads(str(authors))),
            arxiv_id=by_scheme.get("arxiv"),
            doi=by_scheme.get("doi"),
            url=by_scheme.get("url"),
            version=version if isinstance(version, int) else None,
            categories=tuple(str(categories).split()),
            published_at=from_stored(published) if isinstance(published, str) else None,
            announced_on=date.fromisoformat(announced) if isinstance(announced, str) else None,
            comment=str(comment),
            journal_ref=str(journal_ref),
            code_url=code_url if isinstance(code_url, str) else None,
            work=by_scheme.get("work"),
        ),
        state=PaperState(str(row[11])),
        is_deleted=row[12] is not None,
        identifiers=frozenset(known_by),
        own_texts=frozenset({"body": "abstract"}.get(field, field) for field in str(row[13] or "").split()),
    )
