"""What differs between two runs, in front of the room."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from textual.containers import Vertical
from textual.content import Content

from journal.clock import now
from journal.curves import Curve
from journal.paths import Paths
from journal.queries.run_groups import in_order, run_before
from journal.run_diff import RunDiff
from journal.types import Ref, Run
from tui.apart import Apart, Stopped
from tui.diff_document import diff_document
from tui.keymap import RoomName, Where, bindings
from tui.messages import Followed, Said
from tui.run_comparison import CurveReader, read_diff
from tui.screens.dialogs import DetailScreen, HelpScreen
from tui.screens.room import Room
from tui.widgets.background import read


@dataclass(frozen=True, slots=True)
class Pair:
    """Which two runs are meant, and in words why those; `other` is None where it is the one before `one`."""

    one: Ref
    other: Ref | None
    why: str


def pair_of(marked: Sequence[Ref], selected: Ref | None) -> Pair | None:
    """Two marked runs; or the one marked and the one under the cursor; else that one and the one before it.

    None where it is not clear: there is no run, or more than two are marked.
    """
    if len(marked) == 2:
        return Pair(marked[0], marked[1], "both marked")
    if len(marked) == 1 and selected is not None and selected != marked[0]:
        return Pair(marked[0], selected, f"{marked[0]} marked, {selected} under the cursor")
    if len(marked) > 2 or selected is None:
        return None
    return Pair(selected, None, f"{selected} and the one before it")


def open_diff(room: Room, marked: Sequence[Ref], selected: Ref | None) -> None:
    """Show what differs between the runs that a person means, the earlier one first."""
    pair = pair_of(marked, selected)
    if pair is None:
        if len(marked) > 2:
            room.post_message(Said(f"{len(marked)} runs are marked: a difference is between two."))
        else:
            room.say_none_selected("There are no runs to compare.")
        return

    def job(connection: sqlite3.Connection) -> tuple[Ref, Ref] | None:
        other = pair.other or run_before(connection, pair.one)
        return None if other is None else in_order(connection, pair.one, other)

    def done(found: tuple[Ref, Ref] | None) -> None:
        if found is None:
            room.post_message(Said(f"{pair.one} is the first run of its experiment: mark another one to compare with."))
        else:
            room.app.push_screen(RunDiffScreen(room.paths, *found, said=pair.why), followed)

    async def followed(ref: Ref | None) -> None:
        if ref is not None:
            room.post_message(Followed(ref))

    read(room, room.paths, job, done, group="diff", keys_wait=True)


class RunDiffScreen(DetailScreen):
    """The difference of two runs; gives the run that was chosen in it, or None.

    What the journal knows is shown at once, commits, files and curves when they are compared.
    """

    BINDINGS = bindings(Where.diff, Where.dialog)
    DEFAULT_CSS = """
    RunDiffScreen > Vertical {
        width: 96%; max-width: 130; height: 94%;
        border-title-color: $text-primary; border-subtitle-color: $text-muted;
    }
    """

    def __init__(self, paths: Paths, a: Ref, b: Ref, *, said: str = "", read_curves: CurveReader | None = None) -> None:
        super().__init__()
        self._paths, self._said = paths, said
        self._apart = Apart(paths, now)
        self._read_curves = read_curves or self._curves
        self.a, self.b = a, b
        self.shows_all = False
        self._diff: RunDiff | None = None
        self._is_quick = True

    def on_mount(self) -> None:
        self._tell_keys()
        self._read(is_quick=True)

    def _tell_keys(self) -> None:
        panel = self.query_one(Vertical)
        panel.border_title = Content(f"What differs{f' · {self._said}' if self._said else ''}")
        how_much = "less" if self.shows_all else "all"
        panel.border_subtitle = Content(f"a shows {how_much} · s the other way round · ? keys · Esc closes")

    def _read(self, *, is_quick: bool) -> None:
        a, b = self.a, self.b

        def job(connection: sqlite3.Connection) -> RunDiff:
            return read_diff(connection, self._paths, a, b, is_quick=is_quick, read_curves=self._read_curves)

        def done(diff: RunDiff) -> None:
            self._diff, self._is_quick = diff, is_quick
            self._show()
            if is_quick:
                self._read(is_quick=False)

        read(self, self._paths, job, done, group="diff")

    def _curves(self, paths: Paths, run: Run, keys: Sequence[str]) -> Sequence[Curve]:
        """Those at a server are read in a process of their own, since asking one imports mlflow."""
        from importers.curves import needs_mlflow, read_curves

        if not needs_mlflow(run):
            return read_curves(paths, run, keys)
        try:
            return self._apart.curves(run.ref, keys, most_points=None, between=None)
        except Stopped:
            return ()

    def on_unmount(self) -> None:
        self._apart.stop()

    def _show(self) -> None:
        if self._diff is None:
            return
        top = self.detail.top
        self.detail.show(
            diff_document(
                self._diff, shows_all=self.shows_all, more="a shows all", is_quick=self._is_quick, has_links=True
            )
        )
        self.detail.scroll_to_line(top)

    def action_show_all(self) -> None:
        self.shows_all = not self.shows_all
        self._tell_keys()
        self._show()

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(RoomName.runs, Where.diff))

    def action_swap(self) -> None:
        self.a, self.b = self.b, self.a
        self._said = ""
        self._tell_keys()
        self._read(is_quick=True)
