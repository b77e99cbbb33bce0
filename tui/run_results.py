"""What came out of the runs that an item links to, beside their names."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from journal.queries.run_lists import refs_to_ids, run_rows
from journal.queries.run_values import telling_metrics
from journal.types import Kind, LinkedItem, Ref, RunStatus
from tui.formatting import number

_MOST = 400  # an entry may have a sweep of runs


def with_results(connection: sqlite3.Connection, links: Sequence[LinkedItem]) -> tuple[LinkedItem, ...]:
    """The links; a run tells the metric that decides, and its status where it did not simply finish."""
    refs = [link.ref for link in links if link.kind is Kind.run][:_MOST]
    if not refs:
        return tuple(links)
    ids = refs_to_ids(connection, refs)
    statuses = {row.ref: row.status for row in run_rows(connection, list(ids.values())).values()}
    told = telling_metrics(connection, list(ids.values()))
    metrics = {ref: told[identity] for ref, identity in ids.items() if identity in told}
    return tuple(_with_result(link, statuses, metrics) for link in links)


def _with_result(
    link: LinkedItem, statuses: dict[Ref, RunStatus], metrics: dict[Ref, tuple[str, float | None]]
) -> LinkedItem:
    parts = [link.title]
    status = statuses.get(link.ref)
    if status not in {None, RunStatus.finished}:
        parts.append(str(status))
    if link.ref in metrics:
        key, value = metrics[link.ref]
        parts.append(f"{number(value)} {key.replace('validation/', 'val/')}")
    return replace(link, title=" · ".join(parts))
