"""Starts a command and records it: before it starts, while it runs, and when it is over.

The command notices nothing. It has our terminal and descriptors, our process group and working directory; it
gets each signal as it would without us; and it goes on when we are killed. Whatever of ours fails, is slow or
hangs, such as a network disk that does not answer, costs it some seconds before it starts, and never itself.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from journal import clock
from journal.ids import is_uid, new_uid
from journal.paths import Paths
from journal.recorder import command_process, presence, spool
from journal.recorder.command_process import Ending, ending_before_start
from journal.recorder.events import CapturedEvent, EndedEvent, EntryEvent, Facts, LaunchedEvent
from journal.recorder.launch_environment import RUN_ID_VARIABLE, launch_variables
from journal.recorder.output_tail import OutputFiles
from journal.recorder.signals import Signals
from journal.recorder.tried import ENTRY_VARIABLE, session_around
from journal.tracking_uris import without_passwords
from journal.types import EntryType, SessionExit

_PATIENCE_S = 2.0  # for what surrounds the command, before it starts
_REST_S = 1.0  # for what is still being looked at when it is over
_MOST_ARGV_CHARACTERS = 64 * 1024
_MOST_WORD_CHARACTERS = 1_000
_LONGEST_WHAT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be run, and what is said about it. Without `what` and `entry`, nobody said why."""

    command: tuple[str, ...]
    what: str = ""
    why: str = ""
    expect: str = ""
    papers: tuple[str, ...] = ()
    entry: str = ""  # the uid of an entry that is there already
    note: str = ""  # for MLflow's pages, by `mlflow_note.note_text`
    continues: str = ""  # the id of an MLflow run


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What came of it; `problem` is why it could not be started, or empty."""

    session: str
    entry: str
    ending: Ending
    started_at: datetime
    ended_at: datetime
    problem: str = ""


def launch(order: Order, paths: Paths, environ: Mapping[str, str], added: Mapping[str, str]) -> Ended:
    """Run the command of `order` to its end and spool what is to be known of it. Raises nothing of its own.

    `environ` is the person's environment, `added` what the tracking adds to it. To be called by the main thread
    while no other one runs.
    """
    entry = order.entry or (new_uid() if order.what else _entry_around(environ))  # before its session, in the spool too
    session = new_uid()
    with Signals() as signals:
        signs = SignsOfLife(paths.spool, session)
        before = _in_background(lambda: _capture("capture_before", session, paths, order.command, environ))
        started_at = clock.now()
        for event in _first_events(order, session, entry, started_at, environ):
            spool.write(paths.spool, event)
        _join(before, _PATIENCE_S)
        outputs = OutputFiles()
        variables = launch_variables(environ, session=session, entry=entry, note=order.note, continues=order.continues)
        ending, problem = ending_before_start(signals.waiting()), ""
        rest: threading.Thread | None = None
        if ending is None:
            try:
                pid = command_process.start(order.command, {**environ, **added, **variables}, signals)
            except OSError as error:
                ending = Ending(SessionExit.failed, command_process.code_of(error))
                problem = f"{order.command[0]!r} cannot be started: {error.strerror or error}."
            else:
                signs.are_of(pid)
                rest = _in_background(lambda: _capture("capture_after", session, paths, order.command, environ))
                ending = command_process.wait(pid, signals)
        ended_at = clock.now()
        end = EndedEvent(
            uid=new_uid(), session=session, at=ended_at, exit=ending.exit, error=problem,
            code=ending.code, signal=ending.signal, output=_redacted_text(outputs.tail(), environ),
        )  # fmt: skip
        spool.write(paths.spool, end)
        signs.end(is_told=(paths.spool / f"{end.uid}.json").exists())
        if rest is not None:
            _join(rest, _REST_S)
    return Ended(session=session, entry=entry, ending=ending, started_at=started_at, ended_at=ended_at, problem=problem)


def _entry_around(environ: Mapping[str, str]) -> str:
    """The entry of the trial, or of the `journal run`, that this one is part of."""
    uid = environ.get(ENTRY_VARIABLE, "")
    return uid if is_uid(uid) else ""


def _first_events(
    order: Order, session: str, entry: str, at: datetime, environ: Mapping[str, str]
) -> list[EntryEvent | LaunchedEvent]:
    events: list[EntryEvent | LaunchedEvent] = []
    if order.what and not order.entry:
        events.append(
            EntryEvent(
                uid=entry, type=EntryType.tried, what=order.what, why=order.why, expect=order.expect,
                papers=order.papers, at=at,
            )
        )  # fmt: skip
    try:
        cwd = str(Path.cwd())
    except OSError:  # it was removed
        cwd = ""
    events.append(
        LaunchedEvent(
            uid=session, entry=entry, at=at, host=presence.hostname(), pid=os.getpid(),
            argv=kept_argv(order.command), cwd=cwd, launch=session_around(),
            continues=order.continues or environ.get(RUN_ID_VARIABLE, ""),
        )
    )  # fmt: skip
    return events


# ---------------------------------------------------------------- signs of life


class SignsOfLife:
    """Renews the sign of life of a session, in a thread, so that a disk that hangs holds nobody up.

    Until the command is there, it is the sign of this process.
    """

    def __init__(self, folder: Path, session: str) -> None:
        self._folder, self._session = folder, session
        self._pid, self._news, self._is_over = os.getpid(), threading.Event(), False
        self._said = threading.Event()
        self._news.set()
        self._thread = _in_background(self._renew)
        self._said.wait(_PATIENCE_S)

    def are_of(self, pid: int) -> None:
        """From now on, it is the sign of the process `pid`."""
        self._pid = pid
        self._news.set()

    def end(self, *, is_told: bool) -> None:
        """Nothing is renewed any more; `is_told` where an event says how the session ended."""
        self._is_over = True
        self._news.set()
        _join(self._thread, _REST_S)
        if is_told:
            _join(_in_background(lambda: presence.withdraw(self._folder, self._session)), _REST_S)

    def _renew(self) -> None:
        while not self._is_over:
            if not self._news.wait(presence.BEAT_S):
                presence.beat(self._folder, self._session)
                continue
            self._news.clear()
            if not self._is_over:
                with suppress(OSError):
                    presence.announce(self._folder, self._session, presence.of_process(self._pid, beats=True))
            self._said.set()


def _in_background(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, name="journal-run", daemon=True)
    with suppress(RuntimeError):  # no more threads: then without
        thread.start()
    return thread


def _join(thread: threading.Thread, patience_s: float) -> None:
    if thread.ident is not None:
        thread.join(patience_s)


# ---------------------------------------------------------------- what surrounds it


def _capture(name: str, session: str, paths: Paths, command: Sequence[str], environ: Mapping[str, str]) -> None:
    try:
        capture: Callable[..., Facts] = getattr(importlib.import_module("journal.recorder.capture"), name)
        facts = capture(command, Path.cwd(), environ)
        if facts:
            spool.write(paths.spool, CapturedEvent(uid=new_uid(), session=session, facts=facts))
    except Exception:  # noqa: BLE001 - what is not known is missing; the command is not held up by it
        return


def kept_argv(command: Sequence[str]) -> tuple[str, ...]:
    """The words of a command as they are kept: without secrets, and none of a length that nobody reads."""
    words = _redacted_argv(command)
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
    return line if len(line) <= _LONGEST_WHAT else f"{line[: _LONGEST_WHAT - 1]}…"


def _redacted_argv(command: Sequence[str]) -> tuple[str, ...]:
    try:
        secrets = importlib.import_module("journal.recorder.capture.secrets")
    except ImportError:
        return tuple(map(without_passwords, command))
    return tuple(secrets.redacted_argv(command, secrets.secrets_in(os.environ)))


def _redacted_text(text: str, environ: Mapping[str, str]) -> str:
    if not text:
        return ""
    try:
        secrets = importlib.import_module("journal.recorder.capture.secrets")
        return str(secrets.redacted_text(text, secrets.secrets_in(environ)))
    except Exception:  # noqa: BLE001 - rather nothing than a secret
        return ""
