"""Reads the runs of a tracking store, whatever it is.

A SQLite store is read by short read-only SQL: 30 times faster than through the client, also where the
store belongs to another MLflow version, and without ever blocking a training process. In DELETE mode a
reader that keeps a cursor open makes MLflow fail after 20 s; so every query is fetched whole at once, a
few hundred runs each, and between two of them nothing is locked. Folders of runs are read as they lie,
and servers by MlflowClient.
"""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from importers import file_store, mlflow_servers, mlflow_sqlite, wandb_offline
from importers.folder_runs import FolderRun
from importers.mlflow_sqlite import rows
from importers.run_drafts import digest, make_draft, moment, number
from journal.errors import Unreachable, Unreadable
from journal.tracking_uris import (
    absolute_uri,
    folder_path,
    folder_uri,
    sqlite_path,
    sqlite_uri,
    wandb_path,
    wandb_uri,
)
from journal.types import MetricValue, RunDraft

__all__ = ["digest", "named_store", "read_begun", "read_runs", "runs_in_folder", "store_mark"]

_RUNS_A_CHUNK = 500
_STEPS_BETWEEN_LOOKS = 10_000  # of SQLite, less than a millisecond
_COARSEST_TICK_S = 2.0  # of FAT; others have milliseconds
# What MLflow does not take for a path.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|(?:databricks|databricks-uc|uc)(?::|$)|file:|sqlite:")
_SQLITE_HEADER = b"SQLite format 3\0"
_HOW_WRITTEN = "a SQLite store is written sqlite:////path/mlflow.db"
_FOLDER_HINT = "A folder of runs is named itself: the mlruns of MLflow, or the wandb of wandb."

# What must be there, and what older versions of MLflow lacked, with what stands in for it.
_REQUIRED = {
    "experiments": {"experiment_id", "name"},
    "runs": {"run_uuid", "status", "start_time", "end_time", "experiment_id"},
    "params": {"run_uuid", "key", "value"},
    "tags": {"run_uuid", "key", "value"},
    "latest_metrics": {"run_uuid", "key", "value"},
}
_OPTIONAL = {
    "runs": {"name": "''", "lifecycle_stage": "'active'", "artifact_uri": "''"},
    "latest_metrics": {"step": "0", "timestamp": "NULL", "is_nan": "0"},
}


def named_store(name: str) -> str:
    """The URI of the store that a person names: a URI, or the plain path of a SQLite file or a folder of runs.

    Raises Unreachable where no store is there, and Unreadable for another file or folder.
    """
    path = sqlite_path(name)
    if path is not None:
        mlflow_sqlite.require_file(path)
        return name
    if _URI.match(name):
        if name.startswith("sqlite"):
            raise _no_file(name)
        return name
    path = Path(name)
    try:
        if path.is_dir():
            return _named_folder(path, name)
        if not path.is_file():
            raise Unreachable(f"There is no MLflow store at {name}; {_HOW_WRITTEN}.")
        with path.open("rb") as file:
            is_sqlite = file.read(len(_SQLITE_HEADER)) == _SQLITE_HEADER
    except OSError as error:
        raise Unreadable(f"{name} cannot be read: {error.strerror}.") from error
    if not is_sqlite:
        raise Unreadable(f"{name} is no SQLite file, and {_HOW_WRITTEN}.")
    return sqlite_uri(path)


def _named_folder(path: Path, name: str) -> str:
    if file_store.is_file_store(path):
        return folder_uri(path)
    if wandb_offline.is_wandb_folder(path):
        return wandb_uri(path)
    raise Unreadable(f"{name} is a folder without runs, and {_HOW_WRITTEN}.", hint=_FOLDER_HINT)


def read_runs(tracking_uri: str) -> Iterator[RunDraft]:
    """Every run of the store, deleted ones too, oldest first where it is SQLite.

    `RunDraft.tracking_uri` is absolute and without password. Raises Unreachable, Unreadable or another
    SourceError, in one sentence, where the store is missing, foreign, locked or of a form that is not
    known, and MissingExtra where a server needs an MLflow that is not installed. A single run that is
    damaged in a folder of runs is left out.
    """
    path = sqlite_path(tracking_uri)
    if path is not None:
        return _read_sqlite(path, absolute_uri(tracking_uri))
    if tracking_uri.startswith("sqlite"):
        raise _no_file(tracking_uri)
    folder, wandb_folder = folder_path(tracking_uri), wandb_path(tracking_uri)
    if folder is not None:
        return file_store.read_runs(folder, absolute_uri(tracking_uri))
    if wandb_folder is not None:
        return wandb_offline.read_runs(wandb_folder, absolute_uri(tracking_uri))
    return mlflow_servers.read_runs(tracking_uri)


def read_begun(
    path: Path, run_ids: Collection[str], since: datetime, most: int, deadline: float
) -> tuple[RunDraft, ...]:
    """Of a SQLite store, these runs and those that began `since` then; at the most so many of those that began last.

    Raises SourceError, also where that is not done by `deadline`, a moment of `time.monotonic`.
    """
    try:
        with closing(mlflow_sqlite.opened(path)) as connection:
            connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS_BETWEEN_LOOKS)
            columns = _probed(connection, path)
            found = rows(
                connection,
                "SELECT run_uuid FROM runs WHERE run_uuid IN (SELECT value FROM json_each(?)) OR start_time >= ? "
                "ORDER BY start_time DESC LIMIT ?",
                [json.dumps([*run_ids]), int(since.timestamp() * 1000), most],
            )
            return tuple(_chunk(connection, columns, [row[0] for row in found], sqlite_uri(path)))
    except sqlite3.Error as error:
        raise mlflow_sqlite.explained(error, path) from error


