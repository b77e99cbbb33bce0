"""A reference experiment in a child process: its crash never touches the journal, torch never loads here."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from experiments.names import MLFLOW_EXPERIMENT, Experiment
from journal.config import Settings
from journal.errors import MissingExtra
from journal.paths import Paths
from journal.recorder.command_process import Ending
from journal.types import Ref, SessionExit
from tui.bundled_papers import drafts_named

_NEEDED = ("torch", "mlflow", "mlxtend")


@dataclass(frozen=True, slots=True)
class ExperimentEnd:
    """How an experiment ended, and the runs that it made, as the journal knows them."""

    exit_code: int
    runs: tuple[Ref, ...]


def run_experiment(
    where: Paths, settings: Settings, experiment: Experiment, arguments: Sequence[str] = ()
) -> ExperimentEnd:
    """Run it to its end, then take in what it recorded and mirror its run.

    It is recorded as `journal run` records any command, and so are a crash and Ctrl-C. Raises MissingExtra where its
    packages are not installed.
    """
    if not all(find_spec(package) for package in _NEEDED):
        raise MissingExtra(f"The experiment {experiment.name}", "experiments")
    from journal.recorder.launch import Order, launch
    from journal.recorder.tracking import ensure_store, tracking_environment

    added = tracking_environment(where, os.environ, tracking_uri=settings.tracking_uri)
    tracking_uri = os.environ.get("MLFLOW_TRACKING_URI") or added["MLFLOW_TRACKING_URI"]
    if not (os.environ.get("MLFLOW_TRACKING_URI") or settings.tracking_uri):
        ensure_store(where.mlflow, [MLFLOW_EXPERIMENT])
    # -P: a folder named `experiments` where the person stands must not shadow ours.
    command = [sys.executable, "-P", "-m", experiment.module, *arguments]
    ending = launch(Order(command=tuple(command)), where, os.environ, added).ending
    return ExperimentEnd(_exit_code(ending), _mirror(where, tracking_uri, experiment))


def _mirror(where: Paths, tracking_uri: str, experiment: Experiment) -> tuple[Ref, ...]:
    """Take in what was recorded, then mirror the store; the runs that are new in the journal.

    The papers behind the experiment come with titles and abstracts, as they are bundled.
    """
    from importers.mirror import sync_runs
    from importers.papers import keep
    from journal.store.changes import program_change
    from journal.store.intake import take_in_spool

    take_in_spool(where)
    with program_change(where) as change:
        keep(change, drafts_named(experiment.papers))
    return sync_runs(where, tracking_uri).new_refs


def _exit_code(ending: Ending) -> int:
    """As a shell reports it: 130 for Ctrl-C, 128 + N for another signal N that ended it."""
    if ending.exit is SessionExit.interrupted:
        return 130
    return ending.code if ending.code is not None else 128 + (ending.signal or 0)
