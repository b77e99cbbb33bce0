"""What a list and a detail share: painting line by line, in roles that the theme colours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.rows import Span

_TEXT_ROLES = ("dim", "good", "bad", "warn", "strong", "ref", "match", "heading")
# What `journal.marks` tells of a stretch of text, as `match` does too; `aside` is what stands between two marks.
_MARK_ROLES = ("contribution", "result", "number", "ranking", "aside")
ROLES = (*_TEXT_ROLES, *_MARK_ROLES)


class Lines(ScrollView, can_focus=True, inherit_bindings=False):
    """A scrolling view that paints only the lines that are visible; text is never read as markup."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"cursor", *(f"role-{role}" for role in ROLES)}
    DEFAULT_CSS = """
    Lines {
        overflow-x: hidden; overflow-y: auto;
        scrollbar-gutter: stable; scrollbar-size-vertical: 1;
        padding: 0 0 0 1; background: $background; color: $foreground;
        scrollbar-color: $foreground 20%; scrollbar-background: $background;
        scrollbar-color-hover: $foreground 40%; scrollbar-background-hover: $background;
        scrollbar-color-active: $primary; scrollbar-background-active: $background;
        & > .role-dim { color: $text-muted; }
        & > .role-good { color: $text-success; }
        & > .role-bad { color: $text-error; }
        & > .role-warn { color: $text-warning; }
        & > .role-ref { color: $text-primary; }
        & > .role-heading { color: $text-accent; }
        & > .role-match { color: $text-accent; text-style: bold underline; }
        & > .role-strong, & > .role-number { text-style: bold; }
        & > .role-ranking { text-style: underline; }
        & > .role-aside { color: $text-muted; }
        & > .cursor { background: $foreground 10%; }
        &:focus > .cursor { background: $primary 40%; }
        &:nocolor > .role-dim, &:nocolor > .role-aside { text-style: dim; }
        &:nocolor > .role-ref, &:nocolor > .role-heading { text-style: bold; }
        &:nocolor > .cursor { text-style: underline; }
        &:nocolor:focus > .cursor { text-style: reverse; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._styles_of_roles: dict[str, Style] = {}
        self.base = Style()

    def render_lines(self, crop: Region) -> list[Strip]:
        """As every widget does. `base` is found once for all of them: every part up to the screen has its say in it."""
        self.base = self.rich_style
        return super().render_lines(crop)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles_of_roles.clear()

    @property
    def line_width(self) -> int:
        """Cells of one line, without the scrollbar."""
        return self.scrollable_content_region.width

    @property
    def top(self) -> int:
        """The first visible line."""
        return round(self.scroll_y)

    def set_line_count(self, lines: int) -> None:
        """How many lines there are to scroll through.

        Assigning to `virtual_size` would lay out the whole screen, 10 ms at 160x50, for each item that is
        shown; but the size of this widget never depends on what is in it. The two steps are those that
        `ScrollView` takes itself when it is laid out.
        """
        size = Size(self.line_width, lines)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self._scroll_update(size)

    def scroll_to_line(self, line: int) -> None:
        """Make `line` the first visible one, as far as there is something to scroll."""
        self.scroll_to(y=line, animate=False, immediate=True, force=True)

    def role_style(self, role: str) -> Style:
        """What a role adds to the style of its line: its colour and weight, not its background.

        Of several roles, separated by blanks, the last is painted above the others.
        """
        if role not in self._styles_of_roles:
            self._styles_of_roles[role] = Style.combine(map(self._style_of_one, role.split()))
        return self._styles_of_roles[role]

    def _style_of_one(self, role: str) -> Style:
        full = self.get_component_rich_style(f"role-{role}")
        base = self.rich_style
        return Style(
            color=full.color if full.color != base.color else None,
            bold=full.bold or None,
            underline=full.underline or None,
            dim=full.dim or None,
        )

    def cursor_style(self) -> Style:
        """What the cursor adds to the style of its line."""
        full = self.get_component_rich_style("cursor")
        return Style(bgcolor=full.bgcolor, reverse=full.reverse or None, underline=full.underline or None)

    def segments(self, spans: Iterable[Span], base: Style) -> list[Segment]:
        return [Segment(span.text, base + self.role_style(span.role) if span.role else base) for span in spans]

    def strip(self, spans: Iterable[Span], width: int, base: Style) -> Strip:
        """A whole line, cut or filled to `width` cells."""
        return Strip(Segment.adjust_line_length(self.segments(spans, base), width, style=base), width)
