"""A why as MLflow's own pages show it."""

from __future__ import annotations

import pytest

from journal.mlflow_note import is_ours, note_text


def test_a_note_says_what_and_why_and_is_known_again() -> None:
    note = note_text("e12", "cosine schedule", "the loss plateaus", "+0.3")
    assert note == "journal e12: cosine schedule\n\nWhy: the loss plateaus\nExpected: +0.3"
    assert is_ours(note)
    assert is_ours(note_text("entry", "cosine"))


@pytest.mark.parametrize(
    "note", ["", "my own words", "journal entries are great: really", "journal e: x", "journal e1"]
)
def test_what_a_person_wrote_is_not_ours(note: str) -> None:
    assert not is_ours(note)


def test_a_long_why_is_cut() -> None:
    assert len(note_text("e1", "x", "why " * 2000)) == 2000
