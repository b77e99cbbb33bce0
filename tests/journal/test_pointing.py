"""A place in code is named as people and tools name it, and called by what it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.errors import BadValue
from journal.pointing import (
    MOST_CHARACTERS,
    MOST_LINES,
    Place,
    chosen_lines,
    enclosing_definition,
    lines_of,
    places_named,
    pointer_title,
    same_remote,
)

TEXT = """\
import torch


class Trainer:
    rate = 0.1

    @torch.no_grad()
    def evaluate(self):
        return 1

    async def train_step(self, batch):
        if batch:
            loss = self.loss(batch)

            loss.backward()
        return loss


SIZE = 3
"""
CODE = lines_of(TEXT)


@pytest.mark.parametrize(
    ("text", "likeliest_last"),
    [
        ("train.py", Place("train.py")),
        ("train.py:40", Place("train.py", 40, 40)),
        ("train.py:40-60", Place("train.py", 40, 60)),
        ("train.py:40:", Place("train.py", 40, 40)),
        ("src/a:b c.py:3-4", Place("src/a:b c.py", 3, 4)),
        ("notes:12:5-6", Place("notes:12", 5, 6)),
        ("train.py:x", Place("train.py:x")),
        ("train.py:-3", Place("train.py:-3")),
    ],
)
def test_a_place_is_a_path_and_lines(text: str, likeliest_last: Place) -> None:
    named = list(places_named(text))
    assert named[0] == Place(text)  # a file may be called so
    assert named[-1] == likeliest_last


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (Place("a.py", 0, 3), "counted from 1"),
        (Place("a.py", 9, 3), "backwards"),
        (Place("a.py", 3, 99), "no line 99"),
        (Place("a.py", 999_999_999, 999_999_999), "no line"),
    ],
)
def test_lines_that_are_not_there_are_told_in_a_sentence(place: Place, said: str) -> None:
    with pytest.raises(BadValue, match=said):
        chosen_lines(place, CODE)


def test_what_is_kept_has_a_limit() -> None:
    assert chosen_lines(Place("a.py"), ["x"] * MOST_LINES) == (1, MOST_LINES)
    with pytest.raises(BadValue, match="too many"):
        chosen_lines(Place("a.py"), ["x"] * (MOST_LINES + 1))
    with pytest.raises(BadValue, match="too many"):
        chosen_lines(Place("a.py", 1, 1), ["x" * MOST_CHARACTERS])
    with pytest.raises(BadValue, match="empty"):
        chosen_lines(Place("a.py"), [])


@pytest.mark.parametrize(
    ("first", "last", "definition"),
    [
        (11, 16, "def train_step"),
        (13, 13, "def train_step"),
        (14, 15, "def train_step"),  # a blank line first
        (7, 9, "def evaluate"),  # the decorator first
        (5, 5, "class Trainer"),
        (4, 16, "class Trainer"),
        (1, 16, "class Trainer"),  # begins in what is pointed at
        (19, 19, ""),
        (2, 3, ""),
    ],
)
def test_the_enclosing_definition(first: int, last: int, definition: str) -> None:
    assert enclosing_definition(CODE, first, last) == definition


@pytest.mark.parametrize(
    ("line", "definition"),
    [
        ("export default async function train(net) {", "function train"),
        ("pub(crate) fn step<T>(x: T) {", "fn step"),
        ("func (net *Net) Forward(x Tensor) Tensor {", "func (net *Net) Forward"),
        ("defaults = {}", ""),
        ("classes = 10", ""),
    ],
)
def test_definitions_of_other_languages(line: str, definition: str) -> None:
    assert enclosing_definition([line, "    x"], 2, 2) == definition


def test_a_title_shows_the_lines_whatever_the_length_of_the_path() -> None:
    assert pointer_title("train.py", 40, 60, "def step") == "train.py:40-60 def step"
    title = pointer_title("a_long_folder/" * 9 + "train.py", 7, 7, "")
    assert title.endswith("/train.py:7")
    assert len(title) < 60


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://github.com/me/nets.git", "git@github.com:me/nets.git", True),
        ("ssh://git@GitHub.com:22/me/nets", "https://user@github.com/me/nets/", True),
        ("https://github.com/me/nets", "https://github.com/me/others", False),
        ("https://github.com/me/nets", "https://gitlab.com/me/nets", False),
        ("/srv/git/nets.git", "/srv/git/nets", True),
        ("", "", False),
    ],
)
def test_one_repository_by_several_addresses(one: str, other: str, same: bool) -> None:
    assert same_remote(one, other) is same


@given(st.text(alphabet="ab \t\n\f\u2028", max_size=60))
def test_lines_are_those_of_an_editor(text: str) -> None:
    """A form feed or a Unicode separator within a line does not count as its end."""
    lines = lines_of(text)
    assert lines_of(text.replace("\n", "\r\n")) == lines
    assert len(lines) == text.count("\n") + (0 if text.endswith("\n") or not text else 1)
    assert "\n".join(lines) == text.removesuffix("\n")


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_place(text: str) -> None:
    assert all(place.path for place in places_named(text) if text)
