"""What surrounds a trial of a script or notebook that nobody launched is known, and its process notices nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from journal import db
from journal.ids import new_uid
from journal.paths import Paths, at_home
from journal.queries.datasets import is_fingerprint
from journal.queries.sessions import facts_of_run
from journal.recorder import spool, surroundings, trial_surroundings
from journal.recorder.belonging import SESSION_VARIABLE
from journal.recorder.events import CapturedEvent, Facts, TriedEvent
from journal.recorder.trial_surroundings import notebook_name
from journal.store.intake import take_in_spool
from journal.types import Kind, Ref
from journal.words import AS_IN
from tests.journal.recorder.scripts import environment
from tests.journal.recorder.scripts import run as run_file
from tests.journal.recorder.test_tried import run_script
from tests.launching import JOURNAL, wait_for
from tests.launching import environment as launching
from tests.repositories import CODE, committed, git, made

SECRET = "correct horse battery"
TRIAL = """\
import journal, sys
with journal.tried('cosine') as trial:
    trial.run(sys.argv[1] * 32, 'sqlite:////s')
"""


def captured(home: Path) -> list[CapturedEvent]:
    folder = at_home(home).spool
    found = [spool.read(path) for path in spool.pending(folder)]
    return [event for event in found if isinstance(event, CapturedEvent)]


def facts(home: Path, count: int = 1) -> list[Facts]:
    """What was captured, as soon as it is of so many trials."""
    wait_for(lambda: len({event.session for event in captured(home)}) == count)
    return [event.facts for event in captured(home)]


@pytest.fixture
def nets(tmp_path: Path) -> Path:
    return made(tmp_path / "nets")


def run(home: Path, root: Path, *arguments: str, **variables: str) -> None:
    done = run_file(TRIAL, environment(home) | variables, *arguments, cwd=root)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# ---------------------------------------------------------------- what is known afterwards


def test_two_trials_in_two_commits_differ_by_the_code_between_them(paths: Paths, home: Path, nets: Path) -> None:
    before = git(nets, "rev-parse", "HEAD")
    run(home, nets, "a", "--lr", "0.1")
    facts(home, 1)
    (nets / "train.py").write_text(CODE.replace("smoothing=0.1", "smoothing=0.2"))
    after = committed(nets)
    (nets / "sweep.py").write_text("for seed in range(3): ...\n")
    run(home, nets, "b", "--lr", "0.2")
    first, second = facts(home, 2)
    assert first["code"] == {"root": str(nets), "commit": before, "branch": "main", "dirty": "no"}
    assert second["code"]["commit"] == after
    assert second["patch"] == {"untracked/sweep.py": "for seed in range(3): ...\n"}
    assert first["command"]["arg.lr"] == "0.1"
    assert first["python"]["executable"] == sys.executable
    assert "pytest" in first["packages"]
    assert {"hardware", "system"} <= first.keys()
    assert take_in_spool(paths) == 0
    told = subprocess.run(
        [*JOURNAL, "runs", "diff", "r1", "r2"], env=launching(), cwd=nets, capture_output=True, text=True, check=True
    ).stdout
    assert "train.py +1 -1" in told
    assert "sweep.py added +1 -0 (uncommitted in r2)" in told
    assert "lr  0.1 → 0.2" in told


def test_trials_of_one_process_share_what_surrounds_them(paths: Paths, home: Path, nets: Path) -> None:
    script = "import journal\nfor name in 'abc':\n    with journal.tried('x') as trial: trial.run(name * 32)\n"
    done = run_file(script, environment(home), cwd=nets)
    assert (done.returncode, done.stderr) == (0, "")
    whole = [each for each in facts(home, 3) if AS_IN not in each]
    assert len(whole) == 1, "it is looked at once"
    assert take_in_spool(paths) == 0
    with closing(db.connect(paths)) as connection:
        known = [facts_of_run(connection, Ref(Kind.run, number)) for number in (1, 2, 3)]
    assert known[0] == known[1] == known[2] == whole[0]


@pytest.mark.parametrize("late", [False, True], ids=["before it is known", "after it is known"])
def test_who_shares_may_come_before_or_after(paths: Paths, home: Path, nets: Path, tmp_path: Path, late: bool) -> None:
    run_file(
        "import journal\nfor name in 'ab':\n    with journal.tried('x') as trial: trial.run(name * 32)\n",
        environment(home), cwd=nets,
    )  # fmt: skip
    facts(home, 2)
    aside = tmp_path / "aside"
    aside.mkdir()
    for event in captured(home):
        if (AS_IN in event.facts) == late:
            shutil.move(paths.spool / f"{event.uid}.json", aside)
    take_in_spool(paths)
    for path in aside.iterdir():
        shutil.move(path, paths.spool)
    take_in_spool(paths)
    with closing(db.connect(paths)) as connection:
        first, second = (facts_of_run(connection, Ref(Kind.run, number)) for number in (1, 2))
    assert first == second
    assert second["code"]["root"] == str(nets)


def test_a_notebook_that_goes_on_for_long_is_looked_at_again(home: Path, nets: Path) -> None:
    script = """\
