"""A room: a list, and the detail of what the cursor is on. Every room stands on this one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Input

from journal.clock import Clock
from journal.paths import Paths
from journal.types import Ref
from tui.documents import Document, read_document
from tui.keymap import RoomName, Where, keys_of
from tui.messages import EditWanted, Failed, Highlighted, LinkWanted, Loaded, Opened, Said
from tui.screens.pace_mode import PaceMode
from tui.widgets.background import read
from tui.widgets.detail import DetailPane
from tui.widgets.filter_line import FilterLine
from tui.widgets.item_list import ItemList, ListHeading
from tui.widgets.rows import Column, Source

_PACE_KEYS = frozenset(name for key in keys_of(Where.room) if key.action.startswith("pace") for name in key.names)
_WIDE, _TALL = 110, 16  # cells of the terminal: side by side from here on; below, one pane at a time


class Room(Widget):
    """List and detail, side by side where there is space, else one below the other."""

    DEFAULT_CSS = """
    Room { layout: vertical; height: 1fr; }
    Room .list-side { height: 9fr; }
    Room DetailPane { height: 11fr; border-top: solid $foreground 20%; }
    Room DetailPane:focus { border-top: solid $primary; }
    Room.-wide { layout: horizontal; }
    Room.-wide .list-side { width: 11fr; height: 1fr; }
    Room.-wide DetailPane { width: 9fr; height: 1fr; border-top: none; border-left: solid $foreground 20%; }
    Room.-wide DetailPane:focus { border-left: solid $primary; }
    Room.-short DetailPane { display: none; }
    Room.-short.-reading DetailPane { display: block; height: 1fr; border: none; }
    Room.-short.-reading .list-side { display: none; }
    """

    room: ClassVar[RoomName]
    columns: ClassVar[Sequence[Column]]
    filter_example: ClassVar[str] = 'words "a phrase" -not tag:todo cat:cs.LG since:7d'

    def __init__(self, paths: Paths, clock: Clock) -> None:
        super().__init__(id=str(self.room))
        self.paths, self.clock = paths, clock
        self.is_outdated = False  # the journal changed while another room was shown
        self.list = ItemList(paths, self.source(), self.columns)
        self.detail = DetailPane()
        self.filter_line = FilterLine(self.filter_example)
        self.pace = PaceMode(self, paths.pace, self._move_on)
        self._returning: Ref | None = None  # what undo brought back, if it belongs in the list
        self._searched: tuple[Ref, str] | None = None  # what was searched for, and the item that was chosen then

    def source(self) -> Source:
        """Where the rows come from."""
        raise NotImplementedError

    def below_list(self) -> ComposeResult:
        """What a room shows below its list."""
        yield from ()

    def standing(self) -> str:
        """What the bottom line says while nothing else is to be said."""
        count = self.list.count
        if not count:
            return ""
        note = f" · {self.list.note}" if self.list.note and not self.reason else ""
        return f"{self.list.cursor + 1:,} of {count:,}{note}"

    @property
    def reason(self) -> str:
        """Why the list is not what was asked for, which is worth more than what is told of it; '' where it is."""
        return ""

    @property
    def bottom_text(self) -> str:
        """What the bottom line says for as long as nothing was just said."""
        return " · ".join(text for text in (self.pace.text, self.standing()) if text)

    def compose(self) -> ComposeResult:
        self._fit()
        with Vertical(classes="list-side"):
            yield self.filter_line
            yield ListHeading(self.columns)
            yield self.list
            yield from self.below_list()
        yield self.detail

    def on_mount(self) -> None:
        self.watch(self.detail, "scroll_y", self._scrolled, init=False)
        self.app.screen_change_signal.subscribe(self, lambda _: self.pace.stop())
        self.reload()

    def on_resize(self, event: events.Resize) -> None:
        self._fit()

    def _fit(self) -> None:
        width, height = self.app.size
        self.set_class(width >= _WIDE, "-wide")
        self.set_class(height < _TALL, "-short")
        if self.is_reading:
            self._give_place()

    # ---------------------------------------------------------------- what is shown

    @property
    def shown_ref(self) -> Ref | None:
        """The item that the detail shows, or will show once it is read."""
        if self.list.selected_ref is not None:
            return self.list.selected_ref
        return self.detail.document.ref if self.detail.document else None

    @property
    def view(self) -> str:
        """Which of its lists the room shows, where it has several; for `turn_to`."""
        return ""

    def turn_to(self, view: str) -> None:
        """Show that list from the next reading on."""

    def reload(self, *, select: Ref | None = None) -> None:
        """Read list and detail again; the cursor stays on its item, or goes to `select`."""
        self.is_outdated = False
        self.list.reload(select=select)

    def go_to(self, ref: Ref, *, searched: str = "") -> None:
        """Show `ref`, without a filter that may hide it, the words marked that were `searched` to find it."""
        self.is_outdated = False
        self._searched, self._returning = (ref, searched), None
        self.list.go_to(ref)
        self.filter_line.close()

    def took_back(self, ref: Ref) -> None:
        """A change of `ref` that was made here is undone: show it again, where it belongs in the list."""
        self._returning = ref
        self.reload(select=ref)

    def on_highlighted(self, message: Highlighted) -> None:
        if message.ref is not None:
            self._read_detail(message.ref)
        elif not self.list.count:
            self._show_detail(None)

    def on_loaded(self, message: Loaded) -> None:
        if message.not_found is not None and message.not_found != self._returning:
            self.post_message(Said(f"{message.not_found} is not in this list."))
            self._read_detail(message.not_found)

    def _read_detail(self, ref: Ref) -> None:
        now, search = self.clock(), self._search_for(ref)
        read(
            self,
            self.paths,
            lambda connection: read_document(connection, ref, now, search=search),
            self._show_detail,
            group="detail",
        )

    def _search_for(self, ref: Ref) -> str:
        """What a person typed to find `ref`: the filter, else what they searched for."""
        if self.list.filter_text.strip() or self._searched is None or self._searched[0] != ref:
            return self.list.filter_text
        return self._searched[1]

    def _show_detail(self, document: Document | None) -> None:
        self.detail.show(document)
        self.pace.showed(document)

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self.list.set_filter(message.value)

    def on_filter_line_left(self, message: FilterLine.Left) -> None:
        message.stop()
        if not message.keeps or not self.filter_line.value.strip():
            self.filter_line.close()
        self.focus_list()

    def on_opened(self, message: Opened) -> None:
        message.stop()
        self.read_detail()

    # ---------------------------------------------------------------- moving around

    def focus_list(self) -> None:
        self.remove_class("-reading")
        self.list.focus()

    def read_detail(self) -> None:
        """Turn to the detail; where there is no space for both, it takes the list's place."""
        self._give_place()
        self.detail.focus()

    def _give_place(self) -> None:
        """A class of the room has all its styles worked out anew: only where there is not space for both."""
        if self.has_class("-short"):
            self.add_class("-reading")

    @property
    def is_reading(self) -> bool:
        return self.detail.has_focus

    def leave(self) -> bool:
        """Take one step back out: from the detail, from the filter. False where there is none."""
        if self.is_reading or self.has_class("-reading"):
            self.focus_list()
            return True
        if self.filter_line.is_open:
            self.filter_line.close()
            self.focus_list()
            return True
        return False

    def action_other_pane(self) -> None:
        if self.is_reading:
            self.focus_list()
        else:
            self.read_detail()

    def action_leave(self) -> None:
        if not self.leave():
            self.post_message(Said("q quits."))

    async def action_leave_or_quit(self) -> None:
        if not self.leave():
            await self.app.run_action("quit")

    def action_filter(self) -> None:
        self.remove_class("-reading")
        self.filter_line.open()

    def action_read_on(self) -> None:
        if self.detail.is_at_end:
            self.list.action_move(1)
        else:
            self.detail.action_page(1)

    def action_edit(self) -> None:
        ref = self.list.selected_ref
        if ref is None:
            self.say_none_selected("There is nothing to edit.")
        else:
            self.post_message(EditWanted(ref))

    def action_link(self) -> None:
        ref = self.list.selected_ref
        if ref is None:
            self.say_none_selected("There is nothing to link.")
        else:
            self.post_message(LinkWanted(ref))

    def say_none_selected(self, sentence: str) -> None:
        """Why a key does nothing: `sentence`, or that its row is not shown yet, about which nothing may be decided."""
        is_empty = self.list.count == 0
        self.post_message(Said(sentence if is_empty else "This row is still being read. Press the key again."))

    # ---------------------------------------------------------------- pace mode

    def action_pace(self) -> None:
        self.pace.toggle()

    def action_pace_speed(self, steps: int) -> None:
        self.pace.change_speed(steps)

    def _move_on(self) -> bool:
        is_last = self.list.cursor + 1 >= (self.list.count or 0)
        self.list.action_move(1)
        return not is_last

    def on_key(self, event: events.Key) -> None:
        """Any key stops the pace, and does what it does all the same."""
        if event.key not in _PACE_KEYS:
            self.pace.stop()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self.pace.stop()

    def _scrolled(self, scroll_y: float) -> None:
        if scroll_y > 0:  # a new paper is shown from its start
            self.pace.stop()

    def on_hide(self, event: events.Hide) -> None:
        self.pace.stop()

    def on_failed(self, message: Failed) -> None:
        self.pace.stop()
