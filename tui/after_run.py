"""What follows when a command of `journal run` is over: its runs are taken in, one line is said, one line asked."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress

from journal import clock, db
from journal import paths as journal_paths
from journal.errors import JournalError
from journal.paths import Paths
from journal.queries.datasets import data_of_run
from journal.queries.entries import get_entry
from journal.queries.items import uid_of
from journal.queries.runs import get_run
from journal.queries.sessions import entries_of_session, runs_of_session
from journal.recorder import spool
from journal.recorder.kept_words import said
from journal.recorder.launch import Ended
from journal.recorder.tracking import store_path
from journal.tracking_uris import sqlite_path, sqlite_uri
from journal.types import Entry, EntryDraft, EntryType, Kind, Ref, Relation, Run
from tui import context
from tui.asking_about_runs import Unanswered
from tui.formatting import printable, titled
from tui.one_line import How, ask_line
from tui.output import note, prompt
from tui.run_end import knows, stores_around
from tui.run_words import answer, end_line, outcome_question, why_question

_NICER = 10
_POINTS_FOR_S = 2.0  # the line that is said at the end holds the last of them
_LATER = "What was recorded is taken in later."


def tell_and_ask(
    where: Paths, ended: Ended, environ: Mapping[str, str], command: Sequence[str], *, patience_s: float
) -> None:
    """Say in one line what came of it, and ask, for so long.

    A journal that cannot be used now is one sentence: what was recorded waits in the spool.
    """
    refs = take_in_and_mirror(where, ended.session, environ)
    if not refs:
        return
    runs, entries = _told(where, ended.session, refs)
    note(end_line(refs, runs[0].status, ended.ended_at - ended.started_at, runs[0].metrics))
    for sentence in _changed_data(where, refs):
        note(printable(sentence))
    try:
        _ask(where, refs[0], _asked_about(where, ended, entries), command, patience_s)
    except JournalError as error:
        note(f"journal: {printable(str(error))}")


def take_in_and_mirror(
    where: Paths, session: str, environ: Mapping[str, str], *, points_for_s: float = _POINTS_FOR_S
) -> tuple[Ref, ...]:
    """Take in what was recorded, points for about so long, and mirror the session's stores; its runs,
    where that could be done.

    Where the journal cannot be used, that is said.
    """
    refs: tuple[Ref, ...] = ()
    try:
        with db.wrapped_errors(where.journal):
            if where.spool.is_dir():
                db.connect(where).close()
                context.take_in(where, points_for_s=points_for_s)
                _mirror(where, session, environ)
            refs = _runs(where, session)
    except JournalError as error:
        note(f"journal: {printable(str(error))} {_LATER}")
        return ()
    if not refs and spool.pending(where.spool):  # the journal is locked, or may not be written
        note(f"journal: {printable(str(where.journal))} cannot be written just now. {_LATER}")
    return refs


def take_in_apart(session: str) -> None:
    """The same in a process of its own, which nobody waits for."""
    with suppress(OSError, AttributeError):
        os.nice(_NICER)
    with suppress(BrokenPipeError):
        take_in_and_mirror(journal_paths.find(), session, os.environ, points_for_s=math.inf)


def _runs(where: Paths, session: str) -> tuple[Ref, ...]:
    if not where.journal.exists():
        return ()
    with db.looking(where) as connection:
        return runs_of_session(connection, session)


def _told(where: Paths, session: str, refs: tuple[Ref, ...]) -> tuple[list[Run], list[Entry]]:
    """The runs, and what was tried with them."""
    with db.looking(where) as connection:
        runs = [get_run(connection, ref) for ref in refs]
        links = [link for run in runs for link in run.links if link.kind is Kind.entry]
        tested = [link.ref for link in links if link.relation == Relation.tests]
        refs_tried = dict.fromkeys((*entries_of_session(connection, session), *tested))
        entries = [get_entry(connection, ref) for ref in refs_tried]
    return runs, [entry for entry in entries if entry.type is EntryType.tried]


def _asked_about(where: Paths, ended: Ended, entries: list[Entry]) -> list[Entry]:
    """What the command was for, where that was said; else all that was tried."""
    with db.looking(where) as connection:
        own = next((entry for entry in entries if uid_of(connection, entry.ref) == ended.entry), None)
    return [own] if own else entries


def _changed_data(where: Paths, refs: tuple[Ref, ...]) -> tuple[str, ...]:
    """Of each dataset that the runs found changed, that it had, once."""
    from tui.dataset_document import had_changed

    with db.looking(where) as connection:
        said = [had_changed(used) for ref in refs for used in data_of_run(connection, ref)]
    return tuple(dict.fromkeys(filter(None, said)))


# ---------------------------------------------------------------- the stores


def _mirror(where: Paths, session: str, environ: Mapping[str, str]) -> None:
    """Mirror the SQLite stores in which the session made runs; servers are asked another time."""
    from importers.mirror import sync_runs

    for uri in _stores(where, session, environ):
        with suppress(JournalError):  # it may be busy; the next sync has it
            sync_runs(where, uri)


def _stores(where: Paths, session: str, environ: Mapping[str, str]) -> list[str]:
    with db.looking(where) as connection:
        told = [get_run(connection, ref).tracking_uri for ref in runs_of_session(connection, session)]
    named = [path.absolute() for path in map(sqlite_path, told) if path is not None and path.is_file()]
    own = store_path(where.mlflow)
    found = dict.fromkeys((*stores_around(where, environ), *named))
    return [sqlite_uri(path) for path in found if path == own or sqlite_uri(path) in told or knows(path, session)]


# ---------------------------------------------------------------- the question


def _ask(where: Paths, run: Ref, entries: list[Entry], command: Sequence[str], patience_s: float) -> None:
    """Ask whether it held, or, of a run without a why, why it was run; write what is answered."""
    if len(entries) > 1 or any(entry.outcome or entry.verdict for entry in entries):
        return
    unanswered = Unanswered.of(where, command)
    if unanswered.is_recent(clock.now()):
        return
    asked = outcome_question(entries[0].title, entries[0].expect, patience_s) if entries else why_question(patience_s)
    line = ask_line(asked, patience_s=patience_s, say=prompt)
    if line.how is How.unasked:
        return
    unanswered.keep(clock.now(), is_answered=line.how is How.answered)
    if line.how is How.answered:
        note(_keep_outcome(where, entries[0].ref, line.text) if entries else _keep_why(where, run, line.text))
    elif line.how is How.late and entries:
        note(f"Later: journal outcome {entries[0].ref} '...'")


def _keep_outcome(where: Paths, entry: Ref, line: str) -> str:
    from journal.store import entries
    from journal.store.changes import change

    given = answer(said(line))
    with change(where, f"outcome of {entry}") as made:
        entries.set_outcome(made, entry, given.text, given.verdict)
    return f"{entry}  outcome written" + (f"; verdict: {given.verdict}" if given.verdict else "")


def _keep_why(where: Paths, run: Ref, line: str) -> str:
    from journal.store import entries, links
    from journal.store.changes import change

    with change(where, f"why of {run}") as made:
        entry = entries.add(made, EntryDraft(what=said(line)))
        made.summary = f"why of {titled(run, line)}"
        links.add(made, run, entry, Relation.tests)
    return f"{entry}  written, and linked to {run}"
