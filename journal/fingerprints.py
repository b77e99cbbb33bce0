"""What a file or folder of data holds, as one fingerprint: wherever it lies, however it is listed.

`sha256:...` of a file is what `sha256sum` says. `tree:...` of a folder is the SHA-256 of the lines that
`sha256sum` prints for its files, in the order of their paths below it (as bytes):

    find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum

Links are followed, once around a loop. What systems leave behind (`.DS_Store`, `.git`, `__pycache__`...) does
not count, nor do sockets, pipes and empty folders. A *look* is of names, sizes and times alone: as long as it
stays the same, nothing was written.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 1 << 20
_MOST_NAMED = 20
_MOST_DEEP = 200  # folders in folders
_LITTER = frozenset(
    {".DS_Store", "Thumbs.db", "desktop.ini", ".git", "__pycache__", ".ipynb_checkpoints", ".directory"}
)
# A pipe that takes the place of a file meanwhile is opened without waiting for who writes to it.
_READS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class TooLate(Exception):
    """It was not done by the deadline, or is larger than wanted."""


@dataclass(frozen=True, slots=True)
class Content:
    """What was read: `unread` names what could not be, up to some, and `fingerprint` is then of the rest."""

    fingerprint: str
    files: int
    bytes: int
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """Names, sizes and times, as one digest."""

    digest: str
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class _File:
    path: bytes  # below the folder
    place: bytes  # on this machine
    status: os.stat_result | None  # None where it cannot be asked


def look_at(path: Path, *, deadline: float | None = None) -> Look:
    """How a file or folder looks, without reading it. Raises OSError where it is not there, TooLate."""
    digest, files, size = hashlib.sha256(), 0, 0
    for file in _files(path, deadline):
        if file.status is None:
            digest.update(b"?\0" + file.path + b"\0")
            continue
        told = f"{file.status.st_size} {file.status.st_mtime_ns} {file.status.st_ctime_ns}"
        digest.update(told.encode() + b"\0" + file.path + b"\0")
        files, size = files + 1, size + file.status.st_size
    return Look(digest.hexdigest(), files, size)


def content_of(
    path: Path,
    *,
    deadline: float | None = None,
    most_bytes: int | None = None,
    tell: Callable[[int], None] = lambda done: None,
) -> Content:
    """Read a file or folder whole. `tell` takes the bytes that are done. Memory does not grow with what it holds.

    Raises OSError where it is not there, or is a file that cannot be read; TooLate at `time.monotonic() ==
    deadline` and above `most_bytes`.
    """
    reading = _Reading(deadline, most_bytes, tell)
    if not path.is_dir():
        digest = reading.digest_of(os.fsencode(path))
        return Content(f"sha256:{digest}", 1, reading.done)
    tree, files, unread = hashlib.sha256(), 0, list[str]()
    for file in _files(path, deadline):
        try:
            if file.status is None:
                raise OSError
            digest = reading.digest_of(file.place)
        except OSError:
            digest = "unreadable"
            unread.append(os.fsdecode(file.path))
        escaped = file.path.replace(b"\\", b"\\\\").replace(b"\n", b"\\n")
        tree.update((b"\\" if escaped != file.path else b"") + digest.encode() + b"  " + escaped + b"\n")
        files += 1
    return Content(f"tree:{tree.hexdigest()}", files, reading.done, tuple(unread[:_MOST_NAMED]))


class _Reading:
    """Reading within bounds, and how far it is."""

    def __init__(self, deadline: float | None, most_bytes: int | None, tell: Callable[[int], None]) -> None:
        self._deadline, self._most_bytes, self._tell = deadline, most_bytes, tell
        self._buffer = memoryview(bytearray(_CHUNK))
        self.done = 0

    def digest_of(self, place: bytes) -> str:
        digest = hashlib.sha256()
        with os.fdopen(os.open(place, _READS), "rb", buffering=0) as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise OSError("no regular file")
            while count := opened.readinto(self._buffer) or 0:
                digest.update(self._buffer[:count])
                self.done += count
                self._tell(self.done)
                if self._most_bytes is not None and self.done > self._most_bytes:
                    raise TooLate(f"it holds more than {self._most_bytes:,} bytes")
                _check(self._deadline)
        return digest.hexdigest()


def _files(path: Path, deadline: float | None) -> Iterator[_File]:
    """The files of a folder in the order of their paths, or the file that `path` is. Raises OSError, TooLate."""
    status = path.stat()
    if stat.S_ISREG(status.st_mode):
        yield _File(b"", os.fsencode(path), status)
    elif stat.S_ISDIR(status.st_mode):
        os.scandir(path).close()  # a folder that cannot be read is no empty one
        yield from _below(os.fsencode(path), b"", ((status.st_dev, status.st_ino),), deadline)
    else:
        raise OSError("it is no file and no folder")


def _below(
    folder: bytes, prefix: bytes, around: tuple[tuple[int, int], ...], deadline: float | None
) -> Iterator[_File]:
    """The files below `folder`; `around` are the folders that it is in, by device and number."""
    _check(deadline)
    entries: list[tuple[bytes, os.stat_result | None]] = []
    try:
        with os.scandir(folder) as found:
            for entry in found:
                if os.fsdecode(entry.name) not in _LITTER:
                    try:
                        entries.append((entry.name, entry.stat()))
                    except OSError:  # a link to nowhere
                        entries.append((entry.name, None))
    except OSError:
        yield _File(prefix.rstrip(b"/"), folder, None)
        return
    for number, (name, status) in enumerate(sorted(entries, key=_in_order)):
        if number % 256 == 0:
            _check(deadline)
        place, path = os.path.join(folder, name), prefix + name  # noqa: PTH118 - of bytes
        if status is None or stat.S_ISREG(status.st_mode):
            yield _File(path, place, status)
        elif stat.S_ISDIR(status.st_mode):
            itself = (status.st_dev, status.st_ino)
            if itself not in around and len(around) < _MOST_DEEP:
                yield from _below(place, path + b"/", (*around, itself), deadline)


def _in_order(entry: tuple[bytes, os.stat_result | None]) -> bytes:
    """Such that the whole paths come out in the order of their bytes: a folder's go on with a slash."""
    name, status = entry
    return name + b"/" if status is not None and stat.S_ISDIR(status.st_mode) else name


def _check(deadline: float | None) -> None:
    if deadline is not None and time.monotonic() > deadline:
        raise TooLate("it took too long")
