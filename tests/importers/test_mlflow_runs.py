"""Runs come in as MLflow keeps them, from any version of its store, and no training ever waits for it."""

from __future__ import annotations

import json
import math
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from importers.mlflow_runs import digest, named_store, read_runs, store_mark
from importers.run_drafts import make_draft
from journal.errors import MissingExtra, SourceError, Unreachable, Unreadable
from journal.tracking_uris import sqlite_uri
from journal.types import NOTE_TAG, MetricValue, RunDraft, RunStatus
from tests.importers.stores import aged, changed

ROOT = Path(__file__).resolve().parents[2]


def by_name(path: Path) -> dict[str, RunDraft]:
    return {run.name: run for run in read_runs(sqlite_uri(path))}


# ---------------------------------------------------------------- what a run is


def test_every_run_comes_with_its_status(full_store: Path):
    runs = by_name(full_store)
    assert {name: run.status for name, run in runs.items()} == {
        "parent": RunStatus.finished,
        "child": RunStatus.finished,
        "failed": RunStatus.failed,
        "running": RunStatus.running,
        "killed": RunStatus.killed,
        "deleted": RunStatus.finished,
    }
    assert [name for name, run in runs.items() if run.is_deleted] == ["deleted"]
    assert [name for name, run in runs.items() if run.ended_at is None] == ["running"]
    assert {run.experiment for run in runs.values()} == {"mnist", "Default"}
    assert runs["child"].parent_run_id == runs["parent"].run_id
    assert runs["parent"].parent_run_id is None


def test_a_run_comes_with_everything_that_was_logged(full_store: Path):
    run = by_name(full_store)["parent"]
    assert run.tracking_uri == sqlite_uri(full_store)
    assert run.started_at is not None
    assert run.started_at.tzinfo is UTC
    assert run.artifact_uri.endswith(f"/artifacts/mnist/{run.run_id}/artifacts")
    assert run.note == "why: **bold** \x1b[31m\nsecond line"
    assert run.params == {"learning_rate": "0.1", "note": "ä " + "x" * 500}
    assert run.tags["journal.entry"] == "01m7vyg2cx8sf3q5bg0yzrnf70"
    assert run.tags["empty"] == ""
    assert run.metrics["train/loss"] == MetricValue(
        value=0.5, step=2, logged_at=datetime(2023, 11, 14, 22, 13, 21, tzinfo=UTC)
    )


def test_not_a_number_and_infinity_are_told_apart_from_numbers(full_store: Path):
    metrics = by_name(full_store)["parent"].metrics
    assert {name: metrics[name].value for name in ("nan", "up", "down", "zero")} == {
        "nan": None,
        "up": math.inf,
        "down": -math.inf,
        "zero": 0.0,
    }
    assert metrics["nan"].step == 7


def test_a_time_outside_the_calendar_is_no_time(full_store: Path):
    assert by_name(full_store)["parent"].metrics["far"] == MetricValue(value=1.0, step=0, logged_at=None)


def test_a_relative_store_is_kept_by_its_absolute_path(full_store: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(full_store.parent)
    assert {run.tracking_uri for run in read_runs("sqlite:///mlflow.db")} == {sqlite_uri(full_store)}


def test_more_runs_than_are_read_at_a_time_all_come(store: Path):
    changed(
        store,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1203) "
        "INSERT INTO runs (run_uuid, name, status, start_time, lifecycle_stage, experiment_id) "
        "SELECT printf('%032d', i), 'n' || i, 'FINISHED', i, 'active', 0 FROM n",
        "INSERT INTO params (run_uuid, key, value) SELECT run_uuid, 'i', name FROM runs WHERE name LIKE 'n%'",
    )
    runs = list(read_runs(sqlite_uri(store)))
    assert len(runs) == len({run.run_id for run in runs}) == 1209
    assert all(run.params == {"i": run.name} for run in runs[:1203])
    starts = [run.started_at for run in runs if run.started_at is not None]
    assert starts == sorted(starts)


def test_strange_values_are_no_reason_to_lose_the_others(store: Path):
    run_id = by_name(store)["failed"].run_id
    changed(
        store,
        "PRAGMA ignore_check_constraints = ON",
        f"UPDATE runs SET status = 'PONDERING', name = NULL, artifact_uri = NULL WHERE run_uuid = '{run_id}'",
        f"DELETE FROM tags WHERE run_uuid = '{run_id}'",
        f"INSERT INTO params VALUES ('bytes', CAST(x'ff41' AS TEXT), '{run_id}')",
        f"INSERT INTO latest_metrics VALUES ('text', 'many', 1, 0, 0, '{run_id}')",
    )
    run = by_name(store)[run_id[:8]]
    assert run.status == RunStatus.finished
    assert run.params == {"bytes": "\ufffdA"}
    assert run.metrics["text"].value is None
    assert run.artifact_uri == ""


