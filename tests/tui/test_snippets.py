"""Snippets in lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from journal.queries.search import SNIPPET_END, SNIPPET_START
from tui.formatting import width_of
from tui.snippets import snippet_lines


def marked(words: str) -> str:
    return words.replace("<", SNIPPET_START).replace(">", SNIPPET_END)


def texts(snippet: str, width: int) -> list[str]:
    return ["".join(text for text, _ in line) for line in snippet_lines(marked(snippet), width)]


def test_words_stay_whole() -> None:
    assert texts("the quick brown fox", 10) == ["the quick", "brown fox"]
    assert texts("an antidisestablishmentarian", 10) == ["an", "antidises…"]
    assert texts("漢字 漢字 漢字", 9) == ["漢字 漢字", "漢字"]
    assert texts("", 10) == texts(" \n ", 10) == []


def test_what_matched_is_told_apart_over_lines_and_beside_punctuation() -> None:
    assert snippet_lines(marked("a <warm restart> b"), 7) == [
        (("a ", False), ("warm", True)),
        (("restart", True),),
        (("b", False),),
    ]
    assert snippet_lines(marked("the (<warm>-up)"), 40) == [(("the (", False), ("warm", True), ("-up)", False))]


@given(st.text(st.sampled_from("ab <>漢\x1b[31m\u202e\n")), st.integers(min_value=2, max_value=30))
def test_no_line_is_wider_than_asked_or_steers_the_terminal(snippet: str, width: int) -> None:
    for line in texts(snippet, width):
        assert 0 < width_of(line) <= width
        assert "\x1b" not in line and "\u202e" not in line