import journal, subprocess, time
from journal.recorder import trial_surroundings
with journal.tried('in the morning'): pass
time.monotonic = lambda then=time.monotonic: then() + 301
with journal.tried('in the evening'): pass
"""
    run_file(script, environment(home), cwd=nets)
    assert all("code" in each for each in facts(home, 2))


def test_another_working_directory_is_another_place(home: Path, nets: Path, tmp_path: Path) -> None:
    other = made(tmp_path / "other")
    script = f"""\
import journal, os
with journal.tried('here'): pass
os.chdir({str(other)!r})
with journal.tried('there'): pass
"""
    run_file(script, environment(home), cwd=nets)
    assert {each["code"]["root"] for each in facts(home, 2)} == {str(nets), str(other)}


def test_no_secret_is_kept(home: Path, nets: Path) -> None:
    (nets / "train.py").write_text(CODE + f"print('{SECRET}')\nAPI_KEY = 'plainword1234'\n")
    (nets / ".env").write_text("TOKEN=hidden-in-a-file\n")
    run(home, nets, "a", "--api-key", "otherword1234", MY_SERVICE_TOKEN=SECRET, CUDA_LAUNCH=f"with {SECRET}")
    (found,) = facts(home)
    assert "[redacted]" in found["command"]["line"]
    assert "+print(" in found["patch"]["tracked"]
    assert found["environment"]["CUDA_LAUNCH"] == "with [redacted]"
    for secret in (SECRET, "plainword1234", "hidden-in-a-file", "otherword1234"):
        assert secret not in str(found), secret


def test_inside_of_journal_run_nothing_is_captured_twice(home: Path, nets: Path) -> None:
    """`journal run` says itself what surrounds the command; a trial in it starts no process."""
    script = """\
import journal, sys
started = []
sys.addaudithook(lambda event, arguments: started.append(event) if event == 'subprocess.Popen' else None)
with journal.tried('cosine'): pass
print(started)
"""
    done = run_file(script, environment(home) | {SESSION_VARIABLE: new_uid()}, cwd=nets)
    assert done.stdout == "[]\n"
    assert run_file(script, environment(home), cwd=nets).stdout == "['subprocess.Popen']\n"


def test_of_a_notebook_its_file_is_kept_and_its_kernels_command_is_not(home: Path, tmp_path: Path) -> None:
    notebook = tmp_path / "work" / "mnist.ipynb"
    notebook.parent.mkdir()
    notebook.write_text('{"cells": ["x = 1"]}')
    script = "import sys, journal\nsys.argv[0] = '/site/ipykernel_launcher.py'\nwith journal.tried('cosine'): pass\n"
    done = run_file(
        script, environment(home) | {"JPY_SESSION_NAME": str(notebook)}, "-f", "/run/kernel-1.json", cwd=notebook.parent
    )
    assert (done.returncode, done.stderr) == (0, "")
    (found,) = facts(home)
    assert "command" not in found
    assert "kernel-1" not in str(found)
    assert found["patch"] == {"untracked/mnist.ipynb": '{"cells": ["x = 1"]}'}
    assert found["python"]["executable"] == sys.executable


def test_what_is_no_notebook_has_no_name_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "a terminal of Jupyter")
    monkeypatch.setattr(sys, "argv", ["train.py"])
    assert notebook_name() is None
    monkeypatch.setattr(sys, "argv", [])
    assert notebook_name() is None


def test_data_that_the_command_names_has_a_fingerprint(home: Path, nets: Path, tmp_path: Path) -> None:
    data = tmp_path / "digits.npy"
    data.write_bytes(b"\x93NUMPY" * 100)
    script = "import journal, time\nwith journal.tried('x'): time.sleep(1)\n"
    run_file(script, environment(home), "--data", str(data), cwd=nets)
    wait_for(lambda: any(is_fingerprint(event.facts.get("data", {}).get(str(data), "")) for event in captured(home)))


# ---------------------------------------------------------------- the process of the training


def test_the_process_is_as_it_was(home: Path, nets: Path) -> None:
    """Its folder, environment, random numbers, signals, threads, open files, and it has no child to wait for."""
    script = """\
import journal, os, random, signal, subprocess, sys, threading
def state():
    return (os.getcwd(), dict(os.environ), random.getstate(), signal.pthread_sigmask(signal.SIG_BLOCK, []),
            [signal.getsignal(number) for number in signal.valid_signals()], threading.active_count(),
            sorted(os.listdir('/dev/fd')), sys.path[:], sys.excepthook)
with journal.tried('what loads everything'): pass
import journal.recorder.trial_surroundings as surroundings
surroundings._last = None
before = state()
tried = journal.tried('cosine')
with tried:
    inside = state()
    inside[1].pop('LABJOURNAL_ENTRY'), inside[1].pop('LABJOURNAL_NOTE')
    try: os.waitpid(-1, os.WNOHANG)
    except ChildProcessError: print('no child')