# ---------------------------------------------------------------- what changed


def test_a_run_that_did_not_change_has_the_digest_it_had(full_store: Path):
    first, second = by_name(full_store), by_name(full_store)
    assert {name: digest(run) for name, run in first.items()} == {name: digest(run) for name, run in second.items()}
    assert len({digest(run) for run in first.values()}) == len(first)


def test_the_digest_is_that_of_any_other_process(full_store: Path):
    script = (
        "import sys; from importers.mlflow_runs import digest, read_runs\n"
        "print(*[digest(run) for run in read_runs(sys.argv[1])])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, sqlite_uri(full_store)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == [digest(run) for run in read_runs(sqlite_uri(full_store))]


DRAFT = RunDraft(
    run_id="0" * 32, tracking_uri="sqlite:////a.db", name="n", experiment="e", status=RunStatus.running,
    params={"a": "1", "b": "2"}, metrics={"loss": MetricValue(value=1.0, step=1)}, tags={"t": "1"},
)  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"run_id": "1" * 32},
        {"tracking_uri": "sqlite:////b.db"},
        {"name": "m"},
        {"experiment": "f"},
        {"status": RunStatus.finished},
        {"started_at": datetime(2026, 11, 20, tzinfo=UTC)},
        {"ended_at": datetime(2026, 11, 20, tzinfo=UTC)},
        {"parent_run_id": "1" * 32},
        {"artifact_uri": "/a"},
        {"note": "why"},
        {"is_deleted": True},
        {"params": {"a": "1", "b": "3"}},
        {"params": {"a": "1"}},
        {"tags": {}},
        {"metrics": {"loss": MetricValue(value=1.0, step=2)}},
        {"metrics": {"loss": MetricValue(value=None, step=1)}},
        {"metrics": {"loss": MetricValue(value=math.inf, step=1)}},
        {"metrics": {"loss": MetricValue(value=1.0, step=1, logged_at=datetime(2026, 11, 20, tzinfo=UTC))}},
    ],
    ids=str,
)
def test_whatever_changes_of_a_run_changes_its_digest(changes: dict[str, Any]):
    assert digest(replace(DRAFT, **changes)) != digest(DRAFT)


def test_the_order_in_which_things_were_logged_does_not_matter():
    assert digest(replace(DRAFT, params={"b": "2", "a": "1"})) == digest(DRAFT)


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_store_that_was_only_read_keeps_its_mark_and_a_written_one_does_not(store: Path, mode: str):
    with closing(sqlite3.connect(store, isolation_level=None)) as writer:
        writer.execute(f"PRAGMA journal_mode = {mode}")
        writer.execute("UPDATE runs SET name = 'first'")
        aged(store)
        before = store_mark(sqlite_uri(store))
        list(read_runs(sqlite_uri(store)))
        assert store_mark(sqlite_uri(store)) == before is not None
        writer.execute("UPDATE runs SET name = 'second'")
        assert store_mark(sqlite_uri(store)) is None, "just written: the next write may not show in the file's time"
        aged(store, seconds=3)
        assert store_mark(sqlite_uri(store)) not in {None, before}


def test_stores_without_a_file_have_no_mark(tmp_path: Path):
    assert store_mark("https://lab.example") is None
    assert store_mark(sqlite_uri(tmp_path / "missing.db")) is None


# ---------------------------------------------------------------- a reader never blocks a writer


def test_a_training_process_can_write_while_the_runs_are_being_read(store: Path):
    """Between any two runs that a slow reader takes, a writer that does not wait at all gets its lock."""
    reader = read_runs(sqlite_uri(store))
    with closing(sqlite3.connect(store, isolation_level=None, timeout=0)) as writer:
        for count, run in enumerate(reader):
            writer.execute("BEGIN EXCLUSIVE")
            writer.execute("UPDATE runs SET end_time = ? WHERE run_uuid = ?", (count, run.run_id))
            writer.execute("COMMIT")
    assert count == 5


def test_a_reader_that_stopped_in_the_middle_holds_nothing(store: Path):
    reader = read_runs(sqlite_uri(store))
    next(reader)
    changed(store, "PRAGMA busy_timeout = 0", "BEGIN EXCLUSIVE", "COMMIT")
    reader.close()  # type: ignore[attr-defined]


