"""The plot of the curves: lines of dots in the colours of the theme."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.formatting import clipped, printable, width_of
from tui.plot import Piece, Plot, drawn

_ROLES = ("dim", "warn", "bad", "grid", "faint", *(f"curve-{number}" for number in range(8)))
Drawn = Callable[[int, int], Plot | None]


class CurvePlot(Widget, can_focus=False):
    """Draws what it is given anew for each size; a sentence where there is nothing to draw."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"plot-{role}" for role in _ROLES}
    # Two palettes: these colours are told apart, and read on a dark and on a light ground.
    DEFAULT_CSS = """
    CurvePlot {
        background: $background; color: $foreground;
        & > .plot-dim { color: $text-muted; }
        & > .plot-warn { color: $text-warning; }
        & > .plot-bad { text-style: bold; }
        & > .plot-grid { color: $foreground 25%; }
        & > .plot-faint { color: $foreground 30%; }
        & > .plot-curve-0 { color: #6ea8fe; }
        & > .plot-curve-1 { color: #f0a35e; }
        & > .plot-curve-2 { color: #7fc68a; }
        & > .plot-curve-3 { color: #f2777a; }
        & > .plot-curve-4 { color: #c69aef; }
        & > .plot-curve-5 { color: #58c7c7; }
        & > .plot-curve-6 { color: #d9cf63; }
        & > .plot-curve-7 { color: #f09ac4; }
        &:light > .plot-curve-0 { color: #1f5fbf; }
        &:light > .plot-curve-1 { color: #b05a00; }
        &:light > .plot-curve-2 { color: #22713a; }
        &:light > .plot-curve-3 { color: #b3261e; }
        &:light > .plot-curve-4 { color: #7a3fb0; }
        &:light > .plot-curve-5 { color: #0d7377; }
        &:light > .plot-curve-6 { color: #7a6a00; }
        &:light > .plot-curve-7 { color: #b02a72; }
        &:nocolor > .plot-dim, &:nocolor > .plot-grid { text-style: dim; }
        &:nocolor > .plot-warn { text-style: bold; }
    }
    """

    class Zoomed(Message):
        """The mouse wheel was turned: by one step closer, or further away."""

        def __init__(self, direction: int) -> None:
            super().__init__()
            self.direction = direction

    def __init__(self) -> None:
        super().__init__()
        self._plot: Drawn = lambda columns, rows: None
        self._instead = ""
        self._rows: list[list[Piece]] | None = None
        self._drawn_for: tuple[int, int] = (0, 0)
        self._styles: dict[str, Style] = {}

    def show(self, plot: Drawn, instead: str) -> None:
        """Draw what `plot` gives for a number of columns and rows, or say `instead` where it gives nothing."""
        self._plot, self._instead, self._rows = plot, instead, None
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()

    @property
    def base_style(self) -> Style:
        """Kept, since Textual finds it anew for each line, a quarter of a millisecond."""
        if "" not in self._styles:
            self._styles[""] = self.rich_style
        return self._styles[""]

    def style_of(self, role: str) -> Style:
        """The colour and weight of a role, or of several separated by blanks."""
        if role not in self._styles:
            full = [self.get_component_rich_style(f"plot-{one}") for one in role.split()]
            parts = [Style(color=each.color, bold=each.bold or None, dim=each.dim or None) for each in full[:1]]
            weights = [Style(bold=each.bold or None) for each in full[1:]]
            self._styles[role] = Style.combine([*parts, *weights])
        return self._styles[role]

    def render_line(self, y: int) -> Strip:
        (width, height), base = self.size, self.base_style
        if self._rows is None or self._drawn_for != (width, height):
            self._rows, self._drawn_for = self._draw(width, height), (width, height)
        if y >= len(self._rows):
            return Strip.blank(width, base)
        segments = [Segment(text, base + self.style_of(role) if role else base) for text, role in self._rows[y]]
        return Strip(Segment.adjust_line_length(segments, width, style=base), width)

    def _draw(self, width: int, height: int) -> list[list[Piece]]:
        plot = self._plot(width, height)
        if plot is not None:
            return drawn(plot, width, height)
        return _centred(self._instead, width, height)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.post_message(self.Zoomed(1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.post_message(self.Zoomed(-1))


def _centred(text: str, width: int, height: int) -> list[list[Piece]]:
    rows: list[list[Piece]] = [[("", "")] for _ in range(height)]
    if rows:
        rows[height // 2] = [(text[:width].center(width), "dim")]
    return rows


class CurveLegend(Widget):
    """A line for each curve: its colour and mark, the run, and its last and best values."""

    DEFAULT_CSS = """
    CurveLegend { height: auto; max-height: 10; background: $background; padding: 0 0 0 1; }
    """

    def __init__(self, plot: CurvePlot) -> None:
        super().__init__()
        self._plot = plot
        self._rows: Sequence[Sequence[Piece]] = ()

    def show(self, rows: Sequence[Sequence[Piece]]) -> None:
        has_other_height = len(rows) != len(self._rows)
        self._rows = rows
        self.refresh(layout=has_other_height)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._rows)

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self._plot.base_style
        if y >= len(self._rows):
            return Strip.blank(width, base)
        segments = [Segment(text, base + self._plot.style_of(role) if role else base) for text, role in self._rows[y]]
        return Strip(Segment.adjust_line_length(segments, width, style=base), width)


class TopLine(Widget):
    """What is on the plot, and how it is looked at."""

    DEFAULT_CSS = """
    TopLine { height: 1; background: $panel; color: $foreground; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._what, self._words = "", ""

    def show(self, name: str, words: str) -> None:
        self._what, self._words = printable(name), printable(words)
        self.refresh()

    def render(self) -> Content:
        width = self.size.width - 2
        words = f"  {self._words}"
        name = clipped(self._what, max(8, width - width_of(words)))
        return Content.assemble((f" {name}", "bold $text-primary"), (words, "$foreground 70%"))


_HINTS = (
    ("j k", "metric"), ("+ -", "zoom"), ("h l", "move"), ("0", "all"), ("s S", "smooth"), ("y x", "log"),
    ("q", "back"), ("?", "keys"), ("f", "find"), ("t", "time"), ("r", "restarts"), ("Space", "keep"),
)  # fmt: skip


class BottomLine(Widget):
    """The keys one needs first; where a store cannot be read, that."""

    DEFAULT_CSS = """
    BottomLine { height: auto; max-height: 3; min-height: 1; background: $panel; color: $foreground; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def show(self, troubles: Sequence[str]) -> None:
        text = " ".join(map(printable, troubles))
        if text != self.text:
            self.text = text
            self.refresh(layout=True)

    def render(self) -> Content:
        if self.text:
            return Content.styled(self.text, "bold $text-error")
        shown, room = [], self.size.width
        for key, word in _HINTS:
            room -= len(key) + len(word) + 3
            if room < -2:
                break
            shown += [(f"{key} ", "bold $text-primary"), (f"{word}  ", "$foreground 60%")]
        return Content.assemble(*shown)
