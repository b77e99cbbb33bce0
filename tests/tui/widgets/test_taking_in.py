"""What waits in the spool is taken in beside the painting."""

from __future__ import annotations

import asyncio
import os
from contextlib import closing

import pytest

import journal
from journal import db
from journal.ids import new_uid
from journal.paths import Paths
from journal.recorder import metric_file
from journal.recorder.metric_file import Owner
from journal.recorder.presence import of_process
from tests.tui.driving import opened
from tui.widgets import taking_in


async def test_many_points_are_taken_in_by_turns_and_told(lab: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 30_000
    with journal.tried("cosine") as trial:
        pass
    owner = Owner(new_uid(), trial.uid, "", "", of_process(os.getpid()))
    folder = metric_file.folder_of(lab.spool)
    folder.mkdir(parents=True)
    lines = (metric_file.line(1_700_000_000_000 + step, step, {"cosine/loss": 0.5}) for step in range(count))
    (folder / f"{owner.uid}.jsonl").write_bytes(metric_file.header(owner) + b"".join(lines))
    monkeypatch.setattr(taking_in, "_TURN_S", 0.01)
    said = set()
    async with opened(lab) as (app, _):
        for _ in range(200):
            said.add(app.status.text)
            if "The logged points are taken in." in said:
                break
            await asyncio.sleep(0.02)
        assert any(text.startswith("Taking in about ") for text in said)
        assert app.room.list.count
    with closing(db.connect(lab)) as connection:
        assert connection.execute(
            "SELECT count(*) FROM metric_point JOIN metric_series ON id = series_id WHERE key = 'cosine/loss'"
        ).fetchone() == (count,)
