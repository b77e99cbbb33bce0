"""What comes back today, in front of the room: one key answers it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from journal.clock import Clock
from journal.paths import Paths
from journal.queries.resurfacing import list_due
from journal.resurfacing import Answer, Due
from journal.types import Ref
from tui.formatting import shown_title
from tui.keymap import Where, bindings
from tui.messages import ChangeWanted, Loaded
from tui.screens.list_in_front import ListScreen, WholeSource
from tui.widgets.item_list import ItemList
from tui.widgets.rows import GAP, Column, Row, Span, cell

if TYPE_CHECKING:
    from journal.store.changes import Change

_REF_WIDTH = 6
_COLUMNS = (Column("", _REF_WIDTH), Column("title"))
_VERBS = {Answer.done: "done", Answer.snoozed: "snooze", Answer.never: "never"}
_HINTS = "d done · z snooze · n never · Enter there · u undo"
_NOTHING = "Nothing more comes back today. Esc closes this."


class DueSource(WholeSource):
    """What comes back, as the rows of a list. Called in threads."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def read_rows(self, connection: sqlite3.Connection) -> Sequence[Row]:
        return [_row(due) for due in list_due(connection, self._clock())]

    def note(self, connection: sqlite3.Connection, filter_text: str, count: int) -> str:
        return "" if count else _NOTHING


def _row(due: Due) -> Row:
    cells = (cell(str(due.ref), "ref"), cell(shown_title(due.ref, due.title[:400])))
    return Row(due.ref, cells, (Span(" " * (_REF_WIDTH + GAP)), *cell(due.because, "dim")))


class DueList(ItemList):
    """The list, with a key for each answer."""

    BINDINGS = bindings(Where.due)

    def action_answer(self, answer: str) -> None:
        screen = self.screen
        if isinstance(screen, DueScreen):
            screen.answer(Answer(answer))

    async def action_undo(self) -> None:
        """In front of a room the keys of the program are not heard."""
        if isinstance(self.screen, DueScreen):
            self.screen.expect_back()
        await self.app.run_action("undo", self.app)


class DueScreen(ListScreen):
    """What comes back today; gives the item to go to, or None."""

    DEFAULT_CSS = """
    DueScreen > Vertical { width: 92%; max-width: 100; height: 15; max-height: 90%; }
    """

    def __init__(self, paths: Paths, clock: Clock, stays_at: Ref | None) -> None:
        """`stays_at`: the item that the room behind stays at when an answer is taken back."""
        super().__init__(DueList(paths, DueSource(clock), _COLUMNS, row_height=2), "What comes back today", _HINTS)
        self._stays_at = stays_at
        self._answered: list[Ref] = []  # here, the last one last
        self._returning: Ref | None = None

    def reload(self) -> None:
        """Read again: the journal has changed."""
        if self.is_mounted:
            self.list.reload(select=self._returning)

    def expect_back(self) -> None:
        """Undo was asked for: the cursor shall be on what returns."""
        self._returning = self._answered.pop() if self._answered else None

    def answer(self, answer: Answer) -> None:
        """Answer what the cursor is on; it goes at once."""
        ref = self.list.selected_ref
        if ref is None:
            return

        def make(change: Change) -> None:
            from journal.store import resurfacings

            resurfacings.keep(change, ref, answer)

        self.post_message(ChangeWanted(f"{_VERBS[answer]} {ref}", self._stays_at or ref, make))
        self._returning = None
        self._answered.append(ref)
        self.list.take_out(ref)

    def loaded(self, message: Loaded) -> None:
        if message.not_found is None:
            self._returning = None
