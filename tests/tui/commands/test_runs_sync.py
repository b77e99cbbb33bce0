"""Runs that people already have are found, offered and taken in, whatever program kept them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from journal.tracking_uris import folder_uri, sqlite_uri, wandb_uri
from tests.importers.stores import aged, changed
from tests.importers.wandb_files import exit_of, framed, history, written
from tests.importers.wandb_files import run as wandb_run
from tests.tui.commands.conftest import Run

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "work here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def files_of_runs(folder: Path, *names: str) -> Path:
    """A small store of files."""
    experiment = folder / "0"
    for number, name in enumerate(names):
        run = experiment / f"{number:032x}"
        for kind in ("params", "tags", "metrics"):
            (run / kind).mkdir(parents=True, exist_ok=True)
        (run / "meta.yaml").write_text(
            f"run_id: {run.name}\nrun_name: {name!r}\nstatus: 3\nstart_time: {1_700_000_000_000 + number}\n"
            f"end_time: {1_700_000_001_000 + number}\nlifecycle_stage: active\nexperiment_id: '0'\n"
        )
        (run / "metrics" / "loss").write_text("1700000000000 0.5 1\n")
    (experiment / "meta.yaml").write_text("experiment_id: '0'\nname: Default\nlifecycle_stage: active\n")
    return folder


@pytest.fixture
def database(mlflow_store: Path) -> Callable[..., Path]:
    """Makes a real MLflow database with finished runs of these names."""

    def make(path: Path, *names: str) -> Path:
        shutil.copyfile(mlflow_store / "mlflow.db", path)
        changed(
            path,
            "PRAGMA journal_mode = DELETE",
            *(
                "INSERT INTO runs (run_uuid, name, status, start_time, end_time, lifecycle_stage, experiment_id) "
                f"VALUES ('{path.stem}{number}', '{name}', 'FINISHED', {number}, {number + 9}, 'active', 0)"
                for number, name in enumerate(names)
            ),
        )
        aged(path)
        return path

    return make


# ---------------------------------------------------------------- found and offered


def test_what_lies_here_is_offered_and_one_store_taken_in(run: Run, here: Path) -> None:
    files_of_runs(here / "mlruns", "a", "b")
    taken = run("runs", "sync", "--store", "./mlruns")
    assert (taken.code, taken.out) == (0, "2 runs new, 0 changed, 0 as before, 0 deleted, 0 gone\n")
    files_of_runs(here / "old" / "mlruns", "c")
    offered = run("runs", "sync")
    assert "Found old/mlruns/ with 1 run here: journal runs sync --store ./old/mlruns" in offered.err
    shutil.rmtree(here / "old")
    again = run("runs", "sync")
    assert (again.code, again.out, again.err) == (0, "0 runs new, 0 changed, 2 as before, 0 deleted, 0 gone\n", "")
    assert run("runs", "list", "--json").json[0]["tracking_uri"] == folder_uri(here / "mlruns")


def test_what_lies_here_is_taken_in_where_no_store_is_known_yet(
    run: Run, here: Path, database: Callable[..., Path]
) -> None:
    nothing = run("runs", "sync")
    assert (nothing.code, nothing.out) == (1, "")
    assert "There is no MLflow store at" in nothing.err
    files_of_runs(here / "mlruns", "a", "b")
    database(here / "lab.db", "c")
    taken = run("runs", "sync")
    assert taken.code == 0
    assert "Found" not in taken.err
    assert {line.partition(", 0 changed")[0] for line in taken.out.splitlines()} == {
        f"{folder_uri(here / 'mlruns')}: 2 runs new", f"{sqlite_uri(here / 'lab.db')}: 1 run new"
    }  # fmt: skip
    files_of_runs(here / "later" / "mlruns", "d")
    assert "Found later/mlruns/ with 1 run here" in run("runs", "sync").err  # by now, there is a choice
    assert len(run("runs", "list", "--json").json) == 3


def test_the_only_store_that_lies_here_is_named(run: Run, here: Path) -> None:
    files_of_runs(here / "mlruns", "a")
    assert run("runs", "sync").out.startswith(f"{folder_uri(here / 'mlruns')}: 1 run new")


def test_all_that_lies_here_is_taken_in_by_one_word(run: Run, here: Path, database: Callable[..., Path]) -> None:
    files_of_runs(here / "old" / "mlruns", "a")
    written(here / "wandb", "w1", framed(wandb_run("b"), history(0, loss=1), exit_of(0)))
    database(here / "mlflow.db", "c", "d")
    report = run("runs", "sync", "--all", "--json")
    assert report.code == 0, report.err
    assert report.json["new"] == 4
    assert {each["tracking_uri"]: each["new"] for each in report.json["stores"]} == {
        folder_uri(here / "old" / "mlruns"): 1, wandb_uri(here / "wandb"): 1, sqlite_uri(here / "mlflow.db"): 2
    }  # fmt: skip
    assert {each["title"] for each in run("runs", "list", "--json").json} == {"a", "b", "c", "d"}
    again = run("runs", "sync", "--json")
    assert (again.json["new"], again.json["gone"], len(again.json["stores"])) == (0, 0, 3)
    assert again.err == ""


def test_the_stores_are_listed_with_what_they_hold(
    run: Run, here: Path, database: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    files_of_runs(here / "mlruns", "a", "b", "c")
    database(here / "lab.db", "d")
    (here / "notes.db").write_bytes(b"SQLite format 3\0 and not more")
    (here / "empty.db").touch()
    run("runs", "sync", "--store", "lab.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:s3cret@mlflow.example:5000")
    listed = run("runs", "stores", "--json")
    assert listed.code == 0
    by_kind = {each["kind"]: each for each in listed.json}
    assert by_kind["MLflow folder"] | {"changed_at": 0} == {
        "uri": folder_uri(here / "mlruns"), "kind": "MLflow folder", "known_by": "below this folder", "runs": 3,
        "mirrored": 0, "changed_at": 0, "message": "", "command": "journal runs sync --store ./mlruns",
    }  # fmt: skip
    assert (by_kind["MLflow database"]["runs"], by_kind["MLflow database"]["mirrored"]) == (1, 1)
    assert by_kind["MLflow database"]["known_by"] == "mirrored"
    server = by_kind["MLflow server"]
    assert (server["uri"], server["known_by"], server["runs"]) == (
        "http://me@mlflow.example:5000", "MLFLOW_TRACKING_URI", None
    )  # fmt: skip
    assert "s3cret" not in listed.out + run("runs", "stores").out
    assert len(listed.json) == 3


def test_nothing_is_found_where_nothing_is(run: Run, here: Path) -> None:
    ran = run("runs", "stores")
    assert (ran.code, ran.out) == (1, "")
    assert "No store of runs is known" in ran.err


def test_looking_is_bounded_and_follows_no_link(run: Run, here: Path) -> None:
    files_of_runs(here / "a/b/c/d/e/f/mlruns", "too deep")
    files_of_runs(here / ".hidden/mlruns", "hidden")
    files_of_runs(here / "env/mlruns", "of an environment")
    (here / "env" / "pyvenv.cfg").touch()
    (here / "loop").symlink_to(here)
    data = here / "data"
    data.mkdir()
    for number in range(300):
        (data / f"{number}").mkdir()
    assert run("runs", "stores").code == 1
    files_of_runs(here / "near/mlruns", "near")
    assert [each["runs"] for each in run("runs", "stores", "--json").json] == [1]


def test_names_that_act_are_shown_without_what_acts(run: Run, here: Path) -> None:
    strange = here / "a\x1b[2J\nb $(touch x)"
    files_of_runs(strange, "run \x1b]0;owned\x07\nof two lines")
    ran = run("runs", "sync")
    assert "\x1b" not in ran.err
    assert len(ran.err.splitlines()) <= 2
    assert run("runs", "sync", "--store", f"./{strange.name}").code == 0
    for words in (("runs", "list"), ("runs", "show", "r1"), ("runs", "stores")):
        assert "\x1b" not in run(*words).out
    assert len(run("runs", "list").out.splitlines()) == 2


# ---------------------------------------------------------------- one fails, the others come


def test_a_store_that_fails_never_stops_the_rest(
    run: Run, here: Path, database: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = database(here / "first.db", "a"), database(here / "second.db", "b")
    for store in (first, second):
        assert run("runs", "sync", "--store", str(store)).code == 0
    first.write_bytes(b"no database any more")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    changed(second, "UPDATE runs SET status = 'FAILED'")
    ran = run("runs", "sync", "--json")
    assert ran.code == 1
    assert "2 of 3 stores could not be mirrored." in ran.err
    by_uri = {each["tracking_uri"]: each for each in ran.json["stores"]}
    assert by_uri[sqlite_uri(second)]["updated"] == 1
    assert "is no MLflow store" in by_uri[sqlite_uri(first)]["message"]
    assert "No MLflow store answers" in by_uri["http://127.0.0.1:1"]["message"]
    assert [each["status"] for each in run("runs", "list", "--json").json if each["title"] == "b"] == ["failed"]


def test_a_store_that_is_away_is_told_and_is_no_failure(run: Run, here: Path, database: Callable[..., Path]) -> None:
    store = database(here / "disk.db", "a")
    files_of_runs(here / "mlruns", "b")
    assert run("runs", "sync", "--all").code == 0
    store.unlink()
    ran = run("runs", "sync")
    assert ran.code == 0
    assert "disk.db is not there just now; its runs stay as they are." in ran.err
    shutil.rmtree(here / "mlruns")
    assert run("runs", "sync").code == 1
    assert {each["is_gone"] for each in run("runs", "list", "--json").json} == {False}


def test_one_store_and_all_of_them_is_no_sense(run: Run, here: Path) -> None:
    assert run("runs", "sync", "--all", "--store", "x").code == 2


# ---------------------------------------------------------------- strange runs


def test_a_run_that_was_purged_in_mlflow_stays_here_and_is_said_gone(
    run: Run, here: Path, database: Callable[..., Path]
) -> None:
    store = database(here / "mlflow.db", "kept", "purged")
    run("runs", "sync", "--store", "mlflow.db")
    changed(store, "DELETE FROM runs WHERE name = 'purged'")  # as `mlflow gc` does
    assert "1 gone" in run("runs", "sync").out
    assert [each["is_gone"] for each in run("runs", "list", "--json").json] == [True, False]
    assert run("runs", "show", "r2").code == 0


def test_a_run_of_twelve_thousand_metrics_with_strange_names_is_taken_in_and_shown(
    run: Run, here: Path, database: Callable[..., Path]
) -> None:
    store = database(here / "mlflow.db", "large")
    with closing(sqlite3.connect(store)) as connection:
        (run_id,) = connection.execute("SELECT run_uuid FROM runs").fetchone()
        connection.executemany(
            "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) VALUES (?, ?, 1, 1, ?, ?)",
            [
                (f"m{n}/\x1b[31m\n{n}", 0.0 if n % 3 else 1.7976931348623157e308, n % 5 == 0, run_id)
                for n in range(12_000)
            ],
        )
        connection.execute("INSERT INTO params VALUES ('p\n\x1b[2J', ?, ?)", ("x" * 6_000, run_id))
        connection.commit()
    assert run("runs", "sync", "--store", "mlflow.db").code == 0
    shown = run("runs", "show", "r1")
    assert shown.code == 0
    assert "\x1b" not in shown.out
    whole = run("runs", "show", "r1", "--json").json
    assert len(whole["metrics"]) == 12_000
    assert len(whole["params"]["p\n\x1b[2J"]) == 6_000
    assert whole["metrics"]["m0/\x1b[31m\n0"] is None
    assert whole["metrics"]["m3/\x1b[31m\n3"] == "inf"


def test_a_run_that_is_silent_for_long_vanishes_though_nothing_of_it_changes(
    run: Run, here: Path, database: Callable[..., Path]
) -> None:
    store = database(here / "mlflow.db", "silent", "busy")
    now_ms = int(time.time() * 1000)
    changed(
        store,
        f"UPDATE runs SET status = 'RUNNING', end_time = NULL, start_time = {now_ms - 13 * 3_600_000}",
        "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) "
        f"SELECT 'loss', 1, {now_ms - 60_000}, 1, 0, run_uuid FROM runs WHERE name = 'busy'",
    )
    aged(store)
    run("runs", "sync", "--store", "mlflow.db")
    assert {each["title"]: each["status"] for each in run("runs", "list", "--json").json} == {
        "silent": "vanished", "busy": "running"
    }  # fmt: skip
    home = Path(os.environ["LABJOURNAL_HOME"])
    with closing(sqlite3.connect(home / "journal.db")) as connection:  # as if it had been taken in when it began
        connection.execute("UPDATE run SET status = 'running', ended_at = NULL")
        connection.commit()
    assert "2 as before" in run("runs", "sync").out
    assert {each["title"]: each["status"] for each in run("runs", "list", "--json").json} == {
        "silent": "vanished", "busy": "running"
    }  # fmt: skip


def test_two_syncs_at_once_lose_nothing_and_double_nothing(run: Run, here: Path) -> None:
    files_of_runs(here / "mlruns", *(f"run {number}" for number in range(60)))
    for number in range(5):
        written(here / "wandb", f"w{number}", framed(wandb_run(f"w{number}"), *(history(n, loss=n) for n in range(50))))
    run("log", "a try")
    command = [sys.executable, "-P", "-m", "tui.cli", "runs", "sync", "--all", "--json"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ)
        for _ in range(2)
    ]
    for process in both:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    listed = run("runs", "list", "--json", "--limit", "200").json
    assert len(listed) == len({each["run_id"] for each in listed}) == 65
    with closing(sqlite3.connect(Path(os.environ["LABJOURNAL_HOME"]) / "journal.db")) as connection:
        assert connection.execute("SELECT count(*) FROM metric_point").fetchone() == (250,)
