"""Files of code as they lie on this machine: found by name, and read within bounds."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from journal.errors import BadValue, NotFound
from journal.pointing import lines_of
from journal.storable import storable

MOST_BYTES = 8 * 1024 * 1024  # larger is data, not code
_MOST_SEARCHED = 500  # files
_NOT_SEARCHED = frozenset({"node_modules", "site-packages", "__pycache__", "venv", "build", "dist"})
_LOOKED_AT = 8_000  # bytes in which a zero byte means that a file is no text, as in git


def readable_path(path: str) -> str:
    """A path as it can be kept and shown: bytes that are no UTF-8 are replaced."""
    return os.fsencode(path).decode("utf-8", "replace")


def existing(path: Path) -> Path | None:
    """`path`, or the only file whose name reads so where names are no UTF-8; None where there is none."""
    try:
        if os.path.lexists(path):
            return path
        if "\ufffd" not in str(path):
            return None
        found = Path(path.anchor)
        for part in path.parts[1:] if path.anchor else path.parts:
            if not os.path.lexists(found / part):
                alike = [entry.name for entry in found.iterdir() if readable_path(entry.name) == part]
                if len(alike) != 1:
                    return None
                part = alike[0]
            found /= part
    except (OSError, ValueError):  # a name that is too long, or holds what no name may
        return None
    return found


def holding(root: Path, text: str, suffix: str) -> Path | None:
    """The first file below `root` with this ending that holds `text`, line for line; None where there is none.

    Looked for among so many files at most, without hidden folders and those that packages are installed in.
    """
    wanted, left = "\n".join(["", *lines_of(text), ""]), _MOST_SEARCHED
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if not name.startswith(".") and name not in _NOT_SEARCHED)
        for name in sorted(files):
            if Path(name).suffix != suffix:
                continue
            left -= 1
            if left < 0:
                return None
            try:
                lines = read_source(Path(folder, name))
            except (NotFound, BadValue):
                continue
            if wanted in "\n".join(["", *lines, ""]):
                return Path(folder, name)
    return None


def read_source(file: Path) -> list[str]:
    """The lines of a text file. Raises NotFound or BadValue in one sentence where it is none."""
    shown = readable_path(str(file))
    try:
        status = file.stat()
        if stat.S_ISDIR(status.st_mode):
            raise BadValue(f"{shown} is a folder.", hint="Point at a file in it.")
        if not stat.S_ISREG(status.st_mode):  # reading a pipe would wait for ever
            raise BadValue(f"{shown} is not a regular file.")
        if status.st_size > MOST_BYTES:
            raise BadValue(
                f"{shown} has {status.st_size / 1e6:,.0f} MB: a pointer is for code, up to {MOST_BYTES / 1e6:,.0f} MB."
            )
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(f"There is no file {shown}.") from None
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise BadValue(f"{shown} cannot be read: {said}.") from error
    if b"\0" in data[:_LOOKED_AT]:
        raise BadValue(f"{shown} is not text: a pointer keeps lines of code.")
    # STRICT columns take a zero byte, but what reads them ends there.
    return lines_of(storable(data.decode("utf-8-sig", "replace")))
