"""Runs whose why the journal knows, and the note that their tracking store shows for them."""

from __future__ import annotations

import sqlite3
from itertools import groupby

from journal.types import Kind, NotedEntry, NotedRun, Ref


def noted_runs(connection: sqlite3.Connection, tracking_uri: str) -> tuple[NotedRun, ...]:
    """The runs of a store that test an entry, each with its entries in the order of their numbers."""
    rows = connection.execute(
        """
        SELECT run_id, note, told_of.number, told_of.title, why, expect
        FROM run JOIN item ON item.id = run.item_id
        JOIN link ON from_id = run.item_id AND relation = 'tests'
        JOIN entry ON entry.item_id = to_id JOIN item AS told_of ON told_of.id = to_id
        WHERE tracking_uri = ? AND run_id IS NOT NULL AND digest <> '' AND lifecycle = 'active'
            AND item.deleted_at IS NULL AND told_of.deleted_at IS NULL
        ORDER BY run.item_id, told_of.number
        """,
        (tracking_uri,),
    ).fetchall()
    return tuple(
        NotedRun(
            tracking_uri=tracking_uri,
            run_id=run_id,
            note=note,
            entries=tuple(
                NotedEntry(Ref(Kind.entry, number), title, why, expect) for _, _, number, title, why, expect in entries
            ),
        )
        for (run_id, note), entries in groupby(rows, key=lambda row: (row[0], row[1]))
    )
