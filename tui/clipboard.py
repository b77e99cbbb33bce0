"""The clipboard and the links of the terminal in front of the person, also over SSH and inside tmux.

Sources: xterm's control sequences (OSC 52), the OSC 8 specification (egmontkob/hyperlinks in terminal emulators),
tmux(1): load-buffer -w, allow-passthrough.
"""

from __future__ import annotations

import subprocess
from base64 import b64encode
from collections.abc import Mapping

COPIED = "copied to the clipboard of your terminal"
_TMUX_PATIENCE_S = 2.0


def knows_sequences(environ: Mapping[str, str]) -> bool:
    """Whether the terminal can be expected to understand, or else to swallow, what this module makes."""
    return environ.get("TERM", "dumb") not in {"dumb", "linux"}


def link(url: str) -> str:
    """`url`, to be clicked where the terminal knows links (OSC 8). Only for what `web_address` made."""
    return f"\x1b]8;;{url}\x1b\\{url}\x1b]8;;\x1b\\"


def copying(text: str) -> str:
    """The sequence that puts `text` on the terminal's clipboard (OSC 52)."""
    return f"\x1b]52;c;{b64encode(text.encode()).decode()}\x07"


def through_tmux(sequence: str) -> str:
    """`sequence` for the terminal that tmux runs in."""
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"


def sequence_to_copy(text: str, environ: Mapping[str, str]) -> str:
    """What is still to be written to the terminal so that `text` is copied; "" where tmux has taken it already.

    tmux keeps sequences of programs to itself, so it is asked to copy. May take a while: not for the UI thread.
    """
    if not environ.get("TMUX"):
        return copying(text)
    try:
        done = subprocess.run(
            ("tmux", "load-buffer", "-w", "-"),
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_TMUX_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return through_tmux(copying(text))
    return "" if done.returncode == 0 else through_tmux(copying(text))
