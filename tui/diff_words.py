"""The difference of two runs in sentences: what seeds say of it, where curves part, and what is not known. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from math import floor, log10

from journal.parting import Parting
from journal.run_diff import PARAMETERS, MetricChange, RunDiff, Seeds
from journal.seed_groups import Spread
from tui.formatting import counted, number

_MOST_DIGITS = 9  # behind the point


def seeds_told(seeds: Seeds, metric: MetricChange, diff: RunDiff) -> tuple[str, str]:
    """Whether seeds explain the difference, in a few words; and by which figures and rule."""
    a, b = seeds.a, seeds.b
    if a is None or b is None or metric.difference is None:
        return "", ""
    if seeds.is_one_group:
        group = max((a, b), key=lambda one: one.n)
        apart = f"; the two are {abs(metric.difference) / group.sd:.1f} sd apart" if group.sd else ""
        return "they differ in their seed alone", f"{_spread_told(group)}{apart}.{_caveat(group, group)}"
    noise = seeds.noise
    if noise is None or noise.low is None or noise.high is None:
        return "one seed each: cannot tell it from noise", ""
    is_turned = noise.exceeds and noise.difference * metric.difference < 0
    difference, low, high = _to_one_digit_more(noise.difference, noise.low, noise.high)
    interval = f"{difference}, 95 % interval {low} to {high}"
    if noise.rule in {"welch", "pairs"}:
        sure = "more than seeds explain" if noise.exceeds else "no more than seeds explain"
        how = "Welch" if noise.rule == "welch" else f"{counted(a.n, 'pair')} of seeds"
        rule = f"Difference of means {interval} ({how})."
    else:
        sure = "more than one more seed would" if noise.exceeds else "no more than one more seed would"
        rule = f"Difference {interval} for one more seed, if both spread alike."
    groups = f"{diff.a.ref}: {_spread_told(a)}; {diff.b.ref}: {_spread_told(b)}."
    return f"but over seeds the other way, {sure}" if is_turned else sure, f"{groups} {rule}{_caveat(a, b)}"


def _to_one_digit_more(difference: float, low: float, high: float) -> tuple[str, ...]:
    """The three with as many digits as show how far the ends of an interval are apart, and one more."""
    reach = (high - low) / 2
    digits = 1 - floor(log10(reach)) if reach > 0 else None
    if digits is None or digits > _MOST_DIGITS:  # no width, or one that only a power of ten shows
        return tuple(f"{value:+.3g}" for value in (difference, low, high))
    return tuple(f"{value:+.{max(0, digits)}f}" for value in (difference, low, high))


def _spread_told(spread: Spread) -> str:
    if spread.sd is None:
        return "one seed"
    return f"{spread.n} seeds, {number(spread.mean)} ± {spread.sd:.2g}"


def _caveat(a: Spread, b: Spread) -> str:
    told = ""
    if a.repeated or b.repeated:
        told += " A seed that was run again counts once, by its mean."
    if not (a.is_seed_known and b.is_seed_known) and max(a.n, b.n) > 1:
        told += " Where no seed was recorded, each run counts as one."
    return told


def parting_told(one: Parting, diff: RunDiff) -> str:
    """`identical up to step 312, apart from step 480 (r7 above)`."""
    broken = [
        f"{side.ref} is not a number {f'from step {step:,} on' if stays else f'at step {step:,}'}"
        for side, step, stays in (
            (diff.a, one.a_broken, one.a_stays_broken),
            (diff.b, one.b_broken, one.b_stays_broken),
        )
        if step is not None
    ]
    if not one.points or one.first is None or one.last is None:
        return "; ".join(["no steps in common", *broken])
    if one.too_few == 0:  # one is broken wherever the other is not
        told = [f"identical up to step {one.identical_to:,}"] if one.identical_to is not None else []
        return "; ".join([*told, *broken])
    above = diff.b.ref if one.b_above else diff.a.ref
    is_plain = one.too_few is not None and one.b_above is not None
    told = []
    if one.identical_to is not None and one.differs_from is None:
        told.append(f"identical in all {counted(one.points, 'step')} of both, {one.first:,} to {one.last:,}")
    elif one.identical_to is not None:
        told.append(f"identical up to step {one.identical_to:,}")
    elif one.differs_from is not None and one.differs_from != one.apart_from and not is_plain:
        told.append(f"different from the first step ({one.differs_from:,})")
    if one.too_few is not None:
        if one.identical_to is not None and one.differs_from is not None:
            told.append(f"different at step {one.differs_from:,}")
        elif is_plain:
            told.append(f"{above} above at every step")
        few = counted(one.too_few, "point")
        broken.insert(
            0, f"{few} {'is' if one.too_few == 1 else 'are'} too few to tell {'more' if told else 'them apart'}"
        )
    elif one.apart_from is not None:
        told.append(f"apart from step {one.apart_from:,} on ({above} above)")
    elif one.differs_from is not None or one.identical_to is None:
        told.append(f"up to step {one.last:,} never apart by more than they scatter")
    if one.is_interpolated:
        broken.append("logged at other steps, so compared between their points")
    return "; ".join([*([", ".join(told)] if told else []), *broken])


def unknown_told(diff: RunDiff) -> Iterator[str]:
    """`packages, hardware: not recorded for r3`, the same runs together."""
    missing = [
        (section.unknown_for, section.name)
        for section in diff.sections
        if section.unknown_for and section.name != PARAMETERS  # which are told: there are none
    ]
    for runs, group in groupby(sorted(missing, key=lambda each: each[0]), key=lambda each: each[0]):
        names = ", ".join(name for _, name in group)
        yield f"{names}: not recorded for {' and '.join(map(str, runs))}"
    for section in diff.sections:
        for ref, keys in section.missing:
            yield f"{section.name}: {', '.join(keys)} not recorded for {ref}"
    yield from diff.unknown
    yield from diff.code.sentences
