"""What still trains is read from its store as it is asked for, and never at the cost of the answer."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from journal.clock import now
from journal.ids import new_uid
from journal.paths import Paths
from journal.recorder import presence, spool
from journal.recorder.events import EndedEvent, LaunchedEvent, RunEvent, TriedEvent
from journal.store import runs
from journal.store.changes import program_change
from journal.tracking_uris import folder_uri, sqlite_uri
from journal.types import RunDraft, RunStatus, SessionExit
from tests.importers.stores import changed
from tests.importers.wandb_files import framed, history, written
from tests.importers.wandb_files import run as wandb_run
from tests.test_imports import heavy, modules_loaded_by
from tests.tui.commands.conftest import Run
from tui.app import JournalApp
from tui.widgets.mirroring import Mirrorer

# Logs one value for each line that it is given, and answers when that is in the store.
_TRAINS = """
import sys, mlflow
mlflow.set_experiment("mnist")
with mlflow.start_run(run_name="long"):
    for step, line in enumerate(sys.stdin):
        mlflow.log_metric("validation/accuracy", float(line), step=step)
        print("logged", flush=True)
"""
Logs = Callable[[float], None]


@pytest.fixture
def store(mlflow_store: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "tracking"
    shutil.copytree(mlflow_store, folder)
    return folder / "mlflow.db"


@pytest.fixture
def logs(store: Path) -> Iterator[Logs]:
    """A training that logs on while others read; it ends with the test."""
    training = subprocess.Popen(
        [sys.executable, "-c", _TRAINS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, cwd=store.parent,
        env={**os.environ, "MLFLOW_TRACKING_URI": sqlite_uri(store), "MLFLOW_DISABLE_TELEMETRY": "true"},
    )  # fmt: skip
    assert training.stdin is not None
    assert training.stdout is not None

    def log(value: float) -> None:
        assert training.stdin is not None
        assert training.stdout is not None
        print(value, file=training.stdin, flush=True)
        assert training.stdout.readline() == "logged\n"

    yield log
    training.stdin.close()
    training.wait(30)
    training.stdout.close()


def accuracy(run: Run, *words: str) -> float:
    ran = run(*words, "--json")
    assert (ran.code, ran.err) == (0, "")
    found = ran.json[0] if isinstance(ran.json, list) else ran.json
    value: float = found["metrics"]["validation/accuracy"]
    return value


def test_a_run_that_logs_on_shows_what_it_logged_last(run: Run, store: Path, logs: Logs) -> None:
    logs(0.5)
    assert run("runs", "sync", "--store", str(store)).code == 0
    assert accuracy(run, "runs", "list") == 0.5
    logs(0.6)
    assert accuracy(run, "runs", "list") == 0.6
    logs(0.7)
    assert accuracy(run, "runs", "show", "r1") == 0.7
    logs(0.8)
    assert accuracy(run, "show", "r1") == 0.8
    logs(0.9)
    assert "0.9" in run("runs", "list").out


def test_a_run_of_which_only_the_process_was_known_is_found(
    run: Run, store: Path, logs: Logs, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = LaunchedEvent(
        uid=new_uid(), entry="", at=now() - timedelta(seconds=5), host="elsewhere", pid=7, argv=("python", "train.py"),
        cwd="/",
    )  # fmt: skip
    spool.put(paths.spool, start)
    assert [each["run_id"] for each in run("runs", "list", "--json").json] == [None]
    logs(0.5)
    with closing(sqlite3.connect(store)) as connection:
        (run_id,) = connection.execute("SELECT run_uuid FROM runs").fetchone()
    changed(store, f"INSERT INTO tags (key, value, run_uuid) VALUES ('journal.session', '{start.uid}', '{run_id}')")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", sqlite_uri(store))
    (found,) = run("runs", "list", "--json").json
    assert (found["ref"], found["run_id"], found["metrics"]) == ("r1", run_id, {"validation/accuracy": 0.5})


def test_what_a_killed_run_logged_last_is_read(
    run: Run, store: Path, logs: Logs, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = now() - timedelta(seconds=5)
    start = LaunchedEvent(
        uid=new_uid(), entry="", at=began, host="elsewhere", pid=7, argv=("python", "train.py"), cwd="/"
    )
    spool.put(paths.spool, start)
    spool.put(paths.spool, EndedEvent(uid=new_uid(), session=start.uid, at=began, exit=SessionExit.vanished, error=""))
    logs(0.5)
    changed(
        store, f"INSERT INTO tags (key, value, run_uuid) SELECT 'journal.session', '{start.uid}', run_uuid FROM runs"
    )
    monkeypatch.setenv("MLFLOW_TRACKING_URI", sqlite_uri(store))
    (found,) = run("runs", "list", "--json").json
    assert (found["status"], found["metrics"]) == ("vanished", {"validation/accuracy": 0.5})
    assert found["ended_at"] is not None


@pytest.fixture
def running(store: Path, paths: Paths) -> Path:
    """A store in which r1 goes on since half an hour, as the journal saw it then."""
    began = int((now() - timedelta(minutes=30)).timestamp() * 1000)
    changed(
        store,
        "PRAGMA journal_mode = DELETE",
        "INSERT INTO runs (run_uuid, name, status, start_time, lifecycle_stage, experiment_id) "
        f"VALUES ('{1:032x}', 'long', 'RUNNING', {began}, 'active', 0)",
    )
    draft = RunDraft(
        run_id=f"{1:032x}", tracking_uri=sqlite_uri(store), name="long", experiment="", status=RunStatus.running,
        started_at=now() - timedelta(minutes=30),
    )  # fmt: skip
    with program_change(paths) as change:
        runs.mirror(change, [(draft, "seen")])
    return store


def log_last(store: Path, value: float) -> None:
    changed(
        store,
        "INSERT OR REPLACE INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) "
        f"VALUES ('validation/accuracy', {value}, 1700000000000, 1, 0, '{1:032x}')",
    )


def test_runs_that_began_since_and_the_end_of_one_are_seen(run: Run, running: Path) -> None:
    ms = int(now().timestamp() * 1000)
    changed(
        running,
        "INSERT INTO runs (run_uuid, name, status, start_time, lifecycle_stage, experiment_id) VALUES "
        f"('{2:032x}', 'next', 'RUNNING', {ms - 1000}, 'active', 0), ('{3:032x}', 'of yore', 'RUNNING', 9, 'active', 0)",
        f"UPDATE runs SET status = 'FINISHED', end_time = {ms} WHERE run_uuid = '{1:032x}'",
    )
    found = {each["title"]: each["status"] for each in run("runs", "list", "--json").json}
    assert found == {"long": "finished", "next": "running"}


@pytest.mark.parametrize("has_ended", [True, False])
def test_a_run_that_ended_before_it_was_ever_read_is_shown_as_its_store_has_it(
    run: Run, store: Path, paths: Paths, has_ended: bool
) -> None:
    """A script that nobody launched with the journal, or a notebook whose trial was never ended."""
    began = now() - timedelta(hours=3)
    ms = int(began.timestamp() * 1000)
    changed(
        store,
        "INSERT INTO runs (run_uuid, name, status, start_time, end_time, lifecycle_stage, experiment_id) VALUES "
        f"('{1:032x}', 'short', 'FINISHED', {ms}, {ms + 60_000}, 'active', 0)",
    )
    log_last(store, 0.5)
    kernel = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    trial = TriedEvent(
        uid=new_uid(), what="cosine", why="", expect="", papers=(), started_at=began, host=presence.hostname(),
        pid=kernel.pid, argv=("train.py",), cwd="/",
    )  # fmt: skip
    spool.put(paths.spool, trial)
    presence.announce(paths.spool, trial.uid, presence.of_process(kernel.pid))
    kernel.communicate(b"\n")
    of = RunEvent(
        uid=new_uid(), entry=trial.uid, run_id=f"{1:032x}", tracking_uri=sqlite_uri(store), at=began, session=trial.uid
    )
    spool.put(paths.spool, of)
    if has_ended:
        end = EndedEvent(
            uid=new_uid(), session=trial.uid, at=began + timedelta(minutes=1), exit=SessionExit.finished, error=""
        )
        spool.put(paths.spool, end)
    (found,) = run("runs", "list", "--json").json
    assert (found["title"], found["status"], found["metrics"]) == ("short", "finished", {"validation/accuracy": 0.5})
    assert "MLflow says" not in run("show", "r1").out
    assert not {name for name in modules_loaded_by("runs", "list") if name.startswith("importers")}


def test_two_runs_are_compared_as_they_are_now(run: Run, running: Path) -> None:
    ms = int(now().timestamp() * 1000)
    changed(
        running,
        "INSERT INTO runs (run_uuid, name, status, start_time, lifecycle_stage, experiment_id) VALUES "
        f"('{2:032x}', 'next', 'RUNNING', {ms - 1000}, 'active', 0)",
        "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) "
        f"VALUES ('validation/accuracy', 0.25, {ms}, 1, 0, '{2:032x}')",
    )
    log_last(running, 0.5)
    assert run("runs", "list").code == 0
    for value in (0.625, 0.75):
        log_last(running, value)
        ran = run("runs", "diff", "r1", "r2")
        assert (ran.code, f"{value}" in ran.out) == (0, True)


def test_a_folder_of_runs_is_read_as_well(run: Run, paths: Paths, tmp_path: Path) -> None:
    folder = tmp_path / "mlruns"
    log = folder / "0" / f"{1:032x}" / "metrics" / "validation"
    log.mkdir(parents=True)
    began = int((now() - timedelta(minutes=9)).timestamp() * 1000)
    (folder / "0" / "meta.yaml").write_text("experiment_id: '0'\nname: Default\nlifecycle_stage: active\n")
    (folder / "0" / f"{1:032x}" / "meta.yaml").write_text(
        f"run_id: {1:032x}\nrun_name: long\nstatus: 1\nstart_time: {began}\nlifecycle_stage: active\nexperiment_id: '0'\n"
    )
    (log / "accuracy").write_text(f"{began} 0.5 1\n")
    event = RunEvent(
        uid=new_uid(), entry="", run_id=f"{1:032x}", tracking_uri=folder_uri(folder), at=now() - timedelta(minutes=9)
    )
    spool.put(paths.spool, event)
    assert accuracy(run, "runs", "list") == 0.5
    with (log / "accuracy").open("a") as file:
        file.write(f"{began} 0.75 2\n")
    assert accuracy(run, "runs", "list") == 0.75


def test_a_log_of_wandb_is_read_while_it_is_short(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "wandb"
    began, at = (wandb_run("long"), history(0, loss=1.0)), f"{now().astimezone():%Y%m%d_%H%M%S}"
    written(folder, "w1", framed(*began), at)
    assert run("runs", "sync", "--store", str(folder)).code == 0
    written(folder, "w1", framed(*began, history(1, loss=0.25)), at)
    ran = run("runs", "list", "--json")
    assert (ran.err, ran.json[0]["metrics"]["loss"]) == ("", 0.25)
    written(folder, "w1", framed(*began, *(history(step, loss=0.125, text="x" * 1000) for step in range(1, 2500))), at)
    ran = run("runs", "list", "--json")
    assert ran.json[0]["metrics"]["loss"] == 0.25
    assert ran.err.splitlines() == ["What still runs is shown as it was mirrored last: wandb-w1 takes long to read."]


# ---------------------------------------------------------------- it never stops the answer


def test_a_store_that_is_locked_is_told_of_in_a_line(run: Run, running: Path) -> None:
    log_last(running, 0.5)
    with closing(sqlite3.connect(running, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        ran = run("runs", "list", "--json")
    assert (ran.code, ran.json[0]["metrics"]) == (0, {})
    (line,) = ran.err.splitlines()
    assert "as it was mirrored last" in line
    assert "is being written just now" in line
    assert accuracy(run, "runs", "list") == 0.5


def test_a_journal_that_others_write_to_is_told_of_in_a_line(run: Run, running: Path, paths: Paths) -> None:
    log_last(running, 0.5)
    with closing(sqlite3.connect(paths.journal, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        ran = run("runs", "list", "--json")
    assert (ran.code, ran.json[0]["metrics"]) == (0, {})
    assert "is locked by another program" in ran.err


@pytest.mark.parametrize("damage", ["no store", "put away", "a folder"])
def test_a_store_that_cannot_be_read_leaves_the_run_as_it_was(run: Run, running: Path, damage: str) -> None:
    running.unlink()
    if damage == "no store":
        running.write_bytes(b"not a database, and longer than a header")
    if damage == "a folder":
        running.mkdir()
    ran = run("runs", "list", "--json")
    assert (ran.code, ran.json[0]["title"]) == (0, "long")
    assert len(ran.err.splitlines()) == (damage == "no store")


def test_settings_that_are_damaged_do_not_keep_runs_from_being_listed(run: Run, running: Path, paths: Paths) -> None:
    paths.settings.parent.mkdir(parents=True, exist_ok=True)
    paths.settings.write_text("[[[")
    log_last(running, 0.5)
    assert accuracy(run, "runs", "list") == 0.5


def test_a_server_is_not_asked(run: Run, paths: Paths) -> None:
    """Nothing listens there: asking would be said."""
    draft = RunDraft(
        run_id="a" * 32, tracking_uri="http://127.0.0.1:1", name="far", experiment="", status=RunStatus.running,
        started_at=now(),
    )  # fmt: skip
    with program_change(paths) as change:
        runs.mirror(change, [(draft, "seen")])
    ran = run("runs", "list", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert heavy(modules_loaded_by("runs", "list")) == set()


def test_where_nothing_runs_no_store_is_looked_at(run: Run, running: Path, paths: Paths) -> None:
    assert "importers.open_runs" in modules_loaded_by("runs", "list")
    with program_change(paths) as change:
        change.connection.execute("UPDATE run SET status = 'finished', told = 'finished'")
    assert not {name for name in modules_loaded_by("runs", "list") if name.startswith("importers")}


def test_the_interface_mirrors_what_trains_while_it_is_open(run: Run, store: Path, logs: Logs, paths: Paths) -> None:
    logs(0.5)
    assert run("runs", "sync", "--store", str(store)).code == 0
    logs(0.6)
    mirrorer = Mirrorer(JournalApp(paths), paths, now)
    mirrorer.mirror_open()
    for thread in threading.enumerate():
        if thread.name == "mirroring what trains":
            thread.join(20)
    with closing(sqlite3.connect(paths.journal)) as connection:
        assert connection.execute("SELECT value FROM run_metric WHERE key = 'validation/accuracy'").fetchall() == [
            (0.6,)
        ]
