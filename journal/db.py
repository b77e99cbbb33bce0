"""One `connect()` for everybody, and SQLite's errors turned into sentences."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from journal.errors import Damaged, DiskFull, JournalUnusable, Locked, Missing, ReadOnly
from journal.file_systems import is_on_shared_file_system
from journal.migrate import known_migrations, migrate
from journal.paths import Paths, made

BUSY_TIMEOUT_S = 10.0
_MISSING = re.compile(r"(?:no such (?P<what>table|column): |table \w+ has no column named )(?:\w+\.)*(?P<name>\w+)")
_LEAST_FREE_BYTES = 64 * 1024


class Connection(sqlite3.Connection):
    """Its transactions begin and end by SQL alone.

    SQLAlchemy, which the store lends its connection to, calls rollback() already to greet a database;
    it must not end the transaction that it works in.
    """

    def commit(self) -> None:
        """Does nothing: execute COMMIT."""

    def rollback(self) -> None:
        """Does nothing: execute ROLLBACK."""


def connect(paths: Paths, *, busy_timeout_s: float = BUSY_TIMEOUT_S, must_exist: bool = False) -> sqlite3.Connection:
    """A connection to the journal, created or migrated where needed, in autocommit mode.

    Raises a JournalUnusable that says which of locked, newer, foreign, damaged, read-only or full it
    is, or that it is missing where it `must_exist`. Opening never damages a file that is not ours.
    """
    with wrapped_errors(paths.journal):
        if must_exist:
            require(paths)
        is_read_only = paths.journal.exists() and not _is_writable(paths.journal)
        if not is_read_only:
            made(paths.data)
        try:
            return _connected(paths, is_read_only, busy_timeout_s)
        except sqlite3.OperationalError:
            if is_read_only or not _is_full(paths.journal):
                raise
        return _connected(paths, is_read_only, busy_timeout_s, needs_no_space=True)


def _connected(
    paths: Paths, is_read_only: bool, busy_timeout_s: float, *, needs_no_space: bool = False
) -> sqlite3.Connection:
    connection = _open(paths.journal, is_read_only, busy_timeout_s)
    try:
        if needs_no_space:  # the index of the WAL is kept in memory, and others wait
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA recursive_triggers = ON")  # REPLACE fires delete triggers
        connection.execute("PRAGMA synchronous = NORMAL")  # safe with WAL
        migrate(connection, paths.journal, paths.backups)
        if not is_read_only:
            _set_journal_mode(connection, paths.journal)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def looking(paths: Paths, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Iterator[sqlite3.Connection]:
    """A connection that only reads: it makes nothing, migrates nothing and waits for nobody's write.

    Raises a JournalUnusable; Missing where there is no journal yet.
    """
    with wrapped_errors(paths.journal):
        require(paths)
        connection = _open(paths.journal, True, busy_timeout_s)
        try:
            yield connection
        finally:
            connection.close()


def require(paths: Paths) -> None:
    """Raises Missing where the journal is not in its place."""
    if not paths.journal.exists():
        raise Missing(f"{paths.journal} is not there any more.", hint="Put it, or a backup, in its place.")


@contextmanager
def wrapped_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system say about `path` into a JournalUnusable; the rest passes."""
    try:
        yield
    except sqlite3.Error as error:
        explained = explain(error, path)
        if explained is None:
            raise
        raise explained from error
    except PermissionError as error:
        raise ReadOnly(f"{error.filename or path} cannot be written.", hint="Check its permissions.") from error
    except (NotADirectoryError, FileExistsError, IsADirectoryError) as error:
        raise JournalUnusable(
            f"{error.filename or path} is in the way.", hint="Move it, or set LABJOURNAL_HOME elsewhere."
        ) from error
    except OSError as error:
        if error.filename is None:  # of no file, so of the output or of a connection
            raise
        raise JournalUnusable(f"{path} cannot be used: {error.strerror or error}.") from error


def explain(error: sqlite3.Error, path: Path) -> JournalUnusable | None:
    """What `error` means for the person, or None where it is a mistake of ours."""
    name = getattr(error, "sqlite_errorname", None) or ""
    text = str(error)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or "database is locked" in text:
        return Locked(f"{path} is locked by another program.", hint="Close what holds it, or wait, and try again.")
    if _lacks_what_it_had(text) or text == "SQL logic error" or name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return Damaged(
            f"{path} is damaged: {text}.",
            hint="Put the last good backup in its place; 'journal paths' names them.",
        )
    is_io_error = name.startswith(("SQLITE_CANTOPEN", "SQLITE_IOERR"))
    if name.startswith("SQLITE_FULL") or (is_io_error and _is_full(path)):
        return DiskFull(f"No space is left for {path}.", hint="Free some space; nothing kept was lost.")
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM")):
        return ReadOnly(f"{path} cannot be written.", hint="Check the permissions of the file and its folder.")
    if is_io_error:
        return JournalUnusable(f"{path} cannot be opened: {text}.", hint="Check the folder and the disk.")
    return None


def _is_full(path: Path) -> bool:
    """SQLite cannot even open a journal where its small helper files find no space, and calls that an I/O error."""
    try:
        return shutil.disk_usage(path.parent).free < _LEAST_FREE_BYTES
    except OSError:
        return False


def _lacks_what_it_had(said: str) -> bool:
    """Whether a table or column of the schema is gone: somebody altered the file by hand."""
    match = _MISSING.fullmatch(said)
    if match is None:
        return False
    own = rf"TABLE {match['name']}\b" if match["what"] == "table" else rf"^    {match['name']} "
    return any(re.search(own, step.sql, re.MULTILINE) for step in known_migrations())


def is_writable(paths: Paths) -> bool:
    """Whether the journal could be written just now."""
    return not paths.journal.exists() or _is_writable(paths.journal)


def _is_writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _open(path: Path, is_read_only: bool, busy_timeout_s: float) -> sqlite3.Connection:
    def opened(database: Path | str, *, uri: bool = False) -> sqlite3.Connection:
        return sqlite3.connect(database, timeout=busy_timeout_s, isolation_level=None, factory=Connection, uri=uri)

    if not is_read_only:
        return opened(path)
    connection = opened(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        # A WAL database in a folder that cannot be written opens only as what it is: an archive.
        connection.close()
        return opened(f"{path.as_uri()}?immutable=1", uri=True)
    return connection


@cache
def _wanted_journal_mode(path: Path) -> str:
    """Looked up once for a process: a file system does not change under a journal that is open."""
    return "delete" if is_on_shared_file_system(path.resolve()) else "wal"


def _set_journal_mode(connection: sqlite3.Connection, path: Path) -> None:
    wanted = _wanted_journal_mode(path)
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == wanted:
        return
    # Another process may be reading just now; either mode is correct, so the next open tries again.
    with suppress(sqlite3.OperationalError):
        connection.execute(f"PRAGMA journal_mode = {wanted}").fetchone()
