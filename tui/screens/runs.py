"""Runs: what was trained, and whether anybody wrote down why.

What the room needs is imported when it is entered: the interface's first paint, in another room, does not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.widgets import Input

from journal.clock import Clock
from journal.paths import Paths
from journal.types import Kind, Ref
from tui.keymap import RoomName, Where, bindings
from tui.messages import BoardWanted, ChangeWanted, Followed, Highlighted
from tui.screens.item_rows import RUN_COLUMNS
from tui.screens.room import Room
from tui.widgets.filter_line import FilterLine
from tui.widgets.rows import Source

if TYPE_CHECKING:
    from journal.queries.run_order import RunOrder

NO_RUN = Ref(Kind.run, 0)  # no run has this number: a change that was made beside none


class RunsRoom(Room):
    """The runs that are not archived, last started first unless another order is chosen; ○ is one without a why."""

    BINDINGS = bindings(Where.room, room=RoomName.runs)
    room = RoomName.runs
    columns = RUN_COLUMNS
    filter_example = "lr<1e-3 and (validation/accuracy>.99 or tag:amp)  -why:  status:vanished  started>-7d"

    def __init__(self, paths: Paths, clock: Clock) -> None:
        from tui.screens.run_source import RunSource
        from tui.screens.stores_here import StoresHere

        self.runs = RunSource(clock)
        self.marked: tuple[Ref, ...] = ()
        super().__init__(paths, clock)
        self._stores_here = StoresHere(self, self.runs)

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
        return self.runs

    def standing(self) -> str:
        marked = f"{len(self.marked):,} marked" if self.marked else ""
        return " · ".join(part for part in (marked, super().standing(), self.runs.order_words) if part)

    @property
    def reason(self) -> str:
        return self.list.note if self.list.count else ""

    def show(self, filter_text: str, order: RunOrder) -> None:
        """The list with this filter and in this order, from its first row."""
        self.runs.order = order
        self.list.start_over(filter_text)
        self.filter_line.show(filter_text)

    def on_input_changed(self, message: Input.Changed) -> None:
        self.runs.is_typing = True

    def on_filter_line_left(self, message: FilterLine.Left) -> None:
        """What the filter ends with is whole now: what is wrong with it is said."""
        self.runs.is_typing = False
        if message.keeps:
            self.list.reload()

    def took_back(self, ref: Ref) -> None:
        if ref == NO_RUN:
            self.reload()
        else:
            super().took_back(ref)

    # ---------------------------------------------------------------- marks

    def mark(self, refs: Sequence[Ref]) -> None:
        """Mark these runs, and no others; what is marked stays so under any filter, and when the list is read anew."""
        self.marked = tuple(dict.fromkeys(refs))
        self.list.mark(self.marked)
        self.post_message(Highlighted(self.list.selected_ref))  # the bottom line tells how many

    def change(self, wanted: ChangeWanted, *, unmarks: bool = False) -> None:
        """Ask for a change of the chosen runs; `unmarks` where they are done with."""
        if unmarks:
            self.mark(())
        self.post_message(wanted)

    def action_mark(self) -> None:
        """Mark the selected run, or take its mark away, and move on."""
        ref = self.list.selected_ref
        if ref is None:
            self.say_none_selected("There is nothing to mark.")
            return
        self.mark([each for each in self.marked if each != ref] if ref in self.marked else [*self.marked, ref])
        self.list.action_move(1)

    def _with_chosen(self, act: Callable[[], object], otherwise: str) -> None:
        """Do something about the chosen runs; where there are none, say so."""
        if self.chosen:
            act()
        else:
            self.say_none_selected(otherwise)

    def action_act(self) -> None:
        from tui.screens.run_acts import choose_act

        self._with_chosen(lambda: choose_act(self), "There is nothing to act on.")

    def action_say_why(self) -> None:
        from tui.screens.run_acts import type_why

        self._with_chosen(lambda: type_why(self), "There is no run here.")

    def action_datasets(self) -> None:
        from tui.screens.dataset_choice import choose_dataset

        choose_dataset(self)

    def action_tag(self) -> None:
        from tui.screens.run_acts import type_tags

        self._with_chosen(lambda: type_tags(self), "There is nothing to tag.")

    # ---------------------------------------------------------------- order and views

    def action_order(self) -> None:
        from tui.screens.run_views import choose_order

        choose_order(self)

    def action_views(self) -> None:
        from tui.screens.run_views import choose_view

        choose_view(self)

    def action_note(self) -> None:
        """A dated note on the chosen runs."""
        from tui.screens.noting import write_note

        self._with_chosen(
            lambda: write_note(self.app, self.paths, self.chosen, self.post_message), "There is no run here."
        )

    def action_meanwhile(self) -> None:
        """What trains now, and what to do until it ends."""
        from tui.screens.meanwhile import BOARD, MeanwhileScreen

        def chosen(ref: Ref | None) -> None:
            if ref == BOARD:
                self.post_message(BoardWanted())
            elif ref is not None:
                self.post_message(Followed(ref))

        self.app.push_screen(MeanwhileScreen(self.paths, self.clock), chosen)

    def action_diff(self) -> None:
        from tui.screens.run_diff import open_diff

        open_diff(self, self.marked, self.list.selected_ref)

    def action_curves(self) -> None:
        from tui.screens.curves import CurvesScreen

        self._with_chosen(
            lambda: CurvesScreen(self.paths, self.clock, self.chosen).open(self), "There is no run to draw."
        )
