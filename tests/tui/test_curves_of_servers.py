"""Curves at an MLflow server are read by MLflow's own client, in a process that is not the interface's."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec

import pytest

from importers.curves import needs_mlflow
from journal.db import connect
from journal.errors import JournalError
from journal.paths import Paths
from journal.queries.runs import get_run
from journal.store import runs
from journal.store.changes import program_change
from journal.types import Kind, MetricValue, Ref, RunDraft, RunStatus
from tests.conftest import NOON
from tests.standins import Reply, Request, StandIn
from tui.apart import Apart

R1 = Ref(Kind.run, 1)
_HISTORY = [(0, 1.0), (1, "NaN"), (2, 0.5), (1, 0.75)]


def history(request: Request) -> Reply:
    assert request.query["run_id"] == ["a" * 32]
    metrics = [
        {"key": "loss", "value": value, "timestamp": 1000 + number, "step": step}
        for number, (step, value) in enumerate(_HISTORY)
    ]
    return Reply(json.dumps({"metrics": metrics}).encode(), content_type="application/json")


@pytest.fixture
def server() -> Iterator[StandIn]:
    if find_spec("mlflow") is None:
        pytest.skip("MLflow is not installed: pip install 'labjournal[mlflow]'")
    with StandIn({"/api/2.0/mlflow/metrics/get-history": history}) as standing:
        yield standing


def mirrored(paths: Paths, uri: str) -> None:
    draft = RunDraft(
        run_id="a" * 32, tracking_uri=uri, name="far", experiment="", status=RunStatus.finished,
        started_at=NOON, ended_at=NOON, metrics={"loss": MetricValue(value=0.5, step=2)},
    )  # fmt: skip
    with program_change(paths) as change:
        runs.mirror(change, ((draft, "digest"),))


def test_the_whole_history_comes_and_mlflow_is_not_loaded_here(server: StandIn, paths: Paths) -> None:
    mirrored(paths, server.url("").rstrip("/"))
    with closing(connect(paths)) as journal:
        assert needs_mlflow(get_run(journal, R1))
    before = "mlflow" in sys.modules
    (curve,) = Apart(paths, lambda: NOON).curves(R1, ["loss"], most_points=None, between=None)
    assert (curve.key, curve.steps, curve.values, curve.restarts) == ("loss", (0, 1, 2), (1.0, 0.75, 0.5), (1,))
    assert ("mlflow" in sys.modules) is before


def test_a_server_that_does_not_answer_is_a_sentence(paths: Paths) -> None:
    mirrored(paths, "http://127.0.0.1:1")
    with pytest.raises(JournalError, match=r"127\.0\.0\.1:1"):
        Apart(paths, lambda: NOON).curves(R1, ["loss"], most_points=None, between=None)
