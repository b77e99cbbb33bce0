"""Lists on narrow terminals, and titles without an end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from journal.paths import Paths
from journal.store import feeds
from journal.store.changes import change
from tests.tui.commands.conftest import Run
from tui import output
from tui.formatting import width_of

pytestmark = pytest.mark.usefixtures("paths")

Terminal = Callable[[int], None]
WORDS = "cosine schedule with warm restarts instead of steps because the loss plateaus"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Makes the output go to a terminal of so many columns."""
    return lambda columns: monkeypatch.setattr(output, "room", lambda: columns)


@pytest.mark.parametrize("columns", [30, 40, 60, 80])
@pytest.mark.parametrize("words", [("entries",), ("search", "cosine"), ("search", "kind:entry")], ids=" ".join)
def test_no_line_is_broken_by_the_terminal(run: Run, terminal: Terminal, words: tuple[str, ...], columns: int) -> None:
    run("log", WORDS, "--body", f"{WORDS} {WORDS}")
    run("log", "short cosine", "--verdict", "unclear", "--type", "question")
    terminal(columns)
    ran = run(*words)
    assert ran.code == 0
    assert all(width_of(line) <= columns for line in ran.out.splitlines())
    assert "e1" in ran.out and "cosine schedule" in ran.out
    assert not any(line.endswith(" ") or not line.strip() for line in ran.out.splitlines())


def test_words_of_a_snippet_stay_whole(run: Run, terminal: Terminal) -> None:
    run("log", "x", "--body", WORDS)
    terminal(40)
    _, *snippet = run("search", "kind:entry").out.splitlines()
    assert " ".join(line.strip() for line in snippet) == WORDS
    assert all(line.startswith("    ") for line in snippet)


def test_a_wide_terminal_shows_every_column(run: Run, terminal: Terminal) -> None:
    run("log", "x")
    terminal(120)
    assert run("entries").out.split("\n")[0].split() == ["ref", "when", "type", "verdict", "what"]
    terminal(40)
    assert run("entries").out.split("\n")[0].split() == ["ref", "when", "verdict", "what"]
    run("log", WORDS)
    assert run("entries").out.split("\n")[0].split() == ["ref", "what"]


def test_a_hit_without_a_snippet_is_one_line(run: Run) -> None:
    run("log", "one")
    assert run("search", "kind:entry").out == "e1  one\n"


def test_a_title_without_an_end_is_shortened_in_lists_and_whole_where_it_is_shown(run: Run, terminal: Terminal) -> None:
    title = "cosine " + "x" * 3_000_000
    made = run("log", title).out
    run("log", "other", "--body", "cosine")
    run("link", "e2", "e1")
    for out in (made, run("entries").out, run("search", "cosine").out, run("show", "e2").out):
        assert all(len(line) < 600 for line in out.splitlines())
    assert title in run("show", "e1").out
    assert run("search", "kind:entry", "--json").json[1]["title"] == title
    terminal(40)
    for words in (("entries",), ("search", "cosine")):
        assert all(len(line) <= 40 for line in run(*words).out.splitlines())


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_what_a_feed_says_for_itself_is_on_every_terminal(
    run: Run, paths: Paths, terminal: Terminal, columns: int
) -> None:
    with change(paths, "feed add") as opened:
        feeds.add(opened, "https://a.example/feed", "A blog with a very long title that goes on for ever and ever")
        opened.connection.execute("UPDATE feed SET message = 'Fri batch: 117 new, 40 cross', health = 'current'")
    terminal(columns)
    heads, line = run("feed", "list").out.splitlines()
    assert heads.split()[-1] == "message"
    assert "Fri batch: 117 new" in line
    assert width_of(line) <= columns
