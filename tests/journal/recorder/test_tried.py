"""`journal.tried` records what happens around a program and changes nothing in it."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import signal
import subprocess
import sys
import threading
import traceback
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import journal
from journal.ids import is_uid
from journal.paths import at_home
from journal.recorder import spool
from journal.recorder.belonging import NOTE_VARIABLE
from journal.recorder.events import CapturedEvent, EndedEvent, Event, OutcomeEvent, RunEvent, TriedEvent
from journal.recorder.tried import ENTRY_VARIABLE, Trial, current_trial
from journal.types import Verdict

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def a_process_that_has_not_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "_warned", False)


@pytest.fixture
def folder(home: Path) -> Path:
    return at_home(home).spool


def events(folder: Path) -> list[Event]:
    """But for what surrounds the trials: test_trial_surroundings has it."""
    found = (spool.read(path) for path in spool.pending(folder))
    return [event for event in found if not isinstance(event, CapturedEvent)]


def run_script(script: str, home: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LABJOURNAL_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, **options
    )  # fmt: skip


# ---------------------------------------------------------------- what is recorded


def test_a_trial_is_kept_before_its_body_runs_and_its_end_after(folder: Path):
    with journal.tried("cosine", why="plateau", expect="+0.3", papers=["1608.03983"]) as trial:
        (began,) = events(folder)
        assert isinstance(began, TriedEvent)
        assert (began.what, began.why, began.expect, began.papers) == ("cosine", "plateau", "+0.3", ("1608.03983",))
        assert began.uid == trial.uid
        assert (began.pid, began.cwd) == (os.getpid(), str(Path.cwd()))
    _, ended = events(folder)
    assert isinstance(ended, EndedEvent)
    assert (ended.session, ended.exit, ended.error) == (trial.uid, "finished", "")


def test_what_it_is_about_is_kept(folder: Path):
    with journal.tried("AdamW", attribute="optimiser"):
        pass
    journal.tried("AdamW", attribute="optimiser")(lambda: None)()
    began = [event for event in events(folder) if isinstance(event, TriedEvent)]
    assert [event.attribute for event in began] == ["optimiser", "optimiser"]


def test_a_notebook_is_known_by_its_name(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """The arguments of its kernel say nothing: they are the same for all notebooks."""
    monkeypatch.setattr(sys, "argv", ["/site/ipykernel_launcher.py", "-f", "/run/kernel-1234.json"])
    cell = compile("with journal.tried('cosine'):\n    pass\n", "<ipython-input-3>", "exec")
    exec(cell, {"journal": journal})
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/me/mnist.ipynb")
    exec(cell, {"journal": journal})
    began = [event for event in events(folder) if isinstance(event, TriedEvent)]
    assert [event.argv for event in began] == [("a notebook",), ("/home/me/mnist.ipynb",)]


def test_neither_the_command_line_nor_a_traceback_keeps_a_token(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MY_SERVICE_TOKEN", "correct horse battery")
    monkeypatch.setattr(sys, "argv", ["train.py", "--api-key", "plainword", "--lr", "0.1", "correct horse battery"])
    with pytest.raises(ValueError), journal.tried("cosine"):
        raise ValueError("refused: correct horse battery")
    began, ended = events(folder)
    assert isinstance(began, TriedEvent)
    assert isinstance(ended, EndedEvent)
    assert began.argv == ("train.py", "--api-key", "[redacted]", "--lr", "0.1", "[redacted]")
    assert "horse" not in ended.error
    assert "refused: [redacted]" in ended.error


def test_arguments_that_cannot_be_looked_through_are_left_out(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "argv", ["train.py", "--api-key", "plainword"])
    monkeypatch.setitem(sys.modules, "journal.recorder.kept_words", None)
    with journal.tried("cosine"):
        pass
    began = events(folder)[0]
    assert isinstance(began, TriedEvent)
    assert began.argv == ("train.py",)


def test_what_is_said_keeps_no_token_by_its_shape(folder: Path):
    key = "sk-" + "a1B2" * 8
    with journal.tried(f"with {key}", why="postgres://u:hunter@db/x", expect=f"ghp_{'a1B2' * 9}") as trial:
        trial.outcome(f"token: the {key} is gone")
        assert "hunter" not in trial.note
    told = " ".join(path.read_text() for path in spool.pending(folder))
    assert "a1B2" not in told
    assert "hunter" not in told
    assert "token: the [redacted] is gone" in told


def test_a_trial_over_several_cells_of_a_notebook(folder: Path, capsys: pytest.CaptureFixture[str]):
    tried = journal.tried("cosine")
    with pytest.raises(AttributeError, match=r"has not begun.*\.start\(\)"):
        tried.run("0" * 32)
    tried.end()
    assert "a trial that has not begun cannot end" in capsys.readouterr().err
    trial = tried.start()
    assert current_trial() is trial
    trial.outcome("99.3", verdict="kept")
    trial.end()
    trial.end()
    assert current_trial() is None
    assert [type(event) for event in events(folder)] == [TriedEvent, OutcomeEvent, EndedEvent]
    with (step := journal.tried("step")):
        step.end()
    assert [type(event) for event in events(folder)[3:]] == [TriedEvent, EndedEvent]


def test_a_why_that_no_environment_can_hold_is_kept_all_the_same(folder: Path):
    with journal.tried("nul \0", why="surrogate \ud800"):
        assert os.environ[NOTE_VARIABLE] == "journal entry: nul \ufffd\n\nWhy: surrogate ?"
    assert NOTE_VARIABLE not in os.environ
    began = events(folder)[0]
    assert isinstance(began, TriedEvent)
    assert (began.what, began.why) == ("nul \0", "surrogate \ud800")


def test_a_spawned_child_belongs_to_the_trial(home: Path, folder: Path):
    """As the workers of a loader, or the processes of a sweep."""
    script = (
        "import multiprocessing, sys\n"
        "def work(queue):\n"
        "    from journal.recorder.belonging import belonging\n"
        "    queue.put(belonging().entry)\n"
        "if __name__ == '__main__':\n"
        "    import journal\n"
        "    with journal.tried('cosine') as trial:\n"
        "        for way in ('spawn', 'fork'):\n"
        "            context = multiprocessing.get_context(way); queue = context.Queue()\n"
        "            process = context.Process(target=work, args=[queue]); process.start()\n"
        "            assert queue.get(timeout=60) == trial.uid; process.join()\n"
    )
    file = home.parent / "train.py"
    file.write_text(script)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LABJOURNAL_HOME": str(home)}
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert len([event for event in events(folder) if isinstance(event, TriedEvent)]) == 1


def test_outcome_and_run_belong_to_their_trial(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///here.db")
    with journal.tried("cosine") as trial:
        trial.outcome("99.1 -> 99.3", verdict="kept")
        trial.run("0" * 32)
        trial.run("1" * 32, "https://me:secret@lab.example/mlflow")
    trial.outcome("after a night's sleep: no")
    of = [event for event in events(folder) if not isinstance(event, TriedEvent)]
    assert {event.entry for event in of if isinstance(event, OutcomeEvent | RunEvent)} == {trial.uid}
    assert [(event.text, event.verdict) for event in of if isinstance(event, OutcomeEvent)] == [
        ("99.1 -> 99.3", Verdict.kept),
        ("after a night's sleep: no", None),
    ]
    assert [(event.run_id, event.tracking_uri) for event in of if isinstance(event, RunEvent)] == [
        ("0" * 32, f"sqlite:///{tmp_path}/here.db"),
        ("1" * 32, "https://me@lab.example/mlflow"),  # passwords are not kept
    ]


def fail() -> None:
    raise LookupError("no such layer")


def test_an_exception_is_recorded_with_its_traceback_and_raised_again_unchanged(folder: Path):
    thrown = LookupError("no such layer")
    with pytest.raises(LookupError) as caught, journal.tried("cosine"):
        raise thrown
    assert caught.value is thrown
    assert thrown.__cause__ is None
    assert thrown.__context__ is None
    assert {Path(frame.filename).name for frame in traceback.extract_tb(thrown.__traceback__)} == {Path(__file__).name}
    ended = events(folder)[-1]
    assert isinstance(ended, EndedEvent)
    assert ended.exit == "failed"
    assert ended.error.startswith("Traceback (most recent call last):")
    assert ended.error.endswith("LookupError: no such layer\n")


def test_the_recorded_traceback_of_a_decorated_function_shows_the_program_alone(folder: Path):
    with pytest.raises(LookupError):
        journal.tried("cosine")(fail)()
    ended = events(folder)[-1]
    assert isinstance(ended, EndedEvent)
    assert "in fail" in ended.error
    assert "in_trial" not in ended.error


def test_an_exception_is_not_kept_alive(folder: Path):
    class Held:
        pass

    def body() -> weakref.ref[Held]:
        held = Held()
        try:
            with journal.tried("cosine"):
                raise ValueError(held)
        except ValueError:
            return weakref.ref(held)

    reference = body()
    gc.collect()
    assert reference() is None


def test_an_exception_that_cannot_be_printed_is_still_raised_and_recorded(folder: Path):
    class Unprintable(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    with pytest.raises(Unprintable), journal.tried("cosine"):
        raise Unprintable
    ended = events(folder)[-1]
    assert isinstance(ended, EndedEvent)
    assert "Unprintable" in ended.error


def test_a_huge_traceback_keeps_its_beginning_and_its_end(folder: Path):
    with pytest.raises(ValueError), journal.tried("cosine"):
        raise ValueError("x" * 1_000_000 + "the very end")
    ended = events(folder)[-1]
    assert isinstance(ended, EndedEvent)
    assert ended.error.startswith("Traceback")
    assert ended.error.endswith("the very end\n")
    assert len(ended.error) < 300_000


@pytest.mark.parametrize(
    ("thrown", "how"),
    [
        (KeyboardInterrupt(), "interrupted"),
        (asyncio.CancelledError(), "interrupted"),
        (SystemExit(), "finished"),
        (SystemExit(0), "finished"),
        (SystemExit(3), "failed"),
        (SystemExit("no data"), "failed"),
        (MemoryError(), "failed"),
    ],
    ids=repr,
)
def test_how_a_trial_ended_is_told_apart(folder: Path, thrown: BaseException, how: str):
    with pytest.raises(type(thrown)), journal.tried("cosine"):
        raise thrown
    ended = events(folder)[-1]
    assert isinstance(ended, EndedEvent)
    assert ended.exit == how
    assert (ended.error == "") == (how == "finished")


def test_a_killed_training_leaves_what_was_tried(home: Path, folder: Path):
    script = (
        "import journal, time\n"
        "with journal.tried('cosine', why='plateau'):\n"
        "    print('training', flush=True)\n"
        "    time.sleep(600)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        # Not measured: a killed process would leave half a data file to coverage.
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")},
            "PYTHONPATH": str(ROOT),
            "LABJOURNAL_HOME": str(home),
        },
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"training\n"
    process.kill()
    process.wait()
    process.stdout.close()
    (began,) = events(folder)
    assert isinstance(began, TriedEvent)
    assert (began.what, began.why, began.pid) == ("cosine", "plateau", process.pid)


# ---------------------------------------------------------------- as a decorator


def test_each_call_of_a_decorated_function_is_a_trial_of_its_own(folder: Path):
    @journal.tried("cosine", papers=("1608.03983",))
    def train(rate: float, *, steps: int) -> tuple[float, int, str]:
        """Trains."""
        trial = current_trial()
        assert trial is not None
        return rate, steps, trial.uid

    first, second = train(0.1, steps=3), train(0.2, steps=4)
    assert (first[:2], second[:2]) == ((0.1, 3), (0.2, 4))
    assert first[2] != second[2]
    assert [event.uid for event in events(folder) if isinstance(event, TriedEvent)] == [first[2], second[2]]
    assert (train.__name__, train.__doc__) == ("train", "Trains.")


def test_decorating_alone_records_nothing(folder: Path):
    journal.tried("cosine")(fail)
    assert events(folder) == []


async def test_a_decorated_coroutine_is_in_its_trial_until_it_ends(folder: Path):
    @journal.tried("cosine")
    async def train(name: str) -> tuple[str, str]:
        before = current_trial()
        await asyncio.sleep(0)
        assert current_trial() is before is not None
        return name, before.uid

    (one, uid), (other, other_uid) = await asyncio.gather(train("a"), train("b"))
    assert (one, other) == ("a", "b")
    assert uid != other_uid
    assert len(events(folder)) == 4
    assert current_trial() is None
    assert ENTRY_VARIABLE not in os.environ


def test_a_generator_cannot_be_decorated_since_its_body_runs_later():
    def batches() -> Any:
        yield 1

    with pytest.raises(TypeError, match="generator"):
        journal.tried("cosine")(batches)


# ---------------------------------------------------------------- which trial is open


def test_trials_nest_and_each_is_restored(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(ENTRY_VARIABLE, "given by the launcher")
    with journal.tried("outer") as outer:
        with journal.tried("inner") as inner:
            assert current_trial() is inner
            assert os.environ[ENTRY_VARIABLE] == inner.uid
        assert current_trial() is outer
        assert os.environ[ENTRY_VARIABLE] == outer.uid
    assert current_trial() is None
    assert os.environ[ENTRY_VARIABLE] == "given by the launcher"


def test_the_variable_is_gone_after_the_last_trial_even_when_threads_overlap():
    """Opened first and closed first, while another thread's trial is open."""
    opened, closed = threading.Event(), threading.Event()
    seen: list[Trial | None] = []

    def other() -> None:
        seen.append(current_trial())
        with journal.tried("in a thread"):
            opened.set()
            closed.wait()

    thread = threading.Thread(target=other)
    with journal.tried("in the main thread") as trial:
        thread.start()
        opened.wait()
        assert current_trial() is trial
    assert is_uid(os.environ[ENTRY_VARIABLE])
    assert os.environ[ENTRY_VARIABLE] != trial.uid
    closed.set()
    thread.join()
    assert seen == [None]
    assert ENTRY_VARIABLE not in os.environ


