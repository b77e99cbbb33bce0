"""What would keep the interface from painting, in a process of its own: ranking, fetching the feeds, mirroring runs,
asking a server for curves.

Most are Python through and through and hold the interpreter's lock, so that in a thread they make keys wait; others
import mlflow. The process tells by lines of JSON, works with little urgency and is ended with the interface; where
that is killed and cannot, ranking is over in a moment and fetching ends when there is nobody to tell any more. All
keep what they have in whole transactions.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from journal.clock import Clock
from journal.curves import Curve
from journal.errors import BeingFetched, JournalError
from journal.paths import Paths
from journal.recorder.nobodys_child import to_call
from journal.types import FeedHealth, Ref

_log = logging.getLogger(__name__)
_TOLD = 5  # the exit code where stderr holds a sentence for the person and not a traceback
_NICER = 10


class Stopped(Exception):
    """The process was ended because nobody wants its work any more."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What fetching one feed came to, as far as it is told."""

    url: str
    title: str
    health: FeedHealth
    failed: bool
    new: int
    message: str
    next_try_at: datetime | None = None


class Apart:
    """Starts processes from threads, which wait for them; any thread may end them."""

    def __init__(self, paths: Paths, clock: Clock) -> None:
        self._paths, self._clock = paths, clock
        self._running: set[subprocess.Popen[str]] = set()
        self._is_stopped = False
        self._starting = threading.Lock()

    def rank(self) -> bool:
        """As `rank_new`. Raises JournalError, or Stopped."""
        told = [*self._told("rank")]  # all of it: who stops listening ends the process
        return ["ranked", True] in told

    def fetch(
        self,
        *,
        only_due: bool,
        tell: Callable[[int, int], None],
        tell_caught_up: Callable[[str, int], None],
    ) -> tuple[Brought, ...]:
        """As `fetch_feeds`. Raises JournalError, or Stopped."""
        brought: tuple[Brought, ...] = ()
        for what, *values in self._told("fetch", only_due=only_due):
            if what == "fetched":
                tell(*values)
            elif what == "caught up":
                tell_caught_up(*values)
            elif what == "busy":
                raise BeingFetched(values[0], hint=values[1])
            elif what == "brought":
                brought = tuple(map(_brought, values[0]))
        return brought

    def curves(
        self, ref: Ref, keys: Sequence[str], *, most_points: int | None, between: tuple[int, int] | None
    ) -> tuple[Curve, ...]:
        """As `read_curves`, of a run at a server: asking one imports mlflow. Raises JournalError, or Stopped."""
        told = self._told("curves", ref=str(ref), keys=[*keys], most_points=most_points, between=between)
        return tuple(_curve(values) for what, values in told if what == "curve")

    def mirror(self) -> tuple[str, ...]:
        """Mirror every store that is known, and whys into MLflow's notes; a sentence for each that failed.

        Raises JournalError, or Stopped.
        """
        told = [*self._told("mirror")]
        return tuple(sentence for what, sentence in told if what == "failed")

    def find_stores(self, folder: Path) -> str:
        """What runs lie below `folder` that the journal does not have, in a sentence; empty where there are none.

        Raises JournalError, or Stopped.
        """
        told = [*self._told("find stores", folder=str(folder))]
        return next((str(sentence) for what, sentence in told if what == "found"), "")

    @property
    def running(self) -> tuple[subprocess.Popen[str], ...]:
        with self._starting:
            return tuple(self._running)

    def stop(self) -> None:
        """End what runs, and start nothing more."""
        with self._starting:
            self._is_stopped = True
            for process in self._running:
                process.terminate()

    def _told(self, work: str, **options: object) -> Iterator[list[Any]]:
        folders = {name: str(folder) for name, folder in asdict(self._paths).items()}
        given = json.dumps({"work": work, "paths": folders, "now": self._clock().isoformat(), "options": options})
        command = [sys.executable, *to_call("tui.apart", "main", given)]
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
            with self._starting:
                if self._is_stopped:
                    raise Stopped
                process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, encoding="utf-8"
                )
                self._running.add(process)
            try:
                with process:
                    try:
                        assert process.stdout is not None
                        for line in process.stdout:
                            if line.endswith("\n"):  # else it was ended in the middle
                                yield json.loads(line)
                    except BaseException:  # also where whoever is told raises
                        process.terminate()
                        raise
            finally:
                with self._starting:
                    self._running.discard(process)
            if self._is_stopped:
                raise Stopped
            if process.returncode:
                said.seek(0)
                raise _failure(work, process.returncode, said.read())


