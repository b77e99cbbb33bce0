"""Opening an address or a file in another program: which one is decided from plain values, starting is the edge."""

from __future__ import annotations

import os
import shlex
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_TEXT_BROWSERS = frozenset({"w3m", "lynx", "links", "links2", "elinks", "browsh", "carbonyl", "www-browser"})
_PATIENCE_S = 2.0  # an opener that fails does so at once; a browser that is started first stays

Which = Callable[[str], str | None]
"""Where a program is, as `shutil.which` tells."""


@dataclass(frozen=True, slots=True)
class Opener:
    """A program with its arguments, what it opens among them. `takes_terminal`: it draws there itself."""

    words: tuple[str, ...]
    takes_terminal: bool = False

    @property
    def name(self) -> str:
        return Path(self.words[0]).name


@dataclass(frozen=True, slots=True)
class NoOpener:
    """Nothing can open it here; `reason` is a sentence."""

    reason: str


def opener_of_address(url: str, environ: Mapping[str, str], platform: str, which: Which) -> Opener | NoOpener:
    """What opens `url` (see `addresses.web_address`): $BROWSER, else the desktop's own opener.

    $BROWSER is read as Python's webbrowser does: several commands with a colon between, the first that is there
    counts, `%s` stands for the address, an `&` at the end says nothing new. It counts without a display too: it may
    be a text browser, or a script that reaches the machine in front of the person.
    """
    browsers = environ.get("BROWSER", "")
    for command in filter(None, map(str.strip, browsers.split(os.pathsep))):
        try:
            words = shlex.split(command)
        except ValueError:
            continue
        if words[-1:] == ["&"]:
            words.pop()
        if words and which(words[0]):
            arguments = words[1:] if any("%s" in word for word in words[1:]) else [*words[1:], "%s"]
            called = (words[0], *(word.replace("%s", url) for word in arguments))
            return Opener(called, takes_terminal=Path(words[0]).name in _TEXT_BROWSERS)
    if browsers.strip(os.pathsep + " "):
        return NoOpener("$BROWSER names no program that is there.")
    return _desktop_opener(url, environ, platform, which)


def opener_of_file(file: Path, environ: Mapping[str, str], platform: str, which: Which) -> Opener | NoOpener:
    """What opens `file`, which is absolute: the desktop knows the viewer."""
    return _desktop_opener(str(file), environ, platform, which)


def _desktop_opener(target: str, environ: Mapping[str, str], platform: str, which: Which) -> Opener | NoOpener:
    has_display = bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
    is_remote = bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))
    if is_remote and not has_display:
        return NoOpener("There is no display at this end of SSH.")
    if platform == "darwin":
        names: tuple[str, ...] = ("open",)
    elif environ.get("WSL_DISTRO_NAME"):
        names = ("wslview", "xdg-open") if has_display else ("wslview",)
    elif not has_display:
        return NoOpener("There is no display.")
    else:
        names = ("xdg-open",)
    found = next((name for name in names if which(name)), None)
    return Opener((found, target)) if found else NoOpener(f"{names[-1]} is not installed, and $BROWSER is not set.")


def start(opener: Opener, patience_s: float = _PATIENCE_S) -> str:
    """Start `opener` on its own, silent and apart from this terminal; why it failed, or "" where it did not.

    One that is still there after `patience_s` has opened what it should.
    """
    try:
        process = subprocess.Popen(
            opener.words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return f"{opener.name} cannot be started: {error.strerror or error}."
    # A thread of its own waits to the end, however late that is, so that no dead process is left.
    waiting = threading.Thread(target=process.wait, daemon=True, name="opener")
    waiting.start()
    waiting.join(patience_s)
    return _why_failed(opener, process.returncode)


def run(opener: Opener) -> str:
    """Let `opener` have the terminal until it ends; why it failed, or ""."""
    try:
        return _why_failed(opener, subprocess.run(opener.words, check=False).returncode)
    except OSError as error:
        return f"{opener.name} cannot be started: {error.strerror or error}."


def _why_failed(opener: Opener, exit_code: int | None) -> str:
    if not exit_code:
        return ""
    how = f"ended with exit code {exit_code}" if exit_code > 0 else f"was ended by signal {-exit_code}"
    return f"{opener.name} {how}."
