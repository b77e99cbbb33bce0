"""While it trains, in front of the room: what runs, and what to read, answer and prepare until it ends."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from journal.clock import Clock
from journal.paths import Paths
from journal.queries.meanwhile import read_meanwhile
from journal.types import Kind, Ref
from tui.formatting import counted
from tui.keymap import Where, bindings
from tui.meanwhile_words import ENDED, TRAINS, Todo, todos
from tui.messages import Failed, Highlighted, Loaded, Opened
from tui.widgets.item_list import ItemList
from tui.widgets.rows import GAP, Column, Row, Span, cell

BOARD = Ref(Kind.entry, -1)
"""No entry: where there is no idea, the board is what to go to."""
_WHAT, _REF = 10, 6
_COLUMNS = (Column("", _WHAT), Column("", _REF), Column(""))
_READ_AGAIN_S = 10.0
_ROLES = {TRAINS: "good", ENDED: "warn"}


class MeanwhileSource:
    """What trains and what there is to do, as the rows of a list. Called in threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.training = 0
        self._rows: tuple[Row, ...] = ()

    def count(self, connection: sqlite3.Connection, filter_text: str) -> int:
        now = self._clock()
        meanwhile = read_meanwhile(connection, now)
        self.training = len(meanwhile.training)
        shown = todos(meanwhile, now)
        firsts = (position == 0 or shown[position - 1].what != todo.what for position, todo in enumerate(shown))
        self._rows = tuple(_row(todo, is_first=is_first) for todo, is_first in zip(shown, firsts, strict=True))
        return len(self._rows)

    def rows(self, connection: sqlite3.Connection, filter_text: str, offset: int, limit: int) -> Sequence[Row]:
        return self._rows[offset : offset + limit]

    def position(self, connection: sqlite3.Connection, filter_text: str, ref: Ref) -> int | None:
        return next((position for position, row in enumerate(self._rows) if row.ref == ref), None)

    def note(self, connection: sqlite3.Connection, filter_text: str, count: int) -> str:
        return ""


def _row(todo: Todo, *, is_first: bool) -> Row:
    what = cell(todo.what if is_first else "", _ROLES.get(todo.what, "heading"))
    cells = (what, cell(str(todo.ref or "board"), "ref"), cell(todo.title))
    return Row(todo.ref or BOARD, cells, (Span(" " * (_WHAT + _REF + 2 * GAP)), *cell(todo.why, "dim")))


class MeanwhileScreen(ModalScreen[Ref | None]):
    """What trains, and what to do meanwhile; gives the item to go to, BOARD, or None."""

    BINDINGS = bindings(Where.dialog)
    DEFAULT_CSS = """
    MeanwhileScreen { align: center middle; }
    MeanwhileScreen > Vertical {
        width: 92%; max-width: 110; height: 86%; background: $background; border: round $primary;
        border-title-color: $text-primary; border-subtitle-color: $text-muted;
    }
    MeanwhileScreen ItemList > .cursor { background: $primary 40%; }
    MeanwhileScreen ItemList:nocolor > .cursor { text-style: reverse; }
    """

    def __init__(self, paths: Paths, clock: Clock) -> None:
        super().__init__()
        self._source = MeanwhileSource(clock)
        self.list = ItemList(paths, self._source, _COLUMNS, row_height=2)
        self._panel = Vertical()

    def compose(self) -> ComposeResult:
        with self._panel:
            yield self.list
        self._panel.border_title = Content("While it trains")
        self._panel.border_subtitle = Content("Enter there · Esc closes")

    def on_mount(self) -> None:
        self.list.focus()
        self.list.reload()
        self.set_interval(_READ_AGAIN_S, self.list.reload)

    def on_loaded(self, message: Loaded) -> None:
        message.stop()
        count = self._source.training
        said = f"While it trains: {counted(count, 'run')}" if count else "Nothing trains now"
        self._panel.border_title = Content(said)

    def on_highlighted(self, message: Highlighted) -> None:
        message.stop()  # it is not of the room behind

    def on_opened(self, message: Opened) -> None:
        message.stop()
        if self.list.selected_ref is not None:
            self.dismiss(self.list.selected_ref)

    def on_failed(self, message: Failed) -> None:
        self.dismiss(None)  # the sentence goes on to the bottom line

    def action_close(self) -> None:
        self.dismiss(None)
