"""The detail pane: one item to read, and its links to follow."""

from __future__ import annotations

from textual import events
from textual.strip import Strip

from journal.types import Ref
from tui.documents import Document
from tui.keymap import Where, bindings
from tui.messages import Followed, LaidOut, Said
from tui.widgets.document import Line, lines_of
from tui.widgets.lines import Lines


class DetailPane(Lines, inherit_bindings=False):
    """Shows a document. Down goes to the next link that can be seen, else a line further, as in lynx."""

    BINDINGS = bindings(Where.detail)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.document: Document | None = None
        self.link: int | None = None  # which line the link cursor is on
        self._lines: list[Line] = []

    @property
    def text(self) -> str:
        """What it says, line by line."""
        return "\n".join("".join(span.text for span in line.spans) for line in self._lines)

    @property
    def linked_ref(self) -> Ref | None:
        """Where the link cursor is on."""
        return None if self.link is None else self._lines[self.link].link

    @property
    def is_at_end(self) -> bool:
        return self.top >= round(self.max_scroll_y)

    def show(self, document: Document | None) -> None:
        """Show `document` from its start; one of the same item stays where it was scrolled to."""
        is_same = document is not None and self.document is not None and document.ref == self.document.ref
        self.document = document
        self._lay_out(self.linked_ref if is_same else None)
        if not is_same:
            self.scroll_to_line(0)

    def _lay_out(self, linked: Ref | None) -> None:
        width = self.line_width
        self._lines = lines_of(self.document, width, self.size.height) if self.document and width else []
        links = self._links()
        self.link = next((line for line in links if self._lines[line].link == linked), None)
        if self.link is None and links:
            self.link = links[0]
        self.set_line_count(len(self._lines))
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out(self.linked_ref)
        self.post_message(LaidOut())

    def _links(self) -> list[int]:
        return [number for number, line in enumerate(self._lines) if line.link is not None]

    # ---------------------------------------------------------------- moving

    def _is_visible(self, line: int) -> bool:
        return self.top <= line < self.top + self.size.height

    def _scroll_by(self, lines: int) -> None:
        self.scroll_to_line(self.top + lines)
        self.refresh()

    def action_move(self, direction: int) -> None:
        visible = [line for line in self._links() if self._is_visible(line)][::direction]
        here = self.link if self.link in visible else None
        ahead = visible if here is None else [line for line in visible if (line - here) * direction > 0]
        if ahead:
            self.link = ahead[0]
            self.refresh()
        else:
            self._scroll_by(direction)

    def action_half_page(self, pages: int) -> None:
        self._scroll_by(pages * max(1, self.size.height // 2))

    def action_page(self, pages: int) -> None:
        self._scroll_by(pages * max(1, self.size.height - 2))

    def action_first(self) -> None:
        self.scroll_to_line(0)

    def action_last(self) -> None:
        self.scroll_to_line(round(self.max_scroll_y))

    def action_follow(self) -> None:
        if self.document is None or self.document.ref is None:  # such as the keys
            return
        ref = self.linked_ref
        if self.link is None or ref is None:
            self.post_message(Said("Nothing is linked to this yet: l links it."))
        elif self._is_visible(self.link):
            self.post_message(Followed(ref))
        else:
            self._scroll_by(self.link - self.top)

    async def on_click(self, event: events.Click) -> None:
        line = event.y + self.top
        if line < len(self._lines) and self._lines[line].link is not None:
            self.link = line
            self.action_follow()

    # ---------------------------------------------------------------- painting

    def render_line(self, y: int) -> Strip:
        width, base = self.line_width, self.base
        number = y + self.top
        if number >= len(self._lines):
            return Strip.blank(width, base)
        if number == self.link and self.has_focus:
            base += self.cursor_style()
        return self.strip(self._lines[number].spans, width, base)
