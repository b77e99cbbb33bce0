"""Runs: what was trained, and whether anybody wrote down why."""

from __future__ import annotations

from tui.keymap import RoomName, Where, bindings
from tui.screens.item_rows import RUN_COLUMNS
from tui.screens.room import Room
from tui.screens.sources import RunSource
from tui.widgets.rows import Source


class RunsRoom(Room):
    """Every run, last started first; ○ is one without a why."""

    BINDINGS = bindings(Where.room, room=RoomName.runs)
    room = RoomName.runs
    columns = RUN_COLUMNS

    def source(self) -> Source:
        return RunSource(self.clock)
