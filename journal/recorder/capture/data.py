"""The data that a command line names: a look before the command starts, its content while it runs."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from journal.recorder.capture.seeds import paths_named

if TYPE_CHECKING:
    from journal.fingerprints import Look

# `journal.fingerprints` loads where there is data: OpenSSL behind it takes 5 ms.
KnownData = Mapping[str, tuple[str, str]]  # path of a dataset -> (look, fingerprint)
UNREAD = "unread"
MOST_BYTES = 4 * 1024**3
_MOST_PATHS = 8
_LOOK_S = 0.05
# What a run writes, and what it is made of, is not what it learns from.
_NO_DATA_OPTION = re.compile(
    r"out|save|log|ckpt|checkpoint|resume|work|tmp|temp|cache|result|export|dest|model|weights|config|run",
    re.IGNORECASE,
)
_DATA_OPTION = re.compile(r"data|input|train|test|val|corpus|root|images|labels|split", re.IGNORECASE)
_NO_DATA_FILES = frozenset({
    ".py", ".pyi", ".pyx", ".ipynb", ".sh", ".bash", ".yaml", ".yml", ".toml", ".json", ".ini", ".cfg", ".gin",
    ".md", ".txt", ".lock", ".log", ".pt", ".pth", ".ckpt", ".onnx", ".so", ".exe",
})  # fmt: skip


def data_before(
    argv: Sequence[str], cwd: Path, known: KnownData, deadline: float, looks: dict[str, str] | None = None
) -> dict[str, str]:
    """The section `data` as far as looking goes: a fingerprint where a dataset looks as when it was read.

    `looks` gets the look of each path that could be looked at.
    """
    found: dict[str, str] = {}
    for path in _data_paths(argv, cwd, known):
        look = _look(path, deadline)
        if path in known:
            found[path] = known[path][1] if look is not None and known[path][0] == look.digest else UNREAD
        else:
            found[path] = f"{UNREAD}, {look.files:,} files, {look.bytes:,} bytes" if look is not None else UNREAD
        if look is not None and looks is not None:
            looks[path] = look.digest
    return found


def written_to(looks: Mapping[str, str], deadline: float) -> dict[str, str]:
    """The section WRITTEN_TO: which of these paths do not look as they did. What cannot be looked at is not told."""
    now = {path: _look(path, deadline) for path in looks}
    return {path: "while it ran" for path, look in now.items() if look is not None and look.digest != looks[path]}


def data_after(argv: Sequence[str], cwd: Path, known: KnownData, deadline: float) -> dict[str, dict[str, str]]:
    """The same with the content of what is not known, if it is not too large; else why it was not read.

    Of a dataset that had to be read anew, the section `data looks` tells how it looked: `DIGEST FILES BYTES`.
    """
    from journal.fingerprints import TooLate, content_of, look_at

    looks: dict[str, str] = {}
    found = data_before(argv, cwd, known, deadline)
    for path, told in [*found.items()]:
        if not told.startswith(UNREAD):
            continue
        try:
            look = look_at(Path(path), deadline=deadline) if path in known else None
            if look is not None and known[path][0] == look.digest:
                found[path] = known[path][1]
                continue
            content = content_of(Path(path), deadline=deadline, most_bytes=MOST_BYTES)
            found[path] = content.fingerprint if not content.unread else f"{UNREAD}: parts of it cannot be read"
            if look is not None and not content.unread:
                looks[path] = f"{look.digest} {content.files} {content.bytes}"
        except (OSError, TooLate, RecursionError) as error:
            why = getattr(error, "strerror", None) or str(error)
            found[path] = f"{told.removesuffix(f': {why}')}: {why}"
    return {"data": found, "data looks": looks} if looks else {"data": found}


def _data_paths(argv: Sequence[str], cwd: Path, known: KnownData) -> Iterator[str]:
    """The absolute paths of known datasets that are named or hold what is named, and of what else is data."""
    seen: set[str] = set()
    for option, word in paths_named(argv):
        path = _existing(word, cwd)
        if path is None:
            continue
        holding = [each for each in known if path == each or path.startswith(each.rstrip(os.sep) + os.sep)]
        for each in holding or ([path] if _is_data(option, Path(path), cwd) else []):
            if each not in seen and len(seen) < _MOST_PATHS:
                seen.add(each)
                yield each


def _existing(word: str, cwd: Path) -> str | None:
    if not word or "://" in word or len(word) > 4096 or "\0" in word:
        return None
    path = os.path.realpath(cwd / os.path.expanduser(word))  # noqa: PTH111 - a name may hold anything
    return path if os.path.exists(path) else None  # noqa: PTH110


def _is_data(option: str, path: Path, cwd: Path) -> bool:
    named = _DATA_OPTION.search(option) is not None
    if _NO_DATA_OPTION.search(option) and not named:
        return False
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    if stat.S_ISDIR(mode):
        return not Path(os.path.realpath(cwd)).is_relative_to(path)  # the project's own folder
    return stat.S_ISREG(mode) and not os.access(path, os.X_OK) and (named or path.suffix.lower() not in _NO_DATA_FILES)


def _look(path: str, deadline: float) -> Look | None:
    from journal.fingerprints import TooLate, look_at

    try:
        return look_at(Path(path), deadline=min(deadline, time.monotonic() + _LOOK_S))
    except (OSError, TooLate, RecursionError):
        return None
