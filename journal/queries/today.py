"""The new papers, in the order in which they are worth a look or in that of their arrival."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import fields

from journal.queries.papers import paper_rows
from journal.types import DayOrder, Kind, PaperRow, PaperState, Ref, TodayPaper

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
    rows = paper_rows(connection, [identity for identity, *_ in ranked])
    return tuple(
        _today_paper(row, score, because, bool(is_chance))
        for row, (_, score, because, is_chance) in zip(rows, ranked, strict=True)
    )


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


def reasons_of(connection: sqlite3.Connection, ref: Ref) -> tuple[float | None, tuple[tuple[str, float], ...]]:
    """Score and reasons of one paper as it was ranked; none where it was not."""
    row = connection.execute(
        "SELECT score, because FROM ranking JOIN item ON item.id = item_id WHERE kind = ? AND number = ?",
        (ref.kind, ref.number),
    ).fetchone()
    return (None, ()) if row is None else (row[0], _reasons(row[1]))


def _today_paper(row: PaperRow, score: float | None, because: str | None, is_chance: bool) -> TodayPaper:
    told = {field.name: getattr(row, field.name) for field in fields(row)}
    return TodayPaper(**told, score=score, because=_reasons(because or "[]"), is_chance=is_chance)


def _reasons(because: str) -> tuple[tuple[str, float], ...]:
    return tuple((str(reason), float(weight)) for reason, weight in json.loads(because))
