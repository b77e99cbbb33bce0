"""A command as a process of its own that notices nothing of us: started, waited for, and how it ended."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass

from journal.recorder.signals import Received, Signals
from journal.words import SessionExit

NOT_FOUND, NOT_EXECUTABLE = 127, 126  # as shells report them
_HEEDED_S = 60.0  # a program that ends in this time after a signal is taken to have ended by it

# By these a program ends that went wrong itself; by all others somebody ended it.
_CRASHES = {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL}

# Python ignores these in itself; what it starts shall not.
_IGNORED_BY_PYTHON = {getattr(signal, name) for name in ("SIGPIPE", "SIGXFSZ") if hasattr(signal, name)}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a command ended: `code` where it ended by itself, `signal` where a signal ended it."""

    exit: SessionExit
    code: int | None = None
    signal: int | None = None


def start(command: tuple[str, ...], environ: Mapping[str, str], signals: Signals) -> int:
    """Start `command`, with our terminal, descriptors, folder and process group; its process id.

    A script without `#!` is run by sh, as from a shell. Raises OSError where it cannot be started.
    """
    mask = signals.mask_before
    if not command[0]:  # posix_spawnp has a word of its own for it
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    try:
        pid = os.posix_spawnp(command[0], command, environ, setsigmask=mask, setsigdef=_IGNORED_BY_PYTHON)
    except OSError as error:
        script = shutil.which(command[0])
        if error.errno != errno.ENOEXEC or script is None:
            raise
        words = ("sh", script, *command[1:])
        pid = os.posix_spawn("/bin/sh", words, environ, setsigmask=mask, setsigdef=_IGNORED_BY_PYTHON)
    for number in signals.waiting() - {signal.SIGCHLD}:  # arrived while there was nobody yet to hear it
        os.kill(pid, number)
    return pid


def wait(pid: int, signals: Signals) -> Ending:
    """Wait until the process ends, by whatever; signals that were sent to us alone are passed on.

    When it is stopped, by Ctrl-Z or otherwise, we stop, too, and `fg` goes on with both.
    """
    heard: dict[signal.Signals, float] = {}
    while True:
        done, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
        if done and os.WIFSTOPPED(status):
            signals.let_through(os.WSTOPSIG(status))
        elif done:
            now = time.monotonic()
            return ending(status, {number for number, at in heard.items() if now - at <= _HEEDED_S})
        else:
            received = signals.next()
            heard[received.signal] = time.monotonic()
            if _is_for_us_alone(received, pid):
                os.kill(pid, received.signal)


def ending_before_start(waiting: set[signal.Signals]) -> Ending | None:
    """How it ended before it began, where one of these signals came first; None where nothing did. Pure."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        if number in waiting:
            is_by_hand = number == signal.SIGINT
            return Ending(SessionExit.interrupted if is_by_hand else SessionExit.killed, signal=number)
    return None


def ending(status: int, heard: set[signal.Signals]) -> Ending:
    """What a wait status means; `heard` are the signals that arrived shortly before. Pure."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number in _CRASHES and number not in heard:
            return Ending(SessionExit.failed, signal=number)
        is_by_hand = number == signal.SIGINT
        return Ending(SessionExit.interrupted if is_by_hand else SessionExit.killed, signal=number)
    code = os.WEXITSTATUS(status)
    if code == 0:
        return Ending(SessionExit.finished, code)
    told = code - 128  # a shell tells so of what it ran
    if told == signal.SIGINT or signal.SIGINT in heard:
        return Ending(SessionExit.interrupted, code)
    if told in _CRASHES:
        return Ending(SessionExit.failed, code, told)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
        if told == number or number in heard:
            return Ending(SessionExit.killed, code, number)
    return Ending(SessionExit.failed, code)


def code_of(error: OSError) -> int:
    """The exit code of a command that could not be started."""
    return NOT_FOUND if error.errno in {errno.ENOENT, errno.ENOTDIR} else NOT_EXECUTABLE


def _is_for_us_alone(received: Received, pid: int) -> bool:
    """Whether the command did not hear it, too. What a process sends to our whole group cannot be told from
    what it sends to us, and is passed on once more; nothing is ever lost."""
    return received.sender not in {None, pid} and received.signal is not signal.SIGCHLD
