"""Sentences end where a reader says that they end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.sentences import sentences

ONE = [
    "Methods, e.g. Adam and i.e. SGD, work.",
    "We follow Smith et al. (2020) and Jones et al. 2021 here.",
    "As Fig. 3 and Eq. (2) of Sec. 4 show, No. 5 wins.",
    "It is 0.5% better than GPT-3.5 vs. Llama 3.1 on v2.1 of it.",
    "See arXiv:2401.01234v2 and https://example.org/a.b?c=d. for more",
    "J. R. R. Tolkien and E. O. Wilson wrote it.",
    "The bound $a. B$ holds for all (approx. 5, resp. 6) of them.",
    "With 1. accuracy, 2. speed and 3. memory it wins.",
    "The U.S. Senate met at 5 p.m. EST today.",
    "A perplexity of 22.6 vs.\\ 24.2 is reached.",
    "A Q&A (What? Who? When?) system follows.",
]
TWO = [
    ("It improves by 0.5%.", "We propose more."),
    ("We follow Smith et al.", "The method is new."),
    ("We use cats, dogs, etc.", "However, birds fly."),
    ("Is it so?", "Yes, it is."),
    ('They call it "grounding."', "It fails."),
    ("It holds in R.", "We prove it."),
    ("The code is at https://github.com/a/b.", "Data follows."),
    ("Agents fail often.", "nnU-Net does not."),
    ("It reads $x_i$.", "$n$ is the length."),
    ("It is \\textbf{so.}", "Our method wins."),
    ("Methods work well.", "3D shapes do not."),
    ("One line without a stop", "And another."),
]


@pytest.mark.parametrize("text", ONE)
def test_a_stop_within_a_sentence_does_not_end_it(text: str):
    assert sentences(text) == ((0, len(text)),)


@pytest.mark.parametrize(("first", "second"), TWO)
def test_two_sentences_are_two(first: str, second: str):
    gap = " " if first.endswith((".", "?", "”", '"', "}")) else "\n\n"
    text = f"  {first}{gap}{second} "
    assert [text[start:end] for start, end in sentences(text)] == [first, second]


def test_a_forgotten_blank_ends_a_sentence_before_a_word_that_starts_one():
    text = "Existing methods fail.We propose another with Node.js in it."
    assert [text[start:end] for start, end in sentences(text)] == [text[:22], text[22:]]


@given(st.text(st.sampled_from("aA.!?()$ \n0eg\\{}\"'”。"), max_size=200))
def test_nothing_is_lost_and_nothing_is_said_twice(text: str):
    found = sentences(text)
    assert all(start < end <= len(text) for start, end in found)
    assert all(one[1] <= other[0] for one, other in pairwise(found))
    assert "".join(text[start:end] for start, end in found).split() == "".join(text.split()).split() or [
        character for start, end in found for character in text[start:end] if not character.isspace()
    ] == [character for character in text if not character.isspace()]


@pytest.mark.parametrize("piece", [".", "(", "$a", "A. ", "e.g. ", '."', "1. ", "\n ", "a.The "])
def test_any_text_is_read_in_one_pass(piece: str):
    """In minutes where it goes back; a test that hangs is one that fails."""
    sentences(piece * (300_000 // len(piece)))
