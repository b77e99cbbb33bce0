"""Runs of one configuration that differ in their seed, and what their spread says of a difference. Pure.

The rule: with two seeds or more on both sides, the difference of the means is told from noise where its 95 %
interval leaves out zero: in pairs where both sides have the same seeds, else after Welch. A seed that was run
several times counts once, by the mean of its runs. With several seeds on one side alone, the other run is told from
them where it lies outside of the 95 % interval in which one more run of theirs is expected. With one seed each
nothing can be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite, sqrt
from pathlib import PurePosixPath
from statistics import fmean, stdev

from journal.student_t import student_t
from journal.types import Ref

_SEED_WORDS = frozenset({"seed", "seeds", "randomseed", "rng"})
_SEEDS = frozenset({"random_state"})
_PLACES = frozenset({
    "output_dir", "output_path", "output_file", "out_dir", "out_path", "out_file", "outdir", "results_dir", "log_dir",
    "logdir", "log_path", "log_file", "save_dir", "save_path", "save_to", "checkpoint_dir", "ckpt_dir", "run_dir",
    "work_dir", "workdir", "exp_dir", "run_name", "run_id", "exp_name", "experiment_name", "wandb_name",
})  # fmt: skip
# Whole names alone: `model.name` is no name of a run.
_BARE_PLACES = frozenset({"name", "output", "out", "tag", "exp", "save", "logs"})
# Where a run writes, or what it begins with: passed over only as far as the value holds the seed of the run.
_EITHER = frozenset({"checkpoint", "ckpt"})
_SHORT_SEED = frozenset({"-s", "-S"})
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
    return _plain(key) in _PLACES or key.lower() in _BARE_PLACES or _is_seed(key)


def may_hold_seed(key: str) -> bool:
    """Whether the value of a parameter is compared without the seed in it: `checkpoint=base-s0.pt`."""
    return _plain(key) in _EITHER


def but_for_seed(value: str, seed: str) -> str:
    """A value with the seed in it, a number of its own there, left open: `base-s{}.pt`."""
    return re.sub(rf"(?<!\d){re.escape(seed)}(?!\d)", "{}", value) if seed.isdigit() else value


def seed_of(params: Mapping[str, str], captured: str = "") -> str:
    """The seed of a run by its parameters, else as it was `captured`; empty where nobody recorded it."""
    return " ".join(value for key, value in sorted(params.items()) if _is_seed(key)) or captured


def _is_seed(key: str) -> bool:
    return _plain(key) in _SEEDS or not _SEED_WORDS.isdisjoint(word.lower() for word in _WORD.findall(key))


def _plain(key: str) -> str:
    return re.split(r"[/.]", key)[-1].lower().replace("-", "_")


def without_seed(words: Sequence[str], seed: str = "") -> tuple[str, ...]:
    """A command line without its seed-like options: `--seed 3`, `--seed=3`, `seed=3`, `--output-dir runs/3`.

    `seed`, where it is known: then `-s 3` goes, too, unless a longer option says the seed already.
    """
    words = tuple(words)
    has_long = any(_is_seed(word.partition("=")[0].lstrip("-+")) for word in words if word[:2] == "--" or "=" in word)
    kept: list[str] = []
    is_value = holds_seed = False
    for place, word in enumerate(words):
        name, equals, value = word.partition("=")
        key = name.lstrip("-+")
        is_option = word.startswith("--") or bool(equals)
        held, holds_seed = holds_seed, False
        if is_option and is_seed_like(key):
            is_value = not equals
        elif is_value and not word.startswith("-"):
            is_value = False
        elif seed and not has_long and word in _SHORT_SEED and words[place + 1 : place + 2] == (seed,):
            is_value = True
        else:
            is_value = False
            if is_option and may_hold_seed(key):
                holds_seed = not equals
                word = f"{name}={but_for_seed(value, seed)}" if equals else word
            elif held and not is_option:
                word = but_for_seed(word, seed)
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
    repeated: int = 0  # runs of a seed beside its first
    is_seed_known: bool = True  # else every run without one counts as a seed of its own
    by_seed: Mapping[str, float] = field(default_factory=dict)  # empty unless the seed of every run is known


def spread(runs: Iterable[GroupedRun], key: str) -> Spread | None:
    """Mean and sample standard deviation of a metric, a seed counting once, by its mean. None without a number."""
    counted: list[Ref] = []
    alone: list[float] = []
    seeds: dict[str, list[float]] = {}
    for run in runs:
        value = run.metrics.get(key)
        if value is None or not isfinite(value):
            continue
        counted.append(run.ref)
        (seeds.setdefault(run.seed, []) if run.seed else alone).append(value)
    if not counted:
        return None
    by_seed = {seed: fmean(found) for seed, found in seeds.items()}
    values = [*by_seed.values(), *alone]
    return Spread(
        runs=tuple(counted),
        n=len(values),
        mean=fmean(values),
        sd=stdev(values) if len(values) > 1 else None,
        repeated=len(counted) - len(values),
        is_seed_known=not alone,
        by_seed=by_seed if not alone else {},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """The difference of two means, B less A, its 95 % interval, and by which rule that was found.

    `rule` is `pairs`, `welch`, `prediction` (one side has one seed alone) or `none`; then the interval is None.
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
    if len(a.by_seed) > 1 and a.by_seed.keys() == b.by_seed.keys():
        return noise_in_pairs([(value, b.by_seed[seed]) for seed, value in a.by_seed.items()])
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


def noise_in_pairs(pairs: Sequence[tuple[float, float]]) -> Noise:
    """The mean of the differences within two pairs or more, and its interval: mean ± t s/√n, where s is the sample
    standard deviation of the n differences and t that of Student with n - 1 degrees of freedom.

    The paired t of C. H. Goulden, Methods of Statistical Analysis, 2nd ed., Wiley 1956, pp. 50-55, as given at
    https://mathworld.wolfram.com/Pairedt-Test.html. What a seed does to both sides alike leaves the differences.
    """
    differences = [b - a for a, b in pairs]
    mean, sd = fmean(differences), stdev(differences)
    reach = student_t(len(pairs) - 1) * sd / sqrt(len(pairs)) if sd else 0.0
    return Noise(difference=mean, rule="pairs", low=mean - reach, high=mean + reach)
