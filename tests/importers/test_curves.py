"""Curves come as they were logged, from wherever they lie, and whoever follows them is never felt by who logs."""

from __future__ import annotations

import math
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from importers.curves import metric_keys, needs_mlflow, read_curves
from importers.following_curves import Follower
from importers.mirror import sync_runs
from journal.clock import stored
from journal.curves import Curve, Point
from journal.db import connect
from journal.errors import SourceError, Unreachable, Unreadable
from journal.paths import Paths
from journal.queries.runs import get_run
from journal.store.changes import program_change
from journal.store.curve_points import add_points
from journal.tracking_uris import sqlite_uri
from journal.types import Kind, Ref, Run
from tests.conftest import NOON
from tests.importers.stores import changed

T0 = 1_760_000_000_000

# A run that was continued from step 60 after it had come to 99; logged by a real MLflow.
_LOG = f"""
import math
from mlflow import MlflowClient
from mlflow.entities import Metric
client = MlflowClient()
run = client.create_run("0", run_name="continued").info.run_id
def log(*metrics):
    for start in range(0, len(metrics), 1000):
        client.log_batch(run, metrics=metrics[start : start + 1000])
first = [Metric("train/loss", 1 / (1 + step), {T0} + 10 * step, step) for step in range(100)]
again = [Metric("train/loss", 2 / (1 + step), {T0} + 100_000 + 10 * step, step) for step in range(60, 200)]
log(*first, *again)
log(*(Metric("without steps", float(count), {T0} + count, 0) for count in range(50)))
log(Metric("odd", 1.0, {T0}, 0), Metric("odd", math.nan, {T0} + 1, 1), Metric("odd", math.inf, {T0} + 2, 2),
    Metric("odd", -math.inf, {T0} + 3, 3), Metric("odd", 2.0, {T0} + 4, 4))
other = client.create_run("0", run_name="other").info.run_id
client.log_batch(other, metrics=[Metric("train/loss", 7.0, {T0}, 0)])
"""


