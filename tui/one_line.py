"""Asks for one line on a terminal, for a while, without taking a key that was meant for the shell.

What was typed before the question belongs to the next prompt, and so does what comes behind Enter: keys are read
one by one, none is thrown away, and where some wait already nothing is asked. While somebody types, no time runs.
"""

from __future__ import annotations

import codecs
import os
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum, auto
from types import FrameType
from typing import NoReturn

from tui.formatting import printable, width_of

_MOST_CHARACTERS = 4_000
_ESCAPE_S = 0.05  # in which the rest of a key's sequence arrives
_ENTER, _ERASE, _ESCAPE = {"\r", "\n"}, {"\x7f", "\x08"}, "\x1b"
_LEAVE, _END, _ALL, _WORD = "\x03", "\x04", "\x15", "\x17"  # Ctrl-C, Ctrl-D, Ctrl-U, Ctrl-W


class How(StrEnum):
    """What became of a question."""

    answered = auto()
    left = auto()  # by Enter alone, Ctrl-C, Ctrl-D, or a closed terminal
    late = auto()  # nobody typed anything in time
    unasked = auto()  # keys waited already


@dataclass(frozen=True, slots=True)
class Line:
    """What was typed, and how the question ended."""

    how: How
    text: str = ""


def ask_line(prompt: str, *, patience_s: float, terminal: int = 0, say: Callable[[str], None]) -> Line:
    """Ask on the terminal of the descriptor `terminal`, in which this process is in the foreground.

    `say` writes there, at once. The terminal is left as it was found.
    """
    with _keys_at_once(terminal):
        if _waits(terminal, 0):
            return Line(How.unasked)
        say(prompt)
        try:
            line = _read(terminal, patience_s, say)
        except (KeyboardInterrupt, _Ended):
            line = Line(How.left)
        say("\n")
    return line


class _Ended(Exception):
    """A signal that ends a program arrived; the terminal is put right first."""


@contextmanager
def _keys_at_once(terminal: int) -> Iterator[None]:
    import termios

    before = termios.tcgetattr(terminal)
    now = termios.tcgetattr(terminal)
    now[0] |= termios.ICRNL
    now[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
    now[6][termios.VMIN], now[6][termios.VTIME] = 1, 0
    handlers = {number: signal.signal(number, _end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        termios.tcsetattr(terminal, termios.TCSANOW, now)  # not FLUSH, which throws away what was typed
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise _Ended


def _waits(terminal: int, seconds: float | None) -> bool:
    return bool(select.select([terminal], [], [], seconds)[0])


def _read(terminal: int, patience_s: float, say: Callable[[str], None]) -> Line:
    typed: list[str] = []
    for key in _keys(terminal, lambda: None if typed else patience_s):
        if key is None:
            return Line(How.late)
        if key in _ENTER:
            text = "".join(typed).strip()
            return Line(How.answered, text) if text else Line(How.left)
        if key == _LEAVE or (key == _END and not typed):
            return Line(How.left)
        if key in _ERASE:
            _erase(typed, 1, say)
        elif key == _ALL:
            _erase(typed, len(typed), say)
        elif key == _WORD:
            kept = "".join(typed).rstrip().rpartition(" ")
            _erase(typed, len(typed) - len(kept[0] + kept[1]), say)
        else:
            shown = " " if key in {" ", "\t"} else printable(key)
            if shown and len(typed) < _MOST_CHARACTERS:
                typed.append(shown)
                say(shown)
    return Line(How.left)  # the terminal is gone


def _erase(typed: list[str], count: int, say: Callable[[str], None]) -> None:
    for _ in range(min(count, len(typed))):
        say("\b \b" * width_of(typed.pop()))


def _keys(terminal: int, patience_s: Callable[[], float | None]) -> Iterator[str | None]:
    """The characters typed, one by one; None when the patience is over. The sequences of arrow keys are left out."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while True:
        if not _waits(terminal, patience_s()):
            yield None
            return
        try:
            byte = os.read(terminal, 1)
        except OSError:
            return
        if not byte:
            return
        for character in decoder.decode(byte):
            if character == _ESCAPE:
                _skip_sequence(terminal)
            else:
                yield character


def _skip_sequence(terminal: int) -> None:
    """Pass over what follows Escape: `[`, parameters and a last byte, or `O` and one byte (ECMA-48)."""
    if not _waits(terminal, _ESCAPE_S):
        return
    begins = os.read(terminal, 1)
    while begins in {b"[", b"O"} and _waits(terminal, _ESCAPE_S):
        byte = os.read(terminal, 1)
        if begins == b"O" or not byte or 0x40 <= byte[0] <= 0x7E:
            return
