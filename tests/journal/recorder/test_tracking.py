"""MLflow beside the journal: runs are tied to their entry by themselves, and the store is safe to share."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from journal.errors import JournalUnusable, MissingExtra, SourceError
from journal.ids import new_uid
from journal.paths import at_home, find
from journal.recorder import make_store, tracking
from journal.recorder.tracking import EntryRunContext, ensure_store, tracking_environment
from journal.recorder.tried import ENTRY_VARIABLE, SESSION_VARIABLE, tried
from journal.types import ENTRY_TAG, NOTE_TAG, SESSION_TAG
from tests.journal.recorder import scripts

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mlflow"


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


# ---------------------------------------------------------------- the plugin


def test_runs_are_tagged_only_inside_a_trial_or_a_launch(monkeypatch: pytest.MonkeyPatch):
    context = EntryRunContext()
    assert (context.in_context(), context.tags()) == (False, {})
    with tried("cosine", why="plateau") as trial:
        assert context.in_context()
        assert context.tags() == {
            ENTRY_TAG: trial.uid, SESSION_TAG: trial.uid, NOTE_TAG: "journal entry: cosine\n\nWhy: plateau"
        }  # fmt: skip
    inherited, launch = new_uid(), new_uid()
    monkeypatch.setenv(ENTRY_VARIABLE, inherited)  # in a child process of a trial
    assert context.tags() == {ENTRY_TAG: inherited, SESSION_TAG: inherited}
    monkeypatch.setenv(SESSION_VARIABLE, launch)
    assert context.tags() == {ENTRY_TAG: inherited, SESSION_TAG: launch}
    with tried("cosine") as trial:
        assert (context.tags()[ENTRY_TAG], context.tags()[SESSION_TAG]) == (trial.uid, trial.uid)
    monkeypatch.delenv(ENTRY_VARIABLE)  # nobody said why
    assert context.tags() == {SESSION_TAG: launch}
    monkeypatch.setenv(ENTRY_VARIABLE, "; rm -rf /")
    monkeypatch.setenv(SESSION_VARIABLE, "; rm -rf /")
    assert (context.in_context(), context.tags()) == (False, {})


def test_mlflow_finds_the_plugin_and_tags_every_fluent_run(mlflow_store: Path, tmp_path: Path):
    """In a real MLflow, by the entry point that pyproject.toml declares; without a change of the user's code."""
    script = (
        "import os, subprocess, sys, threading, journal, mlflow\n"
        "def run(name, **more):\n"
        "    with mlflow.start_run(run_name=name, **more): pass\n"
        "run('outside')\n"
        "with journal.tried('outer') as outer:\n"
        "    run('outer')\n"
        "    with journal.tried('inner') as inner: run('inner')\n"
        "    run('outer again', tags={'mine': 'kept'})\n"
        "    thread = threading.Thread(target=run, args=['thread']); thread.start(); thread.join()\n"
        "run('outside again')\n"
        "print(outer.uid, inner.uid)\n"
    )
    home = tmp_path / "home"
    done = scripts.run(script, scripts.environment(home, mlflow_store), check=True)
    outer, inner = done.stdout.split()
    tagged = rows(
        home / "mlflow" / "mlflow.db",
        "SELECT name, (SELECT value FROM tags WHERE tags.run_uuid = runs.run_uuid AND key = 'journal.entry') FROM runs",
    )
    assert dict(tagged) == {  # type: ignore[arg-type]
        "outside": None,
        "outer": outer,
        "inner": inner,
        "outer again": outer,
        "thread": outer,
        "outside again": None,
    }
    assert ("kept",) in rows(home / "mlflow" / "mlflow.db", "SELECT value FROM tags WHERE key = 'mine'")
    assert not (tmp_path / "mlruns").exists()


# ---------------------------------------------------------------- the store


def test_the_store_is_whole_in_wal_mode_and_at_an_absolute_path(mlflow_store: Path):
    database = mlflow_store / "mlflow.db"
    assert ensure_store(mlflow_store, ["mnist"]) == f"sqlite:///{database}"
    assert rows(database, "PRAGMA journal_mode") == [("wal",)]
    tables = {name for (name,) in rows(database, "SELECT name FROM sqlite_master")}
    assert {"runs", "params", "tags", "metrics", "latest_metrics", "alembic_version"} <= tables
    assert dict(rows(database, "SELECT name, artifact_location FROM experiments")) == {  # type: ignore[arg-type]
        "Default": f"{mlflow_store}/artifacts/0",
        "mnist": f"{mlflow_store}/artifacts/mnist",
    }
    assert {path.name for path in mlflow_store.iterdir()} <= {"mlflow.db", "mlflow.lock", "artifacts"}


def test_a_store_that_is_there_costs_no_import_of_mlflow(mlflow_store: Path):
    script = (
        "import sys; from pathlib import Path; sys.modules['mlflow'] = None\n"
        "from journal.recorder import tracking; import subprocess\n"
        "subprocess.run = None\n"
        "print(tracking.ensure_store(Path(sys.argv[1]), ['mnist']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(mlflow_store)],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == f"sqlite:///{mlflow_store}/mlflow.db"


def test_two_processes_that_start_at_once_both_get_the_store(tmp_path: Path, mlflow_store: Path):
    """MLflow alone fails here: one of the two dies of 'duplicate column name'. Needs MLflow, not its store."""
    folder = tmp_path / "with a blank ä" / "mlflow"
    script = (
        "import sys; from pathlib import Path; from journal.recorder.tracking import ensure_store\n"
        "print(ensure_store(Path(sys.argv[1]), sys.argv[2:]))\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(folder), name],
            env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True,
        )
        for name in ("mnist", "cifar")
    ]  # fmt: skip
    said = {process.communicate()[0].strip() for process in processes}
    assert [process.returncode for process in processes] == [0, 0]
    assert said == {f"sqlite:///{folder}/mlflow.db"}
    names = {name for (name,) in rows(folder / "mlflow.db", "SELECT name FROM experiments")}
    assert names == {"Default", "mnist", "cifar"}


