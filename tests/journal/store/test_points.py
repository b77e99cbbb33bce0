"""Metrics that were logged without MLflow become the curves of the trial's or the launch's own run."""

from __future__ import annotations

import math
import os
from contextlib import closing
from typing import Any

import pytest

import journal
from journal import db
from journal.clock import now
from journal.ids import new_uid
from journal.paths import Paths
from journal.recorder import metric_file, metric_worker, spool
from journal.recorder.belonging import SESSION_VARIABLE
from journal.recorder.events import LaunchedEvent, RunEvent
from journal.recorder.metric_file import Owner
from journal.recorder.presence import of_process
from journal.store.changes import program_change
from journal.store.intake import take_in_spool
from journal.store.points import take_in_points


@pytest.fixture(autouse=True)
def a_process_that_logged_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metric_worker, "_worker", None)
    monkeypatch.setattr("journal.recorder.uncaught._listening", True)


def rows(paths: Paths, query: str) -> list[tuple[Any, ...]]:
    with closing(db.connect(paths)) as connection:
        return connection.execute(query).fetchall()


def points(paths: Paths) -> list[tuple[Any, ...]]:
    return rows(
        paths, "SELECT key, step, value FROM metric_point JOIN metric_series ON id = series_id ORDER BY key, step"
    )


def test_points_of_a_trial_are_taken_in_while_it_runs_and_each_once(paths: Paths):
    with journal.tried("cosine"):
        log = journal.metrics()
        log({"train/loss": 0.5, "nan": math.nan, "up": math.inf}, step=1)
        assert metric_file.wait_for_journal(paths.spool)
        take_in_spool(paths)
        assert points(paths) == [("nan", 1, None), ("train/loss", 1, 0.5), ("up", 1, math.inf)]
        assert not metric_file.wait_for_journal(paths.spool)
        before = metric_file.growth_for_journal(paths.spool)
        log({"train/loss": 0.25}, step=2)
        assert metric_file.growth_for_journal(paths.spool) != before
        assert take_in_points(paths) == 1
        assert take_in_points(paths) == 0
        log.close()
    take_in_spool(paths)
    assert [(step, value) for key, step, value in points(paths) if key == "train/loss"] == [(1, 0.5), (2, 0.25)]
    assert metric_file.waiting(paths.spool) == []
    assert rows(paths, "SELECT title, status, run_id FROM run JOIN item ON id = item_id") == [
        ("cosine", "finished", None)
    ]
    assert rows(paths, "SELECT key, value, step FROM run_metric ORDER BY key") == [
        ("nan", None, 1), ("train/loss", 0.25, 2), ("up", math.inf, 1)
    ]  # fmt: skip


def test_a_mark_that_was_lost_doubles_nothing(paths: Paths):
    with journal.tried("cosine"):
        log = journal.metrics()
        log({"loss": 0.5}, step=1)
        take_in_spool(paths)
        (path,) = metric_file.waiting(paths.spool)
        path.with_suffix(".done").unlink()
        take_in_spool(paths)
        assert points(paths) == [("loss", 1, 0.5)]


def test_the_run_of_a_launch_takes_the_points_of_its_process(paths: Paths, monkeypatch: pytest.MonkeyPatch):
    session = new_uid()
    monkeypatch.setenv(SESSION_VARIABLE, session)
    log = journal.metrics()
    log({"loss": 0.5}, step=1)
    take_in_spool(paths)
    assert points(paths) == []  # its session is not known yet
    spool.write(paths.spool, LaunchedEvent(uid=session, entry="", at=now(), host="h", pid=1, argv=("train",), cwd="/"))
    take_in_spool(paths)
    assert points(paths) == [("loss", 1, 0.5)]
    # An MLflow run that names the session becomes that run; later points follow it.
    event = RunEvent(uid=new_uid(), entry="", run_id="a" * 32, tracking_uri="", at=now(), session=session)
    spool.write(paths.spool, event)
    log({"loss": 0.25}, step=2)
    take_in_spool(paths)
    assert rows(paths, "SELECT run_id, (SELECT count(*) FROM metric_series WHERE metric_series.item_id = run.item_id) FROM run") == [("a" * 32, 1)]  # fmt: skip
    assert len(points(paths)) == 2


def test_what_a_process_that_is_gone_left_is_taken_in_and_removed(paths: Paths):
    with journal.tried("cosine") as trial:
        pass
    folder = metric_file.folder_of(paths.spool)
    folder.mkdir(parents=True)
    gone = of_process(os.getpid())
    owner = Owner(
        new_uid(), trial.uid, "", "", type(gone)("elsewhere" if not gone.boot else gone.host, "another boot", 1, "1")
    )
    path = folder / f"{owner.uid}.jsonl"
    line = metric_file.line(1_700_000_000_000, 1, {"a\0b": 0.5, "\ud800": 1.0})
    path.write_bytes(metric_file.header(owner) + line + b'[1, 2, {"lo')
    take_in_spool(paths)
    assert points(paths) == [("?", 1, 1.0), ("a\ufffdb", 1, 0.5)]
    assert metric_file.waiting(paths.spool) == []


