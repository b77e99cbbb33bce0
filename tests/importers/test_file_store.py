"""A folder of runs, as MLflow wrote them until it refused to, comes in as it lies, without MLflow."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.file_store import read_history
from importers.flat_yaml import read_flat
from importers.mirror import sync_runs
from importers.mlflow_runs import named_store, read_runs
from journal.db import connect
from journal.errors import SourceError
from journal.paths import Paths
from journal.tracking_uris import folder_uri
from journal.types import MetricValue, RunDraft, RunStatus
from tests.importers.stores import WRITE_RUNS

WRITE_MORE = """
with mlflow.start_run(run_name="strange"):
    mlflow.log_params({"long": "x" * 6000, "lines": "a\\nb\\x1b[2J"})
    for step in range(5): mlflow.log_metric("deep/er/loss", step / 2, step=step)
    mlflow.log_metric("deep/er/back", 1.0, step=9); mlflow.log_metric("deep/er/back", 2.0, step=3)
client.delete_experiment(client.create_experiment("thrown away", None))
gone = client.create_experiment("thrown away with a run")
client.create_run(gone, run_name="in the trash")
client.delete_experiment(gone)
"""


@pytest.fixture(scope="session")
def written_by_mlflow(mlflow_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    subprocess.run(
        [sys.executable, "-c", WRITE_RUNS + WRITE_MORE], cwd=folder, check=True, capture_output=True,
        env={**os.environ, "MLFLOW_TRACKING_URI": str(folder / "mlruns"), "MLFLOW_ALLOW_FILE_STORE": "true",
             "MLFLOW_DISABLE_TELEMETRY": "true"},
    )  # fmt: skip
    return folder / "mlruns"


@pytest.fixture
def store(written_by_mlflow: Path, tmp_path: Path) -> Path:
    """A copy of a real store that a test may change, last written a minute ago."""
    folder = tmp_path / "mlruns"
    shutil.copytree(written_by_mlflow, folder)
    for file in folder.rglob("*"):
        os.utime(file, (time.time() - 60,) * 2)
    return folder


def by_name(store: Path) -> dict[str, RunDraft]:
    return {run.name: run for run in read_runs(named_store(str(store)))}


def folder_of(store: Path, name: str) -> Path:
    run_id = by_name(store)[name].run_id
    return next(path for path in store.rglob(run_id) if path.is_dir())


# ---------------------------------------------------------------- what a run is


def test_every_run_comes_with_its_status(store: Path):
    runs = by_name(store)
    assert {name: run.status for name, run in runs.items()} == {
        "parent": RunStatus.finished, "child": RunStatus.finished, "failed": RunStatus.failed,
        "running": RunStatus.running, "killed": RunStatus.killed, "deleted": RunStatus.finished,
        "strange": RunStatus.finished, "in the trash": RunStatus.running,
    }  # fmt: skip
    assert {name for name, run in runs.items() if run.is_deleted} == {"deleted", "in the trash"}
    assert {run.experiment for run in runs.values()} == {"mnist", "Default", "thrown away with a run"}
    assert {run.tracking_uri for run in runs.values()} == {f"file://{store}"}
    assert runs["child"].parent_run_id == runs["parent"].run_id


def test_a_run_comes_with_everything_that_was_logged(store: Path):
    run = by_name(store)["parent"]
    assert run.params == {"learning_rate": "0.1", "note": "ä " + "x" * 500}
    assert run.note == "why: **bold** \x1b[31m\nsecond line"
    assert run.tags["journal.entry"] == "01m7vyg2cx8sf3q5bg0yzrnf70"
    assert run.tags["empty"] == ""
    assert run.metrics["train/loss"] == MetricValue(
        value=0.5, step=2, logged_at=datetime(2023, 11, 14, 22, 13, 21, tzinfo=UTC)
    )
    assert {name: run.metrics[name].value for name in ("nan", "up", "down", "zero")} == {
        "nan": None, "up": math.inf, "down": -math.inf, "zero": 0.0,
    }  # fmt: skip
    assert run.metrics["far"] == MetricValue(value=1.0, step=0, logged_at=None)


def test_names_with_slashes_and_long_values_come_whole(store: Path):
    run = by_name(store)["strange"]
    assert run.params == {"long": "x" * 6000, "lines": "a\nb\x1b[2J"}
    assert run.metrics["deep/er/loss"].value == 2.0
    assert (run.metrics["deep/er/back"].value, run.metrics["deep/er/back"].step) == (1.0, 9), "as MLflow has it"


def test_the_history_of_a_metric_comes_whole(store: Path):
    uri, run_id = folder_uri(store), by_name(store)["strange"].run_id
    history = read_history(uri, run_id, "deep/er/loss")
    assert [(step, value) for step, _, value in history] == [(step, step / 2) for step in range(5)]
    assert all(ms > 1.7e12 for _, ms, _ in history)
    assert math.isnan(read_history(uri, by_name(store)["parent"].run_id, "nan")[0][2])
    for key in ("none", "deep", "../params/long", "/etc/passwd", "", "a\0b"):
        assert read_history(uri, run_id, key) == []
    assert read_history(uri, "../..", "loss") == []


# ---------------------------------------------------------------- old, half written, damaged


def test_lines_of_every_age_are_read_and_half_a_line_is_not(store: Path):
    folder = folder_of(store, "child")
    (folder / "metrics").mkdir(exist_ok=True)
    metric = folder / "metrics" / "loss"
    metric.write_text(
        "1700000000000 3.5\n1700000001000 2.5 1\nnonsense\n1700000002000 x 2\n\n99999999999999999999999 1 1\n"
        "1700000003000 1.5 3 data 12ab\n1700000004000 0.5 4"
    )
    assert read_history(folder_uri(store), folder.name, "loss") == [
        (0, 1_700_000_000_000, 3.5), (1, 1_700_000_001_000, 2.5), (3, 1_700_000_003_000, 1.5),
    ]  # fmt: skip
    assert by_name(store)["child"].metrics["loss"].value == 1.5
    with metric.open("a") as file:
        file.write("2\n")
    assert by_name(store)["child"].metrics["loss"].step == 42


def test_the_last_value_of_a_long_history_is_found_at_its_end(store: Path):
    folder = folder_of(store, "child")
    (folder / "metrics").mkdir(exist_ok=True)
    lines = (f"{1_700_000_000_000 + step} {step / 3} {step}\n" for step in range(20_000))
    (folder / "metrics" / "loss").write_text("".join(lines))
    assert by_name(store)["child"].metrics["loss"].step == 19_999
    assert len(read_history(folder_uri(store), folder.name, "loss")) == 20_000


@pytest.mark.parametrize(
    "content",
    [
        b"", b"status: [", b"\xff\xfe\x00", b"- a\n- b\n", b"!!python/object/apply:os.system ['true']", b"just a text",
        b"[" * 60_000, b"- " * 30_000, b"x" * 100_000, b"a: &a [x]\n" + b"".join(b"k%d: *a\n" % n for n in range(20_000)),
    ],
)  # fmt: skip
def test_a_damaged_run_is_left_out_and_said_and_the_others_come(paths: Paths, store: Path, content: bytes):
    damaged = folder_of(store, "killed")
    (damaged / "meta.yaml").write_bytes(content)
    report = sync_runs(paths, folder_uri(store))
    assert (report.new, report.deleted, report.gone) == (5, 2, 0)
    assert len(report.left_out) == 1
    assert report.left_out[0].startswith(f"The run {damaged} cannot be read: its meta.yaml is damaged")
    assert "\n" not in report.left_out[0]


def test_a_run_that_was_damaged_later_keeps_what_was_mirrored(paths: Paths, store: Path):
    sync_runs(paths, folder_uri(store))
    (folder_of(store, "killed") / "meta.yaml").write_bytes(b"")
    report = sync_runs(paths, folder_uri(store))
    assert (report.updated, report.gone, len(report.left_out)) == (0, 0, 1)
    with closing(connect(paths)) as connection:
        assert connection.execute(
            "SELECT lifecycle FROM run JOIN item ON id = item_id WHERE title = 'killed'"
        ).fetchone() == ("active",)


@given(st.binary(max_size=200))
def test_whatever_a_file_holds_it_is_texts_or_a_few_words(content: bytes):
    said = ""
    try:
        values = read_flat(content)
    except ValueError as error:
        values, said = {}, str(error)
    assert bool(values) != bool(said)
    assert "\n" not in said
    assert all(isinstance(text, str) for pair in values.items() for text in pair)


def test_what_is_null_in_yaml_is_nothing_and_what_is_quoted_is_a_text():
    assert read_flat(b"a: null\nb: 'null'\nc: 12\nd: ''\ne: {x: 1}\nf: [1]\ng: 'two\n  words'\nh: ~\n") == {
        "b": "null", "c": "12", "d": "", "g": "two words"
    }  # fmt: skip


def test_file_names_that_are_no_text_are_kept_as_far_as_they_can_be(paths: Paths, store: Path):
    folder = folder_of(store, "child")
    (folder / "params").mkdir(exist_ok=True)
    (folder / "params" / os.fsdecode(b"bad\xff")).write_bytes(b"v\xff\0")
    sync_runs(paths, folder_uri(store))
    with closing(connect(paths)) as connection:
        assert connection.execute("SELECT value FROM run_param WHERE key = 'bad\ufffd'").fetchall() == [
            ("v\ufffd\ufffd",)
        ]


def test_a_folder_that_is_no_store_is_answered_in_a_sentence(tmp_path: Path):
    with pytest.raises(SourceError, match="is a folder without runs"):
        named_store(str(tmp_path))
    with pytest.raises(SourceError, match="is no folder of runs"):
        list(read_runs(folder_uri(tmp_path)))
    with pytest.raises(SourceError, match="There is no MLflow store at"):
        list(read_runs(folder_uri(tmp_path / "none")))


# ---------------------------------------------------------------- in the journal


@pytest.fixture
def read_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs that were really read, in order."""
    from importers import file_store

    seen: list[str] = []
    whole = file_store._draft

    def noted(folder: Path, *given: object, **named: object) -> RunDraft:
        seen.append(folder.name)
        return whole(folder, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("importers.file_store._draft", noted)
    return seen


def test_only_runs_whose_files_changed_are_read_again(paths: Paths, store: Path, read_again: list[str]):
    uri = folder_uri(store)
    first = sync_runs(paths, uri)
    assert (first.new, first.deleted, len(read_again)) == (6, 2, 8)
    read_again.clear()
    again = sync_runs(paths, uri)
    assert (again.new, again.updated, again.unchanged, again.gone) == (0, 0, 8, 0)
    assert read_again == []
    folder = folder_of(store, "parent")
    read_again.clear()
    with (folder / "metrics" / "train" / "loss").open("a") as file:
        file.write("1700000009000 0.25 3\n")
    changed = sync_runs(paths, uri)
    assert (changed.updated, changed.unchanged, read_again) == (1, 7, [folder.name])


def test_a_run_that_is_just_being_written_is_read_each_time_and_told_changed_once(
    paths: Paths, store: Path, read_again: list[str]
):
    folder = folder_of(store, "running")
    os.utime(folder / "meta.yaml")
    sync_runs(paths, folder_uri(store))
    read_again.clear()
    report = sync_runs(paths, folder_uri(store))
    assert (report.updated, report.unchanged, read_again) == (0, 8, [folder.name])


def test_a_run_that_was_deleted_restored_or_purged_in_its_store_follows(paths: Paths, store: Path):
    uri, folder = folder_uri(store), folder_of(store, "deleted")
    sync_runs(paths, uri)
    meta = folder / "meta.yaml"
    meta.write_text(meta.read_text().replace("lifecycle_stage: deleted", "lifecycle_stage: active"))
    assert sync_runs(paths, uri).updated == 1
    with closing(connect(paths)) as connection:
        assert connection.execute("SELECT deleted_at FROM item WHERE title = 'deleted'").fetchone() == (None,)
    shutil.rmtree(folder)
    assert sync_runs(paths, uri).gone == 1
    assert sync_runs(paths, uri).gone == 0


def test_a_store_that_is_not_there_just_now_changes_nothing(paths: Paths, store: Path):
    uri = folder_uri(store)
    sync_runs(paths, uri)
    store.rename(store.with_name("elsewhere"))
    with pytest.raises(SourceError):
        sync_runs(paths, uri)
    store.mkdir()  # the point at which a disk is mounted
    with pytest.raises(SourceError):
        sync_runs(paths, uri)
    with closing(connect(paths)) as connection:
        assert connection.execute("SELECT count(*) FROM run WHERE lifecycle = 'gone'").fetchone() == (0,)
