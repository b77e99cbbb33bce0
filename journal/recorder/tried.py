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
from collections.abc import Callable, Iterable
from contextlib import suppress
from contextvars import Token
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from journal import clock, paths
from journal.ids import new_uid
from journal.mlflow_note import note_text
from journal.recorder import belonging, mlflow_ties, presence, spool, trial_surroundings, uncaught
from journal.recorder.belonging import ENTRY_VARIABLE as ENTRY_VARIABLE
from journal.recorder.belonging import SESSION_VARIABLE as SESSION_VARIABLE
from journal.recorder.events import EndedEvent, OutcomeEvent, RunEvent, TriedEvent
from journal.storable import storable
from journal.tracking_uris import absolute_uri
from journal.words import SessionExit, Verdict

P = ParamSpec("P")
R = TypeVar("R")

_SHORTEST_SECRET = 9  # characters: `a://b:c@d`
_HOW_TO_BEGIN = "write `with journal.tried(...) as trial:` or `trial = journal.tried(...).start()`"


class Trial:
    """One open trial: what `with journal.tried(...) as trial` and `journal.tried(...).start()` give."""

    def __init__(self, uid: str, folder: Path, note: str = "") -> None:
        self.uid = uid
        """The uid of the journal entry that this trial becomes."""
        self.note = note
        """What MLflow's pages show of it."""
        self._folder = folder
        self._around: Tried | None = None

    def outcome(self, text: object, verdict: str | Verdict | None = None) -> None:
        """Say what came of it, in words or as a number; `verdict` is kept, dropped or unclear. The last one holds.

        It comes at the end of a training, so nothing is ever raised: what makes no sense is said on stderr, and
        the rest is kept.
        """
        try:
            words, known = _words_and_verdict(text, verdict)
            event = OutcomeEvent(uid=new_uid(), entry=self.uid, text=_said(words), verdict=known, at=clock.now())
        except Exception as error:  # noqa: BLE001 - better no outcome than a secret, or no trained model
            _tell(f"this outcome is not recorded ({type(error).__name__}); your program goes on unchanged.")
        else:
            spool.write(self._folder, event)

    def run(self, run_id: str, tracking_uri: str | None = None) -> None:
        """Tie a run to this trial by hand; those that this process makes with MLflow are tied by themselves."""
        _require_text(run_id, "run_id")
        if not run_id.strip():
            raise ValueError("run_id must not be empty")
        if tracking_uri is not None:
            _require_text(tracking_uri, "tracking_uri")
        uri = os.environ.get("MLFLOW_TRACKING_URI", "") if tracking_uri is None else tracking_uri
        spool.write(
            self._folder,
            RunEvent(
                uid=new_uid(), entry=self.uid, run_id=str(run_id), tracking_uri=absolute_uri(uri), at=clock.now(),
                session=self.uid,
            ),
        )  # fmt: skip

    def end(self) -> None:
        """End a trial that `start` began; one that has ended stays as it is."""
        if self._around is not None:
            self._around.__exit__(None, None, None)

    def _announce(self) -> None:
        with suppress(Exception):  # a sign of life less
            presence.announce(self._folder, self.uid, presence.of_process(os.getpid()))

    def __repr__(self) -> str:
        return f"<journal trial {self.uid}>"


def current_trial() -> Trial | None:
    """The innermost trial open in this thread or task, if there is one."""
    return belonging.current_trial.get()


def tried(what: str, *, why: str = "", expect: str = "", papers: Iterable[str] = (), attribute: str = "") -> Tried:
    """Record what is tried, why, and what is expected, around a `with` block or a function.

        with journal.tried("cosine schedule", why="loss plateaus", papers=["1608.03983"]) as trial:
            ...
            trial.outcome("99.1 -> 99.3", verdict="kept")

    In a notebook, where a trial takes several cells, it is started and ended by hand:

        trial = journal.tried("cosine schedule").start()
        ...
        trial.outcome("99.1 -> 99.3", verdict="kept")
        trial.end()

    `papers` are arXiv ids, DOIs or addresses; `attribute` is the part of the network or its training that
    it is about, such as "optimiser". A decorated function makes a new trial at each call; in
    it, `journal.current_trial()` is the trial. Raises TypeError or ValueError for arguments that make
    no sense, before anything is trained; nothing else is ever raised.
    """
    _require_text(what, "what")
    if not what.strip():
        raise ValueError("what was tried must not be empty")
    _require_text(why, "why")
    _require_text(expect, "expect")
    _require_text(attribute, "attribute")
    return Tried(_said(what), _said(why), _said(expect), _papers(papers), str(attribute))


