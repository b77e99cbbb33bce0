"""`journal.tried`: says what is tried and why, around the code that tries it.

As a context manager or a decorator it spools that the trial began, before the body runs, and how it
ended. The program itself is not changed: no global handler, no random numbers drawn, the same
exceptions; where the spool cannot be written, one sentence on stderr and nothing else.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from contextvars import ContextVar, Token
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from journal import clock, paths
from journal.ids import is_uid, new_uid
from journal.recorder import presence, spool
from journal.recorder.events import EndedEvent, OutcomeEvent, RunEvent, TriedEvent
from journal.tracking_uris import absolute_uri
from journal.words import SessionExit, Verdict

ENTRY_VARIABLE = "LABJOURNAL_ENTRY"
"""Holds the uid of the innermost open trial, for child processes and for threads."""
SESSION_VARIABLE = "LABJOURNAL_SESSION"
"""Holds the uid of the session of `journal run` in the process that it started, and in its children."""

_MAX_ERROR_CHARACTERS = 200_000

P = ParamSpec("P")
R = TypeVar("R")


class Trial:
    """One open trial: what `with journal.tried(...) as trial` gives."""

    def __init__(self, uid: str, folder: Path) -> None:
        self.uid = uid
        """The uid of the journal entry that this trial becomes."""
        self._folder = folder

    def outcome(self, text: str, verdict: str | Verdict | None = None) -> None:
        """Say what came of it; `verdict` is kept, dropped or unclear. Said again, the last one holds."""
        _require_text(text, "outcome")
        if verdict is not None:
            verdict = _verdict(verdict)
        spool.write(
            self._folder,
            OutcomeEvent(uid=new_uid(), entry=self.uid, text=str(text), verdict=verdict, at=clock.now()),
        )

    def run(self, run_id: str, tracking_uri: str | None = None) -> None:
        """Tie a run to this trial by hand; runs of MLflow's fluent API are tied by themselves."""
        _require_text(run_id, "run_id")
        if not run_id.strip():
            raise ValueError("run_id must not be empty")
        if tracking_uri is not None:
            _require_text(tracking_uri, "tracking_uri")
        uri = os.environ.get("MLFLOW_TRACKING_URI", "") if tracking_uri is None else tracking_uri
        spool.write(
            self._folder,
            RunEvent(uid=new_uid(), entry=self.uid, run_id=str(run_id), tracking_uri=absolute_uri(uri), at=clock.now()),
        )

    def __repr__(self) -> str:
        return f"<journal trial {self.uid}>"


def current_trial() -> Trial | None:
    """The innermost trial open in this thread or task, if there is one."""
    return _current.get()


def tried(what: str, *, why: str = "", expect: str = "", papers: Iterable[str] = ()) -> Tried:
    """Record what is tried, why, and what is expected, around a `with` block or a function.

        with journal.tried("cosine schedule", why="loss plateaus", papers=["1608.03983"]) as trial:
            ...
            trial.outcome("99.1 -> 99.3", verdict="kept")

    `papers` are arXiv ids, DOIs or addresses. A decorated function makes a new trial at each call; in
    it, `journal.current_trial()` is the trial. Raises TypeError or ValueError for arguments that make
    no sense; nothing else is ever raised.
    """
    _require_text(what, "what")
    if not what.strip():
        raise ValueError("what was tried must not be empty")
    _require_text(why, "why")
    _require_text(expect, "expect")
    return Tried(str(what), str(why), str(expect), _papers(papers))


def session_around() -> str:
    """The uid of the session of `journal run` that this process belongs to; empty without one."""
    uid = os.environ.get(SESSION_VARIABLE, "")
    return uid if is_uid(uid) else ""


