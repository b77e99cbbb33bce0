"""Starts a command and records it: before it starts, while it runs, and when it is over.

The command notices nothing. It has our terminal and descriptors, our process group and working directory; it
gets each signal as it would without us; and it goes on when we are killed. Whatever of ours fails, is slow or
hangs, such as a network disk that does not answer, costs it PATIENCE_S before it starts, all of it together, and
never itself; what is late goes on beside the command.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from journal import clock
from journal.ids import is_uid, new_uid
from journal.paths import Paths
from journal.recorder import command_process, presence, spool
from journal.recorder.belonging import ENTRY_VARIABLE, session_around
from journal.recorder.command_process import Ending, ending_before_start
from journal.recorder.events import EndedEvent, EntryEvent, LaunchedEvent
from journal.recorder.kept_words import kept_argv, kept_text
from journal.recorder.launch_environment import RUN_ID_VARIABLE, launch_variables
from journal.recorder.output_tail import OutputFiles
from journal.recorder.signals import Signals
from journal.recorder.signs_of_life import SignsOfLife
from journal.recorder.surroundings import Surroundings
from journal.words import EntryType, SessionExit

PATIENCE_S = 2.0  # for all that is recorded before the command starts
_REST_S = 1.0  # for what is still being looked at when it is over


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
    joins: str = ""  # the uid of a run without MLflow
    named_entry: str = ""  # what could not be looked up, as it was typed
    named_run: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What came of it; `problem` is why it could not be started, or empty."""

    session: str
    entry: str
    ending: Ending
    started_at: datetime
    ended_at: datetime
    problem: str = ""


def launch(
    order: Order,
    paths: Paths,
    environ: Mapping[str, str],
    added: Mapping[str, str],
    *,
    patience_s: float = PATIENCE_S,
) -> Ended:
    """Run the command of `order` to its end and spool what is to be known of it. Raises nothing of its own.

    `environ` is the person's environment, `added` what the tracking adds to it. The command waits for `patience_s`
    at the most. To be called by the main thread while no other one runs.
    """
    deadline = time.monotonic() + patience_s

    def rest_s() -> float:
        return max(0.0, deadline - time.monotonic())

    entry = order.entry or (new_uid() if order.what else _entry_around(environ))  # before its session, in the spool too
    session = new_uid()
    with Signals() as signals:
        signs = SignsOfLife(paths.spool, session)
        surroundings = Surroundings(session, paths, order.command, environ)
        started_at = clock.now()
        signs.wait(rest_s())
        for event in _first_events(order, session, entry, started_at, environ):
            spool.write(paths.spool, event, patience_s=rest_s())
        surroundings.wait(rest_s())
        outputs = OutputFiles()
        variables = launch_variables(environ, session=session, entry=entry, note=order.note, continues=order.continues)
        ending, problem = ending_before_start(signals.waiting()), ""
        if ending is None:
            try:
                pid = command_process.start(order.command, {**environ, **added, **variables}, signals)
            except OSError as error:
                ending = Ending(SessionExit.failed, command_process.code_of(error))
                problem = f"{order.command[0]!r} cannot be started: {error.strerror or error}."
            else:
                signs.are_of(pid)
                surroundings.look_on(pid)
                ending = command_process.wait(pid, signals)
        ended_at = clock.now()
        surroundings.look_at_end()
        end = EndedEvent(
            uid=new_uid(), session=session, at=ended_at, exit=ending.exit, error=problem,
            code=ending.code, signal=ending.signal, output=kept_text(outputs.tail(), environ),
        )  # fmt: skip
        signs.end(is_told=spool.write(paths.spool, end))
        surroundings.wait(_REST_S)
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
            continues=order.continues or environ.get(RUN_ID_VARIABLE, ""), joins=order.joins,
            named_entry=order.named_entry, named_run=order.named_run,
        )
    )  # fmt: skip
    return events
