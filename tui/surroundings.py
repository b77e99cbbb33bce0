"""What surrounded a run, in short: the code, what of it was not committed, seed, data, machine, variables. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from journal.patches import UNTRACKED, split_patch
from journal.queries.datasets import is_fingerprint
from journal.words import GIVEN_PARAMETERS
from tui.dataset_document import short
from tui.documents import Block, Table, told
from tui.formatting import clipped, counted

Facts = Mapping[str, Mapping[str, str]]

_SHORT_COMMIT = 10
_PACKAGES = ("torch", "jax", "tensorflow", "lightning", "mlflow")  # of all that were installed, what decides
_MOST_FILES = 4
_MOST_PATHS = 4
_MOST_VARIABLES = 12
_MOST_CELLS = 120  # of a variable; a search path may fill a screen
# What decides nothing about a training, or is told elsewhere; --json has them.
_NOT_TOLD = frozenset({
    "LANG", "LC_ALL", "TZ", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "CONDA_DEFAULT_ENV",
    "CONDA_PREFIX", "UV_PROJECT_ENVIRONMENT", "MLFLOW_TRACKING_URI", "MLFLOW_DISABLE_TELEMETRY",
})  # fmt: skip
_OURS = "LABJOURNAL_"


def surroundings(facts: Facts, datasets: Mapping[str, str], whole_patch: str) -> Iterator[Block]:
    """Two tables of what is known. `datasets` names those by their fingerprints; `whole_patch` how to see it."""
    yield Table("Surroundings", told((*_code(facts, whole_patch), *_data(facts, datasets), *_machine(facts))))
    yield Table("Environment", _environment(facts.get("environment", {})))


def _code(facts: Facts, whole_patch: str) -> tuple[tuple[str, str], ...]:
    code = facts.get("code", {})
    commit = code.get("commit", "")[:_SHORT_COMMIT]
    place = " on ".join(part for part in (commit, code.get("branch", "")) if part)
    beside = [
        "changes that are not committed" if code.get("dirty") == "yes" else "",
        f"{code['untracked']} not in git" if code.get("untracked") else "",
    ]
    changed = " and ".join(filter(None, beside))
    root, is_in_git = code.get("root", ""), bool(code.get("commit") or code.get("branch"))
    return (
        ("code", ", ".join(part for part in (place, changed and f"with {changed}") if part)),
        *patch_rows(facts.get("patch", {}), whole_patch),
        ("repository", code.get("repository", "") or (root if is_in_git else "")),
        ("folder", "" if is_in_git else root),
        ("seed", facts.get("command", {}).get("seed", "")),
        ("continued with", ", ".join(f"{key}={value}" for key, value in facts.get(GIVEN_PARAMETERS, {}).items())),
    )


def patch_rows(patch: Mapping[str, str], whole: str) -> tuple[tuple[str, str], ...]:
    """What the commit does not hold: changes, files that were kept beside it, and what could not be kept."""
    changes = [change for change, _ in split_patch(patch.get("tracked", ""))]
    kept = [name.removeprefix(UNTRACKED) for name in patch if name.startswith(UNTRACKED)]
    left_out = [line for line in patch.get("left out", "").splitlines() if line]
    added, removed = sum(change.added for change in changes), sum(change.removed for change in changes)
    counts = f"{counted(len(changes), 'file')} +{added:,} -{removed:,}: {_some([change.path for change in changes])}"
    return told(
        (
            ("changed", counts if changes else ""),
            ("untracked", f"{counted(len(kept), 'file')} kept: {_some(kept)}" if kept else ""),
            ("left out", _some(left_out, "; ")),
            ("patch", whole if changes or kept else ""),
        )
    )


def _some(names: list[str], between: str = ", ") -> str:
    more = len(names) - _MOST_FILES
    return between.join([*names[:_MOST_FILES], *([f"{more:,} more"] if more > 0 else [])])


def _data(facts: Facts, datasets: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each path with the dataset that was seen with this content, and its fingerprint or why there is none."""
    data = facts.get("data", {})
    for place, (path, value) in enumerate(data.items()):
        if place >= _MOST_PATHS:
            yield "", f"{len(data) - place:,} more"
            break
        content = f"{value.partition(':')[0]} {short(value)}" if is_fingerprint(value) else value
        yield "data", " · ".join(part for part in (datasets.get(value, ""), path, content) if part)


def _machine(facts: Facts) -> Iterator[tuple[str, str]]:
    packages, hardware = facts.get("packages", {}), facts.get("hardware", {})
    gpus = [value for name, value in sorted(hardware.items()) if name.startswith("gpu ") and name.count(" ") == 1]
    yield "Python", facts.get("python", {}).get("version", "")
    yield "packages", ", ".join(f"{name} {packages[name]}" for name in _PACKAGES if name in packages)
    yield "GPU", ", ".join(gpus)
    for name, users in sorted(hardware.items()):
        if name.startswith("gpu ") and name.endswith(" used by"):
            yield "others on it", f"{name.removesuffix(' used by').upper()}: {users}"
    yield "processor", hardware.get("cpu", "") if not gpus else ""
    yield "host", facts.get("system", {}).get("host", "")


def _environment(variables: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    names = [name for name in variables if name not in _NOT_TOLD and not name.startswith(_OURS)]
    rows = [(name, clipped(variables[name], _MOST_CELLS)) for name in names[:_MOST_VARIABLES]]
    more = len(names) - len(rows)
    return (*rows, *([("", f"{more:,} more: --json has them")] if more > 0 else []))
