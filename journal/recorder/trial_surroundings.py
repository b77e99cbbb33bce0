"""What surrounds a trial that no `journal run` is around: captured as there, by a process of its own.

In the training process nothing is read, no thread is started and no process is left to wait for: it starts the
other one, which takes some milliseconds, and goes on. That one ends by itself, soon after the training at the latest.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import journal
from journal.ids import new_uid
from journal.recorder import presence, spool
from journal.recorder.belonging import session_around
from journal.recorder.events import CapturedEvent
from journal.words import AS_IN

_FRESH_S = 300.0  # a notebook runs for days, while the code around it changes
_START_S = 2.0
_QUICK_S = 10.0  # a disk may hang
_REST_S = 1.0  # for what is still being looked at when the training is over
_LOOK_EVERY_S = 0.2
_KERNELS = frozenset({"ipykernel_launcher.py", "colab_kernel_launcher.py"})
# Behind everything else, where the training process found it: nothing beside it is put before the standard library.
_CODE = f"import sys; sys.path.append(sys.argv.pop(1)); from {__name__} import main; main(*sys.argv[1:])"


# ---------------------------------------------------------------- in the training process


@dataclass(frozen=True, slots=True)
class _Captured:
    session: str  # empty where it could not be started
    folder: Path
    cwd: str
    at: float


_last: _Captured | None = None


def capture(folder: Path, session: str) -> None:
    """Let the surroundings of this trial come into the spool `folder`. Once in some minutes; the trials between say
    that theirs are those. Raises nothing of its own."""
    with suppress(Exception):  # whatever it is, the training goes on
        if not session_around():
            _capture(folder, session)


def _capture(folder: Path, session: str) -> None:
    global _last
    try:
        cwd = os.getcwd()  # noqa: PTH109 - a text is compared
    except OSError:  # it was removed
        cwd = ""
    now, last = time.monotonic(), _last
    if last is not None and (last.folder, last.cwd) == (folder, cwd) and now - last.at < _FRESH_S:
        if last.session:
            facts = {AS_IN: {"session": last.session}}
            spool.write(folder, CapturedEvent(uid=new_uid(), session=session, facts=facts))
        return
    from journal.recorder.nobodys_child import start_python

    root = str(Path(journal.__file__).resolve().parents[1])
    notebook = notebook_name()
    command = sys.orig_argv if notebook is None else [sys.executable, *filter(None, [notebook])]
    if "--multiprocessing-fork" in command:  # a worker: its own command line says nothing
        command = [sys.executable, *sys.argv]
    is_command = "no" if notebook is not None else "yes"
    words = ("-P", "-S", "-c", _CODE, root, session, str(os.getpid()), is_command, *command)
    is_started = start_python(words, patience_s=_START_S)
    _last = _Captured(session if is_started else "", folder, cwd, now)


def notebook_name() -> str | None:
    """The file of the notebook whose kernel this process is, empty where it is not known; None of any other."""
    argv = getattr(sys, "argv", None) or [""]
    return (
        os.environ.get("JPY_SESSION_NAME", "") if Path(str(argv[0])).name in _KERNELS else None
    )  # by Jupyter Server 2


# ---------------------------------------------------------------- the process beside it


def main(session: str, pid: str, is_command: str, *command: str) -> None:
    """Capture what surrounds the process `pid`, whose environment and working directory are ours, too.

    `is_command` is `no` where `command` is no command line: a Python and the file that it works on.
    """
    from journal import paths
    from journal.clock import now
    from journal.recorder.surroundings import Surroundings

    training = presence.of_process(int(pid))
    python = command[0] if command and shutil.which(command[0]) == sys.executable else sys.executable
    left_out = frozenset[str]() if is_command == "yes" else frozenset({"command"})
    surroundings = Surroundings(session, paths.find(), (python, *command[1:]), os.environ, left_out=left_out)
    surroundings.wait(_QUICK_S)
    surroundings.look_on(training.pid)
    while not surroundings.are_known() and not presence.is_over(training, now()):
        surroundings.wait(_LOOK_EVERY_S)
    surroundings.wait(_REST_S)
