"""Carries logged points from their files to MLflow, in batches.

How far a file is done with is noted behind each batch of some hundred points. A process that is killed
between the two sends one batch again: a SQL store keeps one of two points that are the same in all parts,
a store of files keeps both.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from journal.recorder import metric_file, mlflow_ties
from journal.recorder.metric_file import Point

_MOST_POINTS = 1000  # MLflow's own limit for a batch
_LONGEST_NAME = 250
_REFUSALS = {"INVALID_PARAMETER_VALUE", "BAD_REQUEST"}
_LOST = {"RESOURCE_DOES_NOT_EXIST"}


class Refused(Exception):
    """MLflow will never take these points: the run is deleted, or gone."""


@dataclass
class Destination:
    """A run in MLflow, through a client that has `log_batch`."""

    run_id: str
    uri: str  # may hold a password
    client: Any
    is_given: bool = False
    """Whether the program gave its own client, which no other process has."""
    names: dict[str, str] = field(default_factory=dict)
    """What MLflow takes in the place of the names that it refuses."""

    def send(self, points: Sequence[Point]) -> None:
        """Raises Refused, and whatever MLflow raises where it cannot be reached."""
        token = mlflow_ties.ties_nothing.set(True)
        try:
            for start in range(0, len(points), _MOST_POINTS):
                self._send(points[start : start + _MOST_POINTS])
        finally:
            mlflow_ties.ties_nothing.reset(token)

    def _send(self, points: Sequence[Point]) -> None:
        from mlflow.entities import Metric

        metrics = [Metric(self.names.get(name, name), value, ms, step) for ms, step, name, value in points]
        try:
            self.client.log_batch(self.run_id, metrics=metrics, synchronous=True)
        except Exception as error:
            code = getattr(error, "error_code", "")
            if code in _LOST:
                raise Refused(str(error)) from error
            if code not in _REFUSALS:
                raise
            self._send_parts(points, error)

    def _send_parts(self, points: Sequence[Point], error: Exception) -> None:
        """One of the names is refused: which one, the halves tell."""
        names = list(dict.fromkeys(name for _, _, name, _ in points))
        if len(names) == 1:
            name = names[0]
            if self.names.get(name, name) == legal_name(name):
                raise Refused(str(error)) from error  # it is not the name
            self.names[name] = legal_name(name)
            say(f"MLflow refuses the metric name {name[:80]!r}; it is called {self.names[name][:80]!r} there.")
            self._send(points)
            return
        first = set(names[: len(names) // 2])
        self._send([point for point in points if point[2] in first])
        self._send([point for point in points if point[2] not in first])


def legal_name(name: str) -> str:
    """A name that MLflow takes, like this one."""
    legal = re.sub(r"[^\w\-. :/]", "_", name)
    legal = posixpath.normpath(legal).lstrip("/").replace("..", "__")
    if len(legal) > _LONGEST_NAME:
        digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]
        legal = f"{legal[: _LONGEST_NAME - 9]}_{digest}"
    return legal if legal not in {"", "."} else "_"


@dataclass
class Shipment:
    """One file on its way to MLflow."""

    path: Path
    destination: Destination
    done: int = 0

    def ship(self, *, goes_on: Callable[[], bool] = lambda: True) -> bool:
        """Send what is in the file by now, while it `goes_on`; whether its writer closed it, and all is there.

        Raises as `send` does.
        """
        while True:
            part = metric_file.read(self.path, self.done)
            if part.end == self.done:
                return False
            if part.points:
                self.destination.send(part.points)
            self.done = part.end
            with suppress(OSError):  # a disk that is full now: known in this process at least
                metric_file.mark_done(self.path, self.done)
            if part.is_last:
                return True
            if not goes_on():
                return False

    @property
    def rest(self) -> int:
        """How many bytes wait in the file."""
        return self.path.stat().st_size - self.done


def say(text: str) -> None:
    """One sentence for whoever trains; stderr may be closed, or None in a windowed program."""
    with suppress(Exception):
        print(f"journal: {text}", file=sys.stderr)  # noqa: T201 - a training process has no other channel of ours
