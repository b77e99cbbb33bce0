"""The interface in front of 100,000 papers on a morning with 400 new ones: its first paint, and a paint after each key."""

from __future__ import annotations

import sqlite3
import statistics
from contextlib import closing
from functools import partial

from journal.db import connect
from journal.paths import at_home
from journal.queries.papers import list_papers
from journal.queries.today import list_today
from journal.store.rankings import rank_new
from journal.types import PaperState
from tests.bench.table import FLOORS, JOURNAL, PYTHON, Bench, Line
from tests.bench.terminal import Screen, Terminal, background
from tests.bench.timing import cost_of

_NEW, _DECIDED = 400, 1_000
_TIMES = 30  # each key
_DOWN = 10  # keys before it goes back to the top: a day has an end
_TITLE = 18  # characters of a title by which its row is known
KEYS = {"j": b"j", "s, skip": b"s", "ctrl+d": b"\x04", "tab": b"\t"}


def morning(bench: Bench) -> tuple[str, ...]:
    """Make the newest papers new, decide about those before, and rank; how the first rows begin, in order.

    By statements and not by the store: a thousand decisions would each be a change of their own.
    """
    paths = at_home(bench.home)
    with closing(sqlite3.connect(bench.journal)) as connection, connection:
        (newest,) = connection.execute("SELECT max(item_id) FROM paper").fetchone()
        decided = (PaperState.kept, PaperState.skipped, PaperState.skipped, PaperState.skipped)
        connection.executemany(
            "UPDATE paper SET state = ?, state_at = '2026-11-19 12:00:00.000000' WHERE item_id = ?",
            [(decided[number % 4], newest - _NEW - number) for number in range(_DECIDED)],
        )
        connection.execute("UPDATE paper SET state = ? WHERE item_id > ?", (PaperState.new, newest - _NEW))
        connection.execute("DELETE FROM ranking")
    assert rank_new(paths)
    with closing(connect(paths)) as reading:
        return tuple(row.title[:_TITLE] for row in list_today(reading, limit=3))


def painting(bench: Bench) -> list[Line]:
    """Until one of the day's first rows is on the screen, less what importing Textual takes by itself."""
    titles = morning(bench)
    times = []
    for _ in range(bench.rounds + 1):
        with Terminal(JOURNAL, bench.env) as terminal:
            ours = terminal.wait(lambda screen: _shows(screen, titles)) - terminal.started
        with Terminal([*FLOORS, "interface"], bench.env) as terminal:
            empty = terminal.wait(lambda screen: bool(screen.places_of("nothing here"))) - terminal.started
        floor = cost_of([PYTHON, "-c", "import textual.app"], bench.env).wall_s
        times.append((ours, floor, empty, ours - floor, ours - empty))
    ours, floor, empty, over, over_empty = (statistics.median(values) for values in zip(*times[1:], strict=True))
    return [
        Line(f"first paint, {bench.items:,} papers / import textual.app", _ms(ours), _ms(floor), f"+ {over:.2f} s", "+ 0.3 s",
             over <= 0.3),
        Line("first paint / first paint of an app with one word", _ms(ours), _ms(empty), f"+ {over_empty:.2f} s", "+ 0.3 s",
             over_empty <= 0.3),
    ]  # fmt: skip


def keys(bench: Bench) -> list[Line]:
    """From a key to the row under the cursor, or for tab to the first change, each on a screen at rest.

    The floor is a key's way through an application that shows nothing else: it tells what the machine was
    busy with besides.
    """
    titles = morning(bench)
    with closing(connect(at_home(bench.home))) as reading:
        newest = tuple(row.title[:_TITLE] for row in list_papers(reading, limit=3))
    lines = []
    with Terminal(JOURNAL, bench.env) as terminal, Terminal([*FLOORS, "interface"], bench.env) as empty:
        terminal.wait(partial(_shows, titles=titles))
        empty.wait(partial(_shows, titles=("nothing here",)))
        for room, number, first in (("Today", b"1", titles[0]), ("Papers", b"2", newest[0])):
            terminal.press(number)
            terminal.settle(1)
            _to_top(terminal)
            terminal.wait(partial(_shows, titles=(first,)))
            terminal.settle()
            cursor = _cursor(terminal.screen, first)
            for name, typed in KEYS.items():
                pairs = []
                for time in range(_TIMES):
                    if time % _DOWN == 0:
                        _to_top(terminal)
                    pairs.append((_one_key(terminal, typed, cursor), _one_key(empty, typed, None)))
                ours, floor = (_middle_and_most(taken) for taken in zip(*pairs, strict=True))
                lines.append(
                    Line(f"key to paint, {room}, {bench.items:,} papers: {name}", _ms(ours[0]), _ms(floor[0]),
                         f"95 %: {_ms(ours[1])} / {_ms(floor[1])}", "50 ms", ours[1] <= 0.05)
                )  # fmt: skip
    return lines


def _to_top(terminal: Terminal) -> None:
    terminal.press(b"g")
    terminal.settle()


def _one_key(terminal: Terminal, typed: bytes, cursor: tuple[int, str] | None) -> float:
    """Seconds from a key to another row under the cursor, or where there is none, to any change."""
    terminal.settle(1)
    before = [row[:] for row in terminal.screen.cells]
    under_cursor = _row_at(terminal.screen, cursor) if cursor else ""

    def is_painted(screen: Screen) -> bool:
        if cursor is None or typed == KEYS["tab"]:
            return screen.cells != before
        return _row_at(screen, cursor) not in {"", "…", under_cursor}

    pressed = terminal.press(typed)
    return terminal.wait(is_painted, limit_s=5) - pressed


def _middle_and_most(taken: tuple[float, ...]) -> tuple[float, float]:
    """The median, and what 95 in 100 stay below."""
    return statistics.median(taken), statistics.quantiles(taken, n=20, method="inclusive")[-1]


def _cursor(screen: Screen, first: str) -> tuple[int, str]:
    """Where rows begin, and the background of the one under the cursor: at the start that is the first row.

    Found by its text, wherever the list stands; what stands further right is the detail.
    """
    row, column = min(screen.places_of(first), key=lambda place: place[1])
    return column, background(screen.cells[row][column][1])


def _row_at(screen: Screen, cursor: tuple[int, str]) -> str:
    """The text of the row under the cursor; empty where none is painted."""
    column, colour = cursor
    for row in screen.cells:
        if background(row[column][1]) == colour and background(row[column + _TITLE // 2][1]) == colour:
            return "".join(character for character, _ in row[column : column + _TITLE]).strip()
    return ""


def _shows(screen: Screen, titles: tuple[str, ...]) -> bool:
    return any(screen.places_of(title) for title in titles)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
