"""The last lines that a command printed, where it printed them into a file: read when it is over.

A terminal and a pipe are the command's own: through a pipe or a terminal of ours it would die with us.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Output:
    descriptor: int
    file: tuple[int, int]
    begins_at: int


class OutputFiles:
    """The files that our output, and so the command's, goes to. To be made before the command starts."""

    def __init__(self, descriptors: tuple[int, ...] = (1, 2)) -> None:
        found: dict[tuple[int, int], _Output] = {}
        for descriptor in descriptors:
            output = _output(descriptor)
            if output is not None:
                found.setdefault(output.file, output)  # `> log 2>&1` is one
        self._outputs = tuple(found.values())

    def __bool__(self) -> bool:
        return bool(self._outputs)

    def tail(self) -> str:
        """The last MOST_BYTES of each, of what was written since; nothing that cannot be read."""
        return "\n".join(text for text in map(_tail, self._outputs) if text)


def _output(descriptor: int) -> _Output | None:
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            return None
        # At the end, whatever others wrote there before: `>>` writes there, and `>` stands there.
        begins_at = about.st_size if _appends(descriptor) else os.lseek(descriptor, 0, os.SEEK_CUR)
    except OSError:  # closed
        return None
    return _Output(descriptor, (about.st_dev, about.st_ino), begins_at)


def _appends(descriptor: int) -> bool:
    import fcntl

    return bool(fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_APPEND)


def _tail(output: _Output) -> str:
    try:
        # Our descriptor may be for writing alone; this opens the same file, also where it was renamed.
        reading = os.open(f"/proc/self/fd/{output.descriptor}", os.O_RDONLY)
    except OSError:
        return ""
    try:
        size = os.fstat(reading).st_size
        begins_at = output.begins_at if output.begins_at <= size else 0  # it was emptied meanwhile
        first = max(begins_at, size - MOST_BYTES)
        content = os.pread(reading, size - first, first)
    except OSError:
        return ""
    finally:
        os.close(reading)
    if first > begins_at:  # not in the middle of a line
        content = content.partition(b"\n")[2] or content
    return content.decode("utf-8", "replace")
