"""What is done to the runs that are chosen, picked from a list. It is asked once, however many they are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tui.formatting import counted
from tui.messages import Failed
from tui.screens import run_changes
from tui.screens.dialogs import Act, offer
from tui.screens.line import LineScreen
from tui.widgets.background import read

if TYPE_CHECKING:
    from tui.screens.runs import RunsRoom


def choose_act(room: RunsRoom) -> None:
    """Archive, tag, delete the marked runs, or the one under the cursor; or mark all that the filter leaves."""
    refs, listed = room.chosen, counted(room.list.count or 0, "run")
    acts: list[Act] = [
        ("Archive: leave out of lists", lambda: room.change(run_changes.archived(refs), unmarks=True)),
        ("Tag", partial(type_tags, room)),
        ("Unarchive: have in lists again", lambda: room.change(run_changes.unarchived(refs), unmarks=True)),
        ("Delete", partial(_delete, room)),
        (f"Mark all of the list: {listed}", partial(_mark_all, room, room.list.filter_text)),
    ]
    if room.marked:
        acts.append(("Unmark all", lambda: room.mark(())))
    offer(room.app, f"With {run_changes.named(refs)}", acts)


def type_tags(room: RunsRoom) -> None:
    """Tag the chosen runs with what is typed."""
    refs = room.chosen

    def typed(text: str | None) -> None:
        if text is not None:
            room.change(run_changes.tagged(refs, text))

    screen = LineScreen(f"Tag {run_changes.named(refs)}", "+amp -todo", "+ adds, - takes away; Enter does it.")
    room.app.push_screen(screen, typed)


def type_why(room: RunsRoom) -> None:
    """Say in one line what was tried with the chosen runs, and why: a diary entry that they test."""
    refs = room.chosen

    def typed(text: str | None) -> None:
        if text is not None:
            room.change(run_changes.why_said(refs, text))

    said = "What was tried, and after 'because' why; Enter keeps it."
    screen = LineScreen(f"Why {run_changes.named(refs)}?", "smaller steps because the loss diverged", said)
    room.app.push_screen(screen, typed)


def _delete(room: RunsRoom) -> None:
    """Asked for once more where it is many; undo brings them back all the same."""
    refs = room.chosen

    def delete() -> None:
        room.change(run_changes.deleted(refs), unmarks=True)

    if len(refs) == 1:
        delete()
    else:
        name = run_changes.named(refs)
        acts: list[Act] = [(f"Delete {name}; u brings them back", delete), ("Leave them", lambda: None)]
        offer(room.app, f"Delete {name}?", acts)


def _mark_all(room: RunsRoom, filter_text: str) -> None:
    """Not while something of the filter is left out: more runs are listed then than were asked for."""
    source = room.runs
    if why := source.why_unclear(filter_text):
        room.post_message(Failed(f"Nothing was marked: {why}"))
        return
    read(
        room,
        room.paths,
        lambda connection: source.refs(connection, filter_text),
        room.mark,
        group="marking",
        keys_wait=True,
    )
