"""`journal run --continue`: an ordinary script goes on with the run, and never fails for it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from journal import db
from journal.paths import at_home
from journal.queries.runs import get_run
from journal.queries.sessions import facts_of_run, sessions_of_run
from journal.types import Run, RunStatus
from tests.journal.recorder.scripts import environment, rows
from tests.launching import JOURNAL, journal_run, runs

FLUENT = """\
import mlflow, sys
lr, epochs = sys.argv[1:]
mlflow.log_params({"lr": lr, "epochs": epochs})
mlflow.log_param("seed", lr)
mlflow.log_metric("loss", 0.5, step=1)
"""
BY_CLIENT = """\
import mlflow, sys
from mlflow.entities import Metric, Param, RunTag
lr, epochs = sys.argv[1:]
client = mlflow.MlflowClient()
made = client.create_run("0", tags={"mine": lr}).info.run_id
client.log_batch(made, [Metric("loss", 0.5, 1, 1)], [Param("lr", lr), Param("epochs", epochs)], [RunTag("a", lr)])
assert client.log_param(made, "seed", lr) == lr
client.log_batch(made, params=[Param("lr", lr)], synchronous=False).wait()
client.log_param(made, "seed", lr, synchronous=False).wait()
client.log_batch(made, params=[Param("late", lr)], synchronous=False).wait()
second = client.create_run("0").info.run_id
client.set_terminated(second)
client.set_terminated(made)
"""


@pytest.fixture
def environ(home: Path, mlflow_store: Path) -> dict[str, str]:
    return environment(home, mlflow_store)


def trained(
    script: str, environ: dict[str, str], *words: str, options: tuple[str, ...]
) -> subprocess.CompletedProcess[str]:
    folder = Path(environ["LABJOURNAL_HOME"]).parent
    (folder / "train.py").write_text(script)
    return journal_run(*options, "--no-ask", "--", sys.executable, "train.py", *words, cwd=folder, env=environ)


def begun(script: str, environ: dict[str, str], *words: str) -> Run:
    done = trained(script, environ, *words, options=("--what", "first"))
    assert done.returncode == 0, done.stderr
    return runs(at_home(Path(environ["LABJOURNAL_HOME"])))[0]


def params(home: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for run_id, key, value in rows(home, "SELECT run_uuid, key, value FROM params"):
        found.setdefault(run_id, {})[key] = value
    return found


def test_a_parameter_that_differs_keeps_its_first_value_and_the_others_are_written(
    home: Path, environ: dict[str, str]
) -> None:
    first = begun(FLUENT.replace(', "epochs": epochs', ""), environ, "0.1", "3")
    done = trained(FLUENT, environ, "0.2", "6", options=("--continue", "r1"))
    assert done.returncode == 0, done.stderr
    assert params(home) == {first.run_id: {"lr": "0.1", "seed": "0.1", "epochs": "6"}}
    said = [line for line in done.stderr.splitlines() if line.startswith("journal:")]
    assert [line for line in said if "'lr'" in line or "'seed'" in line] == said
    assert len(said) == 2
    (run,) = runs(at_home(home))
    assert run.status is RunStatus.finished
    with closing(db.connect(at_home(home))) as connection:
        assert len(sessions_of_run(connection, run.ref)) == 2
        assert facts_of_run(connection, run.ref)["parameters"] == {"lr": "0.2", "seed": "0.2"}
    shown = subprocess.run([*JOURNAL, "show", "r1"], env=environ, cwd=home.parent, capture_output=True, text=True)
    assert "lr=0.2, seed=0.2" in shown.stdout


def test_a_script_with_its_own_client_goes_on_too(home: Path, environ: dict[str, str]) -> None:
    first = begun(BY_CLIENT, environ, "0.1", "3")
    assert len(params(home)) == 1
    done = trained(BY_CLIENT, environ, "0.2", "3", options=("--continue", "r1"))
    assert done.returncode == 0, done.stderr
    assert params(home) == {first.run_id: {"lr": "0.1", "epochs": "3", "seed": "0.1", "late": "0.1"}}
    assert rows(home, "SELECT count(*) FROM metrics") == [(1,)], "the same point"
    assert dict(rows(home, f"SELECT key, value FROM tags WHERE run_uuid = '{first.run_id}'")).items() >= {
        ("mine", "0.2"), ("a", "0.2")
    }  # fmt: skip
    assert rows(home, "SELECT count(*), status FROM runs GROUP BY status") == [(3, "FINISHED")]
    with closing(db.connect(at_home(home))) as connection:
        assert len(sessions_of_run(connection, first.ref)) == 2


ELSEWHERE = {
    "store": "mlflow.set_tracking_uri('sqlite:///' + sys.argv[3])\n",
    "experiment": "mlflow.set_experiment('another')\n",
}


@pytest.mark.parametrize("way", ["fluent", "client"])
@pytest.mark.parametrize("place", ELSEWHERE)
def test_a_run_that_is_elsewhere_gets_one_of_its_own_that_follows_it(
    home: Path, environ: dict[str, str], mlflow_store: Path, tmp_path: Path, place: str, way: str
) -> None:
    first = begun(FLUENT, environ, "0.1", "3")
    (tmp_path / "other.db").write_bytes((mlflow_store / "mlflow.db").read_bytes())
    script = {
        "fluent": "with mlflow.start_run(): mlflow.log_param('lr', '0.2')\nwith mlflow.start_run(): pass\n",
        "client": "client = mlflow.MlflowClient()\n"
        "experiment = client.get_experiment_by_name('another' if len(sys.argv) < 4 else 'Default')\n"
        "for _ in range(2):\n"
        "    made = client.create_run(experiment.experiment_id).info.run_id\n"
        "    client.log_param(made, 'lr', '0.2')\n"
        "    client.set_terminated(made)\n",
    }[way]
    words = ("0.2", "3", str(tmp_path / "other.db")) if place == "store" else ("0.2", "3")
    done = trained("import mlflow, sys\n" + ELSEWHERE[place] + script, environ, *words, options=("--continue", "r1"))
    assert done.returncode == 0, done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("journal:")]) == 1
    kept, made, more = runs(at_home(home))
    assert kept.run_id == first.run_id
    assert kept.status is RunStatus.finished
    assert params(home)[str(first.run_id)]["lr"] == "0.1"
    assert ("follows", "r1") in {(link.relation, str(link.ref)) for link in made.links}
    assert ("tests", "e1") in {(link.relation, str(link.ref)) for link in made.links}
    assert ("follows", "r1") not in {(link.relation, str(link.ref)) for link in more.links}
    with closing(db.connect(at_home(home))) as connection:
        assert len(sessions_of_run(connection, kept.ref)) == 1
        assert get_run(connection, made.ref).status is RunStatus.finished


def test_a_run_of_which_the_journal_knows_nothing_and_the_store_neither(home: Path, environ: dict[str, str]) -> None:
    done = trained(FLUENT, environ, "0.1", "3", options=("--continue", "ab12" * 8))
    assert done.returncode == 0, done.stderr
    (run,) = runs(at_home(home))
    assert (run.status, run.params["lr"]) == (RunStatus.finished, "0.1")


def test_without_continue_mlflow_refuses_as_it_always_did(home: Path, environ: dict[str, str]) -> None:
    first = begun(FLUENT, environ, "0.1", "3")
    done = trained(FLUENT, environ | {"MLFLOW_RUN_ID": str(first.run_id)}, "0.2", "3", options=("--what", "x"))
    assert done.returncode == 1
    assert "Changing param values is not allowed" in done.stderr
    elsewhere = "import mlflow\nmlflow.set_experiment('another')\nmlflow.start_run()\n"
    done = trained(elsewhere, environ | {"MLFLOW_RUN_ID": str(first.run_id)}, options=("--what", "x"))
    assert done.returncode == 1
    assert "active experiment ID does not match" in done.stderr
