"""Copies of the whole journal, and whether it is sound."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from journal.clock import Clock, now
from journal.db import connect, wrapped_errors
from journal.errors import UsageError
from journal.migrate import known_migrations, statements, version_of
from journal.paths import Paths, made
from journal.types import Kind


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `doctor` looked at. `advice` says what to do where it is not sound, and is empty where it is."""

    name: str
    is_sound: bool
    message: str
    advice: str = ""

    def __post_init__(self) -> None:
        if self.is_sound:
            object.__setattr__(self, "advice", "")


def back_up(paths: Paths, target: Path | None = None, *, clock: Clock = now) -> Path:
    """Copy the journal to `target`, or to a dated file among the backups, while others may write.

    The copy appears under its name only when it is whole. Raises UsageError where `target` exists.
    """
    with wrapped_errors(target or paths.backups):
        if target is None:
            target = made(paths.backups) / f"journal-{clock().strftime('%Y%m%dT%H%M%S%f')}.db"
        if target.exists():
            raise UsageError(f"{target} exists already.", hint="Name a file that does not.")
        unfinished = target.with_name(f"{target.name}.unfinished-{os.getpid()}")
        connection = connect(paths)
        try:
            connection.execute("VACUUM INTO ?", (str(unfinished),))
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
            connection.close()
    return target


def examine(connection: sqlite3.Connection, paths: Paths) -> tuple[Finding, ...]:
    """Everything about the journal's file that can be checked without changing it."""
    newest = known_migrations()[-1].version
    version = version_of(connection)
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    return (
        Finding("journal", True, f"{paths.journal} (SQLite {sqlite3.sqlite_version}, {mode} mode)"),
        Finding(
            "schema",
            version == newest,
            f"version {version} of {newest}",
            "Open it with any command to upgrade.",
        ),
        _tables(connection),
        _rows(connection),
        _integrity(connection),
        _references(connection),
        *(_index(connection, table) for table in ("item_fts", "problem_fts")),
    )


def rebuild_search(connection: sqlite3.Connection) -> None:
    """Make the search index anew from what is kept."""
    connection.execute("INSERT INTO item_fts (item_fts) VALUES ('rebuild')")


def _integrity(connection: sqlite3.Connection) -> Finding:
    try:
        lines = [line for (line,) in connection.execute("PRAGMA integrity_check(20)").fetchall()]
    except sqlite3.DatabaseError as error:
        lines = [str(error)]
    return Finding(
        "file",
        lines == ["ok"],
        "sound" if lines == ["ok"] else "; ".join(lines),
        "Restore the last good backup.",
    )


def _tables(connection: sqlite3.Connection) -> Finding:
    """Whether every table, index and trigger of the schema is there, as it was made."""
    listing = "SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    here = dict(connection.execute(listing).fetchall())
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as wanted:
        for step in known_migrations():
            for statement in statements(step.sql):
                wanted.execute(statement)
        made = dict(wanted.execute(listing).fetchall())
    lacking = [name for name, sql in made.items() if here.get(name) != sql]
    added = [name for name in here if name not in made and " sqlite_" not in name]
    wrong = [f"missing or altered: {', '.join(lacking)}"] * bool(lacking) + [f"not ours: {', '.join(added)}"] * bool(
        added
    )
    return Finding("tables", not wrong, "; ".join(wrong) or "as they were made", "Restore the last good backup.")


def _rows(connection: sqlite3.Connection) -> Finding:
    """Whether each item has what makes it a paper, a run, an entry."""
    halves = []
    for kind in Kind:
        try:
            (count,) = connection.execute(
                f"SELECT count(*) FROM item WHERE kind = ? AND id NOT IN (SELECT item_id FROM {kind})",  # our own names
                (kind,),
            ).fetchone()
        except sqlite3.Error:
            continue  # the table is not there, which is found by itself
        if count:
            halves.append(f"{count} of kind {kind}")
    return Finding(
        "items", not halves, f"not whole: {', '.join(halves)}" if halves else "whole", "Restore the last good backup."
    )


def _references(connection: sqlite3.Connection) -> Finding:
    broken = len(connection.execute("PRAGMA foreign_key_check").fetchall())
    return Finding("references", broken == 0, f"{broken} broken", "Restore the last good backup.")


def _index(connection: sqlite3.Connection, table: str) -> Finding:
    # Only the form with rank = 1 compares the index with the content.
    try:
        connection.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)")
    except sqlite3.OperationalError as error:
        if (error.sqlite_errorname or "").startswith("SQLITE_BUSY"):
            raise  # locked: says nothing about the index
        if "readonly" not in str(error):
            return Finding(f"search index {table}", False, str(error), "Restore the last good backup.")
        return Finding(f"search index {table}", True, "not checked: the journal cannot be written")
    except sqlite3.Error as error:
        return Finding(f"search index {table}", False, str(error), "Run 'journal doctor --rebuild-search'.")
    return Finding(f"search index {table}", True, "agrees with what is kept")
