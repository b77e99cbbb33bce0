"""What is written about each curve below the plot. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from journal.curves import Curve
from journal.deciding import Direction, direction
from journal.types import Ref
from tui.curve_view import Line
from tui.formatting import clipped, number, padded, printable, width_of
from tui.plot import Piece

_WIDEST_TITLE, _WIDEST_KEY = 32, 28
_LEAST_TITLE, _LEAST_WHY = 6, 12


@dataclass(frozen=True, slots=True)
class LegendLine:
    """A curve and its run. `why` is a line, or empty."""

    line: Line
    ref: Ref
    title: str
    why: str


def legend(lines: Sequence[LegendLine], width: int, most: int) -> list[list[Piece]]:
    """A line of text for each curve, at most `most`; how many more there are, in the last one."""
    shown = lines if len(lines) <= most else lines[: max(0, most - 1)]
    refs = max((len(str(one.ref)) for one in shown), default=0)
    keys = min(_WIDEST_KEY, max((width_of(printable(one.line.curve.key)) for one in shown), default=0))
    titles = min(_WIDEST_TITLE, max((width_of(printable(one.title)) for one in shown), default=0))
    values = [said_of(one.line.curve) for one in shown]
    widest = max((len(value) for value in values), default=0)
    rows = []
    for one, value in zip(shown, values, strict=True):
        sample = f"{'─ ' if one.line.is_dashed else '──'}{one.line.mark or '─'}"
        named = f"{one.ref!s:<{refs}}  {padded(printable(one.line.curve.key), keys)}  {value:<{widest}}"
        room = width - 4 - width_of(named)
        row: list[Piece] = [(f"{sample} ", one.line.role), (clipped(named, max(0, width - 4)), "")]
        if room > _LEAST_TITLE:
            row.append((f"  {padded(printable(one.title), min(titles, room - 2))}", ""))
        if one.why and room - titles - 4 > _LEAST_WHY:
            row.append((f"  {clipped(printable(one.why), room - titles - 4)}", "dim"))
        rows.append(row)
    if len(shown) < len(lines):
        rows.append([(f"and {len(lines) - len(shown)} more curves", "dim")])
    return rows


def said_of(curve: Curve) -> str:
    """`last 0.0931 · best 0.0876 at 1200`: of a metric of which more or less is better; else its range."""
    kept = curve.kept
    last = f"last {_number(curve.values[kept - 1])}" + (f" at {curve.ends_at:,}" if kept < len(curve.steps) else "")
    finite = [index for index, value in enumerate(curve.values) if math.isfinite(value)]
    kinds = {"NaN ×": any(map(math.isnan, curve.values)), "infinite ▲▼": any(map(math.isinf, curve.values))}
    wrong = " and ".join(kind for kind, is_there in kinds.items() if is_there)
    nan = f" · {wrong} here and there" if wrong else ""
    if not finite:
        return last
    way = direction(curve.key)
    low = min(finite, key=lambda index: curve.least[index])
    high = max(finite, key=lambda index: curve.greatest[index])
    if way is None:
        return f"{last} · {number(curve.least[low])} to {number(curve.greatest[high])}{nan}"
    best, value = (high, curve.greatest[high]) if way is Direction.up else (low, curve.least[low])
    return f"{last} · best {number(value)} {'near' if curve.lows else 'at'} {curve.steps[best]:,}{nan}"


def _number(value: float) -> str:
    return "NaN" if math.isnan(value) else number(value)
