"""Kept code is found again wherever it went, and what differs is told line by line."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.code_matching import Match, Standing, match

STEP = """\
def train_step(model, batch, optimizer):
    inputs, labels = batch
    logits = model(inputs)
    loss = cross_entropy(logits, labels, label_smoothing=0.1)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
""".splitlines()
OTHER = """\
def load(path, split):
    with open(path) as opened:
        rows = [parse(line) for line in opened]
    random.shuffle(rows)
    return rows[:split], rows[split:]


class Net(Module):
    def forward(self, x):
        return self.head(self.body(x))


""".splitlines()


def found(kept: list[str], current: list[str], first: int = 1) -> Match:
    return match(kept, current, first)


def test_code_that_nobody_touched_is_the_same() -> None:
    assert found(STEP, [*OTHER, *STEP, *OTHER], len(OTHER) + 1) == Match(Standing.same, 13, 20)


def test_code_is_the_same_where_it_stood_even_if_a_copy_is_elsewhere() -> None:
    assert found(STEP, [*STEP, *STEP], 9).first == 9


def test_lines_above_move_it() -> None:
    assert found(STEP, [*OTHER, *OTHER, *STEP], 1) == Match(Standing.moved, 25, 32)


@pytest.mark.parametrize(("first", "nearest"), [(2, 1), (9, 10), (30, 19)])
def test_of_several_copies_the_nearest_is_meant(first: int, nearest: int) -> None:
    lines = [*STEP, "", *STEP, "", *STEP]
    assert found(STEP, lines, first).first == nearest


def test_an_edited_line_is_shown_with_the_lines_around_it() -> None:
    edited = [line.replace("0.1", "0.2") for line in STEP]
    became = found(STEP, [*OTHER, *edited, *OTHER], 1)
    assert (became.standing, became.first, became.last) == (Standing.changed, 13, 20)
    assert [(line.sign, line.number) for line in became.difference] == [(" ", 15), ("-", 4), ("+", 16), (" ", 17)]
    assert "0.2" in became.difference[2].text


def test_lines_put_in_and_taken_out_belong_to_it() -> None:
    edited = [*STEP[:3], "    if mixed:", "        loss = mixed(loss)", *STEP[3:6], STEP[7]]
    became = found(STEP, [*OTHER, *edited, *OTHER], 13)
    assert (became.standing, became.first, became.last) == (Standing.changed, 13, 21)
    assert [line.sign for line in became.difference].count("+") == 2
    assert [line.sign for line in became.difference].count("-") == 1


def test_code_that_was_indented_has_changed_and_is_found() -> None:
    became = found(STEP, [*OTHER, "class Trainer:", *("    " + line for line in STEP), *OTHER], 1)
    assert (became.standing, became.first, became.last) == (Standing.changed, 14, 21)


def test_a_single_line_is_followed_when_its_number_changes() -> None:
    became = found(["rate = 0.1"], ["import torch", "rate = 0.05", "size = 3"], 2)
    assert (became.standing, became.first, became.last) == (Standing.changed, 2, 2)


def test_one_word_over_and_over_is_not_the_code() -> None:
    became = found(["alpha = beta(gamma, delta)"], ["alpha " * 9, "", "", "alpha = beta(gamma, epsilon)"], 9)
    assert became.first == 4


def test_where_it_always_stood_less_likeness_is_enough() -> None:
    kept, now = ["rate = schedule(0.1, warmup, steps)"], ["rate = cosine(0.2, warmup)"]
    assert found(kept, ["import torch", *now], 2).standing is Standing.changed
    assert found(kept, ["import torch", *[""] * 9, *now], 2).standing is Standing.gone


@pytest.mark.parametrize("current", [[], OTHER, ["return"] * 50, [""] * 50])
def test_code_that_was_taken_out_is_gone(current: list[str]) -> None:
    assert found(STEP, current).standing is Standing.gone


def test_a_long_difference_is_cut_and_the_rest_counted() -> None:
    kept = [f"value_{n} = compute({n})" for n in range(400)]
    edited = [line + "  # new" for line in kept]
    became = found(kept, edited)
    assert became.standing is Standing.changed
    assert len(became.difference) + became.unshown == 800
    assert became.unshown > 0


def test_a_file_of_a_hundred_thousand_lines_is_searched_whole() -> None:
    drawn = random.Random(3)
    words = [f"word_{n}" for n in range(500)]
    lines = [f"    {drawn.choice(words)} = {drawn.choice(words)}({drawn.choice(words)})" for _ in range(100_000)]
    edited = [line.replace("0.1", "0.2") for line in STEP]
    lines[90_000:90_000] = edited
    became = found(STEP, lines, 5)
    assert (became.standing, became.first, became.last) == (Standing.changed, 90_001, 90_008)


def test_code_full_of_equal_lines_ends() -> None:
    """What a line-by-line comparison is slowest at."""
    kept = ["}", "", "x = 1"] * 600
    current = ["", "}", "y = 1", "x = 1"] * 20_000
    assert found(kept, current, 1).standing in Standing


LINES = st.lists(st.sampled_from(["", "}", "a = b", "b = c(a)", "return a", "for x in y:", "    a += 1"]), max_size=12)


@given(LINES, LINES, LINES.filter(bool))
def test_whatever_stands_somewhere_is_found_there(before: list[str], after: list[str], kept: list[str]) -> None:
    current = [*before, *kept, *after]
    became = match(kept, current, len(before) + 1)
    assert became == Match(Standing.same, len(before) + 1, len(before) + len(kept))


@given(LINES.filter(bool), LINES, st.integers(1, 30))
def test_what_is_told_is_in_the_file(kept: list[str], current: list[str], first: int) -> None:
    became = match(kept, current, first)
    if became.first is None:
        assert became.standing is Standing.gone
        return
    assert became.last is not None
    assert 1 <= became.first <= became.last <= len(current)
    if became.standing is not Standing.changed:
        assert current[became.first - 1 : became.last] == kept
    else:
        assert any(line.sign.strip() for line in became.difference)
    for line in became.difference:
        if line.sign != "-":
            assert current[line.number - 1] == line.text
        else:
            assert kept[line.number - first] == line.text
