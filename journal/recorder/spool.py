"""The spool: a folder in which every event is one file, until the journal takes it in.

A training process never opens the journal: it may run in a foreign environment, on a cluster node, or
while the journal is locked. It leaves events here; the next command or the interface takes them in.
One file an event, under a temporary name first and then renamed, needs no lock on any file system.

An event is `<uid>.json`; its form is in `events`.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from journal.errors import Unreadable
from journal.ids import is_uid
from journal.paths import made
from journal.recorder.events import Event, decode, encode

MAX_EVENT_BYTES = 8 * 1024 * 1024
REFUSED = "refused"
PATIENCE_S = 5.0


# ---------------------------------------------------------------- writing


def write(folder: Path, event: Event, *, patience_s: float | None = None) -> bool:
    """Keep `event` in `folder`, created where needed; whether it is there. Never raises and never waits for long."""
    return do(folder, lambda: put(folder, event), patience_s=patience_s)


def do(folder: Path, work: Callable[[], object], *, patience_s: float | None = None) -> bool:
    """Do `work` in `folder`; whether it is done. Never raises and never waits for long: `patience_s`, else PATIENCE_S.

    A folder that is missing, full, read-only or hangs must not stop a training run, so what goes wrong
    is one sentence on stderr, once per process. The work is done in a thread of its own, which goes on where
    we do not wait any more: a dead NFS server blocks `open` and `fsync` for minutes, and no timeout reaches them.
    """
    problem: list[Exception] = []

    def attempt() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - whatever it is, the training goes on
            problem.append(error)

    writer = threading.Thread(target=attempt, name="journal-spool", daemon=True)
    try:
        writer.start()
    except RuntimeError:  # no more threads, or the interpreter is shutting down
        attempt()
    else:
        # While an earlier event still hangs, a further wait would only be lost time.
        _hanging[:] = [thread for thread in _hanging if thread.is_alive()]
        writer.join(0 if _hanging else PATIENCE_S if patience_s is None else patience_s)
        if writer.is_alive():
            _hanging.append(writer)
            warn_once(folder, "it does not answer")
            return False
    if problem:
        warn_once(folder, getattr(problem[0], "strerror", None) or str(problem[0]))
    return not problem


def put(folder: Path, event: Event) -> Path:
    """Write `event` to its file and return the path. Raises what the file system raises."""
    content = encode(event)
    if len(content) > MAX_EVENT_BYTES:
        raise ValueError(f"an event of {len(content)} bytes is over the limit of {MAX_EVENT_BYTES}")
    path = made(folder) / f"{event.uid}.json"
    draft = folder / f".{event.uid}.{os.getpid()}.tmp"
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    return path


_hanging: list[threading.Thread] = []
_warned = False


def warn_once(folder: Path, reason: str) -> None:
    """Say once in this process that `folder` cannot be written."""
    global _warned
    if _warned:
        return
    _warned = True
    # stderr may be closed, or None in a windowed program.
    with suppress(Exception):
        print(  # noqa: T201 - a training process has no other channel of ours
            f"journal: this is not being recorded, since {str(folder)!r} cannot be written ({reason}); "
            "your program goes on unchanged.",
            file=sys.stderr,
        )


# ---------------------------------------------------------------- reading


def pending(folder: Path) -> list[Path]:
    """The files of the events that wait in `folder`, in the order of their uids."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".json" and is_uid(path.stem))
    except (FileNotFoundError, NotADirectoryError):
        return []


def read(path: Path) -> Event:
    """The event in `path`.

    Raises NewerEvent for a later format, Unreadable for anything else that is no event of ours, and
    OSError (FileNotFoundError where another process was faster) where the file could not be read: it
    may be good, and must not be refused.
    """
    with path.open("rb") as file:
        content = file.read(MAX_EVENT_BYTES + 1)
    if len(content) > MAX_EVENT_BYTES:
        raise Unreadable(f"{path.name} in the spool is larger than {MAX_EVENT_BYTES} bytes.")
    try:
        return decode(content, path.stem)
    except (
        ValueError,
        RecursionError,
    ) as error:  # a UnicodeDecodeError and a JSONDecodeError are ValueErrors
        raise Unreadable(f"{path.name} in the spool is not an event: {error}.") from error


def refuse(path: Path) -> Path:
    """Move a file that is no event to `refused/` beside it, where a person may look at it."""
    folder = made(path.parent / REFUSED)
    target, count = folder / path.name, 0
    while target.exists():
        count += 1
        target = folder / f"{path.stem}.{count}{path.suffix}"
    return path.rename(target)
