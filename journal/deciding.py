"""Which metric decides between runs, and which of two values is the better one. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable

# Validation chooses between runs; test comes once, at the end; training says least.
DECIDING_METRICS = (
    "validation/accuracy",
    "val/accuracy",
    "val_accuracy",
    "val_acc",
    "test/accuracy",
    "validation/loss",
    "val/loss",
    "val_loss",
    "test/loss",
    "train/accuracy",
    "train/loss",
    "accuracy",
    "loss",
)
_LESS_IS_BETTER = ("loss", "error", "perplexity", "mse", "mae", "rmse", "wer")
Measured = tuple[str, float]
"""A metric by name, and its value."""


def is_less_better(key: str) -> bool:
    return any(word in key.lower().replace("/", "_").split("_") for word in _LESS_IS_BETTER)


def best_of(measured: Iterable[Measured]) -> Measured | None:
    """The best value of the metric that decides, among those of several runs; None where there is none."""
    values: dict[str, list[float]] = {}
    for key, value in measured:
        if not math.isnan(value):  # which is no result
            values.setdefault(key, []).append(value)
    deciding = next((key for key in DECIDING_METRICS if key in values), None)
    if deciding is None:
        return None
    return deciding, min(values[deciding]) if is_less_better(deciding) else max(values[deciding])
