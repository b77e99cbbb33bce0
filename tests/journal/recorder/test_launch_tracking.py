"""Where the MLflow runs of a launched command go, and that a store never stands in its way."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from journal.paths import Paths
from journal.recorder.capture.interpreter import python_of
from journal.recorder.launch_environment import launch_variables
from journal.recorder.tracking import store_path
from journal.recorder.tracking_for_command import (
    kept_tables,
    mlflow_of,
    newest_tables,
    store_here,
    tracking_variables,
)
from journal.types import ENTRY_TAG, NOTE_TAG, RunStatus
from tests.launching import environment, journal_run, journal_run_begun, runs, session

TRAINING = """\
import mlflow
mlflow.set_experiment("digits")
with mlflow.start_run():
    mlflow.log_metric("validation/accuracy", 0.985)
"""
URI = "MLFLOW_TRACKING_URI"


def _without_uri() -> dict[str, str]:
    return {key: value for key, value in environment().items() if key != URI}


@pytest.fixture
def own_store(paths: Paths, mlflow_store: Path) -> Path:
    """The journal's own store, as an earlier run made it."""
    paths.mlflow.mkdir()
    for name in ("mlflow.db", "mlflow.db-wal", "mlflow.db-shm"):
        if (mlflow_store / name).exists():
            shutil.copyfile(mlflow_store / name, paths.mlflow / name)
    return store_path(paths.mlflow)


def _environment_of_python(folder: Path, *, head: str | None, settings: str = "home = /nowhere\n") -> Path:
    """A virtual environment as it looks on disk, with an MLflow whose newest tables are `head`; its Python."""
    (folder / "bin").mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text(settings)
    python = folder / "bin" / "python"
    python.symlink_to(sys.executable)
    packages = folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    packages.mkdir(parents=True)
    if head is not None:
        versions = packages / "mlflow" / "store" / "db_migrations" / "versions"
        versions.mkdir(parents=True)
        (packages / "mlflow" / "__init__.py").touch()
        (versions / "a.py").write_text("revision = 'aaa'\ndown_revision = None\n")
        (versions / "b.py").write_text(f"revision: str = {head!r}\ndown_revision = 'aaa'\n")
    return python


# ---------------------------------------------------------------- real runs


