"""Papers: every paper, its state and its badges; and triage, which Today shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from journal.types import PaperState, Ref
from tui.keymap import RoomName, Where, bindings
from tui.messages import ChangeWanted, Said
from tui.screens.item_rows import PAPER_COLUMNS
from tui.screens.reading import ReadingRoom
from tui.widgets.rows import Column

if TYPE_CHECKING:
    from journal.store.changes import Change

_VERBS = {
    PaperState.kept: "keep",
    PaperState.queued: "queue",
    PaperState.skipped: "skip",
    PaperState.muted: "mute",
}


class PapersRoom(ReadingRoom):
    """Every paper, newest first; or the queue in its order."""

    BINDINGS = bindings(Where.room, RoomName.papers)
    room = RoomName.papers
    columns: ClassVar[Sequence[Column]] = PAPER_COLUMNS

    def action_triage(self, state: str) -> None:
        """Give the selected paper a state, and move on to the next."""
        ref = self.list.selected_ref
        if ref is None:
            self.post_message(Said("There is no paper here."))
            return
        self.post_message(triage(ref, PaperState(state)))
        self.triaged(ref)

    def triaged(self, ref: Ref) -> None:
        """Move on."""
        self.list.action_move(1)


def triage(ref: Ref, state: PaperState) -> ChangeWanted:
    """The change that gives a paper a state."""

    def make(change: Change) -> None:
        from journal.store import papers

        papers.set_state(change, ref, state)

    return ChangeWanted(f"{_VERBS[state]} {ref}", ref, make)
