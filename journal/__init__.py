"""labjournal's public Python API: what a training script writes.

    import journal
    with journal.tried("cosine schedule", why="loss plateaus at epoch 12") as trial:
        ...
        trial.outcome("99.1 -> 99.3", verdict="kept")

Names load when they are first used, so that `import journal` costs a training process nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from journal.recorder.metrics import metrics
    from journal.recorder.tried import Trial, current_trial, tried

__all__ = ["Trial", "current_trial", "metrics", "tried"]
__version__ = "0.1.0"

_HOME_OF_NAME = {
    "tried": "journal.recorder.tried",
    "Trial": "journal.recorder.tried",
    "current_trial": "journal.recorder.tried",
    "metrics": "journal.recorder.metrics",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF_NAME:
        raise AttributeError(f"module 'journal' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF_NAME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME_OF_NAME})
