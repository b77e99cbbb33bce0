"""Mirror the runs of a tracking store into the journal: a store that did not change since is not read again,
and of one that did, only what is new or changed is written. Of a store that is a folder, only the runs whose
files changed are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from importers.folder_runs import Arrived, FolderRun
from importers.mlflow_runs import digest, read_runs, runs_in_folder, store_mark
from journal.clock import Clock, now
from journal.db import BUSY_TIMEOUT_S, connect
from journal.errors import SourceError
from journal.paths import Paths
from journal.queries.runs import digests, kept_mark
from journal.queries.sessions import quiet_runs
from journal.store import runs
from journal.store.changes import program_change
from journal.store.curve_points import add_points, replace_points
from journal.store.sessions import settle_quiet
from journal.tracking_uris import absolute_uri
from journal.types import Ref, RunDraft

_BATCH = 500  # runs a transaction: short enough that nobody else waits
_POINTS_A_BATCH = 20_000  # the same


@dataclass(frozen=True, slots=True)
class MirrorReport:
    """What a sync came to. `deleted` in their store are counted there alone; `new_refs` the journal did not have.

    `left_out` says which runs, or what of them, could not be read.
    """

    tracking_uri: str
    new: int
    updated: int
    unchanged: int
    deleted: int
    gone: int
    new_refs: tuple[Ref, ...]
    left_out: tuple[str, ...] = ()


def sync_runs(paths: Paths, tracking_uri: str, *, clock: Clock = now) -> MirrorReport:
    """Mirror the store at `tracking_uri`. Raises SourceError where it cannot be read; then nothing changes."""
    kept_uri = absolute_uri(tracking_uri)  # how the journal knows the store: no password, no working directory
    in_folder = runs_in_folder(tracking_uri)
    report = (
        _sync_store(paths, tracking_uri, kept_uri, clock)
        if in_folder is None
        else _sync_folder(paths, kept_uri, in_folder, clock)
    )
    _settle_quiet(paths, clock)
    return report


def _settle_quiet(paths: Paths, clock: Clock) -> None:
    """Of runs that nothing came of the silence may have grown long, and then they have vanished."""
    with closing(connect(paths)) as connection:
        if not quiet_runs(connection, clock()):
            return
    with program_change(paths, clock=clock) as change:
        settle_quiet(change)


def _sync_store(paths: Paths, tracking_uri: str, kept_uri: str, clock: Clock) -> MirrorReport:
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


# ---------------------------------------------------------------- a folder of runs


def _sync_folder(paths: Paths, kept_uri: str, in_folder: list[FolderRun], clock: Clock) -> MirrorReport:
    with closing(connect(paths)) as connection:
        known = digests(connection, kept_uri)
    made: list[Ref] = []
    left_out: list[str] = []
    written = deleted = 0
    looks: dict[str, str] = {}
    for batch in _read(in_folder, known, left_out, looks):
        made += write_arrived(paths, batch, clock=clock)
        written += len(batch)
        deleted += sum(1 for each in batch if each.run.draft.is_deleted)
    missing = set(known) - {run.run_id for run in in_folder}
    looks = {run_id: mark for run_id, mark in looks.items() if known.get(run_id) != mark}
    gone = 0
    if missing or looks:
        with program_change(paths, clock=clock) as change:
            gone = runs.mark_gone(change, kept_uri, missing) if missing else 0
            for run_id, mark in looks.items():
                runs.keep_digest(change, run_id, mark)
    unreadable = sum(1 for sentence in left_out if sentence.startswith("The run "))
    return MirrorReport(
        tracking_uri=kept_uri,
        new=len(made),
        updated=written - len(made) - deleted,
        unchanged=len(in_folder) - written - unreadable,
        deleted=deleted,
        gone=gone,
        new_refs=tuple(made),
        left_out=tuple(left_out),
    )


def _read(
    in_folder: list[FolderRun], known: dict[str, str], left_out: list[str], looks: dict[str, str]
) -> Iterator[list[Arrived]]:
    """What changed, in batches that are soon written.

    What cannot be read is told of in `left_out`; `looks` gets the marks of runs that only look otherwise.
    """
    batch: list[Arrived] = []
    points = 0
    for each in in_folder:
        content_before, _, look_before = known.get(each.run_id, "").partition("|")
        if each.look is not None and each.look == look_before:
            continue
        try:
            run = each.read()
        except SourceError as error:
            left_out.append(str(error))
            continue
        left_out += [f"Of {each.run_id}: {note}." for note in run.notes]
        content = digest(run.draft)
        arrived = Arrived(run, f"{content}|{each.look or ''}")
        if content == content_before:  # its files were touched, or were too fresh to tell
            looks[each.run_id] = arrived.mark
            continue
        batch.append(arrived)
        points += arrived.points
        if len(batch) >= _BATCH or points >= _POINTS_A_BATCH:
            yield batch
            batch, points = [], 0
    if batch:
        yield batch


def write_arrived(
    paths: Paths, batch: Sequence[Arrived], *, clock: Clock = now, busy_timeout_s: float = BUSY_TIMEOUT_S
) -> tuple[Ref, ...]:
    """Keep these runs, and say which are new; one with many points is done only when all of them are kept.

    Raises Locked where somebody else writes for longer than `busy_timeout_s`.
    """
    large = [each for each in batch if each.points > _POINTS_A_BATCH]
    with program_change(paths, clock=clock, busy_timeout_s=busy_timeout_s) as change:
        made = runs.mirror(change, [(each.run.draft, "" if each in large else each.mark) for each in batch])
        for each in batch:
            if each.run.points and each not in large:
                replace_points(change, runs.item_of(change, each.run.draft.run_id), each.run.points)
    for each in large:
        run_id = each.run.draft.run_id
        for key, points in each.run.points.items():
            rest = iter(points)
            while some := list(islice(rest, _POINTS_A_BATCH)):
                with program_change(paths, clock=clock) as change:
                    add_points(change, runs.item_of(change, run_id), {key: some})
        with program_change(paths, clock=clock) as change:
            runs.keep_digest(change, run_id, each.mark)
    return made
