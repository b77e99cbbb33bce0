"""Papers: every paper, its state and its badges; and triage, which Today shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from journal.queries.taste import list_rules
from journal.ranking import Effect, Rule
from journal.triage import Target
from journal.types import Kind, PaperState, Ref
from tui.formatting import counted
from tui.keymap import RoomName, Where, bindings
from tui.messages import ChangeWanted, Said, Unchanged
from tui.screens.item_rows import PAPER_COLUMNS
from tui.screens.reading import ReadingRoom
from tui.widgets.background import read
from tui.widgets.rows import Column

if TYPE_CHECKING:
    from journal.store.changes import Change
    from tui.screens.muting import Chosen

_VERBS = {
    PaperState.kept: "keep",
    PaperState.queued: "queue",
    PaperState.skipped: "skip",
    PaperState.muted: "mute",
}
_NO_PAPER = Ref(Kind.paper, 0)  # no paper has this number: a change that was made beside none
_RULE_VERBS = {Effect.plus: "more", Effect.minus: "less", Effect.mute: "mute"}


class PapersRoom(ReadingRoom):
    """Every paper, newest first; or the queue in its order."""

    BINDINGS = bindings(Where.room, room=RoomName.papers)
    room = RoomName.papers
    columns: ClassVar[Sequence[Column]] = PAPER_COLUMNS

    def action_triage(self, state: str) -> None:
        """Give the selected paper a state, and move on to the next."""
        ref = self._selected_paper()
        if ref is not None:
            self._decide(ref, PaperState(state))

    def _selected_paper(self) -> Ref | None:
        ref = self.list.selected_ref
        if ref is None:
            self.say_none_selected("There is no paper here.")
        return ref

    def _decide(self, ref: Ref, state: PaperState) -> None:
        self.post_message(triage(ref, state))
        self.triaged(ref)

    def triaged(self, ref: Ref) -> None:
        """Move on, if the cursor is still there."""
        if self.list.selected_ref == ref:
            self.list.action_move(1)

    def took_back(self, ref: Ref) -> None:
        if ref == _NO_PAPER:
            self.reload()
        else:
            super().took_back(ref)

    # ---------------------------------------------------------------- rules

    def action_mute(self) -> None:
        """Mute the selected paper, or every new one of an author, a category or a phrase, and move on."""
        self._ask(Effect.mute)

    def action_wish(self, effect: str) -> None:
        """More, or less, of an author, a category or a phrase."""
        self._ask(Effect(effect))

    def _ask(self, effect: Effect) -> None:
        from tui.screens.muting import MutingScreen

        ref = self._selected_paper()
        if ref is None:
            return

        def chosen(choice: Chosen | None) -> None:
            if choice is None:
                return
            if choice.target is None:
                self._decide(ref, PaperState.muted)
                return
            self.post_message(rule_made(effect, choice.target, ref))
            if effect is Effect.mute and choice.is_of_paper:
                self.triaged(ref)

        self.app.push_screen(MutingScreen(self.paths, self.clock, ref, effect), chosen)

    def action_rules(self) -> None:
        """Show the rules; one can be taken away."""

        def listed(rules: Sequence[Rule]) -> None:
            from tui.screens.rules import RulesScreen

            if not rules:
                self.post_message(Said("There are no rules yet: m, + and - make them."))
                return
            self.app.push_screen(RulesScreen(self.paths, self.clock, rules), chosen)

        def chosen(choice: Chosen | None) -> None:
            if choice is not None and choice.target is not None:
                self.post_message(rule_taken_away(choice.target, self.shown_ref or _NO_PAPER))

        read(self, self.paths, list_rules, listed, group="rules", keys_wait=True)


def triage(ref: Ref, state: PaperState) -> ChangeWanted:
    """The change that gives a paper a state."""

    def make(change: Change) -> Unchanged | None:
        from journal.store import papers

        before = papers.set_state(change, ref, state)
        return Unchanged(f"{ref} is {state} already.") if before is state else None

    return ChangeWanted(f"{_VERBS[state]} {ref}", ref, make)


def skipped_above(above: Sequence[Ref], ref: Ref) -> ChangeWanted:
    """The change that skips what stands above `ref` and is still new by then."""

    def make(change: Change) -> None:
        from journal.store.triage import decide_new

        decide_new(change, above, PaperState.skipped)

    return ChangeWanted(f"skip {counted(len(above), 'paper')} above {ref}", ref, make)


def rule_made(effect: Effect, target: Target, ref: Ref) -> ChangeWanted:
    """The change that makes a rule while looking at `ref`."""

    def make(change: Change) -> None:
        from journal.store import rules

        rules.add(change, effect, target)

    return ChangeWanted(f"{_RULE_VERBS[effect]} {target}", ref, make)


def rule_taken_away(target: Target, ref: Ref) -> ChangeWanted:
    """The change that takes a rule away while looking at `ref`."""

    def make(change: Change) -> None:
        from journal.store import rules

        rules.clear(change, target)

    return ChangeWanted(f"clear {target}", ref, make)
