"""What rows say of a run, at its edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from journal.types import Kind, Ref, RunRow, RunStatus
from tests.conftest import NOON
from tui.run_cells import took

_RUN = RunRow(
    ref=Ref(Kind.run, 1), title="train", run_id=None, experiment="", status=RunStatus.vanished, started_at=NOON,
    ended_at=NOON, has_why=True,
)  # fmt: skip


def test_a_run_of_which_nothing_was_heard_after_its_start_is_not_said_to_have_taken_no_time() -> None:
    assert took(replace(_RUN, ended_at=NOON + timedelta(milliseconds=60)), NOON) == ""
    assert took(replace(_RUN, ended_at=NOON + timedelta(seconds=10)), NOON) == "10 s"