def _failure(work: str, code: int, said: str) -> JournalError:
    last = said.strip().rpartition("\n")[2]
    if code == _TOLD:
        return JournalError(last)
    _log.error("%s in a process of its own ended with %d\n%s", work, code, said.strip())
    return JournalError(f"Something unexpected: {last or f'exit code {code}'}. 'journal paths' shows where the log is.")


# ---------------------------------------------------------------- in that process


def main(given: str) -> None:
    """Do the work that `given` names, and tell of it on stdout."""
    if hasattr(os, "nice"):
        with suppress(OSError):
            os.nice(_NICER)
    wanted = json.loads(given)
    paths = Paths(**{name: Path(folder) for name, folder in wanted["paths"].items()})
    began, started = datetime.fromisoformat(wanted["now"]), monotonic()
    try:
        _WORKS[wanted["work"]](paths, lambda: began + timedelta(seconds=monotonic() - started), **wanted["options"])
    except JournalError as error:
        sys.stderr.write(" ".join(f"{error} {error.hint}".split()))
        sys.exit(_TOLD)


def _tell(*values: object) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def _rank(paths: Paths, clock: Clock) -> None:
    from journal.store.rankings import rank_new

    _tell("ranked", rank_new(paths, clock=clock))


def _fetch(paths: Paths, clock: Clock, *, only_due: bool) -> None:
    from importers.sync import fetch_feeds
    from journal import config

    try:
        reports = fetch_feeds(
            paths,
            config.load(paths.settings),
            only_due=only_due,
            tell=lambda kept, of: _tell("fetched", kept, of),
            tell_caught_up=lambda categories, papers: _tell("caught up", categories, papers),
            clock=clock,
        )
    except BeingFetched as busy:
        _tell("busy", str(busy), busy.hint)
        return
    told = [
        Brought(one.url, one.title, one.health, one.failed, one.new, one.message, one.next_try_at) for one in reports
    ]
    _tell("brought", [_as_told(one) for one in told])


def _curves(
    paths: Paths, clock: Clock, *, ref: str, keys: list[str], most_points: int | None, between: list[int] | None
) -> None:
    from importers.curves import read_curves
    from journal.db import connect
    from journal.queries.runs import get_run
    from journal.refs import parse_ref

    with closing(connect(paths)) as connection:
        run = get_run(connection, parse_ref(ref))
    stretch = (between[0], between[1]) if between else None
    for curve in read_curves(paths, run, keys, most_points=most_points, between=stretch):
        _tell("curve", asdict(curve))


def _curve(told: dict[str, Any]) -> Curve:
    values: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in told.items()}
    return Curve(**values)


def _mirror(paths: Paths, clock: Clock) -> None:
    from importers.known_stores import SyncOutcome, known_stores, sync_stores
    from importers.mlflow_notes import mirror_notes
    from journal import config
    from tui.formatting import printable

    def tell(outcome: SyncOutcome) -> None:
        if outcome.error is not None:
            _tell("failed", printable(f"{outcome.error} {outcome.error.hint}".strip()))

    stores = [each for each in known_stores(paths, config.load(paths.settings)) if not each.is_away]
    outcomes = sync_stores(paths, stores, tell=tell, clock=clock)
    for problem in mirror_notes(paths, [each.store.uri for each in outcomes if each.report]).problems:
        _tell("failed", printable(problem))


def _find_stores(paths: Paths, clock: Clock, *, folder: str) -> None:
    from importers.known_stores import known_stores
    from journal import config
    from tui.store_words import found_beside, offer

    found = found_beside(known_stores(paths, config.load(paths.settings)), Path(folder))
    if found:
        _tell("found", offer(found, Path(folder)))


def _as_told(brought: Brought) -> dict[str, Any]:
    when = brought.next_try_at
    return {**asdict(brought), "next_try_at": when.isoformat() if when else None}


def _brought(told: dict[str, Any]) -> Brought:
    """What `_as_told` made of it."""
    when = told["next_try_at"]
    tries = {"health": FeedHealth(told["health"]), "next_try_at": datetime.fromisoformat(when) if when else None}
    return Brought(**{**told, **tries})


_WORKS: dict[str, Callable[..., None]] = {
    "rank": _rank,
    "fetch": _fetch,
    "curves": _curves,
    "mirror": _mirror,
    "find stores": _find_stores,
}
