"""What trains now, and what there is to do while it does."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, tzinfo

from journal.best import TELLING_METRICS, Measured
from journal.board import Proposal
from journal.clock import from_stored, from_stored_or_none
from journal.deciding import deciding_metric
from journal.queries.board import read_board
from journal.queries.entries import list_entries
from journal.queries.queue import list_queue
from journal.queries.resurfacing import list_due
from journal.queries.training import TRAINING, sign_since
from journal.resurfacing import Due
from journal.types import EntryRow, EntryType, Kind, QueuedPaper, Ref, RunStatus

_MOST = 3  # of each thing to do


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingNow:
    """A run that goes on, or an entry whose process goes on and made no run so far."""

    ref: Ref
    kind: Kind
    title: str
    started_at: datetime | None
    sessions: int = 0  # processes that work on it now, as far as the journal knows
    metric: Measured | None = None  # the last value of the one that decides
    step: int | None = None
    entry: Ref | None = None  # what it tries
    expect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedRun:
    """The last run of an entry that ended, while nobody wrote what came of the entry."""

    ref: Ref  # of the entry
    kind: Kind = Kind.entry
    title: str
    run: Ref
    status: RunStatus
    ended_at: datetime | None
    runs: int  # of this entry that ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanwhile:
    """What trains, the longest first; and what to do meanwhile, of each the first few."""

    training: tuple[TrainingNow, ...]
    ended: tuple[EndedRun, ...]  # last ended first
    due: tuple[Due, ...]
    queue: tuple[QueuedPaper, ...]
    questions: tuple[EntryRow, ...]  # without an answer, oldest first
    next: Proposal


# Of each entry that is open, its run that ended last; none where another still goes on.
_ENDED = """
    SELECT entry_item.number, entry_item.title, run_item.number, status,
        max(coalesce(ended_at, started_at, '')), count(*)
    FROM entry JOIN item AS entry_item ON entry_item.id = entry.item_id
    JOIN link ON to_id = entry.item_id AND relation = 'tests'
    JOIN item AS run_item ON run_item.id = from_id AND run_item.deleted_at IS NULL
    JOIN run ON run.item_id = from_id
    WHERE type = 'tried' AND verdict IS NULL AND trim(outcome) = '' AND entry_item.deleted_at IS NULL
    GROUP BY entry.item_id HAVING NOT sum(status IN ('running', 'scheduled'))
    ORDER BY 5 DESC, entry.item_id DESC LIMIT ?
"""


def read_meanwhile(connection: sqlite3.Connection, now: datetime, zone: tzinfo | None = None) -> Meanwhile:
    """What trains, and what to do meanwhile."""
    questions = list_entries(connection, types=(EntryType.question,), only_open=True, limit=_MOST)
    return Meanwhile(
        training=_training(connection, now),
        ended=_ended(connection),
        due=list_due(connection, now, zone),
        queue=list_queue(connection, limit=_MOST),
        questions=questions,
        next=read_board(connection, now).next,
    )


def _training(connection: sqlite3.Connection, now: datetime) -> tuple[TrainingNow, ...]:
    found = []
    for identity, kind, number, title, since in connection.execute(TRAINING, (sign_since(now),)).fetchall():
        metric, step = _last_metric(connection, identity)
        entry, expect = _tried_by(connection, identity) if kind == Kind.run else (None, "")
        (sessions,) = connection.execute(
            "SELECT count(*) FROM session_run JOIN session ON session.id = session_id "
            "WHERE item_id = ? AND exit IS NULL AND launch_uid = ''",
            (identity,),
        ).fetchone()
        found.append(
            TrainingNow(
                ref=Ref(Kind(kind), number),
                kind=Kind(kind),
                title=title,
                started_at=from_stored_or_none(since),
                sessions=sessions,
                metric=metric,
                step=step,
                entry=entry,
                expect=expect,
            )
        )
    return tuple(found)


def _last_metric(connection: sqlite3.Connection, identity: int) -> tuple[Measured | None, int | None]:
    marks = ", ".join("?" * len(TELLING_METRICS))
    rows = connection.execute(
        f"SELECT key, value, step FROM run_metric WHERE item_id = ? AND key IN ({marks})",
        (identity, *TELLING_METRICS),
    ).fetchall()
    known = {key: (value, step) for key, value, step in rows if value is not None}
    key = deciding_metric(known)
    return (None, None) if key is None else ((key, known[key][0]), known[key][1])


def _tried_by(connection: sqlite3.Connection, identity: int) -> tuple[Ref | None, str]:
    row = connection.execute(
        """
        SELECT number, expect FROM link JOIN entry ON entry.item_id = to_id JOIN item ON item.id = to_id
        WHERE from_id = ? AND relation = 'tests' AND deleted_at IS NULL ORDER BY link.id DESC LIMIT 1
        """,
        (identity,),
    ).fetchone()
    return (Ref(Kind.entry, row[0]), row[1]) if row else (None, "")


def _ended(connection: sqlite3.Connection) -> tuple[EndedRun, ...]:
    return tuple(
        EndedRun(
            ref=Ref(Kind.entry, entry),
            title=title,
            run=Ref(Kind.run, run),
            status=RunStatus(status),
            ended_at=from_stored(ended_at) if ended_at else None,
            runs=runs,
        )
        for entry, title, run, status, ended_at, runs in connection.execute(_ENDED, (_MOST,)).fetchall()
    )
