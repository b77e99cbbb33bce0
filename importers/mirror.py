"""Mirror the runs of an MLflow store into the journal: a store that did not change since is not read again,
and of one that did, only what is new or changed is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from importers.mlflow_runs import digest, read_runs, store_mark
from journal.clock import Clock, now
from journal.db import connect
from journal.paths import Paths
from journal.queries.runs import digests, kept_mark
from journal.store import runs
from journal.store.changes import program_change
from journal.tracking_uris import absolute_uri
from journal.types import Ref, RunDraft

_BATCH = 500  # runs a transaction: short enough that nobody else waits


@dataclass(frozen=True, slots=True)
class MirrorReport:
    """What a sync came to. `deleted` in their store are counted there alone; `new_refs` the journal did not have."""

    tracking_uri: str
    new: int
    updated: int
    unchanged: int
    deleted: int
    gone: int
    new_refs: tuple[Ref, ...]


def sync_runs(paths: Paths, tracking_uri: str, *, clock: Clock = now) -> MirrorReport:
    """Mirror the store at `tracking_uri`. Raises SourceError where it cannot be read; then nothing changes."""
    kept_uri = absolute_uri(tracking_uri)  # how the journal knows the store: no password, no working directory
    mark_before = store_mark(tracking_uri)
    with closing(connect(paths)) as connection:
        known = digests(connection, kept_uri)
        if mark_before is not None and mark_before == kept_mark(connection, kept_uri):
            unchanged = sum(1 for mark in known.values() if mark)
            return MirrorReport(kept_uri, new=0, updated=0, unchanged=unchanged, deleted=0, gone=0, new_refs=())
    # A store that fails in the middle must not mark the runs behind the failure as gone.
    drafts = list(read_runs(tracking_uri))
    changed = [(draft, mark) for draft in drafts if known.get(draft.run_id) != (mark := digest(draft))]
    made: list[Ref] = []
    for batch in _batches(changed):
        with program_change(paths, clock=clock) as change:
            made += runs.mirror(change, batch)
    missing = set(known) - {draft.run_id for draft in drafts}
    with program_change(paths, clock=clock) as change:
        gone = runs.mark_gone(change, kept_uri, missing) if missing else 0
        runs.keep_mark(change, kept_uri, mark_before)
    deleted = sum(1 for draft, _ in changed if draft.is_deleted)
    return MirrorReport(
        tracking_uri=kept_uri,
        new=len(made),
        updated=len(changed) - len(made) - deleted,
        unchanged=len(drafts) - len(changed),
        deleted=deleted,
        gone=gone,
        new_refs=tuple(made),
    )


def _batches(changed: Iterable[tuple[RunDraft, str]]) -> Iterator[list[tuple[RunDraft, str]]]:
    rest = iter(changed)
    while batch := list(islice(rest, _BATCH)):
        yield batch
