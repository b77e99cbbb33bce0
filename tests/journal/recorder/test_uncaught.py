"""What ends a process of `journal run` is recorded with its traceback, and ends it as it did before."""

from __future__ import annotations

from pathlib import Path

import pytest

from journal.ids import new_uid
from journal.paths import at_home
from journal.recorder import spool
from journal.recorder.belonging import SESSION_VARIABLE
from journal.recorder.events import ErrorEvent
from tests.journal.recorder.scripts import environment, run

FAILS = """
import sys, journal
sys.excepthook = (lambda before: lambda *error: (print('mine', error[0].__name__), before(*error)))(sys.excepthook)
with journal.tried('cosine'): pass
def layer(): raise LookupError('no such layer')
layer()
"""


def errors(home: Path) -> list[ErrorEvent]:
    events = [spool.read(path) for path in spool.pending(at_home(home).spool)]
    return [event for event in events if isinstance(event, ErrorEvent)]


def test_an_uncaught_exception_is_recorded_and_ends_the_program_as_before(home: Path):
    session = new_uid()
    bare = run(FAILS.replace("with journal.tried('cosine'): pass", "pass"), environment(home))
    assert errors(home) == []
    done = run(FAILS, environment(home) | {SESSION_VARIABLE: session})
    assert (done.returncode, done.stdout) == (bare.returncode, bare.stdout) == (1, "mine LookupError\n")
    assert done.stderr.replace("with journal.tried('cosine'): pass", "pass") == bare.stderr
    (event,) = errors(home)
    assert event.session == session
    assert event.error == done.stderr


def test_mlflow_alone_is_enough(home: Path, mlflow_store: Path):
    done = run("import mlflow\nraise LookupError\n", environment(home, mlflow_store) | {SESSION_VARIABLE: new_uid()})
    assert done.returncode == 1
    (event,) = errors(home)
    assert event.error == done.stderr


@pytest.mark.parametrize("end", ["raise KeyboardInterrupt", "raise SystemExit(3)", "import sys; sys.exit('no data')"])
def test_ctrl_c_and_exit_are_no_errors(home: Path, end: str):
    run(f"import journal\nwith journal.tried('x'): pass\n{end}\n", environment(home) | {SESSION_VARIABLE: new_uid()})
    assert errors(home) == []


def test_outside_of_a_launch_the_hook_is_left_alone(home: Path):
    run(FAILS, environment(home))
    assert errors(home) == []
