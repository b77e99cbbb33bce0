"""Notes are written by MLflow itself, in a process of its own, into stores of every kind that it opens."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from importers.mirror import sync_runs
from importers.mlflow_notes import NotesReport, mirror_notes
from importers.mlflow_runs import read_runs
from journal.db import connect
from journal.paths import Paths
from journal.store import entries, links
from journal.store.changes import change
from journal.tracking_uris import folder_uri, sqlite_uri
from journal.types import EntryDraft, Kind, Ref, Relation
from tests.importers.stores import changed

WRITE_FILES = """
import mlflow
for name in ("in a file", "noted by a person"):
    with mlflow.start_run(run_name=name): pass
"""


def tied(paths: Paths, *titles: str) -> Ref:
    """An entry that the runs of these names test."""
    with change(paths, "log") as made:
        entry = entries.add(made, EntryDraft(what="cosine schedule", why="plateau at epoch 12"))
        for title in titles:
            (number,) = made.connection.execute(
                "SELECT number FROM item WHERE kind = 'run' AND title = ?", (title,)
            ).fetchone()
            links.add(made, Ref(Kind.run, number), entry, Relation.tests)
    return entry


def notes_in(uri: str) -> dict[str, str]:
    return {run.name: run.note for run in read_runs(uri)}


def test_whys_are_written_into_databases_and_folders_and_follow_their_entry(paths: Paths, store: Path, tmp_path: Path):
    files = tmp_path / "mlruns"
    subprocess.run(
        [sys.executable, "-c", WRITE_FILES], check=True, capture_output=True, cwd=tmp_path,
        env={**os.environ, "MLFLOW_TRACKING_URI": str(files), "MLFLOW_ALLOW_FILE_STORE": "true"},
    )  # fmt: skip
    uris = (sqlite_uri(store), folder_uri(files))
    for uri in uris:
        sync_runs(paths, uri)
    entry = tied(paths, "parent", "failed", "killed", "in a file", "noted by a person")
    # Somebody writes a note in MLflow behind the mirror's back; "parent" has one of its own from the start.
    changed(
        store, "INSERT INTO tags SELECT 'mlflow.note.content', 'my own words', run_uuid FROM runs WHERE name = 'killed'"
    )
    person = next(files.glob("*/*/tags/mlflow.runName"))
    for name in files.glob("*/*/tags/mlflow.runName"):
        if name.read_text() == "noted by a person":
            person = name.with_name("mlflow.note.content")
    person.write_text("journal is what I keep: nothing of yours")

    report = mirror_notes(paths, uris, limit_s=120)
    assert report == NotesReport(written=2, waiting=0)
    text = f"journal {entry}: cosine schedule\n\nWhy: plateau at epoch 12"
    before = notes_in(uris[0])
    assert (before["failed"], before["killed"]) == (text, "my own words")
    assert before["parent"].startswith("why: **bold**")
    assert notes_in(uris[1]) == {"in a file": text, "noted by a person": "journal is what I keep: nothing of yours"}

    for uri in uris:
        sync_runs(paths, uri)
    assert mirror_notes(paths, uris, limit_s=0.001) == NotesReport(), "nothing to do, so no process is started"
    with change(paths, "edit") as made:
        entries.edit(made, entry, {"why": "another reason"})
    assert mirror_notes(paths, uris[:1], limit_s=120).written == 1
    assert "Why: another reason" in notes_in(uris[0])["failed"]


def test_without_mlflow_nothing_is_written_and_nothing_fails(
    paths: Paths, store: Path, monkeypatch: pytest.MonkeyPatch
):
    sync_runs(paths, sqlite_uri(store))
    tied(paths, "failed")
    monkeypatch.setattr("importers.mlflow_notes.find_spec", lambda name: None)
    assert mirror_notes(paths, [sqlite_uri(store)]) == NotesReport()


def test_a_run_that_was_purged_since_keeps_no_other_from_its_note(paths: Paths, store: Path):
    sync_runs(paths, sqlite_uri(store))
    tied(paths, "failed", "killed")
    changed(store, *(f"DELETE FROM {table} WHERE run_uuid = (SELECT run_uuid FROM runs WHERE name = 'failed')"
                     for table in ("tags", "params", "latest_metrics", "metrics")),
            "DELETE FROM runs WHERE name = 'failed'")  # fmt: skip
    report = mirror_notes(paths, [sqlite_uri(store)], limit_s=120)
    assert (report.written, report.waiting, len(report.problems)) == (1, 1, 1)
    assert "not found" in report.problems[0]


def test_a_store_that_cannot_be_written_is_a_sentence(paths: Paths, store: Path, tmp_path: Path):
    sync_runs(paths, sqlite_uri(store))
    tied(paths, "failed")
    shutil.move(store, tmp_path / "elsewhere.db")
    report = mirror_notes(paths, [sqlite_uri(store)], limit_s=120)
    assert (report.written, report.waiting, len(report.problems)) == (0, 1, 1)
    assert "could not be written" in report.problems[0]
    assert not store.exists(), "and no store is made in its place"


def test_runs_that_are_deleted_or_gone_are_left(paths: Paths, store: Path):
    sync_runs(paths, sqlite_uri(store))
    tied(paths, "failed", "killed")
    changed(
        store,
        "UPDATE runs SET lifecycle_stage = 'deleted' WHERE name = 'failed'",
        "DELETE FROM runs WHERE name = 'killed'",
    )
    sync_runs(paths, sqlite_uri(store))
    with closing(connect(paths)) as connection:
        assert connection.execute("SELECT count(*) FROM link WHERE relation = 'tests'").fetchone() == (2,)
    assert mirror_notes(paths, [sqlite_uri(store)]) == NotesReport()
    with closing(sqlite3.connect(store)) as opened:
        assert opened.execute("SELECT count(*) FROM tags WHERE value LIKE 'journal e%'").fetchone() == (0,)
