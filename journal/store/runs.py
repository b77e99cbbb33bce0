"""Runs: the mirror of what a tracking store tells."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from sqlmodel import col, select

from journal import models
from journal.clock import stored
from journal.store import items, links, sessions
from journal.store.changes import Change
from journal.types import ENTRY_TAG, SESSION_TAG, Kind, MetricValue, Ref, Relation, RunDraft

_MADE_UP = re.compile(r"[a-z]+-[a-z]+-\d{1,4}")  # secretive-conch-255: mlflow/utils/name_utils.py


def mirror(change: Change, drafts: Iterable[tuple[RunDraft, str]]) -> tuple[Ref, ...]:
    """Write these runs (each with its digest) as their store tells them; the refs of those that are new.

    A run that carries `journal.entry` is linked to that entry, and to the papers the entry is about. One
    that was deleted in its store is deleted here, too, until it is restored there.
    """
    made: list[Ref] = []
    for draft, digest in drafts:
        session = sessions.get(change, draft.tags.get(SESSION_TAG, ""))
        run = with_run_id(change, draft.run_id, session)
        if run is None:
            item = items.make(change, Kind.run, title=draft.name or draft.run_id[:8])
            run = models.Run(item_id=items.identity(item), run_id=draft.run_id, status=draft.status)
            is_new = True
        else:
            item = change.session.get_one(models.Item, run.item_id)
            is_new = not run.digest and run.lifecycle != "gone"  # until now known by its id alone, from the spool
        if is_new and not draft.is_deleted:
            made.append(items.ref_of(item))
        _fill(change, item, run, draft, digest)
        link_to_entries(change, run.item_id, draft.tags.get(ENTRY_TAG, ""), session)
        if session is None:
            sessions.settle_run(change, run.item_id)
        else:
            sessions.join(change, session, run.item_id, draft.started_at or session.started_at)
    return tuple(made)


def with_run_id(change: Change, run_id: str, session: models.Session | None) -> models.Run | None:
    """The run of this MLflow id. Where none is known, the one that was made for its session becomes it."""
    run = change.session.exec(select(models.Run).where(models.Run.run_id == run_id)).first()
    if run is not None or session is None:
        return run
    run = sessions.unclaimed_run(change, session)
    if run is not None:
        run.run_id = run_id
        change.session.add(run)
        change.session.flush()
    return run


def mark_gone(change: Change, tracking_uri: str, run_ids: Iterable[str]) -> int:
    """Mark runs that their store no longer has; the journal keeps what it mirrored."""
    marked = 0
    for run_id in run_ids:
        cursor = change.connection.execute(
            "UPDATE run SET lifecycle = 'gone', digest = '' "
            "WHERE run_id = ? AND tracking_uri = ? AND lifecycle = 'active'",
            (run_id, tracking_uri),
        )
        marked += cursor.rowcount
    return marked


def item_of(change: Change, run_id: str) -> int:
    """The item of a run that was mirrored."""
    (item_id,) = change.connection.execute("SELECT item_id FROM run WHERE run_id = ?", (run_id,)).fetchone()
    return int(item_id)


def keep_last(change: Change, run_item_id: int, key: str, metric: MetricValue) -> None:
    """Note the last value of one metric, unless a later step of it is known."""
    change.connection.execute(
        """
        INSERT INTO run_metric (item_id, key, value, step, logged_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET value = excluded.value, step = excluded.step, logged_at = excluded.logged_at
        WHERE excluded.step >= step
        """,
        _metric_row(run_item_id, key, metric),
    )


def keep_digest(change: Change, run_id: str, digest: str) -> None:
    """Note that the run was mirrored whole as it was under `digest`."""
    change.connection.execute("UPDATE run SET digest = ? WHERE run_id = ?", (digest, run_id))


def keep_mark(change: Change, tracking_uri: str, mark: str | None) -> None:
    """Note that the store was mirrored whole as it stood under `mark`; None: that is not known."""
    change.connection.execute("DELETE FROM tracking_store WHERE tracking_uri = ?", (tracking_uri,))
    if mark is not None:
        change.connection.execute("INSERT INTO tracking_store VALUES (?, ?)", (tracking_uri, mark))


def link_to_entries(change: Change, run_item_id: int, entry_uid: str, session: models.Session | None) -> None:
    """`run tests entry` for its own entry, else its session's, and for those of the launches around that session."""
    for uid in (
        entry_uid or sessions.entry_uid(change, session),
        *(sessions.entries_around(change, session) if session else ()),
    ):
        link_to_entry(change, run_item_id, uid)


def link_to_entry(change: Change, run_item_id: int, entry_uid: str) -> None:
    """`run tests entry`, and `run about paper` for each paper that the entry is about."""
    entry = items.entry_with_uid(change, entry_uid)
    if entry is None:
        return
    entry_id = items.identity(entry)
    links.connect(change, run_item_id, entry_id, Relation.tests)
    papers = change.session.exec(
        select(models.Link.to_id)
        .join(models.Item, col(models.Item.id) == models.Link.to_id)
        .where(
            models.Link.from_id == entry_id,
            models.Link.relation == Relation.about.value,
            models.Item.kind == Kind.paper,
        )
    ).all()
    for paper_id in papers:
        links.connect(change, run_item_id, paper_id, Relation.about)


def has_entry(change: Change, run_item_id: int) -> bool:
    """Whether somebody said why this run was made."""
    query = "SELECT 1 FROM link JOIN entry ON entry.item_id = to_id WHERE from_id = ? AND relation = ?"
    return change.connection.execute(query, (run_item_id, Relation.tests.value)).fetchone() is not None


def _fill(change: Change, item: models.Item, run: models.Run, draft: RunDraft, digest: str) -> None:
    if change.session.get(models.OwnText, (items.identity(item), "title")) is None:
        item.title = _title(change, item, draft)
    item.body = draft.note
    item.extra = _extra(draft)
    items.touch(change, item)
    run.tracking_uri = draft.tracking_uri
    run.experiment = draft.experiment
    run.told, run.told_ended_at = draft.status, draft.ended_at
    if draft.is_deleted != (run.lifecycle == "deleted"):  # else what a person deleted would come back
        item.deleted_at = change.now if draft.is_deleted else None
    run.lifecycle = "deleted" if draft.is_deleted else "active"
    run.started_at = draft.started_at
    run.parent_run_id = draft.parent_run_id
    run.artifact_uri = draft.artifact_uri
    run.note = draft.note
    run.digest = digest
    change.session.add(run)
    change.session.flush()
    for table in ("run_param", "run_metric", "run_tag"):
        change.connection.execute(f"DELETE FROM {table} WHERE item_id = ?", (run.item_id,))
    change.connection.executemany(
        "INSERT INTO run_param (item_id, key, number, value) VALUES (?, ?, ?, ?)",
        [(run.item_id, key, _number(value), value) for key, value in draft.params.items()],
    )
    change.connection.executemany(
        "INSERT INTO run_metric (item_id, key, value, step, logged_at) VALUES (?, ?, ?, ?, ?)",
        [_metric_row(run.item_id, key, metric) for key, metric in draft.metrics.items()],
    )
    change.connection.executemany(
        "INSERT INTO run_tag (item_id, key, value) VALUES (?, ?, ?)",
        [(run.item_id, key, value) for key, value in draft.tags.items()],
    )


def _metric_row(item_id: int, key: str, metric: MetricValue) -> tuple[int, str, float | None, int, str | None]:
    logged_at = stored(metric.logged_at) if metric.logged_at else None
    return item_id, key, metric.value, metric.step, logged_at


def _number(text: str) -> float | None:
    """A parameter's value where it is a number, so that 9 < 10."""
    try:
        value = float(text)
    except ValueError:
        return None
    return None if math.isnan(value) else value


def _title(change: Change, item: models.Item, draft: RunDraft) -> str:
    """Its name, unless MLflow made that up: then what it tries, or the command that the journal knows it by."""
    name = " ".join(draft.name.split())
    if name and not _MADE_UP.fullmatch(name):
        return name
    entry = items.entry_with_uid(change, draft.tags.get(ENTRY_TAG, ""))
    if entry is not None:
        return entry.title
    is_named_by_id = not item.title or draft.run_id.startswith(item.title)
    return (name or draft.run_id[:8]) if is_named_by_id else item.title


def _extra(draft: RunDraft) -> str:
    """What a run is found by: its name and id there, its experiment, and `key=value` of its parameters."""
    return "\n".join(
        [draft.experiment, draft.run_id, draft.name, *(f"{key}={value}" for key, value in draft.params.items())]
    )
