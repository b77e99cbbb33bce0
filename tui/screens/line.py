"""One line to type: a name, some tags."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from tui.formatting import printable
from tui.keymap import Where, bindings


class LineScreen(ModalScreen[str | None]):
    """Gives what was typed, or None where nothing was."""

    BINDINGS = bindings(Where.dialog)
    DEFAULT_CSS = """
    LineScreen { align: center middle; }
    LineScreen > Vertical {
        width: 84%; max-width: 76; height: auto; background: $background;
        border: round $primary; border-title-color: $text-primary;
    }
    LineScreen Input { margin: 0 1; background: $surface; }
    LineScreen Label { width: 1fr; margin: 0 1; color: $text-muted; }
    """

    def __init__(self, title: str, example: str, said: str) -> None:
        """`example` stands there until something is typed, `said` below it."""
        super().__init__()
        self._title, self._said = printable(title), printable(said)
        self._typed = Input(compact=True, placeholder=example)
        self._typed.cursor_blink = False

    def compose(self) -> ComposeResult:
        with Vertical() as panel:
            yield self._typed
            yield Label(f"{self._said} Esc leaves.", markup=False)
        panel.border_title = Content(self._title)

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        self.dismiss(message.value.strip() or None)

    def action_close(self) -> None:
        self.dismiss(None)
