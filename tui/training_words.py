"""That something trains, in a few words for the first line of the screen. Pure."""

from __future__ import annotations

from datetime import datetime

from journal.queries.training import Training
from tui.formatting import duration


def training_words(training: Training, now: datetime) -> str:
    """`r12 trains 34 min`; `3 train, r12 for 2 h 05` where there are several; '' where nothing does."""
    if not training:
        return ""
    ref, since = training[0]
    length = duration(now - since) if since else ""
    if len(training) == 1:
        return f"{ref} trains {length}".rstrip()
    return f"{len(training)} train, {ref}" + (f" for {length}" if length else "")
