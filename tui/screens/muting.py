"""The menu behind `m`, `+` and `-`: this paper, its authors and categories, phrases of its title, or other words.

Each choice tells what it speaks of, counted in a thread and shown as it comes; nobody has to wait for it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList

from journal.clock import Clock
from journal.errors import BadValue
from journal.paths import Paths
from journal.queries.triage import Window, preview, recent, text_of
from journal.ranking import Effect, PaperText, RuleField, matches
from journal.triage import (
    Preview,
    Target,
    counted_over,
    names_target,
    parse_target,
    preview_counts,
    suggested,
    target,
)
from journal.types import PaperState, Ref
from tui.formatting import printable, readable
from tui.keymap import Where, bindings
from tui.messages import Failed
from tui.screens.dialogs import ChoiceList
from tui.widgets.background import read
from tui.widgets.rows import GAP, fitted

_NAME_CELLS, _LEAST_NAME_CELLS = 34, 10
_MOST_TITLES = 3
_DEAR = {PaperState.kept, PaperState.queued}
_TITLES = {Effect.mute: "Mute", Effect.plus: "More of", Effect.minus: "Less of"}
_NAMES = {RuleField.author: "author", RuleField.category: "category", RuleField.phrase: "phrase"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen; without a target: this paper only. `is_of_paper`: it speaks of the paper looked at."""

    target: Target | None
    is_of_paper: bool = True


class CountedChoices(ChoiceList):
    """Choices with what each speaks of beside it, once that is counted."""

    def __init__(self, named: Sequence[str] = ()) -> None:
        self._named = list(named)
        super().__init__(*(Content(_one_line(name)) for name in named))

    def add(self, names: Sequence[str]) -> None:
        self._named += names
        self.add_options(Content(_one_line(name)) for name in names)

    def tell(self, index: int, told: str) -> None:
        """What the choice at `index` speaks of."""
        told = printable(told)
        left = self.scrollable_content_region.width - 2 * self.styles.padding.left - GAP - cell_len(told)
        name = fitted(_one_line(self._named[index]), min(_NAME_CELLS, max(_LEAST_NAME_CELLS, left)))
        self.replace_option_prompt_at_index(index, Content.assemble(f"{name}{' ' * GAP}", (told, "$text-muted")))


def _one_line(name: str) -> str:
    return printable(name[:400])


class CountingScreen(ModalScreen[Chosen | None]):
    """A list of rules, each counted after the other in a thread."""

    BINDINGS = bindings(Where.dialog)
    DEFAULT_CSS = """
    CountingScreen { align: center middle; }
    CountingScreen > Vertical {
        width: 92%; max-width: 100; height: auto; max-height: 90%; background: $background;
        border: round $primary; border-title-color: $text-primary; border-subtitle-color: $text-muted;
    }
    CountingScreen ChoiceList, CountingScreen ChoiceList:focus {
        border: none; padding: 0 1; background: $background; background-tint: transparent;
        height: auto; max-height: 24; text-wrap: nowrap; text-overflow: ellipsis;
    }
    CountingScreen ChoiceList:focus > .option-list--option-highlighted {
        background: $primary 40%; color: $foreground; text-style: none;
    }
    CountingScreen ChoiceList:focus:nocolor > .option-list--option-highlighted { text-style: reverse; }
    CountingScreen Input { display: none; margin: 0 1; background: $surface; }
    CountingScreen Label { display: none; margin: 0 1; color: $text-muted; }
    CountingScreen.-typing Input, CountingScreen.-typing Label { display: block; }
    """

    def __init__(self, paths: Paths, clock: Clock, title: str, named: Sequence[str]) -> None:
        super().__init__()
        self._paths, self._clock, self._title = paths, clock, title
        self._window: Window | None = None
        self._panel = Vertical()
        self.choices = CountedChoices(named)

    def compose(self) -> ComposeResult:
        with self._panel:
            yield self.choices
            yield from self.below_choices()
        self._panel.border_title = Content(printable(self._title))

    def below_choices(self) -> ComposeResult:
        yield from ()

    def count(self, wanted: Sequence[tuple[int, Target, Effect]]) -> None:
        """Tell what each of these (place in the list, target, effect) speaks of, one after the other."""
        if not wanted:
            return
        (index, target, effect), *rest = wanted

        def counted(found: Preview) -> None:
            if not self.is_attached:  # chosen meanwhile
                return
            self.choices.tell(index, preview_counts(found))
            self.told(index, found)
            self._panel.border_subtitle = Content(f"of {counted_over(found)}")
            self.count(rest)

        read(self, self._paths, lambda connection: self.previewed(connection, target, effect), counted, group="counts")

    def told(self, index: int, found: Preview) -> None:
        """The choice at `index` is counted."""

    def previewed(self, connection: sqlite3.Connection, target: Target, effect: Effect) -> Preview:
        """Called in a thread. The papers that are counted over stay the same while the menu is open."""
        window = self._window = self._window or recent(connection, self._clock())
        return preview(connection, target.rule(effect), window, titles=_MOST_TITLES)

    def on_failed(self, message: Failed) -> None:
        """What can be chosen stays so; the sentence goes on to the bottom line."""

    def action_close(self) -> None:
        self.dismiss(None)


