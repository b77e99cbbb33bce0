"""Signals, taken one by one with who sent them, by a process that waits for another one.

Inside `with Signals() as signals:` none of them does anything by itself. That matters to `journal run`: a
terminal's Ctrl-C reaches the command without us, since we are in one process group, and must not reach it
twice; a signal that was sent to us alone must be passed on. Only their origin tells the two apart.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

_FROM_TERMINAL = {signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}
_PASSED_ON = {signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGCONT}
_NEWS_OF_CHILDREN = signal.SIGCHLD


@dataclass(frozen=True, slots=True)
class Received:
    """One signal; `sender` is a process id, None where the kernel sent it, as it does for a terminal."""

    signal: signal.Signals
    sender: int | None


class Signals:
    """Holds signals back while the block is open, and hands them out. To be opened before any thread is started.

    What was ignored as we were started, as under nohup, stays ignored, for us and for what we start.
    """

    def __init__(self) -> None:
        heard = {each for each in _FROM_TERMINAL | _PASSED_ON if signal.getsignal(each) is not signal.SIG_IGN}
        self._held = {*heard, _NEWS_OF_CHILDREN}
        self.mask_before: set[signal.Signals | int] = set()
        """The signals that were held back before us: the mask for what is started."""
        self._handlers: dict[signal.Signals, Callable[[int, FrameType | None], Any] | int] = {}

    def __enter__(self) -> Signals:
        self.mask_before = {*signal.pthread_sigmask(signal.SIG_BLOCK, self._held)}
        # Of a signal whose default is to be ignored, some systems tell nothing without a handler; and where
        # SIGCHLD was ignored, nobody would learn how the command ended.
        for each in (_NEWS_OF_CHILDREN, signal.SIGCONT):
            if each in self._held:
                self._handlers[each] = signal.signal(each, _nothing) or signal.SIG_DFL
        return self

    def __exit__(self, *_: object) -> None:
        for each in self.waiting():  # what came too late for the command is not for us
            signal.sigwait({each})
        for each, handler in self._handlers.items():
            signal.signal(each, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, self.mask_before)

    def waiting(self) -> set[signal.Signals]:
        """Those that arrived and were not handed out yet."""
        return {signal.Signals(each) for each in signal.sigpending() & self._held}

    def next(self) -> Received:
        """Wait for one."""
        if not hasattr(signal, "sigwaitinfo"):  # macOS: what a terminal may send is taken to come from it
            number = signal.Signals(signal.sigwait(self._held))
            return Received(number, None if number in _FROM_TERMINAL else 0)
        info = signal.sigwaitinfo(self._held)
        return Received(signal.Signals(info.si_signo), info.si_pid if info.si_code <= 0 else None)

    def let_through(self, number: int) -> None:
        """Let `number`, which we send to ourselves, do what it does by default, such as to stop us: once.

        What a terminal sent us of it may still wait, and would stop us a second time, after `fg`.
        """
        if number in signal.sigpending():
            signal.sigwait({number})
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
        signal.raise_signal(number)
        signal.pthread_sigmask(signal.SIG_BLOCK, {number} & self._held)


def _nothing(number: int, frame: FrameType | None) -> None:
    """A handler that does nothing; a program that is started has the default again."""
