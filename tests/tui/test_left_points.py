"""Points for MLflow that killed processes left arrive by themselves, and until then it is said that they wait."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from journal.ids import new_uid
from journal.paths import Paths, at_home
from journal.recorder import metric_file
from journal.recorder.companion import left_over
from journal.recorder.metric_file import Owner
from journal.recorder.presence import of_process
from tests.journal.recorder.scripts import environment, rows
from tests.journal.recorder.scripts import run as trained
from tests.launching import JOURNAL, journal_run
from tui import left_points

KILLED = """\
import journal, mlflow, os, signal
from journal.recorder import metric_worker
metric_worker.SHIP_EVERY_S = 600.0
mlflow.start_run(); log = journal.metrics()
for step in range(124): log({"train/loss": 1 / (step + 1)}, step=step)
os.kill(os.getpid(), signal.SIGTERM)
"""


@pytest.fixture
def environ(home: Path, mlflow_store: Path) -> dict[str, str]:
    return environment(home, mlflow_store)


def journal(environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*JOURNAL, *words], env=environ, cwd=environ["LABJOURNAL_HOME"], capture_output=True, text=True, timeout=120
    )


def wait_for(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 90
    while not is_so():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)


def in_mlflow(home: Path) -> int:
    return int(rows(home, "SELECT count(*) FROM metrics")[0][0])


def last_value(environ: dict[str, str]) -> object:
    return json.loads(journal(environ, "show", "r1", "--json").stdout)["metrics"].get("train/loss")


def test_at_the_end_of_journal_run_they_are_on_their_way(home: Path, environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(KILLED)
    done = journal_run("--what", "x", "--no-ask", "--", sys.executable, "train.py", cwd=tmp_path, env=environ)
    assert done.returncode == -15, done.stderr
    wait_for(lambda: in_mlflow(home) == 124)
    wait_for(lambda: last_value(environ) == 1 / 124)
    assert metric_file.waiting(at_home(home).spool) == []


def test_the_next_command_says_that_they_wait_and_brings_them(home: Path, environ: dict[str, str]) -> None:
    assert trained(
        "import journal\nwith journal.tried('cosine'):\n    exec('''" + KILLED + "''')\n", environ
    ).returncode
    assert len(left_over(at_home(home).spool)) == 1
    curve = journal(environ, "runs", "curve", "r1", "--metric", "train/loss")
    assert "r1: 124 points wait for MLflow; journal runs sync brings them there now." in curve.stderr
    wait_for(lambda: in_mlflow(home) == 124)
    wait_for(lambda: last_value(environ) == 1 / 124)
    assert "wait" not in journal(environ, "runs", "curve", "r1", "--metric", "train/loss").stderr
    assert journal(environ, "doctor").returncode == 0


def test_sync_brings_them_while_the_person_waits(home: Path, environ: dict[str, str]) -> None:
    assert trained(KILLED, environ).returncode
    done = journal(environ, "runs", "sync")
    assert done.returncode == 0, done.stderr
    assert in_mlflow(home) == 124


def _left(paths: Paths, uri: str) -> None:
    gone = of_process(os.getpid())
    owner = Owner(new_uid(), "", "ab12" * 8, uri, type(gone)(gone.host, "another boot", 1, "1", False, None))
    folder = metric_file.folder_of(paths.spool)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{owner.uid}.jsonl").write_bytes(metric_file.header(owner) + metric_file.line(1, 1, {"loss": 0.5}))


def test_a_store_that_is_down_is_not_asked_by_every_command(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, mlflow_store: Path
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    assert not left_points.begin(paths), "nothing is left"
    assert left_points.waiting_words(paths) == ""
    _left(paths, "http://127.0.0.1:1")
    assert left_points.waiting_words(paths) == "1 point waits for MLflow"
    assert left_points.begin(paths)
    mark = metric_file.folder_of(paths.spool) / "carried.json"
    wait_for(lambda: json.loads(mark.read_text() or "{}").get("failures") == 1)
    assert not left_points.begin(paths), "not again and again"
    at = time.time() - 70
    os.utime(mark, (at, at))
    assert not left_points.begin(paths), "and later each time"
    _left(paths, "http://127.0.0.1:1")
    assert left_points.begin(paths), "what is new is carried at once"
    wait_for(lambda: json.loads(mark.read_text() or "{}").get("failures") == 1)
    at = time.time() - 130
    os.utime(mark, (at, at))
    assert left_points.begin(paths)
    wait_for(lambda: json.loads(mark.read_text() or "{}").get("failures") == 2)
    shutil.rmtree(mark.parent)


def test_points_that_mlflow_will_never_take_are_told(home: Path, environ: dict[str, str]) -> None:
    deleted = KILLED.replace("os.kill", "mlflow.MlflowClient().delete_run(mlflow.active_run().info.run_id)\nos.kill")
    assert trained(
        "import journal\nwith journal.tried('cosine'):\n    exec('''" + deleted + "''')\n", environ
    ).returncode
    journal(environ, "runs", "sync")
    assert len(metric_file.refused(at_home(home).spool)) == 1
    doctor = journal(environ, "doctor")
    assert doctor.returncode == 1
    assert "124 points cannot go to MLflow, whose run is deleted there" in " ".join(doctor.stdout.split())
    assert "124 points cannot go to MLflow" in journal(environ, "show", "r1").stderr
    assert "124 points cannot go to MLflow" in journal(environ, "runs", "list").stderr
