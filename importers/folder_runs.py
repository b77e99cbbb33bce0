"""Runs that lie in folders of their own, and how to see without reading them that they did not change."""

from __future__ import annotations

import hashlib
import time
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from os import stat_result

from journal.types import RunDraft

_COARSEST_TICK_S = 2.0  # of FAT; others have milliseconds


class Points:
    """The points of a metric in the order in which they were logged: 24 bytes each."""

    __slots__ = ("_moments", "_steps", "_values")

    def __init__(self) -> None:
        self._steps, self._moments, self._values = array("q"), array("q"), array("d")

    def add(self, step: int, ms: int, value: float) -> None:
        """`ms` are milliseconds since 1970. Raises OverflowError for what 64 bits do not hold."""
        if not (-(2**63) <= step < 2**63 and -(2**63) <= ms < 2**63):
            raise OverflowError("not a step or a time")
        self._steps.append(step)
        self._moments.append(ms)
        self._values.append(value)

    @property
    def last(self) -> tuple[int, int, float]:
        return self._steps[-1], self._moments[-1], self._values[-1]

    def __len__(self) -> int:
        return len(self._steps)

    def __iter__(self) -> Iterator[tuple[int, int, float]]:
        return zip(self._steps, self._moments, self._values, strict=True)


@dataclass(frozen=True, slots=True)
class ReadRun:
    """A run as it was read; `points` where no tracking store holds its curves. `notes` say what was left out."""

    draft: RunDraft
    points: dict[str, Points] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FolderRun:
    """A run that is there. While `look` is what it was, nothing of it changed; None: that cannot be told.

    `read` raises SourceError for a run that cannot be read.
    """

    run_id: str
    look: str | None
    read: Callable[[], ReadRun]
    bytes: int = 0  # that reading it goes through, where it goes through all of them


@dataclass(frozen=True, slots=True)
class Arrived:
    """A run that was read, and the digest and look it is kept with."""

    run: ReadRun
    mark: str

    @property
    def points(self) -> int:
        return sum(map(len, self.run.points.values()))


def look_of(files: Iterable[tuple[str, stat_result]], also: str = "") -> str | None:
    """How these files look: names, sizes, times, and whatever is `also` known. None where one is too fresh to tell.

    A second write within a tick of the file system's clock would not show.
    """
    seen = hashlib.sha256(also.encode("utf-8", "backslashreplace"))
    fresh_after_ns = int((time.time() - _COARSEST_TICK_S) * 1e9)
    for name, status in sorted(files, key=lambda file: file[0]):
        if status.st_mtime_ns > fresh_after_ns:
            return None
        seen.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return seen.hexdigest()
