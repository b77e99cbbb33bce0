"""`journal run` runs a command as if it were not there, and knows afterwards how it ended."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from journal import db
from journal.paths import Paths
from journal.queries.entries import get_entry
from journal.recorder import presence, spool
from journal.recorder.events import CapturedEvent, EndedEvent, EntryEvent, LaunchedEvent
from journal.store.intake import take_in_spool
from journal.store.vanishing import settle_vanished
from journal.types import Kind, Ref, RunStatus, SessionExit
from tests.launching import (
    JOURNAL,
    PATIENCE_S,
    are_open,
    environment,
    journal_run,
    journal_run_begun,
    runs,
    session,
    wait_for,
    written,
)

PYTHON = (sys.executable, "-S", "-c")
# But for the signals 32 and 33, which glibc keeps to itself, and ignores in what posix_spawn starts (as make does).
DISPOSITIONS = (
    *PYTHON,
    "import re; print({name: int(mask, 16) & ~(3 << 31) for name, mask in "
    "re.findall(r'Sig(Blk|Ign|Cgt):\\s*(\\w+)', open('/proc/self/status').read())})",
)


# ---------------------------------------------------------------- before it starts


def test_what_is_tried_is_on_disk_before_the_command_starts(paths: Paths, tmp_path: Path) -> None:
    done = journal_run(
        "--what", "cosine", "--why", "a plateau", "--expect", "+0.3", "--paper", "1608.03983", "--",
        "sh", "-c", 'cat "$LABJOURNAL_HOME"/spool/*.json | tee copy; ls "$LABJOURNAL_HOME"/spool/alive',
        cwd=tmp_path,
    )  # fmt: skip
    assert '"event": "entry"' in done.stdout
    assert '"event": "launched"' in done.stdout
    take_in_spool(paths)
    entry = get_entry(db.connect(paths), Ref(Kind.entry, 1))
    assert (entry.title, entry.why, entry.expect) == ("cosine", "a plateau", "+0.3")
    (run,) = runs(paths)
    assert {(link.relation, str(link.ref)) for link in run.links} == {("tests", "e1"), ("about", "p1")}
    assert f"{session(paths).uid}.json" in done.stdout  # the sign of life
    assert not list((paths.spool / "alive").iterdir())


def test_why_without_what_is_about_the_command(paths: Paths, tmp_path: Path) -> None:
    journal_run("--why", "curious", "--", "sh", "-c", "true", cwd=tmp_path)
    take_in_spool(paths)
    entry = get_entry(db.connect(paths), Ref(Kind.entry, 1))
    assert (entry.title, entry.why) == ("sh -c true", "curious")


def test_without_a_word_no_entry_is_written(paths: Paths, tmp_path: Path) -> None:
    journal_run("--", "true", cwd=tmp_path)
    (run,) = runs(paths)
    assert run.title == "true"
    assert not run.links


def test_the_wrapper_killed_while_it_records_loses_nothing(paths: Paths, tmp_path: Path) -> None:
    begun = journal_run_begun("--what", "a long one", "--", "sleep", "60", cwd=tmp_path)
    wait_for(lambda: len(spool.pending(paths.spool)) >= 2)
    begun.kill()
    begun.wait(PATIENCE_S)
    kinds = {type(spool.read(path)) for path in spool.pending(paths.spool)}
    assert kinds >= {EntryEvent, LaunchedEvent}
    for found in presence.present(paths.spool).values():
        if found.pid != begun.pid:
            os.kill(found.pid, signal.SIGKILL)


# ---------------------------------------------------------------- untouched


@pytest.mark.parametrize("code", [0, 1, 3, 128, 130, 255])
def test_the_exit_code_is_that_of_the_command(paths: Paths, tmp_path: Path, code: int) -> None:
    done = journal_run("--", "sh", "-c", f"exit {code}", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")
    told = {0: SessionExit.finished, 130: SessionExit.interrupted}.get(code, SessionExit.failed)
    assert (session(paths).exit, session(paths).code) == (told, code)


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (signal.SIGKILL, SessionExit.killed),
        (signal.SIGTERM, SessionExit.killed),
        (signal.SIGSEGV, SessionExit.failed),
        (signal.SIGABRT, SessionExit.failed),
        (signal.SIGILL, SessionExit.failed),
        (signal.SIGINT, SessionExit.interrupted),
    ],
)
def test_a_command_that_a_signal_ends_ends_us_by_the_same(
    paths: Paths, tmp_path: Path, number: signal.Signals, told: SessionExit
) -> None:
    done = journal_run("--", "sh", "-c", f"kill -{number.value} $$", cwd=tmp_path)
    assert done.returncode == -number
    assert (session(paths).exit, session(paths).signal, session(paths).code) == (told, number, None)
    assert runs(paths)[0].status == str(told)


def test_what_a_shell_tells_of_a_killed_program_is_understood(paths: Paths, tmp_path: Path) -> None:
    done = journal_run("--", "sh", "-c", "sh -c 'kill -9 $$'; exit $?", cwd=tmp_path)
    assert done.returncode == 137
    assert (session(paths).exit, session(paths).signal) == (SessionExit.killed, signal.SIGKILL)


def test_what_a_shell_tells_of_a_program_that_crashed_is_understood(paths: Paths, tmp_path: Path) -> None:
    journal_run("--", "sh", "-c", "sh -c 'kill -SEGV $$'; exit $?", cwd=tmp_path)
    assert (session(paths).exit, session(paths).signal, session(paths).code) == (
        SessionExit.failed,
        signal.SIGSEGV,
        139,
    )


def test_in_a_folder_that_was_removed_the_command_runs_and_nothing_is_said(paths: Paths, tmp_path: Path) -> None:
    script = 'mkdir gone; cd gone; rmdir ../gone; exec "$@"'
    command = ["sh", "-c", script, "sh", *JOURNAL, "run", "--", "sh", "-c", "echo ran"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "ran\n")
    assert "Traceback" not in done.stderr
    assert take_in_spool(paths) == 0
    with closing(sqlite3.connect(paths.journal)) as connection:
        (told,) = connection.execute("SELECT content FROM capture JOIN facts USING (digest) WHERE section = 'code'")
    assert "the working directory is gone" in told[0]


def test_every_word_arrives_as_it_was_typed(paths: Paths, tmp_path: Path) -> None:
    words: list[bytes] = [
        b"",
        b"a b",
        b"--what",
        b"--",
        b"-h",
        b"line\nline",
        b"\x1b[31mred",
        b"\xff\xfe",
        "é".encode(),
    ]
    show = "import os, sys; sys.stdout.buffer.write(b'|'.join(map(os.fsencode, sys.argv[1:])))"
    done = journal_run("--", *PYTHON, show, *words, cwd=tmp_path, text=False)
    assert done.stdout == b"|".join(words)
    assert done.returncode == 0
    assert session(paths).argv[4:8] == ("", "a b", "--what", "--")


def test_a_million_characters_of_arguments_are_no_hindrance(paths: Paths, tmp_path: Path) -> None:
    words = ["x" * 100_000] * 10
    show = "import sys; print(sum(map(len, sys.argv[1:])))"
    done = journal_run("--", *PYTHON, show, *words, cwd=tmp_path)
    assert done.stdout == "1000000\n"
    assert sum(map(len, session(paths).argv)) < 100_000


def test_streams_and_descriptors_are_inherited(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    done = journal_run(
        "--", "bash", "-c", f"cat; echo err >&2; echo three >&{writing}", cwd=tmp_path, input="typed", stdin=None,
        pass_fds=(writing,),
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as third:
        assert (done.stdout, done.stderr, third.read()) == ("typed", "err\n", "three\n")


def test_the_environment_is_the_same_but_for_what_names_the_run(tmp_path: Path) -> None:
    plain = subprocess.run(["env", "-0"], env=environment(), capture_output=True, cwd=tmp_path, text=True).stdout
    ours = journal_run("--", "env", "-0", cwd=tmp_path).stdout
    before, after = (dict(line.split("=", 1) for line in text.split("\0") if line) for text in (plain, ours))
    added = {"LABJOURNAL_SESSION", "MLFLOW_RUN_CONTEXT", "MLFLOW_DISABLE_TELEMETRY"}
    assert {key: value for key, value in after.items() if key not in added} == before
    assert json.loads(after["MLFLOW_RUN_CONTEXT"]) == {"journal.session": after["LABJOURNAL_SESSION"]}


@pytest.mark.parametrize(
    "around",
    [(), ("nohup",), ("sh", "-c", 'trap "" INT QUIT USR1; exec "$@"', "sh")],
    ids=["plain", "nohup", "ignored"],
)
def test_the_command_has_the_dispositions_that_we_were_given(tmp_path: Path, around: tuple[str, ...]) -> None:
    options: dict[str, Any] = {
        "env": environment(), "capture_output": True, "stdin": subprocess.DEVNULL, "cwd": tmp_path,
    }  # fmt: skip
    plain = subprocess.run([*around, *DISPOSITIONS], **options)
    ours = subprocess.run([*around, *JOURNAL, "run", "--", *DISPOSITIONS], **options)
    assert ours.stdout == plain.stdout != b""


def test_the_command_is_in_our_process_group(tmp_path: Path) -> None:
    show = "import os; print(os.getpgid(os.getppid()) == os.getpgrp(), os.getsid(0) == os.getsid(os.getppid()))"
    assert journal_run("--", *PYTHON, show, cwd=tmp_path).stdout == "True True\n"


# ---------------------------------------------------------------- what cannot be started


def test_a_command_that_does_not_exist(paths: Paths, tmp_path: Path) -> None:
    done = journal_run("--what", "a typo", "--", "no\x1b[31msuch", cwd=tmp_path)
    assert done.returncode == 127
    assert done.stderr.count("\n") == 1
    assert "cannot be started: No such file or directory." in done.stderr
    assert "\x1b" not in done.stderr
    assert (session(paths).exit, session(paths).code) == (SessionExit.failed, 127)
    assert "No such file" in session(paths).error


def test_a_command_that_is_not_executable(paths: Paths, tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("no program")
    done = journal_run("--", "./data.txt", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (126, 1)
    assert runs(paths)[0].status is RunStatus.failed


def test_a_script_without_its_interpreter_is_run_by_sh(tmp_path: Path) -> None:
    script = tmp_path / "train"
    script.write_text("echo trained $1\n")
    script.chmod(0o755)
    assert journal_run("--", "./train", "well", cwd=tmp_path).stdout == "trained well\n"


# ---------------------------------------------------------------- signals


@pytest.mark.parametrize("name", ["TERM", "HUP", "USR1", "USR2", "QUIT", "INT"])
def test_a_signal_sent_to_us_reaches_the_command(tmp_path: Path, name: str) -> None:
    script = f"trap 'echo {name} > heard; exit 7' {name}; echo ready > ready; while :; do sleep 0.05; done"
    begun = journal_run_begun("--", "sh", "-c", script, cwd=tmp_path)
    written(tmp_path / "ready")
    begun.send_signal(getattr(signal, f"SIG{name}"))
    assert begun.wait(PATIENCE_S) == 7
    assert written(tmp_path / "heard") == f"{name}\n"


def test_a_command_that_gives_up_after_sigterm_was_killed(paths: Paths, tmp_path: Path) -> None:
    begun = journal_run_begun(
        "--", "sh", "-c", "trap 'exit 1' TERM; echo ready > ready; while :; do sleep 0.05; done", cwd=tmp_path
    )
    written(tmp_path / "ready")
    begun.terminate()
    assert begun.wait(PATIENCE_S) == 1
    assert (session(paths).exit, session(paths).signal) == (SessionExit.killed, signal.SIGTERM)


def test_a_command_that_saves_after_sigterm_finished(paths: Paths, tmp_path: Path) -> None:
    begun = journal_run_begun(
        "--", "sh", "-c", "trap 'exit 0' TERM; echo ready > ready; while :; do sleep 0.05; done", cwd=tmp_path
    )
    written(tmp_path / "ready")
    begun.terminate()
    assert begun.wait(PATIENCE_S) == 0
    assert session(paths).exit is SessionExit.finished


# ---------------------------------------------------------------- when we, or both, are killed


def test_the_command_outlives_us_and_is_running_until_it_is_over(paths: Paths, tmp_path: Path) -> None:
    script = "echo $$ > pid; while [ ! -e go ]; do sleep 0.05; done; echo said; echo done > result"
    with (tmp_path / "log").open("wb") as log:
        begun = journal_run_begun("--", "sh", "-c", script, cwd=tmp_path, stdout=log)
        pid = int(written(tmp_path / "pid"))
        wait_for(lambda: pid in {each.pid for each in presence.present(paths.spool).values()})
        begun.kill()
        begun.wait(PATIENCE_S)
    take_in_spool(paths)
    settle_vanished(paths)
    assert runs(paths)[0].status is RunStatus.running
    (tmp_path / "go").touch()
    assert written(tmp_path / "result") == "done\n"
    assert (tmp_path / "log").read_text() == "said\n"
    wait_for(lambda: settle_vanished(paths))
    assert runs(paths)[0].status is RunStatus.vanished


def test_both_killed_have_vanished_at_the_last_sign_of_life(paths: Paths, tmp_path: Path) -> None:
    begun = journal_run_begun("--", "sh", "-c", "echo $$ > pid; exec sleep 60", cwd=tmp_path)
    pid = int(written(tmp_path / "pid"))
    wait_for(lambda: pid in {each.pid for each in presence.present(paths.spool).values()})
    begun.kill()
    os.kill(pid, signal.SIGKILL)
    begun.wait(PATIENCE_S)
    (sign,) = presence.present(paths.spool).values()
    take_in_spool(paths)
    wait_for(lambda: settle_vanished(paths))
    (run,) = runs(paths)
    assert run.status is RunStatus.vanished
    assert run.ended_at == sign.beat_at
    assert not are_open(paths)


def test_a_command_that_leaves_something_in_the_background_is_over_when_it_ends(paths: Paths, tmp_path: Path) -> None:
    done = journal_run(
        "--", "sh", "-c", "setsid sh -c 'echo $$ > pid; exec sleep 60' > /dev/null 2>&1 & exit 4", cwd=tmp_path
    )
    assert done.returncode == 4
    assert session(paths).exit is SessionExit.failed
    os.kill(int(written(tmp_path / "pid")), signal.SIGKILL)


# ---------------------------------------------------------------- the tail of its output


def _into_file(tmp_path: Path, redirection: str, command: str) -> str:
    (tmp_path / "script").write_text(command)
    line = f"{' '.join(JOURNAL)} run -- sh script {redirection}"
    subprocess.run(["sh", "-c", line], env=environment(), cwd=tmp_path, stdin=subprocess.DEVNULL, check=True)
    return (tmp_path / "log").read_text()


@pytest.fixture
def _redaction(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("journal.recorder.capture.secrets")


@pytest.mark.usefixtures("_redaction")
@pytest.mark.parametrize("redirection", ["> log 2>&1", ">> log 2>&1", "> log 2> log2", "2>&1 > log 2>&1"])
def test_the_end_of_a_log_file_is_kept(paths: Paths, tmp_path: Path, redirection: str) -> None:
    (tmp_path / "log").write_text("from before\n")
    log = _into_file(tmp_path, redirection, "echo out; echo err >&2")
    assert "journal" not in log
    assert sorted(session(paths).output.split()) == ["err", "out"]


@pytest.mark.usefixtures("_redaction")
def test_of_a_long_log_whole_lines_at_its_end_are_kept(paths: Paths, tmp_path: Path) -> None:
    _into_file(tmp_path, "> log", "seq 1 100000")
    lines = session(paths).output.split()
    assert lines[-1] == "100000"
    assert 60_000 < len(session(paths).output) <= 65_536
    assert int(lines[1]) == int(lines[0]) + 1


def test_of_a_pipe_nothing_is_kept(paths: Paths, tmp_path: Path) -> None:
    done = journal_run("--", "echo", "seen", cwd=tmp_path)
    assert done.stdout == "seen\n"
    assert session(paths).output == ""


# ---------------------------------------------------------------- a journal that cannot be used


def test_a_home_that_cannot_be_made_costs_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = journal_run(
        "--what", "x", "--", "sh", "-c", "echo trained; exit 5", cwd=tmp_path,
        env=environment(LABJOURNAL_HOME=str(tmp_path / "file" / "home")),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (5, "trained\n")
    assert "is not being recorded" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to try it on")
def test_a_full_disk_costs_a_sentence(tmp_path: Path, home: Path) -> None:
    home.mkdir()
    # Every write into the spool fails as on a full disk; a folder that is one is more than a test may make.
    script = (
        "import errno, os, sys\n"
        "def full(*_): raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))\n"
        "os.fsync = full\n"
        "sys.argv = ['journal', 'run', '--', 'sh', '-c', 'echo trained; exit 5']\n"
        "from tui.cli import main\nmain()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(), cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (5, "trained\n")
    assert "No space left on device" in done.stderr


def test_a_locked_journal_costs_and_loses_nothing(paths: Paths, tmp_path: Path) -> None:
    holder = sqlite3.connect(paths.journal, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    done = journal_run("--what", "x", "--", "sh", "-c", "echo trained; exit 5", cwd=tmp_path)
    holder.execute("ROLLBACK")
    holder.close()
    assert (done.returncode, done.stdout, done.stderr) == (5, "trained\n", "")
    take_in_spool(paths)
    assert runs(paths)[0].status is RunStatus.failed


def test_a_damaged_journal_costs_nothing(paths: Paths, tmp_path: Path) -> None:
    paths.journal.write_bytes(b"no database " * 1000)
    done = journal_run("--", "sh", "-c", "echo trained; exit 5", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (5, "trained\n", "")
    assert spool.pending(paths.spool)


def test_a_spool_that_hangs_holds_the_command_up_once_and_loses_nothing(paths: Paths, tmp_path: Path) -> None:
    """Nothing in it answers until the command itself says so; whoever waited for any of it would wait for ever."""
    script = """\
