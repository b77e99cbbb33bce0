"""How a dataset stands on this machine now, by its looks."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path

from journal.fingerprints import TooLate, look_at
from journal.types import Dataset

_PATIENCE_S = 0.3


class DataStanding(StrEnum):
    """What a look tells; whether the content is another, reading alone tells."""

    same = "same"
    touched = "touched"  # names, sizes or times are others
    gone = "gone"
    unreadable = "unreadable"
    unknown = "unknown"  # too large to be looked at while somebody waits


def standing_of(dataset: Dataset, *, patience_s: float | None = _PATIENCE_S) -> DataStanding:
    """How it looks, against how it looked when it was read."""
    if not dataset.path:  # it was taken over from elsewhere: an empty path would be the working directory
        return DataStanding.unknown
    deadline = None if patience_s is None else time.monotonic() + patience_s
    try:
        look = look_at(Path(dataset.path), deadline=deadline)
    except (FileNotFoundError, NotADirectoryError):
        return DataStanding.gone
    except TooLate:
        return DataStanding.unknown
    except (OSError, ValueError):
        return DataStanding.unreadable
    return DataStanding.same if look.digest == dataset.look else DataStanding.touched
