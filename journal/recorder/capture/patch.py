"""What a commit does not hold: the difference of tracked files, and the text of untracked ones. Within bounds."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from journal.recorder.capture.secret_names import is_secret_file
from journal.recorder.capture.secrets import redacted_text
from journal.recorder.capture.together import listed
from journal.source_files import readable_path
from journal.storable import storable

MOST_OF_ONE = 256 * 1024  # bytes of a file's difference, or of an untracked file
MOST_IN_ALL = 1024 * 1024  # of either
_MOST_HELD = 8 * 1024 * 1024  # of differences, before the more telling ones are chosen
_MOST_OTHERS = 50  # untracked files that are no code
_LOOKED_AT = 8_000  # bytes in which a zero byte means that a file is no text, as in git
# A pipe is opened without waiting for who writes to it; a link is not followed out of the tree.
_READS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
_CODE = frozenset({
    ".py", ".pyi", ".pyx", ".pxd", ".ipynb", ".c", ".cc", ".cpp", ".cxx", ".cu", ".cuh", ".h", ".hpp", ".js", ".ts",
    ".java", ".go", ".rs", ".jl", ".r", ".lua", ".scala", ".kt", ".swift",
})  # fmt: skip
_TELLING = _CODE | {
    ".sh",
    ".bash",
    ".yaml",
    ".yml",
    ".toml",
    ".cfg",
    ".ini",
    ".json",
    ".sql",
    ".mk",
    ".gin",
    ".jsonnet",
}
_TELLING_NAMES = frozenset({"Makefile", "Dockerfile", "Snakefile", "requirements.txt", "environment.yml"})


def is_code(path: str) -> bool:
    """Whether a file of this name is in a programming language, where an unquoted word is no literal."""
    return PurePosixPath(path).suffix.lower() in _CODE


def tracked_patch(pieces: Iterable[bytes], known: Sequence[str]) -> dict[str, str]:
    """The `tracked` part of what `git diff-index -p --no-renames` says, and what was left out of it."""
    kept: list[tuple[str, str]] = []
    left_out: list[str] = []
    held = 0
    for path, content in _sections(pieces):
        if is_secret_file(path):
            left_out.append(f"{path}: may hold secrets")
        elif content is None or held > _MOST_HELD:
            left_out.append(f"{path}: its difference is too large")
        elif b"\n" in content.strip():  # else only its times have changed
            text = storable(content.decode("utf-8", "replace"))
            kept.append((path, redacted_text(text, known, is_code=is_code(path))))
            held += len(content)
    size, chosen = 0, set[int]()
    for number in sorted(range(len(kept)), key=lambda number: not _is_telling(kept[number][0])):
        size += len(kept[number][1])
        if size > MOST_IN_ALL:
            left_out.append(f"{kept[number][0]}: too much has changed")
        else:
            chosen.add(number)
    text = "".join(text for number, (_, text) in enumerate(kept) if number in chosen)
    return _told({"tracked": text} if text else {}, left_out)


def untracked_texts(
    root: Path, paths: Iterable[str], known: Sequence[str], deadline: float, *, more: int = 0
) -> dict[str, str]:
    """`untracked/<path>` of these files below `root`, code first; what is large, binary or secret is named.

    `more`: of how many others nobody asked.
    """
    found: dict[str, str] = {}
    left_out: list[str] = []
    size = others = 0
    for path in sorted(paths, key=lambda path: (not _is_telling(path), path)):
        others += not _is_telling(path)
        if others > _MOST_OTHERS or size > MOST_IN_ALL or time.monotonic() > deadline:
            more += 1
            continue
        content = MOST_OF_ONE if is_secret_file(path) else _content_of(root / path)
        shown = readable_path(path)
        if is_secret_file(path):
            left_out.append(f"{shown}: may hold secrets")
        elif isinstance(content, str):
            left_out.append(f"{shown}: {content}")
        elif isinstance(content, bytes):
            size += len(content)
            text = storable(content.decode("utf-8", "replace"))
            found[f"untracked/{shown}"] = redacted_text(text, known, is_code=is_code(path))
    return _told(found, left_out, more)


def _told(found: dict[str, str], left_out: list[str], more: int = 0) -> dict[str, str]:
    if left_out or more:
        found["left out"] = listed(left_out, more)
    return found


def _is_telling(path: str) -> bool:
    name = PurePosixPath(path)
    return name.suffix.lower() in _TELLING or name.name in _TELLING_NAMES


def _content_of(file: Path) -> bytes | str:
    """The bytes of a text file, or why they are left out."""
    try:
        with os.fdopen(os.open(file, _READS), "rb") as opened:
            status = os.fstat(opened.fileno())
            if not stat.S_ISREG(status.st_mode):
                return "no regular file"
            if (status.st_dev, status.st_ino) in _printed_into():
                return "what the command prints"
            if status.st_size > MOST_OF_ONE:
                return f"{status.st_size:,} bytes"
            content = opened.read(MOST_OF_ONE + 1)
    except (OSError, ValueError) as error:
        return f"cannot be read ({getattr(error, 'strerror', None) or error})"
    return "binary" if b"\0" in content[:_LOOKED_AT] else content


def _printed_into() -> set[tuple[int, int]]:
    """The files that our output goes to, and so that of the command."""
    found = set()
    for descriptor in (1, 2):
        with suppress(OSError):  # closed
            status = os.fstat(descriptor)
            found.add((status.st_dev, status.st_ino))
    return found


def _sections(pieces: Iterable[bytes]) -> Iterator[tuple[str, bytes | None]]:
    """(path, its difference) of each file, None for one that is too large: such a one is never held whole."""
    path, lines, size = "", list[bytes](), 0
    for line in _lines(pieces):
        if line.startswith(b"diff --git "):
            if path:
                yield path, b"".join(lines) if size <= MOST_OF_ONE else None
            path, lines, size = _path_of(line), [], 0
        size += len(line)
        if size <= MOST_OF_ONE:
            lines.append(line)
        else:
            lines.clear()
    if path:
        yield path, b"".join(lines) if size <= MOST_OF_ONE else None


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Lines with their ends; of one that is longer than a file may be, no more than its pieces."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line + b"\n" for line in whole)
        if len(rest) > MOST_OF_ONE:
            yield b" " + rest  # whatever it begins with, it is no header of the next file
            rest = b" "
    if rest:
        yield rest


def _path_of(header: bytes) -> str:
    """The path in `diff --git a/PATH b/PATH`: both are the same, since renames are not looked for."""
    both = header.removeprefix(b"diff --git ").rstrip(b"\n")
    one = both[: len(both) // 2].decode("utf-8", "replace")
    if one.startswith('"'):
        one = one.strip('"').replace('\\"', '"').replace("\\\\", "\\")
    return one.removeprefix("a/")
