"""Today: what is new, one key a paper, until nothing is left."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Label

from journal.clock import Clock
from journal.paths import Paths
from journal.queries.feeds import list_feeds
from journal.queries.lists import paper_rows_of
from journal.queries.today import today_numbers
from journal.triage import DECISIONS_TO_RANK, learned_from, order_note
from journal.types import DayOrder, Feed, Kind, Ref
from tui.apart import Apart, Stopped
from tui.day_progress import day_progress
from tui.documents import Document, Prose, Title
from tui.keymap import RoomName, Where, bindings
from tui.messages import LaidOut, Loaded, Said
from tui.screens.item_rows import TODAY_COLUMNS, today_row
from tui.screens.papers import PapersRoom, skipped_above
from tui.screens.sources import TodaySource
from tui.widgets.background import read
from tui.widgets.due_line import DueLine
from tui.widgets.feed_lines import FeedLines
from tui.widgets.item_list import Behind
from tui.widgets.rows import Row, Source

_ROWS_AT_HAND = 120  # of a new order, so that the next paper is painted at once


@dataclass(frozen=True, slots=True)
class _Ranked:
    """The order as it was worked out anew, and the rows of its first papers."""

    numbers: Sequence[int]
    rows: Mapping[int, Row]
    said: str


# Lines of the terminal: below the first, each one is needed for the list; below the second, each but one.
_LEAST_FOR_FEEDS, _TALL_FOR_FEEDS = 7, 32


class TodayRoom(PapersRoom):
    """Papers that nobody has looked at. What is decided leaves the list; the eye stays where it is.

    The order is worked out anew after every ten decisions and after each wish, in a process of its own, and waits
    until the next paper is decided: only then does what stands below change, but for the next few rows, which a
    person may have read already.
    """

    BINDINGS = bindings(Where.room, room=RoomName.today)
    DEFAULT_CSS = """
    TodayRoom.-wide FeedLines { border-top: solid $foreground 20%; }
    TodayRoom .notes { height: auto; }
    TodayRoom.-wide .notes { layout: vertical; }
    TodayRoom.-wide .day-note { width: 100%; }
    TodayRoom.-short .notes { display: none; }
    TodayRoom .day-note { width: 1fr; height: auto; padding: 0 1; color: $text-muted; display: none; }
    TodayRoom .day-note.-filled { display: block; }
    TodayRoom .more-below { width: 1fr; padding: 0 1; color: $text-muted; display: none; }
    TodayRoom.-done { layout: vertical; }
    TodayRoom.-done .list-side { display: block !important; dock: bottom; width: 1fr; height: auto !important; }
    TodayRoom.-done ItemList, TodayRoom.-done ListHeading { display: none; }
    TodayRoom.-done DetailPane {
        display: block !important; width: 1fr; height: 1fr !important; border: none !important;
    }
    TodayRoom.-done .more-below.-filled { display: block; }
    """
    room = RoomName.today
    columns = TODAY_COLUMNS

    def __init__(self, paths: Paths, clock: Clock) -> None:
        super().__init__(paths, clock)
        self.feed_lines = FeedLines()
        self.due_line = DueLine(paths, clock)
        self.day_note = Label("", markup=False, classes="day-note")
        self.more_below = Label("↓ more below: j, Space, PgDn, G", markup=False, classes="more-below")
        self._decided: dict[Ref, datetime] = {}  # here, and not yet read back from the journal
        self._ranked: _Ranked | None = None
        self._asked: tuple[int, bool] | None = None  # what a ranking is under way for, or was in vain
        self._order_said = ""
        self._day_told = ""
        self._apart = Apart(paths, clock)

    def on_unmount(self) -> None:
        self._apart.stop()

    def source(self) -> Source:
        self.day = TodaySource(self.clock)
        return self.day

    def action_turn_order(self) -> None:
        """By rank or by arrival; the cursor stays on its paper."""
        is_ranked = self.day.order is DayOrder.rank
        self.day.turn(DayOrder.announced if is_ranked else DayOrder.rank)
        self._ranked = None
        self.list.reload()
        self.post_message(Said("The newest list comes first." if is_ranked else "What fits you comes first."))

    def below_list(self) -> ComposeResult:
        yield self.more_below
        with Horizontal(classes="notes"):
            yield self.day_note
            yield self.due_line
        yield self.feed_lines

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
        if self.has_class("-wide"):
            return 8
        return 2 if self.app.size.height >= _TALL_FOR_FEEDS else 1

    def on_resize(self, event: events.Resize) -> None:
        self._fit()
        self.feed_lines.fit(self._most_feed_lines)
        self._note_more_below()

    def action_show_feeds(self) -> None:
        from tui.screens.feeds import FeedsScreen

        self.app.push_screen(FeedsScreen(self.paths, self.clock))

    def on_loaded(self, message: Loaded) -> None:
        self._decided = {ref: moment for ref, moment in self._decided.items() if ref.number in self.day.new}
        self._show_whether_done()
        self._note_day()
        self._rank_where_due()

    def _show_whether_done(self) -> None:
        """At the end of the day, its summary takes the place of the list and of the detail; it is read as any text."""
        was_done, is_done = self.is_done, not self.list.count and not self.list.filter_text.strip()
        if is_done:
            self._order_said = ""
            self.remove_class("-reading")
        self.set_class(is_done, "-done")
        if is_done:
            self._show_detail(None)
            if self.list.has_focus:
                self.detail.focus()
        elif was_done and self.detail.has_focus:
            self.focus_list()
        self._note_more_below()

    @property
    def is_done(self) -> bool:
        """Whether there is no list, but a text that says why."""
        return self.has_class("-done")

    def _show_detail(self, document: Document | None) -> None:
        is_none = document is None and self.is_done
        super()._show_detail(_summary(self.list.note) if is_none else document)

    def _note_more_below(self) -> None:
        """That the summary goes on below, and with which keys."""

        def note() -> None:
            self.more_below.set_class(self.is_done and not self.detail.is_at_end, "-filled")

        self.call_after_refresh(note)

    def on_laid_out(self, message: LaidOut) -> None:
        self._note_more_below()

    def _scrolled(self, scroll_y: float) -> None:
        super()._scrolled(scroll_y)
        if self.is_done:
            self._note_more_below()

    def focus_list(self) -> None:
        if not self.is_done:
            super().focus_list()
        elif not self.detail.has_focus:
            self.detail.focus()

    def leave(self) -> bool:
        if not self.is_done:
            return super().leave()
        is_filtering = self.filter_line.is_open
        self.filter_line.close()
        self.focus_list()
        return is_filtering

    def action_other_pane(self) -> None:
        if not self.is_done:  # there is none to turn to
            super().action_other_pane()

    def read_detail(self) -> None:
        if not self.is_done:
            super().read_detail()

    # ---------------------------------------------------------------- how the day stands

    def standing(self) -> str:
        if self.list.filter_text.strip():
            return super().standing()
        day = self.day.day
        decided_at = sorted([*day.decided_at, *self._decided.values()])
        said = day_progress(decided_at, self.list.count or 0, day.by_rules)
        order = self._order_said or ("by arrival" if self.day.order is DayOrder.announced and said else "")
        return " · ".join(part for part in (said, order) if part)

    def _note_day(self) -> None:
        """Below the list: what rules hid, and that nothing was learned yet."""
        day = self.day.day
        muted = f"{day.by_rules:,} muted by your rules (2, f, state:muted)" if day.by_rules else ""
        why = order_note(day) if self.day.order is DayOrder.rank else ""
        told = " · ".join(part for part in (muted, why[:1].upper() + why[1:]) if part)
        if told != self._day_told:  # painting it anew would lay out the screen
            self._day_told = told
            self.day_note.update(Content(told))
            self.day_note.set_class(bool(told), "-filled")

    # ---------------------------------------------------------------- deciding

    def triaged(self, ref: Ref) -> None:
        self._order_said = ""
        if self.list.selected_ref != ref:
            return
        self._decided[ref] = self.clock()
        self.day.leave(ref)
        self.list.take_out(ref, behind=self._take_new_order(ref))

    def took_back(self, ref: Ref) -> None:
        self._decided.pop(ref, None)
        self._order_said = ""
        super().took_back(ref)

    def action_skip_above(self) -> None:
        """Skip every paper that the list shows above the selected one; one undo takes it back."""
        shown = self.day.down_to(self.list.filter_text, self.list.cursor)
        if not shown:
            self.post_message(Said("There is no paper here."))
            return
        *passed, ref = shown
        above = [each for each in passed if each not in self._decided]
        if above:
            self.post_message(skipped_above(above, ref))
        else:
            self.post_message(Said(f"Nothing stands above {ref}."))

    # ---------------------------------------------------------------- the order

    def _rank_where_due(self) -> None:
        day = self.day.day
        asked = (len(day.decided_at) // DECISIONS_TO_RANK, day.has_new_rules)
        if not day.is_ranking_due or asked == self._asked:
            return
        self._asked = asked

        def job(connection: sqlite3.Connection) -> _Ranked | None:
            try:
                if not self._apart.rank():
                    return None
            except Stopped:
                return None
            numbers = today_numbers(connection)
            first = [Ref(Kind.paper, number) for number in numbers[:_ROWS_AT_HAND]]
            rows = {paper.ref.number: today_row(paper) for paper in paper_rows_of(connection, first)}
            return _Ranked(numbers, rows, learned_from(day))

        def ranked(result: _Ranked | None) -> None:
            if result is not None:
                self._asked, self._ranked = None, result

        read(self, self.paths, job, ranked, group="ranking")

    def _take_new_order(self, ref: Ref) -> Behind | None:
        """Where the order was worked out anew: it holds from a few rows behind `ref` on. The rows that come then."""
        new = self._ranked
        if new is None or self.day.order is not DayOrder.rank or self.list.filter_text.strip():
            return None
        self._ranked, self._order_said = None, new.said
        staying, behind = self.day.reorder(new.numbers, ref)
        return Behind(staying, [new.rows[number] for number in takewhile(new.rows.__contains__, behind)])


def _summary(note: str) -> Document:
    """Why the list is empty, the day's end above all, as a text."""
    first, _, rest = note.partition("\n")
    return Document(None, (Title(first), Prose("", rest)) if rest else (Prose("", first),))
