"""Every run that MLflow makes in a trial, or in `journal run`, is tied to it, whatever way it is made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from journal.ids import new_uid
from journal.paths import at_home
from journal.recorder import mlflow_ties, spool
from journal.recorder.belonging import ENTRY_VARIABLE, NOTE_VARIABLE, SESSION_VARIABLE
from journal.recorder.events import RunEvent, TriedEvent
from tests.journal.recorder.scripts import environment, rows, run

# What lightning.pytorch.loggers.MLFlowLogger does with its client, by its source in Lightning 2.5
# (loggers/mlflow.py): a run through `create_run` with its own tags, or one that it goes on with by its id;
# then `log_batch` for parameters and metrics, and `set_terminated`.
LIGHTNING_LOGGER = """
class MLFlowLogger:
    def __init__(self, run_name=None, tags=None, run_id=None):
        from mlflow import MlflowClient
        self.client, self.name, self.tags, self.run_id = MlflowClient(), run_name, tags, run_id
        if run_id is not None:
            self.client.get_run(run_id)
    def experiment(self):
        if self.run_id is None:
            tags = dict(self.tags or {})
            tags["mlflow.runName"] = self.name
            self.run_id = self.client.create_run(experiment_id="0", tags=tags).info.run_id
        return self.client
    def log_metrics(self, metrics, step):
        from mlflow.entities import Metric
        import time
        at = int(time.time() * 1000)
        self.experiment().log_batch(run_id=self.run_id, metrics=[Metric(k, v, at, step) for k, v in metrics.items()])
    def finalize(self):
        self.experiment().set_terminated(self.run_id, "FINISHED")
