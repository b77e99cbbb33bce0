"""Runs that other programs left below the folder in which the interface was opened, told of where none are kept yet."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from journal.queries.runs import count_runs
from tui.apart import Apart, Stopped
from tui.screens.room import Room
from tui.screens.run_source import RunSource
from tui.widgets.background import read


class StoresHere:
    """Looks for them once, in a process of its own: a folder may be large, and no key shall wait for it."""

    def __init__(self, room: Room, source: RunSource) -> None:
        self._room, self._source = room, source
        self._apart = Apart(room.paths, room.clock)

    def look(self) -> None:
        """Let the empty list say what was found, as soon as that is known."""

        def job(connection: sqlite3.Connection) -> str:
            if count_runs(connection):
                return ""
            try:
                return self._apart.find_stores(Path.cwd())
            except Stopped:
                return ""

        def found(sentence: str) -> None:
            if sentence:
                self._source.found = sentence
                self._room.reload()

        read(self._room, self._room.paths, job, found, group="stores here")

    def stop(self) -> None:
        self._apart.stop()
