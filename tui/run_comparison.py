"""Reading what two runs are compared by: the journal, the repository that they ran in, and their curves."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from journal.curves import Curve
from journal.deciding import TRAINING_LOSS
from journal.errors import BadValue, JournalError
from journal.parting import Parting, parting
from journal.paths import Paths
from journal.queries.run_groups import datasets_with, last_steps, seed_group
from journal.queries.runs import get_run
from journal.queries.sessions import facts_of_run, sessions_of_run
from journal.run_code import code_of, compare_code
from journal.run_diff import RecordedRun, RunDiff, compare, deciding_key
from journal.types import Ref, Run

CurveReader = Callable[[Paths, Run, Sequence[str]], Sequence[Curve]]


def read_diff(
    connection: sqlite3.Connection,
    paths: Paths,
    a: Ref,
    b: Ref,
    *,
    metric: str = "",
    is_quick: bool = False,
    read_curves: CurveReader | None = None,
    here: Path | None = None,
) -> RunDiff:
    """What differs between two runs. May ask git and tracking stores, so it is not for the thread that paints.

    `is_quick`: what the journal alone knows, without commits, files and curves. `here` is the working directory.
    Raises NotFound, and BadValue where neither run logged the `metric`.
    """
    one, other = _recorded(connection, a), _recorded(connection, b)
    _hold_logged(metric, one.run, other.run)
    fingerprints = [value for run in (one, other) for value in run.facts.get("data", {}).values()]
    datasets = datasets_with(connection, fingerprints)
    if is_quick:
        return compare(one, other, metric=metric, datasets=datasets)
    key = metric or deciding_key(one.run, other.run)
    keys = list(dict.fromkeys([*([key] if key else []), TRAINING_LOSS]))
    partings, unknown = _partings(paths, one.run, other.run, keys, read_curves)
    return compare(
        one,
        other,
        metric=metric,
        partings=partings,
        code=compare_code(code_of(one), code_of(other), here),
        datasets=datasets,
        unknown=unknown,
    )


def _hold_logged(metric: str, a: Run, b: Run) -> None:
    known = sorted(a.metrics.keys() | b.metrics.keys())
    if metric and metric not in known:
        hint = f"They logged: {', '.join(known[:12])}{' ...' if len(known) > 12 else ''}" if known else ""
        raise BadValue(f"Neither {a.ref} nor {b.ref} logged {metric}.", hint=hint)


def _recorded(connection: sqlite3.Connection, ref: Ref) -> RecordedRun:
    outputs = [session.output for session in sessions_of_run(connection, ref) if session.output.strip()]
    return RecordedRun(
        run=get_run(connection, ref),
        facts=facts_of_run(connection, ref),
        output=outputs[-1] if outputs else "",
        steps=last_steps(connection, ref),
        group=seed_group(connection, ref),
    )


# ---------------------------------------------------------------- curves


def _partings(
    paths: Paths, a: Run, b: Run, keys: Sequence[str], read_curves: CurveReader | None
) -> tuple[list[Parting], list[str]]:
    """Where the curves part, for the metrics that both logged; and why that is not known, where it is not."""
    common = [key for key in keys if key in a.metrics and key in b.metrics]
    if not common:
        return [], []
    from importers.curves import read_curves as from_stores  # what reads stores is loaded where one is read

    reader = read_curves or from_stores
    try:
        found = [{curve.key: curve for curve in reader(paths, run, common)} for run in (a, b)]
    except (JournalError, OSError, sqlite3.Error) as error:
        return [], [f"The curves cannot be read: {error}"]
    return [parting(found[0][key], found[1][key]) for key in common if key in found[0] and key in found[1]], []
