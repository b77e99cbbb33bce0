"""Only what differs is told, what is unknown is called unknown, and nothing is claimed of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from journal.run_diff import Change, RecordedRun, changes, compare, facts_told
from journal.seed_groups import GroupedRun
from journal.types import Kind, Ref, Run, RunStatus
from tests.conftest import NOON

R1, R2 = Ref(Kind.run, 1), Ref(Kind.run, 2)


def run(ref: Ref = R1, **changed: object) -> Run:
    made = Run(
        ref=ref, kind=Kind.run, title="cnn", created_at=NOON, updated_at=NOON, run_id=None, tracking_uri="",
        experiment="mnist", status=RunStatus.finished, started_at=NOON, ended_at=NOON, parent=None, artifact_uri="",
        note="", is_gone=False, told=None, archived_at=None, params={}, metrics={}, run_tags={},
    )  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]


def recorded(ref: Ref = R1, facts: Mapping[str, Mapping[str, str]] | None = None, **changed: object) -> RecordedRun:
    return RecordedRun(run=run(ref, **changed), facts=facts or {})


def sections(a: RecordedRun, b: RecordedRun) -> dict[str, tuple[Change, ...]]:
    return {section.name: section.changes for section in compare(a, b).sections if section.changes}


def test_numbers_are_compared_as_numbers_and_what_changed_comes_first() -> None:
    found = changes(
        {"lr": "0.1", "epochs": "20", "decay": "0", "name": "a", "nan": "nan"},
        {"lr": "1e-1", "epochs": "30", "name": "b", "momentum": "0.9", "nan": "NaN"},
        as_numbers=True,
    )
    assert found == (
        Change(name="epochs", a="20", b="30"),
        Change(name="name", a="a", b="b"),
        Change(name="nan", a="nan", b="NaN"),
        Change(name="decay", a="0", b=None),
        Change(name="momentum", a=None, b="0.9"),
    )


def test_a_name_of_its_own_comes_before_families_of_numbered_ones_and_those_in_the_order_of_their_numbers() -> None:
    layers = {f"layer{number}.{part}": "1" for number in (*range(8, 13), 102) for part in ("bias", "weight")}
    found = changes(
        {**layers, "lr": "1", "x2": "1"}, {**dict.fromkeys(layers, "2"), "lr": "2", "warmup": "1", "x2": "2"}
    )
    assert [change.name for change in found] == [
        "lr", "x2", "warmup",
        *(f"layer{number}.{part}" for number in (8, 9, 10, 11, 12, 102) for part in ("bias", "weight")),
    ]  # fmt: skip
    names = ["007", "7", "9" * 5_000, "a", "1" + "0" * 5_000]
    assert changes({}, dict.fromkeys(names, "1"))[0].name == "a"


def test_versions_are_no_numbers() -> None:
    a, b = recorded(facts={"packages": {"torch": "2.1"}}), recorded(R2, facts={"packages": {"torch": "2.10"}})
    assert sections(a, b)["packages"] == (Change(name="torch", a="2.1", b="2.10"),)


def test_two_runs_of_which_all_is_the_same_differ_in_nothing() -> None:
    facts = {
        name: {"x": "1"}
        for name in ("command", "data", "code", "packages", "python", "system", "environment", "hardware")
    }
    found = compare(recorded(facts=facts), recorded(R2, facts=facts))
    assert all(not section.changes and not section.unknown_for for section in found.sections)
    assert (found.metric, found.seeds, found.output, found.metrics) == (None, None, None, ())


def test_what_one_run_did_not_record_is_unknown_and_no_difference() -> None:
    facts = {"packages": {"torch": "2"}, "python": {}}
    found = {section.name: section for section in compare(recorded(facts=facts), recorded(R2)).sections}
    assert found["packages"].unknown_for == (R2,)
    assert found["python"].unknown_for == (R1, R2)
    assert found["packages"].changes == ()
    assert found["parameters"].unknown_for == ()


CAPTURED = {
    "command": {"line": "python train.py --steps 60", "cwd": "/work", "arg.steps": "60"},
    "code": {"root": "/work", "repository": "https://h/nets.git", "commit": "a" * 40, "branch": "main", "dirty": "yes"},
    "system": {"host": "vm", "platform": "Linux"},
}


def test_what_mlflow_alone_says_of_one_run_makes_no_difference_of_what_it_does_not_say() -> None:
    tags = {
        "mlflow.source.git.commit": "b" * 40, "mlflow.source.git.repoURL": "git@h:nets", "mlflow.user": "root",
        "mlflow.source.name": "/work/sub/train.py",
    }  # fmt: skip
    told = {
        section.name: section for section in compare(recorded(facts=CAPTURED), recorded(R2, run_tags=tags)).sections
    }
    assert {name: section.changes for name, section in told.items() if section.changes} == {
        "code": (Change(name="commit", a="a" * 40, b="b" * 40),)
    }
    assert told["command"].unknown_for == told["system"].unknown_for == (R2,)
    assert told["code"].missing == ((R2, ("branch", "dirty")),)
    back = {
        section.name: section for section in compare(recorded(R2, run_tags=tags), recorded(facts=CAPTURED)).sections
    }
    assert [change.name for change in back["code"].changes] == ["commit"]
    assert back["system"].unknown_for == (R2,)


def test_what_a_capture_did_not_come_to_is_unknown_and_no_difference() -> None:
    a = recorded(facts={"hardware": {"cpu": "x", "gpu 0": "H200"}, "code": {"commit": "a", "dirty": "yes"}})
    b = recorded(
        R2, facts={"hardware": {"cpu": "y", "left out": "it took too long"}, "code": {"commit": "a", "left out": "git"}}
    )
    assert sections(a, b) == {"hardware": (Change(name="cpu", a="x", b="y"),)}


def test_a_run_that_logged_no_parameters_at_all_has_unknown_ones() -> None:
    a = recorded(params={"lr": "1"}, facts={"command": {"arg.lr": "1"}})
    b = recorded(R2, facts={"command": {"arg.lr": "2"}})
    assert sections(a, b) == {"command": (Change(name="arg.lr", a="1", b="2"),)}
    assert compare(a, b).sections[0].unknown_for == (R2,)


def test_tags_of_a_person_differ_and_those_of_trackers_do_not() -> None:
    a = recorded(run_tags={"mlflow.runName": "a", "journal.session": "x", "stage": "1"}, tags=("baseline",))
    b = recorded(R2, run_tags={"mlflow.runName": "b", "journal.session": "y", "stage": "2"})
    assert sections(a, b)["tags"] == (
        Change(name="stage", a="1", b="2"),
        Change(name="#baseline", a="tagged", b=None),
    )


def test_mlflow_tells_what_was_not_captured() -> None:
    tags = {
        "mlflow.source.git.commit": "a" * 40, "mlflow.source.git.branch": "main", "mlflow.source.name": "/work/train.py",
        "mlflow.user": "ada",
    }  # fmt: skip
    told = facts_told(run(run_tags=tags), {"system": {"host": "box"}})
    assert told == {
        "code": {"commit": "a" * 40, "branch": "main", "root": "/work"},
        "command": {"script": "/work/train.py"},
        "system": {"host": "box"},
    }
    assert facts_told(run(), {}) == {}


def test_what_a_capture_left_out_is_unknown_and_no_difference() -> None:
    a = recorded(facts={"packages": {"torch": "2", "left out": "/venv: too slow"}, "code": {"changed": "2 files"}})
    b = recorded(R2, facts={"packages": {"torch": "2"}, "code": {"changed": "9 files", "untracked": "1 file"}})
    assert sections(a, b) == {}
    assert compare(a, b).unknown == ("packages of r1, not kept: /venv: too slow",)


def left_out(one: str, other: str) -> tuple[str, ...]:
    a, b = (
        recorded(ref, facts={"patch": {"left out": lines}} if lines else {}) for ref, lines in ((R1, one), (R2, other))
    )
    return compare(a, b).unknown


def test_data_beside_the_code_that_was_not_kept_is_told_in_one_line_and_not_where_both_have_it() -> None:
    assert left_out("mlflow.db: 995,328 bytes\nbest.pt: binary", "best.pt: binary\nmlflow.db: 1,200,000 bytes") == ()
    assert left_out("", "mlflow.db: 995,328 bytes") == ("patch of r2, not kept: mlflow.db",)
    many = "\n".join(f"{number}.pt: binary" for number in range(9))
    assert left_out(many, "a: b.csv: 5 bytes\n1.pt: binary\nand 1,200 more") == (
        "patch of r1, not kept: 0.pt, 2.pt, 3.pt and 5 more; of r2, not kept: a: b.csv and 1,200 more",
    )


def test_files_that_nobody_looked_at_are_counted_though_both_have_them() -> None:
    lines = "big.bin: 62,914,560 bytes\nand 2,954 more"
    assert left_out(lines, f"{lines}\nx.bin: binary") == (
        "patch of r1, not kept: 2,954 files; of r2, not kept: x.bin and 2,954 more",
    )


def test_code_that_was_not_kept_is_told_though_it_is_of_both() -> None:
    both = "data.csv: its difference is too large\nhuge.py: 900,000 bytes\nuntracked files: git did not answer in time"
    told = "data.csv: its difference is too large, huge.py, untracked files: git did not answer in time"
    assert left_out(both, both) == (f"patch of r1, not kept: {told}; of r2, not kept: {told}",)


def test_data_whose_content_was_not_read_is_unknown_and_no_difference() -> None:
    a = recorded(facts={"data": {"/data": "unread: too large", "/more": "11"}})
    b = recorded(R2, facts={"data": {"/data": "22", "/more": "unread"}})
    assert sections(a, b) == {}
    assert compare(a, b).unknown == (
        "the content of /data for r1: unread: too large",
        "the content of /more for r2: unread",
    )


def test_what_the_parameters_tell_is_not_told_again_of_the_command() -> None:
    a = recorded(
        params={"learning_rate": "1"}, facts={"command": {"line": "x 1", "arg.learning-rate": "1", "arg.w": "2"}}
    )
    b = recorded(
        R2, params={"learning_rate": "2"}, facts={"command": {"line": "x 2", "arg.learning-rate": "2", "arg.w": "3"}}
    )
    assert [change.name for change in sections(a, b)["command"]] == ["arg.w", "line"]


def test_the_same_content_at_another_path_is_a_move() -> None:
    a = recorded(facts={"data": {"/a/train": "11", "/a/test": "22", "/a/old": "33"}})
    b = recorded(R2, facts={"data": {"/b/train": "11", "/a/test": "99", "/b/new": "44"}})
    assert sections(a, b)["data"] == (
        Change(name="/a/test", a="22", b="99"),
        Change(name="/a/old", a="33", b=None),
        Change(name="/b/new", a=None, b="44"),
        Change(name="path", a="/a/train", b="/b/train"),
    )


def test_the_metric_that_decides_is_told_with_its_direction_and_its_seeds() -> None:
    a = recorded(metrics={"validation/accuracy": 0.9, "train/loss": 0.5, "epoch": 3.0})
    b = recorded(R2, metrics={"validation/accuracy": 0.8, "train/loss": 0.4, "epoch": 3.0, "late": None})
    found = compare(a, b)
    assert found.metric is not None
    assert (found.metric.key, found.metric.is_better) == ("validation/accuracy", False)
    assert [(change.key, change.is_better) for change in found.metrics] == [("train/loss", True)]
    by_loss = compare(a, b, metric="train/loss")
    assert by_loss.metric is not None
    assert by_loss.metric.is_better
    assert by_loss.metric.difference == pytest.approx(-0.1)


def test_a_metric_that_one_run_did_not_log_or_that_is_no_number_is_not_judged() -> None:
    a, b = recorded(metrics={"test/loss": None}), recorded(R2, metrics={})
    found = compare(a, b, metric="test/loss").metric
    assert found is not None
    assert (found.a, found.b, found.difference, found.is_better) == (None, None, None, None)


def test_runs_of_one_group_are_no_two_configurations() -> None:
    both = [GroupedRun(ref=ref, seed=str(ref.number), metrics={"test/loss": 0.5 + ref.number / 10}) for ref in (R1, R2)]
    a = replace(recorded(metrics={"test/loss": 0.6}), group=both)
    b = replace(recorded(R2, metrics={"test/loss": 0.7}), group=both[::-1])
    seeds = compare(a, b).seeds
    assert seeds is not None
    assert (seeds.is_one_group, seeds.noise) == (True, None)
    alone = compare(replace(a, group=both[:1]), replace(b, group=both[1:])).seeds
    assert alone is not None
    assert alone.noise is not None
    assert (alone.is_one_group, alone.noise.rule) == (False, "none")


def test_twelve_thousand_parameters_are_compared_in_one_go() -> None:
    many = {f"layer {number}/width": str(number) for number in range(12_000)}
    found = changes(many, {**many, **{f"layer {number}/width": "0" for number in range(6_000, 12_000)}})
    assert len(found) == 6_000
