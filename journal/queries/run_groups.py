"""Which runs stand beside a run: those of its configuration that differ in their seed, and the one before it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from journal.queries.items import item_id
from journal.seed_groups import (
    GroupedRun,
    but_for_seed,
    code_of_patch,
    is_seed_like,
    may_hold_seed,
    seed_of,
    without_seed,
)
from journal.types import Kind, Ref

_MOST_CANDIDATES = 400  # of one configuration, the newest: more say nothing more of its spread
_BATCH = 400  # SQLite allows 999 parameters in older builds

# The digest of a section as the last session of a run that captured it had it.
_DIGEST = """
    SELECT capture.digest FROM session_run JOIN session ON session.id = session_run.session_id
    JOIN capture ON capture.session_id = session.id AND section = '{section}'
    WHERE session_run.item_id = run.item_id ORDER BY started_at DESC, session.uid DESC LIMIT 1
"""
_CANDIDATES = f"""
    SELECT run.item_id, number,
        (SELECT value FROM run_tag WHERE run_tag.item_id = run.item_id AND key = 'mlflow.source.git.commit'),
        ({_DIGEST.format(section="code")}), ({_DIGEST.format(section="patch")}), ({_DIGEST.format(section="command")}),
        (
            SELECT argv FROM session_run JOIN session ON session.id = session_run.session_id
            WHERE session_run.item_id = run.item_id ORDER BY started_at DESC, session.uid DESC LIMIT 1
        )
    FROM run JOIN item ON item.id = run.item_id
"""
# The same parameters but for what is seed-like; what misses one is passed over at its first miss.
_OF_ONE_CONFIGURATION = """
    WHERE experiment = (SELECT experiment FROM run WHERE item_id = :id) AND run.item_id <> :id
    AND status = 'finished' AND deleted_at IS NULL AND archived_at IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM run_param AS mine WHERE mine.item_id = :id AND NOT is_passed_over(mine.key) AND NOT EXISTS (
            SELECT 1 FROM run_param AS other WHERE other.item_id = run.item_id AND other.key = mine.key
            AND (other.value = mine.value OR other.number = mine.number)
        )
    )
    AND NOT EXISTS (
        SELECT 1 FROM run_param AS other WHERE other.item_id = run.item_id AND NOT is_passed_over(other.key)
        AND NOT EXISTS (SELECT 1 FROM run_param AS mine WHERE mine.item_id = :id AND mine.key = other.key)
    )
    ORDER BY run.started_at DESC, run.item_id DESC LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class _Candidate:
    item_id: int
    ref: Ref
    commit: str
    patch: str  # digest
    command: tuple[str, ...]
    seed: str
    places: dict[str, str]  # parameters that are compared without the seed in their values


def seed_group(connection: sqlite3.Connection, ref: Ref) -> tuple[GroupedRun, ...]:
    """The run, then the finished runs of its experiment with the same parameters, command, commit and patch, newest
    first, whatever their seed. Runs without parameters and command are alone: nobody knows their configuration.
    """
    identity = item_id(connection, ref)
    connection.create_function("is_passed_over", 1, _is_passed_over, deterministic=True)
    (own,) = _candidates(connection, "WHERE run.item_id = :id", {"id": identity})
    found = [own]
    has_params = connection.execute("SELECT 1 FROM run_param WHERE item_id = ? LIMIT 1", (identity,)).fetchone()
    if has_params or own.command:
        patches: dict[str, dict[str, str]] = {}
        others = _candidates(connection, _OF_ONE_CONFIGURATION, {"id": identity, "limit": _MOST_CANDIDATES})
        found += [
            other
            for other in others
            if (other.commit, other.command, other.places) == (own.commit, own.command, own.places)
            and _patch(connection, other.patch, patches) == _patch(connection, own.patch, patches)
        ]
    metrics = _metrics(connection, [one.item_id for one in found])
    return tuple(GroupedRun(ref=one.ref, seed=one.seed, metrics=metrics.get(one.item_id, {})) for one in found)


def run_before(connection: sqlite3.Connection, ref: Ref) -> Ref | None:
    """The run of the same experiment that was started last before this one."""
    identity = item_id(connection, ref)
    row = connection.execute(
        """
        SELECT number FROM run JOIN item ON item.id = run.item_id
        WHERE experiment = (SELECT experiment FROM run WHERE item_id = :id) AND run.item_id <> :id
        AND deleted_at IS NULL AND archived_at IS NULL
        AND (coalesce(started_at, ''), run.item_id) < (
            SELECT coalesce(started_at, ''), item_id FROM run WHERE item_id = :id
        )
        ORDER BY started_at DESC, run.item_id DESC LIMIT 1
        """,
        {"id": identity},
    ).fetchone()
    return Ref(Kind.run, row[0]) if row else None


