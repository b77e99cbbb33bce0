"""Runs that wandb kept offline come in without wandb, whatever state their files are in."""

from __future__ import annotations

import math
import os
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.folder_runs import ReadRun
from importers.mirror import sync_runs
from importers.mlflow_runs import named_store, read_runs, runs_in_folder
from importers.wandb_log import fields
from importers.wandb_records import RunRecords
from journal.db import connect
from journal.errors import SourceError, Unreadable
from journal.paths import Paths
from journal.tracking_uris import wandb_uri
from journal.types import RunStatus
from tests.importers.wandb_files import exit_of, field, framed, history, item, run, written

RECORDED = Path(__file__).parents[1] / "recorded"
VERSIONS = ["wandb_0_16", "wandb_0_31"]


def read(folder: Path) -> dict[str, ReadRun]:
    return {each.run_id: each.read() for each in runs_in_folder(named_store(str(folder))) or ()}


def only(folder: Path) -> ReadRun:
    (each,) = read(folder).values()
    return each


def aged(folder: Path, seconds: float = 60) -> None:
    for file in folder.rglob("*.wandb"):
        os.utime(file, (time.time() - seconds,) * 2)


@pytest.fixture(params=VERSIONS)
def recorded(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """What a real wandb wrote, in a folder of this test's own."""
    folder = tmp_path / "wandb"
    shutil.copytree(RECORDED / request.param, folder)
    aged(folder)
    return folder


# ---------------------------------------------------------------- what a run is


def test_a_run_comes_with_everything_that_was_logged(recorded: Path):
    whole = read(recorded)["wandb-whole001"]
    draft = whole.draft
    assert (draft.name, draft.experiment, draft.status) == ("cosine schedule", "digits", RunStatus.finished)
    assert draft.tracking_uri == f"wandb://{recorded}"
    assert draft.note == "The loss plateaus at epoch 12."
    assert draft.params == {
        "learning_rate": "0.1", "model.depth": "3", "model.name": "cnn", "layers": "[1, 2]", "amp": "False",
        "seed": "None", "added": "later",
    }  # fmt: skip
    assert {"schedule", "cnn"} <= draft.tags.keys()
    assert (draft.tags["wandb.group"], draft.tags["wandb.job_type"]) == ("seeds", "train")
    assert {key: (metric.value, metric.step) for key, metric in draft.metrics.items()} == {
        "train/loss": (None, 4), "nested.x": (6, 3), "is_best": (0, 3), "up": (math.inf, 4), "late": (3, 20),
        "best": (0.25, 20),
    }  # fmt: skip
    assert draft.started_at is not None and draft.ended_at is not None
    assert 0 <= (draft.ended_at - draft.started_at).total_seconds() < 10


def test_the_curves_come_whole(recorded: Path):
    points = read(recorded)["wandb-whole001"].points
    assert [(step, value) for step, _, value in points["train/loss"]][:4] == [(0, 1), (1, 0.5), (2, 1 / 3), (3, 0.25)]
    assert math.isnan(points["train/loss"].last[2])
    assert [(step, value) for step, _, value in points["late"]] == [(20, 3)]
    assert all(1.7e12 < ms < 1.9e12 for _, ms, _ in points["train/loss"])
    assert not {key for key in points if key.startswith(("_", "sample", "text"))}, "no histogram, no text, no clock"


def test_how_a_run_ended_is_told(recorded: Path):
    runs = read(recorded)
    assert {name: each.draft.status for name, each in runs.items()} == {
        "wandb-whole001": RunStatus.finished,
        "wandb-failed01": RunStatus.failed,
        "wandb-again001": RunStatus.finished,
        "wandb-broken01": RunStatus.killed,  # by Ctrl-C
    }


def test_a_run_that_was_resumed_is_one_run(recorded: Path):
    again = read(recorded)["wandb-again001"]
    assert [(step, value) for step, _, value in again.points["train/loss"]] == [
        (0, 0), (1, 1), (2, 2), (3, 10), (4, 11), (5, 12)
    ]  # fmt: skip
    assert again.draft.params == {"part": "1"}


def test_numbers_come_in_every_form_that_wandb_has_for_them(tmp_path: Path):
    forms = field(1, field(2, "whole") + field(5, 7)) + field(1, field(2, "flag") + field(4, 1))
    forms += field(1, field(2, "minus") + field(5, 5)) + field(1, field(2, "none") + field(3, 0))
    forms += field(1, field(2, "json") + field(8, '{"inner": 2.5}')) + field(1, field(2, "text") + field(7, "x"))
    forms += field(1, field(2, "number") + b"\x31\x00\x00\x00\x00\x00\x00\xc0\x3f")
    written(tmp_path, "a", framed(run(), field(2, forms + field(2, field(1, 9)))))
    points = only(tmp_path).points
    assert {key: (each.last[0], each.last[2]) for key, each in points.items()} == {
        "whole": (9, -4), "flag": (9, 1), "minus": (9, -3), "json.inner": (9, 2.5), "number": (9, 0.125)
    }  # fmt: skip


def test_records_longer_than_a_block_come_whole(tmp_path: Path):
    written(tmp_path, "a", framed(run(text="x" * 100_000, n=1), *(history(n, loss=n / 7) for n in range(2_000))))
    long = only(tmp_path)
    assert (len(long.draft.params["text"]), long.draft.params["n"]) == (6_000, "1")
    assert [value for _, _, value in long.points["loss"]] == [n / 7 for n in range(2_000)]


# ---------------------------------------------------------------- live, killed, damaged


def test_a_run_that_goes_on_or_was_killed_shows_what_it_logged(tmp_path: Path):
    content = framed(run(lr=0.1), *(history(n, loss=n) for n in range(100)), exit_of(0))
    counts = []
    for end in [*range(0, len(content), 37), len(content) - 1]:
        written(tmp_path, "a", content[:end])
        live = only(tmp_path)
        assert live.draft.status is RunStatus.running
        assert live.draft.started_at is not None, "the folder's name tells when it began"
        counts.append(len(live.points["loss"]) if live.points else 0)
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (0, 100)


def test_a_damaged_block_costs_that_block_alone(tmp_path: Path):
    content = bytearray(framed(run(), *(history(n, loss=n) for n in range(3_000))))
    content[40_000] ^= 0xFF  # in the second block
    written(tmp_path, "a", bytes(content))
    steps = [step for step, _, _ in only(tmp_path).points["loss"]]
    assert steps[0] == 0
    assert steps[-1] == 2_999
    assert 2_000 < len(steps) < 3_000
    assert only(tmp_path).notes == ("its file is damaged in 1 place",)


def test_what_is_damaged_or_empty_is_said(paths: Paths, tmp_path: Path):
    folder = tmp_path / "wandb"
    content = bytearray(framed(run(), *(history(n, loss=n) for n in range(3_000)), exit_of(0)))
    content[40_000] ^= 0xFF
    written(folder, "bad", bytes(content))
    written(folder, "none", b"")
    aged(folder, 700)
    assert sync_runs(paths, wandb_uri(folder)).left_out == (
        "Of wandb-bad: its file is damaged in 1 place.",
        "Of wandb-none: its file holds nothing.",
    )


def test_a_file_that_does_not_tell_its_name_yet_is_said_and_in_no_experiment(paths: Paths, tmp_path: Path):
    """wandb writes in blocks: of a run in its first minutes, nothing is there."""
    folder = tmp_path / "wandb"
    begun = framed(run(lr=0.1), *(history(n, loss=n) for n in range(10)))
    file = written(folder, "a", begun[:7])
    assert (only(folder).draft.name, only(folder).draft.experiment) == ("a", "")
    assert sync_runs(paths, wandb_uri(folder)).left_out == (
        "Of wandb-a: its name and its settings are not written yet.",
    )
    file.write_bytes(begun)
    assert (only(folder).draft.name, only(folder).draft.experiment) == ("a name", "digits")
    assert only(folder).notes == ()
    written(folder, "a", framed(field(17, field(8, "no project"))))
    assert only(folder).draft.experiment == "uncategorized"  # as wandb calls that


@pytest.mark.parametrize("end", [b"garbage", b"\x01garbage that is no piece of a file", b"\xff" * 20])
def test_garbage_behind_the_end_of_a_run_is_said(tmp_path: Path, end: bytes):
    whole = framed(run(), history(0, loss=1), exit_of(0))
    written(tmp_path, "a", whole)
    assert only(tmp_path).notes == ()
    written(tmp_path, "a", whole + end)
    assert only(tmp_path).draft.status is RunStatus.finished
    assert len(only(tmp_path).notes) == 1
    assert "damaged" in only(tmp_path).notes[0]


def test_a_file_that_was_cut_is_said_once_nobody_writes_it_any_more(tmp_path: Path):
    begun, last = framed(run(), *(history(n, loss=n) for n in range(10))), history(10, loss=1)
    for kept in (3, len(last) - 20):  # of the head of the last record, and of it
        written(tmp_path, "a", begun + framed(last)[7:][:kept])
        assert only(tmp_path).notes == ()
        aged(tmp_path, 700)
        assert only(tmp_path).notes == ("its file is damaged at its end",)
    long = framed(run(), item("x", "y" * 70_000))
    written(tmp_path, "a", long[: 64 * 1024])  # between two pieces of a record
    aged(tmp_path, 700)
    assert only(tmp_path).notes == ("its file is damaged at its end",)


def test_a_run_whose_file_nobody_writes_any_more_has_vanished(paths: Paths, tmp_path: Path):
    folder = tmp_path / "wandb"
    content = framed(run(), *(history(n, loss=n) for n in range(10)))
    file = written(folder, "a", content, begun="20231101_000000")
    aged(folder, 300)
    sync_runs(paths, wandb_uri(folder))
    assert only(folder).draft.status is RunStatus.running
    aged(folder, 700)
    sync_runs(paths, wandb_uri(folder))
    with closing(connect(paths)) as connection:
        assert connection.execute("SELECT status, told FROM run").fetchall() == [("vanished", "vanished")]
    draft = only(folder).draft
    assert draft.ended_at is not None
    assert draft.ended_at == draft.metrics["loss"].logged_at
    file.write_bytes(content)
    assert only(folder).draft.status is RunStatus.running, "it was only asleep"


@given(st.data())
def test_whatever_a_record_says_a_run_comes_of_it_that_can_be_kept(data: st.DataObject):
    taken = RunRecords()
    for record in (run(lr={"a": 1}), history(1, loss=1, deep={"x": [1]}), exit_of(1)):
        content = bytearray(record)
        for _ in range(data.draw(st.integers(0, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        taken.take(bytes(content))
    draft = taken.draft("wandb-x", "x", "wandb:///x", artifact_uri="")
    for text in (draft.name, draft.experiment, *draft.params, *draft.params.values(), *taken.points, *draft.tags):
        assert "\0" not in text.encode().decode()
    assert draft.status in {RunStatus.running, RunStatus.finished, RunStatus.failed, RunStatus.killed}


@given(st.binary(max_size=300))
def test_what_is_no_message_is_no_mistake_of_ours(content: bytes):
    with suppress(ValueError):
        assert sum(len(value) for _, _, value in fields(content) if isinstance(value, bytes)) <= len(content)
    RunRecords().take(content)


@pytest.mark.parametrize("content", [b"SQLite format 3\0", b":W&B\xe1\xbe\x07", b"\0" * 100])
def test_a_file_of_another_kind_is_left_out_and_said_and_the_others_come(paths: Paths, tmp_path: Path, content: bytes):
    folder = tmp_path / "wandb"
    written(folder, "good", framed(run(), exit_of(0)))
    strange = written(folder, "bad", content)
    with pytest.raises(Unreadable, match="is no file of wandb"):
        read(folder)
    report = sync_runs(paths, wandb_uri(folder))
    assert (report.new, report.gone) == (1, 0)
    assert report.left_out == (
        f"The run {strange} cannot be read: it is no file of wandb, or of a version that is not known.",
    )


def test_texts_that_no_database_keeps_are_kept_without_what_spoils_them(paths: Paths, tmp_path: Path):
    folder = tmp_path / "wandb"
    strange = 'a\ud800b\0c\x1b[31m\n"'
    written(folder, "a", framed(run("x\0y", **{strange: strange}), history(1, **{"k\0\ud83dx": 1})))
    assert sync_runs(paths, wandb_uri(folder)).new == 1
    with closing(connect(paths)) as connection:
        ((key, value),) = connection.execute("SELECT key, value FROM run_param").fetchall()
    assert key == 'a\ufffd\ufffd\ufffdb\ufffdc\x1b[31m\n"'  # three bytes that are no UTF-8
    assert value == 'a?b\ufffdc\x1b[31m\n"'  # half a character in JSON


def test_a_configuration_without_bottom_is_cut(tmp_path: Path):
    deep: object = 1
    for _ in range(200):
        deep = {"x": deep}
    bomb = "[" * 100_000
    content = framed(run(deep=deep, ok=1), field(5, field(1, field(1, "bomb") + field(16, bomb))), history(1, loss=1))
    written(tmp_path, "a", content)
    read_run = only(tmp_path)
    assert read_run.draft.params["ok"] == "1"
    assert len(read_run.points["loss"]) == 1


def test_an_empty_wandb_folder_is_answered_in_a_sentence(tmp_path: Path):
    with pytest.raises(SourceError, match="holds no runs of wandb"):
        list(read_runs(wandb_uri(tmp_path)))
    with pytest.raises(SourceError, match="There is no folder"):
        list(read_runs(wandb_uri(tmp_path / "none")))


# ---------------------------------------------------------------- in the journal


def points_of(paths: Paths) -> list[tuple[str, int, float | None]]:
    with closing(connect(paths)) as connection:
        return connection.execute(
            "SELECT key, step, value FROM metric_point JOIN metric_series ON id = series_id ORDER BY key, step, logged_ms"
        ).fetchall()


def test_taking_them_in_again_changes_nothing(paths: Paths, recorded: Path):
    first = sync_runs(paths, wandb_uri(recorded))
    assert (first.new, first.left_out) == (4, ())
    before = points_of(paths)
    assert ("train/loss", 4, None) in before
    assert ("up", 4, math.inf) in before
    again = sync_runs(paths, wandb_uri(recorded))
    assert (again.new, again.updated, again.unchanged, again.gone) == (0, 0, 4, 0)
    for file in recorded.rglob("*.wandb"):
        os.utime(file, (time.time() - 30,) * 2)  # touched, and so read again
    touched = sync_runs(paths, wandb_uri(recorded))
    assert (touched.new, touched.updated, touched.unchanged) == (0, 0, 4)
    assert points_of(paths) == before


def test_a_run_that_goes_on_gets_only_its_new_points(paths: Paths, tmp_path: Path):
    folder = tmp_path / "wandb"
    steps = [history(n, loss=n) for n in range(50)]
    written(folder, "a", framed(run(), *steps[:20]))
    sync_runs(paths, wandb_uri(folder))
    assert len(points_of(paths)) == 20
    with closing(connect(paths)) as connection:
        connection.execute("CREATE TABLE writes (what TEXT)")
        for what in ("INSERT", "UPDATE", "DELETE"):
            connection.execute(
                f"CREATE TRIGGER w{what} AFTER {what} ON metric_point BEGIN INSERT INTO writes VALUES ('{what}'); END"
            )
    written(folder, "a", framed(run(), *steps, exit_of(0)))
    assert sync_runs(paths, wandb_uri(folder)).updated == 1
    with closing(connect(paths)) as connection:
        assert connection.execute("SELECT what, count(*) FROM writes GROUP BY what").fetchall() == [("INSERT", 30)]
        assert connection.execute("SELECT status FROM run").fetchall() == [("finished",)]


def test_points_that_the_file_has_no_more_go(paths: Paths, tmp_path: Path):
    folder = tmp_path / "wandb"
    written(folder, "a", framed(run(), *(history(n, loss=n) for n in range(9))))
    sync_runs(paths, wandb_uri(folder))
    written(folder, "a", framed(run(), *(history(n, loss=n) for n in range(4))))
    sync_runs(paths, wandb_uri(folder))
    assert [step for _, step, _ in points_of(paths)] == [0, 1, 2, 3]


def test_a_run_with_many_points_comes_in_parts_and_whole(paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importers.mirror._POINTS_A_BATCH", 100)
    folder = tmp_path / "wandb"
    written(folder, "a", framed(run(), *(history(n, loss=n, other=-n) for n in range(333))))
    written(folder, "b", framed(run(), history(0, loss=1)))
    aged(folder)
    assert sync_runs(paths, wandb_uri(folder)).new == 2
    assert len(points_of(paths)) == 667
    assert sync_runs(paths, wandb_uri(folder)).unchanged == 2


def test_an_import_that_was_cut_short_is_finished_the_next_time(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from journal.store import curve_points

    monkeypatch.setattr("importers.mirror._POINTS_A_BATCH", 100)
    folder = tmp_path / "wandb"
    written(folder, "a", framed(run(), *(history(n, loss=n) for n in range(333))))
    aged(folder)
    whole, calls = curve_points.add_points, []

    def cut_short(*given: object) -> None:
        calls.append(given)
        if len(calls) == 3:
            raise sqlite3.OperationalError("disk I/O error")
        whole(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("importers.mirror.add_points", cut_short)
    with pytest.raises(Exception, match="disk I/O"):
        sync_runs(paths, wandb_uri(folder))
    assert len(points_of(paths)) == 200
    sync_runs(paths, wandb_uri(folder))
    assert len(points_of(paths)) == 333


def test_a_run_that_was_taken_away_is_marked_gone_and_keeps_its_curves(paths: Paths, recorded: Path):
    sync_runs(paths, wandb_uri(recorded))
    count = len(points_of(paths))
    shutil.rmtree(next(recorded.glob("*whole001")))
    assert sync_runs(paths, wandb_uri(recorded)).gone == 1
    assert len(points_of(paths)) == count


def test_a_list_that_an_item_removes_is_removed(tmp_path: Path):
    written(tmp_path, "a", framed(run(lr=1, other=2), field(5, field(2, field(1, "lr")) + item("new", [1]))))
    assert only(tmp_path).draft.params == {"other": "2", "new": "[1]"}
