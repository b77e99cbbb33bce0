"""A list in front of the room: read whole, moved in as every list, and left by going to one of its items."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from journal.types import Ref
from tui.keymap import Where, bindings
from tui.messages import Failed, Highlighted, Loaded, Opened
from tui.widgets.item_list import ItemList
from tui.widgets.rows import Row


class WholeSource:
    """The rows of a list that is short enough to be read whole. Called in threads."""

    def __init__(self) -> None:
        self._rows: tuple[Row, ...] = ()

    def read_rows(self, connection: sqlite3.Connection) -> Sequence[Row]:
        """All rows, in their order."""
        raise NotImplementedError

    def count(self, connection: sqlite3.Connection, filter_text: str) -> int:
        self._rows = tuple(self.read_rows(connection))
        return len(self._rows)

    def rows(self, connection: sqlite3.Connection, filter_text: str, offset: int, limit: int) -> Sequence[Row]:
        return self._rows[offset : offset + limit]

    def position(self, connection: sqlite3.Connection, filter_text: str, ref: Ref) -> int | None:
        return next((position for position, row in enumerate(self._rows) if row.ref == ref), None)

    def note(self, connection: sqlite3.Connection, filter_text: str, count: int) -> str:
        return ""


class ListScreen(ModalScreen[Ref | None]):
    """A list with a title, and hints below it; gives the item to go to, or None."""

    BINDINGS = bindings(Where.dialog)
    DEFAULT_CSS = """
    ListScreen { align: center middle; }
    ListScreen > Vertical {
        background: $background; border: round $primary;
        border-title-color: $text-primary; border-subtitle-color: $text-muted;
    }
    ListScreen ItemList > .cursor { background: $primary 40%; }
    ListScreen ItemList:nocolor > .cursor { text-style: reverse; }
    """

    def __init__(self, list: ItemList, title: str, hints: str) -> None:
        super().__init__()
        self.list = list
        self.panel = Vertical()
        self.panel.border_title, self.panel.border_subtitle = Content(title), Content(hints)

    def compose(self) -> ComposeResult:
        with self.panel:
            yield from self.parts()

    def parts(self) -> ComposeResult:
        """What stands in the panel, from above."""
        yield self.list

    def on_mount(self) -> None:
        self.list.focus()
        self.list.reload()

    def reload(self) -> None:
        """Read again: the journal has changed."""
        if self.is_mounted:
            self.list.reload()

    def on_loaded(self, message: Loaded) -> None:
        message.stop()
        self.loaded(message)

    def loaded(self, message: Loaded) -> None:
        """What is said beside the list, once it is read."""

    def on_highlighted(self, message: Highlighted) -> None:
        message.stop()  # it is not of the room behind

    def on_opened(self, message: Opened) -> None:
        message.stop()
        self.go()

    def go(self) -> None:
        """Leave for the item under the cursor."""
        if self.list.selected_ref is not None:
            self.dismiss(self.list.selected_ref)

    def on_failed(self, message: Failed) -> None:
        self.dismiss(None)  # the sentence goes on to the bottom line

    def action_close(self) -> None:
        self.dismiss(None)
