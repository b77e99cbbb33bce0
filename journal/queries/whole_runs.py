"""Many runs with everything that the mirror holds, as quick as SQLite reads them."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from journal.clock import from_stored, from_stored_or_none
from journal.queries.run_length import PAUSED_S
from journal.queries.run_lists import AMONG
from journal.types import Kind, LinkedItem, Ref, Run, RunStatus

_STATUS = {status.value: status for status in RunStatus}  # quicker than the call, 20,000 times


def whole_runs(connection: sqlite3.Connection, ids: Sequence[int]) -> tuple[Run, ...]:
    """These runs with parameters, metrics, tags and links, in their order; one query for each table."""
    listed = json.dumps(ids)
    rows = connection.execute(
        f"""
        SELECT item.id, number, title, created_at, updated_at, run_id, tracking_uri, experiment, status, started_at,
            ended_at, artifact_uri, note, lifecycle, told, archived_at, parent_run_id, deleted_at, {PAUSED_S}
        FROM run JOIN item ON item.id = run.item_id WHERE item.id {AMONG}
        """,
        (listed,),
    ).fetchall()
    parents = _parents(connection, {row[16] for row in rows if row[16]})
    params: dict[int, dict[str, str]] = _named_values(connection, "run_param", listed)
    metrics: dict[int, dict[str, float | None]] = _named_values(connection, "run_metric", listed)
    run_tags: dict[int, dict[str, str]] = _named_values(connection, "run_tag", listed)
    tags: defaultdict[int, list[str]] = defaultdict(list)
    for identity, name in connection.execute(
        f"SELECT item_id, name FROM tag WHERE item_id {AMONG} ORDER BY name", (listed,)
    ).fetchall():
        tags[identity].append(name)
    links = _links(connection, listed)
    found = {
        row[0]: Run(
            ref=Ref(Kind.run, row[1]),
            kind=Kind.run,
            title=row[2],
            created_at=from_stored(row[3]),
            updated_at=from_stored(row[4]),
            is_deleted=row[17] is not None,
            tags=tuple(tags.get(row[0], ())),
            run_id=row[5],
            tracking_uri=row[6],
            experiment=row[7],
            status=_STATUS[row[8]],
            started_at=from_stored_or_none(row[9]),
            ended_at=from_stored_or_none(row[10]),
            parent=parents.get(row[16]),
            artifact_uri=row[11],
            note=row[12],
            is_gone=row[13] == "gone",
            told=_STATUS.get(row[14]),
            archived_at=from_stored_or_none(row[15]),
            paused_s=float(row[18]),
            params=params.get(row[0], {}),
            metrics=metrics.get(row[0], {}),
            run_tags=run_tags.get(row[0], {}),
            links=tuple(links.get(row[0], ())),
        )
        for row in rows
    }
    return tuple(found[identity] for identity in ids if identity in found)


def _parents(connection: sqlite3.Connection, run_ids: Iterable[str]) -> dict[str, Ref]:
    rows = connection.execute(
        f"SELECT run_id, number FROM run JOIN item ON item.id = item_id WHERE run_id {AMONG}",
        (json.dumps([*run_ids]),),
    )
    return {run_id: Ref(Kind.run, number) for run_id, number in rows.fetchall()}


def _named_values(connection: sqlite3.Connection, table: str, listed: str) -> dict[int, dict[str, Any]]:
    """Values by their names, of each run that has any."""
    found: dict[int, dict[str, Any]] = {}
    last, values = None, dict[str, Any]()
    for identity, key, value in connection.execute(
        f"SELECT item_id, key, value FROM {table} WHERE item_id {AMONG} ORDER BY item_id, key", (listed,)
    ):
        if identity != last:
            last = identity
            values = found[identity] = {}
        values[key] = value
    return found


def _links(connection: sqlite3.Connection, listed: str) -> dict[int, list[LinkedItem]]:
    rows = connection.execute(
        f"""
        SELECT from_id, link.id, relation, 'out', kind, number, title FROM link JOIN item ON item.id = to_id
        WHERE from_id {AMONG} AND deleted_at IS NULL
        UNION ALL
        SELECT to_id, link.id, relation, 'in', kind, number, title FROM link JOIN item ON item.id = from_id
        WHERE to_id {AMONG} AND deleted_at IS NULL
        ORDER BY 2
        """,
        (listed, listed),
    ).fetchall()
    found: defaultdict[int, list[LinkedItem]] = defaultdict(list)
    for identity, _, relation, direction, kind, number, title in rows:
        found[identity].append(
            LinkedItem(
                relation=relation, direction=direction, ref=Ref(Kind(kind), number), kind=Kind(kind), title=title
            )
        )
    return found
