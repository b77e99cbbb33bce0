"""Connecting: settings that keep data safe, and faults that are told apart."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
from collections import namedtuple
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from journal import db
from journal.errors import Damaged, DiskFull, JournalUnusable, Locked, ReadOnly
from journal.file_systems import is_on_shared_file_system
from journal.paths import Paths
from journal.recorder import presence


def test_a_connection_guards_references_and_lets_others_write(paths: Paths) -> None:
    connection = db.connect(paths)
    pragmas = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("foreign_keys", "recursive_triggers", "journal_mode", "synchronous")
    }
    connection.close()
    assert pragmas == {"foreign_keys": 1, "recursive_triggers": 1, "journal_mode": "wal", "synchronous": 1}


def test_a_locked_journal_is_named_locked(paths: Paths) -> None:
    holder = sqlite3.connect(paths.journal, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Locked) as caught:
        db.connect(paths, busy_timeout_s=0.05)
    holder.close()
    assert caught.value.exit_code == 3
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SQLITE_BUSY_SNAPSHOT", Locked),
        ("SQLITE_LOCKED", Locked),
        ("SQLITE_NOTADB", Damaged),
        ("SQLITE_CORRUPT_VTAB", Damaged),
        ("SQLITE_FULL", DiskFull),
        ("SQLITE_READONLY_DBMOVED", ReadOnly),
        ("SQLITE_CANTOPEN", JournalUnusable),
        ("SQLITE_IOERR_WRITE", JournalUnusable),
    ],
)
def test_what_sqlite_says_becomes_a_sentence(name: str, expected: type[JournalUnusable]) -> None:
    error = sqlite3.OperationalError("words of SQLite")
    error.sqlite_errorname = name
    explained = db.explain(error, Path("journal.db"))
    assert type(explained) is expected
    assert "journal.db" in str(explained)


def test_a_mistake_of_ours_is_not_dressed_up(paths: Paths) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"), db.wrapped_errors(paths.journal):
        connection = db.connect(paths)
        try:
            connection.execute("SELECT * FROM nowhere")
        finally:
            connection.close()


def test_a_full_disk_is_named(paths: Paths) -> None:
    connection = db.connect(paths)
    connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(DiskFull), db.wrapped_errors(paths.journal):
        connection.execute("CREATE TABLE big AS SELECT hex(randomblob(1000000)) AS x")
    connection.close()


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No file can grow, as where no space is left."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(100, 100, 0))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_is_kept_can_be_read_though_the_disk_is_full(paths: Paths, request: pytest.FixtureRequest) -> None:
    with closing(db.connect(paths)) as connection:
        kept = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    request.getfixturevalue("full_disk")
    with closing(db.connect(paths)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == kept
        with pytest.raises(DiskFull), db.wrapped_errors(paths.journal):
            connection.execute("CREATE TABLE x (y)")


@pytest.mark.usefixtures("full_disk")
def test_a_sign_of_life_that_finds_no_space_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="too large"):
        presence.announce(tmp_path, "01" * 13, presence.of_process(os.getpid()))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    from journal.paths import at_home

    (tmp_path / "home2").write_text("in the way")
    with pytest.raises(JournalUnusable, match="in the way"):
        db.connect(at_home(tmp_path / "home2"))


MOUNTS = """\
22 1 0:21 / / rw,relatime - ext4 /dev/sda1 rw
40 22 0:35 / /home rw - nfs4 server:/home rw
41 40 0:36 / /home/scratch\\040disk rw - xfs /dev/sdb rw
42 22 0:37 / /proj rw - fuse.sshfs host:/ rw
"""


@pytest.mark.parametrize(
    ("path", "is_shared"),
    [
        ("/var/journal.db", False),
        ("/home/me/journal.db", True),
        ("/homework/journal.db", False),
        ("/home/scratch disk/journal.db", False),
        ("/proj/journal.db", True),
    ],
)
def test_network_file_systems_are_told_by_the_longest_mount(path: str, is_shared: bool) -> None:
    assert is_on_shared_file_system(Path(path), MOUNTS) is is_shared


def test_an_io_error_on_a_full_disk_is_called_full(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite says "disk I/O error" where it cannot make its helper files."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR_SHMSIZE"
    assert not isinstance(db.explain(error, paths.journal), DiskFull)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(100, 100, 0))
    assert isinstance(db.explain(error, paths.journal), DiskFull)