def test_a_store_that_is_locked_is_said_to_be_and_read_the_next_time(store: Path):
    with closing(sqlite3.connect(store, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SourceError, match="is being written just now"):
            list(read_runs(sqlite_uri(store)))
        writer.execute("COMMIT")
    assert len(list(read_runs(sqlite_uri(store)))) == 6


def test_reading_writes_nothing(store: Path):
    before = store.read_bytes()
    list(read_runs(sqlite_uri(store)))
    assert store.read_bytes() == before
    assert [path.name for path in store.parent.glob("mlflow.db*")] == ["mlflow.db"]


# ---------------------------------------------------------------- stores of other versions, and no stores


def test_a_store_of_another_mlflow_version_is_read_as_it_is(store: Path):
    changed(store, "UPDATE alembic_version SET version_num = 'ffffffffffff'")
    assert len(by_name(store)) == 6


def test_columns_and_tables_that_nobody_knows_yet_change_nothing(store: Path):
    before = by_name(store)
    changed(
        store,
        *(f"ALTER TABLE {table} ADD COLUMN of_tomorrow TEXT DEFAULT 'x'"
          for table in ("experiments", "runs", "params", "tags", "latest_metrics", "metrics")),
        "CREATE TABLE tomorrow (run_uuid TEXT)",
        "UPDATE alembic_version SET version_num = 'of tomorrow'",
    )  # fmt: skip
    assert by_name(store) == before


def test_an_old_store_without_the_later_columns_is_read(store: Path):
    """As MLflow 1.0 made it, but for columns nobody reads."""
    changed(
        store,
        "CREATE TABLE old_runs AS SELECT run_uuid, status, start_time, end_time, experiment_id FROM runs",
        "CREATE TABLE old_metrics AS SELECT run_uuid, key, value FROM latest_metrics",
        "PRAGMA foreign_keys = OFF",
        "DROP TABLE runs",
        "DROP TABLE latest_metrics",
        "ALTER TABLE old_runs RENAME TO runs",
        "ALTER TABLE old_metrics RENAME TO latest_metrics",
    )
    runs = by_name(store)
    assert len(runs) == 6
    assert not any(run.is_deleted for run in runs.values())
    assert runs["parent"].metrics["train/loss"] == MetricValue(value=0.5, step=0)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("ALTER TABLE params RENAME COLUMN value TO content", "params lacks value"),
        ("DROP TABLE tags", "tags lacks key, run_uuid, value"),
        ("DROP TABLE runs", "it has no runs"),
    ],
)
def test_a_store_of_an_unknown_form_says_what_is_missing(store: Path, statement: str, reason: str):
    changed(store, statement)
    with pytest.raises(Unreadable, match=reason) as caught:
        list(read_runs(sqlite_uri(store)))
    assert caught.value.hint


def test_a_missing_store_is_not_made(tmp_path: Path):
    with pytest.raises(Unreachable, match="There is no MLflow store at"):
        list(read_runs(sqlite_uri(tmp_path / "mlflow.db")))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "has no runs"),
        (b"not a database at all" * 100, "not a database"),
        (b"SQLite format 3\0" + b"\xff" * 4000, "no MLflow store"),
    ],
    ids=["empty", "text", "damaged"],
)
def test_a_file_that_is_no_store_is_refused_in_one_sentence(tmp_path: Path, content: bytes, reason: str):
    path = tmp_path / "mlflow.db"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=reason) as caught:
        list(read_runs(sqlite_uri(path)))
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == content


def test_a_sqlite_file_may_be_named_by_its_plain_path(store: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(store.parent)
    assert named_store(str(store)) == named_store(store.name) == named_store(f"./{store.name}") == sqlite_uri(store)


@pytest.mark.parametrize(
    "uri", ["http://me:secret@lab.example", "databricks", "databricks://profile", "uc:x", "file:///runs"]
)
def test_a_uri_stays_as_it_is(uri: str):
    assert named_store(uri) == uri


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "is a folder without runs, and"), ("none/mlflow.db", "There is no MLflow store at"), ("notes.txt", "is no SQLite file, and"),
     ("empty.db", "is no SQLite file, and"), ("a\0b", "There is no MLflow store at")],
)  # fmt: skip
def test_a_path_that_is_no_store_is_answered_in_one_sentence(tmp_path: Path, name: str, said: str):
    (tmp_path / "notes.txt").write_text("SQLite is a database")
    (tmp_path / "empty.db").touch()
    with pytest.raises(SourceError, match=said) as caught:
        named_store(f"{tmp_path}/{name}")
    assert str(caught.value).endswith("a SQLite store is written sqlite:////path/mlflow.db.")


