"""Reading the journal off the UI thread: the newest wins, an outdated query is interrupted, failures are told."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from typing import Generic, TypeVar

from textual.dom import DOMNode, NoScreen
from textual.worker import Worker

from journal.db import connect, explain
from journal.errors import JournalError
from journal.paths import Paths
from tui.formatting import printable
from tui.messages import Failed

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")

KEYS_WAIT = "keys wait"  # the name of a reading whose end the next key waits for
Job = Callable[[sqlite3.Connection], _Result]


def read(
    node: DOMNode,
    paths: Paths,
    job: Job[_Result],
    done: Callable[[_Result], Awaitable[None] | None],
    *,
    group: str,
    keys_wait: bool = False,
) -> Worker[None]:
    """Do `job` in a thread, on a connection of its own, then `done` with what it gave on the UI thread.

    A later `read` of the same node and group takes the place of this one: its query is interrupted
    and `done` is not called. What goes wrong reaches the screen as a `Failed`. `keys_wait`: a key that is
    pressed meanwhile is for what `done` shows, so it waits, unless it is text.
    """

    async def reading() -> None:
        running = _Reading(paths, job)
        try:
            more = done(await asyncio.to_thread(running.run))
            if more is not None:
                await more
        except asyncio.CancelledError:
            running.interrupt()
            raise
        except NoScreen:  # it was closed while `done` showed it, and nobody waits for this
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the interface lives on and says so
            if not isinstance(error, JournalError):
                _log.exception("reading for %s", group)
            node.post_message(Failed(sentence(error, paths)))

    name = KEYS_WAIT if keys_wait else ""
    return node.run_worker(reading, name=name, group=group, exclusive=True, exit_on_error=False)


class _Reading(Generic[_Result]):
    """A job and the connection it runs on, which another thread may interrupt."""

    def __init__(self, paths: Paths, job: Job[_Result]) -> None:
        self._paths, self._job = paths, job
        self._connection: sqlite3.Connection | None = None
        self._is_outdated = False

    def run(self) -> _Result:
        with closing(connect(self._paths, must_exist=True)) as connection:
            self._connection = connection
            if self._is_outdated:
                raise asyncio.CancelledError
            try:
                return self._job(connection)
            except StopIteration as error:  # which no future carries: it would be waited for for ever
                raise RuntimeError("a value was looked for that is not there") from error

    def interrupt(self) -> None:
        self._is_outdated = True
        if self._connection is not None:
            with suppress(sqlite3.ProgrammingError):  # closed just now
                self._connection.interrupt()


def sentence(error: Exception, paths: Paths) -> str:
    """What to tell a person about `error`: what happened, and what to do."""
    if isinstance(error, sqlite3.Error):
        error = explain(error, paths.journal) or error
    if isinstance(error, JournalError):
        return printable(f"{error} {error.hint}".strip())
    return printable(f"Something unexpected: {type(error).__name__}: {error}. 'journal paths' shows where the log is.")
