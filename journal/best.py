"""The best result among several runs, by the metric that decides between them. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable

from journal.deciding import DECIDING_METRICS, Direction, deciding_metric, direction

Measured = tuple[str, float]
"""A metric by name, and its value."""
TELLING_METRICS = (
    *DECIDING_METRICS,
    *(
        f"{part}{separator}{name}"
        for part in ("val", "valid", "eval", "test", "train")
        for separator in "/_"
        for name in ("accuracy", "acc", "loss")
        if f"{part}{separator}{name}" not in DECIDING_METRICS
    ),
    "accuracy",
    "acc",
    "loss",
)
"""The names by which results go; a run may log 12,000 others, which are not read to compare entries."""


def best_of(measured: Iterable[Measured]) -> Measured | None:
    """The best value of the metric that decides, among those of several runs; None where there is none."""
    values: dict[str, list[float]] = {}
    for key, value in measured:
        if not math.isnan(value):  # which is no result
            values.setdefault(key, []).append(value)
    deciding = deciding_metric(values)
    if deciding is None:
        return None
    return deciding, min(values[deciding]) if direction(deciding) is Direction.down else max(values[deciding])
