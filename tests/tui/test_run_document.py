"""The detail of a run: whys, notes, checks, processes, last lines and what surrounded it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from journal import db
from journal.fingerprints import Content
from journal.ids import new_uid
from journal.paths import Paths
from journal.recorder import spool
from journal.recorder.events import CapturedEvent, EndedEvent, Event, LaunchedEvent, RunEvent, TriedEvent
from journal.store import datasets, entries, links, runs
from journal.store.changes import program_change
from journal.store.intake import take_in_spool
from journal.types import (
    SESSION_TAG,
    EntryDraft,
    EntryType,
    Kind,
    Ref,
    Relation,
    RunDraft,
    RunStatus,
    SessionExit,
    Verdict,
)
from tests.conftest import NOON
from tui.documents import read_document
from tui.formatting import local_time
from tui.widgets.document import lines_of

R1 = Ref(Kind.run, 1)


@pytest.fixture
def told(paths: Paths) -> Callable[..., str]:
    def read(*, at_command_line: bool = False) -> str:
        with closing(db.connect(paths)) as connection:
            document = read_document(connection, R1, NOON + timedelta(days=1), at_command_line=at_command_line)
        return "\n".join("".join(span.text for span in line.spans) for line in lines_of(document, 100))

    return read


def take_in(paths: Paths, *events: Event) -> None:
    for event in events:
        spool.put(paths.spool, event)
    assert take_in_spool(paths) == 0


def launched(**changes: object) -> LaunchedEvent:
    event = LaunchedEvent(
        uid=new_uid(), entry="", at=NOON, host="box", pid=7, argv=("python", "train.py", "--lr", "1e 3"), cwd="/work"
    )
    return replace(event, **changes)  # type: ignore[arg-type]


def ended(session: str, exit: SessionExit, **changes: object) -> EndedEvent:
    event = EndedEvent(uid=new_uid(), session=session, at=NOON + timedelta(hours=1), exit=exit, error="")
    return replace(event, **changes)  # type: ignore[arg-type]


def test_it_tells_how_its_process_ended_and_its_last_lines(paths: Paths, told: Callable[..., str]) -> None:
    start = launched()
    output = "\n".join(f"epoch {number}" for number in range(30))
    take_in(paths, start, ended(start.uid, SessionExit.failed, code=3, output=output, error="Trace\nValueError: nan"))
    text = told()
    assert "r1 · failed" in text
    assert "failed with exit code 3 after 1 h 00 · box · python train.py --lr '1e 3'" in text
    assert "Last lines\nepoch 18\n" in text
    assert "epoch 29" in text
    assert "epoch 17\n" not in text
    assert "Error\nTrace\nValueError: nan" in text


@pytest.mark.parametrize(
    ("exit", "more", "words"),
    [
        (SessionExit.killed, {"signal": 9}, "killed by SIGKILL after 1 h 00"),
        (SessionExit.killed, {"signal": 99}, "killed by signal 99 after 1 h 00"),
        (SessionExit.interrupted, {"signal": 2}, "interrupted by SIGINT after 1 h 00"),
        (SessionExit.finished, {"code": 0}, "finished after 1 h 00"),
    ],
)
def test_signals_have_their_names(
    paths: Paths, told: Callable[..., str], exit: SessionExit, more: dict[str, int], words: str
) -> None:
    start = launched()
    take_in(paths, start, ended(start.uid, exit, **more))
    assert words in told()


def test_a_run_that_goes_on_tells_for_how_long(paths: Paths, told: Callable[..., str]) -> None:
    take_in(paths, launched())
    assert "runs for 1 d, process 7 · box" in told()


def test_what_mlflow_says_is_told_where_it_is_something_else(paths: Paths, told: Callable[..., str]) -> None:
    start = launched()
    draft = RunDraft(
        run_id="ab" * 16, tracking_uri="sqlite:////s", name="linear", experiment="mnist", status=RunStatus.running, started_at=NOON,
        tags={SESSION_TAG: start.uid},
    )  # fmt: skip
    with program_change(paths, clock=lambda: NOON) as change:
        runs.mirror(change, [(draft, "d")])
    event = RunEvent(uid=new_uid(), entry="", run_id="ab" * 16, tracking_uri="", at=NOON, session=start.uid)
    take_in(paths, start, event, ended(start.uid, SessionExit.killed, signal=15))
    assert "r1 · killed · MLflow says RUNNING · mnist" in told()
    with program_change(paths, clock=lambda: NOON) as change:
        runs.mirror(change, [(replace(draft, status=RunStatus.killed, ended_at=NOON + timedelta(hours=1)), "e")])
    assert "MLflow says" not in told()


def test_several_whys_are_told_with_what_came_of_each_and_notes_with_their_dates(
    paths: Paths, told: Callable[..., str]
) -> None:
    take_in(paths, launched())
    with program_change(paths, clock=lambda: NOON) as change:
        for what, outcome, verdict in (("cosine", "99.1", Verdict.kept), ("longer", "", None)):
            draft = EntryDraft(what=what, why=f"why {what}", expect=f"more by {what}", outcome=outcome, verdict=verdict)
            links.add(change, R1, entries.add(change, draft), Relation.tests)
        note = entries.add(change, EntryDraft(what="the loss jumps", type=EntryType.note, body="at step 300"))
        links.add(change, note, R1)
    text = told()
    for part in ("e1 · cosine", "why cosine", "more by cosine", "Outcome\n99.1\nkept", "e2 · longer", "why longer"):
        assert part in text
    assert text.count("Outcome") == 1
    assert "Note e3 · 2026-11-20" in text
    assert "the loss jumps\nat step 300" in text
    assert "nobody wrote down why" not in text


def test_checks_are_counted_by_what_they_came_to_the_last_time(paths: Paths, told: Callable[..., str]) -> None:
    take_in(paths, launched())
    assert "checks: none made yet" in told()
    with closing(db.connect(paths)) as connection:
        (identity,) = connection.execute("SELECT item_id FROM run").fetchone()
        for check, verdict, second in (
            ("O01", "passed", 1), ("O01", "failed", 2), ("O02", "passed", 1), ("D01", "not checked", 1), ("D02", "not checked", 1)
        ):  # fmt: skip
            connection.execute(
                "INSERT INTO check_result (item_id, check_id, verdict, checked_at) VALUES (?, ?, ?, ?)",
                (identity, check, verdict, f"2026-11-20 12:00:0{second}.000000"),
            )
    assert "checks: 1 passed, 1 failed (O01), 2 not checked" in told()


def test_what_surrounded_it_is_told_in_short(paths: Paths, told: Callable[..., str]) -> None:
    start = launched()
    facts = {
        "code": {
            "repository": "git@host:lab/net", "commit": "0123456789abcdef", "branch": "main", "dirty": "yes",
            "untracked": "3,004 files",
        },
        "packages": {"torch": "2.9.0", "six": "1"},
        "python": {"version": "3.11.7"},
        "hardware": {"cpu": "EPYC", "gpu 0": "H200, 139 GiB", "gpu 0 used by": "bob"},
    }  # fmt: skip
    take_in(paths, start, CapturedEvent(uid=new_uid(), session=start.uid, facts=facts))
    text = told()
    for part in (
        "0123456789 on main, with changes that are not committed and 3,004 files not in git", "torch 2.9.0", "3.11.7", "H200, 139 GiB", "git@host:lab/net"
    ):  # fmt: skip
        assert part in text
    assert "GPU 0: bob" in text
    assert "EPYC" not in text


def test_code_then_seed_data_machine_and_variables_are_told_in_the_order_in_which_they_are_asked_for(
    paths: Paths, told: Callable[..., str]
) -> None:
    start = launched()
    content = "tree:" + "0123456789abcdef" * 4
    with program_change(paths, clock=lambda: NOON) as change:
        datasets.add(change, "/data/mnist", "MNIST", Content(content, 3, 1000), "look", {})
    diff = (
        "diff --git a/train.py b/train.py\nindex 1..2 100644\n--- a/train.py\n+++ b/train.py\n"
        "@@ -1 +1,2 @@\n-lr = 1\n+lr = 2\n+decay = 3\n"
    )
    facts = {
        "code": {"commit": "0123456789abcdef", "branch": "main", "dirty": "yes"},
        "patch": {
            "tracked": diff, "untracked/loader.py": "x\n", "untracked/notes/a.md": "y\n",
            "left out": "weights.bin: binary\nkeys.env: may hold secrets",
        },
        "command": {"line": "python train.py", "seed": "7"},
        "data": {"/data/mnist": content, "/data/new": "unread, 3 files, 9 bytes"},
        "python": {"version": "3.11.7"},
        "hardware": {"gpu 0": "H200, 139 GiB", "gpu 0 used by": "bob: pid 4 800 MiB python"},
        "environment": {"CUDA_VISIBLE_DEVICES": "0", "LANG": "C", "OMP_NUM_THREADS": "8", "PYTHONPATH": "/x" * 200},
    }  # fmt: skip
    take_in(paths, start, CapturedEvent(uid=new_uid(), session=start.uid, facts=facts))
    text = told()
    wanted = (
        "0123456789 on main, with changes that are not committed",
        "1 file +2 -1: train.py",
        "2 files kept: loader.py, notes/a.md",
        "weights.bin: binary; keys.env: may hold secrets",
        "journal runs show r1 --patch",
        "d1: MNIST · /data/mnist · tree 0123456789",
        "/data/new · unread, 3 files, 9 bytes",
        "3.11.7",
        "GPU 0: bob: pid 4 800 MiB python",
        "CUDA_VISIBLE_DEVICES",
        "OMP_NUM_THREADS",
    )
    places = [text.index(part) for part in wanted]
    assert places == sorted(places)
    assert "LANG" not in text
    assert "/x" * 100 not in text


def test_of_many_variables_and_files_the_rest_is_counted(paths: Paths, told: Callable[..., str]) -> None:
    start = launched()
    facts = {
        "patch": {f"untracked/part{number}.py": "x\n" for number in range(9)},
        "data": {f"/data/{number}": "unread" for number in range(9)},
        "environment": {f"NCCL_{number:02}": "1" for number in range(40)},
    }
    take_in(paths, start, CapturedEvent(uid=new_uid(), session=start.uid, facts=facts))
    text = told()
    assert "9 files kept: part0.py, part1.py, part2.py, part3.py, 5 more" in text
    assert "28 more: --json has them" in text
    assert "/data/3" in text
    assert "/data/4" not in text


def test_what_mlflow_says_of_the_code_is_told_where_nothing_else_is_known(
    paths: Paths, told: Callable[..., str]
) -> None:
    draft = RunDraft(
        run_id="ab" * 16, tracking_uri="sqlite:////s", name="linear", experiment="mnist", status=RunStatus.finished,
        started_at=NOON, tags={"mlflow.source.git.commit": "fedcba98765"},
    )  # fmt: skip
    with program_change(paths, clock=lambda: NOON) as change:
        runs.mirror(change, [(draft, "d")])
    text = told()
    assert "fedcba9876" in text
    assert "Environment" not in text


def test_a_run_that_was_continued_tells_each_process_and_the_trial_inside_of_a_launch_is_told_with_it(
    paths: Paths, told: Callable[..., str]
) -> None:
    first = launched()
    trial = TriedEvent(
        uid=new_uid(), what="cosine", why="", expect="", papers=(), started_at=NOON, host="box", pid=8, argv=("python", "train.py"),
        cwd="/work", launch=first.uid,
    )  # fmt: skip
    ran = RunEvent(uid=new_uid(), entry="", run_id="ab" * 16, tracking_uri="", at=NOON, session=trial.uid)
    ends = [ended(each, SessionExit.killed, signal=9) for each in (trial.uid, first.uid)]
    take_in(paths, first, trial, ran, *ends)
    assert "Session\n" in told()
    assert told().count("killed by SIGKILL") == 1
    take_in(paths, launched(at=NOON + timedelta(hours=2), continues="ab" * 16))
    text = told()
    assert "Sessions\n" in text
    assert text.index("killed by SIGKILL after 1 h 00") < text.index("runs for 22 h 00")


def test_a_run_that_was_continued_took_what_it_was_trained_for(paths: Paths, told: Callable[..., str]) -> None:
    first = launched()
    ran = RunEvent(uid=new_uid(), entry="", run_id="ab" * 16, tracking_uri="", at=NOON, session=first.uid)
    take_in(paths, first, ran, ended(first.uid, SessionExit.killed, signal=9))
    assert " · 1 h 00\n" in told()
    again = launched(at=NOON + timedelta(hours=20), continues="ab" * 16)
    take_in(paths, again)
    assert "5 h 00 so far in 2 sessions" in told()
    take_in(paths, ended(again.uid, SessionExit.finished, at=NOON + timedelta(hours=22, minutes=10)))
    span = f"{local_time(NOON)} to {local_time(NOON + timedelta(hours=22, minutes=10))}"
    assert f"{span} · took 3 h 10 in 2 sessions" in told()


def test_an_archived_run_says_so(paths: Paths, told: Callable[..., str]) -> None:
    take_in(paths, launched())
    with closing(db.connect(paths)) as connection:
        connection.execute("UPDATE run SET archived_at = '2026-11-20 12:00:00.000000'")
    assert "archived" in told()
    assert "journal log WHAT --why WHY --run r1" in told(at_command_line=True)