assert before == inside == state()
"""
    done = run_script(script, home, cwd=nets)
    assert (done.returncode, done.stdout, done.stderr) == (0, "no child\n", "")
    facts(home, 2)


@pytest.mark.parametrize("ignored", ["SIG_IGN", "SIG_DFL"])
def test_a_program_that_ignores_its_children_goes_on(home: Path, nets: Path, ignored: str) -> None:
    script = (
        f"import signal, journal\nsignal.signal(signal.SIGCHLD, signal.{ignored})\n"
        "with journal.tried('x'): print('went on')\n"
    )
    done = run_script(script, home, cwd=nets)
    assert (done.returncode, done.stdout, done.stderr) == (0, "went on\n", "")
    facts(home)


def test_an_exception_at_once_is_still_surrounded(home: Path, nets: Path) -> None:
    done = run_script("import journal, os\nwith journal.tried('x'): os._exit(3)\n", home, cwd=nets)
    assert (done.returncode, done.stderr) == (3, "")
    (found,) = facts(home)
    assert found["code"]["branch"] == "main"


def test_without_git_the_rest_is_known(home: Path, nets: Path) -> None:
    run(home, nets, "a", PATH="/nowhere")
    (found,) = facts(home)
    assert found["code"]["commit"] == git(nets, "rev-parse", "HEAD")
    assert "git is not installed" in found["code"]["left out"]


def test_in_a_removed_folder_nothing_is_raised(home: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    script = (
        "import os, sys, journal\n"
        f"os.mkdir({str(gone)!r}); os.chdir({str(gone)!r}); os.rmdir({str(gone)!r})\n"
        "with journal.tried('cosine'): pass\n"
    )
    done = run_script(script, home)
    assert (done.returncode, done.stderr) == (0, "")
    (found,) = facts(home)
    assert found["code"]["left out"] == "all: the working directory is gone"


def test_where_the_spool_takes_nothing_one_sentence_is_said_as_ever(home: Path, nets: Path) -> None:
    home.write_text("a file where the journal's home should be")
    done = run_script("import journal\nfor name in 'ab':\n    with journal.tried(name): print(name)\n", home, cwd=nets)
    assert (done.returncode, done.stdout) == (0, "a\nb\n")
    assert done.stderr.count("\n") == 1
    assert "is not being recorded" in done.stderr


@pytest.mark.parametrize("executable", ["''", "None", "'/bin/false'", "sys.executable + '/gone/python'"])
def test_what_embeds_python_is_never_started_once_more(home: Path, nets: Path, executable: str) -> None:
    script = f"import sys, journal\nsys.executable = {executable}\nwith journal.tried('x'): print('went on')\n"
    done = run_script(script, home, cwd=nets)
    assert (done.returncode, done.stdout, done.stderr) == (0, "went on\n", "")
    kinds = [type(spool.read(path)) for path in spool.pending(at_home(home).spool)]
    assert kinds[0] is TriedEvent
    assert CapturedEvent not in kinds


def test_the_process_beside_ends_behind_the_training_whatever_it_looks_at(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []

    class Endless:
        def __init__(self, *_: object, **__: object) -> None: ...
        def wait(self, patience_s: float) -> None: ...
        def look_on(self, pid: int) -> None:
            looked.append(pid)

        def are_known(self) -> bool:
            return False

    monkeypatch.setattr(surroundings, "Surroundings", Endless)
    training = subprocess.Popen(["true"])
    training.wait()
    trial_surroundings.main(new_uid(), str(training.pid), "yes", "python", "train.py")
    assert looked == [training.pid]


def test_no_process_can_be_started_and_nothing_is_raised(home: Path, nets: Path) -> None:
    script = (
        "import resource, journal\n"
        "with journal.tried('what loads everything'): pass\n"
        "journal.recorder.trial_surroundings._last = None\n"
        "import os; held = [os.dup(0) for _ in range(50)]\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (max(held) + 1, max(held) + 1))\n"
        "try: os.pipe()\n"
        "except OSError: print('full')\n"
        "with journal.tried('x'): print('went on')\n"
    )
    done = run_script(script, home, cwd=nets)
    assert (done.returncode, done.stdout) == (0, "full\nwent on\n")
    assert "Traceback" not in done.stderr


def test_what_the_program_put_before_the_standard_library_is_not_run(home: Path, nets: Path) -> None:
    """A folder of the project, or its current one, may hold a `json.py`; the process beside it never loads it."""
    (nets / "json.py").write_text("open('ran', 'w')\n")
    (nets / "sqlite3.py").write_text("open('ran', 'w')\n")
    done = run_script(
        "import sys; sys.path.remove('')\nimport journal\nwith journal.tried('x'): pass\n", home, cwd=nets
    )
    assert (done.returncode, done.stderr) == (0, "")
    (found,) = facts(home)
    assert "code" in found
    assert not (nets / "ran").exists()
