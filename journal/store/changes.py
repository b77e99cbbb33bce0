"""A change: one short transaction, which a person can take back.

`with change(paths, "log a try") as c:` begins IMMEDIATE (a deferred transaction that reads and then
writes would fail at once when somebody else writes), commits when the block ends, and rolls back when
it raises. What a person changes is recorded row by row by triggers that live only on this connection,
so that `undo` takes back any verb, whatever it wrote and however (sqlite.org/undoredo.html). What the
program does by itself (fetching, mirroring, intake) is not recorded.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from journal.clock import Clock, now, stored
from journal.db import BUSY_TIMEOUT_S, connect, wrapped_errors
from journal.paths import Paths

if TYPE_CHECKING:
    from sqlmodel import Session

# Not recorded: the record itself, old texts (they are a trace, and stay), and what the program works out.
_UNRECORDED = {"change", "change_row", "revision", "intake", "ranking"}
_SOON_S = 1.0  # a person waits for so long without a word


class Change:
    """One transaction: its raw connection for bulk and queries, and a session for single records.

    `summary` is what `undo` will say; it may be set again once it is known which items it is about.

    The session begins when it is first used: what writes by plain SQL alone, as fetching and undo do,
    never loads SQLModel.
    """

    def __init__(self, raw: sqlite3.Connection, moment: datetime) -> None:
        self.now = moment
        self.summary = ""
        self._raw = raw
        self._session: Session | None = None

    @property
    def connection(self) -> sqlite3.Connection:
        """The raw connection, which sees everything that the session holds so far."""
        self.flush()
        return self._raw

    @property
    def session(self) -> Session:
        if self._session is None:
            from journal.store.sqlmodel_session import open_session

            self._session = open_session(self._raw)
        return self._session

    def flush(self) -> None:
        if self._session is not None:
            self._session.flush()

    def close(self) -> None:
        if self._session is not None:
            self._session.close()


class LongChange:
    """A change by this person in several transactions, which `undo` takes back as one.

    For what takes long: others write in between, and a kill loses the last part alone.
    """

    def __init__(self, paths: Paths, summary: str, *, clock: Clock = now) -> None:
        self._paths, self._summary, self._clock = paths, summary, clock
        self._id: int | None = None  # known once a part touched something

    @contextmanager
    def part(self) -> Iterator[Change]:
        """One transaction of it."""
        with _transaction(self._paths, self._clock) as opened:
            change_id = _begin_record(opened, self._summary) if self._id is None else self._id
            _record(opened, change_id)
            opened.summary = self._summary
            yield opened
            touched = _end_record(opened.connection, change_id, opened.summary)
            self._summary = opened.summary
        self._id = change_id if touched else self._id


@contextmanager
def change(paths: Paths, summary: str, *, clock: Clock = now) -> Iterator[Change]:
    """A change by this person: `summary` is what `undo` will say that it took back, unless it is completed."""
    with LongChange(paths, summary, clock=clock).part() as opened:
        yield opened


@contextmanager
def program_change(paths: Paths, *, clock: Clock = now, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Iterator[Change]:
    """A change that the program makes by itself; `undo` passes over it."""
    with _transaction(paths, clock, busy_timeout_s) as opened:
        yield opened


@contextmanager
def _transaction(paths: Paths, clock: Clock, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Iterator[Change]:
    with wrapped_errors(paths.journal):
        raw = connect(paths, busy_timeout_s=busy_timeout_s)
        try:
            _begin(raw, paths, busy_timeout_s)
            opened = Change(raw, clock())
            try:
                yield opened
                opened.flush()
                raw.execute("COMMIT")
            finally:
                if raw.in_transaction:
                    raw.execute("ROLLBACK")
                opened.close()
        except Exception as error:
            # SQLAlchemy wraps what SQLite says; whoever waits outside knows SQLite's own errors.
            said = getattr(error, "orig", None)
            if isinstance(said, sqlite3.Error):
                raise said from error
            raise
        finally:
            raw.close()


def _begin(raw: sqlite3.Connection, paths: Paths, busy_timeout_s: float) -> None:
    """Begin to write, once nobody else does; a wait that gets long is told."""
    soon_s = min(_SOON_S, busy_timeout_s)
    raw.execute(f"PRAGMA busy_timeout = {round(1000 * soon_s)}")
    try:
        raw.execute("BEGIN IMMEDIATE")
        return
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or soon_s == busy_timeout_s:
            raise
    waits_for(paths)
    raw.execute(f"PRAGMA busy_timeout = {round(1000 * (busy_timeout_s - soon_s))}")
    raw.execute("BEGIN IMMEDIATE")


def tell_nobody(paths: Paths) -> None: ...


waits_for: Callable[[Paths], None] = tell_nobody
"""Called, in any thread, where a change waits for another program to finish with the journal."""


def _begin_record(opened: Change, summary: str) -> int:
    cursor = opened.connection.execute(
        "INSERT INTO change (made_at, summary) VALUES (?, ?)", (stored(opened.now), summary)
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _record(opened: Change, change_id: int) -> None:
    tables = opened.connection.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict").fetchall()
    for (table,) in tables:
        if table not in _UNRECORDED:
            columns = opened.connection.execute("SELECT name, pk FROM pragma_table_info(?)", (table,)).fetchall()
            for trigger in _recording_triggers(table, columns, change_id):
                opened.connection.execute(trigger)


def _recording_triggers(table: str, columns: list[tuple[str, int]], change_id: int) -> Iterator[str]:
    """Triggers that note which rows of `table` this connection made, altered or removed.

    `columns` are (name, position in the primary key or 0). Names come from our own schema.
    """
    names = [name for name, _ in columns]
    key = [name for name, position in sorted(columns, key=lambda column: column[1]) if position]
    key_of = {row: f"json_array({', '.join(f'{row}.{name}' for name in key)})" for row in ("old", "new")}
    if key != ["item_id"]:  # a row that only completes its item goes with it
        yield (
            f"CREATE TEMP TRIGGER record_insert_{table} AFTER INSERT ON main.{table} BEGIN "
            f"INSERT INTO change_row (change_id, table_name, row_key) "
            f"VALUES ({change_id}, '{table}', {key_of['new']}); END"
        )
    differing = {
        row: " UNION ALL ".join(
            f"SELECT '{name}' AS k, {row}.{name} AS v WHERE old.{name} IS NOT new.{name}" for name in names
        )
        for row in ("old", "new")
    }
    changed = " OR ".join(f"old.{name} IS NOT new.{name}" for name in names)
    yield (
        f"CREATE TEMP TRIGGER record_update_{table} AFTER UPDATE ON main.{table} WHEN {changed} BEGIN "
        f"INSERT INTO change_row (change_id, table_name, row_key, row_before, row_after) "
        f"VALUES ({change_id}, '{table}', {key_of['new']}, "
        f"(SELECT json_group_object(k, v) FROM ({differing['old']})), "
        f"(SELECT json_group_object(k, v) FROM ({differing['new']}))); END"
    )
    whole = ", ".join(f"'{name}', old.{name}" for name in names)
    yield (
        f"CREATE TEMP TRIGGER record_delete_{table} AFTER DELETE ON main.{table} BEGIN "
        f"INSERT INTO change_row (change_id, table_name, row_key, row_before) "
        f"VALUES ({change_id}, '{table}', {key_of['old']}, json_object({whole})); END"
    )


def _end_record(connection: sqlite3.Connection, change_id: int, summary: str) -> bool:
    """Whether anything was touched; a change that touched nothing is nothing to take back."""
    connection.execute("UPDATE change SET summary = ? WHERE id = ? AND summary <> ?", (summary, change_id, summary))
    cursor = connection.execute(
        "DELETE FROM change WHERE id = ? AND NOT EXISTS (SELECT 1 FROM change_row WHERE change_id = ?)",
        (change_id, change_id),
    )
    return cursor.rowcount == 0
