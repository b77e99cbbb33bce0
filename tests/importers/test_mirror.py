"""Mirroring a store again costs what changed, and a store that did not change is not read at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from importers.mirror import sync_runs
from importers.mlflow_runs import read_runs
from journal.db import connect
from journal.errors import SourceError
from journal.paths import Paths
from journal.tracking_uris import sqlite_uri
from journal.types import RunDraft
from tests.importers.stores import aged, changed


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The stores that were really read, in order."""
    uris: list[str] = []

    def noted(uri: str) -> Iterator[RunDraft]:
        uris.append(uri)
        return read_runs(uri)

    monkeypatch.setattr("importers.mirror.read_runs", noted)
    return uris


def test_a_store_that_did_not_change_is_not_read_again(paths: Paths, store: Path, reads: list[str]):
    aged(store)
    first = sync_runs(paths, sqlite_uri(store))
    again = sync_runs(paths, sqlite_uri(store))
    assert (first.new, first.unchanged) == (6, 0)
    assert (again.new, again.updated, again.unchanged, again.gone, again.new_refs) == (0, 0, 6, 0, ())
    assert len(reads) == 1


def test_only_what_changed_is_written(paths: Paths, store: Path, reads: list[str]):
    aged(store, seconds=60)
    sync_runs(paths, sqlite_uri(store))
    changed(store, "UPDATE runs SET status = 'FAILED' WHERE name = 'running'")
    report = sync_runs(paths, sqlite_uri(store))
    assert (report.new, report.updated, report.unchanged) == (0, 1, 5)
    assert len(reads) == 2


def test_a_store_that_is_just_being_written_is_read_each_time(paths: Paths, store: Path, reads: list[str]):
    """A second write within one tick of the file's clock would not show in its time."""
    aged(store, seconds=0)
    sync_runs(paths, sqlite_uri(store))
    sync_runs(paths, sqlite_uri(store))
    assert len(reads) == 2


def test_a_run_that_still_waits_to_be_mirrored_makes_the_store_be_read(paths: Paths, store: Path, reads: list[str]):
    """A training process may tell of its run after the store was mirrored."""
    aged(store)
    sync_runs(paths, sqlite_uri(store))
    with closing(connect(paths)) as connection:
        connection.execute("UPDATE run SET digest = '' WHERE item_id = (SELECT min(item_id) FROM run)")
    assert sync_runs(paths, sqlite_uri(store)).unchanged == 5
    assert len(reads) == 2


def test_a_run_that_its_store_lost_is_marked_and_comes_back_with_it(paths: Paths, store: Path):
    sync_runs(paths, sqlite_uri(store))
    kept = store.read_bytes()
    changed(store, "DELETE FROM runs WHERE name = 'killed'")
    aged(store)
    assert [sync_runs(paths, sqlite_uri(store)).gone for _ in range(2)] == [1, 0]
    store.write_bytes(kept)
    assert sync_runs(paths, sqlite_uri(store)).updated == 1


def test_a_store_that_cannot_be_read_changes_nothing(paths: Paths, store: Path):
    sync_runs(paths, sqlite_uri(store))
    store.write_bytes(b"no database")
    aged(store)
    for _ in range(2):
        with pytest.raises(SourceError):
            sync_runs(paths, sqlite_uri(store))
    with closing(connect(paths)) as connection:
        assert connection.execute("SELECT count(*) FROM run WHERE lifecycle = 'gone'").fetchone() == (0,)
