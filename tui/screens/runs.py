"""Runs: what was trained, and whether anybody wrote down why."""

from __future__ import annotations

from journal.clock import Clock
from journal.paths import Paths
from journal.types import Ref
from tui.keymap import RoomName, Where, bindings
from tui.screens.item_rows import RUN_COLUMNS
from tui.screens.room import Room
from tui.screens.sources import RunSource
from tui.screens.stores_here import StoresHere
from tui.widgets.rows import Source


class RunsRoom(Room):
    """Every run, last started first; ○ is one without a why."""

    BINDINGS = bindings(Where.room, room=RoomName.runs)
    room = RoomName.runs
    columns = RUN_COLUMNS

    def __init__(self, paths: Paths, clock: Clock) -> None:
        self._runs = RunSource(clock)
        super().__init__(paths, clock)
        self.marked: tuple[Ref, ...] = ()
        self._stores_here = StoresHere(self, self._runs)

    def on_mount(self) -> None:
        self._stores_here.look()

    def on_unmount(self) -> None:
        self._stores_here.stop()

    @property
    def chosen(self) -> tuple[Ref, ...]:
        """The runs that a key is about: those that are marked, else the one under the cursor."""
        selected = self.list.selected_ref
        return self.marked or (() if selected is None else (selected,))

    def source(self) -> Source:
        return self._runs
