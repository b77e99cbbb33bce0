"""The words of a command, and what it printed, as they are kept: without secrets, and of a length that is read."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from journal.recorder.capture.secret_shapes import without_shapes
from journal.recorder.capture.secrets import redacted_argv, redacted_text, secrets_in

_MOST_ARGV_CHARACTERS = 64 * 1024
_MOST_WORD_CHARACTERS = 1_000
_LONGEST_LINE = 200


def kept_argv(command: Sequence[str]) -> tuple[str, ...]:
    """The words of a command as they are kept: without secrets, and none of a length that nobody reads."""
    words = tuple(redacted_argv(command, secrets_in(os.environ)))
    if sum(map(len, words)) <= _MOST_ARGV_CHARACTERS:
        return words
    kept: list[str] = []
    room = _MOST_ARGV_CHARACTERS
    for word in words:
        kept.append(word if len(word) <= _MOST_WORD_CHARACTERS else f"{word[:_MOST_WORD_CHARACTERS]}…")
        room -= len(kept[-1])
        if room <= 0:
            return (*kept, f"… and {len(words) - len(kept)} more")
    return tuple(kept)


def command_line(command: Sequence[str]) -> str:
    """A command in one line, without secrets, as a title."""
    line = " ".join(" ".join(kept_argv(command)).split())
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"


def said(text: str) -> str:
    """What a person wrote of their work, without what has the shape of a secret: names decide nothing in prose."""
    try:
        return without_shapes(text)
    except Exception:  # noqa: BLE001 - rather nothing than a secret
        return ""


def kept_text(text: str, environ: Mapping[str, str]) -> str:
    """Output without secrets; nothing where they cannot be found."""
    try:
        return redacted_text(text, secrets_in(environ))
    except Exception:  # noqa: BLE001 - rather nothing than a secret
        return ""
