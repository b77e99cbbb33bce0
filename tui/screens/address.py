"""One address or path, whole: to be clicked, selected or read where nothing here can open it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.style import Style
from textual.widgets import Static

from tui.formatting import printable
from tui.keymap import Where, bindings


class AddressScreen(ModalScreen[None]):
    """The address takes whole lines of the terminal, so that nothing else is selected with it.

    A web address is a link of the terminal itself (OSC 8), also where it is broken over lines.
    """

    BINDINGS = bindings(Where.dialog)
    DEFAULT_CSS = """
    AddressScreen { align: center middle; }
    AddressScreen > Vertical {
        width: 100%; height: auto; max-height: 100%; background: $background;
        border-top: solid $primary; border-bottom: solid $primary; border-title-color: $text-primary;
    }
    AddressScreen .said { color: $text-muted; }
    AddressScreen .address { margin: 1 0; text-style: bold; }
    """

    def __init__(self, address: str, why_not: str, said: str, *, is_link: bool = False) -> None:
        """`is_link`: a web address, and a safe one: see `addresses.web_address`."""
        super().__init__()
        self._address, self._why_not, self._said, self._is_link = printable(address), why_not, said, is_link

    def compose(self) -> ComposeResult:
        with Vertical() as panel:
            yield Static(Content(printable(self._why_not)), classes="said")
            style = Style(link=self._address) if self._is_link else ""
            yield Static(Content.styled(self._address, style), classes="address")
            yield Static(Content(f"{self._said} Shift and the mouse select it. Esc closes."), classes="said")
        panel.border_title = Content("Open it on your own machine" if self._is_link else "It is here")

    def action_close(self) -> None:
        self.dismiss(None)
