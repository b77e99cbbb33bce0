"""The curves of some runs on one plot, which go on growing while it is looked at."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Resize
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input

from journal.clock import Clock
from journal.curves import Curve
from journal.paths import Paths
from journal.types import Ref, RunStatus
from tui.apart import Apart, Stopped
from tui.curve_legend import LegendLine, legend
from tui.curve_reading import MOST_RUNS, CurveName, Seen, ShownRun, Stores, Told, read_runs, read_shown
from tui.curve_view import (
    COLOURS,
    MARKS,
    Group,
    Line,
    View,
    drawing,
    epoch_key,
    extent,
    following,
    groups_of,
    is_training,
    matching,
    next_along,
    next_smoothing,
    panned,
    steps_shown,
    zoomed,
)
from tui.formatting import number
from tui.keymap import RoomName, Where, bindings
from tui.messages import Failed
from tui.plot import Plot
from tui.widgets.background import read
from tui.widgets.curve_plot import BottomLine, CurveLegend, CurvePlot, TopLine
from tui.widgets.filter_line import FilterLine
from tui.widgets.metric_list import MetricList

_LOOK_S = 0.5  # between two looks at what was logged since
_LOOKS_A_READING = 10  # where a store cannot be followed: each tenth look reads it
_REST_S = 0.12  # without a further key, before what was zoomed to is read more finely
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
        self.lines: tuple[Line, ...] = ()
        self._runs: list[ShownRun] = []
        self._groups: tuple[Group, ...] = ()
        self._held: tuple[Group, ...] = ()
        self._curves: dict[CurveName, Curve] = {}
        self._empty: set[CurveName] = set()  # was read, and there is nothing
        self._finer: dict[CurveName, Curve] = {}  # of the window alone
        self._finer_for: tuple[float, float] | None = None
        self._is_reading = True
        self._troubles: tuple[str, ...] = ()
        self._stores: Stores | None = None
        self._is_looking = False
        self._looks = 0
        self._rest: Timer | None = None

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
        self._read_all()
        self.set_interval(_LOOK_S, self._look)

    def on_unmount(self) -> None:
        self._apart.stop()
        if self._stores is not None:
            self._stores.close()

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width < _NARROW, "-narrow")
        self._show()

    # ---------------------------------------------------------------- reading

    def _read_all(self) -> None:
        def job(connection: sqlite3.Connection) -> tuple[list[ShownRun], Told, Stores, tuple[Group, ...], Told]:
            runs, told = read_runs(connection, self._paths, self._refs)
            stores = Stores([shown.run for shown in runs])  # before the curves: nothing is logged unseen in between
            groups = groups_of(key for shown in runs for key in shown.keys)
            first = self._list.group or (groups[0] if groups else None)
            names = self._names(runs, (first, *self._held) if first is not None else ())
            return runs, told, stores, groups, self._told(runs, names)

        def done(result: tuple[list[ShownRun], Told, Stores, tuple[Group, ...], Told]) -> None:
            self._runs, told, stores, self._groups, first = result
            if self._stores is not None:
                self._stores.close()
            self._stores, self._is_reading = stores, False
            self._curves, self._empty = {}, set()
            self._take(first, self._names(self._runs, ()))
            self._troubles = tuple(dict.fromkeys((*told.troubles, *first.troubles)))
            self._list.show(matching(self._groups, self._filter.value), self._held_names)
            self._show()
            self._read_missing()

        read(self, self._paths, job, done, group="curves", keys_wait=True)

    def _told(self, runs: Sequence[ShownRun], names: Iterable[CurveName], *, zoomed: bool = False) -> Told:
        """In a thread: the curves of these names."""
        steps = self._steps() if zoomed else {}
        wanted = []
        asked = list(names)
        for shown in runs:
            keys = [key for ref, key in asked if ref == shown.run.ref]
            between = steps.get(shown.run.ref)
            if keys and (between is not None or not zoomed):
                wanted.append((shown.run, keys, between))
        try:
            return read_shown(self._paths, self._apart, wanted)
        except Stopped:
            return Told({})

    def _take(self, told: Told, asked: Iterable[CurveName]) -> None:
        self._curves.update(told.curves)
        if not told.troubles:
            self._empty.update(name for name in asked if name not in told.curves)

    def _read_missing(self) -> None:
        """Read what is to be on the plot and was not read yet."""
        missing = [name for name in self._names(self._runs, self._shown_groups) if name not in self._curves]
        missing = [name for name in missing if name not in self._empty]
        if not missing:
            return
        self._is_reading = True

        def done(told: Told) -> None:
            self._is_reading = False
            self._take(told, missing)
            self._troubles = told.troubles
            self._show()

        read(
            self, self._paths, lambda connection: self._told(self._runs, missing), done, group="curves", keys_wait=True
        )

    def _read_finer(self) -> None:
        """What was zoomed to comes with more points than all of it had there."""
        self._rest = None
        window = self.view.window
        names = [name for name in self._names(self._runs, self._shown_groups) if self._is_coarse(name)]
        if window is None or not names:
            return

        def done(told: Told) -> None:
            self._finer, self._finer_for = told.curves, window
            self._show()

        read(self, self._paths, lambda connection: self._told(self._runs, names, zoomed=True), done, group="finer")

    def _is_coarse(self, name: CurveName) -> bool:
        return name in self._curves and bool(self._curves[name].lows)

    def _steps(self) -> dict[Ref, tuple[int, int]]:
        """The steps of each run that the window shows."""
        found: dict[Ref, tuple[int, int]] = {}
        for ref, _, line in self._whole_lines():
            steps = steps_shown(line, self.view)
            if steps is not None:
                before = found.get(ref, steps)
                found[ref] = min(before[0], steps[0]), max(before[1], steps[1])
        return found

    # ---------------------------------------------------------------- what goes on meanwhile

    def _look(self) -> None:
        if self._stores is not None and not self._is_looking and not self._is_reading:
            self._is_looking = True
            self.run_worker(self._follow(self._stores), group="watch", exit_on_error=False)

    async def _follow(self, stores: Stores) -> None:
        try:
            seen = await asyncio.to_thread(stores.news, dict(self._curves))
        finally:
            self._is_looking = False
        if stores is self._stores:
            self._saw(seen)

    def _saw(self, seen: Seen) -> None:
        assert self._stores is not None
        self._looks += 1
        known = {(shown.run.ref, key) for shown in self._runs for key in shown.keys}
        is_due = self._stores.has_others and self._looks % _LOOKS_A_READING == 0
        if seen.must_read or is_due or not seen.names <= known:
            self._read_all()
        elif seen.curves:
            before = extent(self.lines, self.view)
            self._curves.update(seen.curves)
            self._empty.difference_update(seen.names)
            self._finer_for = None
            self.lines = tuple(self._lines())
            self.view = following(self.view, before, extent(self.lines, self.view))
            self._show()
        if seen.troubles != self._troubles and (seen.troubles or self._stores is not None):
            self._troubles = seen.troubles
            self._show_words()

    # ---------------------------------------------------------------- what is shown

    @property
    def _shown_groups(self) -> tuple[Group, ...]:
        group = self._list.group
        return self._held if group is None or group in self._held else (*self._held, group)

    @property
    def _held_names(self) -> frozenset[str]:
        return frozenset(group.name for group in self._held)

    def _names(self, runs: Sequence[ShownRun], groups: Iterable[Group]) -> list[CurveName]:
        """The curves of these metrics, of each run that has them, and what counts epochs."""
        keys = list(dict.fromkeys(key for group in groups for key in group.keys))
        names = []
        for shown in runs:
            here = set(shown.keys)
            names += [(shown.run.ref, key) for key in keys if key in here]
            epochs = epoch_key(shown.keys)
            if epochs is not None and (shown.run.ref, epochs) not in names:
                names.append((shown.run.ref, epochs))
        return names

    def _whole_lines(self) -> list[tuple[Ref, ShownRun, Line]]:
        keys = list(dict.fromkeys(key for group in self._shown_groups for key in group.keys))
        found: list[tuple[Ref, ShownRun, Line]] = []
        for place, shown in enumerate(self._runs):
            ref, epochs = shown.run.ref, epoch_key(shown.keys)
            for number_of_key, key in enumerate(keys):
                curve = self._curves.get((ref, key))
                if curve is None:
                    continue
                colour = (place if len(self._runs) > 1 else number_of_key) % COLOURS
                line = Line(
                    curve,
                    f"curve-{colour}",
                    MARKS[len(found) % len(MARKS)],
                    is_dashed=len(keys) > 1 and is_training(key),
                    started_ms=shown.started_ms,
                    epochs=self._curves.get((ref, epochs)) if epochs is not None else None,
                )
                found.append((ref, shown, line))
        return found

    def _lines(self) -> list[Line]:
        is_fine = self._finer_for is not None and self._finer_for == self.view.window
        lines = []
        for ref, _, line in self._whole_lines():
            finer = self._finer.get((ref, line.curve.key)) if is_fine else None
            lines.append(line if finer is None else replace(line, curve=replace(finer, restarts=line.curve.restarts)))
        return lines if len(lines) != 1 else [replace(lines[0], mark="")]

    def _show(self) -> None:
        """Paint what is at hand as the view has it."""
        self.lines = tuple(self._lines())
        self._plot.show(self._drawn, self._instead())
        whole = self._whole_lines()
        rows = [
            LegendLine(replace(line, mark="" if len(whole) == 1 else line.mark), ref, shown.run.title, shown.why)
            for ref, shown, line in whole
        ]
        self._legend.show(legend(rows, max(10, self.size.width - 2), max(2, self.size.height // 4)))
        self._show_words()

    def _drawn(self, columns: int, rows: int) -> Plot | None:
        return drawing(self.lines, self.view, columns=columns, rows=rows, has_colour=not self.app.no_color).plot

    def _instead(self) -> str:
        if self._is_reading:
            return "Reading…"
        if not self._groups:
            return (
                "Nothing was measured in this run." if len(self._runs) == 1 else "Nothing was measured in these runs."
            )
        if not self.lines:
            return "Nothing can be read of this."
        return "Nothing to draw here." if not self.view.is_log_y else "Nothing above 0 to draw here."

    def _show_words(self) -> None:
        names = ", ".join(group.name for group in self._shown_groups)
        view = self.view
        words = [f"by {view.along}"]
        words += [f"smoothed {view.smoothing:g}"] if view.smoothing else []
        words += ["log up"] if view.is_log_y else []
        words += ["log across"] if view.is_log_x else []
        words += [f"{number(view.window[0])} to {number(view.window[1])}"] if view.window else []
        left_out = drawing(self.lines, view, columns=1, rows=1).left_out if view.is_log_x or view.is_log_y else 0
        words += [f"{left_out:,} points are not above 0"] if left_out else []
        words += [f"the first {MOST_RUNS} of {len(self._refs)} runs"] if len(self._refs) > MOST_RUNS else []
        if any(shown.run.status is RunStatus.running for shown in self._runs):
            words.append("running")
        self._top.show(names, " · ".join(words))
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

    def _whole(self) -> list[Line]:
        return [line for _, _, line in self._whole_lines()]

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
        has_epochs = any(epoch_key(shown.keys) is not None for shown in self._runs)
        self._turn(replace(self.view, along=next_along(self.view.along, has_epochs=has_epochs), window=None))

    def action_turn_restarts(self) -> None:
        self._turn(replace(self.view, has_restarts=not self.view.has_restarts))

    def action_filter(self) -> None:
        self._filter.open()

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        before = self._list.group
        self._list.show(matching(self._groups, message.value), self._held_names)
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

        self.app.push_screen(HelpScreen(RoomName.runs))

    def on_failed(self, message: Failed) -> None:
        message.stop()
        self._is_reading = False
        self._troubles = (message.sentence,)
        self._show()

    def action_close(self) -> None:
        self.dismiss(None)
