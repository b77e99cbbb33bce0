"""Which runs are one configuration in several seeds, and which run came before."""

from __future__ import annotations

from pathlib import Path

import pytest

from journal import db
from journal.paths import Paths
from journal.queries.run_groups import datasets_with, in_order, last_steps, run_before, seed_group
from journal.types import Kind, Ref, RunStatus
from tests.compared_runs import facts_at, record

R1, R2, R3 = (Ref(Kind.run, number) for number in (1, 2, 3))


def group_of(paths: Paths, ref: Ref) -> list[tuple[str, str]]:
    connection = db.connect(paths)
    found = [(str(run.ref), run.seed) for run in seed_group(connection, ref)]
    connection.close()
    return found


def test_runs_that_differ_in_their_seed_alone_are_a_group(paths: Paths) -> None:
    for number, params in enumerate(
        (
            {"lr": "0.1", "seed": "0", "output_dir": "runs/a"},
            {"lr": "1e-1", "seed": "1", "output_dir": "runs/b"},
            {"lr": "0.2", "seed": "2"},
            {"lr": "0.1"},
            {"lr": "0.1", "seed": "3", "momentum": "0.9"},
        ),
        1,
    ):
        record(paths, number, params=params)
    assert group_of(paths, R1) == [("r1", "0"), ("r4", ""), ("r2", "1")]
    assert group_of(paths, R3) == [("r3", "2")]
    assert group_of(paths, Ref(Kind.run, 4)) == [("r4", ""), ("r2", "1"), ("r1", "0")]


def test_only_finished_runs_of_the_experiment_stand_for_a_configuration(paths: Paths) -> None:
    record(paths, 1, params={"lr": "1"}, status=RunStatus.failed)
    record(paths, 2, params={"lr": "1"}, status=RunStatus.failed)
    record(paths, 3, params={"lr": "1"}, experiment="cifar")
    record(paths, 4, params={"lr": "1"})
    assert group_of(paths, R1) == [("r1", ""), ("r4", "")]


def test_other_code_is_another_configuration(paths: Paths, tmp_path: Path) -> None:
    at_a, at_b = facts_at(tmp_path, "a" * 40), facts_at(tmp_path, "b" * 40)
    changed = facts_at(tmp_path, "a" * 40, {"tracked": "diff --git a/x b/x\n"})
    wrote = facts_at(tmp_path, "a" * 40, {"untracked/results.csv": "1"})
    record(paths, 1, params={"lr": "1"}, facts=at_a)
    record(paths, 2, params={"lr": "1"}, facts=at_b)
    record(paths, 3, params={"lr": "1"}, facts=changed)
    record(paths, 4, params={"lr": "1"}, facts=wrote)
    record(paths, 5, params={"lr": "1"}, tags={"mlflow.source.git.commit": "a" * 40})
    assert {ref for ref, _ in group_of(paths, R1)} == {"r1", "r4"}  # r5: its command is not known
    assert group_of(paths, R2) == [("r2", "")]


def test_runs_that_log_no_parameters_are_told_apart_by_their_command(paths: Paths, tmp_path: Path) -> None:
    for number, (rate, seed) in enumerate((("1", "0"), ("1", "1"), ("2", "0")), 1):
        line = ("python", "train.py", "--lr", rate, "--seed", seed)
        record(paths, number, argv=line, facts={**facts_at(tmp_path, "a" * 40), "command": {"seed": seed}})
    assert group_of(paths, R1) == [("r1", "0"), ("r2", "1")]


def test_a_run_that_is_named_by_its_seed_is_of_the_same_configuration(paths: Paths, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        seed = str(number)
        record(
            paths, number,
            argv=("python", "train.py", "--name", f"base-s{seed}", "-s", seed, "--ckpt", f"runs/{seed}.pt"),
            params={"name": f"base-s{seed}", "seed": seed, "ckpt": f"runs/{seed}.pt" if number < 3 else "resnet.pt"},
            facts=facts_at(tmp_path, "a" * 40),
        )  # fmt: skip
    assert group_of(paths, R1) == [("r1", "1"), ("r2", "2")]


def test_runs_of_which_no_configuration_is_known_are_alone(paths: Paths) -> None:
    record(paths, 1)
    record(paths, 2)
    assert group_of(paths, R1) == [("r1", "")]


def test_the_run_before_is_of_the_same_experiment(paths: Paths) -> None:
    for number, experiment in enumerate(("mnist", "cifar", "mnist", "mnist"), 1):
        record(paths, number, experiment=experiment)
    connection = db.connect(paths)
    connection.execute("UPDATE run SET archived_at = started_at WHERE item_id = (SELECT id FROM item WHERE number = 3)")
    assert run_before(connection, Ref(Kind.run, 4)) == R1
    assert run_before(connection, R1) is None
    assert run_before(connection, R2) is None
    assert in_order(connection, R3, R1) == in_order(connection, R1, R3) == (R1, R3)
    connection.close()


def test_last_steps_and_names_of_datasets(paths: Paths) -> None:
    record(paths, 1, metrics={"test/loss": 0.5}, step=42)
    connection = db.connect(paths)
    assert last_steps(connection, R1) == {"test/loss": 42}
    stamp = "2026-11-20 12:00:00.000000"
    connection.execute(
        "INSERT INTO item (kind, number, uid, title, created_at, updated_at) VALUES ('dataset', 1, ?, 'MNIST', ?, ?)",
        ("0" * 26, stamp, stamp),
    )
    identity = connection.execute("SELECT id FROM item WHERE kind = 'dataset'").fetchone()[0]
    connection.execute("INSERT INTO dataset (item_id, fingerprint) VALUES (?, 'now')", (identity,))
    connection.execute("INSERT INTO dataset_content VALUES (?, 'once', ?, 1, 1)", (identity, stamp))
    assert datasets_with(connection, ["now", "once", "never"]) == {"now": "d1: MNIST", "once": "d1: MNIST"}
    assert datasets_with(connection, []) == {}
    connection.close()


@pytest.mark.parametrize("key", ["mine.key = other.key", "'; DROP TABLE run; --", "näme\n\x1b[31m"])
def test_names_of_parameters_are_data(paths: Paths, key: str) -> None:
    record(paths, 1, params={key: "1", "seed": "0"})
    record(paths, 2, params={key: "1", "seed": "1"})
    assert group_of(paths, R1) == [("r1", "0"), ("r2", "1")]
