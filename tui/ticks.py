"""Where an axis has its marks, and what is written at them. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

Tick = tuple[float, str]

_NICE = (1.0, 2.0, 5.0, 10.0)
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
_NICE_S = (
    *(1.0, 2, 5, 10, 15, 30),
    *(count * _MINUTE for count in (1, 2, 5, 10, 15, 30)),
    *(count * _HOUR for count in (1, 2, 3, 6, 12)),
)
_SUFFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def number_ticks(low: float, high: float, most: int) -> tuple[Tick, ...]:
    """At most about `most` round numbers from `low` to `high`; none where the two are the same to the computer."""
    step = _nice_step((high - low) / max(1, most))
    if step <= 0 or low + step == low or high + step == high:
        return ()
    values = _multiples(step, low, high)
    return tuple(zip(values, _labels(values, step), strict=True))


def log_ticks(low: float, high: float, most: int) -> tuple[Tick, ...]:
    """Powers of ten between two positive numbers, with 2 and 5 in between or round numbers where there are few."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    powers = list(range(first, last + 1))
    if len(powers) >= 3:
        return tuple((10.0**power, _short(10.0**power)) for power in powers[:: math.ceil(len(powers) / max(1, most))])
    parts = [factor * 10.0**power for power in range(first - 1, last + 1) for factor in (1, 2, 5)]
    values = [value for value in parts if low <= value <= high]
    if len(values) >= 2:
        return tuple((value, _short(value)) for value in values[:: math.ceil(len(values) / max(1, most))])
    return number_ticks(low, high, most)


def time_ticks(low: float, high: float, most: int) -> tuple[Tick, ...]:
    """Round times from `low` to `high`, which are seconds."""
    wanted = (high - low) / max(1, most)
    if wanted <= _NICE_S[0]:
        return tuple((value, f"{label} s") for value, label in number_ticks(low, high, most))
    days = _nice_step(wanted / _DAY) if wanted > _NICE_S[-1] else 0
    step = max(1.0, days) * _DAY if days else next(step for step in _NICE_S if step >= wanted)
    return tuple((value, _time(value, step)) for value in _multiples(step, low, high))


def _multiples(step: float, low: float, high: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [count * step for count in range(first, last + 1)]


def _nice_step(wanted: float) -> float:
    """The least round number that is not below `wanted`."""
    if not 0 < wanted < math.inf:
        return 0.0
    power = 10.0 ** math.floor(math.log10(wanted))
    if power == 0:
        return 0.0
    return next((factor * power for factor in _NICE if factor * power >= wanted * (1 - 1e-9)), 10 * power)


def _labels(values: Sequence[float], step: float) -> list[str]:
    greatest = max((abs(value) for value in values), default=0.0)
    if greatest >= 1e12 or (0 < greatest < 1e-4):
        return [f"{value:.4g}" for value in values]
    suffix, unit = "", 1.0
    if greatest >= 10_000:
        unit, suffix = next(pair for pair in _SUFFIXES if greatest >= pair[0])
    decimals = max(0, -math.floor(math.log10(step / unit) + 1e-9))
    return [f"{value / unit:.{decimals}f}{suffix if value else ''}" for value in values]


def _short(value: float) -> str:
    if 1e-4 < value < 10_000:
        return f"{value:.4g}"
    for unit, suffix in _SUFFIXES:
        if unit <= value < 1e12:
            return f"{value / unit:g}{suffix}"
    return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")


def _time(seconds: float, step: float) -> str:
    if step >= _DAY:
        return f"{seconds / _DAY:.0f} d"
    if step >= _HOUR:
        return f"{seconds / _HOUR:.0f} h"
    hours, rest = divmod(round(seconds), int(_HOUR))
    if step >= _MINUTE:
        return f"{hours}:{rest // 60:02} h" if hours else f"{rest // 60} min"
    return f"{round(seconds)} s" if seconds < _HOUR else f"{hours}:{rest // 60:02}:{rest % 60:02}"
