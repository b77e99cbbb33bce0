"""Mirrors what runs just now, in passing: a person who asks for runs sees what they logged until then.

Of local stores whose files changed, the open runs are read and those that began after them; never for longer than a
moment, since somebody waits. A server is not asked: that may take as long as it likes.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from importers.folder_runs import Arrived, ReadRun
from importers.mlflow_runs import digest, read_begun, runs_in_folder, store_mark
from journal.clock import Clock, now
from journal.errors import JournalError, SourceError, Unreachable
from journal.paths import Paths
from journal.queries.runs import digests, kept_mark
from journal.queries.stores import OpenRun, mirrored_stores
from journal.recorder.tracking import store_path
from journal.tracking_uris import absolute_uri, folder_path, sqlite_path, sqlite_uri, wandb_path

_PATIENCE_S = 0.4
_BUSY_S = 0.1
_MOST_RUNS = 100  # of a store
_MOST_BYTES = 2_000_000  # of a log that has to be read from its beginning


def mirror_open(
    paths: Paths,
    connection: sqlite3.Connection,
    running: Sequence[OpenRun],
    *,
    tracking_uri: str = "",
    clock: Clock = now,
    patience_s: float = _PATIENCE_S,
) -> tuple[str, ...]:
    """Mirror the runs that go on, as far as that is quickly done; sentences about what was not. Never raises for that.

    A run of which only the process is known may come up in any database: in one that was mirrored, in the journal's
    own, or at `tracking_uri`. `connection` reads the journal.
    """
    deadline = time.monotonic() + patience_s
    complaints: list[str] = []
    for uri, (run_ids, since) in _by_store(connection, paths, running, tracking_uri).items():
        if time.monotonic() > deadline:
            complaints.append(f"There was no time for {uri}.")
            continue
        try:
            _mirror(paths, connection, uri, run_ids, since, deadline, clock, complaints)
        except Unreachable:  # put away for now: its runs stay as they are
            continue
        except JournalError as error:
            complaints.append(str(error))
        except OSError as error:
            complaints.append(f"{uri} cannot be read: {error.strerror or error}.")
    return tuple(complaints)


def _by_store(
    connection: sqlite3.Connection, paths: Paths, running: Iterable[OpenRun], tracking_uri: str
) -> Mapping[str, tuple[Collection[str], datetime]]:
    """For each local store, its open runs and when the first of them began."""
    found: dict[str, tuple[list[str], datetime]] = {}
    databases: list[str] | None = None
    for run in running:
        if run.run_id and run.tracking_uri:
            places = [run.tracking_uri]
        else:  # which MLflow run it becomes is not known yet
            if databases is None:
                own = [sqlite_uri(store_path(paths.mlflow)), tracking_uri, *mirrored_stores(connection)]
                databases = [uri for uri in own if sqlite_path(uri)]
            places = databases
        for uri in {absolute_uri(place) for place in places}:
            if sqlite_path(uri) or folder_path(uri) or wandb_path(uri):
                run_ids, since = found.get(uri, ([], run.started_at))
                found[uri] = [*run_ids, *([run.run_id] if run.run_id else [])], min(since, run.started_at)
    return found


def _mirror(
    paths: Paths,
    connection: sqlite3.Connection,
    uri: str,
    run_ids: Collection[str],
    since: datetime,
    deadline: float,
    clock: Clock,
    complaints: list[str],
) -> None:
    """Raises JournalError or OSError."""
    mark = store_mark(uri)
    if mark is not None and mark == kept_mark(connection, uri):
        return
    known = digests(connection, uri)
    database = sqlite_path(uri)
    if database is None:
        arrived = [*_changed_in_folder(uri, run_ids, known, deadline, complaints)]
    else:
        drafts = read_begun(database, run_ids, since, _MOST_RUNS, deadline)
        marked = [Arrived(ReadRun(draft), digest(draft)) for draft in drafts]
        arrived = [each for each in marked if known.get(each.run.draft.run_id) != each.mark]
    if arrived:
        from importers.mirror import write_arrived  # the store behind it loads where something is written

        write_arrived(paths, arrived, clock=clock, busy_timeout_s=_BUSY_S)


def _changed_in_folder(
    uri: str, run_ids: Collection[str], known: Mapping[str, str], deadline: float, complaints: list[str]
) -> Iterator[Arrived]:
    for each in runs_in_folder(uri, run_ids) or ():
        content_before, _, look_before = known.get(each.run_id, "").partition("|")
        if each.look is not None and each.look == look_before:
            continue
        if each.bytes > _MOST_BYTES or time.monotonic() > deadline:
            complaints.append(f"{each.run_id} takes long to read.")
            continue
        try:
            run = each.read()
        except SourceError as error:
            complaints.append(str(error))
            continue
        content = digest(run.draft)
        if content != content_before:
            yield Arrived(run, f"{content}|{each.look or ''}")
