"""A choice among many sentences, narrowed by typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList

from tui.formatting import counted
from tui.keymap import Where, bindings
from tui.screens.dialogs import Act, ChoiceList

_MOST_SHOWN = 60  # of 12,000 nobody reads more, and each costs a line to lay out


class NarrowingLine(Input):
    """Typing narrows; the arrow keys move in what is left."""

    BINDINGS = bindings(Where.search)

    def __init__(self, choices: ChoiceList) -> None:
        super().__init__(compact=True, placeholder="type a part of it")
        self.cursor_blink = False
        self._choices = choices

    def action_move(self, rows: int) -> None:
        (self._choices.action_cursor_down if rows > 0 else self._choices.action_cursor_up)()

    def action_page(self, pages: int) -> None:
        turn: Callable[[], None] = self._choices.action_page_down if pages > 0 else self._choices.action_page_up
        turn()

    def action_choose(self) -> None:
        self._choices.action_select()


class NarrowingScreen(ModalScreen[int | None]):
    """Gives the number of the chosen sentence, or None; shown are those that have every word typed in them."""

    BINDINGS = bindings(Where.dialog)
    DEFAULT_CSS = """
    NarrowingScreen { align: center middle; }
    NarrowingScreen > Vertical {
        width: 84%; max-width: 76; height: auto; max-height: 90%; background: $background; border: round $primary;
        border-title-color: $text-primary; border-subtitle-color: $text-muted;
    }
    NarrowingScreen NarrowingLine { margin: 0 1; background: $surface; }
    NarrowingScreen ChoiceList { border: none; padding: 0 1; background: $background; height: auto; max-height: 100%; }
    NarrowingScreen ChoiceList > .option-list--option-highlighted {
        background: $primary 40%; color: $foreground; text-style: none;
    }
    NarrowingScreen ChoiceList:nocolor > .option-list--option-highlighted { text-style: reverse; }
    """

    def __init__(self, title: str, choices: Sequence[str]) -> None:
        super().__init__()
        self._title, self._choices = title, choices
        self._shown: Sequence[int] = ()
        self._list = ChoiceList()
        self._list.can_focus = False
        self._panel = Vertical()

    def compose(self) -> ComposeResult:
        self._panel.border_title = Content(self._title)
        with self._panel:
            yield NarrowingLine(self._list)
            yield self._list

    def on_mount(self) -> None:
        self._narrow("")

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self._narrow(message.value)

    def _narrow(self, typed: str) -> None:
        found = narrowed(self._choices, typed)
        self._shown = found[:_MOST_SHOWN]
        self._list.set_options(Content(self._choices[number]) for number in self._shown)
        self._list.highlighted = 0 if found else None
        more = len(found) - len(self._shown)
        told = f"{more:,} more: type on" if more else "" if found else "nothing has this in it"
        self._panel.border_subtitle = Content(told or counted(len(found), "choice"))

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        self.dismiss(self._shown[message.option_index])

    def action_close(self) -> None:
        self.dismiss(None)


def narrowed(choices: Sequence[str], typed: str) -> list[int]:
    """The numbers of the choices that have every word of `typed` in them, whatever its case, in their order."""
    words = typed.casefold().split()
    return [number for number, choice in enumerate(choices) if all(word in choice.casefold() for word in words)]


def offer_narrowed(app: App[None], title: str, acts: Sequence[Act]) -> None:
    """Let the person choose one of very many, and do it."""

    def chosen(number: int | None) -> None:
        if number is not None:
            acts[number][1]()

    app.push_screen(NarrowingScreen(title, [words for words, _ in acts]), chosen)
