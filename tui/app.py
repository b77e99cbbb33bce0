"""The full-screen interface: rooms between a header and a bottom line.

Screens in front of a room are imported when they are first wanted: the first paint does not wait for them.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from functools import partial
from typing import Any

from textual.app import App, ComposeResult, SystemCommand
from textual.containers import Container
from textual.events import Event, Key, Paste
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from journal.clock import Clock, now
from journal.paths import Paths
from journal.store import changes
from journal.types import Kind, Ref
from tui.keymap import RoomName, Where, bindings, keys_of, shown
from tui.messages import (
    BoardWanted,
    ChangeWanted,
    EditWanted,
    EventsArrived,
    Failed,
    FetchEnded,
    Fetching,
    Followed,
    Highlighted,
    JournalMoved,
    LinkWanted,
    Loaded,
    Paced,
    QuitWanted,
    RoomWanted,
    Said,
)
from tui.screens.diary import DiaryRoom
from tui.screens.papers import PapersRoom
from tui.screens.places import Place, place_in, return_to, turn
from tui.screens.room import Room
from tui.screens.runs import RunsRoom
from tui.screens.today import TodayRoom
from tui.widgets.background import sentence
from tui.widgets.bars import HeaderLine, StatusLine
from tui.widgets.changes import Changes
from tui.widgets.fetching import Fetcher
from tui.widgets.keys_in_turn import KeysInTurn
from tui.widgets.mirroring import Mirrorer
from tui.widgets.taking_in import Intake
from tui.widgets.themes import DARK, LIGHT, fitting_theme
from tui.widgets.writing import Writer

_log = logging.getLogger(__name__)

_ROOMS: dict[RoomName, type[Room]] = {
    RoomName.today: TodayRoom,
    RoomName.papers: PapersRoom,
    RoomName.runs: RunsRoom,
    RoomName.diary: DiaryRoom,
}
_ROOM_OF_KIND = {Kind.paper: RoomName.papers, Kind.run: RoomName.runs, Kind.entry: RoomName.diary}


class _RoomsScreen(Screen[None]):
    """The screen of the rooms. Turning to another pane paints what looks different then, and not all of it anew."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)


