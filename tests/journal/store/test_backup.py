"""Copies are whole, and the doctor tells a sound journal from a broken one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from journal import db
from journal.errors import UsageError
from journal.paths import Paths, at_home
from journal.queries.entries import list_entries
from journal.store import backup, entries
from journal.store.changes import change
from journal.types import EntryDraft


@pytest.fixture
def filled(paths: Paths) -> Paths:
    with change(paths, "log") as opened:
        entries.add(opened, EntryDraft(what="cosine"))
    return paths


def test_a_backup_is_a_journal_of_its_own(filled: Paths, tmp_path: Path) -> None:
    target = backup.back_up(filled)
    assert target.parent == filled.backups
    restored = at_home(tmp_path / "restored")
    restored.data.mkdir()
    target.rename(restored.journal)
    connection = db.connect(restored)
    assert [row.title for row in list_entries(connection)] == ["cosine"]
    connection.close()


def test_a_backup_is_made_while_somebody_writes(filled: Paths, tmp_path: Path) -> None:
    writer = db.connect(filled)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE item SET title = 'half written'")
    backup.back_up(filled, tmp_path / "copy.db")
    writer.execute("ROLLBACK")
    writer.close()
    copy = sqlite3.connect(tmp_path / "copy.db")
    assert copy.execute("SELECT title FROM item").fetchall() == [("cosine",)]
    copy.close()


def test_a_backup_never_overwrites(filled: Paths, tmp_path: Path) -> None:
    target = tmp_path / "mine.db"
    target.write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        backup.back_up(filled, target)
    assert target.read_text() == "mine"


def test_a_backup_that_fails_leaves_nothing_half_made(filled: Paths, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="cannot be"):
        backup.back_up(filled, tmp_path / "no such folder" / "copy.db")
    assert not list(tmp_path.glob("*unfinished*"))


def unsound(paths: Paths) -> set[str]:
    connection = db.connect(paths)
    findings = backup.examine(connection, paths)
    connection.close()
    return {finding.name for finding in findings if not finding.is_sound}


def test_a_sound_journal_is_called_sound(filled: Paths) -> None:
    assert unsound(filled) == set()


def test_an_index_that_drifted_is_found_and_mended(filled: Paths) -> None:
    connection = db.connect(filled)
    (trigger,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'item_fts_update'").fetchone()
    connection.execute("DROP TRIGGER item_fts_update")
    connection.execute("UPDATE item SET title = 'drifted'")
    connection.execute(trigger)
    assert unsound(filled) == {"search index item_fts"}
    backup.rebuild_search(connection)
    connection.close()
    assert unsound(filled) == set()


def test_a_broken_reference_is_found(filled: Paths) -> None:
    connection = db.connect(filled)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("INSERT INTO tag (item_id, name) VALUES (99, 'orphan')")
    connection.close()
    assert unsound(filled) == {"references"}


def test_a_damaged_page_is_found(filled: Paths) -> None:
    connection = db.connect(filled)
    root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'tag_by_name'").fetchone()[0]
    connection.execute("PRAGMA main.wal_checkpoint(TRUNCATE)")
    connection.close()
    with filled.journal.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xee" * 4096)
    assert "file" in unsound(filled)
