"""A file that a person names: opened without waiting for ever, unpacked, and read within bounds."""

from __future__ import annotations

import gzip
import io
import os
import select
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from journal.errors import NotFound, SourceError, TooLarge, Unreadable

STDIN = Path("-")
PATIENCE_S = 5.0  # for somebody to begin to write into a named pipe
_HEAD = 64 * 1024  # bytes, by which one tells what a file holds
_BUFFER = 128 * 1024  # bytes
_GZIP = b"\x1f\x8b"
_MEGABYTE = 1024 * 1024
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)
"""What reading a compressed file may raise in the middle of it."""


class GivenFile:
    """The content of a file or a pipe, unpacked where it is gzipped. It is read once, from its start.

    `head` is how it begins, without having been read; `count` is how many bytes were taken from the disk so far.
    """

    def __init__(self, raw: io.RawIOBase) -> None:
        self._source = _Source(raw)
        packed = io.BufferedReader(self._source, _BUFFER)
        is_gzipped = packed.peek(2)[:2] == _GZIP
        unpacked: io.BufferedIOBase = gzip.GzipFile(fileobj=packed) if is_gzipped else packed
        self.head = _start_of(unpacked)
        self.content = io.BufferedReader(_Joined(self.head, unpacked), _BUFFER)

    @property
    def count(self) -> int:
        return self._source.count

    def whole(self, most: int, name: str) -> bytes:
        """All of it. Raises TooLarge beyond `most` bytes, and Unreadable for damaged compression."""
        try:
            content = self.content.read(most + 1)
        except DAMAGED as error:
            raise Unreadable(f"{name} is compressed, and damaged ({error}).") from error
        if len(content) > most:
            raise TooLarge(
                f"{name} is larger than {most // _MEGABYTE} MiB, which is the most that is read of it.",
                hint="Export it in parts.",
            )
        return content


def _start_of(unpacked: io.BufferedIOBase) -> bytes:
    """The first bytes, as far as they are whole: damage is told when they are read."""
    start = b""
    try:
        while len(start) < _HEAD and (piece := unpacked.read1(_HEAD - len(start))):
            start += piece
    except DAMAGED:
        pass
    return start


def require(file: Path) -> None:
    """Raise NotFound or SourceError where `file` surely cannot be read; a pipe is not opened for that."""
    if file == STDIN:
        return
    try:
        mode = file.stat().st_mode
        if stat.S_ISREG(mode):
            file.open("rb").close()
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {file}.") from error
    except (OSError, ValueError) as error:
        raise SourceError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISFIFO(mode)):
        raise SourceError(f"{file} is no file.", hint="Devices and sockets are not read.")


@contextmanager
def opened(file: Path) -> Iterator[GivenFile]:
    """`file`, or standard input for `-`. Raises NotFound or SourceError.

    Devices, which never end, and named pipes that nobody writes into are refused.
    """
    try:
        with _raw(file) as raw:
            yield GivenFile(raw)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise NotFound(f"There is no file {file}.") from error
    except OSError as error:
        raise SourceError(f"{file} cannot be read: {error.strerror or error}.") from error


def _raw(file: Path) -> io.FileIO:
    if file == STDIN:
        return _stdin()
    require(file)
    if file.is_fifo():
        return _pipe(file)
    raw = file.open("rb", buffering=0)
    assert isinstance(raw, io.FileIO)
    return raw


def _stdin() -> io.FileIO:
    return io.FileIO(0, closefd=False)


def _pipe(file: Path) -> io.FileIO:
    """Opening a pipe waits for a writer, and one that nobody writes into would make that for ever."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    try:
        is_ready, _, _ = select.select([descriptor], [], [], PATIENCE_S)
        if not is_ready and not _has_writer(descriptor):
            raise SourceError(f"Nobody writes into {file}.")
        os.set_blocking(descriptor, True)
    except BaseException:
        os.close(descriptor)
        raise
    return io.FileIO(descriptor)


def _has_writer(descriptor: int) -> bool:
    """Of a pipe that holds nothing."""
    try:
        os.read(descriptor, 1)
    except BlockingIOError:
        return True
    return False


class _Source(io.RawIOBase):
    """A file or a pipe whose bytes are counted as they come: a pipe cannot be asked where it stands."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = self._raw.readinto(buffer) or 0
        # A pipe may give a single byte, and two tell whether it is compressed.
        while not self.count and size == 1 and (more := self._raw.readinto(memoryview(buffer)[1:])):
            size += more
        self.count += size
        return size


class _Joined(io.RawIOBase):
    """What was read already, and then the rest."""

    def __init__(self, start: bytes, rest: io.BufferedIOBase) -> None:
        self._start = memoryview(start)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._start:
            size = min(len(buffer), len(self._start))
            buffer[:size] = self._start[:size]
            self._start = self._start[size:]
            return size
        return self._rest.readinto1(buffer)
