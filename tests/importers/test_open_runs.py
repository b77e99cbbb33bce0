"""Reading what runs just now takes no longer than somebody waits."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from importers.mlflow_runs import read_begun
from journal.errors import SourceError
from tests.importers.stores import changed

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def large_store(store: Path) -> Path:
    """20,000 runs more; the first of them began last."""
    changed(
        store,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
        "INSERT INTO runs (run_uuid, name, status, start_time, lifecycle_stage, experiment_id) "
        "SELECT printf('%032x', i), 'n' || i, 'RUNNING', 1900000000000 - i, 'active', 0 FROM n",
    )
    return store


def test_what_takes_too_long_is_given_up_in_a_sentence(large_store: Path) -> None:
    with pytest.raises(SourceError, match=r"mlflow\.db takes long to read\."):
        read_begun(large_store, [], _LONG_AGO, 100, time.monotonic() - 1)


def test_of_many_runs_the_last_ones_are_read(large_store: Path) -> None:
    found = read_begun(large_store, [], _LONG_AGO, 3, time.monotonic() + 60)
    assert [draft.name for draft in found] == ["n3", "n2", "n1"]
    since = datetime.fromtimestamp(1_900_000_000 - 0.002, tz=UTC)
    found = read_begun(large_store, [f"{9:032x}"], since, 100, time.monotonic() + 60)
    assert [draft.name for draft in found] == ["n9", "n2", "n1"]
