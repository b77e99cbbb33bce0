"""Papers as they are cited: what a citation is made of, and which of them an export takes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from journal.citing.paper import CitedPaper
from journal.keywords import keywords_of, still_meant
from journal.queries.papers import in_states
from journal.types import Kind, PaperState, Ref

_BATCH = 400  # SQLite allows 999 parameters in older builds


@dataclass(frozen=True, slots=True, kw_only=True)
class Citable:
    """A paper with what its citation is made of. `paper.key` is empty until it has one.

    `is_placeholder` says that only its identifier is known, so that no key can be made of it yet.
    """

    item_id: int
    ref: Ref
    paper: CitedPaper
    is_placeholder: bool


def citable_papers(connection: sqlite3.Connection, ids: Sequence[int]) -> tuple[Citable, ...]:
    """These papers in the order of `ids`; deleted ones are left out."""
    found: dict[int, Citable] = {}
    for start in range(0, len(ids), _BATCH):
        batch = tuple(ids[start : start + _BATCH])
        marks = ", ".join("?" * len(batch))
        known_by: dict[int, dict[str, str]] = {}
        for identity, scheme, value in connection.execute(
            f"SELECT item_id, scheme, value FROM identifier WHERE item_id IN ({marks}) ORDER BY value DESC", batch
        ):
            known_by.setdefault(identity, {})[scheme] = value
        tags: dict[int, list[str]] = {}
        for identity, name in connection.execute(f"SELECT item_id, name FROM tag WHERE item_id IN ({marks})", batch):
            tags.setdefault(identity, []).append(name)
        for row in connection.execute(
            f"""
            SELECT item.id, number, title, body, authors, coalesce(published_at, announced_on), primary_category,
                key, csl
            FROM item JOIN paper ON paper.item_id = item.id LEFT JOIN citation ON citation.item_id = item.id
            WHERE deleted_at IS NULL AND item.id IN ({marks})
            """,
            batch,
        ):
            found[row[0]] = _citable(row, known_by.get(row[0], {}), tags.get(row[0], ()))
    return tuple(found[identity] for identity in ids if identity in found)


def _citable(row: tuple[object, ...], known_by: dict[str, str], tags: Iterable[str]) -> Citable:
    identity, number, title, body, authors, day, category, key, record = row
    csl = json.loads(str(record or "{}"))
    keywords = filter(None, keywords_of(str(csl.pop("keyword", ""))))
    paper = CitedPaper(
        key=str(key or ""),
        title=str(title),
        authors=tuple(json.loads(str(authors))),
        year=int(str(day)[:4]) if day else None,
        month=int(str(day)[5:7]) if day else None,
        arxiv_id=known_by.get("arxiv"),
        primary_category=str(category) if category else None,
        doi=known_by.get("doi"),
        url=known_by.get("url"),
        abstract=" ".join(str(body).split()),
        keywords=still_meant(keywords, tags),
        csl=csl,
    )
    is_placeholder = paper.title in {f"arXiv:{paper.arxiv_id}", paper.doi, paper.url}
    return Citable(
        item_id=int(str(identity)), ref=Ref(Kind.paper, int(str(number))), paper=paper, is_placeholder=is_placeholder
    )


def exported_ids(
    connection: sqlite3.Connection, *, states: Iterable[PaperState] = (), tags: Iterable[str] = ()
) -> list[int]:
    """The papers in one of `states` that have all `tags`, in the order of their numbers.

    Without either: what one wanted to read or cited, so the kept and queued ones, and those that have a key.
    """
    wanted, values = tuple(states), tuple(tags)
    where, parameters = in_states(wanted)
    if not wanted and not values:
        where = "AND (state IN ('kept', 'queued') OR EXISTS (SELECT 1 FROM citation WHERE item_id = item.id))"
    where += " AND EXISTS (SELECT 1 FROM tag WHERE item_id = item.id AND name = ?)" * len(values)
    rows = connection.execute(
        f"SELECT item.id FROM paper JOIN item ON item.id = paper.item_id WHERE deleted_at IS NULL {where} "
        "ORDER BY number",
        (*parameters, *values),
    ).fetchall()
    return [identity for (identity,) in rows]
