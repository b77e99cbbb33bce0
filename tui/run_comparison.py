"""Reading what two runs are compared by: the journal, the repository that they ran in, and their curves."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from journal.borrowed_repository import borrowed
from journal.code_between import CodeState, changed_paths, code_between
from journal.commits_between import Between, commits_between
from journal.curves import Curve
from journal.deciding import TRAINING_LOSS
from journal.errors import BadValue, JournalError
from journal.parting import Parting, parting
from journal.paths import Paths
from journal.queries.run_groups import datasets_with, last_steps, seed_group
from journal.queries.runs import get_run
from journal.queries.sessions import facts_of_run, sessions_of_run
from journal.repositories import person_in, root_of
from journal.run_diff import CodeChange, RecordedRun, RunDiff, compare, deciding_key, facts_told
from journal.types import Ref, Run

CurveReader = Callable[[Paths, Run, Sequence[str]], Sequence[Curve]]
_SHOWN_OF_COMMIT = 10  # digits


@dataclass(frozen=True, slots=True)
class _Code:
    """What is recorded of the code of one run."""

    ref: Ref
    commit: str
    root: str
    patch: Mapping[str, str]


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
        code=_code_change(_code(one), _code(other), here),
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
    reader = read_curves or _curve_reader()
    if not common or reader is None:
        return [], []
    try:
        found = [{curve.key: curve for curve in reader(paths, run, common)} for run in (a, b)]
    except (JournalError, OSError, sqlite3.Error) as error:
        return [], [f"The curves cannot be read: {error}"]
    return [parting(found[0][key], found[1][key]) for key in common if key in found[0] and key in found[1]], []


def _curve_reader() -> CurveReader | None:
    try:
        reader: CurveReader = import_module("importers.curves").read_curves
    except ImportError:
        return None
    return reader


# ---------------------------------------------------------------- code


def _code(recorded: RecordedRun) -> _Code:
    facts = facts_told(recorded.run, recorded.facts)
    code = facts.get("code", {})
    return _Code(recorded.run.ref, code.get("commit", ""), code.get("root", ""), facts.get("patch", {}))


def _code_change(a: _Code, b: _Code, here: Path | None) -> CodeChange:
    """Commits and files between two runs; sentences say what cannot be told."""
    if a.commit == b.commit and dict(a.patch) == dict(b.patch):
        return CodeChange()
    names = (str(a.ref), str(b.ref))
    unknown = [str(code.ref) for code in (a, b) if not code.commit]
    if unknown:
        found = code_between(None, CodeState("", a.patch), CodeState("", b.patch), names)
        sentence = f"The commit of {' and '.join(unknown)} was not recorded."
        return CodeChange(files=found.files, sentences=(sentence, *found.sentences))
    states = CodeState(a.commit, a.patch), CodeState(b.commit, b.patch)
    reasons: list[str] = []
    for root in _roots(a, b, here):
        with borrowed(root) as repository:
            if repository is None:
                reasons.append(f"{root} is no git repository that can be asked.")
                continue
            missing = [code for code in (a, b) if not repository.has(code.commit)]
            if missing:
                reasons += [f"{root} does not have commit {_short(code.commit)} of {code.ref}." for code in missing]
                continue
            between = commits_between(repository, a.commit, b.commit, person_in(root)) if a.commit != b.commit else None
            files = code_between(repository, *states, names)
            return CodeChange(
                between=between,
                files=files.files,
                origins=_origins(between, a, b),
                sentences=files.sentences,
            )
    roots = [root for root in dict.fromkeys([a.root, b.root]) if root and not Path(root).is_dir()]
    recorded = [f"{root} is not on this machine." for root in roots]
    if a.commit != b.commit:
        reasons = [*recorded, *reasons, "So the commits between cannot be listed; what was stored is compared."]
    else:
        reasons = [*recorded, *reasons, "So the stored changes are compared."]
    found = code_between(None, *states, names)
    return CodeChange(files=found.files, sentences=(*reasons, *found.sentences))


def _origins(between: Between | None, a: _Code, b: _Code) -> dict[str, tuple[str, ...]]:
    """Why a file differs: whose commits changed it, and in which run it was changed without a commit."""
    found: dict[str, list[str]] = {}
    for commit in (*between.only_b, *between.only_a) if between else ():
        for file in commit.files:
            found.setdefault(file.path, []).append(f"by {commit.author}")
    for code in (a, b):
        for path in changed_paths(code.patch):
            found.setdefault(path, []).append(f"uncommitted in {code.ref}")
    return {path: tuple(dict.fromkeys(told)) for path, told in found.items()}


def _short(commit: str) -> str:
    return commit[:_SHOWN_OF_COMMIT]


def _roots(a: _Code, b: _Code, here: Path | None) -> list[Path]:
    """Where the commits may be: where the runs ran, then the repository that the person is in.

    A commit id names its content, so any repository that has both is the right one.
    """
    recorded = [Path(root) for root in (a.root, b.root) if root and Path(root).is_absolute() and Path(root).is_dir()]
    try:
        own = root_of(here or Path.cwd())
    except OSError:  # it was removed meanwhile
        own = None
    return list(dict.fromkeys([*recorded, *([own] if own else [])]))
