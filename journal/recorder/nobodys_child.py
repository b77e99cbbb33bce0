"""Processes of our own beside a training: nobody's children, so that who waits for its children never meets them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

# What embeds or freezes Python calls itself `sys.executable`: started once more, it would train once more.
_NAMES = ("python", "pypy")
_START_S = 2.0
# With our own path: it imports what this process would, whatever lies where the person stands.
_CALL = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from {0} import {1}; {1}(*sys.argv[2:])"


def call_apart(module: str, function: str, *arguments: str, environment: Mapping[str, str] | None = None) -> bool:
    """Begin to call a function of ours in a process that outlives us; whether one was started."""
    return start_python(to_call(module, function, *arguments), environment=environment, patience_s=_START_S)


def to_call(module: str, function: str, *arguments: str) -> tuple[str, ...]:
    """The arguments with which a Python calls a function of ours with these texts. Pure but for `sys.path`."""
    return ("-P", "-c", _CALL.format(module, function), json.dumps(sys.path), *arguments)


def start_python(
    arguments: tuple[str, ...],
    *,
    environment: Mapping[str, str] | None = None,
    folder: str | None = None,
    patience_s: float,
) -> bool:
    """Start this process's Python with these arguments, deaf and mute; whether it could be. Takes some milliseconds.

    It has a session of its own: Ctrl-C in the terminal is not for it. Without `environment` and `folder` it has ours.
    """
    program = sys.executable or ""
    if getattr(sys, "frozen", False) or not Path(program).name.startswith(_NAMES):
        return False
    try:
        # The shell ends at once, and nobody has to wait for what it started.
        done = subprocess.run(
            ["/bin/sh", "-c", '"$@" </dev/null >/dev/null 2>&1 &', "sh", program, *arguments],
            env=environment, cwd=folder, start_new_session=True, timeout=patience_s,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, ValueError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
