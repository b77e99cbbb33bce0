"""A program at a terminal of its own, as somebody in front of it sees it: what is painted where, and when.

Knows of escape sequences what Textual and ncurses write to paint: where the cursor goes, what is erased and
the colours. Moments are those at which the bytes came in, before they are taken apart.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import resource
import select
import signal
import struct
import termios
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

from tests.bench.timing import Cost, cost

WIDTH, HEIGHT = 120, 40
_QUIET_S = 0.15  # without a byte: what a key started is done
_PIECE = re.compile(
    r"\x1b\[(?P<numbers>[0-9;]*)(?P<letter>[A-Za-z])|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|\x1b[ -/]*[0-OQ-WYZ\\`-~]"
    r"|(?P<text>[^\x00-\x1f\x7f]+)|(?P<control>[\x00-\x1a\x1c-\x1f\x7f])"
)
_BACKGROUND = re.compile(r"(?<!8;5;)(?P<behind>48;5;[0-9]+|48;2;[0-9]+;[0-9]+;[0-9]+)")


class Screen:
    """The cells of a terminal: a character each, and the colours it was painted in."""

    def __init__(self) -> None:
        self.cells = [[(" ", "")] * WIDTH for _ in range(HEIGHT)]
        self._row = self._column = 0
        self._colours = ""

    def lines(self) -> list[str]:
        return ["".join(character for character, _ in row).rstrip() for row in self.cells]

    def places_of(self, text: str) -> list[tuple[int, int]]:
        """The lines and columns where `text` stands, at most one a line."""
        places = []
        for number, row in enumerate(self.cells):
            at = "".join(character for character, _ in row).find(text)
            if at >= 0:
                # A wide character holds two cells, one of them empty.
                places.append((number, [column for column, (character, _) in enumerate(row) if character][at]))
        return places

    def paint(self, written: str) -> None:
        for match in _PIECE.finditer(written):
            if match["text"]:
                self._write(match["text"])
            elif match["letter"]:
                self._command(match["letter"], match["numbers"])
            elif match["control"] == "\n":
                self._row = min(self._row + 1, HEIGHT - 1)
            elif match["control"] == "\r":
                self._column = 0
            elif match["control"] == "\b":
                self._column = max(self._column - 1, 0)

    def _write(self, text: str) -> None:
        for character in text:
            is_wide = unicodedata.east_asian_width(character) in {"W", "F"}
            if unicodedata.combining(character) or self._column + is_wide >= WIDTH:
                continue
            self.cells[self._row][self._column] = (character, self._colours)
            if is_wide:
                self.cells[self._row][self._column + 1] = ("", self._colours)
            self._column += 1 + is_wide

    def _command(self, letter: str, numbers: str) -> None:
        given = [int(number) if number else 0 for number in numbers.split(";")]
        first = max(given[0], 1)
        match letter:
            case "m":
                self._colours = numbers
            case "H" | "f":
                self._row = min(first, HEIGHT) - 1
                self._column = min(max(given[1], 1) if len(given) > 1 else 1, WIDTH) - 1
            case "G":
                self._column = min(first, WIDTH) - 1
            case "d":
                self._row = min(first, HEIGHT) - 1
            case "A":
                self._row = max(self._row - first, 0)
            case "B":
                self._row = min(self._row + first, HEIGHT - 1)
            case "C":
                self._column = min(self._column + first, WIDTH - 1)
            case "D":
                self._column = max(self._column - first, 0)
            case "X":
                self.cells[self._row][self._column : self._column + first] = [(" ", "")] * min(
                    first, WIDTH - self._column
                )
            case "K":
                self.cells[self._row][self._column :] = [(" ", "")] * (WIDTH - self._column)
            case "J":
                self.cells[self._row][self._column :] = [(" ", "")] * (WIDTH - self._column)
                self.cells[self._row + 1 :] = [[(" ", "")] * WIDTH for _ in range(HEIGHT - self._row - 1)]
            case _:
                pass


def background(colours: str) -> str:
    """The part of a cell's colours that is behind its character."""
    match = _BACKGROUND.search(colours)
    return match["behind"] if match else ""


class Terminal:
    """Runs `command` on a terminal of 120 by 40 within the block; the process is ended with it."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], *, kind: str = "xterm-256color") -> None:
        self._command = list(command)
        self._env = {**env, "TERM": kind, "COLUMNS": str(WIDTH), "LINES": str(HEIGHT)}

    def __enter__(self) -> Terminal:
        self.screen = Screen()
        self._came = 0.0
        self._usage: resource.struct_rusage | None = None
        self._tail = b""  # the start of a sequence or character whose rest has not come yet
        self.started = time.perf_counter()
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            try:
                os.execvpe(self._command[0], self._command, self._env)
            finally:
                os._exit(127)
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()
        os.close(self._file)

    def cost(self, wall_s: float) -> Cost:
        """End the program; what it took until then, with these seconds on the wall."""
        return cost(wall_s, self._end())

    def _end(self) -> resource.struct_rusage:
        if self._usage is None:
            os.kill(self.pid, signal.SIGKILL)
            self._usage = os.wait4(self.pid, 0)[2]
        return self._usage

    def press(self, keys: bytes) -> float:
        """Type; when that was, on time.perf_counter's clock."""
        pressed = time.perf_counter()
        os.write(self._file, keys)
        return pressed

    def wait(self, holds: Callable[[Screen], bool], *, limit_s: float = 20) -> float:
        """When the screen first was as `holds` says. Raises TimeoutError where it never is."""
        end = time.perf_counter() + limit_s
        while time.perf_counter() < end:
            if holds(self.screen):
                return self._came
            self._paint_more(0.05)
        raise TimeoutError(
            f"what was waited for was not painted within {limit_s:g} s:\n" + "\n".join(self.screen.lines())
        )

    def settle(self, limit_s: float = 5) -> None:
        """Wait until nothing is painted any more."""
        end = time.perf_counter() + limit_s
        while time.perf_counter() < end and self._paint_more(_QUIET_S):
            pass

    def _paint_more(self, wait_s: float) -> bool:
        if not select.select([self._file], [], [], wait_s)[0]:
            return False
        try:
            written = os.read(self._file, 65_536)
        except OSError as error:  # the program has ended
            raise TimeoutError("the program ended:\n" + "\n".join(self.screen.lines())) from error
        self._came = time.perf_counter()
        whole = self._tail + written
        end = _whole_until(whole)
        self._tail = whole[end:]
        self.screen.paint(whole[:end].decode(errors="replace"))
        return True


def _whole_until(written: bytes) -> int:
    """Where to cut so that no sequence and no character is taken apart."""
    escape = written.rfind(b"\x1b", max(0, len(written) - 64))
    if escape >= 0 and not _PIECE.match(written[escape:].decode(errors="replace")):
        return escape
    for back in range(1, min(4, len(written)) + 1):
        byte = written[-back]
        if byte >= 0xC0:  # the start of a character of several bytes
            is_whole = back >= (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4)
            return len(written) if is_whole else len(written) - back
        if byte < 0x80:
            break
    return len(written)
