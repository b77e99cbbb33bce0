"""A small editor in front of a room, for a text that is too short for an editor of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import TextArea

from journal.paths import Paths
from tui.editing import keep_draft, left_draft
from tui.formatting import printable
from tui.keymap import Where, bindings
from tui.messages import Said

_HINTS = "Ctrl+S keeps it · Esc leaves"
_SAVED_EVERY_S = 3.0


@dataclass(frozen=True, slots=True)
class Written:
    """What was typed, and the file that holds it until the journal does."""

    text: str
    draft: Path


class WritingScreen(ModalScreen[Written | None]):
    """Gives what was typed, or None. Nothing typed is lost: what is left stays a draft, with which the next begins."""

    BINDINGS = bindings(Where.writing)
    DEFAULT_CSS = """
    WritingScreen { align: center middle; }
    WritingScreen > Vertical {
        width: 92%; max-width: 90; height: 50%; min-height: 8; max-height: 20; background: $background;
        border: round $primary; border-title-color: $text-primary; border-subtitle-color: $text-muted;
    }
    WritingScreen TextArea, WritingScreen TextArea:focus { background: $background; padding: 0 1; border: none; }
    """

    def __init__(self, paths: Paths, title: str, about: str, text: str = "", *, may_be_empty: bool = False) -> None:
        """`about`, letters, digits and dashes, names what is written: a draft of the same is what it begins with."""
        super().__init__()
        self._paths, self._title, self._about, self._may_be_empty = paths, title, about, may_be_empty
        self._left = left_draft(paths.state, about)
        self._given = text
        begun = self._left.read_text(encoding="utf-8", errors="replace") if self._left else text
        self._saved = begun
        self.area = TextArea(begun, compact=True, highlight_cursor_line=False)
        self.area.cursor_blink = False
        self._is_done = False

    def compose(self) -> ComposeResult:
        with Vertical() as panel:
            yield self.area
        panel.border_title = Content(printable(self._title))
        draft = "the draft that was left · " if self._left else ""
        panel.border_subtitle = Content(draft + _HINTS)

    def on_mount(self) -> None:
        self.area.move_cursor(self.area.document.end)
        self.area.focus()
        self.set_interval(_SAVED_EVERY_S, self._save)

    def on_unmount(self) -> None:
        if not self._is_done:  # the program ends
            self._save()

    def _save(self) -> Path | None:
        """Keep what is there as a draft, unless it is as it was given; the draft."""
        text = self.area.text
        if text != self._saved:
            if text.strip() and text != self._given:
                self._left = keep_draft(self._paths.state, self._about, text)
            elif self._left is not None:
                self._left.unlink(missing_ok=True)
                self._left = None
            self._saved = text
        return self._left

    def action_keep(self) -> None:
        text = self.area.text
        self._is_done = True
        if not text.strip() and not self._may_be_empty:
            self._save()
            self.post_message(Said("Nothing was written."))
            self.dismiss(None)
            return
        self.dismiss(Written(text, keep_draft(self._paths.state, self._about, text)))

    def action_close(self) -> None:
        draft = self._save()
        self._is_done = True
        if draft is not None:
            self.post_message(Said("What you typed is kept: the same key goes on with it."))
        self.dismiss(None)