class Tried:
    """What `tried` returns: a context manager and a decorator."""

    def __init__(self, what: str, why: str, expect: str, papers: tuple[str, ...], attribute: str) -> None:
        self._what, self._why, self._expect, self._papers, self._attribute = what, why, expect, papers, attribute
        self._trial: Trial | None = None
        self._token: Token[Trial | None] | None = None
        self._has_ended = False
        self._pid = 0

    def start(self) -> Trial:
        """Begin the trial without a `with` block, as over several cells of a notebook; its `end` ends it."""
        return self.__enter__()

    def outcome(self, text: object, verdict: str | Verdict | None = None) -> None:
        """As that of the trial that began; where none did, both are kept, and that is said."""
        if self._trial is not None:
            self._trial.outcome(text, verdict)
            return
        _tell(f"a trial that had not begun is kept as begun and ended now: {_HOW_TO_BEGIN}.")
        with self._again() as trial:
            trial.outcome(text, verdict)

    def end(self) -> None:
        """As that of the trial that began."""
        if self._trial is not None:
            self._trial.end()
        else:
            _tell(f"a trial that has not begun cannot end: {_HOW_TO_BEGIN}.")

    def __getattr__(self, name: str) -> Any:
        if name in {"run", "uid", "note"}:
            if (trial := self.__dict__.get("_trial")) is not None:
                return getattr(trial, name)
            raise AttributeError(f"this trial has not begun, so there is no {name}: {_HOW_TO_BEGIN}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __enter__(self) -> Trial:
        if self._trial is not None:
            raise RuntimeError("a trial is entered once; call journal.tried again for another one")
        self._pid = os.getpid()
        self._trial = trial = Trial(new_uid(), paths.find().spool, self._note())
        trial._around = self
        spool.write(trial._folder, self._event(trial.uid))
        spool.do(trial._folder, trial._announce)
        trial_surroundings.capture(trial._folder, trial.uid)
        belonging.open_trials.opened(trial.uid, trial.note)
        self._token = belonging.current_trial.set(trial)
        mlflow_ties.install()
        uncaught.listen()
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
        if self._has_ended:
            return
        self._has_ended = True
        with suppress(ValueError):  # left in another context than it was entered in: a generator, a test fixture
            belonging.current_trial.reset(token)
        belonging.open_trials.closed(trial.uid)
        # A child of os.fork() that unwinds through this block has not ended its parent's trial.
        if os.getpid() == self._pid:
            end = EndedEvent(
                uid=new_uid(), session=trial.uid, at=clock.now(), exit=_exit(error), error=_text_of(error, where)
            )
            if spool.write(trial._folder, end):
                spool.do(trial._folder, lambda: presence.withdraw(trial._folder, trial.uid))

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
        return Tried(self._what, self._why, self._expect, self._papers, self._attribute)

    def _note(self) -> str:
        note = note_text("entry", self._what, self._why, self._expect)
        return storable(note)  # what an environment can hold

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
            argv=_command_line(),
            cwd=_working_directory(),
            launch=belonging.session_around(),
            attribute=self._attribute,
        )


def _exit(error: BaseException | None) -> SessionExit:
    if error is None or (isinstance(error, SystemExit) and error.code in {None, 0}):
        return SessionExit.finished
    if isinstance(error, Exception | SystemExit):
        return SessionExit.failed
    return SessionExit.interrupted  # Ctrl-C, a cancelled task, a generator closed early


def _text_of(error: BaseException | None, where: TracebackType | None) -> str:
    """The traceback as Python prints it, without the frames of this file."""
    if error is None or _exit(error) is SessionExit.finished:
        return ""
    while where is not None and where.tb_frame.f_code.co_filename == __file__:
        where = where.tb_next
    return uncaught.traceback_text(error, where)


def _said(text: str) -> str:
    if len(text) < _SHORTEST_SECRET:
        return str(text)
    from journal.recorder.kept_words import said

    return said(str(text))


def _command_line() -> tuple[str, ...]:
    """The arguments of the program; in a notebook those of its kernel say nothing, and its name is given."""
    argv = tuple(str(argument) for argument in getattr(sys, "argv", ()))
    if (notebook := trial_surroundings.notebook_name()) is not None:
        argv = (notebook or "a notebook",)
    try:
        from journal.recorder.kept_words import kept_argv  # its patterns are for here alone

        return kept_argv(argv)
    except Exception:  # noqa: BLE001 - better no arguments than a secret
        return argv[:1]


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


def _words_and_verdict(text: object, verdict: object) -> tuple[str, Verdict | None]:
    """An outcome as it is kept; what was not understood is said, and kept with the words."""
    words = _printed(text)
    if not isinstance(text, str) and not hasattr(text, "__float__"):
        _tell(f"an outcome is a text or a number, not {type(text).__name__}; it is kept as {words[:60]!r}.")
    if verdict is None:
        return words, None
    if isinstance(verdict, str) and verdict in Verdict.__members__:
        return words, Verdict(verdict)
    _tell(
        f"a verdict is kept, dropped or unclear, not {_printed(verdict)!r}; it is kept with the words of the outcome."
    )
    return f"{words} (verdict: {_printed(verdict)})", None


def _printed(value: object) -> str:
    """As text; of a tensor that holds one number, that number."""
    try:
        return f"{value}"
    except Exception:  # noqa: BLE001 - its own mistake
        return type(value).__name__


def _tell(sentence: str) -> None:
    with suppress(Exception):  # stderr may be closed, or None in a windowed program
        print(f"journal: {sentence}", file=sys.stderr)  # noqa: T201 - a training process has no other channel of ours


def _require_text(value: object, name: str) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text (str), not {type(value).__name__}")