@pytest.fixture
def instead_of_mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script that stands where MLflow's part is done: `make_store.py URI ARTIFACTS [EXPERIMENT...]`."""
    script = tmp_path / "make_store.py"
    monkeypatch.setattr(make_store, "__file__", str(script))
    script.write_text(
        "import sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1].removeprefix('sqlite:///'))\n"
        "connection.execute('CREATE TABLE IF NOT EXISTS experiments (name)')\n"
        "connection.executemany('INSERT INTO experiments VALUES (?)', [[name] for name in sys.argv[3:]])\n"
        "connection.commit()\n"
    )
    return script


def test_on_a_shared_file_system_the_store_stays_out_of_wal_mode(
    folder: Path, instead_of_mlflow: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tracking, "is_on_shared_file_system", lambda path: True)
    ensure_store(folder)
    assert rows(folder / "mlflow.db", "PRAGMA journal_mode") == [("delete",)]


def test_an_experiment_is_added_to_a_store_that_is_there(folder: Path, instead_of_mlflow: Path):
    ensure_store(folder, ["mnist"])
    ensure_store(folder, ["mnist", "cifar"])
    assert ("cifar",) in rows(folder / "mlflow.db", "SELECT name FROM experiments")


def test_an_empty_file_in_the_place_of_the_store_becomes_one(folder: Path, instead_of_mlflow: Path):
    folder.mkdir()
    (folder / "mlflow.db").touch()
    ensure_store(folder, ["mnist"])
    assert rows(folder / "mlflow.db", "SELECT name FROM experiments") == [("mnist",)]


def test_where_mlflow_fails_nothing_half_made_is_left(folder: Path, instead_of_mlflow: Path):
    """What bears the store's name is always whole, whenever the process that makes it dies."""
    instead_of_mlflow.write_text(instead_of_mlflow.read_text() + "sys.exit('the disk is on fire')\n")
    with pytest.raises(SourceError, match=r"could not make its store in .*: the disk is on fire"):
        ensure_store(folder)
    assert {path.name for path in folder.iterdir()} == {"mlflow.lock"}


def test_a_store_of_an_older_mlflow_is_answered_with_the_command_that_upgrades_it(
    folder: Path, instead_of_mlflow: Path
):
    ensure_store(folder)
    instead_of_mlflow.write_text("import sys; sys.exit('Detected out-of-date database schema (found version abc)')\n")
    with pytest.raises(SourceError) as caught:
        ensure_store(folder, ["mnist"])
    assert caught.value.hint == f"Run: mlflow db upgrade 'sqlite:///{folder}/mlflow.db'"


def test_mlflow_that_never_ends_is_given_up_on(folder: Path, instead_of_mlflow: Path, monkeypatch: pytest.MonkeyPatch):
    instead_of_mlflow.write_text("import time; time.sleep(600)\n")
    monkeypatch.setattr(tracking, "_MAKING_TIMEOUT_S", 0.5)
    with pytest.raises(SourceError, match="in time"):
        ensure_store(folder)


def test_without_mlflow_the_missing_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtra) as caught:
        ensure_store(folder)
    assert caught.value.hint == "pip install 'labjournal[mlflow]'"
    assert not folder.exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "mlflow").write_text("a file")
    with pytest.raises(JournalUnusable, match="cannot be used for MLflow's store"):
        ensure_store(tmp_path / "mlflow")


# ---------------------------------------------------------------- what a training process gets


def test_a_training_process_is_given_the_journals_own_store_and_no_telemetry(tmp_path: Path):
    paths = at_home(tmp_path)
    assert tracking_environment(paths, {"LABJOURNAL_HOME": str(tmp_path)}) == {
        "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/mlflow/mlflow.db",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }


def test_what_the_person_chose_is_left_as_it_is(tmp_path: Path):
    chosen = {
        "LABJOURNAL_HOME": str(tmp_path),
        "MLFLOW_TRACKING_URI": "https://lab.example",
        "MLFLOW_DISABLE_TELEMETRY": "false",
    }
    assert tracking_environment(at_home(tmp_path), chosen, tracking_uri="https://other.example") == {}
    del chosen["MLFLOW_TRACKING_URI"]
    assert tracking_environment(at_home(tmp_path), chosen, tracking_uri="https://other.example") == {
        "MLFLOW_TRACKING_URI": "https://other.example"
    }


def test_a_training_process_spools_into_the_journal_that_started_it(tmp_path: Path):
    """The demo journal lives in a folder of its own; its experiment must not spool into the person's."""
    demo = at_home(tmp_path / "demo")
    environ = {"HOME": str(tmp_path)}
    assert find({**environ, **tracking_environment(demo, environ)}).spool == demo.spool
    assert "LABJOURNAL_HOME" not in tracking_environment(find(environ), environ)
