"""A list over any number of rows: only those near the visible ones are ever read, and never on the UI thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from journal.paths import Paths
from journal.types import Ref
from tui.keymap import Where, bindings
from tui.messages import Failed, Highlighted, Loaded, Opened
from tui.widgets.background import read
from tui.widgets.going_up import gone_up
from tui.widgets.lines import Lines
from tui.widgets.rows import GAP, Cell, Column, Row, RowCache, Source, Span, column_widths, fitted

_MARGIN = 40  # rows read beyond the visible ones, so that scrolling finds them there
_CONTEXT = 2  # rows kept visible beyond the cursor


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one reading of the journal told."""

    count: int
    cursor: int
    is_found: bool  # the item that was to be selected
    first: int
    rows: Sequence[Row]
    note: str


@dataclass(frozen=True, slots=True)
class Behind:
    """The rows that come next but `staying`, where these are others than were shown."""

    staying: int
    rows: Sequence[Row]


class ItemList(Lines, inherit_bindings=False):
    """The list of a room. The cursor stays on its item when the journal changes, and nothing jumps."""

    BINDINGS = bindings(Where.list)

    cursor: reactive[int] = reactive(0, repaint=False)

    def __init__(
        self,
        paths: Paths,
        source: Source,
        columns: Sequence[Column],
        *,
        row_height: int = 1,
        id: str | None = None,
    ) -> None:
        """`row_height`: 2 shows the rows' notes on a second line."""
        super().__init__(id=id)
        self.columns = columns
        self.filter_text = ""
        self.count: int | None = None  # None until the first reading
        self.note = ""
        self.marked: frozenset[Ref] = frozenset()  # what the person chose, shown or not
        self._paths, self._source, self._row_height = paths, source, row_height
        self._rows = RowCache()
        self._wanted: Ref | None = None  # what the cursor shall be on after the reading that is under way
        self._asked_for: Ref | None = None  # the same, where somebody asked for it
        self._is_reloading = False
        self._announced: Ref | None = None

    # ---------------------------------------------------------------- what it shows

    @property
    def selected(self) -> Row | None:
        """The row under the cursor, or None where there is none or it is still being read."""
        return self._rows[self.cursor]

    @property
    def selected_ref(self) -> Ref | None:
        row = self.selected
        return row.ref if row else None

    @property
    def is_settled(self) -> bool:
        """Whether what is shown is what the last request asked for."""
        return not self._is_reloading

    @property
    def _visible_rows(self) -> int:
        return max(1, self.size.height // self._row_height)

    @property
    def _top_row(self) -> int:
        return self.top // self._row_height

    # ---------------------------------------------------------------- reading

    def reload(self, *, select: Ref | None = None) -> None:
        """Read the list again; the cursor goes to `select`, or stays on the item that it is on."""
        self._asked_for = select or self._asked_for
        self._wanted = select or self._wanted or self.selected_ref
        self._read_all(fallback=self.cursor, keys_wait=self._asked_for is not None)

    def start_over(self, filter_text: str) -> None:
        """Read the list again, with this filter, from its first row: its order is another."""
        self.filter_text, self._wanted = filter_text, None
        self._read_all(fallback=0, keys_wait=True)

    def mark(self, refs: Iterable[Ref]) -> None:
        """Show these as chosen, and no others."""
        self.marked = frozenset(refs)
        self.refresh()

    def set_filter(self, text: str) -> None:
        """Show what `text` finds, from its first row; without a filter, the cursor stays on its item."""
        had_filter, self.filter_text = self.filter_text, text
        if had_filter == text:
            return
        self._wanted = self._asked_for or (None if text.strip() else self.selected_ref)
        self._read_all(fallback=0, keys_wait=True)

    def go_to(self, ref: Ref) -> None:
        """Drop the filter, which may hide `ref`, and put the cursor there."""
        self.filter_text = ""
        self.reload(select=ref)

    def _read_all(self, *, fallback: int, keys_wait: bool) -> None:
        """`keys_wait`: what the cursor is on now is not what the next key is for."""
        self._is_reloading = True
        source, filter_text, wanted, started_at = self._source, self.filter_text, self._wanted, self.cursor
        top, height = self._top_row, max(self._visible_rows, self.app.size.height)

        def job(connection: sqlite3.Connection) -> _Reading:
            count = source.count(connection, filter_text)
            position = None if wanted is None else source.position(connection, filter_text, wanted)
            cursor = max(0, min(fallback if position is None else position, count - 1))
            shown_from = max(0, min(top + cursor - started_at, count - height))
            first = max(0, shown_from - _MARGIN)
            limit = shown_from + height + _MARGIN - first
            rows = source.rows(connection, filter_text, first, limit) if count else ()
            note = source.note(connection, filter_text, count)
            return _Reading(count, cursor, position is not None, first, rows, note)

        read(
            self,
            self._paths,
            job,
            lambda reading: self._take(reading, started_at),
            group="rows",
            keys_wait=keys_wait,
        )

    async def _take(self, reading: _Reading, started_at: int) -> None:
        """Show what was read, the cursor on the screen line where it was."""
        moved = self.cursor - started_at  # by the person, while it was read
        shift = reading.cursor - started_at
        top = self._top_row + shift
        not_found = None if reading.is_found else self._asked_for
        self._is_reloading, self._wanted, self._asked_for = False, None, None
        self._rows.clear()
        self._rows.put(reading.first, reading.rows)
        self.count, self.note = reading.count, reading.note
        self.set_line_count(max(reading.count, 1) * self._row_height)
        self.set_reactive(ItemList.cursor, max(0, min(reading.cursor + moved, reading.count - 1)))
        if shift:
            self.scroll_to_line(top * self._row_height)
        self._keep_cursor_visible()
        self._want_rows()
        self._announce(even_if_same=True)
        self.post_message(Loaded(reading.count, reading.note, not_found))
        try:
            await gone_up(self, to=self.screen)  # what is said of the rows, as how many there are, is painted with them
        finally:
            self.refresh()

    def on_failed(self, message: Failed) -> None:
        """What is shown stays, and can be moved in; the sentence goes on to the bottom line."""
        self._is_reloading = False

    def _want_rows(self) -> None:
        """Ask for the rows that are visible, or soon will be, and not at hand."""
        if self._is_reloading or not self.count:
            return
        first = max(0, self._top_row - _MARGIN // 2)
        last = min(self.count - 1, self._top_row + self._visible_rows + _MARGIN // 2)
        missing = self._rows.missing(first, last)
        if not missing:
            return
        first, limit = max(0, missing.start - _MARGIN), len(missing) + 2 * _MARGIN
        source, filter_text = self._source, self.filter_text

        def taken(rows: Sequence[Row]) -> None:
            self._rows.put(first, rows)
            self.refresh()
            self._announce()

        read(
            self,
            self._paths,
            lambda connection: source.rows(connection, filter_text, first, limit),
            taken,
            group="rows",
        )

    def take_out(self, ref: Ref, *, behind: Behind | None = None) -> None:
        """Take the selected row out at once, ahead of the journal; the next reading tells the truth."""
        if self.selected_ref != ref or not self.count:
            return
        self.workers.cancel_group(self, "rows")  # it may still hold the row
        self._is_reloading, self._wanted, self._asked_for = False, None, None
        self._rows.take_out(self.cursor)
        if behind is not None:
            self._rows.cut(self.cursor + behind.staying)
            self._rows.put(self.cursor + behind.staying, behind.rows)
        self.count -= 1
        self.set_line_count(max(self.count, 1) * self._row_height)
        self.set_reactive(ItemList.cursor, max(0, min(self.cursor, self.count - 1)))
        self._keep_cursor_visible()
        self._want_rows()
        self.refresh()
        self._announce()

    # ---------------------------------------------------------------- the cursor

    def _announce(self, *, even_if_same: bool = False) -> None:
        ref = self.selected_ref
        if even_if_same or ref != self._announced:
            self._announced = ref
            self.post_message(Highlighted(ref))

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, (self.count or 0) - 1))

    def watch_cursor(self, before: int, after: int) -> None:
        self._refresh_row(before)
        self._refresh_row(after)
        self._keep_cursor_visible()
        self._want_rows()
        self._announce()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._want_rows()

    def _keep_cursor_visible(self) -> None:
        visible, top = self._visible_rows, self._top_row
        context = min(_CONTEXT, (visible - 1) // 2)
        lowest, highest = self.cursor + context + 1 - visible, self.cursor - context
        wanted = max(0, min(max(top, lowest), highest))
        if wanted != top:
            self.scroll_to_line(wanted * self._row_height)

    def on_resize(self, event: events.Resize) -> None:
        self.set_line_count(max(self.count or 0, 1) * self._row_height)
        self._keep_cursor_visible()
        self._want_rows()
        self.refresh()

    def action_move(self, rows: int) -> None:
        self.cursor += rows

    def action_page(self, pages: int) -> None:
        self.cursor += pages * max(1, self._visible_rows - _CONTEXT)

    def action_half_page(self, pages: int) -> None:
        self.cursor += pages * max(1, self._visible_rows // 2)

    def action_first(self) -> None:
        self.cursor = 0

    def action_last(self) -> None:
        self.cursor = (self.count or 1) - 1

    def action_open(self) -> None:
        self.post_message(Opened())

    async def on_click(self, event: events.Click) -> None:
        index = (event.y + self.top) // self._row_height
        if self.count and index < self.count:
            self.cursor = index
            if event.chain == 2:
                self.action_open()

    # ---------------------------------------------------------------- painting

    def _refresh_row(self, index: int) -> None:
        self.refresh_lines(index * self._row_height, self._row_height)

    def render_line(self, y: int) -> Strip:
        width, base = self.line_width, self.base
        index, part = divmod(y + self.top, self._row_height)
        if not self.count:
            return self._note_line(y, width, base)
        if index >= self.count:
            return Strip.blank(width, base)
        if index == self.cursor:
            base += self.cursor_style()
        row = self._rows[index]
        if row is None:
            return self.strip((Span("" if part else "…", "dim"),), width, base)
        if row.ref in self.marked:
            row = row.marked()
        return self.strip(row.note if part else self._spans(row, width), width, base)

    def _note_line(self, y: int, width: int, base: Style) -> Strip:
        """Why the list is empty, a blank line below the top."""
        lines = Content(self.note).wrap(max(10, width - 2)) if self.note else []
        text = lines[y - 1].plain if 1 <= y <= len(lines) else ""
        return self.strip((Span(text, "dim"),), width, base)

    def _spans(self, row: Row, width: int) -> Iterator[Span]:
        """The cells of a row in their columns."""
        is_first = True
        for column, cell, taken in zip(self.columns, row.cells, column_widths(self.columns, width), strict=True):
            if not taken:
                continue
            if not is_first:
                yield Span(" " * GAP)
            yield from _fitted_cell(cell, taken, column.is_right)
            is_first = False


def _fitted_cell(cell: Cell, width: int, is_right: bool) -> Iterator[Span]:
    """A cell in exactly `width` cells of the terminal."""
    *before, last = cell
    for span in before:
        yield Span(fitted(span.text, min(width, cell_len(span.text))), span.role)
        width -= min(width, cell_len(span.text))
    yield Span(fitted(last.text, width, is_right=is_right), last.role)


class ListHeading(Widget):
    """The names of a list's columns, above it."""

    DEFAULT_CSS = """
    ListHeading { height: 1; padding: 0 0 0 1; color: $text-muted; background: $background; }
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self._columns = columns

    def render(self) -> Content:
        width = self.content_size.width - 1  # the list's scrollbar
        parts = [
            fitted(column.heading, taken, is_right=column.is_right)
            for column, taken in zip(self._columns, column_widths(self._columns, width), strict=True)
            if taken
        ]
        return Content((" " * GAP).join(parts))
