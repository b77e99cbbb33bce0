"""`journal run` in a terminal: the command has it as its own, and one line is asked when it is over."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest
from typer.main import get_command

from journal import db
from journal.paths import Paths, at_home
from journal.queries.entries import get_entry
from journal.queries.run_length import TOOK_S
from journal.queries.runs import get_run
from journal.queries.sessions import sessions_of_run
from journal.recorder import spool
from journal.store import entries, items, links, runs
from journal.store.changes import program_change
from journal.types import Entry, EntryDraft, Kind, Ref, Relation, RunDraft, RunStatus, SessionExit, Verdict
from tests.launching import JOURNAL, PATIENCE_S, environment, journal_run, journal_run_begun, session, written
from tests.launching import runs as kept_runs
from tests.terminals import Terminal
from tests.tui.commands.conftest import Run
from tui.cli import app_with
from tui.quick_run import FIELD_OF_OPTION, plain_run
from tui.recorded_run import RunOptions, command_behind_dashes
from tui.run_words import Answer, answer, end_line

E1, R1 = Ref(Kind.entry, 1), Ref(Kind.run, 1)
CTRL_C, CTRL_D, CTRL_Z, ENTER = "\x03", "\x04", "\x1a", "\r"
HELD, WHY = "Did it hold?", "Why was it run?"

In = Callable[..., Terminal]


@pytest.fixture
def terminal(tmp_path: Path) -> In:
    """Opens a terminal in which `journal run WORDS` is started."""

    def opened(*words: str, size: tuple[int, int] = (24, 80), **more: str) -> Terminal:
        return Terminal([*JOURNAL, "run", *words], environment(**more), cwd=tmp_path, size=size)

    return opened


def _entry(paths: Paths, ref: Ref = E1) -> Entry:
    with closing(db.connect(paths)) as connection:
        return get_entry(connection, ref)


# ---------------------------------------------------------------- the terminal is the command's


def test_the_command_has_the_terminal(paths: Paths, terminal: In) -> None:
    script = "import os, sys; print([os.isatty(n) for n in range(3)], os.get_terminal_size(), os.tcgetpgrp(0) == os.getpgrp())"
    with terminal("--no-ask", "--", "python3", "-S", "-c", script, size=(33, 101)) as opened:
        assert opened.end() == 0
    assert "[True, True, True] os.terminal_size(columns=101, lines=33) True" in opened.seen


def test_colours_and_keys_pass(paths: Paths, terminal: In) -> None:
    script = "printf '\\033[31mred\\033[0m\\n'; read line; echo \"<$line>\""
    with terminal("--no-ask", "--", "sh", "-c", script) as opened:
        opened.read_until("\x1b[31mred\x1b[0m")
        opened.type(f"typed{ENTER}")
        opened.read_until("<typed>")
        assert opened.end() == 0


def test_ctrl_c_ends_the_command_as_without_us(paths: Paths, terminal: In) -> None:
    with terminal("--what", "x", "--", "sh", "-c", "echo ready; exec sleep 60") as opened:
        opened.read_until("ready")
        opened.type(CTRL_C)
        assert "r1 interrupted after" in opened.read_until(HELD)
        opened.type(CTRL_C)  # leaves the question
        assert opened.end() == -2
    assert "Traceback" not in opened.seen
    assert session(paths).exit is SessionExit.interrupted


def test_ctrl_c_reaches_the_command_once_for_each_time(paths: Paths, terminal: In) -> None:
    script = "n=0; trap 'n=$((n+1)); echo heard $n' INT; echo ready; while [ $n -lt 2 ]; do sleep 0.05; done; sleep 0.3; exit $n"
    with terminal("--no-ask", "--", "sh", "-c", script) as opened:
        opened.read_until("ready")
        opened.type(CTRL_C)
        opened.read_until("heard 1")
        opened.type(CTRL_C)
        opened.read_until("heard 2")
        assert opened.end() == 2
    assert "heard 3" not in opened.seen
    assert session(paths).exit is SessionExit.interrupted


def test_a_command_that_heeds_ctrl_c_and_goes_on_has_finished(paths: Paths, terminal: In) -> None:
    with terminal(
        "--no-ask", "--", "sh", "-c", "trap 'echo saving; exit 0' INT; echo ready; while :; do sleep 0.05; done"
    ) as opened:
        opened.read_until("ready")
        opened.type(CTRL_C)
        opened.read_until("saving")
        assert opened.end() == 0
    assert session(paths).exit is SessionExit.finished


def test_ctrl_z_stops_both_and_fg_goes_on_with_both(paths: Paths, tmp_path: Path) -> None:
    shell = ["bash", "--norc", "--noprofile", "-i"]
    with Terminal(shell, environment(PS1="$ "), cwd=tmp_path) as opened:
        opened.read_until("$ ")
        opened.type(f"{' '.join(JOURNAL)} run --no-ask -- sh -c 'echo rea''dy; read line; echo \"<$line>\"'{ENTER}")
        opened.read_until("ready\r\n")
        opened.type(CTRL_Z)
        opened.read_until("Stopped")
        opened.type(f"echo in be''tween{ENTER}")
        opened.read_until("in between\r\n")
        opened.type(f"fg{ENTER}")
        opened.read_until("read line")
        opened.type(f"further{ENTER}")
        opened.read_until("<further>")
        opened.type(f"echo it ended with $?{ENTER}")
        opened.read_until("it ended with 0")
    assert session(paths).exit is SessionExit.finished


def test_a_loop_of_a_shell_stops_at_ctrl_c(paths: Paths, tmp_path: Path) -> None:
    """It would go on if we ended with 130 instead of by the signal."""
    command = f"for n in 1 2 3; do {' '.join(JOURNAL)} run --no-ask -- sh -c 'echo round $0; exec sleep 60' $n; done; echo rest"
    with Terminal(["bash", "-c", command], environment(), cwd=tmp_path) as opened:
        opened.read_until("round 1")
        opened.type(CTRL_C)
        opened.end()
    assert "round 2" not in opened.seen
    assert "rest" not in opened.seen


# ---------------------------------------------------------------- what is said and asked


def test_the_answer_becomes_the_outcome(paths: Paths, terminal: In) -> None:
    with terminal("--what", "cosine schedule", "--expect", "+0.3", "--", "true") as opened:
        shown = opened.read_until("> ")
        assert "r1 finished in 0 s · journal show r1" in shown
        assert 'Did it hold? "cosine schedule" (expected: +0.3). One line, Enter: later (20 s) > ' in shown
        opened.type(f"yes, 99.1 to 99.3{ENTER}")
        assert opened.end() == 0
    assert "e1  outcome written; verdict: kept" in opened.seen
    entry = _entry(paths)
    assert (entry.outcome, entry.verdict) == ("99.1 to 99.3", Verdict.kept)
    undone = subprocess.run([*JOURNAL, "undo"], env=environment(), capture_output=True, text=True, check=True)
    assert "outcome of e1" in undone.stdout + undone.stderr
    assert _entry(paths).outcome == ""


def test_the_exit_code_is_the_commands_after_an_answer_too(paths: Paths, terminal: In) -> None:
    with terminal("--what", "x", "--", "sh", "-c", "exit 9") as opened:
        opened.read_until("> ")
        opened.type(f"no{ENTER}")
        assert opened.end() == 9
    assert _entry(paths).verdict is Verdict.dropped


def test_a_line_is_edited_and_keys_without_a_letter_do_nothing(paths: Paths, terminal: In) -> None:
    with terminal("--what", "x", "--", "true") as opened:
        opened.read_until("> ")
        opened.type("wrong\x15ah\x1b[A\x1b[31m\x1bOPl\x7f\x7fb\u00e9 zw\x17ok\x01")
        opened.type(ENTER)
        opened.end()
    assert _entry(paths).outcome == "abé ok"
    assert "\x1b" not in opened.seen


@pytest.mark.parametrize("key", [ENTER, CTRL_C, CTRL_D], ids=["Enter", "Ctrl-C", "Ctrl-D"])
def test_the_question_can_be_left(paths: Paths, terminal: In, key: str) -> None:
    with terminal("--what", "x", "--", "sh", "-c", "exit 4") as opened:
        opened.read_until("> ")
        opened.type(key)
        assert opened.end() == 4
    assert "outcome written" not in opened.seen
    assert _entry(paths).outcome == ""


def test_nobody_answers_in_time(paths: Paths, terminal: In) -> None:
    with terminal("--what", "x", "--", "sh", "-c", "exit 4", LABJOURNAL_ASK="0.2") as opened:
        opened.read_until("(0.2 s) > ")
        assert opened.end() == 4
    assert "Later: journal outcome e1 '...'" in opened.seen


def test_time_does_not_run_while_somebody_types(paths: Paths, terminal: In) -> None:
    with terminal("--what", "x", "--", "true", LABJOURNAL_ASK="3") as opened:
        opened.read_until("> ")
        opened.type("slow")
        opened.read_until("slow")
        with pytest.raises(subprocess.TimeoutExpired):
            opened.process.wait(4)
        opened.type(f"ly{ENTER}")
        opened.end()
    assert _entry(paths).outcome == "slowly"


def test_what_was_typed_ahead_is_for_the_shell(paths: Paths, tmp_path: Path) -> None:
    shell = ["bash", "--norc", "--noprofile", "-i"]
    with Terminal(shell, environment(PS1="$ "), cwd=tmp_path) as opened:
        opened.read_until("$ ")
        opened.type(f"{' '.join(JOURNAL)} run --what x -- sh -c 'echo rea''dy; sleep 1'{ENTER}")
        opened.read_until("ready\r\n")
        opened.type(f"echo it is mi''ne{ENTER}")
        shown = opened.read_until("it is mine\r\n")
    assert HELD not in shown
    assert _entry(paths).outcome == ""


def test_what_is_typed_behind_the_answer_is_for_the_shell(paths: Paths, tmp_path: Path) -> None:
    shell = ["bash", "--norc", "--noprofile", "-i"]
    with Terminal(shell, environment(PS1="$ "), cwd=tmp_path) as opened:
        opened.read_until("$ ")
        opened.type(f"{' '.join(JOURNAL)} run --what x -- true{ENTER}")
        opened.read_until("(20 s) > ")
        opened.type(f"kept{ENTER}echo it is mi''ne{ENTER}")
        opened.read_until("it is mine\r\n")
    assert _entry(paths).verdict is Verdict.kept


def test_the_terminal_is_left_as_it_was(paths: Paths, tmp_path: Path) -> None:
    command = f"stty -g > before; {' '.join(JOURNAL)} run --what x -- true; stty -g > after"
    with Terminal(["sh", "-c", command], environment(), cwd=tmp_path) as opened:
        opened.read_until("(20 s) > ")
        opened.type(f"kept{ENTER}")
        opened.end()
    assert (tmp_path / "before").read_text() == (tmp_path / "after").read_text() != ""


def test_a_run_without_a_why_is_asked_for_one(paths: Paths, terminal: In) -> None:
    with terminal("--", "true") as opened:
        shown = opened.read_until("> ")
        assert WHY in shown
        opened.type(f"to see whether it starts{ENTER}")
        opened.end()
    assert "e1  written, and linked to r1" in opened.seen
    assert _entry(paths).title == "to see whether it starts"
    assert [(link.relation, link.ref) for link in kept_runs(paths)[0].links] == [(Relation.tests, E1)]


def test_the_trial_in_a_script_that_says_its_outcome_is_not_asked_about(paths: Paths, terminal: In) -> None:
    script = "import journal\nwith journal.tried('from inside') as trial:\n    {}"
    with terminal("--", "python3", "-c", script.format("trial.outcome('it did', verdict='kept')")) as opened:
        opened.end()
    assert "> " not in opened.seen
    with terminal("--", "python3", "-c", script.format("pass")) as opened:
        assert '"from inside"' in opened.read_until("> ")


@pytest.mark.parametrize(
    ("words", "more"),
    [
        (["--no-ask"], {}),
        ([], {"LABJOURNAL_ASK": "0"}),
        ([], {"LABJOURNAL_SESSION": "0" * 26}),
        ([], {"WANDB_SWEEP_ID": "abc"}),
        ([], {"SLURM_ARRAY_TASK_ID": "0"}),
        ([], {"OPTUNA_STORAGE": "sqlite:///x.db"}),
        ([], {"CI": "true"}),
    ],
    ids=str,
)  # fmt: skip
def test_where_nobody_is_to_be_asked(paths: Paths, terminal: In, words: list[str], more: dict[str, str]) -> None:
    with terminal(*words, "--what", "x", "--", "true", **more) as opened:
        opened.end()
    assert HELD not in opened.seen


def test_many_runs_under_one_entry_are_not_asked_about(paths: Paths, terminal: In) -> None:
    with program_change(paths) as change:
        entries.add(change, EntryDraft(what="a sweep"))
    for _ in range(2):
        with terminal("--entry", "e1", "--", "true") as opened:
            opened.end()
        assert "> " not in opened.seen
    assert {link.ref for run in kept_runs(paths) for link in run.links} == {E1}
    assert len(kept_runs(paths)) == 2


def test_a_loop_is_asked_once(paths: Paths, tmp_path: Path) -> None:
    command = f"for n in 1 2 3; do {' '.join(JOURNAL)} run --what try$n -- true; done"
    with Terminal(["sh", "-c", command], environment(LABJOURNAL_ASK="0.2"), cwd=tmp_path) as opened:
        opened.end()
    assert opened.seen.count(HELD) == 1
    assert opened.seen.count("not asked, since the last question was left unanswered") == 2
    assert len(kept_runs(paths)) == 3


def test_the_outer_one_of_two_asks_about_what_it_was_for(paths: Paths, terminal: In) -> None:
    with terminal("--what", "the outer", "--", *JOURNAL, "run", "--what", "the inner", "--", "true") as opened:
        shown = opened.read_until("> ")
        assert 'Did it hold? "the outer"' in shown
        opened.type(f"yes{ENTER}")
        opened.end()
    assert shown.count(HELD) == 1
    assert {_entry(paths, Ref(Kind.entry, number)).title: _entry(paths, Ref(Kind.entry, number)).verdict for number in (1, 2)} == {
        "the outer": Verdict.kept, "the inner": None,
    }  # fmt: skip


def test_another_script_in_the_same_shell_is_asked_about(paths: Paths, tmp_path: Path) -> None:
    run = f"{' '.join(JOURNAL)} run --what try -- sh"
    for name in ("one.sh", "two.sh"):
        (tmp_path / name).write_text("exit 0\n")
    command = f"{run} one.sh --lr 0.1; {run} -e one.sh --lr 0.2; {run} two.sh"
    with Terminal(["sh", "-c", command], environment(LABJOURNAL_ASK="0.2"), cwd=tmp_path) as opened:
        opened.end()
    assert opened.seen.count(HELD) == 2


def test_in_the_background_nothing_is_asked(paths: Paths, tmp_path: Path) -> None:
    shell = ["bash", "--norc", "--noprofile", "-i"]
    with Terminal(shell, environment(PS1="$ "), cwd=tmp_path) as opened:
        opened.read_until("$ ")
        opened.type(f"{' '.join(JOURNAL)} run --what x -- sh -c 'exit 6' & wait $!; echo it ended with $?{ENTER}")
        shown = opened.read_until("it ended with 6")
    assert HELD not in shown


def test_with_its_output_in_a_file_the_question_is_still_asked(paths: Paths, tmp_path: Path) -> None:
    with (
        (tmp_path / "log").open("wb") as log,
        Terminal(
            [*JOURNAL, "run", "--what", "x", "--", "echo", "out"], environment(), cwd=tmp_path,
            stdout=log.fileno(),
        ) as opened,
    ):  # fmt: skip
        opened.read_until("> ")
        opened.type(f"kept{ENTER}")
        opened.end()
    assert (tmp_path / "log").read_text() == "out\n"
    assert _entry(paths).verdict is Verdict.kept


def test_without_a_terminal_nothing_is_said(paths: Paths, tmp_path: Path) -> None:
    done = journal_run("--what", "x", "--", "true", cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize(("words", "shown"), [([], "journal runs list"), (["--entry", "e1"], "journal show e1")])
def test_where_nothing_is_asked_the_journal_takes_the_run_in_behind_the_prompt(
    paths: Paths, terminal: In, words: list[str], shown: str
) -> None:
    with program_change(paths) as change:
        entries.add(change, EntryDraft(what="a sweep"))
    with terminal("--no-ask", *words, "--", "true") as opened:
        opened.end()
    assert f"finished in 0 s · {shown}" in opened.seen
    deadline = time.monotonic() + PATIENCE_S
    while spool.pending(paths.spool):
        assert time.monotonic() < deadline, "nobody takes it in"
        time.sleep(0.05)
    with closing(db.connect(paths)) as connection:
        assert get_run(connection, R1).status is RunStatus.finished


def test_where_nobody_watches_what_was_recorded_waits_for_the_next_command(paths: Paths, tmp_path: Path) -> None:
    journal_run("--what", "x", "--", "true", cwd=tmp_path)
    assert spool.pending(paths.spool)
    listed = subprocess.run([*JOURNAL, "runs", "list"], env=environment(), capture_output=True, text=True, check=True)
    assert "finished" in listed.stdout
    assert not spool.pending(paths.spool)


# ---------------------------------------------------------------- without the packages that others made


def _without_packages(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The program where nothing is installed beside it: -S leaves out what lies in site-packages."""
    return subprocess.run(
        [sys.executable, "-S", "-m", "tui.cli", *words], env=environment(), cwd=cwd, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize("words", [["--what", "x", "--paper", "1706.03762"], ["--entry", "e1"]], ids=str)
def test_a_command_is_recorded_by_the_standard_library_alone(paths: Paths, tmp_path: Path, words: list[str]) -> None:
    with program_change(paths) as change:
        entries.add(change, EntryDraft(what="a sweep"))
    done = _without_packages("run", *words, "--", "sh", "-c", "echo ran; exit 7", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (7, "ran\n", "")
    (run,) = kept_runs(paths)
    assert run.status is RunStatus.failed


@pytest.mark.parametrize("words", [["runs", "list"], ["run", "--help"], []], ids=str)
def test_a_package_that_is_missing_is_named(tmp_path: Path, words: list[str]) -> None:
    done = _without_packages(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert "journal: The package 'typer' is missing" in done.stderr
    assert "pip install labjournal" in done.stderr


def test_names_with_escape_sequences_do_nothing_to_the_terminal(paths: Paths, terminal: In) -> None:
    with terminal("--what", "evil\x1b]0;title\x07\nname", "--", "true") as opened:
        shown = opened.read_until("> ")
        opened.type(ENTER)
        opened.end()
    assert "\x1b" not in shown + opened.seen
    assert '"evil name"' in shown


# ---------------------------------------------------------------- entries and runs that are named


def test_an_entry_that_is_not_there_is_said_before_anything_runs(paths: Paths, tmp_path: Path) -> None:
    done = journal_run("--entry", "e9", "--", "touch", "ran", cwd=tmp_path)
    assert done.returncode == 1
    assert "There is no e9" in done.stderr
    assert not (tmp_path / "ran").exists()
    assert not kept_runs(paths)


def test_an_entry_that_waits_for_the_first_journal_is_found(tmp_path: Path, home: Path) -> None:
    paths = at_home(home)
    journal_run("--what", "cosine", "--", "true", cwd=tmp_path)
    assert not paths.journal.exists()
    done = journal_run("--entry", "e1", "--", "echo", "trained", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "trained\n")
    assert "any more" not in done.stderr
    first, second = kept_runs(paths)
    assert [link.ref for run in (first, second) for link in run.links] == [E1, E1]


def test_without_a_journal_what_is_named_is_looked_up_later(tmp_path: Path, home: Path) -> None:
    done = journal_run("--entry", "e1", "--continue", "r1", "--", "echo", "trained", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "trained\n")
    assert "The command runs; e1 and r1 are looked up when the journal can be read." in done.stderr
    paths = at_home(home)
    (run,) = kept_runs(paths)
    assert run.status is RunStatus.finished
    with closing(db.connect(paths)) as connection:
        (note,) = connection.execute("SELECT title FROM item WHERE kind = 'entry'").fetchone()
    assert note == "It was run with --entry e1, --continue r1, which name nothing in this journal."


@pytest.mark.parametrize("is_in_wal_mode", [True, False])
def test_an_entry_that_is_named_while_the_journal_is_locked_is_the_runs_all_the_same(
    paths: Paths, tmp_path: Path, is_in_wal_mode: bool
) -> None:
    if not is_in_wal_mode:  # such a lock keeps readers out, too
        with closing(sqlite3.connect(paths.journal, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    journal_run("--what", "cosine", "--", "true", cwd=tmp_path)  # its entry waits in the spool
    with closing(sqlite3.connect(paths.journal, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        done = journal_run("--entry", "e1", "--", "echo", "trained", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "trained\n")
    assert "The command runs; e1 is looked up when the journal can be read." in done.stderr
    first, second = kept_runs(paths)
    assert [link.ref for run in (first, second) for link in run.links] == [E1, E1]
    assert second.title == "cosine"


def test_a_journal_that_is_locked_or_does_not_answer_holds_no_command_up(paths: Paths, tmp_path: Path) -> None:
    with program_change(paths) as change:
        entries.add(change, EntryDraft(what="cosine"))
    with closing(sqlite3.connect(paths.journal, isolation_level=None)) as lock:
        lock.execute("PRAGMA journal_mode = DELETE").fetchone()
        lock.execute("BEGIN EXCLUSIVE")
        done = journal_run("--entry", "e1", "--", "echo", "trained", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "trained\n")
    paths.settings.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(paths.settings)  # what opens it waits for ever, as on a disk that hangs
    done = journal_run("--what", "x", "--", "echo", "trained", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "trained\n")
    assert done.stderr.count("does not answer. The command runs without") == 1


def test_a_journal_that_holds_nonsense_holds_no_command_up(paths: Paths, tmp_path: Path) -> None:
    journal_run("--what", "cosine", "--", "true", cwd=tmp_path)
    kept_runs(paths)
    with closing(sqlite3.connect(paths.journal)) as connection, connection:
        connection.execute("UPDATE entry SET outcome_at = '2026-99-99 00:00:00.000000'")
    done = journal_run("--entry", "e1", "--", "echo", "trained", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "trained\n")
    assert "cannot be read" in done.stderr
    assert [link.ref for run in kept_runs(paths) for link in run.links] == [E1, E1]


def test_what_must_say_something_and_a_paper_of_no_known_form_is_told(paths: Paths, tmp_path: Path) -> None:
    for words in (("--what", ""), ("--what=  ",)):
        done = journal_run(*words, "--", "touch", "ran", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert "--what needs a text." in done.stderr
    assert not (tmp_path / "ran").exists()
    done = journal_run("--what", "x", "--paper", "that one", "--paper", "1608.03983", "--", "true", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == "journal: 'that one' is no arXiv id, no DOI and no address; it is kept as text.\n"


def test_a_run_is_gone_on_with(paths: Paths, tmp_path: Path) -> None:
    run_id = "ab12" * 8
    with program_change(paths) as change:
        entries.add(change, EntryDraft(what="a long training"))
        draft = RunDraft(
            run_id=run_id, tracking_uri="sqlite:////elsewhere/mlflow.db", name="long", experiment="x",
            status=RunStatus.killed, started_at=None,
        )  # fmt: skip
        runs.mirror(change, [(draft, "digest")])
        links.add(change, R1, E1, Relation.tests)
    show = "echo $MLFLOW_RUN_ID $MLFLOW_TRACKING_URI $LABJOURNAL_ENTRY"
    env = {key: value for key, value in environment().items() if key != "MLFLOW_TRACKING_URI"}
    for name in ("r1", "ab12a"):
        done = journal_run("--continue", name, "--", "sh", "-c", show, cwd=tmp_path, env=env)
        run, uri, entry = done.stdout.split()
        assert (run, uri) == (run_id, "sqlite:////elsewhere/mlflow.db")
    assert len(kept_runs(paths)) == 1
    with closing(db.connect(paths)) as connection:
        assert connection.execute("SELECT count(*) FROM session_run").fetchone() == (2,)
        assert connection.execute("SELECT uid FROM item WHERE kind = 'entry'").fetchall() == [(entry,)]
        assert get_run(connection, R1).title == "long"


_LOGS = "import journal, sys\nlog = journal.metrics()\nfor step in map(int, sys.argv[1:]): log({'loss': step / 2}, step=step)"


def test_a_run_made_without_mlflow_is_gone_on_with(paths: Paths, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(_LOGS)
    journal_run("--what", "a long training", "--", "python3", "train.py", "0", "1", cwd=tmp_path)
    done = journal_run("--continue", "r1", "--", "python3", "train.py", "2", "3", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    (run,) = kept_runs(paths)
    assert (run.status, [link.ref for link in run.links]) == (RunStatus.finished, [E1])
    with closing(db.connect(paths)) as connection:
        assert connection.execute("SELECT step, value FROM metric_point ORDER BY step").fetchall() == [
            (0, 0.0), (1, 0.5), (2, 1.0), (3, 1.5),
        ]  # fmt: skip
        first, second = sessions_of_run(connection, R1)
        assert (first.entry, second.entry) == (E1, E1)
        assert first.ended_at is not None
        worked = sum(((each.ended_at or each.started_at) - each.started_at for each in (first, second)), timedelta())
        (took_s,) = connection.execute(f"SELECT {TOOK_S} FROM run", ("",)).fetchone()
    assert took_s == pytest.approx(worked.total_seconds(), abs=0.01)  # without the pause


def test_going_on_with_what_still_trains_is_told(paths: Paths, tmp_path: Path) -> None:
    first = journal_run_begun("--", "sh", "-c", "echo $$ > pid; exec sleep 60", cwd=tmp_path)
    command = int(written(tmp_path / "pid"))
    kept_runs(paths)
    done = journal_run("--continue", "r1", "--", "true", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        0, "journal: r1 still trains: from now on, two commands write to one run.\n",
    )  # fmt: skip
    assert [run.status for run in kept_runs(paths)] == [RunStatus.running]
    os.kill(first.pid, signal.SIGKILL)  # nobody is left to tell how it ended
    first.wait()
    os.kill(command, signal.SIGKILL)
    done = journal_run("--continue", "r1", "--", "true", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_was_deleted_is_told_and_the_command_runs(paths: Paths, tmp_path: Path) -> None:
    journal_run("--what", "cosine", "--", "true", cwd=tmp_path)
    assert len(kept_runs(paths)) == 1
    with program_change(paths) as change:
        items.delete(change, E1)
        items.delete(change, R1)
    for option, told in (
        ("--entry=e1", "e1 was deleted; the command runs under it all the same."),
        ("--continue=r1", "r1 was deleted; the command goes on with it all the same, and no list shows it."),
    ):
        done = journal_run(option, "--", "echo", "trained", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, "trained\n")
        assert done.stderr == f"journal: {told}\n"


# ---------------------------------------------------------------- wrong usage


@pytest.mark.parametrize(
    "words",
    [["true"], ["true", "--", "x"], ["--what", "x"], [], ["--"], ["--what", "x", "true"], ["--what", "--", "true"]],
    ids=" ".join,
)
def test_the_dashes_and_a_command_are_required(paths: Paths, tmp_path: Path, words: list[str]) -> None:
    done = journal_run(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not kept_runs(paths)


def test_help_says_what_becomes_of_the_output(tmp_path: Path) -> None:
    said = " ".join(journal_run("--help", cwd=tmp_path).stdout.split())
    assert "the last lines are kept with the run" in said
    assert "goes on if we are killed" in said


# ---------------------------------------------------------------- pure


def test_the_quick_way_knows_the_options_that_the_help_names() -> None:
    declared = {
        option
        for parameter in get_command(app_with("run")).commands["run"].params  # type: ignore[attr-defined]
        for option in parameter.opts
        if option.startswith("--")
    }
    assert {*FIELD_OF_OPTION, "--no-ask"} == declared - {"--help"}
    assert {*FIELD_OF_OPTION.values(), "no_ask"} == {field.name for field in fields(RunOptions)}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--", "a"], (RunOptions(), ("a",))),
        (["--what", "x", "--no-ask", "--", "a", "--", "--what"], (RunOptions(what="x", no_ask=True), ("a", "--", "--what"))),
        (["--why=a=b", "--paper", "p1", "--paper=p2", "--", "a"], (RunOptions(why="a=b", paper=("p1", "p2")), ("a",))),
        (["--continue", "r7", "--entry", "e3", "--", "a"], (RunOptions(continues="r7", entry="e3"), ("a",))),
        (["--help"], None),
        (["--", ""], (RunOptions(), ("",))),
        (["--"], None),
        (["--no-ask=1", "--", "a"], None),
        (["a", "--", "b"], None),
        (["--what"], None),
        (["--wat", "x", "--", "a"], None),
        (["--what", "--", "a"], None),
    ],
)  # fmt: skip
def test_a_plain_command_line_is_read_quickly(
    words: list[str], expected: tuple[RunOptions, tuple[str, ...]] | None
) -> None:
    assert plain_run(["run", *words]) == expected


def test_bytes_that_are_no_text_are_taken_from_what_was_typed() -> None:
    assert command_behind_dashes(("a", "\ufffd"), ["run", "--", "a", "\ufffd"], ["x", "a", "\udcff"]) == ("a", "\udcff")
    assert command_behind_dashes(("a",), ["run", "--", "a"], ["something", "else"]) == ("a",)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("yes", Answer("", Verdict.kept)),
        ("Yes, 99.1 to 99.3", Answer("99.1 to 99.3", Verdict.kept)),
        ("no: it fell", Answer("it fell", Verdict.dropped)),
        ("no change at all", Answer("no change at all", Verdict.dropped)),
        ("partly", Answer("", Verdict.unclear)),
        ("kept 99.3", Answer("99.3", Verdict.kept)),
        ("dropped", Answer("", Verdict.dropped)),
        ("unclear - too noisy", Answer("too noisy", Verdict.unclear)),
        ("nothing changed", Answer("nothing changed", None)),
        ("yesterday's was better", Answer("yesterday's was better", None)),
        ("0.3 up", Answer("0.3 up", None)),
        ("+0.3", Answer("+0.3", None)),
    ],
)  # fmt: skip
def test_what_is_answered_is_understood(line: str, expected: Answer) -> None:
    assert answer(line) == expected


@pytest.mark.parametrize(
    ("names", "telling"),
    [
        (["train/loss", "validation/accuracy", "validation/loss"], "validation/accuracy"),
        (["loss", "val_acc", "lr"], "val_acc"),
        (["epoch", "val_loss", "train_loss"], "val_loss"),
        (["epoch", "loss"], "loss"),
        (["b", "a"], "a"),
        ([], None),
    ],
)
def test_the_metric_that_one_asks_for_first(names: list[str], telling: str | None) -> None:
    line = end_line([Ref(Kind.run, 1)], RunStatus.finished, timedelta(seconds=8), dict.fromkeys(names, 1.0))
    assert line == f"r1 finished in 8 s{f' · {telling} 1' if telling else ''} · journal show r1"


def test_the_line_at_the_end() -> None:
    from datetime import timedelta

    took = timedelta(minutes=3, seconds=12)
    line = end_line([Ref(Kind.run, 12)], RunStatus.finished, took, {"validation/accuracy": 0.985})
    assert line == "r12 finished in 3 min · validation/accuracy 0.985 · journal show r12"
    many = [Ref(Kind.run, number) for number in range(12, 24)]
    assert end_line(many, RunStatus.killed, took, {}) == "12 runs, r12 to r23, killed after 3 min · journal runs list"


def test_last_is_what_the_last_journal_run_made_until_something_else_is_shown(
    run: Run, paths: Paths, tmp_path: Path
) -> None:
    assert journal_run("--what", "alone", "--", "true", cwd=tmp_path).returncode == 0
    assert run("show", "last", "--json").json["ref"] == "r1"
    run("log", "older")
    assert run("show", "last", "--json").json["ref"] == "e2"
    assert journal_run("--what", "theirs", "--", *JOURNAL, "run", "--", "true", cwd=tmp_path).returncode == 0
    assert run("outcome", "last", "it held").code == 0  # an entry is wanted
    assert (_entry(paths, Ref(Kind.entry, 3)).title, _entry(paths, Ref(Kind.entry, 3)).outcome) == ("theirs", "it held")
    assert run("show", "last", "--json").json["ref"] == "e3"
    assert journal_run("--", "true", cwd=tmp_path).returncode == 0
    newest = run("runs", "list", "--json").json[0]["ref"]
    assert run("rm", "last").code == 0
    assert newest not in [each["ref"] for each in run("runs", "list", "--json").json]