def test_a_run_in_the_journals_own_store_is_tied_and_mirrored(paths: Paths, own_store: Path, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(TRAINING)
    done = journal_run("--what", "digits at all", "--", sys.executable, "train.py", cwd=tmp_path, env=_without_uri())
    assert done.returncode == 0, done.stderr
    (run,) = runs(paths)
    assert run.metrics == {"validation/accuracy": 0.985}
    assert (run.status, run.told, run.experiment) == (RunStatus.finished, RunStatus.finished, "digits")
    assert "e1" in {str(link.ref) for link in run.links}
    assert run.run_tags[NOTE_TAG] == "journal entry: digits at all"
    assert session(paths).exit == "finished"
    assert not (tmp_path / "mlflow.db").exists()


def test_two_at_once_in_an_empty_home_both_work(home: Path, tmp_path: Path, mlflow_store: Path) -> None:
    (tmp_path / "train.py").write_text(TRAINING)
    begun = [
        journal_run_begun("--", sys.executable, "train.py", cwd=tmp_path, env=_without_uri(), stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [each.communicate(timeout=180)[1].decode() for each in begun]
    assert [each.returncode for each in begun] == [0, 0], said
    with closing(sqlite3.connect(home / "mlflow" / "mlflow.db")) as connection:
        assert connection.execute("SELECT count(*) FROM runs WHERE status = 'FINISHED'").fetchone() == (2,)
    from journal.paths import at_home

    assert [run.status for run in runs(at_home(home))] == [RunStatus.finished] * 2


def test_runs_in_a_store_beside_the_script_are_mirrored_too(paths: Paths, mlflow_store: Path, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(TRAINING)
    shutil.copyfile(mlflow_store / "mlflow.db", tmp_path / "mlflow.db")
    journal_run("--", sys.executable, "train.py", cwd=tmp_path, env=_without_uri())
    (run,) = runs(paths)
    assert run.tracking_uri == f"sqlite:///{tmp_path / 'mlflow.db'}"
    assert run.metrics == {"validation/accuracy": 0.985}
    assert not paths.mlflow.exists()


def test_a_store_that_cannot_be_made_costs_a_sentence(paths: Paths, tmp_path: Path, mlflow_store: Path) -> None:
    paths.mlflow.write_text("in the way")
    done = journal_run(
        "--", sys.executable, "-S", "-c", "import os; print(os.environ.get('MLFLOW_TRACKING_URI'))",
        cwd=tmp_path, env=_without_uri(),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "None\n")
    assert "The command runs without it." in done.stderr
    assert "Traceback" not in done.stderr


# ---------------------------------------------------------------- which store


def _added(
    command: list[str], paths: Paths, environ: dict[str, str], *, tracking_uri: str = ""
) -> tuple[dict[str, str], list[str]]:
    said: list[str] = []
    return tracking_variables(command, paths, environ, say=said.append, tracking_uri=tracking_uri), said


def test_the_store_that_the_person_named_is_left(paths: Paths, own_store: Path) -> None:
    added, _ = _added([sys.executable], paths, {URI: "http://lab:5000"})
    assert URI not in added
    added, _ = _added([sys.executable], paths, {}, tracking_uri="http://lab:5000")
    assert added[URI] == "http://lab:5000"


def test_the_store_in_the_working_directory_is_left(
    paths: Paths, own_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environ = {"PATH": ""}
    assert URI in _added([sys.executable], paths, environ)[0]
    (tmp_path / "mlruns" / "0").mkdir(parents=True)
    assert URI in _added([sys.executable], paths, environ)[0], "artifacts alone are no store"
    (tmp_path / "mlruns" / "0" / "meta.yaml").touch()
    assert URI not in _added([sys.executable], paths, environ)[0]
    shutil.rmtree(tmp_path / "mlruns")
    (tmp_path / "mlflow.db").touch()
    assert store_here() is not None
    assert URI not in _added([sys.executable], paths, environ)[0]


@pytest.mark.parametrize("head", [None, "another"], ids=["no MLflow", "another MLflow"])
def test_a_python_that_cannot_open_the_store_is_left_alone(
    paths: Paths, own_store: Path, tmp_path: Path, head: str | None
) -> None:
    python = _environment_of_python(tmp_path / "venv", head=head)
    added, said = _added([str(python), "train.py"], paths, {})
    assert URI not in added
    assert said == []


def test_a_python_of_another_environment_with_the_same_tables_is_served(
    paths: Paths, own_store: Path, tmp_path: Path
) -> None:
    python = _environment_of_python(tmp_path / "venv", head=kept_tables(own_store))
    assert URI in _added([str(python), "train.py"], paths, {})[0]


def test_a_store_that_an_update_of_mlflow_left_behind_is_told_and_not_used(paths: Paths, own_store: Path) -> None:
    with closing(sqlite3.connect(own_store, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'older'")
    added, (said,) = _added([sys.executable], paths, {})
    assert URI not in added
    assert f"mlflow db upgrade 'sqlite:///{own_store}'" in said


def test_a_damaged_store_is_not_used(paths: Paths, own_store: Path) -> None:
    own_store.write_bytes(b"no database " * 1000)
    assert URI not in _added([sys.executable], paths, {})[0]


def test_the_version_that_mlflow_asks_for_is_the_one_that_it_makes(mlflow_store: Path) -> None:
    package = mlflow_of(Path(sys.executable), {})
    assert package is not None
    assert newest_tables(package) == kept_tables(mlflow_store / "mlflow.db") is not None


# ---------------------------------------------------------------- which Python


def test_the_python_of_a_command(tmp_path: Path) -> None:
    venv = _environment_of_python(tmp_path / "venv", head=None)
    other = _environment_of_python(tmp_path / "other", head=None)
    tool, by_env, long_path, shell = (venv.parent / name for name in ("torchrun", "by_env", "long_path", "train.sh"))
    tool.write_text(f"#!{venv}\nimport torch\n")
    by_env.write_text("#!/usr/bin/env -S python -u\n")
    long_path.write_text(f"#!/bin/sh\n'''exec' {other} \"$0\" \"$@\"\n' '''\n")
    shell.write_text("#!/bin/bash\npython train.py\n")
    for script in (tool, by_env, long_path, shell):
        script.chmod(0o755)
    environ = {"PATH": f"{venv.parent}:/usr/bin:/bin"}
    for command, expected in {
        ("python", "train.py"): venv,
        (str(other), "train.py"): other,
        ("torchrun", "train.py"): venv,
        ("by_env",): venv,
        ("long_path",): other,
        (str(shell),): venv,
        ("bash", "-c", "python train.py"): venv,
        ("nice", "-n", "5", str(other), "train.py"): other,
        ("cat", "python"): None,
        ("sh", "-c", "ls | wc -l; true"): None,
        ("sh", "-c", "ls; ./train"): venv,
        ("nice", "-n", "5", "cat", "python"): None,
        ("make", "train"): venv,
        ("no-such-command",): None,
    }.items():
        assert python_of(command, environ) == expected, command


@pytest.mark.parametrize("runner", ["conda", "poetry", "docker"])
def test_what_chooses_an_environment_itself_is_not_taken_for_its_own_python(tmp_path: Path, runner: str) -> None:
    """Most of them are Python scripts, and that Python is another one."""
    venv = _environment_of_python(tmp_path / "venv", head=None)
    program = venv.parent / runner
    program.write_text("\0ELF" if runner == "docker" else f"#!{venv}\nimport sys\n")
    program.chmod(0o755)
    assert python_of((runner, "run", "python", "train.py"), {"PATH": str(venv.parent)}) is None


def test_the_packages_of_an_environment(tmp_path: Path) -> None:
    alone = _environment_of_python(tmp_path / "alone", head=None)
    assert mlflow_of(alone, {}) is None
    full = _environment_of_python(tmp_path / "full", head="x")
    found = mlflow_of(full, {})
    assert found is not None
    assert found.is_relative_to(tmp_path / "full")
    assert mlflow_of(alone, {"PYTHONPATH": str(found.parent)}) == found


# ---------------------------------------------------------------- the tags


def test_tags_of_the_person_stay_beside_ours() -> None:
    given = {"session": "s", "entry": "e", "note": "journal entry: x", "continues": ""}
    theirs = launch_variables({"MLFLOW_RUN_CONTEXT": '{"team": "vision"}'}, **given)["MLFLOW_RUN_CONTEXT"]
    assert '"team": "vision"' in theirs
    assert f'"{ENTRY_TAG}": "e"' in theirs
    noted = launch_variables({"MLFLOW_RUN_CONTEXT": f'{{"{NOTE_TAG}": "mine"}}'}, **given)["MLFLOW_RUN_CONTEXT"]
    assert "mine" in noted
    outer = launch_variables({"MLFLOW_RUN_CONTEXT": f'{{"{NOTE_TAG}": "journal e3: y"}}'}, **given)[
        "MLFLOW_RUN_CONTEXT"
    ]
    assert "journal entry: x" in outer


@pytest.mark.parametrize("context", ["no json", "[1]", '"text"'])
def test_tags_that_cannot_be_read_are_left(context: str) -> None:
    added = launch_variables({"MLFLOW_RUN_CONTEXT": context}, session="s", entry="", note="", continues="")
    assert "MLFLOW_RUN_CONTEXT" not in added
