"""Take back the last change that this person made, whatever it was."""

from __future__ import annotations

import json
from dataclasses import dataclass

from journal.clock import Clock, now, stored
from journal.errors import NothingToUndo
from journal.paths import Paths
from journal.store.changes import Change, program_change
from journal.types import DATASET_TEXTS, entry_extra

# Rows that are never removed: taking back their making is a mark.
_MARK_OF_REMOVAL = {"item": "deleted_at", "feed": "removed_at"}
_TEXTS = {"item": {"title", "body"}, "entry": {"why", "expect", "outcome"}, "dataset": set(DATASET_TEXTS)}
_MISSING = object()  # equal to nothing that a row may hold


def undo(paths: Paths, *, clock: Clock = now) -> str:
    """What was taken back, in words. Raises NothingToUndo.

    What was changed again since by something that is not taken back (a fetch, a training process) stays
    as it is: undo never loses what is newer, and never gets stuck on it.
    """
    with program_change(paths, clock=clock) as opened:
        row = opened.connection.execute(
            "SELECT id, summary FROM change WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1"
        ).fetchone()
        if row is None:
            raise NothingToUndo("There is nothing to undo.")
        change_id, summary = row
        _TakingBack(opened, change_id).run()
        opened.connection.execute("UPDATE change SET undone_at = ? WHERE id = ?", (stored(opened.now), change_id))
    return str(summary)


@dataclass(frozen=True, slots=True)
class _Table:
    """What taking back needs to know of a table: its name, and the condition that names one row."""

    name: str
    where: str
    hangs_on_item: bool


class _TakingBack:
    """One change on its way back, row by row, the last first."""

    def __init__(self, opened: Change, change_id: int) -> None:
        self._connection = opened.connection
        self._now = stored(opened.now)
        self._rows: list[tuple[str, str, str | None, str | None]] = self._connection.execute(
            "SELECT table_name, row_key, row_before, row_after FROM change_row WHERE change_id = ? ORDER BY id DESC",
            (change_id,),
        ).fetchall()
        self._made_items = {
            json.loads(key)[0] for table, key, before, _ in self._rows if table == "item" and before is None
        }
        self._tables: dict[str, _Table] = {}

    def run(self) -> None:
        for name, row_key, before, after in self._rows:
            table, key = self._table(name), json.loads(row_key)
            if before is None:
                self._unmake(table, key)
            elif after is None:
                self._put_back(table, json.loads(before))
            else:
                self._set_back(table, key, json.loads(before), json.loads(after))
            if name == "own_text":  # the text is its source's again, so the source is read again
                self._connection.execute("UPDATE run SET digest = '' WHERE item_id = ?", (key[0],))

    def _table(self, name: str) -> _Table:
        if name not in self._tables:
            columns = self._connection.execute("SELECT name, pk FROM pragma_table_info(?)", (name,)).fetchall()
            key = [column for column, position in sorted(columns, key=lambda column: column[1]) if position]
            self._tables[name] = _Table(
                name, " AND ".join(f"{column} = ?" for column in key), "item_id" in {column for column, _ in columns}
            )
        return self._tables[name]

    def _unmake(self, table: _Table, key: list[object]) -> None:
        if mark := _MARK_OF_REMOVAL.get(table.name):
            self._connection.execute(
                f"UPDATE {table.name} SET {mark} = ? WHERE {table.where} AND {mark} IS NULL", (self._now, *key)
            )
        elif not self._belongs_to_made_item(table, key):
            self._connection.execute(f"DELETE FROM {table.name} WHERE {table.where}", key)

    def _belongs_to_made_item(self, table: _Table, key: list[object]) -> bool:
        """Whether the row hangs on an item that this same change made.

        It then stays with the item, which is only marked: added again, a paper comes back by its identifiers.
        """
        if not table.hangs_on_item or not self._made_items:
            return False
        row = self._connection.execute(f"SELECT item_id FROM {table.name} WHERE {table.where}", key).fetchone()
        return row is not None and row[0] in self._made_items

    def _put_back(self, table: _Table, values: dict[str, object]) -> None:
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        self._connection.execute(
            f"INSERT OR IGNORE INTO {table.name} ({names}) VALUES ({marks})", tuple(values.values())
        )

    def _set_back(self, table: _Table, key: list[object], before: dict[str, object], after: dict[str, object]) -> None:
        present = self._present(table, key, list(after))
        unchanged = {name: before[name] for name, value in after.items() if present.get(name, _MISSING) == value}
        if not unchanged:
            return
        self._keep_text(table, key, unchanged)
        settings = ", ".join(f"{name} = ?" for name in unchanged)
        self._connection.execute(f"UPDATE {table.name} SET {settings} WHERE {table.where}", (*unchanged.values(), *key))
        if table.name == "entry":
            self._index_entry(key[0])

    def _present(self, table: _Table, key: list[object], names: list[str]) -> dict[str, object]:
        row = self._connection.execute(
            f"SELECT {', '.join(names)} FROM {table.name} WHERE {table.where}", key
        ).fetchone()
        return dict(zip(names, row, strict=True)) if row else {}

    def _index_entry(self, item_id: object) -> None:
        """What an entry is found by follows its texts, whichever of them stayed."""
        texts = self._connection.execute(
            "SELECT why, expect, outcome FROM entry WHERE item_id = ?", (item_id,)
        ).fetchone()
        self._connection.execute("UPDATE item SET extra = ? WHERE id = ?", (entry_extra(*texts), item_id))

    def _keep_text(self, table: _Table, key: list[object], before: dict[str, object]) -> None:
        """What is being taken back was written by a person too: it stays as a revision."""
        for name in sorted(_TEXTS.get(table.name, set()) & set(before)):
            (text,) = self._connection.execute(f"SELECT {name} FROM {table.name} WHERE {table.where}", key).fetchone()
            if text:
                self._connection.execute(
                    "INSERT INTO revision (item_id, field, replaced_at, text) VALUES (?, ?, ?, ?)",
                    (key[0], name, self._now, text),
                )
