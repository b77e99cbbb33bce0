"""Reading on, which Today and Papers share: a paper's pages, its PDF, notes on it, and the order of the queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from journal.clock import Clock
from journal.paths import Paths
from journal.queries.papers import get_paper
from journal.queue_order import Step
from journal.types import Paper, Ref
from tui.messages import ChangeWanted, Said
from tui.screens.item_rows import QUEUE_COLUMNS
from tui.screens.room import Room
from tui.screens.sources import PapersSource
from tui.widgets.background import read
from tui.widgets.item_list import ListHeading
from tui.widgets.rows import Source

if TYPE_CHECKING:
    from journal.store.changes import Change


_QUEUE = "queue"


class ReadingRoom(Room):
    """A room of papers; what the keys lead to is imported when it is first wanted."""

    def __init__(self, paths: Paths, clock: Clock) -> None:
        self.papers = PapersSource(clock)
        super().__init__(paths, clock)

    def source(self) -> Source:
        return self.papers

    def _with_paper(self, done: Callable[[Paper], object]) -> None:
        def found(paper: Paper) -> None:
            done(paper)

        ref = self.list.selected_ref
        if ref is None:
            self.say_none_selected("There is no paper here.")
        else:
            read(self, self.paths, lambda connection: get_paper(connection, ref), found, group="paper", keys_wait=True)

    # ---------------------------------------------------------------- its pages, its PDF, notes

    def action_open_page(self) -> None:
        from tui.screens.opening import open_page

        self._with_paper(lambda paper: open_page(self.app, self.paths, paper))

    def action_choose_address(self) -> None:
        from tui.screens.opening import choose_address

        self._with_paper(lambda paper: choose_address(self.app, self.paths, paper))

    def action_copy_address(self) -> None:
        from tui.screens.opening import copy_address

        self._with_paper(lambda paper: copy_address(self.app, paper))

    def action_pdf(self) -> None:
        from tui.screens.download import download, stop_download

        if not stop_download(self.app):
            self._with_paper(lambda paper: download(self.app, self.paths, paper))

    def action_leave(self) -> None:
        from tui.screens.download import stop_download
        from tui.screens.page_look import stop_look

        if not self.leave() and not stop_look(self.app) and not stop_download(self.app):
            self.post_message(Said("q quits."))

    def action_notes(self) -> None:
        from tui.screens.edit import edit_notes

        def wanted(change: ChangeWanted) -> None:
            self.post_message(change)

        ref = self.list.selected_ref
        if ref is None:
            self.say_none_selected("There is no paper here.")
        else:
            edit_notes(self.app, self.paths, ref, wanted)

    # ---------------------------------------------------------------- the queue

    def action_turn_to_queue(self) -> None:
        """The queue in its order, or all papers; the cursor stays on its paper where that is in both."""
        self._turn(to_queue=not self.papers.is_queue)
        self.list.reload()
        self.post_message(Said("The queue; J and K move a paper." if self.papers.is_queue else "All papers."))

    def go_to(self, ref: Ref, *, searched: str = "") -> None:
        self._turn(to_queue=False)  # the queue may not hold it
        super().go_to(ref, searched=searched)

    @property
    def view(self) -> str:
        return _QUEUE if self.papers.is_queue else ""

    def turn_to(self, view: str) -> None:
        self._turn(to_queue=view == _QUEUE)

    def _turn(self, *, to_queue: bool) -> None:
        if self.papers.is_queue is to_queue:
            return
        self.papers.is_queue = to_queue
        columns = QUEUE_COLUMNS if to_queue else self.columns
        before = self.query_one(ListHeading)
        with self.app.batch_update():
            self.list.columns = columns
            self.query_one(".list-side").mount(ListHeading(columns), before=before)
            before.remove()

    def action_move_in_queue(self, step: str) -> None:
        """The selected paper goes past the one next to it on the screen, and the cursor with it."""
        ref = self.list.selected_ref
        if not self.papers.is_queue:
            self.post_message(Said("Only the queue has an order of yours: v turns to it."))
        elif ref is None:
            self.say_none_selected("There is no paper here.")
        else:
            shown = self.papers.shown_by(self.list.filter_text)
            self.post_message(_move(ref, Step(step), shown))


def _move(ref: Ref, step: Step, shown: frozenset[Ref] | None) -> ChangeWanted:
    def make(change: Change) -> None:
        from journal.store import papers

        papers.move(change, [ref], step, among=shown)

    return ChangeWanted(f"move {ref} {step}", ref, make)
