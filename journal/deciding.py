"""Which metric decides between runs, and whether more of it is better. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum, auto
from functools import lru_cache
from heapq import nsmallest

# Validation chooses between runs; test comes once, at the end; training says least.
DECIDING_METRICS = (
    "validation/accuracy",
    "test/accuracy",
    "validation/loss",
    "test/loss",
    "train/accuracy",
    "train/loss",
)
_HELD_OUT = DECIDING_METRICS[:4]
TRAINING_LOSS = "train/loss"

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_UP = frozenset(
    [
        "acc",
        "accuracy",
        "auc",
        "auroc",
        "auprc",
        "ap",
        "map",
        "f",
        "f1",
        "precision",
        "recall",
        "iou",
        "miou",
        "dice",
        "bleu",
        "rouge",
        "meteor",
        "psnr",
        "ssim",
        "score",
        "reward",
        "return",
        "top",
        "hit",
        "hits",
        "ndcg",
        "mrr",
        "correct",
        "sensitivity",
        "specificity",
        "kappa",
        "mcc",
    ]
)
_DOWN = frozenset(
    [
        "loss",
        "losses",
        "error",
        "errors",
        "err",
        "nll",
        "ppl",
        "perplexity",
        "mse",
        "rmse",
        "mae",
        "wer",
        "cer",
        "fid",
        "ce",
        "bce",
        "crossentropy",
        "entropy",
        "kl",
        "regret",
        "bpc",
        "bpb",
        "latency",
        "brier",
        "ece",
    ]
)
_PARTS = (
    frozenset({"validation", "valid", "val", "dev", "eval", "evaluation"}),
    frozenset({"test", "heldout"}),
    frozenset[str](),  # nothing is said
    frozenset({"train", "training", "batch", "step"}),
)
_UNSAID = 2


class Direction(StrEnum):
    """Which way a metric gets better."""

    up = auto()
    down = auto()


@lru_cache(50_000)
def direction(key: str) -> Direction | None:
    """As the name says: accuracy is better up, loss and error down; None where it says nothing."""
    words = _words(key)
    if words & _DOWN:
        return Direction.down
    return Direction.up if words & _UP or {"r", "2"} <= words else None


def is_better(key: str, before: float, after: float) -> bool | None:
    """Whether `after` is better than `before`; None where they are equal or the name does not say."""
    way = direction(key)
    if way is None or not (before < after or after < before):
        return None
    return (after > before) is (way is Direction.up)


def deciding_metric(keys: Collection[str]) -> str | None:
    """The one of `keys` to decide by: one of those above, else one most like them; None if none is.

    Names of others are read as words (`val_acc`, `eval/loss`, `validTop1`): what is held out before training,
    accuracy before loss, validation before test.
    """
    return next(iter(telling(keys, 1)), None)


def telling(keys: Collection[str], most: int) -> list[str]:
    """The first `most` of `keys` to decide by, the one that says most first; those that say nothing are not in it."""
    known = [key for key in _HELD_OUT if key in keys][:most]
    others = (key for key in keys if key not in _HELD_OUT and direction(key))
    return known + (nsmallest(most - len(known), others, key=_rank) if len(known) < most else [])


@lru_cache(50_000)  # a list of 100 runs may have 12,000 names
def _rank(key: str) -> tuple[int, bool, int, int, str]:
    words = _words(key)
    part = next((rank for rank, names in enumerate(_PARTS) if words & names), _UNSAID)
    held_out_first = max(0, part - 1)  # validation and test are one group, in which what is better up comes first
    return held_out_first, direction(key) is Direction.down, part, len(key), key


def _words(key: str) -> set[str]:
    return {word.lower() for word in _WORDS.findall(key)}
