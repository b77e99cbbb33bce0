"""The order of the runs, and saved views of them, picked from a list."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from journal.queries.run_order import NEWEST_FIRST, RunOrder
from journal.types import RunView
from tui.messages import Failed, Said
from tui.screens import run_changes
from tui.screens.dialogs import Act, offer
from tui.screens.line import LineScreen
from tui.screens.narrowing import offer_narrowed
from tui.screens.run_choices import OfferedView, offered_orders, offered_views, order_words, view_words
from tui.screens.runs import NO_RUN
from tui.widgets.background import read

if TYPE_CHECKING:
    from tui.screens.runs import RunsRoom


def choose_order(room: RunsRoom) -> None:
    """Choose the order of the list."""
    present, filter_text = room.runs.order, room.list.filter_text

    def offered(orders: Sequence[RunOrder]) -> None:
        acts = [(order_words(order), partial(room.show, filter_text, order)) for order in orders]
        offer_narrowed(room.app, f"Now by {order_words(present)}", acts)

    read(
        room,
        room.paths,
        lambda connection: offered_orders(connection, present),
        offered,
        group="choices",
        keys_wait=True,
    )


def choose_view(room: RunsRoom) -> None:
    """Choose a saved view, save the present filter and order as one, or delete one."""

    def offered(views: Sequence[OfferedView]) -> None:
        acts: list[Act] = [
            (words, partial(_show, room, view)) for words, view in zip(view_words(views), views, strict=True)
        ]
        acts.append(("All runs, newest first", lambda: room.show("", NEWEST_FIRST)))
        acts.append(("Save this filter and order…", partial(_save, room)))
        if views:
            acts.append(("Delete a view…", partial(_delete, room, views)))
        offer(room.app, "Views", acts)

    read(room, room.paths, offered_views, offered, group="choices", keys_wait=True)


def _show(room: RunsRoom, offered: OfferedView) -> None:
    if offered.order is None:
        room.post_message(Said(f"No run has {offered.view.sort.removeprefix('-')} any more; newest first."))
    room.show(offered.view.filter, offered.order or NEWEST_FIRST)


def _save(room: RunsRoom) -> None:
    order, filter_text = room.runs.order, room.list.filter_text.strip()
    sort = "" if order == NEWEST_FIRST else str(order)
    if why := room.runs.why_unclear(filter_text):
        room.post_message(Failed(f"Nothing was saved: {why}"))
        return

    def named(name: str | None) -> None:
        if name is not None:
            view = RunView(name=" ".join(name.split()), filter=filter_text, sort=sort)
            room.change(run_changes.view_saved(view, NO_RUN))

    words = f"{filter_text or 'All runs'}, by {order_words(order)}."
    room.app.push_screen(LineScreen("Save this view under a name", "baselines", words), named)


def _delete(room: RunsRoom, views: Sequence[OfferedView]) -> None:
    acts: list[Act] = [
        (words, partial(room.change, run_changes.view_deleted(each.view.name, NO_RUN)))
        for words, each in zip(view_words(views), views, strict=True)
    ]
    offer(room.app, "Delete which view? u brings it back", acts)
