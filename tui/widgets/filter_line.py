"""The line that narrows a list as one types."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import HorizontalGroup
from textual.geometry import Region
from textual.message import Message
from textual.widgets import Input, Label

from tui.keymap import Where, bindings


class FilterInput(Input):
    """It understands what the search understands."""

    BINDINGS = bindings(Where.filter)

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> FilterInput:
        """Its size does not depend on what is typed: nothing else is laid out, and painted, for a letter."""
        super().refresh(*regions, repaint=repaint or layout, recompose=recompose)
        return self

    def action_keep_filter(self) -> None:
        self.post_message(FilterLine.Left(keeps=True))

    def action_drop_filter(self) -> None:
        self.post_message(FilterLine.Left(keeps=False))


class FilterLine(HorizontalGroup):
    """Hidden until it is asked for, and shown for as long as there is a filter."""

    DEFAULT_CSS = """
    FilterLine { height: 1; display: none; background: $surface; }
    FilterLine.-open { display: block; }
    FilterLine Label { width: 8; padding: 0 0 0 1; color: $text-accent; }
    FilterLine FilterInput { width: 1fr; background: $surface; }
    """

    @dataclass
    class Left(Message):
        """Typing is over; `keeps` says whether the filter stays."""

        keeps: bool

    def __init__(self, placeholder: str = 'words "a phrase" -not tag:todo cat:cs.LG since:7d') -> None:
        super().__init__()
        self._input = FilterInput(compact=True, placeholder=placeholder)
        self._input.cursor_blink = False

    def compose(self) -> ComposeResult:
        yield Label("filter", markup=False)
        yield self._input

    @property
    def value(self) -> str:
        return self._input.value

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    def open(self) -> None:
        self.add_class("-open")
        self._input.focus()

    def show(self, text: str) -> None:
        """Stand there with this filter, which is in force already."""
        self._input.value = text
        self.set_class(bool(text), "-open")

    def close(self) -> None:
        self._input.value = ""
        self.remove_class("-open")
