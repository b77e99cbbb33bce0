"""What follows at once when a command of `journal run` is over: the prompt must not wait for the store to load.

A question needs what the journal says of the run, and so do runs in a store of MLflow; all else is left to a process
of its own behind a person's back, and where nobody watches to the next command.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from journal import clock
from journal.paths import Paths
from journal.recorder import spool
from journal.recorder.tracking import store_path
from journal.recorder.tracking_for_command import TRACKING_VARIABLE, store_here
from journal.tracking_uris import sqlite_path
from journal.words import SESSION_TAG
from tui import left_points
from tui.asking_about_runs import Unanswered, is_attended, may_ask
from tui.output import note
from tui.run_words import NOT_ASKED, bare_end_line

if TYPE_CHECKING:
    from journal.recorder.launch import Ended

_BUSY_TIMEOUT_S = 0.1
_MOST_EVENTS = 200  # of the spool, last ones first: a sweep leaves thousands


def follow_end(
    where: Paths, ended: Ended, environ: Mapping[str, str], command: Sequence[str], *, patience_s: float, entry: str
) -> None:
    """Say in one line what came of it where somebody watches, and ask; `entry` is the one that was named.

    `patience_s` 0 asks nothing. Raises ModuleNotFoundError where only the standard library is installed.
    """
    is_watched = is_attended()
    left_points.begin(where)
    may = may_ask(environ, ended.ending.exit, is_one_of_many=bool(entry), is_attended=is_watched)
    may = may and patience_s > 0
    is_quiet = may and Unanswered.of(where, command).is_recent(clock.now())
    if may and not is_quiet:
        from tui.after_run import tell_and_ask

        tell_and_ask(where, ended, environ, command, patience_s=patience_s)
    elif is_watched:
        line = bare_end_line(str(ended.ending.exit), ended.ended_at - ended.started_at, entry)
        note(f"{line} · {NOT_ASKED}" if is_quiet else line)
        from journal.recorder.nobodys_child import call_apart

        call_apart("tui.after_run", "take_in_apart", ended.session, environment=environ)  # else the next command does
    elif has_stores(where, ended.session, environ):
        from tui.after_run import take_in_and_mirror

        take_in_and_mirror(where, ended.session, environ)


def has_stores(where: Paths, session: str, environ: Mapping[str, str]) -> bool:
    """Whether a SQLite store of MLflow has runs of this session, as far as is seen without the journal."""
    if any(knows(path, session) for path in stores_around(where, environ)):
        return True
    from journal.errors import Unreadable
    from journal.recorder.events import RunEvent

    for file in reversed(spool.pending(where.spool)[-_MOST_EVENTS:]):
        with suppress(OSError, Unreadable):
            event = spool.read(file)
            if isinstance(event, RunEvent) and event.session == session and sqlite_path(event.tracking_uri):
                return True
    return False


def stores_around(where: Paths, environ: Mapping[str, str]) -> list[Path]:
    """The SQLite stores in which a command may have made runs: the one it was told of or found, and the journal's."""
    told = environ.get(TRACKING_VARIABLE, "")
    paths = [sqlite_path(told), None if told else store_here(), store_path(where.mlflow)]
    return [*dict.fromkeys(path.absolute() for path in paths if path is not None and path.is_file())]


def knows(store: Path, session: str) -> bool:
    """Whether a store has runs of this session; what is no store of MLflow has none."""
    try:
        uri = f"{store.as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_TIMEOUT_S, isolation_level=None)) as connection:
            query = "SELECT 1 FROM tags WHERE key = ? AND value = ? LIMIT 1"
            return bool(connection.execute(query, (SESSION_TAG, session)).fetchall())
    except sqlite3.Error:
        return False
