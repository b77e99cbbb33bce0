"""Noticing what other processes do."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from journal import db
from journal.ids import new_uid
from journal.paths import Paths
from journal.recorder import presence
from journal.store import entries
from journal.store.changes import change
from journal.types import EntryDraft
from tui.widgets.watching import Watch


@contextmanager
def watching(paths: Paths) -> Iterator[tuple[threading.Event, threading.Event]]:
    """(moved, arrived), set by a watch that looks every few milliseconds."""
    stop, moved, arrived = threading.Event(), threading.Event(), threading.Event()
    watch = Watch(paths, stop, threading.Event(), every_s=0.01)
    thread = threading.Thread(target=watch.run, args=(moved.set, arrived.set))
    thread.start()
    try:
        yield moved, arrived
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def write(paths: Paths) -> None:
    with change(paths, "log") as made:
        entries.add(made, EntryDraft(what="Something"))


def test_a_commit_of_another_connection_is_noticed(paths: Paths) -> None:
    with watching(paths) as (moved, _):
        assert not moved.wait(0.1)
        write(paths)
        assert moved.wait(10)
        moved.clear()
        assert not moved.wait(0.1)


def test_a_file_put_in_the_place_of_the_journal_is_noticed_and_watched(paths: Paths) -> None:
    write(paths)
    connection = db.connect(paths)
    connection.execute("PRAGMA main.wal_checkpoint(TRUNCATE)")
    connection.close()
    other = paths.journal.with_name("restored.db")
    shutil.copyfile(paths.journal, other)
    with watching(paths) as (moved, _):
        assert not moved.wait(0.1)
        for name in ("journal.db-wal", "journal.db-shm"):
            (paths.data / name).unlink(missing_ok=True)
        other.replace(paths.journal)
        assert moved.wait(10)
        moved.clear()
        write(paths)
        assert moved.wait(10)


def test_what_a_training_process_leaves_is_noticed_once(paths: Paths) -> None:
    paths.spool.mkdir(parents=True)
    with watching(paths) as (_, arrived):
        assert not arrived.wait(0.1)
        (paths.spool / "01jd0000000000000000000000.json").write_text("{}")
        assert arrived.wait(10)
        arrived.clear()
        assert not arrived.wait(0.1)


def test_a_journal_that_cannot_be_opened_is_tried_again(paths: Paths) -> None:
    hidden = paths.journal.with_suffix(".away")
    paths.journal.replace(hidden)
    paths.journal.mkdir()
    with watching(paths) as (moved, _):
        assert not moved.wait(0.05)
        paths.journal.rmdir()
        hidden.replace(paths.journal)
        for _ in range(500):
            write(paths)
            if moved.wait(0.02):
                break
        assert moved.is_set()


def test_a_process_that_is_gone_is_noticed_once(paths: Paths) -> None:
    db.connect(paths).close()
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    presence.announce(paths.spool, new_uid(), presence.of_process(child.pid))
    with watching(paths) as (_, arrived):
        assert not arrived.wait(0.1)
        child.kill()
        child.wait()
        assert arrived.wait(10)
        arrived.clear()
        assert not arrived.wait(0.1)
