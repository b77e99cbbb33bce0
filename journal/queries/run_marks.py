"""What is tied to runs of a list, in a few letters: papers, notes, and checks that failed."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence

from journal.queries.run_lists import AMONG

PAPER, NOTE, FAILED_CHECK = "p", "n", "!"
_MARKS = f"""
    WITH chosen AS (SELECT value AS id FROM json_each(:ids)),
    tied AS (
        SELECT from_id AS run, to_id AS other, relation FROM link WHERE from_id {AMONG.replace("?", ":ids")}
        UNION ALL SELECT to_id, from_id, '' FROM link WHERE to_id {AMONG.replace("?", ":ids")}
    ),
    behind AS (
        SELECT run, to_id AS other FROM tied JOIN link ON from_id = other WHERE tied.relation = 'tests'
        UNION ALL SELECT run, from_id FROM tied JOIN link ON to_id = other WHERE tied.relation = 'tests'
    )
    SELECT run, '{PAPER}' FROM (SELECT run, other FROM tied UNION SELECT run, other FROM behind)
        JOIN item ON item.id = other WHERE kind = 'paper' AND deleted_at IS NULL
    UNION SELECT run, '{NOTE}' FROM tied JOIN entry ON entry.item_id = other JOIN item ON item.id = other
        WHERE type = 'note' AND deleted_at IS NULL AND relation IN ('', 'tests')
    UNION SELECT chosen.id, '{FAILED_CHECK}' FROM chosen JOIN check_result AS last ON last.item_id = chosen.id
        WHERE verdict = 'failed' AND NOT EXISTS (
            SELECT 1 FROM check_result AS later WHERE later.item_id = last.item_id AND later.check_id = last.check_id
                AND (later.checked_at, later.id) > (last.checked_at, last.id))
"""


def run_marks(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, str]:
    """`pn!` of each of these runs: it has a paper, by itself or by what it tests; notes; a check that failed last."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for identity, mark in connection.execute(_MARKS, {"ids": json.dumps([*ids])}).fetchall():
        found[identity].add(mark)
    return {
        identity: "".join(mark for mark in (PAPER, NOTE, FAILED_CHECK) if mark in marks)
        for identity, marks in found.items()
    }
