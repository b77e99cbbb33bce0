"""Asking git: processes that run nothing a repository's own settings name, take no lock, write nothing, and end.

No hook, file system monitor, external diff, text conversion or pager is started, and nothing is fetched.
Filters (`filter.<name>.clean`) are started by git where it compares changed files, unless `filters_off` of
their names is passed.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MOST_WAITED_S = 10.0
_CHUNK = 1 << 16
# Set by git for its hooks: there they would name the hook's repository, whatever the folder.
_NOT_PASSED = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"}
_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C",
}  # fmt: skip
_OPTIONS = ("--literal-pathspecs", "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")


class GitSilent(Exception):
    """Git is missing, refuses, or did not answer in time; the text says which."""


def answer(folder: Path, *words: str, deadline: float | None = None) -> bytes:
    """All that git says in `folder`, until `time.monotonic()` is `deadline`. Raises GitSilent."""
    return b"".join(chunks(folder, *words, deadline=deadline))


def chunks(folder: Path, *words: str, deadline: float | None = None) -> Iterator[bytes]:
    """What git says, piece by piece; whoever stops reading ends it. Raises GitSilent."""
    deadline = time.monotonic() + MOST_WAITED_S if deadline is None else deadline
    with _running(folder, words) as process, selectors.DefaultSelector() as selector:
        assert process.stdout is not None
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise GitSilent("git did not answer in time")
            chunk = os.read(process.stdout.fileno(), _CHUNK)
            if not chunk:
                break
            yield chunk
        try:
            code = process.wait(max(0.01, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise GitSilent("git did not answer in time") from None
        if code != 0:
            raise GitSilent("git refuses")


def filters_off(names: Iterable[str]) -> list[str]:
    """The options with which git does not start these filters."""
    return [
        word
        for name in names
        for key, value in (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false"))
        for word in ("-c", f"filter.{name}.{key}={value}")
    ]


@contextmanager
def _running(folder: Path, words: Iterable[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, which is ended with whatever it started."""
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED} | _ENVIRONMENT
    try:
        process = subprocess.Popen(
            ["git", *_OPTIONS, *words],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise GitSilent("git is not installed" if folder.is_dir() else "the folder is gone") from None
    except (OSError, ValueError) as error:
        raise GitSilent(f"git cannot be started: {error}") from error
    try:
        yield process
    finally:
        if process.poll() is None:
            with suppress(OSError):
                if hasattr(os, "killpg"):
                    os.killpg(process.pid, signal.SIGKILL)
                else:
                    process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
