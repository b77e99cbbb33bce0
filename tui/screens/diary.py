"""Diary: what was tried, noted, thought of and asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journal.clock import Clock
from journal.paths import Paths
from journal.queries.entries import get_entry
from journal.types import Entry, Ref
from tui.keymap import RoomName, Where, bindings
from tui.messages import Followed
from tui.screens.item_rows import ENTRY_COLUMNS
from tui.screens.room import Room
from tui.screens.sources import EntrySource
from tui.widgets.background import read
from tui.widgets.rows import Source

if TYPE_CHECKING:
    from tui.screens.board import BoardScreen

_NOTHING = "There is no entry here."


class DiaryRoom(Room):
    """Every entry, newest first."""

    BINDINGS = bindings(Where.room, room=RoomName.diary)
    room = RoomName.diary
    columns = ENTRY_COLUMNS
    filter_example = 'type:question  is:open  verdict:kept  attribute:schedule  words "a phrase" -not since:7d'

    def __init__(self, paths: Paths, clock: Clock) -> None:
        super().__init__(paths, clock)
        self._board: BoardScreen | None = None  # in front of the room

    def source(self) -> Source:
        return EntrySource(self.clock)

    def reload(self, *, select: Ref | None = None) -> None:
        super().reload(select=select)
        if self._board is not None:
            self._board.reload()

    def took_back(self, ref: Ref) -> None:
        if ref.number < 1:  # a change that was made beside no entry
            self.reload()
        else:
            super().took_back(ref)

    def action_note(self) -> None:
        """A dated note on the selected entry."""
        from tui.screens.noting import write_note

        ref = self.list.selected_ref
        if ref is None:
            self.say_none_selected(_NOTHING)
        else:
            write_note(self.app, self.paths, [ref], self.post_message)

    def action_respond(self) -> None:
        """What the selected entry waits for: its outcome, an answer, a decision."""

        def found(entry: Entry) -> None:
            from tui.screens.noting import respond

            respond(self.app, self.paths, entry, self.post_message)

        ref = self.list.selected_ref
        if ref is None:
            self.say_none_selected(_NOTHING)
        else:
            read(self, self.paths, lambda connection: get_entry(connection, ref), found, group="entry", keys_wait=True)

    def action_board(self) -> None:
        """What was tried on each attribute, and what was not."""
        from tui.screens.board import BoardScreen

        def chosen(ref: Ref | None) -> None:
            self._board = None
            if ref is not None:
                self.post_message(Followed(ref))

        self._board = BoardScreen(self.paths, self.clock, self.list.selected_ref)
        self.app.push_screen(self._board, chosen)
