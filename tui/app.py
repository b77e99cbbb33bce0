"""The full-screen interface: rooms between a header and a bottom line.

Screens in front of a room are imported when they are first wanted: the first paint does not wait for them.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from textual.app import App, ComposeResult, SystemCommand
from textual.containers import Container
from textual.events import Event, Key, Paste
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker, WorkerState, get_current_worker

from journal.clock import Clock, now
from journal.db import connect
from journal.paths import Paths, made
from journal.queries.items import count_all
from journal.queries.training import Training, training_now
from journal.types import Counts, Kind, Ref
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
    Unchanged,
)
from tui.screens.diary import DiaryRoom
from tui.screens.papers import PapersRoom
from tui.screens.room import Room
from tui.screens.runs import RunsRoom
from tui.screens.today import TodayRoom
from tui.widgets.background import read, sentence
from tui.widgets.bars import HeaderLine, StatusLine
from tui.widgets.fetching import Fetcher
from tui.widgets.keys_in_turn import KeysInTurn
from tui.widgets.mirroring import Mirrorer
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


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a person was before following a link or a search."""

    room: RoomName
    ref: Ref | None
    was_reading: bool
    view: str


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
        self.header = HeaderLine(_short(paths.data), clock)
        self.status = StatusLine()
        self.room: Room = TodayRoom(paths, clock)
        self._rooms: dict[RoomName, Room] = {RoomName.today: self.room}
        self._writer = Writer(self, paths)
        self.fetcher = Fetcher(self, paths, clock)
        self.mirrorer = Mirrorer(self, paths, clock)
        self._fetches_by_itself = fetches_by_itself
        self._intake_failed = threading.Event()
        self.keys = KeysInTurn(self, self._hand_on)
        self._is_leaving = False
        self._trail: list[_Place] = []
        self._made: list[tuple[str, Room, Ref]] = []  # changes made here, the last one last
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
        self.room.focus_list()
        self._count()
        self.run_worker(self._watch, group="watch", thread=True, exit_on_error=False)
        if self._fetches_by_itself:
            self.fetcher.start()
            self.mirrorer.start()

    def on_unmount(self) -> None:
        self.keys.stop()
        self.fetcher.leave()
        self.mirrorer.leave()

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
        here = self.room
        self._trail.append(_Place(here.room, here.shown_ref, here.is_reading, here.view))
        room = await self._enter(name)
        room.go_to(ref, searched=searched)
        if reads:
            room.read_detail()
        else:
            room.focus_list()

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
        room = await self._enter(place.room)
        room.turn_to(place.view)
        room.reload(select=place.ref)
        if place.was_reading:
            room.read_detail()
        else:
            room.focus_list()

    def action_search(self) -> None:
        from tui.screens.search import SearchScreen

        screen = SearchScreen(self.paths, self.clock)

        async def chosen(ref: Ref | None) -> None:
            if ref is not None:
                await self.go_to(ref, searched=screen.results.filter_text)

        self.push_screen(screen, chosen)

    # ---------------------------------------------------------------- changes

    def on_change_wanted(self, message: ChangeWanted) -> None:
        room = self.room

        def job() -> object:
            from journal.store.changes import change

            with change(self.paths, message.summary, clock=self.clock) as opened:
                result = message.make(opened)
            if message.draft is not None:
                message.draft.unlink(missing_ok=True)
            return result

        def done(result: object) -> None:
            if isinstance(result, Unchanged):
                self.status.say(result.sentence, is_answer=True)
            else:
                self._made.append((message.summary, room, message.ref))
                self.status.say(message.summary, is_answer=True)
            self._journal_moved()

        def failed(sentence: str) -> None:
            typed = f" What you typed is in {message.draft}" if message.draft is not None else ""
            self.status.say(sentence + typed, is_error=True)
            room.took_back(message.ref)
            self._journal_moved()

        self._writer.run(job, done, failed)

    def action_undo(self) -> None:
        def job() -> str:
            from journal.store.undo import undo

            return undo(self.paths, clock=self.clock)

        def done(summary: str) -> None:
            self.status.say(f"Undone: {summary}", is_answer=True)
            if self._made and self._made[-1][0] == summary:
                _, room, ref = self._made.pop()
                room.took_back(ref)
            self._journal_moved()

        self._writer.run(job, done, partial(self.status.say, is_error=True))

    def on_link_wanted(self, message: LinkWanted) -> None:
        from tui.screens.linking import choose_link

        choose_link(self, self.paths, self.clock, message.ref, self.on_change_wanted)

    def on_edit_wanted(self, message: EditWanted) -> None:
        from tui.screens.edit import edit_item

        edit_item(self, self.paths, message.ref, self.on_change_wanted)

    # ---------------------------------------------------------------- the journal moves

    def _watch(self) -> None:
        from tui.widgets.watching import Watch

        watch = Watch(self.paths, get_current_worker().cancelled_event, self._intake_failed)
        watch.run(lambda: self.post_message(JournalMoved()), lambda: self.post_message(EventsArrived()))

    def on_events_arrived(self, message: EventsArrived) -> None:
        def job() -> int:
            from journal.store.intake import take_in_spool
            from journal.store.vanishing import settle_vanished

            refused = take_in_spool(self.paths)
            settle_vanished(self.paths)
            return refused

        def done(refused: int) -> None:
            if refused:
                self.status.say(f"{refused} recorded events could not be read; they are kept.", is_error=True)
            self._journal_moved()

        def failed(sentence: str) -> None:
            self._intake_failed.set()
            self.status.say(sentence, is_error=True)

        self._writer.run(job, done, failed)

    def on_journal_moved(self, message: JournalMoved) -> None:
        self._journal_moved()

    def _journal_moved(self) -> None:
        """Read again what is shown. While changes wait, reading would show what they are about to change."""
        if not self._writer.is_idle:
            return
        for room in self._rooms.values():
            room.is_outdated = True
        self.room.reload()
        self._count()

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

    def _count(self) -> None:
        def count(connection: sqlite3.Connection) -> tuple[Counts, Training]:
            return count_all(connection), training_now(connection, self.clock())

        def counted(found: tuple[Counts, Training]) -> None:
            counts, training = found
            self.header.show(counts=counts, training=training)

        read(self, self.paths, count, counted, group="counts")

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


def _short(folder: Path) -> str:
    """`~/labjournal`: a folder of this person's without the way to their home."""
    home = Path.home()
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)


def run_app(paths: Paths) -> None:
    """Open the interface. Raises JournalUnusable before the screen is taken where the journal cannot be used."""
    with closing(connect(paths)):
        pass
    # SQLite gives up the interpreter's lock for each row it steps to. While Python paints, getting it
    # back takes up to this interval each time: at the usual 5 ms, a page of 100 rows waits for 0.3 s.
    sys.setswitchinterval(0.0005)
    app = JournalApp(paths, fetches_by_itself=True)
    with _logged(paths):
        app.run()
    if app.return_code:
        raise SystemExit(app.return_code)


@contextmanager
def _logged(paths: Paths) -> Iterator[None]:
    """Tracebacks of our own mistakes go to the log file, as those of the commands do."""
    try:
        made(paths.state)
        handler: logging.Handler = logging.FileHandler(paths.log, encoding="utf-8", errors="replace", delay=True)
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger = logging.getLogger("tui")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()