def test_what_the_program_itself_put_into_the_variable_stays(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(ENTRY_VARIABLE, "what this test leaves it at")
    with journal.tried("cosine"):
        os.environ[ENTRY_VARIABLE] = "its own"
    assert os.environ[ENTRY_VARIABLE] == "its own"
    assert NOTE_VARIABLE not in os.environ


def test_a_child_process_finds_the_entry_in_its_environment(folder: Path):
    with journal.tried("cosine") as trial:
        seen = subprocess.run(
            [sys.executable, "-c", f"import os; print(os.environ[{ENTRY_VARIABLE!r}])"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    assert seen.stdout.strip() == trial.uid


def test_a_forked_worker_that_leaves_the_block_does_not_end_the_trial(home: Path, folder: Path):
    script = (
        "import journal, os, sys\n"
        "with journal.tried('cosine') as trial:\n"
        "    if os.fork() == 0: sys.exit(1)\n"
        "    os.wait()\n"
    )
    assert run_script(script, home).returncode == 0
    ended = [event for event in events(folder) if isinstance(event, EndedEvent)]
    assert [event.exit for event in ended] == ["finished"]


def test_a_trial_is_entered_once():
    trial = journal.tried("cosine")
    with trial:
        pass
    with pytest.raises(RuntimeError, match="entered once"):
        trial.__enter__()


# ---------------------------------------------------------------- mistakes of the person are said at the call


@pytest.mark.parametrize(
    ("call", "error", "reason"),
    [
        (lambda: journal.tried(3), TypeError, "what must be a text"),  # type: ignore[arg-type]
        (lambda: journal.tried("  "), ValueError, "must not be empty"),
        (lambda: journal.tried("x", why=None), TypeError, "why must be a text"),  # type: ignore[arg-type]
        (lambda: journal.tried("x", expect=0.3), TypeError, "expect must be a text"),  # type: ignore[arg-type]
        (lambda: journal.tried("x", papers="1608.03983"), TypeError, "list of texts"),
        (lambda: journal.tried("x", papers=1608.03983), TypeError, "list of texts"),  # type: ignore[arg-type]
        (lambda: journal.tried("x", papers=[1608.03983]), TypeError, "in quotes"),  # type: ignore[list-item]
        (lambda: journal.tried("x", "because"), TypeError, "positional"),  # type: ignore[call-arg]
        (lambda: journal.tried("x")(3), TypeError, "decorates a function"),  # type: ignore[arg-type]
    ],
)
def test_arguments_that_make_no_sense_are_refused_at_the_call(call: Any, error: type[Exception], reason: str):
    with pytest.raises(error, match=reason):
        call()


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("arguments", "kept", "said"),
    [
        ((0.93,), ("0.93", None), ""),
        ((np.float32(0.5), "kept"), ("0.5", "kept"), ""),
        ((np.array(0.5),), ("0.5", None), ""),
        ((["a", 1],), ("['a', 1]", None), "an outcome is a text or a number, not list; it is kept as"),
        ((None, "kept"), ("None", "kept"), "an outcome is a text or a number, not NoneType"),
        (("better", "splendid"), ("better (verdict: splendid)", None), "kept, dropped or unclear, not 'splendid'"),
        (("better", True), ("better (verdict: True)", None), "kept, dropped or unclear, not 'True'"),
        ((Unprintable(), "kept"), ("Unprintable", "kept"), "an outcome is a text or a number, not Unprintable"),
        (("better", Unprintable()), ("better (verdict: Unprintable)", None), "not 'Unprintable'; it is kept with"),
    ],
)
def test_an_outcome_never_raises_and_what_can_be_kept_is_kept(
    arguments: Any, kept: tuple[str, str | None], said: str, folder: Path, capsys: pytest.CaptureFixture[str]
):
    """It is said after the training: an exception there costs what was trained."""
    with journal.tried("cosine") as trial:
        trial.outcome(*arguments)
    outcomes = [(event.text, event.verdict) for event in events(folder) if isinstance(event, OutcomeEvent)]
    assert outcomes == [kept]
    told = capsys.readouterr().err
    assert said in told
    assert bool(said) == bool(told)


def test_an_outcome_that_cannot_be_freed_of_secrets_is_not_kept_and_nothing_is_raised(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    with journal.tried("cosine") as trial:
        monkeypatch.setitem(sys.modules, "journal.recorder.kept_words", None)
        trial.outcome("better than before")
    assert not any(isinstance(event, OutcomeEvent) for event in events(folder))
    assert "this outcome is not recorded (ModuleNotFoundError)" in capsys.readouterr().err


def test_what_was_made_before_the_with_block_is_its_trial(folder: Path, capsys: pytest.CaptureFixture[str]):
    tried = journal.tried("cosine")
    with tried:
        tried.outcome("99.3", verdict="kept")
        tried.run("0" * 32)
        assert tried.uid == events(folder)[0].uid
    tried.outcome(99.4)
    of = [event.entry for event in events(folder) if isinstance(event, OutcomeEvent | RunEvent)]
    assert of == [tried.uid] * 3
    assert capsys.readouterr().err == ""


def test_the_outcome_of_a_trial_that_never_began_is_kept_with_what_was_tried(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    tried = journal.tried("cosine")
    tried.outcome(0.93, "kept")
    began, outcome, ended = events(folder)
    assert isinstance(began, TriedEvent)
    assert isinstance(outcome, OutcomeEvent)
    assert isinstance(ended, EndedEvent)
    assert (began.what, outcome.entry, outcome.text, outcome.verdict) == ("cosine", began.uid, "0.93", "kept")
    assert "had not begun" in capsys.readouterr().err


def test_a_run_id_that_is_no_text_is_refused():
    with journal.tried("cosine") as trial:
        with pytest.raises(TypeError, match="run_id"):
            trial.run(7)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="tracking_uri"):
            trial.run("0" * 32, Path("mlflow.db"))  # type: ignore[arg-type]


# ---------------------------------------------------------------- nothing of the program is changed


def test_the_random_numbers_of_the_program_stay_the_same_bit_for_bit(folder: Path):
    def states() -> tuple[object, str]:
        return random.getstate(), json.dumps(np.random.get_state(legacy=False), default=lambda value: value.tolist())

    before = states()
    with journal.tried("cosine", papers=["1608.03983"]) as trial:
        trial.outcome("better", "kept")
        trial.run("0" * 32)
    assert states() == before
    assert len(events(folder)) == 4


def test_hooks_handlers_and_threads_are_left_alone(home: Path):
    script = (
        "import signal, sys, threading, warnings, logging, journal\n"
        "def state():\n"
        "    return (sys.excepthook, threading.excepthook, sys.unraisablehook, sys.gettrace(), threading.active_count(),\n"
        "            [signal.getsignal(number) for number in signal.valid_signals()],\n"
        "            [*warnings.filters], [*logging.getLogger().handlers])\n"
        "before = state()\n"
        "with journal.tried('cosine') as trial:\n"
        "    inside = state(); trial.outcome('better')\n"
        "assert before == inside == state()\n"
    )
    done = run_script(script, home)
    assert (done.returncode, done.stderr) == (0, "")


def test_where_nothing_can_be_recorded_the_program_runs_as_without_it(home: Path, capsys: pytest.CaptureFixture[str]):
    home.write_text("a file where the journal's home should be")
    done = []
    with pytest.raises(LookupError, match="no such layer"), journal.tried("cosine") as trial:
        trial.outcome("better")
        trial.run("0" * 32)
        done.append(trial.uid)
        fail()
    assert is_uid(done[0])
    assert capsys.readouterr().err.count("\n") == 1
    assert ENTRY_VARIABLE not in os.environ


def test_a_spool_that_hangs_holds_the_program_up_once_and_loses_nothing(home: Path, folder: Path):
    script = """\
import threading, journal
from journal.recorder import presence, spool
answers = threading.Event()

def hanging(work):
    def when_it_answers(*given):
        answers.wait()
        return work(*given)
    return when_it_answers

spool.put, presence.announce, presence.withdraw = map(hanging, (spool.put, presence.announce, presence.withdraw))
spool.PATIENCE_S = 0.1
with journal.tried('cosine'):
    spool.PATIENCE_S = 3600.0
    print('trained')
answers.set()
for thread in spool._hanging: thread.join()
"""
    done = run_script(script, home, timeout=120)
    assert (done.returncode, done.stdout) == (0, "trained\n")
    assert done.stderr.count("\n") == 1
    assert "it does not answer" in done.stderr
    assert [type(event) for event in events(folder)] == [TriedEvent, EndedEvent]


def test_a_program_in_a_removed_folder_can_be_recorded(home: Path, folder: Path):
    script = (
        "import os, tempfile, journal\n"
        "gone = tempfile.mkdtemp(); os.chdir(gone); os.rmdir(gone)\n"
        "with journal.tried('cosine'): pass\n"
    )
    done = run_script(script, home)
    assert (done.returncode, done.stderr) == (0, "")
    began = events(folder)[0]
    assert isinstance(began, TriedEvent)
    assert began.cwd == ""


def test_recording_needs_the_standard_library_alone(home: Path):
    """`pip install --no-deps labjournal` in a training environment is enough."""
    script = (
        "import sys; before = set(sys.modules)\n"
        "import journal\n"
        "with journal.tried('cosine') as trial: trial.outcome('better')\n"
        "import journal.recorder.tracking\n"
        "names = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(names - sys.stdlib_module_names))\n"
    )
    done = run_script(script, home)
    assert done.stderr == ""
    assert done.stdout.strip() == "['journal']"


def test_ctrl_c_ends_the_program_as_always_and_is_recorded(home: Path, folder: Path):
    script = (
        "import journal, os, signal, time\n"
        "with journal.tried('cosine'):\n"
        "    os.kill(os.getpid(), signal.SIGINT); time.sleep(600)\n"
    )
    done = run_script(script, home)
    assert done.returncode == -signal.SIGINT
    assert done.stderr.rstrip().endswith("KeyboardInterrupt")
    ended = events(folder)[-1]
    assert isinstance(ended, EndedEvent)
    assert ended.exit == "interrupted"
