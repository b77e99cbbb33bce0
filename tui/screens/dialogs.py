"""Small screens in front of a room: the keys, a choice, one item of a kind that has no room."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList

from journal.paths import Paths
from journal.types import Ref
from tui.documents import Document, Table, read_document
from tui.keymap import Key, RoomName, Where, bindings, keys_of, shown
from tui.messages import Failed, Followed
from tui.roles import HAS_NO_WHY, HAS_WHY
from tui.widgets.background import read
from tui.widgets.detail import DetailPane


class HelpScreen(ModalScreen[None]):
    """Every key that does something in a room; those of a screen in front of it first, where that asks."""

    BINDINGS = bindings(Where.dialog)
    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > Vertical {
        width: 84%; max-width: 76; height: 90%; background: $background;
        border: round $primary; border-title-color: $text-primary;
    }
    """

    def __init__(self, room: RoomName, screen: Where | None = None) -> None:
        super().__init__()
        self._room, self._screen = room, screen

    def compose(self) -> ComposeResult:
        pane = DetailPane()
        pane.show(help_document(self._room, self._screen))
        with Vertical() as panel:
            yield pane
        panel.border_title = Content(
            f"Keys {_heading(self._screen)}" if self._screen else f"Keys in {self._room.title()}"
        )

    def action_close(self) -> None:
        self.dismiss(None)


_HEADINGS = {
    Where.app: "everywhere",
    Where.list: "in the list",
    Where.detail: "in the detail",
    Where.filter: "while filtering",
    Where.search: "while searching",
    Where.choice: "in a choice",
    Where.due: "in what comes back",
    Where.feeds: "in the feeds",
    Where.board: "on the board",
    Where.writing: "while writing",
    Where.diff: "in a difference of runs",
    Where.curves: "in the curves",
    Where.dialog: "in front of a room",
}


_RUN_MARKS = (
    ("✓", "Chosen with x"),
    (f"{HAS_WHY} {HAS_NO_WHY}", "Somebody wrote down why; nobody did"),
    ("p", "It, or what it tests, is linked to a paper"),
    ("n", "There are dated notes on it"),
    ("!", "A check of it failed"),
)


def _heading(place: Where) -> str:
    return _HEADINGS[place]


def help_document(room: RoomName, screen: Where | None = None) -> Document:
    """The part of the keymap that holds in `room`, what is heard in the `screen` in front of it first."""
    places = [place for place in (Where.room, *_HEADINGS) if place is not screen]
    if screen is not None:
        places = [screen, Where.dialog, *(place for place in places if place is not Where.dialog)]
    tables = []
    for place in places:
        heading = f"in {room.title()}" if place is Where.room else _heading(place)
        tables.append(Table(heading[0].upper() + heading[1:], _table(keys_of(place, room=room)), name_width=16))
    if room is RoomName.runs:
        tables.append(Table("Marks before a run", _RUN_MARKS, name_width=16))
    return Document(None, tuple(tables))


def _table(keys: Iterable[Key]) -> tuple[tuple[str, str], ...]:
    return tuple((shown(key), key.words) for key in keys)


class ChoiceScreen(ModalScreen[int | None]):
    """A choice among a few sentences; gives the number of the chosen one, or None."""

    BINDINGS = bindings(Where.dialog)
    DEFAULT_CSS = """
    ChoiceScreen { align: center middle; }
    ChoiceScreen > Vertical {
        width: 84%; max-width: 76; height: auto; max-height: 90%; background: $background;
        border: round $primary; border-title-color: $text-primary;
    }
    ChoiceScreen ChoiceList, ChoiceScreen ChoiceList:focus {
        border: none; padding: 0 1; background: $background; background-tint: transparent;
        height: auto; max-height: 100%;
    }
    ChoiceScreen ChoiceList:focus > .option-list--option-highlighted {
        background: $primary 40%; color: $foreground; text-style: none;
    }
    ChoiceScreen ChoiceList:focus:nocolor > .option-list--option-highlighted { text-style: reverse; }
    """

    def __init__(self, title: str, choices: Sequence[str]) -> None:
        super().__init__()
        self._title, self._choices = title, choices

    def compose(self) -> ComposeResult:
        with Vertical() as panel:
            yield ChoiceList(*(Content(choice) for choice in self._choices))
        panel.border_title = Content(self._title)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        self.dismiss(message.option_index)

    def action_close(self) -> None:
        self.dismiss(None)


Act = tuple[str, Callable[[], object]]
"""What may be chosen, in words, and what it does."""


def offer(app: App[None], title: str, acts: Sequence[Act]) -> None:
    """Let the person choose one of these, and do it."""

    def chosen(number: int | None) -> None:
        if number is not None:
            acts[number][1]()

    app.push_screen(ChoiceScreen(title, [words for words, _ in acts]), chosen)


class ChoiceList(OptionList):
    """The choices; moving in them is as in every list."""

    BINDINGS = bindings(Where.choice)


class DetailScreen(ModalScreen[Ref | None]):
    """Something to read; gives the item whose link was followed, or None."""

    BINDINGS = bindings(Where.dialog)
    DEFAULT_CSS = """
    DetailScreen { align: center middle; }
    DetailScreen > Vertical { background: $background; border: round $primary; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.detail = DetailPane()

    def compose(self) -> ComposeResult:
        with Vertical():
            yield self.detail

    def on_followed(self, message: Followed) -> None:
        message.stop()
        self.dismiss(message.ref)

    def on_failed(self, message: Failed) -> None:
        self.dismiss(None)  # the sentence goes on to the bottom line

    def action_close(self) -> None:
        self.dismiss(None)


class ItemScreen(DetailScreen):
    """One item to read."""

    DEFAULT_CSS = """
    ItemScreen > Vertical { width: 92%; max-width: 100; height: 86%; }
    """

    def __init__(self, paths: Paths, ref: Ref, now: datetime) -> None:
        super().__init__()
        self._paths, self._ref, self._now = paths, ref, now

    def on_mount(self) -> None:
        read(
            self,
            self._paths,
            lambda connection: read_document(connection, self._ref, self._now),
            self.detail.show,
            group="detail",
        )
