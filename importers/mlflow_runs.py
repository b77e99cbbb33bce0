"""Reads the runs of an MLflow store.

A SQLite store is read by short read-only SQL: 30 times faster than through the client, also where the
store belongs to another MLflow version, and without ever blocking a training process. In DELETE mode a
reader that keeps a cursor open makes MLflow fail after 20 s; so every query is fetched whole at once, a
few hundred runs each, and between two of them nothing is locked. Other stores are read by MlflowClient.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import socket
import sqlite3
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from importers.text import shortened
from journal.clock import from_milliseconds
from journal.errors import MissingExtra, SourceError, Unreachable, Unreadable
from journal.tracking_uris import absolute_uri, sqlite_path, sqlite_uri, without_password
from journal.types import MetricValue, RunDraft, RunStatus

_NAME_TAG = "mlflow.runName"
_NOTE_TAG = "mlflow.note.content"
_PARENT_TAG = "mlflow.parentRunId"

_BUSY_TIMEOUT_S = 0.1
_RUNS_A_CHUNK = 500
_CONNECT_TIMEOUT_S = 5.0
_RUNS_A_PAGE = 1_000
_LONGEST_REASON = 300  # characters of what MLflow says went wrong
_COARSEST_TICK_S = 2.0  # of FAT; others have milliseconds
_PORT_OF_SCHEME = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "mssql": 1433}
# What MLflow does not take for a path.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|(?:databricks|databricks-uc|uc)(?::|$)|file:|sqlite:")
_SQLITE_HEADER = b"SQLite format 3\0"
_HOW_WRITTEN = "a SQLite store is written sqlite:////path/mlflow.db"
_FOLDER_HINT = "A folder of runs, as MLflow wrote it once, becomes one by: mlflow migrate-filestore --help"

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
    """The URI of the store that a person names: a URI, or the plain path of a SQLite file that is there.

    MLflow itself takes a plain path for a folder of runs, a form that it no longer reads. Raises Unreachable
    where no store is there, and Unreadable for a folder or another file.
    """
    path = sqlite_path(name)
    if path is not None:
        _require_file(path)
        return name
    if _URI.match(name):
        if name.startswith("sqlite"):
            raise _no_file(name)
        return name
    path = Path(name)
    try:
        if path.is_dir():
            raise Unreadable(f"{name} is a folder, and {_HOW_WRITTEN}.", hint=_FOLDER_HINT)
        if not path.is_file():
            raise Unreachable(f"There is no MLflow store at {name}; {_HOW_WRITTEN}.")
        with path.open("rb") as file:
            is_sqlite = file.read(len(_SQLITE_HEADER)) == _SQLITE_HEADER
    except OSError as error:
        raise Unreadable(f"{name} cannot be read: {error.strerror}.") from error
    if not is_sqlite:
        raise Unreadable(f"{name} is no SQLite file, and {_HOW_WRITTEN}.")
    return sqlite_uri(path)


def read_runs(tracking_uri: str) -> Iterator[RunDraft]:
    """Every run of the store, deleted ones too, oldest first where it is SQLite.

    `RunDraft.tracking_uri` is absolute and without password. Raises Unreachable, Unreadable or another
    SourceError, in one sentence, where the store is missing, foreign, locked or of a form that is not
    known, and MissingExtra where a store other than SQLite needs an MLflow that is not installed.
    """
    path = sqlite_path(tracking_uri)
    if path is not None:
        return _read_sqlite(path, absolute_uri(tracking_uri))
    if tracking_uri.startswith("sqlite"):
        raise _no_file(tracking_uri)
    return _read_by_client(tracking_uri)


def _no_file(uri: str) -> Unreachable:
    return Unreachable(f"{uri!r} names no file; {_HOW_WRITTEN}.")


def digest(draft: RunDraft) -> str:
    """A fingerprint of everything that is mirrored of a run: the same runs, the same digest, in any process."""
    values = {field.name: getattr(draft, field.name) for field in fields(draft)}
    values["metrics"] = {key: (each.value, each.step, each.logged_at) for key, each in draft.metrics.items()}
    content = json.dumps(values, sort_keys=True, default=datetime.isoformat)
    return hashlib.sha256(content.encode()).hexdigest()


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
    own, beside = _mark(path, now_s), _mark(_wal(path), now_s)
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
        with closing(_open(path)) as connection:
            columns = _probed(connection, path)
            run_ids = [row[0] for row in _rows(connection, "SELECT run_uuid FROM runs ORDER BY start_time, run_uuid")]
            for start in range(0, len(run_ids), _RUNS_A_CHUNK):
                yield from _chunk(connection, columns, run_ids[start : start + _RUNS_A_CHUNK], uri)
    except sqlite3.Error as error:
        raise _explained(error, path) from error


def _require_file(path: Path) -> None:
    try:
        is_there = path.is_file()
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from error
    if not is_there:
        raise Unreachable(f"There is no MLflow store at {path}.", hint="Train something first, or name another store.")


def _open(path: Path) -> sqlite3.Connection:
    _require_file(path)
    connection = _connected(path, "mode=ro")
    try:
        _rows(connection, "SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError as error:
        connection.close()
        # A WAL database in a folder that cannot be written opens only as what it is: an archive.
        is_archive = _named(error, "SQLITE_READONLY", "SQLITE_CANTOPEN") and not _wal(path).exists()
        if not is_archive:
            raise
        return _connected(path, "immutable=1")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _connected(path: Path, options: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.as_uri()}?{options}", uri=True, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return connection


def _rows(connection: sqlite3.Connection, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    return connection.execute(query, values).fetchall()


def _probed(connection: sqlite3.Connection, path: Path) -> dict[str, str]:
    """For each table with optional columns, the expressions to select in their places."""
    there = {
        table: {row[0] for row in _rows(connection, "SELECT name FROM pragma_table_info(?)", [table])}
        for table in _REQUIRED
    }
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
    runs = _rows(
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
    for run_id, key, value, step, at, is_nan in _rows(
        connection,
        f"SELECT run_uuid, key, value, {columns['latest_metrics']} FROM latest_metrics "  # noqa: S608
        "WHERE run_uuid IN (SELECT value FROM json_each(?))",
        chosen,
    ):
        metrics[run_id][key] = MetricValue(value=None if is_nan else _number(value), step=step, logged_at=_moment(at))
    for run_id, status, started, ended, experiment, name, lifecycle, artifact_uri in runs:
        yield _draft(
            uri, run_id, params[run_id], metrics[run_id], tags[run_id],
            status=status, started=started, ended=ended, experiment=experiment or "",
            name=name or "", lifecycle=lifecycle, artifact_uri=artifact_uri or "",
        )  # fmt: skip


def _texts(connection: sqlite3.Connection, query: str, chosen: Sequence[str]) -> dict[str, dict[str, str]]:
    """By run, the values by key."""
    by_run: dict[str, dict[str, str]] = defaultdict(dict)
    for run_id, key, value in _rows(connection, query, chosen):
        by_run[run_id][key] = "" if value is None else str(value)
    return by_run


def _explained(error: sqlite3.Error, path: Path) -> SourceError:
    if _named(error, "SQLITE_BUSY", "SQLITE_LOCKED"):
        return SourceError(f"{path} is being written just now.", hint="Nothing was changed; try again in a moment.")
    if _named(error, "SQLITE_NOTADB", "SQLITE_CORRUPT"):
        return Unreadable(f"{path} is no MLflow store: {error}.", hint="Name the mlflow.db of a tracking store.")
    return Unreadable(f"{path} cannot be read: {error}.")


def _named(error: sqlite3.Error, *names: str) -> bool:
    return (getattr(error, "sqlite_errorname", None) or "").startswith(names)


def _wal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


# ---------------------------------------------------------------- any other store


def _read_by_client(uri: str) -> Iterator[RunDraft]:
    shown = without_password(uri)
    _require_answer(uri, shown)
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    try:
        from mlflow import MlflowClient
        from mlflow.entities import ViewType
    except ImportError as error:
        raise MissingExtra(f"Reading the MLflow store at {shown}", "mlflow") from error
    try:
        client = MlflowClient(tracking_uri=uri)
        names = {
            experiment.experiment_id: experiment.name
            for experiment in _pages(
                lambda token: client.search_experiments(ViewType.ALL, _RUNS_A_PAGE, page_token=token)
            )
        }
        ids = list(names)
        runs = _pages(
            lambda token: client.search_runs(ids, "", ViewType.ALL, _RUNS_A_PAGE, page_token=token) if ids else []
        )
        for run in runs:
            yield _of_client(shown, run, names)
    except Exception as error:  # MLflow raises its own, SQLAlchemy's, requests' and plain ones
        said = _first_sentences(_without_secret(str(error).strip() or type(error).__name__, uri))
        raise Unreachable(f"The MLflow store at {shown} cannot be read: {said}") from error


def _without_secret(text: str, uri: str) -> str:
    """`text` without the password of `uri`, however much of the URI it repeats."""
    with suppress(ValueError):
        password = urlsplit(uri).password
        for secret in (password, unquote(password or "")):
            if secret:
                text = text.replace(f":{secret}@", "@")
    return text


def _first_sentences(text: str) -> str:
    """The first line, cut behind a sentence where it is long, or at a word. MLflow writes whole essays."""
    line = text.splitlines()[0]
    if len(line) <= _LONGEST_REASON:
        return line
    end = line.rfind(". ", 0, _LONGEST_REASON)
    return line[: end + 1] if end > 0 else shortened(line, _LONGEST_REASON)


def _require_answer(uri: str, shown: str) -> None:
    """Find out in seconds that nobody listens: MLflow itself retries for minutes."""
    parts = urlsplit(uri)
    try:
        port = parts.port or _PORT_OF_SCHEME.get(parts.scheme.partition("+")[0])
        if parts.hostname and port:
            socket.create_connection((parts.hostname, port), timeout=_CONNECT_TIMEOUT_S).close()
    except (OSError, ValueError) as error:
        raise Unreachable(
            f"No MLflow store answers at {shown}: {getattr(error, 'strerror', None) or error}."
        ) from error


def _pages(page_of: Any) -> Iterator[Any]:
    token = None
    while True:
        page = page_of(token)
        yield from page
        token = getattr(page, "token", None)
        if not token:
            return


def _of_client(uri: str, run: Any, names: dict[str, str]) -> RunDraft:
    # `data.metrics` has the values alone; steps and times are in the list that it is made of.
    logged = {each.key: each for each in getattr(run.data, "_metric_objs", ())}
    metrics = {}
    for key, value in run.data.metrics.items():
        at = logged.get(key)
        metrics[key] = MetricValue(
            value=_number(value),
            step=int(at.step or 0) if at is not None else 0,
            logged_at=_moment(at.timestamp) if at is not None else None,
        )
    info = run.info
    return _draft(
        uri, info.run_id, dict(run.data.params), metrics, dict(run.data.tags),
        status=info.status, started=info.start_time, ended=info.end_time,
        experiment=names.get(info.experiment_id, ""), name=info.run_name or "",
        lifecycle=info.lifecycle_stage, artifact_uri=info.artifact_uri or "",
    )  # fmt: skip


# ---------------------------------------------------------------- both


def _draft(
    uri: str,
    run_id: str,
    params: dict[str, str],
    metrics: dict[str, MetricValue],
    tags: dict[str, str],
    *,
    status: str | None,
    started: int | None,
    ended: int | None,
    experiment: str,
    name: str,
    lifecycle: str | None,
    artifact_uri: str,
) -> RunDraft:
    return RunDraft(
        run_id=run_id,
        tracking_uri=uri,
        name=tags.get(_NAME_TAG) or name or run_id[:8],
        experiment=experiment,
        status=_status(status, ended),
        started_at=_moment(started),
        ended_at=_moment(ended),
        parent_run_id=tags.get(_PARENT_TAG) or None,
        artifact_uri=artifact_uri,
        note=tags.get(_NOTE_TAG, ""),
        is_deleted=lifecycle == "deleted",
        params=params,
        metrics=metrics,
        tags=tags,
    )


def _status(status: str | None, ended: int | None) -> RunStatus:
    try:
        return RunStatus(str(status).lower())
    except ValueError:  # none that MLflow knows today: what its end says
        return RunStatus.running if ended is None else RunStatus.finished


def _number(value: object) -> float | None:
    """A metric's value: None for NaN, infinity where MLflow put the largest float in its place."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    if math.isnan(number):
        return None
    return math.copysign(math.inf, number) if abs(number) >= sys.float_info.max else number


def _moment(milliseconds: int | None) -> datetime | None:
    """None also for a time outside the calendar: `log_metric` takes any number for one."""
    try:
        return from_milliseconds(milliseconds)
    except (OverflowError, ValueError, OSError):
        return None
