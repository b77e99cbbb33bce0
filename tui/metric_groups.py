"""Which metrics are shown together: what they measure, whatever they measure it on. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_PART = re.compile(r"[/_.\-\s]+")
_TRAINING = {"train", "training"}
_PARTS = _TRAINING | {"val", "valid", "validation", "dev", "eval", "test", "testing"}
_FIRST = ("loss", "accuracy", "acc", "error")
_LAST = ("system",)


@dataclass(frozen=True, slots=True)
class Group:
    """Metrics that are shown together: a loss in training and in validation."""

    name: str
    keys: tuple[str, ...]


def groups_of(keys: Iterable[str]) -> tuple[Group, ...]:
    """Metrics by what they measure, whatever they measure it on: losses first, the machine's own figures last."""
    members: dict[str, list[str]] = {}
    for key in sorted(set(keys)):
        members.setdefault(_measured(key), []).append(key)
    groups = [Group(name, tuple(sorted(held, key=_is_not_training))) for name, held in members.items()]
    return tuple(sorted(groups, key=lambda group: (_rank(group.name), group.name)))


def _measured(key: str) -> str:
    """`loss` of `train/loss`, `val_loss` and `loss`."""
    words = [word for word in _PART.split(key) if word]
    if len(words) > 1 and words[0].lower() in _PARTS:
        return key[len(words[0]) :].lstrip("/_.- ") or key
    if len(words) > 1 and words[-1].lower() in _PARTS:
        return key[: -len(words[-1])].rstrip("/_.- ") or key
    return key


def _is_not_training(key: str) -> tuple[bool, str]:
    return not is_training(key), key


def is_training(key: str) -> bool:
    """Whether `key` says that it was measured on what is learned from."""
    return bool(_TRAINING.intersection(word.lower() for word in _PART.split(key)))


def _rank(name: str) -> int:
    words = [word.lower() for word in _PART.split(name)]
    if words[0] in _LAST:
        return len(_FIRST) + 1
    return next((rank for rank, word in enumerate(_FIRST) if word in words), len(_FIRST))


def matching(groups: Sequence[Group], words: str) -> tuple[Group, ...]:
    """The groups in which each of `words` occurs, in the name or in a key."""
    wanted = words.lower().split()
    return tuple(
        group
        for group in groups
        if all(word in group.name.lower() or any(word in key.lower() for key in group.keys) for word in wanted)
    )


def epoch_key(keys: Iterable[str]) -> str | None:
    """The metric that counts epochs, where a run logged one."""
    return next((key for key in keys if _PART.split(key.lower())[-1] in {"epoch", "epochs"}), None)
