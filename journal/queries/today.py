"""The new papers, in the order in which they are worth a look or in that of their arrival."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, fields

from journal.paper_addresses import paper_addresses
from journal.queries.papers import paper_rows
from journal.tracking_uris import without_password
from journal.types import DayOrder, Kind, PaperState, Ref, TodayPaper

_NEW = f"""
    FROM paper JOIN item ON item.id = paper.item_id LEFT JOIN ranking ON ranking.item_id = paper.item_id
    WHERE state = '{PaperState.new}' AND deleted_at IS NULL
"""
# The day of the list and then what arrived last first: papers of earlier days that were caught up with later are no
# news. These two are as `paper_by_state` holds them, so that nothing is sorted. What is not ranked yet comes last.
_ARRIVAL = ("announced_on", "paper.item_id")
_KEYS = {DayOrder.rank: ("place IS NOT NULL", "-place", *_ARRIVAL), DayOrder.announced: _ARRIVAL}  # each falling


def list_today(
    connection: sqlite3.Connection, *, order: DayOrder = DayOrder.rank, limit: int = 50, offset: int = 0
) -> tuple[TodayPaper, ...]:
    """A page of the new papers."""
    ranked = connection.execute(
        f"SELECT item.id, score, because, is_chance {_NEW} ORDER BY {_sorted_by(order)} LIMIT ? OFFSET ?",
        (limit, offset),
    ).fetchall()
    ids = [identity for identity, *_ in ranked]
    rows, origins = paper_rows(connection, ids), _origins(connection, ids)
    return tuple(
        TodayPaper(
            **{field.name: getattr(row, field.name) for field in fields(row)},
            url=paper_addresses(
                arxiv_id=row.arxiv_id, version=row.version, doi=origins[identity].doi, url=origins[identity].url
            ).first,
            feeds=origins[identity].feeds,
            score=score,
            because=_reasons(because or "[]"),
            is_chance=bool(is_chance),
        )
        for row, (identity, score, because, is_chance) in zip(rows, ranked, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Origin:
    """What a paper is known by besides its arXiv id, and which feeds brought it, the older first."""

    doi: str | None
    url: str | None
    feeds: tuple[str, ...]


def _origins(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, _Origin]:
    rows = connection.execute(
        """
        SELECT wanted.value,
            (SELECT value FROM identifier WHERE item_id = wanted.value AND scheme = 'doi' LIMIT 1),
            (SELECT value FROM identifier WHERE item_id = wanted.value AND scheme = 'url' LIMIT 1),
            (
                SELECT json_group_array(title) FROM (
                    SELECT iif(feed.title = '', feed.url, feed.title) AS title
                    FROM paper_feed JOIN feed ON feed.id = feed_id WHERE item_id = wanted.value ORDER BY feed_id
                )
            )
        FROM json_each(?) AS wanted
        """,
        (json.dumps(ids),),
    ).fetchall()
    return {
        identity: _Origin(doi, url, tuple(map(without_password, json.loads(titles))))
        for identity, doi, url, titles in rows
    }


def _sorted_by(order: DayOrder) -> str:
    return ", ".join(f"{key} DESC" for key in _KEYS[order])


def today_numbers(connection: sqlite3.Connection, *, order: DayOrder = DayOrder.rank) -> list[int]:
    """The numbers of all the new papers, in this order."""
    return [number for (number,) in connection.execute(f"SELECT number {_NEW} ORDER BY {_sorted_by(order)}")]


def today_position(connection: sqlite3.Connection, ref: Ref, *, order: DayOrder = DayOrder.rank) -> int | None:
    """How many papers `list_today` puts before this one; None where it is not in that list."""
    keys = ", ".join(f"coalesce({key}, '')" for key in _KEYS[order])
    own = connection.execute(f"SELECT {keys} {_NEW} AND number = ?", (ref.number,)).fetchone()
    if ref.kind is not Kind.paper or own is None:
        return None
    before: int = connection.execute(
        f"SELECT count(*) {_NEW} AND ({keys}) > ({', '.join('?' * len(own))})", own
    ).fetchone()[0]
    return before


def reasons_of(connection: sqlite3.Connection, ref: Ref) -> tuple[tuple[tuple[str, float], ...], bool]:
    """The reasons of one paper as it was ranked, and whether chance put it there; none where it was not ranked."""
    row = connection.execute(
        "SELECT because, is_chance FROM ranking JOIN item ON item.id = item_id WHERE kind = ? AND number = ?",
        (ref.kind, ref.number),
    ).fetchone()
    return ((), False) if row is None else (_reasons(row[0]), bool(row[1]))


def _reasons(because: str) -> tuple[tuple[str, float], ...]:
    return tuple((str(reason), float(weight)) for reason, weight in json.loads(because))
