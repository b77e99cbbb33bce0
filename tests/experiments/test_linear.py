"""Softmax regression, really trained in a child process, as `journal experiment run linear` does."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from experiments.names import named
from journal.paths import Paths, at_home
from journal.recorder import spool
from journal.recorder.events import EndedEvent, OutcomeEvent, TriedEvent
from journal.recorder.tracking import ensure_store, tracking_environment
from journal.types import Verdict

ROOT = Path(__file__).resolve().parents[2]
EPOCHS = 5

pytestmark = [
    pytest.mark.training,
    pytest.mark.skipif(
        not all(find_spec(name) for name in ("torch", "mlflow", "mlxtend")),
        reason="needs: pip install 'labjournal[experiments]'",
    ),
]


def run(paths: Paths, *arguments: str, stderr: int = subprocess.PIPE, **more: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "LABJOURNAL_"))}
    environment = {**kept, **tracking_environment(paths, kept), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **more}
    return subprocess.run(
        [sys.executable, "-P", "-W", "error::UserWarning:experiments", "-m", "experiments.linear", *arguments],
        env=environment, cwd=paths.data, stdout=subprocess.PIPE, stderr=stderr, text=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Trained:
    """A home in which the experiment ran three times: seed 0, seed 0 again, seed 1 in a terminal."""

    paths: Paths
    done: list[subprocess.CompletedProcess[str]]
    shown_in_terminal: str

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.paths.mlflow / "mlflow.db")) as connection:
            return connection.execute(query, values).fetchall()

    @property
    def run_ids(self) -> list[str]:
        return [str(row[0]) for row in self.rows("SELECT run_uuid FROM runs ORDER BY start_time")]

    def history(self, run_id: str) -> list[tuple[object, ...]]:
        return self.rows("SELECT key, step, value FROM metrics WHERE run_uuid = ? ORDER BY key, step", run_id)

    def last(self, run_id: str) -> dict[str, float]:
        return dict(self.rows("SELECT key, value FROM latest_metrics WHERE run_uuid = ?", run_id))  # type: ignore[arg-type]

    def artifacts(self, run_id: str) -> Path:
        return Path(str(self.rows("SELECT artifact_uri FROM runs WHERE run_uuid = ?", run_id)[0][0]))


@pytest.fixture(scope="module")
def trained(mlflow_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    paths = at_home(tmp_path_factory.mktemp("home"))
    shutil.copytree(mlflow_store, paths.mlflow)
    with closing(sqlite3.connect(paths.mlflow / "mlflow.db")) as connection:  # the copy lies elsewhere
        connection.execute(
            "UPDATE experiments SET artifact_location = replace(artifact_location, ?, ?)",
            (str(mlflow_store), str(paths.mlflow)),
        )
        connection.commit()
    ensure_store(paths.mlflow, ["mnist"])
    epochs = ("--epochs", str(EPOCHS))
    done = [run(paths, "--seed", "0", *epochs), run(paths, "--seed", "0", *epochs)]
    with terminal() as (end, shown):
        done.append(run(paths, "--seed", "1", *epochs, stderr=end))
    assert [process.returncode for process in done] == [0, 0, 0], [process.stderr for process in done] + shown
    return Trained(paths, done, "".join(shown))


@contextmanager
def terminal() -> Iterator[tuple[int, list[str]]]:
    """One end of a pseudo-terminal, and what was written to it once that end is left."""
    shown: list[str] = []
    reading, writing = os.openpty()
    termios.tcsetwinsize(writing, (24, 80))

    def read() -> None:
        with suppress(OSError):  # Linux says so when the other end is closed
            while content := os.read(reading, 4096):
                shown.append(content.decode())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield writing, shown
    finally:
        os.close(writing)
        reader.join()
        os.close(reading)


def test_it_reads_digits_better_than_the_published_linear_network(trained: Trained):
    for run_id in trained.run_ids:
        metrics = trained.last(run_id)
        assert metrics["test/error"] < 0.12
        assert metrics["test/accuracy"] == pytest.approx(1 - metrics["test/error"])


def test_the_same_seed_gives_the_same_numbers_to_the_last_bit(trained: Trained):
    first, again, other = (trained.history(run_id) for run_id in trained.run_ids)
    assert first == again
    assert first != other


def test_every_epoch_is_logged_under_the_names_of_the_field(trained: Trained):
    history = trained.history(trained.run_ids[0])
    for name in ("train/loss", "validation/loss", "validation/accuracy", "learning_rate"):
        assert [step for key, step, _ in history if key == name] == list(range(1, EPOCHS + 1))
    for name in ("test/error", "test/accuracy", "best_epoch"):
        assert len([step for key, step, _ in history if key == name]) == 1  # the test images are touched once


def test_the_epoch_is_chosen_by_validation(trained: Trained):
    for run_id in trained.run_ids:
        losses = {step: value for key, step, value in trained.history(run_id) if key == "validation/loss"}
        assert trained.last(run_id)["best_epoch"] == min(losses, key=losses.__getitem__)  # type: ignore[arg-type]


def test_what_was_done_can_be_read_from_the_parameters(trained: Trained):
    rows = trained.rows("SELECT key, value FROM params WHERE run_uuid = ?", trained.run_ids[2])
    params = {str(key): value for key, value in rows}
    assert params["seed"] == "1"
    assert (params["train_images"], params["validation_images"], params["test_images"]) == ("3500", "500", "1000")
    assert {"learning_rate", "epochs", "batch_size", "weight_decay", "optimizer", "schedule", "data"} <= params.keys()


def test_weights_come_as_pictures_beside_the_answers(trained: Trained):
    for run_id in trained.run_ids:
        folder = trained.artifacts(run_id)
        assert folder.is_relative_to(trained.paths.mlflow / "artifacts" / "mnist")
        assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*")) == sorted(
            ["answers.json", "weights.png", *(f"weights/{digit}.png" for digit in range(10))]
        )


def test_the_answers_are_those_of_the_run(trained: Trained):
    run_id = trained.run_ids[0]
    found, metrics = json.loads((trained.artifacts(run_id) / "answers.json").read_text()), trained.last(run_id)
    assert found["suitability"]["test_error_percent"] == pytest.approx(100 * metrics["test/error"])
    assert found["weights"]["best_epoch"] == metrics["best_epoch"]
    assert found["weights"]["images"] == 3500
    losses = {step: value for key, step, value in trained.history(run_id) if key == "train/loss"}
    assert found["weights"]["train_loss"] == losses[metrics["best_epoch"]]
    assert found["improvement"]["loss_before"] == pytest.approx(2.302585, abs=1e-5)


def test_each_run_belongs_to_an_entry_that_says_what_was_expected_and_what_came(trained: Trained):
    events = [spool.read(path) for path in spool.pending(trained.paths.spool)]
    about = named("linear")
    tried = [event for event in events if isinstance(event, TriedEvent)]
    assert {(event.expect, event.papers) for event in tried} == {(about.hypothesis, about.papers)}
    tags = trained.rows(
        "SELECT value FROM tags JOIN runs USING (run_uuid) WHERE key = 'journal.entry' ORDER BY start_time"
    )
    assert [event.uid for event in tried] == [value for (value,) in tags]
    outcomes = {event.entry: event for event in events if isinstance(event, OutcomeEvent)}
    for event, run_id in zip(tried, trained.run_ids, strict=True):
        error = trained.last(run_id)["test/error"]
        assert f"{100 * error:.2f} %" in outcomes[event.uid].text
        is_beyond_chance = 0.12 - error > 2 * math.sqrt(error * (1 - error) / 1000)
        assert outcomes[event.uid].verdict == (Verdict.kept if is_beyond_chance else Verdict.unclear)
    assert [event.exit for event in events if isinstance(event, EndedEvent)] == ["finished"] * 3


def test_it_says_its_result_on_stdout_and_nothing_else(trained: Trained):
    for process, seed in zip(trained.done, (0, 0, 1), strict=True):
        assert process.stdout.startswith(f"linear, seed {seed}: test error ")
        assert process.stdout.count("\n") == 1


def test_a_progress_bar_is_shown_in_a_terminal_and_not_in_a_pipe(trained: Trained):
    assert re.search(r"100%.* (\d+)/\1 ", trained.shown_in_terminal), "every step was counted"
    assert all("epoch" not in process.stderr for process in trained.done[:2])


def test_missing_data_is_one_sentence_and_no_entry(tmp_path: Path):
    paths = at_home(tmp_path)
    done = run(paths, LABJOURNAL_MNIST=str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert "holds no t10k-images-idx3-ubyte" in done.stderr
    assert "Traceback" not in done.stderr
    assert spool.pending(paths.spool) == []


def test_options_out_of_range_are_wrong_usage_and_a_verdict_needs_two_standard_errors():
    """In one process, since importing torch and MLflow is what takes the time."""
    script = (
        "import sys; from experiments.linear import arguments, verdict\n"
        "print(verdict(0.09, 0.01), verdict(0.11, 0.01), verdict(0.13, 0.01), verdict(0.15, 0.01))\n"
        "for wrong in (['--epochs', '0'], ['--learning-rate', 'nan'], ['--learning-rate', '0'], ['--seed', '-1']):\n"
        "    sys.argv[1:] = wrong\n"
        "    try: arguments()\n"
        "    except SystemExit as end: print(end.code)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["kept", "unclear", "unclear", "dropped", "2", "2", "2", "2"]
    assert done.stderr.count("must be positive") == 4
