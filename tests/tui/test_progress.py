"""Progress stays on one line of the terminal, whatever its width, and leaves nothing behind."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from journal.paths import Paths
from journal.store import feeds
from journal.store.changes import change
from tests.standins import StandIn
from tui.formatting import width_of
from tui.progress import progress_line

WIDE = "Importing papers-that-were-collected-over-many-years-and-merged-at-last.jsonl"

pytestmark = pytest.mark.usefixtures("paths")


def papers_file(folder: Path, count: int = 12_000) -> Path:
    file = folder / "papers-that-were-collected-over-many-years-論文.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        for number in range(count):
            lines.write(json.dumps({"id": f"2601.{number:05}", "title": f"Paper {number}"}) + "\n")
    return file


def set_width(terminal: int, columns: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


def said_on_a_terminal(
    columns: int, *words: str, at_first_sight: Callable[[int], None] = lambda terminal: None
) -> tuple[int, str]:
    """(exit code, all that `journal WORDS` writes on stderr, which is a terminal of so many columns)."""
    ours, theirs = pty.openpty()
    set_width(ours, columns)
    process = subprocess.Popen([sys.executable, "-m", "tui.cli", *words], stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    said = b""
    try:
        while piece := os.read(ours, 4096):
            if not said:
                at_first_sight(ours)
            said += piece
    except OSError:  # how Linux says that the other side was closed
        pass
    finally:
        os.close(ours)
    return process.wait(timeout=60), said.decode()


def drawn(said: str) -> list[str]:
    """Each state of the line; a new line would mean that it had to scroll."""
    assert "\n" not in said
    assert "\x1b" not in said
    return [state for state in said.split("\r") if state]


@pytest.mark.parametrize("columns", [80, 40, 30])
def test_an_import_draws_on_one_line_that_fits_and_is_gone_at_the_end(columns: int, tmp_path: Path) -> None:
    code, said = said_on_a_terminal(columns, "paper", "import", str(papers_file(tmp_path)))
    states = drawn(said)
    assert code == 0
    assert len(states) >= 2
    assert all(width_of(state) < columns for state in states)
    assert "%" in states[0]
    assert states[-1].strip() == ""


def test_a_window_made_smaller_is_not_written_over_its_edge(tmp_path: Path) -> None:
    _, said = said_on_a_terminal(
        80, "paper", "import", str(papers_file(tmp_path)), at_first_sight=lambda terminal: set_width(terminal, 30)
    )
    widths = [width_of(state) for state in drawn(said)]
    assert widths[0] == 79
    assert widths[-1] == 29
    assert widths == sorted(widths, reverse=True)


def test_a_terminal_that_does_not_know_its_width_has_eighty_columns(tmp_path: Path) -> None:
    _, said = said_on_a_terminal(0, "paper", "import", str(papers_file(tmp_path, 3_000)))
    assert all(width_of(state) == 79 for state in drawn(said))


def test_in_a_pipe_nothing_is_drawn(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tui.cli", "paper", "import", str(papers_file(tmp_path, 3_000))],
        capture_output=True, check=True,
    )  # fmt: skip
    assert done.stderr == b""


@pytest.mark.parametrize("width", [1, 5, 12, 29, 39, 79, 200])
@pytest.mark.parametrize("label", ["a", WIDE, "論文" * 30])
@pytest.mark.parametrize("size", [0, 100])
def test_a_line_fits_whenever_its_figure_does(width: int, label: str, size: int) -> None:
    line = progress_line(label, 42, size, width)
    figure = "42%" if size else "0.0 MiB"
    assert line.endswith(figure)
    assert width_of(line) <= max(width, len(figure) + 3)


def test_the_bar_grows_with_what_is_done() -> None:
    assert progress_line("Importing a", 1, 4, 60) == "Importing a  ########----------------------   25%"
    assert progress_line("Importing a", 9, 4, 60).endswith("##  100%")


def test_fetching_counts_the_feeds_on_one_line(paths: Paths) -> None:
    with StandIn({"/good": b"<rss version='2.0'><channel><title>B</title></channel></rss>"}) as server:
        with change(paths, "feed add") as opened:
            feeds.add(opened, server.url("/good"))
            feeds.add(opened, server.url("/none"))
        code, said = said_on_a_terminal(30, "feed", "fetch", "--quiet")
        assert (code, "feeds" in said) == (1, False)
        _, said = said_on_a_terminal(30, "feed", "fetch")
    states = [state.strip() for state in said.replace("\r\n", "\n").partition("\n")[0].split("\r")]
    assert [state for state in states if state][:3] == ["0 of 2 feeds", "1 of 2 feeds", "2 of 2 feeds"]
