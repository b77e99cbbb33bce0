"""Bring a journal's schema up to what this program knows: forward only, on open, a backup first.

The version lives in the file (`PRAGMA user_version`), beside a mark that the file is ours
(`PRAGMA application_id`). Each step is one transaction. Plain sqlite3: Alembic's batch mode would
drop the full-text triggers without a word.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from journal.clock import now
from journal.errors import Damaged, ForeignDatabase, NewerJournal, OldSQLite

APPLICATION_ID = 0x6C61626A  # "labj"
OLDEST_SQLITE = (3, 37, 0)  # the first with STRICT tables
_SCHEMA_FOLDER = Path(__file__).parent / "schema"


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step and its SQL."""

    version: int
    name: str
    path: Path

    @property
    def sql(self) -> str:
        return self.path.read_text(encoding="utf-8")


@cache
def known_migrations() -> tuple[Migration, ...]:
    """Every step that ships with the program, in order."""
    steps = (Migration(int(path.stem[:4]), path.stem[5:], path) for path in _SCHEMA_FOLDER.glob("*.sql"))
    return tuple(sorted(steps, key=lambda step: step.version))


def statements(sql: str) -> Iterator[str]:
    """`sql` cut into single statements; a trigger's inner semicolons do not cut it."""
    pending = ""
    for line in sql.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip():
        yield pending


def version_of(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def require_sqlite(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
    """Raises OldSQLite where SQLite cannot do what the schema needs."""
    if version < OLDEST_SQLITE:
        raise OldSQLite(
            f"This Python brings SQLite {'.'.join(map(str, version))}; the journal needs 3.37 or later.",
            hint="Use a newer Python build.",
        )


def migrate(
    connection: sqlite3.Connection, path: Path, backups: Path, migrations: Sequence[Migration] | None = None
) -> None:
    """Apply every step the file lacks.

    `connection` must be in autocommit mode. Raises ForeignDatabase, NewerJournal or Damaged before
    anything is touched. A step that fails leaves the version before it, whole.
    """
    steps = known_migrations() if migrations is None else migrations
    newest = steps[-1].version
    require_sqlite()
    version = _checked_version(connection, path, newest)
    if version == newest:
        return
    if version > 0:
        _back_up(connection, backups, version)
    connection.execute("PRAGMA foreign_keys = OFF")  # has no effect inside a transaction
    try:
        for step in steps:
            if step.version > version:
                _apply(connection, path, step, newest)
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


def _checked_version(connection: sqlite3.Connection, path: Path, newest: int) -> int:
    # In one statement: another process may be making the tables just now.
    application_id, version, is_empty = connection.execute(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master) = 0 "
        "FROM pragma_application_id, pragma_user_version"
    ).fetchone()
    if application_id != APPLICATION_ID and (application_id or version or not is_empty):
        raise ForeignDatabase(
            f"{path} is a database of another program.",
            hint="Move it away, or set LABJOURNAL_HOME elsewhere.",
        )
    if version > newest:
        raise NewerJournal(
            f"{path} was written by a newer labjournal (schema {version}; this one knows {newest}).",
            hint="Upgrade with: pip install --upgrade labjournal",
        )
    if version < 0 or bool(version) is bool(is_empty):
        raise Damaged(
            f"{path} is damaged: it says schema version {version}, which its tables are not.",
            hint="Put the last good backup in its place; 'journal paths' names them.",
        )
    return int(version)


def _apply(connection: sqlite3.Connection, path: Path, step: Migration, newest: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have taken this step while we waited for the lock.
        if _checked_version(connection, path, newest) >= step.version:
            connection.execute("ROLLBACK")
            return
        # executescript would commit first and leave the transaction.
        for statement in statements(step.sql):
            connection.execute(statement)
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise Damaged(f"{path}: migration {step.version} ({step.name}) would break {len(broken)} references.")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {step.version}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _back_up(connection: sqlite3.Connection, backups: Path, version: int) -> None:
    backups.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = now().strftime("%Y%m%dT%H%M%S%f")
    connection.execute("VACUUM INTO ?", (str(backups / f"journal-v{version}-{stamp}.db"),))