def in_order(connection: sqlite3.Connection, one: Ref, other: Ref) -> tuple[Ref, Ref]:
    """Two runs, the one that was started first in front."""
    started = {
        ref: connection.execute(
            "SELECT coalesce(started_at, ''), item_id FROM run WHERE item_id = ?", (item_id(connection, ref),)
        ).fetchone()
        for ref in (one, other)
    }
    return (one, other) if started[one] <= started[other] else (other, one)


def last_steps(connection: sqlite3.Connection, ref: Ref) -> dict[str, int]:
    """The step of the last value of each metric of a run."""
    rows = connection.execute("SELECT key, step FROM run_metric WHERE item_id = ?", (item_id(connection, ref),))
    return dict(rows.fetchall())


def datasets_with(connection: sqlite3.Connection, fingerprints: Iterable[str]) -> dict[str, str]:
    """`d3: MNIST` for each of these fingerprints that a dataset of the journal was seen with."""
    wanted = sorted(set(fingerprints))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        marks = ", ".join("?" * len(batch))
        rows = connection.execute(
            f"""
            SELECT fingerprint, number, title FROM (
                SELECT item_id, fingerprint FROM dataset WHERE fingerprint IN ({marks})
                UNION SELECT item_id, fingerprint FROM dataset_content WHERE fingerprint IN ({marks})
            ) JOIN item ON item.id = item_id WHERE deleted_at IS NULL ORDER BY number DESC
            """,
            (*batch, *batch),
        )
        found.update(
            (fingerprint, f"{Ref(Kind.dataset, number)}: {title}") for fingerprint, number, title in rows.fetchall()
        )
    return found


def _candidates(connection: sqlite3.Connection, condition: str, values: dict[str, object]) -> list[_Candidate]:
    rows = connection.execute(_CANDIDATES + condition, values).fetchall()
    codes: dict[str, dict[str, str]] = {}
    found = []
    for identity, number, commit, code, patch, command, argv in rows:
        params = _params(connection, identity)
        seed = seed_of(params, _content(connection, command, codes).get("seed", ""))
        found.append(
            _Candidate(
                item_id=identity,
                ref=Ref(Kind.run, number),
                commit=_content(connection, code, codes).get("commit") or commit or "",
                patch=patch or "",
                command=without_seed(json.loads(argv), seed) if argv else (),
                seed=seed,
                places={key: but_for_seed(value, seed) for key, value in params.items() if may_hold_seed(key)},
            )
        )
    return found


def _is_passed_over(key: str) -> bool:
    return is_seed_like(key) or may_hold_seed(key)


def _params(connection: sqlite3.Connection, identity: int) -> dict[str, str]:
    rows = connection.execute("SELECT key, value FROM run_param WHERE item_id = ? AND is_passed_over(key)", (identity,))
    return dict(rows.fetchall())


def _patch(connection: sqlite3.Connection, digest: str, known: dict[str, dict[str, str]]) -> dict[str, str]:
    if digest not in known:
        known[digest] = code_of_patch(_content(connection, digest, {}))
    return known[digest]


def _content(connection: sqlite3.Connection, digest: str | None, known: dict[str, dict[str, str]]) -> dict[str, str]:
    """The facts of a digest, each read once."""
    if not digest:
        return {}
    if digest not in known:
        row = connection.execute("SELECT content FROM facts WHERE digest = ?", (digest,)).fetchone()
        known[digest] = json.loads(row[0]) if row else {}
    return known[digest]


def _metrics(connection: sqlite3.Connection, identities: list[int]) -> dict[int, dict[str, float | None]]:
    found: dict[int, dict[str, float | None]] = {}
    for start in range(0, len(identities), _BATCH):
        batch = identities[start : start + _BATCH]
        marks = ", ".join("?" * len(batch))
        rows = connection.execute(f"SELECT item_id, key, value FROM run_metric WHERE item_id IN ({marks})", batch)
        for identity, key, value in rows.fetchall():
            found.setdefault(identity, {})[key] = value
    return found