class MutingScreen(CountingScreen):
    """What to mute, or to have more or less of, while looking at one paper."""

    DEFAULT_CSS = """
    MutingScreen .examples { display: block; height: 4; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, paths: Paths, clock: Clock, ref: Ref, effect: Effect) -> None:
        named = [f"This paper only ({ref})"] if effect is Effect.mute else []
        super().__init__(paths, clock, f"{_TITLES[effect]}: beside {ref}", named)
        self._ref, self._effect = ref, effect
        self._text: PaperText | None = None  # of the paper, once it is read
        self._targets: list[Target | None] = [None] * len(named)
        self._typed = Input(compact=True, placeholder="words, au:NAME or cat:cs.CV; Enter takes it, Esc leaves")
        self._typed.cursor_blink = False
        self._told = Label("", markup=False)
        self._examples = Label("", markup=False, classes="examples")
        self._found: dict[int, Preview] = {}

    def below_choices(self) -> ComposeResult:
        yield self._typed
        yield self._told
        yield self._examples

    def on_resize(self) -> None:
        """The list leaves room for what is below it, on a small terminal too."""
        below = _MOST_TITLES + 1 + (2 if self.has_class("-typing") else 0)
        self.choices.styles.max_height = max(2, self.app.size.height * 9 // 10 - 2 - below)

    def told(self, index: int, found: Preview) -> None:
        self._found[index] = found
        if index == self.choices.highlighted and not self.has_class("-typing"):
            self._examples.update(_examples(found))

    def on_option_list_option_highlighted(self, message: OptionList.OptionHighlighted) -> None:
        found = self._found.get(message.option_index)
        self._examples.update(_examples(found) if found else Content(""))

    def on_mount(self) -> None:
        self.choices.focus()
        read(
            self,
            self._paths,
            self._suggested,
            self._suggest,
            group="text",
            keys_wait=True,
        )

    def _suggested(self, connection: sqlite3.Connection) -> tuple[PaperText, Sequence[Target]]:
        """Called in a thread."""
        text = text_of(connection, self._ref)
        return text, suggested(text)

    def _suggest(self, read_now: tuple[PaperText, Sequence[Target]]) -> None:
        self._text, targets = read_now
        first = len(self._targets)
        self._targets += targets
        self.choices.add([*(f"{_NAMES[each.field]} {each.value}" for each in targets), "Other words…"])
        if self.choices.highlighted is None:
            self.choices.highlighted = 0
        self.count([(place, each, self._effect) for place, each in enumerate(targets, first)])

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        if message.option_index < len(self._targets):
            self._choose(self._targets[message.option_index])
            return
        self.add_class("-typing")
        self.on_resize()
        self._typed.focus()

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self._count_typed()

    def _count_typed(self) -> None:
        wanted = self._typed_target()
        if wanted is None:
            return

        def counted(found: Preview) -> None:
            self._told.update(Content(f"{wanted}  {preview_counts(found)}"))
            self._examples.update(_examples(found))

        read(
            self,
            self._paths,
            lambda connection: self.previewed(connection, wanted, self._effect),
            counted,
            group="typed",
        )

    def _typed_target(self) -> Target | None:
        """What was typed, or None where it says nothing; then the line below says why."""
        text = self._typed.value
        try:
            return parse_target(text) if names_target(text) else target(RuleField.phrase, text)
        except BadValue as error:
            self.workers.cancel_group(self, "typed")
            self._told.update(Content(printable(f"{error} {error.hint}") if text.strip() else ""))
            self._examples.update(Content(""))
            return None

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        if (wanted := self._typed_target()) is not None:
            self._choose(wanted)

    def _choose(self, wanted: Target | None) -> None:
        is_of_paper = wanted is None or (self._text is not None and matches(wanted.rule(self._effect), self._text))
        self.dismiss(Chosen(wanted, is_of_paper))


def _examples(found: Preview) -> Content:
    """The first titles that a choice speaks of, each that was kept or queued with a word that says so."""
    if not found.titles:
        return Content.styled("No paper of late.", "$text-muted")
    does = "Would have hidden" if found.rule.effect is Effect.mute else "Speaks of"
    lines = [Content.styled(f"{does}:", "$text-muted")]
    for title, state in zip(found.titles, found.states, strict=True):
        mark = (f"{state}  ", "bold $text-warning") if state in _DEAR else ""
        lines.append(Content.assemble("  ", mark, printable(readable(title[:400]))))
    return Content("\n").join(lines)
