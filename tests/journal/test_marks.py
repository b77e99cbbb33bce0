"""Marks become pieces that can be painted one after the other; the strongest decides where several hold."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from journal.marks import Mark, MarkRole, Piece, pieces_of

MARKS = st.lists(st.builds(Mark, st.integers(-5, 60), st.integers(-5, 60), st.sampled_from(MarkRole)), max_size=20)


@given(st.integers(0, 50), MARKS)
def test_pieces_cover_the_text_once_and_carry_exactly_the_marks_there(length: int, marks: list[Mark]):
    pieces = pieces_of(length, marks)
    assert [place for piece in pieces for place in range(piece.start, piece.end)] == list(range(length))
    for piece in pieces:
        for place in range(piece.start, piece.end):
            there = {mark.role for mark in marks if mark.start <= place < mark.end}
            assert piece.roles == tuple(role for role in MarkRole if role in there)


@given(st.integers(0, 50), MARKS)
def test_pieces_that_touch_differ(length: int, marks: list[Mark]):
    pieces = pieces_of(length, marks)
    assert all(one.roles != next_one.roles for one, next_one in pairwise(pieces))


def test_what_the_person_asked_for_is_stronger_than_what_the_program_thinks():
    sentence, number, word = Mark(0, 20, MarkRole.result), Mark(5, 9, MarkRole.number), Mark(7, 12, MarkRole.match)
    assert [(piece.start, piece.end, piece.role) for piece in pieces_of(25, [sentence, number, word])] == [
        (0, 5, MarkRole.result),
        (5, 7, MarkRole.number),
        (7, 9, MarkRole.match),
        (9, 12, MarkRole.match),
        (12, 20, MarkRole.result),
        (20, 25, None),
    ]


def test_a_text_without_marks_is_one_piece_and_no_text_is_none():
    assert pieces_of(3, []) == (Piece(0, 3),)
    assert pieces_of(0, [Mark(0, 5, MarkRole.match)]) == ()