"""


def tags_by_name(home: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {name: {} for (name,) in rows(home, "SELECT name FROM runs")}
    for name, key, value in rows(home, "SELECT name, key, value FROM runs JOIN tags USING (run_uuid)"):
        found[name][key] = value
    return found


def run_events(home: Path) -> list[RunEvent]:
    events = [spool.read(path) for path in spool.pending(at_home(home).spool)]
    return [event for event in events if isinstance(event, RunEvent)]


def test_each_way_to_make_a_run_ties_it_to_the_trial(home: Path, mlflow_store: Path):
    script = LIGHTNING_LOGGER + (
        "import journal, mlflow, threading, json\n"
        "client = mlflow.MlflowClient()\n"
        "client.create_run('0', run_name='outside')\n"
        "with journal.tried('cosine', why='plateau', expect='+0.3') as trial:\n"
        "    with mlflow.start_run(run_name='fluent'): pass\n"
        "    client.create_run('0', run_name='client')\n"
        "    client.create_run('0', 123, {'mine': 'kept'}, 'positional')\n"
        "    client.create_run('0', run_name='own', tags={'journal.entry': '0' * 26, 'mlflow.note.content': 'my words'})\n"
        "    with mlflow.start_run(run_name='described', description='my words'): pass\n"
        "    logger = MLFlowLogger('lightning'); logger.log_metrics({'loss': 1.0}, 0); logger.finalize()\n"
        "    thread = threading.Thread(target=client.create_run, args=['0'], kwargs={'run_name': 'thread'})\n"
        "    thread.start(); thread.join()\n"
        "client.create_run('0', run_name='after')\n"
        "print(trial.uid)\n"
    )
    done = run(script, environment(home, mlflow_store))
    assert (done.returncode, done.stderr) == (0, "")
    uid = done.stdout.strip()
    tags = tags_by_name(home)
    inside = {"fluent", "client", "positional", "described", "lightning", "thread"}
    assert {name for name in tags if tags[name].get("journal.entry") == uid} == inside
    assert {name for name in tags if tags[name].get("journal.session") == uid} == inside | {"own"}
    note = "journal entry: cosine\n\nWhy: plateau\nExpected: +0.3"
    assert {name for name in tags if tags[name].get("mlflow.note.content") == note} == inside - {"described"}
    assert tags["described"]["mlflow.note.content"] == tags["own"]["mlflow.note.content"] == "my words"
    assert tags["own"]["journal.entry"] == "0" * 26  # what the program says wins
    assert tags["positional"]["mine"] == "kept"

    names = dict(rows(home, "SELECT run_uuid, name FROM runs"))
    events = {names[event.run_id]: event for event in run_events(home)}
    assert len(events) == len(run_events(home)) == 7  # each once
    assert {(event.entry, event.session) for name, event in events.items() if name != "own"} == {(uid, uid)}
    assert events["own"].entry == "0" * 26
    assert {event.tracking_uri for event in events.values()} == {f"sqlite:///{home}/mlflow/mlflow.db"}


@pytest.mark.parametrize("way", ["start_run", "MLFLOW_RUN_ID", "lightning"])
def test_a_run_that_is_gone_on_with_joins_the_session(home: Path, mlflow_store: Path, way: str):
    """MLflow asks no plugin about such a run."""
    environ = environment(home, mlflow_store)
    run_id = run("import mlflow\nwith mlflow.start_run() as run: print(run.info.run_id)\n", environ).stdout.strip()
    assert run_events(home) == []
    launched = environ | {SESSION_VARIABLE: new_uid()}
    goes_on = {
        "start_run": f"import mlflow\nwith mlflow.start_run(run_id={run_id!r}): mlflow.log_metric('loss', 1.0)\n",
        "MLFLOW_RUN_ID": "import mlflow\nmlflow.log_metric('loss', 1.0)\n",
        "lightning": f"{LIGHTNING_LOGGER}\nMLFlowLogger(run_id={run_id!r}).log_metrics({{'loss': 1.0}}, 0)\n",
    }[way]
    if way == "MLFLOW_RUN_ID":
        launched["MLFLOW_RUN_ID"] = run_id
    done = run(goes_on, launched)
    assert (done.returncode, done.stderr) == (0, "")
    (event,) = run_events(home)
    assert (event.run_id, event.session, event.entry) == (run_id, launched[SESSION_VARIABLE], "")


def test_in_journal_run_the_launch_is_what_runs_belong_to(home: Path, mlflow_store: Path):
    """Nothing of ours is imported by the script; MLflow loads the plugin."""
    session, entry = new_uid(), new_uid()
    environ = environment(home, mlflow_store) | {
        SESSION_VARIABLE: session, ENTRY_VARIABLE: entry, NOTE_VARIABLE: "journal entry: cosine",
        "MLFLOW_RUN_CONTEXT": json.dumps({"journal.session": session, "journal.entry": entry}),
    }  # fmt: skip
    script = (
        "import mlflow, subprocess, sys\n"
        "mlflow.MlflowClient().create_run('0', run_name='client')\n"
        "with mlflow.start_run(run_name='fluent'): pass\n"
        "if len(sys.argv) == 1:\n"
        "    import journal\n"
        "    with journal.tried('inner') as trial:\n"
        "        with mlflow.start_run(run_name='trial'): pass\n"
    )
    done = run(script, environ)
    assert (done.returncode, done.stderr) == (0, "")
    events = {name: event for event in run_events(home) for (name,) in rows(home, f"SELECT name FROM runs WHERE run_uuid = '{event.run_id}'")}  # fmt: skip
    (inner,) = [
        event for path in spool.pending(at_home(home).spool) if isinstance(event := spool.read(path), TriedEvent)
    ]
    assert {name: (event.entry, event.session) for name, event in events.items()} == {
        "client": (entry, session), "fluent": (entry, session), "trial": (inner.uid, inner.uid)
    }  # fmt: skip
    assert inner.launch == session
    tags = tags_by_name(home)
    assert tags["client"]["mlflow.note.content"] == tags["fluent"]["mlflow.note.content"] == "journal entry: cosine"
    assert tags["trial"]["journal.entry"] == inner.uid
    assert tags["trial"]["mlflow.note.content"] == "journal entry: inner"


def test_outside_of_trial_and_launch_mlflow_is_as_it_was(home: Path, mlflow_store: Path):
    script = (
        "import mlflow, journal.recorder.tracking\n"
        "from mlflow.tracking._tracking_service.client import TrackingServiceClient as client\n"
        "from mlflow.tracking.fluent import ActiveRun\n"
        "print({f.__module__.split('.')[0] for f in (client.create_run, client.log_batch, client.__init__, ActiveRun.__init__)})\n"
        "with mlflow.start_run() as run: print(sorted(k for k in run.data.tags if 'journal' in k or 'note' in k))\n"
    )
    done = run(script, environment(home, mlflow_store))
    assert done.stdout.splitlines() == ["{'mlflow'}", "[]"]
    assert not at_home(home).spool.exists()


def test_where_the_journal_cannot_be_written_mlflow_goes_on(home: Path, mlflow_store: Path):
    environ = environment(home, mlflow_store)
    (home / "spool").write_text("a file")
    script = (
        "import journal, mlflow\n"
        "with journal.tried('cosine'):\n"
        "    run = mlflow.MlflowClient().create_run('0', run_name='client')\n"
        "    print(run.info.run_name, run.data.tags['journal.entry'] != '')\n"
        "    try: mlflow.MlflowClient().create_run('0', tags='no tags')\n"
        "    except AttributeError as error: print(error)\n"
    )
    done = run(script, environ)
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["client True", "'str' object has no attribute 'get'"]
    assert done.stderr.count("\n") == 1


def test_an_mlflow_of_another_shape_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch):
    class Client:
        def create_run(self, experiment: str) -> str:
            return experiment

        def log_batch(self, run_id: str) -> str:
            return run_id

    before = Client.create_run
    mlflow_ties._wrap(Client, "create_run", ("self", "experiment_id"), mlflow_ties._creating)
    mlflow_ties._wrap(Client, "search_everything", ("self",), mlflow_ties._creating)
    mlflow_ties._wrap(Client, "log_batch", ("self", "run_id"), mlflow_ties._logging)
    mlflow_ties._wrap(Client, "log_batch", ("self", "run_id"), mlflow_ties._logging)
    assert Client.create_run is before
    assert Client().log_batch("r") == "r"
    assert not hasattr(Client.log_batch.__wrapped__, "__wrapped__")  # type: ignore[attr-defined]