def test_a_missing_store_is_found_missing_at_once(tmp_path: Path):
    with pytest.raises(Unreachable, match="There is no MLflow store at"):
        named_store(sqlite_uri(tmp_path / "mlflow.db"))


@pytest.mark.parametrize("name", ["x" * 5000, "sqlite:////" + "x" * 5000])
def test_a_name_that_no_file_can_have_is_no_mistake_of_ours(name: str):
    with pytest.raises(Unreadable, match="cannot be read"):
        named_store(name)


def test_a_journal_is_not_taken_for_an_mlflow_store(paths: Any):
    with pytest.raises(Unreadable, match="no MLflow store"):
        list(read_runs(sqlite_uri(paths.journal)))


@pytest.mark.parametrize("uri", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_a_store_in_memory_is_nobodys_to_read(uri: str):
    for read in (read_runs, named_store):
        with pytest.raises(Unreachable, match="names no file"):
            read(uri)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Tests may run as root, whom permissions do not stop."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_an_archived_store_in_a_folder_that_cannot_be_written_is_read(full_store: Path, tmp_path_factory: Any):
    folder = tmp_path_factory.mktemp("archive")
    for parent in list(folder.parents)[
        :3
    ]:  # pytest makes them for their owner alone; one more where it runs in parallel
        parent.chmod(0o711)
    path = folder / "mlflow.db"
    shutil.copyfile(full_store, path)  # in WAL mode
    path.chmod(0o444)
    folder.chmod(0o555)
    try:
        with as_nobody():
            assert len(by_name(path)) == 6
    finally:
        folder.chmod(0o755)


# ---------------------------------------------------------------- servers


class TrackingServer(BaseHTTPRequestHandler):
    """Answers as MLflow's REST API does: two experiments, three runs on two pages."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/runs/search"):
            assert sorted(asked["experiment_ids"]) == ["0", "7"]
            assert asked["run_view_type"] == "ALL"
            self.answer(
                {"runs": [_run("c", lifecycle_stage="deleted")]}
                if asked.get("page_token") == "second"
                else {"runs": [_run("a"), _run("b")], "next_page_token": "second"}
            )
        else:
            self.answer({"experiments": [_experiment("0", "Default"), _experiment("7", "mnist")]})

    do_GET = do_POST

    def answer(self, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _experiment(identity: str, name: str) -> dict[str, Any]:
    return {"experiment_id": identity, "name": name, "lifecycle_stage": "active", "artifact_location": "s3://lab"}


def _run(letter: str, **info: str) -> dict[str, Any]:
    return {
        "info": {
            "run_id": letter * 32, "run_name": f"run {letter}", "experiment_id": "7", "status": "FINISHED",
            "start_time": 1_700_000_000_000, "end_time": 1_700_000_001_000, "lifecycle_stage": "active",
            "artifact_uri": f"s3://lab/{letter}", **info,
        },
        "data": {
            "metrics": [
                {"key": "loss", "value": 0.5, "timestamp": 1_700_000_001_000, "step": 3},
                {"key": "nan", "value": "NaN", "timestamp": 1_700_000_001_000, "step": 3},
            ],
            "params": [{"key": "learning_rate", "value": "0.1"}],
            "tags": [{"key": "mlflow.note.content", "value": "why"}, {"key": "mlflow.parentRunId", "value": "0" * 32}],
        },
    }  # fmt: skip


def in_a_process_of_its_own(uri: str) -> subprocess.CompletedProcess[str]:
    script = (
        "import sys; from importers.mlflow_runs import read_runs; from journal.errors import JournalError\n"
        "try:\n"
        "    for run in read_runs(sys.argv[1]): print(run)\n"
        "except JournalError as error: sys.exit(f'{type(error).__name__}: {error}')\n"
    )
    return subprocess.run(
        [sys.executable, "-c", script, uri],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip


def test_the_runs_of_a_server_come_through_mlflows_client(mlflow_store: Path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), TrackingServer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        uri = f"http://127.0.0.1:{server.server_port}"
        done = in_a_process_of_its_own(uri)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert done.returncode == 0, done.stderr
    logged_at = datetime(2023, 11, 14, 22, 13, 21, tzinfo=UTC)
    expected = [
        RunDraft(
            run_id=letter * 32, tracking_uri=uri, name=f"run {letter}", experiment="mnist", status=RunStatus.finished,
            started_at=logged_at.replace(second=20), ended_at=logged_at, parent_run_id="0" * 32,
            artifact_uri=f"s3://lab/{letter}", note="why", is_deleted=letter == "c",
            params={"learning_rate": "0.1"},
            metrics={"loss": MetricValue(value=0.5, step=3, logged_at=logged_at),
                     "nan": MetricValue(value=None, step=3, logged_at=logged_at)},
            tags={"mlflow.note.content": "why", "mlflow.parentRunId": "0" * 32},
        )
        for letter in "abc"
    ]  # fmt: skip
    assert done.stdout.splitlines() == [str(run) for run in expected]


def test_a_folder_that_is_not_there_is_answered_in_one_sentence(tmp_path: Path):
    with pytest.raises(Unreachable, match="There is no MLflow store at"):
        list(read_runs(f"file://{tmp_path}/mlruns"))


@pytest.mark.parametrize("scheme", ["http", "https", "postgresql", "mysql+pymysql"])
def test_a_server_that_does_not_answer_is_named_without_the_password(scheme: str):
    """At once, and without loading MLflow, which would try for minutes."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), TrackingServer)
    server.server_close()  # so nobody listens on this port
    uri = f"{scheme}://me:secret@127.0.0.1:{server.server_port}/mlflow"
    with pytest.raises(Unreachable, match="No MLflow store answers") as caught:
        list(read_runs(uri))
    assert f"me@127.0.0.1:{server.server_port}" in str(caught.value)
    assert "secret" not in str(caught.value)


ESSAY = "The store is closed. " * 10 + "Please migrate to another one, as is told at length on pages of ours." * 8


@pytest.mark.parametrize(
    ("said", "end"),
    [
        (ESSAY, "closed. The store is closed."),
        ("no-end " * 100, "no-end no-end…"),
        ("Short.\nAnd a traceback.", "read: Short."),
        ("GET http://me:sec%2Fret@127.0.0.1:9/api failed", "GET http://me@127.0.0.1:9/api failed"),
        ("no user me:sec/ret@127.0.0.1", "no user me@127.0.0.1"),
    ],
)
def test_what_the_client_says_is_cut_at_a_sentence_and_without_the_password(
    monkeypatch: pytest.MonkeyPatch, said: str, end: str
):
    class Client:
        def __init__(self, tracking_uri: str) -> None:
            raise RuntimeError(said)

    mlflow = ModuleType("mlflow")
    mlflow.MlflowClient = Client  # type: ignore[attr-defined]
    mlflow.entities = ModuleType("mlflow.entities")  # type: ignore[attr-defined]
    mlflow.entities.ViewType = object
    monkeypatch.setitem(sys.modules, "mlflow", mlflow)
    monkeypatch.setitem(sys.modules, "mlflow.entities", mlflow.entities)
    monkeypatch.setattr("importers.mlflow_servers.require_answer", lambda uri: None)
    with pytest.raises(Unreachable) as caught:
        list(read_runs("http://me:sec%2Fret@127.0.0.1:9/"))
    assert str(caught.value).startswith("The MLflow store at http://me@127.0.0.1:9/ cannot be read: ")
    assert str(caught.value).endswith(end)
    assert len(str(caught.value)) < 370


def test_without_mlflow_a_server_is_answered_with_the_missing_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(MissingExtra) as caught:
        list(read_runs("databricks"))
    assert caught.value.hint == "pip install 'labjournal[mlflow]'"


def test_without_mlflow_a_sqlite_store_is_read(full_store: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    assert len(by_name(full_store)) == 6


def test_a_run_is_mirrored_without_its_secrets():
    plant = "sk-" + "a1B2" * 8
    draft = make_draft(
        "file:///x", "a" * 32,
        {"api_key": "hunter", "max_tokens": "128", "token": "0", "password": "None", "args": f"--key {plant}", "lr": "0.1"},
        {}, {"db_password": "hunter", NOTE_TAG: f"on postgres://me:hunter@db with {plant}", "mlflow.user": "me"},
        status="FINISHED", started=None, ended=None, experiment="", name="", lifecycle="active", artifact_uri="",
    )  # fmt: skip
    assert "hunter" not in str(draft)
    assert plant not in str(draft)
    assert draft.params == {
        "api_key": "[redacted]", "max_tokens": "128", "token": "0", "password": "None", "args": "--key [redacted]", "lr": "0.1",
    }  # fmt: skip
    assert (draft.tags["mlflow.user"], draft.note) == ("me", "on postgres://me:[redacted]@db with [redacted]")
