"""The first and the last line of the screen: where one is, and what was said."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from journal.clock import Clock
from journal.paths import Paths
from journal.queries.items import count_all
from journal.queries.training import Training, training_now
from journal.types import Counts
from tui.formatting import printable
from tui.keymap import Hints, RoomName, hints
from tui.messages import RoomWanted
from tui.training_words import training_words
from tui.widgets.background import read
from tui.widgets.rows import fitted

_BEHIND_S = 0.05  # of a key
_MESSAGE_S, _ERROR_S = 6.0, 20.0
_MINUTE_S = 60.0
_MOST_OF_HINTS = 0.6  # of the line, where nothing was said


class HeaderLine(Widget):
    """The rooms with how much is in each, and the journal's place."""

    DEFAULT_CSS = """
    HeaderLine { height: 1; background: $panel; color: $foreground; }
    """

    def __init__(self, place: Path, clock: Clock) -> None:
        super().__init__()
        self._place = printable(_short(place))
        self._clock = clock
        self._training: Training = ()
        self._room = RoomName.today
        self._counts: Counts | None = None
        self._activity = ""  # what goes on behind, in the place of the journal's place

    def on_mount(self) -> None:
        self.set_interval(_MINUTE_S, self._tick)

    def _tick(self) -> None:
        """What trains has trained longer; read is nothing."""
        if self._training:
            self.refresh()

    def show(
        self,
        *,
        room: RoomName | None = None,
        counts: Counts | None = None,
        training: Training | None = None,
        activity: str | None = None,
    ) -> None:
        self._room, self._counts = room or self._room, counts or self._counts
        self._training = self._training if training is None else training
        self._activity = self._activity if activity is None else printable(activity)
        self.refresh()

    def count(self, paths: Paths) -> None:
        """Read again how much is in each room, and what trains."""

        def job(connection: sqlite3.Connection) -> tuple[Counts, Training]:
            return count_all(connection), training_now(connection, self._clock())

        def done(found: tuple[Counts, Training]) -> None:
            counts, training = found
            self.show(counts=counts, training=training)

        read(self, paths, job, done, group="counts")

    def _tabs(self) -> list[tuple[RoomName, str]]:
        counts = self._counts
        held = (counts.new_papers, counts.papers, counts.runs, counts.entries) if counts else (None,) * 4
        tabs = []
        for number, (room, count) in enumerate(zip(RoomName, held, strict=True), 1):
            shown = "" if count is None else f" {count:,}"
            tabs.append((room, f" {number} {room.title()}{shown} "))
        return tabs

    def render(self) -> Content:
        parts = [(text, "bold $primary on $background" if room is self._room else "") for room, text in self._tabs()]
        taken = sum(cell_len(text) for text, _ in parts)
        left = self.size.width - taken
        if self._activity and left > 2:
            parts.append((fitted(f" {self._activity} ", left, is_right=True), "$text-primary"))
        elif self._training and cell_len(trains := training_words(self._training, self._clock())) + 2 <= left:
            parts.append((fitted(f"{trains} ", left, is_right=True), "$text-success"))
        elif cell_len(self._place) + 2 <= left:
            parts.append((fitted(f"{self._place} ", left, is_right=True), "$foreground 60%"))
        return Content.assemble(*parts)

    async def on_click(self, event: events.Click) -> None:
        x = event.x
        for room, text in self._tabs():
            if x < cell_len(text):
                self.post_message(RoomWanted(room))
                return
            x -= cell_len(text)


def _short(folder: Path) -> str:
    """`~/labjournal`: a folder of this person's without the way to their home."""
    home = Path.home()
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)


