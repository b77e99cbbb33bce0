"""What the Runs room lets one choose from: orders and saved views, read from the journal. Called in threads."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from journal.deciding import telling
from journal.queries.run_order import COLUMNS, NEWEST_FIRST, RunOrder, parse_order, usual_order
from journal.queries.run_values import logged_metrics, varying_params
from journal.queries.views import list_views
from journal.types import RunView
from tui.formatting import printable

_MOST_NAMES = 20_000  # of metrics, and of parameters: there are stores with 12,000
_MOST_DECIDING = 6
_COLUMN_WORDS = {
    "started": "when they started",
    "ended": "when they ended",
    "took": "how long they took",
    "status": "status",
    "name": "name",
    "experiment": "experiment",
    "ref": "number",
}
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class OfferedView:
    """A saved view; `order` is None where no run has any more what it was sorted by."""

    view: RunView
    order: RunOrder | None


def offered_orders(connection: sqlite3.Connection, present: RunOrder) -> tuple[RunOrder, ...]:
    """The present order turned round, then the metrics that decide, what varies, and the columns."""
    names = logged_metrics(connection, _MOST_NAMES)
    deciding = telling(names, _MOST_DECIDING)
    orders = [
        present.turned,
        NEWEST_FIRST,
        *(usual_order(key, "metric") for key in deciding),
        *(usual_order(key, "param") for key in varying_params(connection, _MOST_NAMES)),
        *(usual_order(key, "metric") for key in names if key not in deciding),
        *(usual_order(key, "column") for key in COLUMNS),
    ]
    return tuple(order for order in dict.fromkeys(orders) if order != present)


def order_words(order: RunOrder) -> str:
    """`validation/accuracy, highest first`."""
    key = _COLUMN_WORDS[order.key] if order.source == "column" else printable(order.key[:_SHOWN])
    if order.source == "column" and order.key in {"started", "ended"}:
        return f"{key}, {'newest' if order.is_descending else 'oldest'} first"
    if order.source == "column" and order.key in {"name", "experiment", "status"}:
        return f"{key}{', from the end' if order.is_descending else ''}"
    if order.source == "column" and order.key == "took":
        return f"{key}, {'longest' if order.is_descending else 'shortest'} first"
    kind = " (parameter)" if order.source == "param" else ""
    return f"{key}{kind}, {'highest' if order.is_descending else 'lowest'} first"


def offered_views(connection: sqlite3.Connection) -> tuple[OfferedView, ...]:
    return tuple(
        OfferedView(view, parse_order(view.sort, connection) if view.sort else NEWEST_FIRST)
        for view in list_views(connection)
    )


def view_words(offered: Sequence[OfferedView]) -> list[str]:
    """A line for each view: its name, its filter, its order."""
    width = max((len(printable(each.view.name)) for each in offered), default=0)
    return [
        "  ".join((
            f"{printable(each.view.name):<{width}}",
            printable(each.view.filter) or "all runs",
            f"by {printable(each.view.sort)}" if each.view.sort else "",
        )).rstrip()
        for each in offered
    ]  # fmt: skip
