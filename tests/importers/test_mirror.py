"""Mirroring a store again costs what changed, and a store that did not change is not read at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from importers.mirror import sync_runs
from importers.mlflow_runs import read_runs
from journal.db import connect
from journal.errors import NotFound, SourceError
from journal.paths import Paths
from journal.queries.runs import count_runs, get_run, list_runs
from journal.queries.search import search
from journal.store import items, texts
from journal.store.changes import change
from journal.store.undo import undo
from journal.tracking_uris import sqlite_uri
from journal.types import Kind, Ref, RunDraft
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
    assert (first.new, first.unchanged) == (5, 0)
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


def test_a_run_that_was_deleted_in_its_store_is_deleted_here_until_it_is_restored(paths: Paths, store: Path):
    report = sync_runs(paths, sqlite_uri(store))
    with closing(connect(paths)) as connection:
        assert report.deleted == 1
        assert report.new == count_runs(connection) == len(list_runs(connection)) == 5
        deleted = ref_of_run(connection, "deleted")
        assert get_run(connection, deleted).is_deleted
        with pytest.raises(NotFound) as caught, change(paths, "tag") as made:
            items.tag(made, deleted, add=["x"])
        assert "restore it there" in caught.value.hint
        assert deleted not in {hit.ref for hit in search(connection, "deleted").hits}
    changed(store, "UPDATE runs SET lifecycle_stage = 'active' WHERE name = 'deleted'")
    sync_runs(paths, sqlite_uri(store))
    with closing(connect(paths)) as connection:
        assert count_runs(connection) == 6
        assert not get_run(connection, deleted).is_deleted


def test_a_run_that_a_person_deleted_does_not_come_back_by_a_new_metric(paths: Paths, store: Path):
    sync_runs(paths, sqlite_uri(store))
    with closing(connect(paths)) as connection:
        parent = ref_of_run(connection, "parent")
    with change(paths, "rm") as made:
        items.delete(made, parent)
    changed(store, "UPDATE latest_metrics SET value = 0.25 WHERE key = 'train/loss'")
    assert sync_runs(paths, sqlite_uri(store)).updated == 1
    with closing(connect(paths)) as connection:
        assert get_run(connection, parent).is_deleted


def test_a_title_that_a_person_wrote_stays_whatever_the_store_says(paths: Paths, store: Path):
    sync_runs(paths, sqlite_uri(store))
    with closing(connect(paths)) as connection:
        parent = ref_of_run(connection, "parent")
    with change(paths, "edit") as made:
        texts.edit(made, parent, {"title": "My own words"})
    for name in ("renamed", "renamed again"):
        changed(store, f"UPDATE tags SET value = '{name}' WHERE key = 'mlflow.runName' AND value LIKE '%e%'")
        assert sync_runs(paths, sqlite_uri(store)).updated > 0
    with closing(connect(paths)) as connection:
        assert get_run(connection, parent).title == "My own words"
        assert get_run(connection, parent).run_tags["mlflow.runName"] == "renamed again"
    undo(paths)
    changed(store, "UPDATE latest_metrics SET value = 0.25 WHERE key = 'train/loss'")
    sync_runs(paths, sqlite_uri(store))
    with closing(connect(paths)) as connection:
        assert get_run(connection, parent).title == "renamed again", "undone, it is the store's again"


def test_a_title_that_is_taken_back_is_the_stores_at_the_next_sync_though_nothing_changed_there(
    paths: Paths, store: Path
):
    aged(store, seconds=60)
    sync_runs(paths, sqlite_uri(store))
    with closing(connect(paths)) as connection:
        parent = ref_of_run(connection, "parent")
    with change(paths, "edit") as made:
        texts.edit(made, parent, {"title": "My own words"})
    changed(store, "UPDATE tags SET value = 'renamed' WHERE key = 'mlflow.runName' AND value = 'parent'")
    aged(store, seconds=30)
    sync_runs(paths, sqlite_uri(store))
    undo(paths)
    sync_runs(paths, sqlite_uri(store))
    with closing(connect(paths)) as connection:
        assert get_run(connection, parent).title == "renamed"


def ref_of_run(connection: sqlite3.Connection, title: str) -> Ref:
    (number,) = connection.execute("SELECT number FROM item WHERE kind = 'run' AND title = ?", (title,)).fetchone()
    return Ref(Kind.run, number)
