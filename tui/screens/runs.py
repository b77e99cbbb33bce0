"""Runs: what was trained, and whether anybody wrote down why."""

from __future__ import annotations

from journal.clock import Clock
from journal.paths import Paths
from journal.types import Ref
from tui.keymap import RoomName, Where, bindings
from tui.screens.item_rows import RUN_COLUMNS
from tui.screens.room import Room
from tui.screens.sources import RunSource
from tui.widgets.rows import Source


class RunsRoom(Room):
    """Every run, last started first; ○ is one without a why."""

    BINDINGS = bindings(Where.room, room=RoomName.runs)
    room = RoomName.runs
    columns = RUN_COLUMNS

    def __init__(self, paths: Paths, clock: Clock) -> None:
        super().__init__(paths, clock)
        self.marked: tuple[Ref, ...] = ()

    @property
    def chosen(self) -> tuple[Ref, ...]:
        """The runs that a key is about: those that are marked, else the one under the cursor."""
        selected = self.list.selected_ref
        return self.marked or (() if selected is None else (selected,))

    def source(self) -> Source:
        return RunSource(self.clock)

    def action_curves(self) -> None:
        from tui.screens.curves import CurvesScreen

        if self.chosen:
            self.app.push_screen(CurvesScreen(self.paths, self.clock, self.chosen))
        else:
            self.say_none_selected("There is no run to draw.")