def runs_in_folder(tracking_uri: str, only: Collection[str] | None = None) -> list[FolderRun] | None:
    """The runs of a store that is a folder, before they are read; None for any other store. Raises SourceError.

    `only` leaves those with these run ids.
    """
    folder, wandb_folder = folder_path(tracking_uri), wandb_path(tracking_uri)
    if folder is not None:
        return file_store.runs_of(folder, absolute_uri(tracking_uri), only)
    if wandb_folder is not None:
        return wandb_offline.runs_of(wandb_folder, absolute_uri(tracking_uri), only)
    return None


def _no_file(uri: str) -> Unreachable:
    return Unreachable(f"{uri!r} names no file; {_HOW_WRITTEN}.")


def store_mark(tracking_uri: str) -> str | None:
    """Says whether a SQLite store may have changed, without opening it: equal marks, nothing new to read.

    Every commit writes the database, or in WAL mode the file beside it, and so moves a time or a size.
    Take the mark before reading: a change in between then shows as another mark the next time. None where
    there is no such shortcut: other stores, a file that is not there, and one that was written in the last
    seconds, since a second write within a tick of the file system's clock would not show.
    """
    path = sqlite_path(tracking_uri)
    if path is None:
        return None
    now_s = time.time()
    own, beside = _mark(path, now_s), _mark(mlflow_sqlite.wal(path), now_s)
    return None if not own or beside is None else f"{path}|{own}|{beside}"


def _mark(file: Path, now_s: float) -> str | None:
    """Empty where there is nothing (a reader leaves an empty -wal behind), None where it is too fresh to tell."""
    try:
        status = file.stat()
    except OSError:
        return ""
    if status.st_size == 0:
        return ""
    is_fresh = status.st_mtime > now_s - _COARSEST_TICK_S
    return None if is_fresh else f"{status.st_ino}:{status.st_size}:{status.st_mtime_ns}"


# ---------------------------------------------------------------- SQLite


def _read_sqlite(path: Path, uri: str) -> Iterator[RunDraft]:
    try:
        with closing(mlflow_sqlite.opened(path)) as connection:
            columns = _probed(connection, path)
            run_ids = [row[0] for row in rows(connection, "SELECT run_uuid FROM runs ORDER BY start_time, run_uuid")]
            for start in range(0, len(run_ids), _RUNS_A_CHUNK):
                yield from _chunk(connection, columns, run_ids[start : start + _RUNS_A_CHUNK], uri)
    except sqlite3.Error as error:
        raise mlflow_sqlite.explained(error, path) from error


def _probed(connection: sqlite3.Connection, path: Path) -> dict[str, str]:
    """For each table with optional columns, the expressions to select in their places."""
    there = {table: mlflow_sqlite.columns(connection, table) for table in _REQUIRED}
    if not there["runs"] or not there["experiments"]:
        raise Unreadable(f"{path} is no MLflow store: it has no runs.", hint="Name the mlflow.db of a tracking store.")
    for table, required in _REQUIRED.items():
        if missing := required - there[table]:
            raise Unreadable(
                f"{path} is an MLflow store of a form that is not known: {table} lacks {', '.join(sorted(missing))}.",
                hint=f"Try: mlflow db upgrade '{sqlite_uri(path)}'",
            )
    return {
        table: ", ".join(f"{table}.{name}" if name in there[table] else default for name, default in columns.items())
        for table, columns in _OPTIONAL.items()
    }


def _chunk(
    connection: sqlite3.Connection, columns: dict[str, str], run_ids: Sequence[str], uri: str
) -> Iterator[RunDraft]:
    chosen = [json.dumps(run_ids)]
    runs = rows(
        connection,
        # The columns are our own names, see _OPTIONAL.
        f"SELECT run_uuid, status, start_time, end_time, experiments.name, {columns['runs']} "  # noqa: S608
        "FROM runs LEFT JOIN experiments USING (experiment_id) "
        "WHERE run_uuid IN (SELECT value FROM json_each(?)) ORDER BY start_time, run_uuid",
        chosen,
    )
    params = _texts(
        connection,
        "SELECT run_uuid, key, value FROM params WHERE run_uuid IN (SELECT value FROM json_each(?))",
        chosen,
    )
    tags = _texts(
        connection,
        "SELECT run_uuid, key, value FROM tags WHERE run_uuid IN (SELECT value FROM json_each(?))",
        chosen,
    )
    metrics: dict[str, dict[str, MetricValue]] = defaultdict(dict)
    for run_id, key, value, step, at, is_nan in rows(
        connection,
        f"SELECT run_uuid, key, value, {columns['latest_metrics']} FROM latest_metrics "  # noqa: S608
        "WHERE run_uuid IN (SELECT value FROM json_each(?))",
        chosen,
    ):
        metrics[run_id][key] = MetricValue(value=None if is_nan else number(value), step=step, logged_at=moment(at))
    for run_id, status, started, ended, experiment, name, lifecycle, artifact_uri in runs:
        yield make_draft(
            uri, run_id, params[run_id], metrics[run_id], tags[run_id],
            status=status, started=started, ended=ended, experiment=experiment or "",
            name=name or "", lifecycle=lifecycle, artifact_uri=artifact_uri or "",
        )  # fmt: skip


def _texts(connection: sqlite3.Connection, query: str, chosen: Sequence[str]) -> dict[str, dict[str, str]]:
    """By run, the values by key."""
    by_run: dict[str, dict[str, str]] = defaultdict(dict)
    for run_id, key, value in rows(connection, query, chosen):
        by_run[run_id][key] = "" if value is None else str(value)
    return by_run
