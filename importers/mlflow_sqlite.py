"""Opens the SQLite store of an MLflow to read it, without ever holding it: a training process may be writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from journal.errors import SourceError, Unreachable, Unreadable

_BUSY_TIMEOUT_S = 0.1
_NO_STORE_HINT = "Name the mlflow.db of a tracking store."


def require_file(path: Path) -> None:
    """Raises Unreachable where nothing is at `path`, Unreadable where it may not be looked at."""
    try:
        is_there = path.is_file()
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from error
    if not is_there:
        raise Unreachable(f"There is no MLflow store at {path}.", hint="Train something first, or name another store.")


def opened(path: Path, *, busy_timeout_s: float = _BUSY_TIMEOUT_S) -> sqlite3.Connection:
    """A connection that only reads. Between two statements of it nothing is locked, if each is fetched whole (`rows`).

    Raises Unreachable, Unreadable or sqlite3.Error.
    """
    require_file(path)
    connection = _connected(path, "mode=ro", busy_timeout_s)
    try:
        rows(connection, "SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError as error:
        connection.close()
        # A WAL database in a folder that cannot be written opens only as what it is: an archive.
        is_archive = _is_named(error, "SQLITE_READONLY", "SQLITE_CANTOPEN") and not wal(path).exists()
        if not is_archive:
            raise
        return _connected(path, "immutable=1", busy_timeout_s)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _connected(path: Path, options: str, busy_timeout_s: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.as_uri()}?{options}", uri=True, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False
    )
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return connection


def rows(
    connection: sqlite3.Connection, query: str, values: Sequence[object] | Mapping[str, object] = ()
) -> list[tuple[Any, ...]]:
    """All that a query gives, at once: a cursor that is left open would lock a store in DELETE mode."""
    return connection.execute(query, values).fetchall()


def columns(connection: sqlite3.Connection, table: str) -> set[str]:
    """Names of the columns of a table; empty where it is not there. Versions of MLflow differ in them."""
    return {row[0] for row in rows(connection, "SELECT name FROM pragma_table_info(?)", [table])}


def explained(error: sqlite3.Error, path: Path) -> SourceError:
    """What `error` means for a person, in a sentence."""
    if is_busy(error):
        return SourceError(f"{path} is being written just now.", hint="Nothing was changed; try again in a moment.")
    if _is_named(error, "SQLITE_INTERRUPT"):  # by ourselves
        return SourceError(f"{path} takes long to read.")
    if _is_named(error, "SQLITE_NOTADB", "SQLITE_CORRUPT"):
        return Unreadable(f"{path} is no MLflow store: {error}.", hint=_NO_STORE_HINT)
    return Unreadable(f"{path} cannot be read: {error}.")


def is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else is writing, so that trying again helps."""
    return _is_named(error, "SQLITE_BUSY", "SQLITE_LOCKED")


def _is_named(error: sqlite3.Error, *names: str) -> bool:
    return (getattr(error, "sqlite_errorname", None) or "").startswith(names)


def wal(path: Path) -> Path:
    """The file beside a store in WAL mode."""
    return path.with_name(path.name + "-wal")
