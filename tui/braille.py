"""A canvas of dots, eight to a cell of the terminal: lines are drawn on it dot by dot. Pure.

Where two lines cross, a cell keeps the dots of both, in the colour of the later one. A column of dots takes all that
lies between the least and the greatest of what falls on it, so a line of a million points is drawn as it would be
on paper, and no spike is lost.
"""

from __future__ import annotations

from collections.abc import Iterable

DOTS_X, DOTS_Y = 2, 4
_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # of the dots of a cell's columns, from the top
_BLANK = 0x2800
# By the dots of a column as a number, the topmost one first: what they are in a character.
_LEFT, _RIGHT = (
    [sum(bit for place, bit in enumerate(bits) if dots >> place & 1) for dots in range(1 << DOTS_Y)] for bits in _BITS
)
_DASH = 2  # columns of dots: one of four of these is left out of a dashed line


class Dots:
    """`width` x `height` cells. Dots are counted from the left and from the top."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._columns = [0] * (width * DOTS_X)  # a bit for each dot, the topmost one first
        self._roles = [[""] * height for _ in range(width)]
        self._signs: dict[tuple[int, int], str] = {}

    def column(self, x: int, top: int, bottom: int, role: str) -> None:
        """The dots of a column from `top` to `bottom`, both included, as far as they are on the canvas."""
        top, bottom = max(0, top), min(self.height * DOTS_Y - 1, bottom)
        if not 0 <= x < len(self._columns) or bottom < top:
            return
        self._columns[x] |= ((1 << (bottom - top + 1)) - 1) << top
        first, last = top // DOTS_Y, bottom // DOTS_Y
        self._roles[x // DOTS_X][first : last + 1] = [role] * (last + 1 - first)

    def sign(self, cell: int, row: int, character: str, role: str) -> None:
        """A character in the place of a cell's dots."""
        if 0 <= cell < self.width and 0 <= row < self.height:
            self._signs[row, cell] = character
            self._roles[cell][row] = role

    def row(self, row: int) -> list[tuple[str, str]]:
        """A character and its role for each cell; a blank where there is nothing."""
        shift, cells = DOTS_Y * row, []
        for cell in range(self.width):
            left, right = self._columns[DOTS_X * cell] >> shift & 15, self._columns[DOTS_X * cell + 1] >> shift & 15
            sign = self._signs.get((row, cell))
            dots = chr(_BLANK | _LEFT[left] | _RIGHT[right]) if left or right else " "
            cells.append((sign or dots, self._roles[cell][row]))
        return cells


def draw_line(dots: Dots, points: Iterable[tuple[float, float, float, float]], role: str, *, is_dashed: bool) -> None:
    """A line through (x, y, top, bottom), all in dots and in the order of x; a NaN for y is a gap in it."""
    before: tuple[int, int] | None = None  # the column drawn last, and where the line left it
    column, first, last, top, bottom = -1, 0, 0, 0, -1

    def finish() -> tuple[int, int] | None:
        if bottom < top:
            return before
        if before is not None:
            _connect(dots, before, (column, first), role, is_dashed)
        if not (is_dashed and _is_gap(column)):
            dots.column(column, top, bottom, role)
        return column, last

    for x, y, high, low in points:
        if y != y:
            before = finish()
            before, top, bottom = None, 0, -1
            continue
        at, y_at, top_at, bottom_at = round(x), round(y), round(high), round(low)
        if bottom >= top and at == column:
            last, top, bottom = y_at, min(top, top_at), max(bottom, bottom_at)
            continue
        before = finish()
        column, first, last, top, bottom = at, y_at, y_at, top_at, bottom_at
    finish()


def _is_gap(column: int) -> bool:
    return column // _DASH % 4 == 3


def _connect(dots: Dots, start: tuple[int, int], end: tuple[int, int], role: str, is_dashed: bool) -> None:
    """Each column gets the part of the way that is nearest to it, so the line is as thin as it can be."""
    (x0, y0), (x1, y1) = start, end
    if x1 <= x0:
        return
    slope, most = (y1 - y0) / (x1 - x0), x1 - x0
    for x in range(max(x0, -1), min(x1, dots.width * DOTS_X) + 1):
        if is_dashed and _is_gap(x):
            continue
        here = round(y0 + slope * max(x - x0 - 0.5, 0)), round(y0 + slope * min(x - x0 + 0.5, most))
        dots.column(x, min(here), max(here), role)
