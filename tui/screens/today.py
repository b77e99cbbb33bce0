"""Today: what is new, one key a paper, until nothing is left."""

from __future__ import annotations

from datetime import datetime

from textual import events
from textual.app import ComposeResult

from journal.clock import Clock
from journal.paths import Paths
from journal.queries.feeds import list_feeds
from journal.types import DayOrder, Feed, Ref
from tui.keymap import RoomName, Where, bindings
from tui.messages import Said
from tui.screens.item_rows import TODAY_COLUMNS
from tui.screens.pace import pace
from tui.screens.papers import PapersRoom
from tui.screens.sources import TodaySource
from tui.widgets.background import read
from tui.widgets.due_line import DueLine
from tui.widgets.feed_lines import FeedLines
from tui.widgets.rows import Source

_LEAST_FOR_FEEDS = 7  # lines of the terminal; below, each one is needed for the list


class TodayRoom(PapersRoom):
    """Papers that nobody has looked at. What is decided leaves the list; the eye stays where it is."""

    BINDINGS = bindings(Where.room, RoomName.today)
    DEFAULT_CSS = """
    TodayRoom.-wide FeedLines { border-top: solid $foreground 20%; }
    """
    room = RoomName.today
    columns = TODAY_COLUMNS

    def __init__(self, paths: Paths, clock: Clock) -> None:
        super().__init__(paths, clock)
        self.feed_lines = FeedLines()
        self.due_line = DueLine(paths, clock)
        self._decided: dict[Ref, datetime] = {}

    def source(self) -> Source:
        self.day = TodaySource(self.clock)
        return self.day

    def action_turn_order(self) -> None:
        """By rank or by arrival; the cursor stays on its paper."""
        is_ranked = self.day.order is DayOrder.rank
        self.day.order = DayOrder.announced if is_ranked else DayOrder.rank
        self.list.reload()
        self.post_message(Said("What arrived last comes first." if is_ranked else "What fits you comes first."))

    def below_list(self) -> ComposeResult:
        yield self.feed_lines
        yield self.due_line

    def action_come_back(self) -> None:
        """What comes back today, in front of this room."""
        self.due_line.open(self.list.selected_ref)

    def reload(self, *, select: Ref | None = None) -> None:
        super().reload(select=select)
        self.due_line.reload()

        def shown(feeds: tuple[Feed, ...]) -> None:
            self.feed_lines.show(feeds, self.clock(), self._most_feed_lines)

        read(self, self.paths, list_feeds, shown, group="feeds")

    @property
    def _most_feed_lines(self) -> int:
        if self.has_class("-short"):
            return 1 if self.app.size.height >= _LEAST_FOR_FEEDS else 0
        return 8 if self.has_class("-wide") else 2

    def on_resize(self, event: events.Resize) -> None:
        self._fit()
        self.feed_lines.fit(self._most_feed_lines)

    def action_show_feeds(self) -> None:
        from tui.screens.feeds import FeedsScreen

        self.app.push_screen(FeedsScreen(self.paths, self.clock))

    def standing(self) -> str:
        if self.list.filter_text.strip():
            return super().standing()
        return pace(list(self._decided.values()), self.list.count or 0)

    def triaged(self, ref: Ref) -> None:
        self._decided[ref] = self.clock()
        self.list.take_out(ref)

    def took_back(self, ref: Ref) -> None:
        self._decided.pop(ref, None)
        super().took_back(ref)
