"""A result that a command writes into a file, or to stdout."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from journal.errors import BadValue, JournalError
from tui.output import show_plain

STDOUT = Path("-")


def write_result(file: Path, text: str, *, is_over: bool) -> None:
    """`text`, which ends in a line break, into `file`: whole or not at all.

    Raises BadValue where it is there and `is_over` does not say to write over it, and JournalError where
    it cannot be written.
    """
    if file == STDOUT:
        show_plain(text.removesuffix("\n"))
        return
    try:
        mode = file.stat().st_mode if file.exists() else stat.S_IFREG
        if not stat.S_ISREG(mode):  # /dev/null, or a pipe that somebody reads
            file.write_text(text, encoding="utf-8")
            return
        if file.exists() and not is_over:
            raise BadValue(f"{file} is there already.", hint="--force writes over it.")
        _replace(file, text)
    except (OSError, ValueError) as error:
        raise JournalError(f"{file} cannot be written: {getattr(error, 'strerror', None) or error}.") from error


def _replace(file: Path, text: str) -> None:
    target = file.resolve()  # what a link leads to, and not the link
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
    descriptor, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="\n") as opened:
            opened.write(text)
        Path(draft).chmod(mode)
        Path(draft).replace(target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
