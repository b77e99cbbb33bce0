"""What the screen of the curves reads, in threads: the runs, their curves, and what was logged since."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from importers.curves import metric_keys, needs_mlflow, read_curves
from importers.following_curves import Follower
from journal.curves import Curve, extended
from journal.errors import JournalError
from journal.paths import Paths
from journal.queries.entries import get_entry
from journal.queries.runs import get_run
from journal.tracking_uris import sqlite_path
from journal.types import Kind, Ref, Relation, Run, RunStatus
from tui.apart import Apart, Stopped
from tui.curve_board import CurveName, ShownRun

MOST_POINTS = 500  # of a curve: more than a terminal has columns of dots, and drawn in a few milliseconds
MOST_RUNS = 8  # as many as there are colours and marks


@dataclass(frozen=True, slots=True)
class Told:
    """What reading came to: curves by name, and a sentence for each store that could not be read."""

    curves: dict[CurveName, Curve]
    troubles: tuple[str, ...] = ()


def read_runs(connection: sqlite3.Connection, paths: Paths, refs: Sequence[Ref]) -> tuple[list[ShownRun], Told]:
    """The runs with the names of their metrics; where a store cannot be read, with the names that the mirror holds."""
    shown, troubles = [], []
    for ref in refs[:MOST_RUNS]:
        run = get_run(connection, ref)
        try:
            keys = metric_keys(paths, run)
        except JournalError as error:
            troubles.append(f"{error} {error.hint}".strip())
            keys = tuple(run.metrics)
        shown.append(ShownRun(run, _why(connection, run), keys))
    return shown, Told({}, tuple(dict.fromkeys(troubles)))


def _why(connection: sqlite3.Connection, run: Run) -> str:
    tested = [link.ref for link in run.links if link.relation == Relation.tests and link.kind is Kind.entry]
    if tested:
        entry = get_entry(connection, tested[-1])
        return (entry.why or entry.title).strip().partition("\n")[0]
    return run.note.strip().partition("\n")[0]


def read_shown(
    paths: Paths,
    apart: Apart,
    runs: Sequence[ShownRun],
    names: Sequence[CurveName],
    between: Mapping[Ref, tuple[int, int]] | None = None,
) -> Told:
    """The curves of these names; where `between` is given, those of its runs alone, from one step to another."""
    curves: dict[CurveName, Curve] = {}
    troubles: list[str] = []
    for shown in runs:
        run, keys = shown.run, [key for ref, key in names if ref == shown.run.ref]
        if not keys or (between is not None and run.ref not in between):
            continue
        steps = between[run.ref] if between is not None else None
        try:
            if needs_mlflow(run):
                found = apart.curves(run.ref, keys, most_points=MOST_POINTS, between=steps)
            else:
                found = read_curves(paths, run, keys, most_points=MOST_POINTS, between=steps)
        except Stopped:
            break
        except JournalError as error:
            troubles.append(f"{error} {error.hint}".strip())
            continue
        curves.update({(run.ref, curve.key): curve for curve in found})
    return Told(curves, tuple(dict.fromkeys(troubles)))


@dataclass(frozen=True, slots=True)
class Seen:
    """What happened in the stores: curves that grew, every name of which something was logged, and what is amiss."""

    curves: dict[CurveName, Curve]
    names: frozenset[CurveName]
    must_read: bool
    troubles: tuple[str, ...]


class Stores:
    """The SQLite stores that the runs on the plot are in, followed for what is logged there."""

    def __init__(self, runs: Sequence[Run]) -> None:
        by_path: dict[Path, list[Run]] = {}
        for run in runs:
            path = sqlite_path(run.tracking_uri)
            if path is not None and run.run_id is not None:
                by_path.setdefault(path, []).append(run)
        self._refs = {run.run_id: run.ref for runs_there in by_path.values() for run in runs_there}
        self._followers = [Follower(path, [run.run_id or "" for run in there]) for path, there in by_path.items()]
        followed = {run.ref for runs_there in by_path.values() for run in runs_there}
        # What is not followed is read again every now and then while it may grow.
        self.has_others = any(run.status is RunStatus.running and run.ref not in followed for run in runs)

    def news(self, curves: Mapping[CurveName, Curve]) -> Seen:
        """What became of `curves` since the last question."""
        grown: dict[CurveName, Curve] = {}
        names: set[CurveName] = set()
        troubles, must_read = [], False
        for follower in self._followers:
            news = follower.news()
            must_read = must_read or news.must_read
            troubles += [news.trouble] if news.trouble else []
            for (run_id, key), points in news.points.items():
                name = (self._refs[run_id], key)
                names.add(name)
                longer = extended(curves[name], points) if name in curves else None
                if longer is not None and len(longer.steps) <= 2 * MOST_POINTS:
                    grown[name] = longer
                else:
                    must_read = must_read or name in curves
        return Seen(grown, frozenset(names), must_read, tuple(troubles))

    def close(self) -> None:
        for follower in self._followers:
            follower.close()
