"""`journal.tried` in a script of `journal run`: its runs belong to both entries, whichever process logs to them."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from journal import db
from journal.paths import at_home
from journal.queries.sessions import runs_of_session, sessions_of_run
from journal.types import Run
from tests.journal.recorder.scripts import environment, rows
from tests.launching import journal_run, runs


@pytest.fixture
def environ(home: Path, mlflow_store: Path) -> dict[str, str]:
    return environment(home, mlflow_store)


def launched(script: str, environ: dict[str, str]) -> list[Run]:
    home = Path(environ["LABJOURNAL_HOME"])
    (home.parent / "two.py").write_text(script)
    done = journal_run("--what", "two", "--no-ask", "--", sys.executable, "two.py", cwd=home.parent, env=environ)
    assert done.returncode == 0, done.stderr
    return runs(at_home(home))


def entries_of(run: Run) -> set[str]:
    return {link.title for link in run.links if link.relation == "tests"}


INNER = {
    "fluent": "        with mlflow.start_run(): mlflow.log_metric('loss', 0.5)\n",
    "client": "        client.set_terminated(client.create_run('0').info.run_id)\n",
    "none": "        journal.metrics()({'loss': 0.5}, step=1)\n",
    "outer too": "        with mlflow.start_run(nested=True): mlflow.log_metric('loss', 0.5)\n",
}


@pytest.mark.parametrize("way", INNER)
def test_each_run_is_tied_to_the_trial_and_to_the_launch(home: Path, environ: dict[str, str], way: str) -> None:
    script = (
        "import journal, mlflow\n"
        "client = mlflow.MlflowClient()\n"
        f"{'mlflow.start_run()' if way == 'outer too' else ''}\n"
        "for rate in ('0.1', '0.2', '0.3'):\n"
        "    with journal.tried(rate):\n" + INNER[way]
    )
    found = launched(script, environ)
    own = [{"two"}] if way == "outer too" else []
    assert [entries_of(run) for run in found] == [*own, {"two", "0.1"}, {"two", "0.2"}, {"two", "0.3"}]


def test_a_forked_worker_logs_to_the_run_that_is_active_around_it(home: Path, environ: dict[str, str]) -> None:
    script = (
        "import journal, mlflow, os\n"
        "with journal.tried('workers'):\n"
        "    with mlflow.start_run():\n"
        "        pid = os.fork()\n"
        "        if pid == 0:\n"
        "            log = journal.metrics(); log({'worker/loss': 0.5}, step=1); log.flush(60); os._exit(0)\n"
        "        os.waitpid(pid, 0)\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        journal.metrics()({'later': 1.0}, step=1); os._exit(0)\n"
        "    os.waitpid(pid, 0)\n"
    )
    run, other = launched(script, environ)
    assert "later" in other.metrics, "that run was over"
    with closing(db.connect(at_home(home))) as connection:
        (trial,) = sessions_of_run(connection, other.ref)
        assert runs_of_session(connection, trial.launch) == (run.ref, other.ref)
    assert (str(trial.entry), other.started_at, other.ended_at) == ("e2", trial.started_at, trial.ended_at)
    assert run.run_id is not None
    deadline = time.monotonic() + 60
    while not (found := rows(home, "SELECT run_uuid, key, value FROM metrics")):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)
    assert found == [(run.run_id, "worker/loss", 0.5)]
