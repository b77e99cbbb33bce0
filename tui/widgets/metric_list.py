"""The metrics to choose from: names in lines, of which there may be 12,000."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.formatting import printable
from tui.metric_groups import Group
from tui.widgets.lines import Lines
from tui.widgets.rows import Span, fitted


class MetricList(Lines, can_focus=False):
    """A cursor on a group of metrics, and a mark before those that are shown beside it."""

    DEFAULT_CSS = """
    MetricList { width: 26; border-right: solid $foreground 20%; }
    MetricList > .cursor { background: $primary 40%; }
    MetricList:nocolor > .cursor { text-style: reverse; }
    """

    class Chosen(Message):
        """A line was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self) -> None:
        super().__init__()
        self.groups: Sequence[Group] = ()
        self.cursor = 0
        self._held: frozenset[str] = frozenset()

    @property
    def group(self) -> Group | None:
        return self.groups[self.cursor] if self.cursor < len(self.groups) else None

    def show(self, groups: Sequence[Group], held: frozenset[str]) -> None:
        """`held`: names of groups that stay on the plot. The cursor stays where it was, if that is still there."""
        before = self.group
        self.groups, self._held = groups, held
        names = [group.name for group in groups]
        self.cursor = names.index(before.name) if before is not None and before.name in names else 0
        self.set_line_count(len(groups))
        self._settle()

    def move(self, by: int) -> None:
        """The cursor goes up or down, and stops at the ends."""
        self.cursor = min(max(self.cursor + by, 0), max(len(self.groups) - 1, 0))
        self._settle()

    def _settle(self) -> None:
        height = max(1, self.scrollable_content_region.height)
        if self.cursor < self.top or self.cursor >= self.top + height:
            self.scroll_to_line(max(0, self.cursor - height // 2))
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        self.set_line_count(len(self.groups))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and self.top + offset.y < len(self.groups):
            self.post_message(self.Chosen(self.top + offset.y))

    def render_line(self, y: int) -> Strip:
        width, index = self.line_width, self.top + y
        if index >= len(self.groups):
            return Strip.blank(width, self.base)
        group = self.groups[index]
        count = f" {len(group.keys)}" if len(group.keys) > 1 else ""
        name = fitted(printable(group.name[-2 * width :]), max(1, width - len(count) - 2), keeps_end=True)
        style = self.base + self.cursor_style() if index == self.cursor else self.base
        spans = (Span("✓ " if group.name in self._held else "  ", "good"), Span(name), Span(count, "dim"))
        return self.strip(spans, width, style)
