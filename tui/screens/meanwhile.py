"""While it trains, in front of the room: what runs, and what to read, answer and prepare until it ends."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from textual.content import Content

from journal.clock import Clock
from journal.paths import Paths
from journal.queries.meanwhile import read_meanwhile
from journal.types import Kind, Ref
from tui.formatting import counted
from tui.meanwhile_words import ENDED, TRAINS, Todo, todos
from tui.messages import Loaded
from tui.screens.list_in_front import ListScreen, WholeSource
from tui.widgets.item_list import ItemList
from tui.widgets.rows import GAP, Column, Row, Span, cell

BOARD = Ref(Kind.entry, -1)
"""No entry: where there is no idea, the board is what to go to."""
_WHAT, _REF = 10, 6
_COLUMNS = (Column("", _WHAT), Column("", _REF), Column(""))
_READ_AGAIN_S = 10.0
_ROLES = {TRAINS: "good", ENDED: "warn"}


class MeanwhileSource(WholeSource):
    """What trains and what there is to do, as the rows of a list. Called in threads."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.training = 0

    def read_rows(self, connection: sqlite3.Connection) -> Sequence[Row]:
        now = self._clock()
        meanwhile = read_meanwhile(connection, now)
        self.training = len(meanwhile.training)
        shown = todos(meanwhile, now)
        firsts = (position == 0 or shown[position - 1].what != todo.what for position, todo in enumerate(shown))
        return [_row(todo, is_first=is_first) for todo, is_first in zip(shown, firsts, strict=True)]


def _row(todo: Todo, *, is_first: bool) -> Row:
    what = cell(todo.what if is_first else "", _ROLES.get(todo.what, "heading"))
    cells = (what, cell(str(todo.ref or "board"), "ref"), cell(todo.title))
    return Row(todo.ref or BOARD, cells, (Span(" " * (_WHAT + _REF + 2 * GAP)), *cell(todo.why, "dim")))


class MeanwhileScreen(ListScreen):
    """What trains, and what to do meanwhile; gives the item to go to, BOARD, or None."""

    DEFAULT_CSS = """
    MeanwhileScreen > Vertical { width: 92%; max-width: 110; height: 86%; }
    """

    def __init__(self, paths: Paths, clock: Clock) -> None:
        self._source = MeanwhileSource(clock)
        rows = ItemList(paths, self._source, _COLUMNS, row_height=2)
        super().__init__(rows, "While it trains", "Enter there · Esc closes")

    def on_mount(self) -> None:
        self.set_interval(_READ_AGAIN_S, self.list.reload)

    def loaded(self, message: Loaded) -> None:
        count = self._source.training
        said = f"While it trains: {counted(count, 'run')}" if count else "Nothing trains now"
        self.panel.border_title = Content(said)