class StatusLine(Widget):
    """What was just said or went wrong, else what the room has to say; and the keys one needs first."""

    DEFAULT_CSS = """
    StatusLine { height: 1; background: $panel; color: $foreground; }
    StatusLine.-tall, StatusLine.-reason { height: auto; max-height: 3; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.is_error = False
        self._is_answer = False
        self._standing = ""
        self._reason = ""
        self._hints = Hints()
        self._timer: Timer | None = None

    def say(self, text: str, *, is_error: bool = False, is_answer: bool = False) -> None:
        """Show `text` for a while; an error stays longer, the answer to a key until the next key."""
        self.text, self.is_error, self._is_answer = printable(text), is_error, is_answer
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_ERROR_S if is_error else _MESSAGE_S, self.clear)
        self._repaint()

    def leave(self) -> None:
        """What was said of one room is not said in the next; an error stays."""
        if not self.is_error:
            self.clear()

    def leave_answer(self) -> None:
        """A key was pressed: what the one before did was read, and the hints have their room back.

        Painted behind what the key does: a paint of its own before that would put it off by two frames, 35 ms.
        """
        if self._is_answer:
            self.text, self.is_error, self._is_answer = "", False, False
            self.set_timer(_BEHIND_S, self._repaint)

    def clear(self) -> None:
        self.text, self.is_error, self._is_answer = "", False, False
        self._repaint()

    def _repaint(self) -> None:
        """An error, or a reason, may take more than one line, so that what to do about it is read, too.

        Behind a dialog nothing is laid out anew: there one line must do.
        """
        may_grow = self.app.screen is self.screen
        self.set_class(self.is_error, "-error")
        self.set_class(self.is_error and may_grow, "-tall")
        self.set_class(self._tells_reason and may_grow, "-reason")
        self.refresh(layout=may_grow and (self.is_error or self._tells_reason))
        if not may_grow:
            self.app.screen.refresh()  # a dialog paints what is behind it when it is painted itself

    @property
    def _tells_reason(self) -> bool:
        return bool(self._reason) and not self.text

    def stand(self, text: str, room: RoomName, *, reason: str = "") -> None:
        """What to show while nothing else is to be said; a `reason` takes the place of that, and of the hints."""
        had_reason, self._reason = self._reason, printable(reason)
        self._standing, self._hints = printable(text), hints(room)
        if self._reason or had_reason:
            self._repaint()
        else:
            self.refresh()

    @property
    def shown_text(self) -> str:
        """What was said, then what stands; an error stands alone."""
        if self.is_error:
            return self.text
        if self._tells_reason:
            return self._reason
        return " · ".join(part for part in (self.text, self._standing) if part)

    def render(self) -> Content:
        if self.is_error:
            return Content.styled(self.text, "bold $text-error")
        if self._tells_reason:
            return Content.styled(self._reason, "$text-warning")
        width = self.size.width - 2
        said = self.shown_text
        cells = width - cell_len(said) - 2
        needed = _cells(_spelled(self._hints.needed))
        if not self.text and needed <= _MOST_OF_HINTS * width:
            cells = max(cells, needed)  # what only stands there is cut rather than these
        keys = _hints_for(self._hints, width, cells)
        parts: list[tuple[str, str]] = [(" " + fitted(said, max(0, width - _cells(keys))) + " ", "")]
        for key, word in keys:
            parts += [(key, "bold $text-primary"), (word, "$foreground 60%")]
        return Content.assemble(*parts)


def _hints_for(hints: Hints, width: int, cells: int) -> Sequence[tuple[str, str]]:
    """As many hints as fit in `cells`; the needed ones lose their words, and are there in any case.

    Only where they would take half of the line's `width`, what is said is worth more. The order never changes, so
    that a key is found where it was a moment ago.
    """
    for count in range(len(hints.others), -1, -1):
        spelled = _spelled((*hints.needed, *hints.others[:count]))
        if _cells(spelled) <= cells:
            return spelled
    bare = [(f"{key} ", "") for key, _ in hints.needed]
    return bare if 2 * _cells(bare) <= width else ()


def _spelled(hints: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(f"{key} ", f"{word}  ") for key, word in hints]


def _cells(keys: Iterable[tuple[str, str]]) -> int:
    return sum(cell_len(key + word) for key, word in keys)
