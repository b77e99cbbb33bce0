"""What a person changes in the interface: written one after the other, told, and taken back, the last one first."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from journal.clock import Clock
from journal.paths import Paths
from journal.types import Ref
from tui.messages import ChangeWanted, Unchanged
from tui.widgets.bars import StatusLine
from tui.widgets.writing import Writer


class Origin(Protocol):
    """Where a change was asked for."""

    def took_back(self, ref: Ref) -> None:
        """A change of `ref` that was made here is undone."""


class Changes:
    """Those that were made here; what others made is undone as well, but no origin is told of it."""

    def __init__(
        self, paths: Paths, clock: Clock, writer: Writer, status: StatusLine, moved: Callable[[], None]
    ) -> None:
        """`moved` is called once the journal is another, or could not be made so."""
        self._paths, self._clock = paths, clock
        self._writer, self._status, self._moved = writer, status, moved
        self._made: list[tuple[str, Origin, Ref]] = []  # the last one last

    def make(self, wanted: ChangeWanted, origin: Origin) -> None:
        def job() -> object:
            from journal.store.changes import change

            with change(self._paths, wanted.summary, clock=self._clock) as opened:
                result = wanted.make(opened)
            if wanted.draft is not None:
                wanted.draft.unlink(missing_ok=True)
            return result

        def done(result: object) -> None:
            if isinstance(result, Unchanged):
                self._status.say(result.sentence, is_answer=True)
            else:
                self._made.append((wanted.summary, origin, wanted.ref))
                self._status.say(wanted.summary, is_answer=True)
            self._moved()

        def failed(sentence: str) -> None:
            typed = f" What you typed is in {wanted.draft}" if wanted.draft is not None else ""
            self._status.say(sentence + typed, is_error=True)
            origin.took_back(wanted.ref)
            self._moved()

        self._writer.run(job, done, failed)

    def undo(self) -> None:
        def job() -> str:
            from journal.store.undo import undo

            return undo(self._paths, clock=self._clock)

        def done(summary: str) -> None:
            self._status.say(f"Undone: {summary}", is_answer=True)
            if self._made and self._made[-1][0] == summary:
                _, origin, ref = self._made.pop()
                origin.took_back(ref)
            self._moved()

        self._writer.run(job, done, partial(self._status.say, is_error=True))
