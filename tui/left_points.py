"""Points for MLflow that ended processes left: how many, and their way there in a process apart.

Each command that reads looks into one folder and waits for nothing. A store that does not take them is asked again
after a while that doubles; new files are carried at once.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Collection
from contextlib import closing, suppress
from pathlib import Path

from journal.paths import Paths
from journal.recorder import metric_file
from journal.types import Ref
from tui.output import note

_AGAIN_S = 60.0  # doubled for each failure
_LONGEST_S = 3600.0
_PATIENCE_S = 60.0  # for reading their runs, where nobody waits
_MOST_COUNTED = 100_000


def begin(where: Paths) -> bool:
    """Begin to bring what is left to MLflow, in a process that outlives us; whether one was started. Never raises."""
    with suppress(OSError):
        if not metric_file.waiting(where.spool):
            return False
        from journal.recorder.companion import left_over
        from journal.recorder.nobodys_child import call_apart

        names = [path.name for path in left_over(where.spool)]
        failures, tried, at = _mark(where)
        waits_s = min(_LONGEST_S, _AGAIN_S * 2**failures)
        if not names or (set(names) <= tried and time.time() - at < waits_s):
            return False
        _keep_mark(where, failures if set(names) <= tried else 0, names)
        return call_apart("tui.left_points", "bring")
    return False


def bring() -> None:
    """The process apart: carry them, and mirror their runs, which the journal knows."""
    import os

    from journal import paths
    from journal.recorder.companion import carry_left_over, left_over

    where = paths.find()
    with suppress(OSError, AttributeError):
        os.nice(10)
    owners = {path: metric_file.owner_of(path) for path in left_over(where.spool)}
    carry_left_over(where.spool, wait_s=0)
    left = {path.name for path in left_over(where.spool)}
    if left:
        _keep_mark(where, _mark(where)[0] + 1, left)
    else:
        _mark_file(where).unlink(missing_ok=True)
    carried = [owner for path, owner in owners.items() if owner is not None and path.name not in left]
    _mirror(where, {(owner.run_id, owner.tracking_uri) for owner in carried})


def _mirror(where: Paths, carried: Collection[tuple[str, str]]) -> None:
    from importers.open_runs import mirror_open
    from journal import db
    from journal.clock import now
    from journal.queries.stores import OpenRun

    if carried and where.journal.exists():
        with closing(db.connect(where)) as connection:
            runs = [OpenRun(run_id, uri, now()) for run_id, uri in carried]
            mirror_open(where, connection, runs, patience_s=_PATIENCE_S)


def waiting_words(where: Paths, run_ids: Collection[str] | None = None) -> str:
    """How many points wait for MLflow, of these runs or of all; empty where none does."""
    if not metric_file.waiting(where.spool):
        return ""
    from journal.recorder.companion import left_over

    return _words([path for path in left_over(where.spool) if _is_of(path, run_ids)], "wait for MLflow")


def refused_words(where: Paths, run_ids: Collection[str] | None = None) -> str:
    """How many points MLflow will never take, since their run is deleted there; empty where there are none."""
    files = metric_file.refused(where.spool)
    return _words([path for path in files if _is_of(path, run_ids)], "cannot go to MLflow, whose run is deleted there")


def say(where: Paths, connection: sqlite3.Connection, refs: Collection[Ref]) -> None:
    """Say what of these runs' points is not where curves are read from."""
    if not metric_file.waiting(where.spool) and not metric_file.refused(where.spool):
        return
    from journal.queries.runs import get_run

    for run in (get_run(connection, ref) for ref in refs):
        ids = {run.run_id or ""}
        if words := waiting_words(where, ids):
            note(f"{run.ref}: {words}; journal runs sync brings them there now.")
        if words := refused_words(where, ids):
            note(f"{run.ref}: {words}; they are kept in {metric_file.refused_in(where.spool)}")


def _is_of(path: Path, run_ids: Collection[str] | None) -> bool:
    if run_ids is None:
        return True
    owner = metric_file.owner_of(path)
    return owner is not None and owner.run_id in run_ids


def _words(files: Collection[Path], what: str) -> str:
    count = 0
    for path in files:
        count += metric_file.count_points(path, _MOST_COUNTED - count)
    if count >= _MOST_COUNTED:
        return f"more than {_MOST_COUNTED:,} points {what}"
    if not count:
        return ""
    return f"1 point {what.replace('wait', 'waits', 1)}" if count == 1 else f"{count:,} points {what}"


# ---------------------------------------------------------------- what was tried


def _mark_file(where: Paths) -> Path:
    return metric_file.folder_of(where.spool) / "carried.json"


def _mark(where: Paths) -> tuple[int, set[str], float]:
    """How often the last attempts failed, of which files, and when the last one began or ended."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        file = _mark_file(where)
        at = file.stat().st_mtime
        kept = json.loads(file.read_text(encoding="utf-8"))
        return min(16, int(kept["failures"])), {str(name) for name in kept["files"]}, at
    return 0, set(), 0.0


def _keep_mark(where: Paths, failures: int, names: Collection[str]) -> None:
    _mark_file(where).write_text(json.dumps({"failures": failures, "files": sorted(names)}), encoding="utf-8")
