"""Diary: what was tried, noted, thought of and asked."""

from __future__ import annotations

from tui.keymap import RoomName, Where, bindings
from tui.screens.item_rows import ENTRY_COLUMNS
from tui.screens.room import Room
from tui.screens.sources import EntrySource
from tui.widgets.rows import Source


class DiaryRoom(Room):
    """Every entry, newest first."""

    BINDINGS = bindings(Where.room, room=RoomName.diary)
    room = RoomName.diary
    columns = ENTRY_COLUMNS

    def source(self) -> Source:
        return EntrySource(self.clock)