def test_points_for_mlflow_are_left_to_it(paths: Paths):
    folder = metric_file.folder_of(paths.spool)
    folder.mkdir(parents=True)
    owner = Owner(new_uid(), "", "a" * 32, "sqlite:////x.db", of_process(os.getpid()))
    path = folder / f"{owner.uid}.jsonl"
    path.write_bytes(metric_file.header(owner) + metric_file.line(1, 1, {"loss": 0.5}))
    assert not metric_file.wait_for_journal(paths.spool)
    assert take_in_points(paths) == 0
    assert path.exists()


def test_many_names_at_once(paths: Paths):
    with journal.tried("cosine"):
        log = journal.metrics()
        log({f"layer{number}/norm": number for number in range(12_000)}, step=1)
        log({"last": 1.0}, step=2)
        take_in_spool(paths)
    assert len(points(paths)) == 12_001


def losses_of_entries(paths: Paths) -> list[tuple[Any, ...]]:
    query = """
        SELECT entry.title, run_metric.value FROM link JOIN item AS entry ON entry.id = to_id
        JOIN run_metric ON run_metric.item_id = from_id WHERE relation = 'tests' ORDER BY entry.title
    """
    return rows(paths, query)


def test_the_run_of_a_trial_without_mlflow_says_why_it_was_made(paths: Paths):
    with journal.tried("cosine", why="a plateau"):
        log = journal.metrics()
        log({"loss": 0.5}, step=1)
        log.close()
    take_in_spool(paths)
    assert losses_of_entries(paths) == [("cosine", 0.5)]


def test_each_trial_in_a_launched_command_has_its_own_curve(paths: Paths, monkeypatch: pytest.MonkeyPatch):
    session = new_uid()
    monkeypatch.setenv(SESSION_VARIABLE, session)
    spool.write(paths.spool, LaunchedEvent(uid=session, entry="", at=now(), host="h", pid=1, argv=("train",), cwd="/"))
    for what, loss in (("cosine", 0.5), ("step", 0.25)):
        with journal.tried(what):
            log = journal.metrics()
            log({"loss": loss}, step=1)
            log.close()
    take_in_spool(paths)
    assert losses_of_entries(paths) == [("cosine", 0.5), ("step", 0.25)]
    assert rows(paths, "SELECT count(*) FROM run") == [(2,)]


def test_many_points_take_few_transactions(paths: Paths, monkeypatch: pytest.MonkeyPatch):
    leave_points(paths, 50_000)
    opened = []

    def counted(*arguments: Any, **more: Any) -> Any:
        opened.append(arguments)
        return program_change(*arguments, **more)

    monkeypatch.setattr("journal.store.points.program_change", counted)
    assert 45_000 < metric_file.about_waiting(paths.spool) < 55_000
    assert take_in_points(paths) == 50_000
    assert len(opened) < 20
    assert metric_file.about_waiting(paths.spool) == 0


def test_taking_in_ends_at_its_time_and_goes_on_where_it_was(paths: Paths):
    leave_points(paths, 20_000)
    assert take_in_points(paths, for_s=0) == 0
    first = take_in_points(paths, for_s=0.001)
    assert 0 < first < 20_000
    left = metric_file.about_waiting(paths.spool)
    assert abs(left - (20_000 - first)) < 0.01 * left
    assert first + take_in_points(paths) == 20_000
    assert rows(paths, "SELECT count(*), min(step), max(step) FROM metric_point") == [(20_000, 0, 19_999)]


def test_half_lines_between_whole_ones_cost_themselves_alone(paths: Paths):
    leave_points(paths, 2, between=b'[1, 2, {"lo\n{}\n[1, "x", {"loss": 1}]\n[3, 4]\n\n[1\n')
    assert take_in_points(paths) == 2


def leave_points(paths: Paths, count: int, between: bytes = b"") -> None:
    """What a trial that is over logged without MLflow, waiting."""
    with journal.tried("cosine") as trial:
        pass
    take_in_spool(paths)
    owner = Owner(new_uid(), trial.uid, "", "", of_process(os.getpid()))
    folder = metric_file.folder_of(paths.spool)
    folder.mkdir(parents=True)
    lines = (metric_file.line(1_700_000_000_000 + step, step, {"loss": 0.5}) for step in range(count))
    (folder / f"{owner.uid}.jsonl").write_bytes(metric_file.header(owner) + between.join(lines))
