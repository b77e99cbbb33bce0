"""What surrounds a command: code, packages, hardware, environment, data. Captured by whoever launches it.

`capture_before` takes what is fast, so that a crash loses nothing; `capture_after` what is slow, once the
command runs. Neither ever raises, waits for long, runs anything of the user's, or keeps a secret
(`secrets` has the rule). What is missing is said in its section as `left out`.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from journal.git_head import holding_folder
from journal.recorder.capture.data import KnownData, data_after, data_before, written_to
from journal.recorder.capture.environment import chosen_environment
from journal.recorder.capture.git_state import code_sections
from journal.recorder.capture.hardware import family_of, fast_hardware, machine, slow_hardware
from journal.recorder.capture.interpreter import interpreter_of
from journal.recorder.capture.packages import package_folders, packages_in
from journal.recorder.capture.secrets import redacted_argv, redacted_text, redacted_values, secrets_in
from journal.recorder.capture.seeds import command_section, script_of
from journal.recorder.capture.together import LATE, Late, together
from journal.recorder.events import Facts
from journal.words import WRITTEN_TO

__all__ = ["capture_after", "capture_at_end", "capture_before"]

BEFORE_S = 1.5
AFTER_S = 10.0
AT_END_S = 0.5
_LEFT_OUT = "left out"


def capture_before(
    command: Sequence[str],
    cwd: Path,
    environ: Mapping[str, str],
    *,
    known_data: KnownData | None = None,
    looks: dict[str, str] | None = None,
) -> Facts:
    """The sections that are fast to take, before `command` starts in `cwd` with `environ`; BEFORE_S at the most.

    `known_data` is what `queries.datasets.known_data` tells: their content need not be read again. `looks`
    gets how the data that the command names look, for `capture_at_end`.
    """
    deadline = time.monotonic() + BEFORE_S
    known = secrets_in(environ)
    tasks: dict[str, Callable[[], Facts]] = {
        "code": partial(_code, command, cwd, known, deadline),
        "packages": partial(_packages, command, cwd, environ, deadline),
        "hardware": lambda: {"hardware": fast_hardware(), "system": machine()},
        "environment": lambda: {"environment": chosen_environment(environ, known)},
        "command": lambda: {"command": command_section(redacted_argv(command, known), environ, cwd)},
        "data": lambda: {"data": data_before(command, cwd, known_data or {}, deadline, looks)},
    }
    return _told(together(tasks, deadline + 0.1), known)


def capture_after(
    command: Sequence[str],
    cwd: Path,
    environ: Mapping[str, str],
    *,
    before: Facts | None = None,
    known_data: KnownData | None = None,
    pid: int | None = None,
) -> Facts:
    """The sections that are slow to take, whole, to replace those of `capture_before`; AFTER_S at the most.

    `pid` is the command: what it and its children compute is its own. What `before`, the facts of
    `capture_before`, lacks because it took too long is tried again.
    """
    deadline = time.monotonic() + AFTER_S
    known = secrets_in(environ)
    own = family_of(pid) if pid is not None else frozenset[int]()
    before = before or {}
    tasks: dict[str, Callable[[], Facts]] = {
        "hardware": partial(_hardware, environ, own, deadline - 0.2),
        "data": partial(_data, command, cwd, known_data or {}, deadline - 0.2),
    }
    if _is_late(before.get("code")) or _is_late(before.get("patch")):
        tasks["code"] = lambda: _later(_code(command, cwd, known, deadline - 0.2))
    if _is_late(before.get("packages")):
        tasks["packages"] = partial(_packages, command, cwd, environ, deadline - 0.2)
    return _told(together(tasks, deadline), known)


def capture_at_end(looks: Mapping[str, str], environ: Mapping[str, str]) -> Facts:
    """The section that tells which data were written to meanwhile, if any were; AT_END_S at the most."""
    written = written_to(looks, time.monotonic() + AT_END_S) if looks else {}
    return {WRITTEN_TO: _without_secrets(WRITTEN_TO, written, secrets_in(environ))} if written else {}


def _code(command: Sequence[str], cwd: Path, known: Sequence[str], deadline: float) -> Facts:
    code, patch = code_sections(cwd, script_of(command, cwd), known, deadline)
    return {"code": code, "patch": patch}


def _packages(command: Sequence[str], cwd: Path, environ: Mapping[str, str], deadline: float) -> Facts:
    found = interpreter_of(command, cwd, environ)
    python = {
        "version": found.version,
        "implementation": found.implementation,
        "executable": found.executable,
        "prefix": found.prefix,
        _LEFT_OUT: found.note,
    }
    return {
        "python": {name: value for name, value in python.items() if value},
        "packages": packages_in(package_folders(found, environ, cwd), holding_folder(cwd), deadline),
    }


def _hardware(environ: Mapping[str, str], own: frozenset[int], deadline: float) -> Facts:
    slow = slow_hardware(environ, own, deadline)
    return {"hardware": {**fast_hardware(), **slow}} if slow else {}


def _data(command: Sequence[str], cwd: Path, known_data: KnownData, deadline: float) -> Facts:
    if sys.platform == "linux":  # where this is of the thread alone: reading must not compete with the command
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
    return data_after(command, cwd, known_data, deadline)


def _told(done: Mapping[str, Facts | Exception], known: Sequence[str]) -> Facts:
    """The sections of what was done in time, without secrets once more; of what was not, that it was not."""
    facts: Facts = {}
    for name, result in done.items():
        if isinstance(result, Exception):
            facts[name] = {_LEFT_OUT: str(result) if isinstance(result, Late) else f"it failed: {result}"}
        else:
            facts |= {section: values for section, values in result.items() if values}
    return {name: _without_secrets(name, values, known) for name, values in facts.items()}


def _without_secrets(section: str, values: Mapping[str, str], known: Sequence[str]) -> dict[str, str]:
    """What the parts took out already, looked at once more; names decide where they are a person's."""
    if section in {"command", "environment"}:
        return redacted_values(values, known)
    is_done = {"tracked"} | {name for name in values if section == "patch" and name.startswith("untracked/")}
    return {
        redacted_text(name, known): value if name in is_done else redacted_text(value, known)
        for name, value in values.items()
    }


def _later(facts: Facts) -> Facts:
    """Says that the files were read behind the start of the command."""
    facts["code"]["read"] = "after the command began"
    return facts


def _is_late(section: Mapping[str, str] | None) -> bool:
    told = (section or {}).get(_LEFT_OUT, "")
    return LATE in told or "did not answer in time" in told
