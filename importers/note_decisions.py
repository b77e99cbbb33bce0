"""Which notes of MLflow's the journal's whys shall stand in. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from journal.mlflow_note import is_ours, note_text
from journal.types import NotedRun, RunNote

_MOST_ENTRIES = 3  # MLflow cuts a note at 8,000 characters


def wanted_notes(runs: Iterable[NotedRun]) -> tuple[RunNote, ...]:
    """The notes to write: where none is there, or one of ours that says something else now.

    A note that a person wrote in MLflow stays, and so does ours where its entry is gone.
    """
    return tuple(
        RunNote(run.tracking_uri, run.run_id, text)
        for run in runs
        if (text := _text(run)) and text != run.note and may_replace(run.note)
    )


def may_replace(note: str) -> bool:
    """Whether the note in MLflow is empty or ours."""
    return not note.strip() or is_ours(note)


def _text(run: NotedRun) -> str:
    return "\n\n".join(
        note_text(str(entry.ref), entry.what, entry.why, entry.expect) for entry in run.entries[:_MOST_ENTRIES]
    )
