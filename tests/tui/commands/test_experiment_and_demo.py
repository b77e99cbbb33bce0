"""A network is really trained, and everything about it links itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.tui.commands.conftest import Run

pytestmark = pytest.mark.training


def journal(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui.cli", *words], capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL, env={**os.environ, **environ},
    )  # fmt: skip


def linked(links: Sequence[dict[str, str]]) -> set[tuple[str, str, str]]:
    return {(link["relation"], link["direction"], link["ref"]) for link in links}


def test_an_experiment_arrives_with_its_entry_its_paper_and_its_outcome(run: Run, home: Path, tmp_path: Path) -> None:
    shadow = tmp_path / "experiments"  # a folder of the person's own must not be run in the place of ours
    shadow.mkdir()
    (shadow / "__init__.py").write_text("raise SystemExit('shadowed')")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tui.cli", "experiment", "run", "linear", "--seed", "3", "--epochs", "2"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    run_json = run("show", "r1", "--json").json
    assert (run_json["status"], run_json["experiment"], run_json["params"]["seed"]) == ("finished", "mnist", "3")
    assert 0.7 < run_json["metrics"]["test/accuracy"] < 1
    assert {"train/loss", "validation/loss", "validation/accuracy", "learning_rate"} <= set(run_json["metrics"])
    assert linked(run_json["links"]) == {("tests", "out", "e1"), ("about", "out", "p1")}
    entry = run("show", "e1", "--json").json
    assert entry["verdict"] in {"kept", "dropped", "unclear"}
    assert entry["why"]
    assert "test error" in entry["outcome"]
    paper = run("show", "10.1109/5.726791", "--json").json
    assert (paper["ref"], paper["state"]) == ("p1", "none")
    assert paper["title"] == "Gradient-Based Learning Applied to Document Recognition"
    artifacts = Path(run_json["artifact_uri"].removeprefix("file://"))
    assert home in artifacts.parents
    assert (artifacts / "weights.png").read_bytes().startswith(b"\x89PNG")
    again = run("runs", "sync", "--json").json
    assert (again["new"], again["updated"], again["unchanged"], again["gone"]) == (0, 0, 1, 0)
    assert run("runs", "list", "--json").json[0]["ref"] == "r1"
    assert "●" in run("runs", "list").out


@pytest.mark.parametrize("reaches", ["both", "the command alone"])
def test_an_interrupted_experiment_leaves_its_entry_and_exit_code_130(run: Run, home: Path, reaches: str) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "tui.cli", "experiment", "run", "linear", "--epochs", "100000"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not _has_begun(home / "spool"):
        time.sleep(0.1)
    time.sleep(1)
    if reaches == "both":
        os.killpg(running.pid, signal.SIGINT)  # as a terminal sends Ctrl-C
    else:
        running.send_signal(signal.SIGINT)  # as the stop button of an editor does
    running.communicate(timeout=60)
    assert running.returncode == 130
    assert run("show", "e1", "--json").json["type"] == "tried"
    assert run("runs", "list", "--json").json[0]["status"] == "interrupted"


def _has_begun(spool: Path) -> bool:
    """Whether its trial is recorded, which comes behind the launch."""
    return any('"event": "tried"' in event.read_text() for event in spool.glob("*.json"))


def test_the_demo_is_made_once_in_a_folder_of_its_own(run: Run, home: Path, tmp_path: Path) -> None:
    run("log", "mine")
    folder = tmp_path / "demo"
    done = journal("demo", "--dir", str(folder))
    assert done.returncode == 0, done.stderr
    assert "The demo journal holds" in done.stdout
    assert "test/accuracy" in done.stdout
    assert [entry["title"] for entry in run("entries", "--json").json] == ["mine"]
    assert not (home / "mlflow").exists()

    questions = json.loads(journal("entries", "--type", "question", "--json", LABJOURNAL_HOME=str(folder)).stdout)
    assert len(questions) == 6
    for question in questions:
        assert question["outcome"]
        assert "{" not in question["outcome"]
        shown = json.loads(journal("show", question["ref"], "--json", LABJOURNAL_HOME=str(folder)).stdout)
        assert ("about", "in", "r1") in linked(shown["links"])
    runs = json.loads(journal("runs", "list", "--json", LABJOURNAL_HOME=str(folder)).stdout)
    papers = {link["ref"] for link in runs[0]["links"] if link["kind"] == "paper"}
    lecun = json.loads(journal("show", "10.1109/5.726791", "--json", LABJOURNAL_HOME=str(folder)).stdout)
    assert papers == {lecun["ref"]}
    assert lecun["authors"][0] == "Yann LeCun"

    started = time.monotonic()
    again = journal("demo", "--dir", str(folder))
    assert again.returncode == 0
    assert time.monotonic() - started < 30  # nothing is trained again
    assert len(json.loads(journal("runs", "list", "--json", LABJOURNAL_HOME=str(folder)).stdout)) == 1


def test_the_demo_never_touches_a_folder_that_is_not_its_own(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    ran = run("demo", "--dir", str(tmp_path))
    assert ran.code == 2
    assert "not a demo journal" in ran.err
    assert (tmp_path / "mine.txt").read_text() == "precious"
