"""Progress on one line of stderr: shown to a person, silent in a pipe."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tui.formatting import padded, printable, width_of

_PAUSE_S = 0.1  # between two drawings: more often than one can read
_WIDEST_BAR = 30
_NARROWEST_BAR = 8
_UNKNOWN_WIDTH = 80  # of a terminal that does not say


@contextmanager
def one_line() -> Iterator[Callable[[str], None]]:
    """The function that it yields writes a text over the one before, cut to the terminal; at the end it is gone."""
    is_shown = sys.stderr.isatty()
    is_drawn = False

    def draw(text: str) -> None:
        nonlocal is_drawn
        if is_shown:
            _write(printable(text))
            is_drawn = True

    try:
        yield draw
    finally:
        if is_drawn:
            _write("")
            sys.stderr.write("\r")
            sys.stderr.flush()


@contextmanager
def byte_progress(file: Path, label: str) -> Iterator[Callable[[int], None]]:
    """A bar over the bytes of `file`; the function that it yields takes how many more were read.

    Of a pipe nobody knows the size; there it counts.
    """
    size = file.stat().st_size if file.is_file() else 0
    done = 0
    with share_progress(label) as tell:

        def advance(more: int) -> None:
            nonlocal done
            done += more
            tell(done, size)

        yield advance


@contextmanager
def share_progress(label: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar; the function that it yields takes the bytes that are done, and of how many, where that is known."""
    drawn_at = -_PAUSE_S
    with one_line() as draw:

        def tell(done: int, size: int | None) -> None:
            nonlocal drawn_at
            if time.monotonic() - drawn_at >= _PAUSE_S:
                drawn_at = time.monotonic()
                draw(progress_line(label, done, size or 0, _width()))

        yield tell


def progress_line(label: str, done: int, size: int, width: int) -> str:
    """`label`, a bar and the percentage in at most `width` cells: first the bar goes, then the label is cut."""
    if not size:
        figure = f"  {done / 1024 / 1024:,.1f} MiB"
        return padded(label, min(width_of(label), max(0, width - len(figure)))) + figure
    share = min(done / size, 1.0)
    figure = f"  {share:4.0%}"
    bar_width = min(_WIDEST_BAR, width - width_of(label) - len(figure) - 2)
    if bar_width < _NARROWEST_BAR:
        return padded(label, min(width_of(label), max(0, width - len(figure)))) + figure
    filled = round(share * bar_width)
    return f"{label}  {'#' * filled}{'-' * (bar_width - filled)}{figure}"


def _write(line: str) -> None:
    # Blanks to the edge instead of an escape sequence: they hide the line before on any terminal. The last
    # column stays free, since some terminals break the line once it is filled.
    sys.stderr.write(f"\r{padded(line, _width())}")
    sys.stderr.flush()


def _width() -> int:
    """Asked anew each time: a window may be resized at any moment."""
    try:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    return max(1, (columns or _UNKNOWN_WIDTH) - 1)