class Tried:
    """What `tried` returns: a context manager and a decorator."""

    def __init__(self, what: str, why: str, expect: str, papers: tuple[str, ...]) -> None:
        self._what, self._why, self._expect, self._papers = what, why, expect, papers
        self._trial: Trial | None = None
        self._token: Token[Trial | None] | None = None
        self._pid = 0

    def __enter__(self) -> Trial:
        if self._trial is not None:
            raise RuntimeError("a trial is entered once; call journal.tried again for another one")
        self._pid = os.getpid()
        self._trial = trial = Trial(new_uid(), paths.find().spool)
        spool.write(trial._folder, self._event(trial.uid))
        with suppress(Exception):  # a sign of life less
            presence.announce(trial._folder, trial.uid, presence.of_process(self._pid))
        _environment.opened(trial.uid)
        self._token = _current.set(trial)
        return trial

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        trial, token = self._trial, self._token
        if trial is None or token is None:
            raise RuntimeError("a trial is left only after it was entered")
        with suppress(ValueError):  # left in another context than it was entered in: a generator, a test fixture
            _current.reset(token)
        _environment.closed(trial.uid)
        # A child of os.fork() that unwinds through this block has not ended its parent's trial.
        if os.getpid() == self._pid:
            spool.write(
                trial._folder,
                EndedEvent(
                    uid=new_uid(), session=trial.uid, at=clock.now(), exit=_exit(error), error=_text_of(error, where)
                ),
            )
            presence.withdraw(trial._folder, trial.uid)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Decorate `function`: each call of it is a trial of its own."""
        if not callable(function):
            raise TypeError(f"journal.tried decorates a function, not {type(function).__name__}")
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError("journal.tried cannot decorate a generator; use 'with' inside it")
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def in_trial_async(*args: Any, **kwargs: Any) -> Any:
                with self._again():
                    return await function(*args, **kwargs)

            return in_trial_async  # type: ignore[return-value]

        @functools.wraps(function)
        def in_trial(*args: P.args, **kwargs: P.kwargs) -> R:
            with self._again():
                return function(*args, **kwargs)

        return in_trial

    def _again(self) -> Tried:
        return Tried(self._what, self._why, self._expect, self._papers)

    def _event(self, uid: str) -> TriedEvent:
        return TriedEvent(
            uid=uid,
            what=self._what,
            why=self._why,
            expect=self._expect,
            papers=self._papers,
            started_at=clock.now(),
            host=presence.hostname(),
            pid=self._pid,
            argv=tuple(str(argument) for argument in getattr(sys, "argv", ())),
            cwd=_working_directory(),
            launch=session_around(),
        )


_current: ContextVar[Trial | None] = ContextVar("journal_trial", default=None)


class _Environment:
    """Keeps ENTRY_VARIABLE at the trial opened last that is still open, in whatever order they close.

    Without a lock, since one that another thread holds during os.fork() would stay held in the child.
    """

    def __init__(self) -> None:
        self._open: list[str] = []
        self._before: str | None = None

    def opened(self, uid: str) -> None:
        if not self._open:
            self._before = os.environ.get(ENTRY_VARIABLE)
        self._open.append(uid)
        os.environ[ENTRY_VARIABLE] = uid

    def closed(self, uid: str) -> None:
        is_ours = os.environ.get(ENTRY_VARIABLE) in self._open
        self._open.remove(uid)
        if not is_ours:  # the program set it to something else meanwhile
            return
        value = self._open[-1] if self._open else self._before
        if value is None:
            os.environ.pop(ENTRY_VARIABLE, None)
        else:
            os.environ[ENTRY_VARIABLE] = value


_environment = _Environment()


def _exit(error: BaseException | None) -> SessionExit:
    if error is None or (isinstance(error, SystemExit) and error.code in {None, 0}):
        return SessionExit.finished
    if isinstance(error, Exception | SystemExit):
        return SessionExit.failed
    return SessionExit.interrupted  # Ctrl-C, a cancelled task, a generator closed early


def _text_of(error: BaseException | None, where: TracebackType | None) -> str:
    """The traceback as Python prints it, without the frames of this file; cut in the middle when huge."""
    if error is None or _exit(error) is SessionExit.finished:
        return ""
    while where is not None and where.tb_frame.f_code.co_filename == __file__:
        where = where.tb_next
    try:
        text = "".join(traceback.format_exception(type(error), error, where))
    except Exception:  # noqa: BLE001 - an exception of the program that cannot be printed is still its own
        text = f"{type(error).__name__} (its traceback could not be written)"
    if len(text) <= _MAX_ERROR_CHARACTERS:
        return text
    half = _MAX_ERROR_CHARACTERS // 2
    return f"{text[:half]}\n... {len(text) - 2 * half} characters left out ...\n{text[-half:]}"


def _working_directory() -> str:
    try:
        return str(Path.cwd())
    except OSError:  # it was removed
        return ""


def _papers(papers: Iterable[str]) -> tuple[str, ...]:
    if isinstance(papers, str | bytes):
        raise TypeError('papers must be a list of texts: write papers=["1608.03983"]')
    try:
        listed = tuple(papers)
    except TypeError:
        raise TypeError(f"papers must be a list of texts, not {type(papers).__name__}") from None
    for paper in listed:
        if not isinstance(paper, str):
            raise TypeError(f"each of papers must be a text in quotes, not {paper!r}")
    return tuple(str(paper) for paper in listed)


def _verdict(verdict: str | Verdict) -> Verdict:
    _require_text(verdict, "verdict")
    try:
        return Verdict(verdict)
    except ValueError:
        raise ValueError(f"verdict must be kept, dropped or unclear, not {str(verdict)!r}") from None


def _require_text(value: object, name: str) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text (str), not {type(value).__name__}")
