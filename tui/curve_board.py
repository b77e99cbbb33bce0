"""What is at hand for the plot of the curves: runs, metrics, what was read of them, and what still has to be. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from journal.curves import Curve
from journal.types import Ref, Run, RunStatus
from tui.curve_legend import LegendLine
from tui.curve_view import Line, View, lines_of, steps_shown
from tui.metric_groups import Group, epoch_key, groups_of

CurveName = tuple[Ref, str]  # a run, and the key of a metric


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A run on the plot, and the names of what was measured of it. `why` is one line, or empty."""

    run: Run
    why: str
    keys: tuple[str, ...]

    @property
    def started_ms(self) -> int | None:
        return None if self.run.started_at is None else int(self.run.started_at.timestamp() * 1000)


class Board:
    """Which curves are shown is told by the groups of metrics that a call names."""

    def __init__(self) -> None:
        self.runs: Sequence[ShownRun] = ()
        self.groups: tuple[Group, ...] = ()
        self.curves: dict[CurveName, Curve] = {}
        self._empty: set[CurveName] = set()  # was read, and there is nothing
        self._finer: Mapping[CurveName, Curve] = {}  # of a window alone
        self._finer_for: tuple[float, float] | None = None

    def begin(self, runs: Sequence[ShownRun]) -> None:
        """Forget what was read: these runs are shown, as they are now."""
        self.runs = runs
        self.groups = groups_of(key for shown in runs for key in shown.keys)
        self.curves, self._empty, self._finer_for = {}, set(), None

    @property
    def is_running(self) -> bool:
        return any(shown.run.status is RunStatus.running for shown in self.runs)

    @property
    def has_epochs(self) -> bool:
        return any(epoch_key(shown.keys) is not None for shown in self.runs)

    def names(self, groups: Iterable[Group]) -> list[CurveName]:
        """The curves of these metrics, of each run that has them, and what counts epochs."""
        return names_of(self.runs, groups)

    def without(self, groups: Iterable[Group]) -> list[Ref]:
        """The runs that have none of these metrics."""
        having = {ref for ref, _ in self.names(groups)}
        return [shown.run.ref for shown in self.runs if shown.run.ref not in having]

    def is_known(self, names: Iterable[CurveName]) -> bool:
        """Whether there is no metric among them that a run did not have when it was read."""
        return {(shown.run.ref, key) for shown in self.runs for key in shown.keys}.issuperset(names)

    def missing(self, groups: Iterable[Group]) -> list[CurveName]:
        """What has to be read before these metrics are shown whole."""
        return [name for name in self.names(groups) if name not in self.curves and name not in self._empty]

    def take(self, curves: Mapping[CurveName, Curve], asked: Iterable[CurveName], *, is_all: bool) -> None:
        """Keep what was read; what was asked for and is not in it is empty, if that `is_all` there was."""
        self.curves.update(curves)
        if is_all:
            self._empty.update(name for name in asked if name not in curves)

    def grow(self, curves: Mapping[CurveName, Curve]) -> None:
        """Keep what was logged since."""
        self.curves.update(curves)
        self._empty.difference_update(curves)
        self._finer_for = None

    def take_finer(self, curves: Mapping[CurveName, Curve], window: tuple[float, float]) -> None:
        self._finer, self._finer_for = curves, window

    def coarse(self, groups: Iterable[Group]) -> list[CurveName]:
        """Those of which there are more points than were read."""
        return [name for name in self.names(groups) if name in self.curves and self.curves[name].lows]

    def steps(self, groups: Iterable[Group], view: View) -> dict[Ref, tuple[int, int]]:
        """The steps of each run that the window shows."""
        found: dict[Ref, tuple[int, int]] = {}
        for ref, line in self._placed(groups):
            steps = steps_shown(line, view)
            if steps is not None:
                before = found.get(ref, steps)
                found[ref] = min(before[0], steps[0]), max(before[1], steps[1])
        return found

    def whole(self, groups: Iterable[Group]) -> list[Line]:
        """The lines of these metrics, all of each."""
        return [line for _, line in self._placed(groups)]

    def lines(self, groups: Iterable[Group], view: View) -> list[Line]:
        """The same, with more points where the window was read more finely."""
        placed = self._placed(groups)
        if view.window is None or self._finer_for != view.window:
            return [line for _, line in placed]
        finer = [(self._finer.get((ref, line.curve.key)), line) for ref, line in placed]
        return [
            replace(line, curve=replace(curve, restarts=line.curve.restarts)) if curve and curve.steps else line
            for curve, line in finer
        ]

    def legend(self, groups: Iterable[Group]) -> list[LegendLine]:
        by_ref = {shown.run.ref: shown for shown in self.runs}
        return [LegendLine(line, ref, by_ref[ref].run.title, by_ref[ref].why) for ref, line in self._placed(groups)]

    def _placed(self, groups: Iterable[Group]) -> list[tuple[Ref, Line]]:
        keys = list(dict.fromkeys(key for group in groups for key in group.keys))
        found = []
        for shown in self.runs:
            ref, counts = shown.run.ref, epoch_key(shown.keys)
            epochs = self.curves.get((ref, counts)) if counts is not None else None
            found += [
                (ref, self.curves[ref, key], shown.started_ms, epochs) for key in keys if (ref, key) in self.curves
            ]
        refs = [ref for ref, *_ in found]
        return list(zip(refs, lines_of(found), strict=True))


def names_of(runs: Sequence[ShownRun], groups: Iterable[Group]) -> list[CurveName]:
    keys = list(dict.fromkeys(key for group in groups for key in group.keys))
    names: list[CurveName] = []
    for shown in runs:
        here = set(shown.keys)
        counts = epoch_key(shown.keys)
        names += [(shown.run.ref, key) for key in keys if key in here]
        if counts is not None and counts not in keys:
            names.append((shown.run.ref, counts))
    return names
