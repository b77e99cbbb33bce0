"""What a person typed in their editor for a command: kept until the journal has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tui.editing import left_for_later
from tui.output import note


@contextmanager
def held(file: Path | None, about: str = "") -> Iterator[None]:
    """Remove `file` once the block ends; where it raises, leave it (for the next edit `about` the same), and say so."""
    try:
        yield
    except BaseException:
        if file is not None:
            place = f"{left_for_later(file, about)}; the next edit begins with it." if about else str(file)
            note(f"What you typed is in {place}")
        raise
    if file is not None:
        file.unlink(missing_ok=True)