@pytest.fixture(scope="session")
def logged(mlflow_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("curves") / "mlflow"
    shutil.copytree(mlflow_store, folder)
    subprocess.run(
        [sys.executable, "-c", _LOG], cwd=folder, check=True, capture_output=True,
        env={**os.environ, "MLFLOW_TRACKING_URI": sqlite_uri(folder / "mlflow.db"), "MLFLOW_DISABLE_TELEMETRY": "true"},
    )  # fmt: skip
    changed(folder / "mlflow.db", "PRAGMA journal_mode = DELETE")
    return folder / "mlflow.db"


@pytest.fixture
def curve_store(logged: Path, tmp_path: Path) -> Path:
    """A copy that a test may change, in the journal mode that MLflow leaves it in: DELETE."""
    path = tmp_path / "curves.db"
    shutil.copyfile(logged, path)
    return path


@pytest.fixture
def runs(paths: Paths, curve_store: Path) -> dict[str, Run]:
    sync_runs(paths, sqlite_uri(curve_store))
    with closing(connect(paths)) as journal:
        refs = [Ref(Kind.run, row[0]) for row in journal.execute("SELECT number FROM item WHERE kind = 'run'")]
        return {run.title: run for run in (get_run(journal, ref) for ref in refs)}


def one(paths: Paths, run: Run, key: str, **how: object) -> Curve:
    (curve,) = read_curves(paths, run, [key], **how)  # type: ignore[arg-type]
    return curve


def log(store: Path, run: Run, *points: tuple[int, float], key: str = "train/loss", ms: int = T0 + 10**9) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.executemany(
            "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, 0)",
            [(key, value, ms + step, run.run_id, step) for step, value in points],
        )


# ---------------------------------------------------------------- what was logged


def test_a_continued_run_is_one_curve_that_says_where_it_went_on(paths: Paths, runs: dict[str, Run]):
    curve = one(paths, runs["continued"], "train/loss")
    assert curve.steps == tuple(range(200))
    assert curve.values == tuple((1 if step < 60 else 2) / (1 + step) for step in range(200)), "the last by time holds"
    assert curve.times_ms[59:61] == (T0 + 590, T0 + 100_600)
    assert curve.restarts == (60,)


@pytest.mark.parametrize("most_points", [None, 50])
def test_sessions_say_where_a_run_went_on_even_if_no_step_was_repeated(
    paths: Paths, curve_store: Path, runs: dict[str, Run], most_points: int | None
):
    run = runs["other"]
    log(curve_store, run, *((step, 1.0) for step in range(1, 100)), ms=T0)
    with program_change(paths) as change:
        (item,) = change.connection.execute("SELECT item_id FROM run WHERE run_id = ?", (run.run_id,)).fetchone()
        for number, step in enumerate((0, 70, 500)):  # the last one logged nothing
            joined_at = stored(NOON.fromtimestamp((T0 + step) / 1000, NOON.tzinfo))
            change.connection.execute(
                "INSERT INTO session (id, uid, host, pid, started_at) VALUES (?, ?, 'here', 1, ?)",
                (number + 1, f"{number:026}", joined_at),
            )
            change.connection.execute("INSERT INTO session_run VALUES (?, ?, ?)", (number + 1, item, joined_at))
    assert one(paths, run, "train/loss", most_points=most_points).restarts == (70,)


def test_what_is_no_number_is_itself(paths: Paths, runs: dict[str, Run]):
    curve = one(paths, runs["continued"], "odd")
    assert math.isnan(curve.values[1])
    assert (curve.values[0], *curve.values[2:]) == (1.0, math.inf, -math.inf, 2.0)


def test_a_metric_without_steps_has_its_points_counted(paths: Paths, runs: dict[str, Run]):
    assert one(paths, runs["continued"], "without steps").values == tuple(map(float, range(50)))
    few = one(paths, runs["continued"], "without steps", most_points=10)
    assert (few.steps[0], few.steps[-1], few.lows[0], few.highs[-1]) == (0, 49, 0.0, 49.0)


def test_every_name_of_12_000_is_told_in_order(paths: Paths, curve_store: Path, runs: dict[str, Run]):
    run = runs["other"]
    names = [(f"layer.{number:05}/norm", run.run_id, T0) for number in range(12_000)]
    with closing(sqlite3.connect(curve_store)) as connection, connection:
        for table in ("metrics", "latest_metrics"):
            connection.executemany(
                f"INSERT INTO {table} (key, run_uuid, timestamp, step, value, is_nan) VALUES (?, ?, ?, 0, 1.0, 0)",
                names,
            )
    keys = metric_keys(paths, run)
    assert len(keys) == 12_001
    assert list(keys) == sorted(keys)
    assert one(paths, run, keys[-2]).values == (1.0,)


def test_what_was_not_logged_is_left_out_and_the_rest_comes_in_the_order_asked(paths: Paths, runs: dict[str, Run]):
    found = read_curves(paths, runs["continued"], ["odd", "nowhere", "train/loss"])
    assert [curve.key for curve in found] == ["odd", "train/loss"]


# ---------------------------------------------------------------- many as few


@pytest.mark.parametrize("is_repeated", [False, True], ids=["each step once", "some steps twice"])
def test_many_points_come_as_few_and_nothing_that_stands_out_is_lost(
    paths: Paths, curve_store: Path, runs: dict[str, Run], is_repeated: bool
):
    run = runs["other"]
    log(curve_store, run, *((step, 99.0 if step == 4321 else step / 10_000) for step in range(1, 10_000)), ms=T0)
    changed(curve_store, f"UPDATE metrics SET is_nan = 1, value = 0 WHERE run_uuid = '{run.run_id}' AND step = 7777")
    if is_repeated:
        log(curve_store, run, *((step, -5.0) for step in range(5_000, 5_100)), ms=T0 + 10**6)
    curve = one(paths, run, "train/loss", most_points=200)
    assert 180 <= len(curve.steps) <= 220
    assert list(curve.steps) == sorted(set(curve.steps))
    assert (curve.steps[0], curve.steps[-1], curve.values[-1]) == (0, 9_999, 0.9999), "the last point is itself"
    assert max(high for high in curve.highs if not math.isnan(high)) == 99.0
    assert [step for step, value in zip(curve.steps, curve.values, strict=True) if math.isnan(value)] == [7777]
    assert (min(low for low in curve.lows if not math.isnan(low)) == -5.0) is is_repeated
    assert curve.restarts == ((5_000,) if is_repeated else ())


def test_one_step_far_out_does_not_put_all_the_others_together(paths: Paths, curve_store: Path, runs: dict[str, Run]):
    run = runs["other"]
    log(curve_store, run, *((step, float(step)) for step in range(1, 1_000)), (10**12, 0.0))
    assert len(one(paths, run, "train/loss", most_points=100).steps) >= 90


def test_a_stretch_of_a_curve_comes_as_finely_as_it_was_logged(paths: Paths, runs: dict[str, Run]):
    curve = one(paths, runs["continued"], "train/loss", most_points=20, between=(100, 110))
    assert curve.steps == tuple(range(100, 111))
    assert curve.values == tuple(2 / (1 + step) for step in range(100, 111))


# ---------------------------------------------------------------- where curves lie


def test_what_the_journal_holds_itself_needs_no_store(paths: Paths, runs: dict[str, Run], curve_store: Path):
    run = runs["other"]
    with program_change(paths) as change:
        (item,) = change.connection.execute("SELECT item_id FROM run WHERE run_id = ?", (run.run_id,)).fetchone()
        add_points(change, item, {"own": [(0, T0, 1.0), (1, T0 + 1, math.nan), (2, T0 + 2, math.inf)]})
    assert metric_keys(paths, run) == ("own", "train/loss")
    curve_store.unlink()
    assert metric_keys(paths, run) == ("own",)
    curve = one(paths, run, "own")
    assert (curve.values[0], math.isnan(curve.values[1]), curve.values[2]) == (1.0, True, math.inf)
    with pytest.raises(Unreachable, match="There is no MLflow store"):
        read_curves(paths, run, ["own", "train/loss"])


def test_a_folder_of_runs_is_read_as_it_lies(paths: Paths, tmp_path: Path):
    folder = tmp_path / "mlruns"
    run_folder = folder / "0" / ("a" * 32)
    (run_folder / "metrics" / "train").mkdir(parents=True)
    (folder / "0" / "meta.yaml").write_text("experiment_id: '0'\nname: Default\nlifecycle_stage: active\n")
    (run_folder / "meta.yaml").write_text(
        f"run_id: {'a' * 32}\nrun_name: lies\nstatus: 3\nstart_time: {T0}\nend_time: {T0}\nlifecycle_stage: active\n"
    )
    lines = [f"{T0 + step} {value} {step}" for step, value in ((0, "1.5"), (1, "nan"), (2, "0.5"), (1, "1.0"))]
    (run_folder / "metrics" / "train" / "loss").write_text("\n".join(lines) + "\n")
    sync_runs(paths, f"file://{folder}")
    with closing(connect(paths)) as journal:
        run = get_run(journal, Ref(Kind.run, 1))
    assert not needs_mlflow(run)
    assert metric_keys(paths, run) == ("train/loss",)
    assert one(paths, run, "train/loss").values == (1.5, 1.0, 0.5)


@pytest.mark.parametrize(
    ("harm", "error", "says"),
    [
        (lambda path: path.unlink(), Unreachable, "There is no MLflow store"),
        (lambda path: path.write_bytes(b"SQLite format 3\0" + b"x" * 5_000), Unreadable, "cannot be read|is no MLflow"),
        (lambda path: path.write_bytes(b"just text"), Unreadable, "is no MLflow store"),
        (lambda path: changed(path, "DROP TABLE metrics"), Unreadable, "lack"),
    ],
    ids=["gone", "damaged", "no database", "another form"],
)
def test_a_store_that_cannot_be_read_is_told_in_a_sentence(
    paths: Paths, runs: dict[str, Run], curve_store: Path, harm, error: type[Exception], says: str
):
    harm(curve_store)
    with pytest.raises(error, match=says):
        read_curves(paths, runs["other"], ["train/loss"])


def test_a_store_that_is_locked_is_not_waited_for(paths: Paths, runs: dict[str, Run], curve_store: Path):
    with closing(sqlite3.connect(curve_store, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SourceError, match="being written just now"):
            read_curves(paths, runs["other"], ["train/loss"])


def test_a_store_of_an_old_mlflow_has_no_steps_and_no_index(paths: Paths, runs: dict[str, Run], curve_store: Path):
    changed(
        curve_store,
        "CREATE TABLE old AS SELECT key, value, timestamp, run_uuid FROM metrics",
        "DROP TABLE metrics",
        "ALTER TABLE old RENAME TO metrics",
    )
    assert one(paths, runs["continued"], "without steps").values == tuple(map(float, range(50)))


# ---------------------------------------------------------------- following


@pytest.fixture
def follower(curve_store: Path, runs: dict[str, Run]) -> Iterator[Follower]:
    followed = Follower(curve_store, [runs["other"].run_id or ""])
    yield followed
    followed.close()


def test_what_was_logged_since_is_told_once(follower: Follower, curve_store: Path, runs: dict[str, Run]):
    assert follower.news().points == {}
    log(curve_store, runs["other"], (1, 0.5), (2, 0.25), ms=T0)
    log(curve_store, runs["continued"], (1000, 1.0))
    name = (runs["other"].run_id, "train/loss")
    assert follower.news().points == {name: [Point(1, T0 + 1, 0.5), Point(2, T0 + 2, 0.25)]}
    assert follower.news().points == {}


def test_nobody_who_logs_is_ever_locked_out(follower: Follower, paths: Paths, curve_store: Path, runs: dict[str, Run]):
    """In DELETE mode any lock that is still held makes this writer, who waits for nothing, fail at once."""
    with closing(sqlite3.connect(curve_store, timeout=0, isolation_level=None)) as writer:
        for step in range(1, 50):
            writer.execute("BEGIN EXCLUSIVE")
            writer.execute(
                "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ('train/loss', 1, ?, ?, ?, 0)",
                (T0 + step, runs["other"].run_id, step),
            )
            writer.execute("COMMIT")
            assert len(follower.news().points) == 1
            read_curves(paths, runs["other"], ["train/loss"], most_points=10)


def test_a_lock_of_others_is_told_after_a_while_and_nothing_is_lost(
    follower: Follower, curve_store: Path, runs: dict[str, Run]
):
    with closing(sqlite3.connect(curve_store, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        troubles = [follower.news().trouble for _ in range(6)]
        assert troubles[0] == ""
        assert "is locked by another program. What is shown is as it was read last." in troubles[-1]
    log(curve_store, runs["other"], (1, 0.5))
    news = follower.news()
    assert (news.trouble, len(news.points), news.must_read) == ("", 1, False)


def test_a_store_that_goes_and_comes_back_is_read_again(follower: Follower, curve_store: Path, tmp_path: Path):
    kept = tmp_path / "kept.db"
    shutil.copyfile(curve_store, kept)
    curve_store.unlink()
    assert "There is no MLflow store" in follower.news().trouble
    kept.rename(curve_store)
    news = follower.news()
    assert (news.trouble, news.must_read) == ("", True)
    assert not follower.news().must_read


def test_another_store_in_its_place_is_read_again(follower: Follower, curve_store: Path, logged: Path, tmp_path: Path):
    new = tmp_path / "new.db"
    shutil.copyfile(logged, new)
    new.replace(curve_store)
    assert follower.news().must_read


def test_a_store_that_turns_into_something_else_is_told(follower: Follower, curve_store: Path, tmp_path: Path):
    other = tmp_path / "text"
    other.write_text("no database at all, but some text instead of it")
    other.replace(curve_store)
    assert "is no MLflow store" in follower.news().trouble


def test_purged_runs_have_everything_read_again(follower: Follower, curve_store: Path, runs: dict[str, Run]):
    changed(curve_store, "DELETE FROM metrics WHERE rowid > 10")
    assert follower.news().must_read


@pytest.mark.parametrize("most_points", [None, 20])
def test_where_the_last_process_ended_before_an_earlier_one(
    paths: Paths, curve_store: Path, runs: dict[str, Run], most_points: int | None
):
    run = runs["other"]
    log(curve_store, run, *((step, 2.0) for step in range(1, 120)), ms=T0 + 10**7)
    log(curve_store, run, *((step, 3.0) for step in range(30, 90)), ms=T0 + 2 * 10**7)
    curve = one(paths, run, "train/loss", most_points=most_points)
    assert (curve.ends_at, curve.steps[curve.kept - 1], curve.values[curve.kept - 1]) == (89, 89, 3.0)
    assert (curve.steps[curve.kept], curve.values[-1]) == (90, 2.0)
    with program_change(paths) as change:
        (item,) = change.connection.execute("SELECT item_id FROM run WHERE run_id = ?", (run.run_id,)).fetchone()
        for number, ms in enumerate((T0, T0 + 10**7, T0 + 2 * 10**7)):
            joined_at = stored(NOON.fromtimestamp(ms / 1000, NOON.tzinfo))
            change.connection.execute(
                "INSERT INTO session (id, uid, host, pid, started_at) VALUES (?, ?, 'here', 1, ?)",
                (number + 1, f"{number:026}", joined_at),
            )
            change.connection.execute("INSERT INTO session_run VALUES (?, ?, ?)", (number + 1, item, joined_at))
    assert one(paths, run, "train/loss", most_points=most_points).ends_at == 89
