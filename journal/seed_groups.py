"""Runs of one configuration that differ in their seed, and what their spread says of a difference. Pure.

The rule: with two seeds or more on both sides, the difference of the means is told from noise where its 95 %
interval after Welch leaves out zero. With several seeds on one side alone, the other run is told from them where
it lies outside of the 95 % interval in which one more run of theirs is expected. With one seed each nothing can
be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, sqrt
from pathlib import PurePosixPath
from statistics import fmean, stdev

from journal.student_t import student_t
from journal.types import Ref

_SEED_WORDS = frozenset({"seed", "seeds", "randomseed", "rng"})
_SEEDS = frozenset({"random_state"})
_PLACES = frozenset({
    "output_dir", "out_dir", "outdir", "log_dir", "logdir", "save_dir", "run_name", "run_id", "exp_name",
})  # fmt: skip
_CODE_SUFFIXES = frozenset(
    [
        ".py",
        ".pyx",
        ".ipynb",
        ".sh",
        ".yaml",
        ".yml",
        ".toml",
        ".cfg",
        ".ini",
        ".c",
        ".cc",
        ".cpp",
        ".cu",
        ".cuh",
        ".h",
        ".hpp",
        ".rs",
        ".go",
        ".jl",
        ".lua",
    ]
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def is_seed_like(key: str) -> bool:
    """Whether a parameter is a seed, or names where a run writes: runs that differ in those alone are one group."""
    return _plain(key) in _PLACES or _is_seed(key)


def seed_of(params: Mapping[str, str], captured: str = "") -> str:
    """The seed of a run by its parameters, else as it was `captured`; empty where nobody recorded it."""
    return " ".join(value for key, value in sorted(params.items()) if _is_seed(key)) or captured


def _is_seed(key: str) -> bool:
    return _plain(key) in _SEEDS or not _SEED_WORDS.isdisjoint(word.lower() for word in _WORD.findall(key))


def _plain(key: str) -> str:
    return re.split(r"[/.]", key)[-1].lower().replace("-", "_")


def without_seed(words: Sequence[str]) -> tuple[str, ...]:
    """A command line without its seed-like options: `--seed 3`, `--seed=3`, `seed=3`, `--output-dir runs/3`."""
    kept: list[str] = []
    is_value = False
    for word in words:
        name, equals, _ = word.partition("=")
        is_option = word.startswith("--") or bool(equals)
        if is_option and is_seed_like(name.lstrip("-+")):
            is_value = not equals
        elif is_value and not word.startswith("-"):
            is_value = False
        else:
            is_value = False
            kept.append(word)
    return tuple(kept)


def code_of_patch(patch: Mapping[str, str]) -> dict[str, str]:
    """What of a stored patch says which code ran: untracked files that are no code may be what a run wrote."""
    return {
        name: text
        for name, text in patch.items()
        if name == "tracked" or (name.startswith("untracked/") and PurePosixPath(name).suffix.lower() in _CODE_SUFFIXES)
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupedRun:
    """A run of a configuration; `metrics` are its last values (None was NaN), `seed` is empty where unknown."""

    ref: Ref
    seed: str
    metrics: Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The values of one configuration over seeds; `sd` is None for a single one."""

    runs: tuple[Ref, ...]
    n: int
    mean: float
    sd: float | None
    repeated: int = 0  # runs left out, since their seed was there already
    is_seed_known: bool = True  # else every run counts as a seed of its own


def spread(runs: Iterable[GroupedRun], key: str) -> Spread | None:
    """Mean and sample standard deviation of a metric, a seed counting once: its first run. None without a number."""
    counted: list[GroupedRun] = []
    values: list[float] = []
    seen: set[str] = set()
    repeated = 0
    for run in runs:
        value = run.metrics.get(key)
        if value is None or not isfinite(value):
            continue
        if run.seed and run.seed in seen:
            repeated += 1
            continue
        seen.add(run.seed)
        counted.append(run)
        values.append(value)
    if not counted:
        return None
    return Spread(
        runs=tuple(run.ref for run in counted),
        n=len(values),
        mean=fmean(values),
        sd=stdev(values) if len(values) > 1 else None,
        repeated=repeated,
        is_seed_known=all(run.seed for run in counted),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """The difference of two means, B less A, its 95 % interval, and by which rule that was found.

    `rule` is `welch`, `prediction` (one side has one seed alone) or `none`; then the interval is None.
    """

    difference: float
    rule: str
    low: float | None = None
    high: float | None = None

    @property
    def exceeds(self) -> bool | None:
        """Whether the difference is more than seeds explain; None where that cannot be told."""
        return None if self.low is None or self.high is None else self.low > 0 or self.high < 0


def noise_between(a: Spread, b: Spread) -> Noise:
    """How sure the difference of two groups is, by the rule above."""
    difference = b.mean - a.mean
    if a.sd is None and b.sd is None:
        return Noise(difference=difference, rule="none")
    if a.sd is not None and b.sd is not None:
        part_a, part_b = a.sd**2 / a.n, b.sd**2 / b.n
        error = sqrt(part_a + part_b)
        freedom = (part_a + part_b) ** 2 / (part_a**2 / (a.n - 1) + part_b**2 / (b.n - 1)) if error else inf
        rule = "welch"
    else:
        group, sd = (a, a.sd) if a.sd is not None else (b, b.sd)
        assert sd is not None
        error, freedom, rule = sd * sqrt(1 + 1 / group.n), group.n - 1, "prediction"
    reach = error * student_t(freedom) if error else 0.0
    return Noise(difference=difference, rule=rule, low=difference - reach, high=difference + reach)
