"""A curve in one line of text. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], width: int) -> str:
    """`▇▅▃▂▁▁`: `values` in at most `width` cells, the mean of neighbours in each; `×` where that is no number."""
    if not values or width <= 0:
        return ""
    cells = min(width, len(values))
    groups = [values[cell * len(values) // cells : (cell + 1) * len(values) // cells] for cell in range(cells)]
    means = [math.fsum(group) / len(group) if all(map(math.isfinite, group)) else math.nan for group in groups]
    finite = [mean for mean in means if math.isfinite(mean)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    return "".join(_bar(mean, low, high) for mean in means)


def _bar(value: float, low: float, high: float) -> str:
    if not math.isfinite(value):
        return "×"
    share = (value / 2 - low / 2) / (high / 2 - low / 2) if high > low else 0.0
    return _BARS[min(len(_BARS) - 1, int(share * len(_BARS)))]
