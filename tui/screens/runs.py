"""Runs: what was trained, and whether anybody wrote down why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from textual.widgets import Input

from journal.clock import Clock
from journal.paths import Paths
from journal.queries.run_order import NEWEST_FIRST, RunOrder
from journal.types import Kind, Ref, RunView
from tui.formatting import counted
from tui.keymap import RoomName, Where, bindings
from tui.messages import BoardWanted, ChangeWanted, Followed, Highlighted, Said
from tui.screens import run_changes
from tui.screens.item_rows import RUN_COLUMNS
from tui.screens.room import Room
from tui.screens.run_choices import OfferedView, offered_orders, offered_views, order_words, view_words
from tui.screens.run_source import RunSource
from tui.screens.stores_here import StoresHere
from tui.widgets.background import read
from tui.widgets.filter_line import FilterLine
from tui.widgets.rows import Source

_NO_RUN = Ref(Kind.run, 0)  # no run has this number: a change that was made beside none


class RunsRoom(Room):
    """The runs that are not archived, last started first unless another order is chosen; ○ is one without a why."""

    BINDINGS = bindings(Where.room, room=RoomName.runs)
    room = RoomName.runs
    columns = RUN_COLUMNS
    filter_example = "lr<1e-3 and (validation/accuracy>.99 or tag:amp)  -why:  status:vanished  started>-7d"

    def __init__(self, paths: Paths, clock: Clock) -> None:
        self._source = RunSource(clock)
        self.marked: tuple[Ref, ...] = ()
        super().__init__(paths, clock)
        self._stores_here = StoresHere(self, self._source)

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
        return self._source

    def standing(self) -> str:
        order = self._source.order
        parts = (
            f"{len(self.marked):,} marked" if self.marked else "",
            super().standing(),
            f"by {order_words(order)}" if order != NEWEST_FIRST else "",
        )
        return " · ".join(part for part in parts if part)

    def on_input_changed(self, message: Input.Changed) -> None:
        self._source.is_typing = True

    def on_filter_line_left(self, message: FilterLine.Left) -> None:
        """What the filter ends with is whole now: what is wrong with it is said."""
        self._source.is_typing = False
        if message.keeps:
            self.list.reload()

    def took_back(self, ref: Ref) -> None:
        if ref == _NO_RUN:
            self.reload()
        else:
            super().took_back(ref)

    # ---------------------------------------------------------------- marks

    def mark(self, refs: Sequence[Ref]) -> None:
        """Mark these runs, and no others; what is marked stays so under any filter, and when the list is read anew."""
        self.marked = tuple(dict.fromkeys(refs))
        self.list.mark(self.marked)
        self.post_message(Highlighted(self.list.selected_ref))  # the bottom line tells how many

    def action_mark(self) -> None:
        """Mark the selected run, or take its mark away, and move on."""
        ref = self.list.selected_ref
        if ref is None:
            self.say_none_selected("There is nothing to mark.")
            return
        self.mark([each for each in self.marked if each != ref] if ref in self.marked else [*self.marked, ref])
        self.list.action_move(1)

    def action_act(self) -> None:
        """Choose what to do with the marked runs, or with the one under the cursor."""
        refs = self.chosen
        if not refs:
            self.say_none_selected("There is nothing to act on.")
            return
        filter_text, count = self.list.filter_text, self.list.count or 0
        acts: list[tuple[str, Callable[[], None]]] = [
            ("Archive: leave out of lists", partial(self._change, run_changes.archived(refs), unmarks=True)),
            ("Tag", partial(self._tag, refs)),
            ("Unarchive: have in lists again", partial(self._change, run_changes.unarchived(refs), unmarks=True)),
            ("Delete", partial(self._delete, refs)),
            (f"Mark all of the list: {counted(count, 'run')}", partial(self._mark_all, filter_text)),
        ]
        if self.marked:
            acts.append(("Unmark all", partial(self.mark, ())))
        self._choose(f"With {run_changes.named(refs)}", acts)

    def _mark_all(self, filter_text: str) -> None:
        source = self._source
        read(
            self,
            self.paths,
            lambda connection: source.refs(connection, filter_text),
            self.mark,
            group="marking",
            keys_wait=True,
        )

    def _delete(self, refs: Sequence[Ref]) -> None:
        """Asked for once more where it is many; undo brings them back all the same."""

        def delete() -> None:
            self._change(run_changes.deleted(refs), unmarks=True)

        if len(refs) == 1:
            delete()
        else:
            name = run_changes.named(refs)
            self._choose(
                f"Delete {name}?", [(f"Delete {name}; u brings them back", delete), ("Leave them", lambda: None)]
            )

    def action_tag(self) -> None:
        if self.chosen:
            self._tag(self.chosen)
        else:
            self.say_none_selected("There is nothing to tag.")

    def _tag(self, refs: Sequence[Ref]) -> None:
        from tui.screens.line import LineScreen

        def typed(text: str | None) -> None:
            if text is not None:
                self._change(run_changes.tagged(refs, text))

        self.app.push_screen(
            LineScreen(f"Tag {run_changes.named(refs)}", "+amp -todo", "+ adds, - takes away; Enter does it."), typed
        )

    def _change(self, wanted: ChangeWanted, *, unmarks: bool = False) -> None:
        if unmarks:
            self.marked = ()
            self.list.mark(())
        self.post_message(wanted)

    def _choose(self, title: str, acts: Sequence[tuple[str, Callable[[], None]]]) -> None:
        from tui.screens.dialogs import ChoiceScreen

        def chosen(number: int | None) -> None:
            if number is not None:
                acts[number][1]()

        self.app.push_screen(ChoiceScreen(title, [words for words, _ in acts]), chosen)

    # ---------------------------------------------------------------- order and views

    def action_order(self) -> None:
        """Choose the order of the list."""
        present = self._source.order

        def offered(orders: Sequence[RunOrder]) -> None:
            filter_text = self.list.filter_text
            self._choose(
                f"Now by {order_words(present)}",
                [(order_words(order), partial(self._show, filter_text, order)) for order in orders],
            )

        read(
            self,
            self.paths,
            lambda connection: offered_orders(connection, present),
            offered,
            group="choices",
            keys_wait=True,
        )

    def _show(self, filter_text: str, order: RunOrder) -> None:
        """The list with this filter and in this order, from its first row."""
        self._source.order = order
        self.list.start_over(filter_text)
        self.filter_line.show(filter_text)

    def action_views(self) -> None:
        """Choose a saved view, save the present filter and order as one, or delete one."""

        def offered(views: Sequence[OfferedView]) -> None:
            acts: list[tuple[str, Callable[[], None]]] = [
                (words, partial(self._show_view, view)) for words, view in zip(view_words(views), views, strict=True)
            ]
            acts.append(("All runs, newest first", partial(self._show, "", NEWEST_FIRST)))
            acts.append(("Save this filter and order…", self._save_view))
            if views:
                acts.append(("Delete a view…", partial(self._delete_view, views)))
            self._choose("Views", acts)

        read(self, self.paths, offered_views, offered, group="choices", keys_wait=True)

    def _show_view(self, offered: OfferedView) -> None:
        if offered.order is None:
            self.post_message(Said(f"No run has {offered.view.sort.removeprefix('-')} any more; newest first."))
        self._show(offered.view.filter, offered.order or NEWEST_FIRST)

    def _save_view(self) -> None:
        from tui.screens.line import LineScreen

        order = self._source.order
        filter_text = self.list.filter_text.strip()
        sort = "" if order == NEWEST_FIRST else str(order)

        def named(name: str | None) -> None:
            if name is not None:
                view = RunView(name=" ".join(name.split()), filter=filter_text, sort=sort)
                self.post_message(run_changes.view_saved(view, _NO_RUN))

        words = f"{filter_text or 'All runs'}, by {order_words(order)}."
        self.app.push_screen(LineScreen("Save this view under a name", "baselines", words), named)

    def _delete_view(self, views: Sequence[OfferedView]) -> None:
        self._choose(
            "Delete which view? u brings it back",
            [
                (words, partial(self._change, run_changes.view_deleted(each.view.name, _NO_RUN)))
                for words, each in zip(view_words(views), views, strict=True)
            ],
        )

    def action_note(self) -> None:
        """A dated note on the chosen runs."""
        from tui.screens.noting import write_note

        if not self.chosen:
            self.say_none_selected("There is no run here.")
        else:
            write_note(self.app, self.paths, self.chosen, self.post_message)

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

        if self.chosen:
            self.app.push_screen(CurvesScreen(self.paths, self.clock, self.chosen))
        else:
            self.say_none_selected("There is no run to draw.")
