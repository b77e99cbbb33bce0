"""What a measurement is given, what it gives back, and how that is printed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PYTHON = sys.executable
# The program of this very checkout: an installed `journal` may be of another one.
JOURNAL = (PYTHON, "-c", "from tui.cli import main; main()")
FLOORS = (PYTHON, "-m", "tests.bench.floors")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table: a figure, its floor, and whether the budget holds."""

    what: str
    ours: str
    floor: str
    measured: str
    budget: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Bench:
    """What every measurement works with: a scratch folder, a filled journal, how many rounds."""

    scratch: Path
    env: dict[str, str]
    items: int
    rounds: int

    @property
    def home(self) -> Path:
        return Path(self.env["LABJOURNAL_HOME"])

    @property
    def journal(self) -> Path:
        return self.home / "journal.db"

    def at(self, name: str) -> dict[str, str]:
        """The environment with another journal, of this name."""
        return {**self.env, "LABJOURNAL_HOME": str(self.scratch / name)}


def print_row(cells: Iterable[str], widths: Iterable[int], verdict: str = "") -> None:
    print("".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + verdict, flush=True)


def print_lines(groups: Iterable[list[Line]]) -> bool:
    """Print each line as it is measured; whether all budgets held."""
    widths = (60, 14, 14, 22, 9)
    print_row(("what / floor", "ours", "floor", "measured", "budget"), widths)
    held = True
    for lines in groups:
        for line in lines:
            cells = (line.what, line.ours, line.floor, line.measured, line.budget)
            print_row(cells, widths, "" if line.holds else "  OVER")
            held = held and line.holds
    return held
