"""What the board of ideas is made from: everything tried and every idea, with their runs; three queries for all."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from datetime import datetime

from journal.attributes import guess
from journal.best import TELLING_METRICS, Measured
from journal.board import Board, BoardEntry, build
from journal.clock import from_stored
from journal.queries.items import item_id
from journal.types import EntryType, Kind, Ref, Verdict

_ENTRIES = """
    SELECT item.id, number, title, type, verdict, outcome, created_at, attribute, EXISTS (
        SELECT 1 FROM link JOIN item AS later ON later.id = from_id JOIN entry AS next ON next.item_id = later.id
        WHERE to_id = item.id AND relation = 'follows' AND later.deleted_at IS NULL AND next.type IN ('tried', 'idea')
    )
    FROM item JOIN entry ON item_id = item.id
    WHERE kind = 'entry' AND deleted_at IS NULL AND type IN ('tried', 'idea')
"""
_RUNS = f"""
    SELECT to_id, from_id, key, value FROM link JOIN item ON item.id = from_id AND kind = 'run'
    LEFT JOIN run_metric ON run_metric.item_id = from_id AND key IN ({", ".join("?" * len(TELLING_METRICS))})
    WHERE relation = 'tests' AND deleted_at IS NULL
"""
# Of the parameters that are words; those of one run, since the runs of an entry share them.
_PARAMS = """
    SELECT entry_id, key, value FROM (
        SELECT to_id AS entry_id, max(from_id) AS run_id FROM link JOIN entry ON entry.item_id = to_id
        WHERE relation = 'tests' AND attribute = '' {which} GROUP BY to_id
    ) JOIN run_param ON item_id = run_id AND number IS NULL
"""


def read_board(connection: sqlite3.Connection, now: datetime) -> Board:
    """The board as the journal stands."""
    runs: defaultdict[int, set[int]] = defaultdict(set)
    measured: defaultdict[int, list[Measured]] = defaultdict(list)
    for entry, run, key, value in connection.execute(_RUNS, TELLING_METRICS).fetchall():
        runs[entry].add(run)
        if value is not None:
            measured[entry].append((key, value))
    params: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for entry, key, value in connection.execute(_PARAMS.format(which="")).fetchall():
        params[entry][key] = value
    rows = connection.execute(_ENTRIES).fetchall()
    entries = (
        BoardEntry(
            ref=Ref(Kind.entry, number),
            title=title,
            type=EntryType(type),
            verdict=Verdict(verdict) if verdict else None,
            outcome=outcome,
            created_at=from_stored(created_at),
            attribute=attribute,
            params=params.get(identity, {}),
            measured=tuple(measured.get(identity, ())),
            runs=len(runs.get(identity, ())),
            is_followed=bool(is_followed),
        )
        for identity, number, title, type, verdict, outcome, created_at, attribute, is_followed in rows
    )
    return build(entries, now)


def guessed_attribute(connection: sqlite3.Connection, ref: Ref, title: str) -> str:
    """What an entry without an attribute seems to be about; '' where nothing suggests one. Raises NotFound."""
    rows = connection.execute(_PARAMS.format(which="AND to_id = ?"), (item_id(connection, ref),)).fetchall()
    return guess(title, {key: value for _, key, value in rows})
