"""Whys reach the notes of MLflow's pages, and what a person wrote there stays."""

from __future__ import annotations

import pytest

from importers.note_decisions import wanted_notes
from journal.mlflow_note import note_text
from journal.types import Kind, NotedEntry, NotedRun, Ref


def entry(number: int = 12, why: str = "the loss plateaus") -> NotedEntry:
    return NotedEntry(Ref(Kind.entry, number), "cosine schedule", why, "accuracy +0.3")


def noted(note: str, *entries: NotedEntry) -> NotedRun:
    return NotedRun("sqlite:////lab/mlflow.db", "a1", note, entries or (entry(),))


OURS = note_text("e12", "cosine schedule", "the loss plateaus", "accuracy +0.3")


@pytest.mark.parametrize(
    "present", ["", "  \n", note_text("entry", "cosine schedule"), note_text("e12", "another word", "another why")]
)
def test_a_note_that_is_missing_or_ours_and_old_is_written(present: str):
    (note,) = wanted_notes([noted(present)])
    assert (note.tracking_uri, note.run_id, note.text) == ("sqlite:////lab/mlflow.db", "a1", OURS)


@pytest.mark.parametrize("present", [OURS, "a person's own words", "journal of today: all fine", "e12: cosine"])
def test_a_note_that_is_right_or_a_persons_is_left(present: str):
    assert wanted_notes([noted(present)]) == ()


def test_a_run_without_an_entry_is_left():
    assert wanted_notes([NotedRun("u", "a1", OURS, ())]) == ()


def test_a_run_of_many_entries_names_the_first_few():
    (note,) = wanted_notes([noted("", *(entry(number, "x" * 10_000) for number in range(1, 9)))])
    assert [line[:10] for line in note.text.splitlines() if line.startswith("journal ")] == [
        "journal e1", "journal e2", "journal e3",
    ]  # fmt: skip
    assert len(note.text) < 8_000, "MLflow cuts there"
    assert wanted_notes([noted(note.text, *(entry(number, "x" * 10_000) for number in range(1, 9)))]) == ()