class JournalApp(App[None], inherit_bindings=False):
    """The rooms of one journal.

    Rooms are widgets of one screen, of which one is shown, and not Textual's modes: so there is one
    header and one bottom line, a room keeps cursor, filter and scroll position by just being hidden, a
    room costs nothing before it is first entered, and changing rooms paints after 15 ms where a change
    of modes takes 55 (measured at 140x40).
    """

    BINDINGS = bindings(Where.app)
    TITLE = "labjournal"
    ALLOW_SELECT = False
    CSS = "#rooms { height: 1fr; }"

    def __init__(self, paths: Paths, clock: Clock = now, *, fetches_by_itself: bool = False) -> None:
        # Without colour, Textual's own filter makes greys of colours; this one leaves text styles alone.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.paths, self.clock = paths, clock
        self.header = HeaderLine(paths.data, clock)
        self.status = StatusLine()
        self.room: Room = TodayRoom(paths, clock)
        self._rooms: dict[RoomName, Room] = {RoomName.today: self.room}
        self._writer = Writer(self, paths)
        self._changes = Changes(paths, clock, self._writer, self.status, self._journal_moved)
        self._intake = Intake(self, paths, self._writer, self.status, self._journal_moved)
        self.fetcher = Fetcher(self, paths, clock)
        self.mirrorer = Mirrorer(self, paths, clock)
        self._fetches_by_itself = fetches_by_itself
        self.keys = KeysInTurn(self, self._hand_on)
        self._is_leaving = False
        self._trail: list[Place] = []
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = fitting_theme(os.environ)

    def get_default_screen(self) -> Screen[None]:
        return _RoomsScreen(id="_default")

    def compose(self) -> ComposeResult:
        yield self.header
        yield Container(self.room, id="rooms")
        yield self.status

    def on_mount(self) -> None:
        changes.waits_for = self._say_waiting
        self.room.focus_list()
        self.header.count(self.paths)
        self._intake.start()
        if self._fetches_by_itself:
            self.fetcher.start()
            self.mirrorer.start()

    def on_unmount(self) -> None:
        changes.waits_for = changes.tell_nobody
        self.keys.stop()
        self.fetcher.leave()
        self.mirrorer.leave()

    def _say_waiting(self, paths: Paths) -> None:
        self.post_message(Said("Another program locks the journal; what you typed is kept."))

    async def on_event(self, event: Event) -> None:
        """What is typed waits for its turn; leaving, asked for twice, does not."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
        elif isinstance(event, Key) and event.key == "ctrl+q" and self.keys.asked_before(event.key):
            self.exit()
        else:
            self.keys.put(event)

    async def _hand_on(self, event: Key | Paste) -> None:
        self.status.leave_answer()
        await super().on_event(event)

    # ---------------------------------------------------------------- rooms

    async def action_show_room(self, name: str) -> None:
        await self._enter(RoomName(name))
        self.room.focus_list()

    async def _enter(self, name: RoomName) -> Room:
        """Show a room; what it shows is read again if the journal changed meanwhile."""
        if name not in self._rooms:
            room = _ROOMS[name](self.paths, self.clock)
            with self.batch_update():
                self.room.display = False
                await self.query_one("#rooms").mount(room)
            self._rooms[name] = room
        self.status.leave()
        before, self.room = self.room, self._rooms[name]
        before.display = False
        self.room.display = True
        if self.room.is_outdated:
            self.room.reload()
        self.header.show(room=name)
        self._stand()
        return self.room

    async def on_room_wanted(self, message: RoomWanted) -> None:
        await self.action_show_room(message.room)

    async def on_board_wanted(self, message: BoardWanted) -> None:
        await self.action_show_room(RoomName.diary)
        await self.run_action("board", self.room)

    def _stand(self) -> None:
        self.status.stand(self.room.bottom_text, self.room.room, reason=self.room.reason)

    def on_paced(self, message: Paced) -> None:
        self.status.leave()
        self._stand()
        if message.why:
            self.status.say(message.why)

    def on_highlighted(self, message: Highlighted) -> None:
        self._stand()

    def on_loaded(self, message: Loaded) -> None:
        self._stand()

    # ---------------------------------------------------------------- from item to item

    async def go_to(self, ref: Ref, *, reads: bool = False, searched: str = "") -> None:
        """Show an item in its room, or in front of this one where its kind has no room yet.

        `searched` is what a person typed to find it.
        """
        name = _ROOM_OF_KIND.get(ref.kind)
        if name is None:
            from tui.screens.dialogs import ItemScreen

            self.push_screen(ItemScreen(self.paths, ref, self.clock()), self._followed_from_dialog)
            return
        self._trail.append(place_in(self.room))
        room = await self._enter(name)
        room.go_to(ref, searched=searched)
        turn(room, reads=reads)

    async def _followed_from_dialog(self, ref: Ref | None) -> None:
        if ref is not None:
            await self.go_to(ref, reads=True)

    async def on_followed(self, message: Followed) -> None:
        await self.go_to(message.ref, reads=True)

    async def action_go_back(self) -> None:
        if not self._trail:
            self.status.say("There is nowhere to go back to.")
            return
        place = self._trail.pop()
        return_to(place, await self._enter(place.room))

    def action_search(self) -> None:
        from tui.screens.search import SearchScreen

        screen = SearchScreen(self.paths, self.clock)

        async def chosen(ref: Ref | None) -> None:
            if ref is not None:
                await self.go_to(ref, searched=screen.results.filter_text)

        self.push_screen(screen, chosen)

    # ---------------------------------------------------------------- changes

    def on_change_wanted(self, message: ChangeWanted) -> None:
        self._changes.make(message, self.room)

    def action_undo(self) -> None:
        self._changes.undo()

    def on_link_wanted(self, message: LinkWanted) -> None:
        from tui.screens.linking import choose_link

        choose_link(self, self.paths, self.clock, message.ref, self.on_change_wanted)

    def on_edit_wanted(self, message: EditWanted) -> None:
        from tui.screens.edit import edit_item

        edit_item(self, self.paths, message.ref, self.on_change_wanted)

    # ---------------------------------------------------------------- the journal moves

    def on_events_arrived(self, message: EventsArrived) -> None:
        self._intake.take_in()

    def on_journal_moved(self, message: JournalMoved) -> None:
        self._journal_moved()

    def _journal_moved(self) -> None:
        """Read again what is shown. While changes wait, reading would show what they are about to change."""
        if not self._writer.is_idle:
            return
        for room in self._rooms.values():
            room.is_outdated = True
        self.room.reload()
        self.header.count(self.paths)

    def action_fetch(self) -> None:
        is_begun = self.fetcher.fetch_all()
        self.status.say("Fetching the feeds." if is_begun else "The feeds are being fetched already.")

    def on_fetching(self, message: Fetching) -> None:
        self.header.show(activity=message.text)

    def on_fetch_ended(self, message: FetchEnded) -> None:
        self.header.show(activity="")
        if message.sentence:
            self.status.say(message.sentence, is_error=message.is_error, is_answer=True)
        self._journal_moved()

    def action_refresh(self) -> None:
        self._journal_moved()
        self.status.say("Read again.")

    # ---------------------------------------------------------------- the rest

    def on_said(self, message: Said) -> None:
        # What is said behind a dialog is not read yet when a key closes that.
        self.status.say(message.text, is_answer=self.screen is self.status.screen)

    def on_failed(self, message: Failed) -> None:
        self.status.say(message.sentence, is_error=True)

    def on_worker_state_changed(self, message: Worker.StateChanged) -> None:
        """A worker that ends by a mistake of ours is told, too, and the interface lives on."""
        if message.state is WorkerState.ERROR and isinstance(message.worker.error, Exception):
            _log.error("worker %s", message.worker.group, exc_info=message.worker.error)
            self.status.say(sentence(message.worker.error, self.paths), is_error=True)

    def action_help(self) -> None:
        from tui.screens.dialogs import HelpScreen

        self.push_screen(HelpScreen(self.room.room))

    def action_say_how_to_quit(self) -> None:
        self.status.say("ctrl+q quits from anywhere, q from a list.")

    async def action_quit(self) -> None:
        """Ask to leave, behind the keys that were pressed before: they may still be on their way up."""
        (self.focused or self.screen).post_message(QuitWanted())

    def on_quit_wanted(self, message: QuitWanted) -> None:
        """Leave, once every change that was asked for is written; asked twice, without waiting."""
        if self._writer.is_idle or self._is_leaving:
            self.exit()
            return
        self._is_leaving = True
        self.status.say("Writing the last change. Quit again to leave without waiting for it.")
        self._writer.afterwards(self.exit)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: the same table as the keys, and the colours."""
        for key in keys_of(Where.room, Where.app, room=self.room.room):
            if key.action != "command_palette":
                target = self.room if key.where is Where.room else self
                yield SystemCommand(key.words, f"Key: {shown(key)}", partial(self.run_action, key.action, target))
        yield SystemCommand("Colours", "Light, dark and other themes", self.action_change_theme)
