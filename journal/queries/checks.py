"""What was checked about a run."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from journal.queries.items import item_id
from journal.types import Ref


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check of the catalogue came to the last time that it was made; `verdict` as in `check_result`."""

    check_id: str
    verdict: str
    evidence: str


def results_of_run(connection: sqlite3.Connection, ref: Ref) -> tuple[CheckResult, ...]:
    """The last result of each check that was made on a run, by the check's id. Raises NotFound."""
    rows = connection.execute(
        "SELECT check_id, verdict, evidence FROM check_result WHERE item_id = ? ORDER BY checked_at, id",
        (item_id(connection, ref),),
    ).fetchall()
    last = {check_id: CheckResult(check_id, verdict, evidence) for check_id, verdict, evidence in rows}
    return tuple(last[check_id] for check_id in sorted(last))
