"""One quiet line in the room Today: how many things come back, and the key that shows them."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from journal.clock import Clock
from journal.paths import Paths
from journal.queries.resurfacing import list_due
from journal.types import Ref
from tui.formatting import come_back
from tui.messages import Followed
from tui.widgets.background import read

if TYPE_CHECKING:
    from tui.screens.due import DueScreen


class DueLine(Widget):
    """`3 things come back: c`; takes no space where nothing does."""

    DEFAULT_CSS = """
    DueLine { width: auto; height: 1; padding: 0 1; display: none; color: $text-muted; }
    DueLine.-filled { display: block; }
    """

    def __init__(self, paths: Paths, clock: Clock) -> None:
        super().__init__()
        self._paths, self._clock = paths, clock
        self.count = 0
        self._screen: DueScreen | None = None

    def reload(self) -> None:
        """Count again, and let the screen in front, where there is one, read again."""

        def count(connection: sqlite3.Connection) -> int:
            return len(list_due(connection, self._clock()))

        read(self, self._paths, count, self._show, group="due")
        if self._screen is not None:
            self._screen.reload()

    def _show(self, count: int) -> None:
        self.count = count
        self.set_class(bool(count), "-filled")
        self.refresh(layout=True)

    def render(self) -> Content:
        return Content(f"{come_back(self.count)}: c")

    def open(self, stays_at: Ref | None) -> None:
        """Show what comes back, in front of the room, and go where the person wants to."""
        from tui.screens.due import DueScreen

        def chosen(ref: Ref | None) -> None:
            self._screen = None
            if ref is not None:
                self.post_message(Followed(ref))

        self._screen = DueScreen(self._paths, self._clock, stays_at)
        self.app.push_screen(self._screen, chosen)
