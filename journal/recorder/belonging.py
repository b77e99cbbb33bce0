"""What a process, a thread or a task belongs to: the trial that is open, or the command that `journal run` started.

The innermost trial of this context is asked first, then the environment, which threads and child
processes have in common with whoever opened the trial.
"""

from __future__ import annotations

import os
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journal.ids import is_uid
from journal.words import ENTRY_TAG, NOTE_TAG, SESSION_TAG

if TYPE_CHECKING:
    from journal.recorder.tried import Trial

ENTRY_VARIABLE = "LABJOURNAL_ENTRY"
"""Holds the uid of the innermost open trial, for child processes and for threads."""
SESSION_VARIABLE = "LABJOURNAL_SESSION"
"""Holds the uid of the session of `journal run` in the process that it started, and in its children."""
NOTE_VARIABLE = "LABJOURNAL_NOTE"
"""Holds what MLflow shows of that entry: the text of the tag `mlflow.note.content`."""
CONTINUED_VARIABLE = "LABJOURNAL_CONTINUES"
"""Holds the id of the MLflow run that `journal run --continue` named, for the whole of its command."""
_VARIABLES = (ENTRY_VARIABLE, NOTE_VARIABLE)


@dataclass(frozen=True, slots=True)
class Belonging:
    """The entry and the session that what happens here belongs to; empty where there is none."""

    entry: str
    session: str
    note: str = ""

    def tags(self) -> dict[str, str]:
        """The tags of an MLflow run that is made here."""
        # A child process of a trial knows its entry alone, whose uid is that of the trial's session.
        tags = {ENTRY_TAG: self.entry, SESSION_TAG: self.session or self.entry, NOTE_TAG: self.note}
        return {key: value for key, value in tags.items() if value}


current_trial: ContextVar[Trial | None] = ContextVar("journal_trial", default=None)


def belonging() -> Belonging | None:
    """What this thread or task belongs to; None outside of every trial and launch. Takes a microsecond."""
    trial = current_trial.get()
    if trial is not None:
        return Belonging(trial.uid, trial.uid, trial.note)
    launch, entry = session_around(), os.environ.get(ENTRY_VARIABLE, "")
    if not is_uid(entry):
        return Belonging("", launch) if launch else None
    is_of_this_process = entry in open_trials
    return Belonging(entry, entry if is_of_this_process else launch, os.environ.get(NOTE_VARIABLE, ""))


def session_around() -> str:
    """The uid of the session of `journal run` that this process belongs to; empty without one."""
    uid = os.environ.get(SESSION_VARIABLE, "")
    return uid if is_uid(uid) else ""


class OpenTrials:
    """Keeps both variables at the trial opened last that is still open, in whatever order they close.

    Without a lock, since one that another thread holds during os.fork() would stay held in the child.
    """

    def __init__(self) -> None:
        self._open: list[tuple[str, str]] = []
        self._before: dict[str, str | None] = {}

    def __contains__(self, uid: str) -> bool:
        return any(uid == each for each, _ in self._open)

    def opened(self, uid: str, note: str) -> None:
        if not self._open:
            self._before = {name: os.environ.get(name) for name in _VARIABLES}
        self._open.append((uid, note))
        os.environ[ENTRY_VARIABLE], os.environ[NOTE_VARIABLE] = uid, note

    def closed(self, uid: str) -> None:
        were = dict(zip(_VARIABLES, zip(*self._open, strict=True), strict=True)) if self._open else {}
        self._open[:] = [each for each in self._open if each[0] != uid]
        values = dict(zip(_VARIABLES, self._open[-1], strict=True)) if self._open else self._before
        for name, value in values.items():
            if os.environ.get(name) not in were.get(name, ()):  # the program set it to something else meanwhile
                continue
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


open_trials = OpenTrials()