import os, time
from pathlib import Path
from journal import paths
from journal.recorder import launch, presence, spool

def hanging(work):
    def when_it_answers(*given):
        while not Path("answers").exists():
            time.sleep(0.01)
        return work(*given)
    return when_it_answers

spool.put, presence.announce = hanging(spool.put), hanging(presence.announce)
spool.PATIENCE_S = 3600.0
order = launch.Order(command=("sh", "-c", "echo trained; touch answers; sleep 0.5"), what="cosine")
ended = launch.launch(order, paths.find(), os.environ, {}, patience_s=0.2)
print(ended.ending.code)
"""
    (tmp_path / "wrapper.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "wrapper.py"], cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "trained\n0\n"
    assert done.stderr.count("\n") == 1
    assert "it does not answer" in done.stderr
    kinds = {type(spool.read(path)) for path in spool.pending(paths.spool)}
    assert kinds == {EntryEvent, LaunchedEvent, CapturedEvent, EndedEvent}
    assert session(paths).exit is SessionExit.finished
    assert not list((paths.spool / "alive").iterdir())


def test_settings_with_an_error_cost_a_sentence(paths: Paths, tmp_path: Path) -> None:
    paths.settings.parent.mkdir(parents=True)
    paths.settings.write_text("nonsense = 1\n")
    done = journal_run("--", "true", cwd=tmp_path)
    assert done.returncode == 0
    assert "there is no setting 'nonsense'" in done.stderr
    assert runs(paths)[0].status is RunStatus.finished


def test_an_empty_command_is_not_found_as_in_a_shell(paths: Paths, tmp_path: Path) -> None:
    done = journal_run("--what", "x", "--", "", cwd=tmp_path)
    assert done.returncode == 127
    assert "journal: '' cannot be started: No such file or directory." in done.stderr
    assert session(paths).exit is SessionExit.failed


# ---------------------------------------------------------------- sessions inside of sessions


def test_a_run_inside_a_run_knows_the_one_around_it(paths: Paths, tmp_path: Path) -> None:
    journal_run("--what", "the outer", "--", *JOURNAL, "run", "--", "true", cwd=tmp_path)
    take_in_spool(paths)
    with closing(db.connect(paths)) as connection:
        rows = connection.execute("SELECT uid, launch_uid, entry_item_id FROM session ORDER BY id").fetchall()
    (outer, none, entry), (_, launch, inner_entry) = rows
    assert (none, launch) == ("", outer)
    assert entry == inner_entry
