"""Every rule, with what it speaks of; one can be taken away."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widgets import OptionList

from journal.clock import Clock
from journal.paths import Paths
from journal.ranking import Effect, Rule
from journal.triage import Target
from tui.screens.muting import Chosen, CountingScreen

_WORDS = {Effect.plus: "more", Effect.minus: "less", Effect.mute: "mute"}


class RulesScreen(CountingScreen):
    """Gives the rule to take away, or None."""

    def __init__(self, paths: Paths, clock: Clock, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._targets = [Target(rule.field, rule.value) for rule in rules]
        names = [f"{_WORDS[rule.effect]} {target}" for rule, target in zip(rules, self._targets, strict=True)]
        super().__init__(paths, clock, "Your rules: Enter takes one away, u brings it back", names)

    def on_mount(self) -> None:
        self.count(
            [
                (place, target, rule.effect)
                for place, (target, rule) in enumerate(zip(self._targets, self._rules, strict=True))
            ]
        )

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        self.dismiss(Chosen(self._targets[message.option_index]))
