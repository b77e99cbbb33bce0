"""Metrics that processes logged without MLflow: from the spool's files to the curves of their own runs.

Each file is read on from where it was left; a point that comes twice is the same point, so a process
killed between the journal and the mark beside the file loses nothing and doubles nothing.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from journal import models
from journal.clock import now
from journal.paths import Paths
from journal.recorder import metric_file
from journal.recorder.metric_file import Owner, Point
from journal.storable import storable
from journal.store import runs, sessions
from journal.store.changes import Change, program_change
from journal.store.curve_points import add_points
from journal.types import MetricValue

_PATIENCE_S = 1.0  # reading must not wait for long because points wait
_PART_BYTES = 1 << 18  # in one transaction: some thousand points


def take_in_points(paths: Paths, *, for_s: float = math.inf) -> int:
    """Take in what the files hold by now; how many points. Costs one look at an empty folder.

    Points of a session that has not arrived yet wait, and so does what would take longer than about `for_s`.
    """
    deadline = time.monotonic() + for_s
    return sum(_take_in(paths, path, deadline) for path in metric_file.waiting(paths.spool))


def _take_in(paths: Paths, path: Path, deadline: float) -> int:
    taken, is_last = 0, False
    with suppress(OSError):  # another process was faster, or the disk has a moment: what is left stays
        start = metric_file.done_with(path)
        if start == path.stat().st_size and not _is_to_go(path):
            return 0
        owner = metric_file.owner_of(path)
        if owner is None or owner.run_id:  # those of MLflow's runs go to MLflow
            return 0
        while True:
            if time.monotonic() >= deadline:
                return taken
            part = metric_file.read(path, start, most_bytes=_PART_BYTES)
            if part.points and not _keep(paths, owner, part.points):
                return taken
            taken += len(part.points)
            is_last = is_last or part.is_last
            if part.end == start:
                break
            start = part.end
            metric_file.mark_done(path, start)
        if is_last or metric_file.is_over(path, owner, now()):
            metric_file.remove(path)
    return taken


def _is_to_go(path: Path) -> bool:
    """Whether a file that was read whole belongs to a process that is gone."""
    owner = metric_file.owner_of(path)
    return owner is not None and not owner.run_id and metric_file.is_over(path, owner, now())


def _keep(paths: Paths, owner: Owner, points: Sequence[Point]) -> bool:
    """Whether its session is known."""
    with program_change(paths, busy_timeout_s=_PATIENCE_S) as change:
        session = sessions.get(change, owner.session)
        if session is None:
            return False
        item_id = _run_of(change, session)
        _add(change, item_id, points)
        sessions.settle_run(change, item_id)
    return True


def _run_of(change: Change, session: models.Session) -> int:
    """The run that this session's points went to before, or else its own."""
    row = change.connection.execute(
        """
        SELECT item_id FROM session_run JOIN metric_series USING (item_id) WHERE session_id = ?
        ORDER BY joined_at LIMIT 1
        """,
        (session.id,),
    ).fetchone()
    if row is not None:
        return int(row[0])
    entry = change.session.get(models.Item, session.entry_item_id) if session.entry_item_id else None
    run = sessions.own_run(change, session, title=entry.title if entry else "")
    runs.link_to_entries(change, run.item_id, entry.uid if entry else "", session)
    return run.item_id


def _add(change: Change, item_id: int, points: Sequence[Point]) -> None:
    curves: dict[str, list[tuple[int, int, float]]] = {}
    kept: dict[str, str] = {}
    for ms, step, name, value in points:
        if (key := kept.get(name)) is None:
            key = kept[name] = storable(name)
        curves.setdefault(key, []).append((step, ms, value))
    add_points(change, item_id, curves)
    for name, curve in curves.items():
        step, ms, value = max(reversed(curve), key=lambda point: point[:2])
        logged_at = datetime.fromtimestamp(ms / 1000, UTC)
        runs.keep_last(change, item_id, name, MetricValue(value=value, step=step, logged_at=logged_at))
