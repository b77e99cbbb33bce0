"""`journal runs show`: the code that a run ran with comes back whole; its facts, and how long it took."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from journal.ids import new_uid
from journal.paths import Paths
from journal.recorder import spool
from journal.recorder.capture.secret_shapes import REDACTED
from journal.recorder.events import CapturedEvent, EndedEvent, Facts, LaunchedEvent, RunEvent
from journal.types import SessionExit
from tests.conftest import NOON
from tests.repositories import CODE, committed, git, made
from tests.tui.commands.conftest import Run

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def ran_with(paths: Paths, facts: Facts) -> None:
    start = LaunchedEvent(
        uid=new_uid(), entry="", at=NOON, host="elsewhere", pid=7, argv=("python", "train.py"), cwd="/work"
    )
    spool.put(paths.spool, start)
    spool.put(paths.spool, CapturedEvent(uid=new_uid(), session=start.uid, facts=facts))


@needs_git
def test_what_a_real_run_had_beside_its_commit_can_be_applied(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = made(tmp_path / "nets")
    (root / "go.py").write_text("import loader\n")
    committed(root)
    (root / "train.py").write_text(CODE.replace("0.1", "0.2"))
    (root / "loader.py").write_text("# ä\n")
    (root / "weights").write_bytes(b"\0")
    monkeypatch.chdir(root)
    assert run("run", "--", "python3", "go.py").code == 0
    shown = run("runs", "show", "r1")
    assert "1 file +1 -1: train.py" in shown.out
    assert "1 file kept: loader.py" in shown.out
    printed = run("runs", "show", "r1", "--patch")
    assert printed.code == 0
    assert "Left out: weights: binary" in printed.err
    again = tmp_path / "again"
    git(tmp_path, "clone", "-q", str(root), str(again))
    (tmp_path / "patch").write_text(printed.out)
    git(again, "apply", str(tmp_path / "patch"))
    for name in ("train.py", "loader.py", "go.py"):
        assert (again / name).read_text() == (root / name).read_text()
    facts = run("runs", "show", "r1", "--json").json["facts"]
    assert printed.out.startswith(facts["patch"]["tracked"])
    assert facts["patch"]["untracked/loader.py"] == "# ä\n"
    assert facts["code"]["commit"] == git(root, "rev-parse", "HEAD")
    assert {"python", "hardware", "environment", "command"} <= facts.keys()


def test_that_a_secret_was_taken_out_of_a_patch_is_said_where_it_keeps_git_from_applying_it(
    run: Run, paths: Paths
) -> None:
    head = "diff --git a/a.py b/a.py\nindex 1..2 100644\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n"
    ran_with(paths, {"patch": {"tracked": f"{head}-x = 1\n+x = '{REDACTED}'\n"}})
    ran_with(paths, {"patch": {"tracked": f"{head}-x = '{REDACTED}'\n+x = 2\n"}})
    refused = {}
    for ref in ("r1", "r2"):
        ran = run("runs", "show", ref, "--patch")
        refused[ran.out.splitlines()[5]] = "A secret was taken out" in ran.err
    assert refused == {"-x = 1": False, f"-x = '{REDACTED}'": True}


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({}, "r1 has no patch: nobody saw its code."),
        ({"code": {"commit": "abc", "dirty": "no"}}, "r1 has no patch: nothing but its commit was found."),
        (
            {"code": {"commit": "abc", "dirty": "yes"}, "patch": {"left out": "x.py: may hold secrets"}},
            "Nothing that was not committed could be kept of r1.",
        ),
    ],
)
def test_where_there_is_no_patch_that_is_said(run: Run, paths: Paths, facts: Facts, sentence: str) -> None:
    ran_with(paths, facts)
    ran = run("runs", "show", "r1", "--patch")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[-1].startswith(sentence)
    assert run("runs", "show", "r1", "--json").json["facts"] == facts


def test_a_patch_is_printed_alone(run: Run, paths: Paths) -> None:
    ran_with(paths, {})
    for option in ("--json", "--history"):
        ran = run("runs", "show", "r1", "--patch", option)
        assert (ran.code, ran.out) == (2, "")


def test_lists_and_json_tell_what_a_continued_run_was_trained_for(run: Run, paths: Paths) -> None:
    first = LaunchedEvent(uid=new_uid(), entry="", at=NOON, host="elsewhere", pid=7, argv=("train",), cwd="/")
    spool.put(paths.spool, first)
    spool.put(
        paths.spool,
        RunEvent(uid=new_uid(), entry="", run_id="ab" * 16, tracking_uri="", at=NOON, session=first.uid),
    )
    again = replace(first, uid=new_uid(), at=NOON + timedelta(hours=20), continues="ab" * 16)
    spool.put(paths.spool, again)
    for session in (first, again):
        end = session.at + timedelta(hours=1, minutes=5)
        spool.put(
            paths.spool,
            EndedEvent(uid=new_uid(), session=session.uid, at=end, exit=SessionExit.killed, error="", signal=9),
        )
    assert "2 h 10" in run("runs", "list").out
    (listed,) = run("runs", "list", "--json").json
    shown = run("runs", "show", "r1", "--json").json
    assert (listed["took_s"], listed["paused_s"]) == (shown["took_s"], shown["paused_s"]) == (7800, 68100)
