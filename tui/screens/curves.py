"""The curves of some runs on one plot, which go on growing while it is looked at."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Resize
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input

from journal.clock import Clock
from journal.paths import Paths
from journal.types import Ref
from tui.apart import Apart
from tui.curve_board import Board, ShownRun, names_of
from tui.curve_legend import legend
from tui.curve_reading import MOST_RUNS, Seen, Stores, Told, read_runs, read_shown
from tui.curve_view import (
    Line,
    View,
    drawing,
    extent,
    following,
    next_along,
    next_smoothing,
    not_above_0,
    panned,
    window_words,
    zoomed,
)
from tui.formatting import counted, printable
from tui.keymap import RoomName, Where, bindings
from tui.messages import Failed
from tui.metric_groups import Group, groups_of, matching
from tui.plot import Plot
from tui.screens.room import Room
from tui.widgets.background import read
from tui.widgets.curve_plot import BottomLine, CurveLegend, CurvePlot, TopLine
from tui.widgets.filter_line import FilterLine
from tui.widgets.metric_list import MetricList

_LOOK_S = 0.5  # between two looks at what was logged since
_MOST_NAMED = 4  # runs that lack what is shown
_LOOKS_A_READING = 10  # where a store cannot be followed: each tenth look reads it
_REST_S = 0.12  # without a further key, before what was zoomed to is read more finely
_PATIENCE_S = 0.15  # for that long, what is in front stays: the curves then come in one paint
_NARROW = 100  # columns, below which the list of metrics gets fewer


class CurvesScreen(ModalScreen[None]):
    """Metrics to choose from, the plot of the chosen one, and below it what each curve came to."""

    BINDINGS = bindings(Where.curves, Where.dialog)
    AUTO_FOCUS = ""  # nothing has the focus but the line that finds a metric, while that is typed in
    DEFAULT_CSS = """
    CurvesScreen { background: $background; layout: vertical; }
    CurvesScreen > Horizontal { height: 1fr; }
    CurvesScreen CurvePlot { width: 1fr; height: 1fr; }
    CurvesScreen.-narrow MetricList { width: 18; }
    """

    def __init__(self, paths: Paths, clock: Clock, refs: Sequence[Ref]) -> None:
        super().__init__()
        self._paths, self._refs = paths, tuple(refs)
        self._apart = Apart(paths, clock)
        self._top, self._bottom, self._list, self._plot = TopLine(), BottomLine(), MetricList(), CurvePlot()
        self._legend, self._filter = CurveLegend(self._plot), FilterLine("part of a name")
        self.view = View()
        self.board = Board()
        self._held: tuple[Group, ...] = ()
        self._is_reading = True
        self._troubles: tuple[str, ...] = ()
        self._stores: Stores | None = None
        self._is_looking = False
        self._looks = 0
        self._is_troubled_by_stores = False
        self._rest: Timer | None = None
        self._is_in_front = False

    def open(self, room: Room) -> None:
        """Come in front of `room` with the curves; where reading them takes long, before they are there."""
        room.set_timer(_PATIENCE_S, self._come)
        self._read_all(then=self._come)

    def _come(self) -> None:
        if not self._is_in_front:
            self._is_in_front = True
            self.app.push_screen(self)

    def compose(self) -> ComposeResult:
        yield self._top
        with Horizontal():
            yield self._list
            yield self._plot
        yield self._filter
        yield self._legend
        yield self._bottom

    def on_mount(self) -> None:
        self._show()
        self.set_interval(_LOOK_S, self._look)

    def on_unmount(self) -> None:
        self._apart.stop()
        if self._stores is not None:
            self._stores.close()

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width < _NARROW, "-narrow")
        self._show()

    # ---------------------------------------------------------------- reading

    def _read_all(self, *, then: Callable[[], None] = lambda: None) -> None:
        here = self._shown_groups

        def job(connection: sqlite3.Connection) -> tuple[list[ShownRun], Told, Stores, Told]:
            runs, told = read_runs(connection, self._paths, self._refs)
            stores = Stores([shown.run for shown in runs])  # before the curves: nothing is logged unseen in between
            first = here or groups_of(key for shown in runs for key in shown.keys)[:1]
            return runs, told, stores, read_shown(self._paths, self._apart, runs, names_of(runs, first))

        def done(result: tuple[list[ShownRun], Told, Stores, Told]) -> None:
            runs, told, stores, first = result
            if self._stores is not None:
                self._stores.close()
            self._stores, self._is_reading = stores, False
            self.board.begin(runs)
            self.board.take(first.curves, (), is_all=False)
            self._troubles = tuple(dict.fromkeys((*told.troubles, *first.troubles)))
            self._list.show(matching(self.board.groups, self._filter.value), self._held_names)
            if self.is_mounted:
                self._show()
            if self.view.window is not None:
                self._read_finer()
            then()

        read(self, self._paths, job, done, group="curves", keys_wait=True)

    def _read_missing(self) -> None:
        """Read what is to be on the plot and was not read yet."""
        missing, runs = self.board.missing(self._shown_groups), self.board.runs
        if not missing:
            return
        self._is_reading = True

        def done(told: Told) -> None:
            self._is_reading = False
            self.board.take(told.curves, missing, is_all=not told.troubles)
            self._troubles = told.troubles
            self._show()

        def job(connection: sqlite3.Connection) -> Told:
            return read_shown(self._paths, self._apart, runs, missing)

        read(self, self._paths, job, done, group="curves", keys_wait=True)

    def _read_finer(self) -> None:
        """What was zoomed to comes with more points than all of it had there."""
        self._rest = None
        window, runs = self.view.window, self.board.runs
        names = self.board.coarse(self._shown_groups)
        if window is None or not names:
            return
        between = self.board.steps(self._shown_groups, self.view)

        def job(connection: sqlite3.Connection) -> Told:
            return read_shown(self._paths, self._apart, runs, names, between)

        def done(told: Told) -> None:
            self.board.take_finer(told.curves, window)
            self._show()

        read(self, self._paths, job, done, group="finer")

    # ---------------------------------------------------------------- what goes on meanwhile

    def _look(self) -> None:
        if self._stores is not None and not self._is_looking and not self._is_reading:
            self._is_looking = True
            self.run_worker(self._follow(self._stores), group="watch", exit_on_error=False)

    async def _follow(self, stores: Stores) -> None:
        try:
            seen = await asyncio.to_thread(stores.news, dict(self.board.curves))
        finally:
            self._is_looking = False
        if stores is self._stores:
            self._saw(seen, is_due=stores.has_others)

    def _saw(self, seen: Seen, *, is_due: bool) -> None:
        self._looks += 1
        if seen.must_read or not self.board.is_known(seen.names) or (is_due and self._looks % _LOOKS_A_READING == 0):
            self._read_all()
        elif seen.curves:
            before = extent(self._whole(), self.view)
            self.board.grow(seen.curves)
            self.view = following(self.view, before, extent(self._whole(), self.view))
            self._show()
        if seen.troubles or self._is_troubled_by_stores:
            self._troubles, self._is_troubled_by_stores = seen.troubles, bool(seen.troubles)
            self._show_words()

    # ---------------------------------------------------------------- what is shown

    @property
    def _shown_groups(self) -> tuple[Group, ...]:
        group = self._list.group
        return self._held if group is None or group in self._held else (*self._held, group)

    @property
    def _held_names(self) -> frozenset[str]:
        return frozenset(group.name for group in self._held)

    def _whole(self) -> list[Line]:
        return self.board.whole(self._shown_groups)

    def _show(self) -> None:
        """Paint what is at hand as the view has it."""
        self._plot.show(self._drawn, self._instead())
        rows = self.board.legend(self._shown_groups)
        self._legend.show(legend(rows, max(10, self.app.size.width - 2), max(2, self.app.size.height // 4)))
        self._show_words()

    def _drawn(self, columns: int, rows: int) -> Plot | None:
        lines = self.board.lines(self._shown_groups, self.view)
        return drawing(lines, self.view, columns=columns, rows=rows, has_colour=not self.app.no_color)

    def _instead(self) -> str:
        if self._is_reading:
            return "Reading…"
        if not self.board.groups:
            return f"Nothing was measured in {'this run' if len(self._refs) == 1 else 'these runs'}."
        if not self._list.groups:
            return f"No metric is called {printable(self._filter.value.strip())}."
        if not self._whole():
            return "Nothing of this can be read."
        return "There is nothing above 0 here." if self.view.is_log_y else "There is nothing here."

    def _show_words(self) -> None:
        view, lines = self.view, self.board.lines(self._shown_groups, self.view)
        words = [window_words(view) or f"by {view.along}"]
        words += [f"smoothed {view.smoothing:g}"] if view.smoothing else []
        words += ["log up"] if view.is_log_y else []
        words += ["log across"] if view.is_log_x else []
        left_out = not_above_0(lines, view)
        words += [f"{counted(left_out, 'point')} not above 0 left out"] if left_out else []
        without = self.board.without(self._shown_groups) if self._shown_groups else []
        words += [f"not in {' '.join(map(str, without[:_MOST_NAMED]))}"] if without else []
        words += [f"the first {MOST_RUNS} of {len(self._refs):,} runs"] if len(self._refs) > MOST_RUNS else []
        words += ["running"] if self.board.is_running else []
        self._top.show(", ".join(group.name for group in self._shown_groups), " · ".join(words))
        self._bottom.show(self._troubles)

    # ---------------------------------------------------------------- keys

    def _turn(self, view: View) -> None:
        if view != self.view:
            self.view = view
            self._show()
            if self._rest is not None:
                self._rest.stop()
            self._rest = self.set_timer(_REST_S, self._read_finer) if view.window is not None else None

    def _choose(self, by: int) -> None:
        before = self._list.group
        self._list.move(by)
        if self._list.group != before:
            self.view = replace(self.view, window=None)
            self._read_missing()
            self._show()

    def action_move(self, by: int) -> None:
        self._choose(by)

    def action_page(self, by: int) -> None:
        self._choose(by * max(1, self._list.size.height - 1))

    def on_metric_list_chosen(self, message: MetricList.Chosen) -> None:
        message.stop()
        self._choose(message.index - self._list.cursor)

    def action_hold(self) -> None:
        group = self._list.group
        if group is not None:
            self._held = (
                tuple(each for each in self._held if each != group) if group in self._held else (*self._held, group)
            )
            self._list.show(self._list.groups, self._held_names)
            self._show()

    def action_zoom(self, direction: int) -> None:
        whole = extent(self._whole(), self.view)
        if whole is not None and whole[0] < whole[1]:
            self._turn(zoomed(self.view, whole, direction))

    def on_curve_plot_zoomed(self, message: CurvePlot.Zoomed) -> None:
        message.stop()
        self.action_zoom(message.direction)

    def action_pan(self, direction: int) -> None:
        whole = extent(self._whole(), self.view)
        if whole is not None:
            self._turn(panned(self.view, whole, direction))

    def action_whole(self) -> None:
        self._turn(replace(self.view, window=None))

    def action_smooth(self, by: int) -> None:
        self._turn(replace(self.view, smoothing=next_smoothing(self.view.smoothing, by)))

    def action_turn_log(self, axis: str) -> None:
        if axis == "x":
            self._turn(replace(self.view, is_log_x=not self.view.is_log_x, window=None))
        else:
            self._turn(replace(self.view, is_log_y=not self.view.is_log_y))

    def action_turn_along(self) -> None:
        self._turn(replace(self.view, along=next_along(self.view.along, has_epochs=self.board.has_epochs), window=None))

    def action_turn_restarts(self) -> None:
        self._turn(replace(self.view, has_restarts=not self.view.has_restarts))

    def action_filter(self) -> None:
        self._filter.open()

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        before = self._list.group
        self._list.show(matching(self.board.groups, message.value), self._held_names)
        if self._list.group != before:
            self.view = replace(self.view, window=None)
            self._read_missing()
        self._show()

    def on_filter_line_left(self, message: FilterLine.Left) -> None:
        message.stop()
        if not message.keeps or not self._filter.value.strip():
            self._filter.close()
        self.set_focus(None)

    def action_help(self) -> None:
        from tui.screens.dialogs import HelpScreen

        self.app.push_screen(HelpScreen(RoomName.runs, Where.curves))

    def on_failed(self, message: Failed) -> None:
        message.stop()
        self._is_reading = False
        self._troubles = (message.sentence,)
        self._show()

    def action_close(self) -> None:
        """One step back out: from the name that is looked for, then from the curves."""
        if self._filter.is_open:
            self._filter.close()
        else:
            self.dismiss(None)
