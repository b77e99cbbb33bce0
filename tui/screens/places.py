"""Where a person was in a room, and how they come back there."""

from __future__ import annotations

from dataclasses import dataclass

from journal.types import Ref
from tui.keymap import RoomName
from tui.screens.room import Room


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person was before following a link or a search."""

    room: RoomName
    ref: Ref | None
    was_reading: bool
    view: str


def place_in(room: Room) -> Place:
    return Place(room.room, room.shown_ref, room.is_reading, room.view)


def return_to(place: Place, room: Room) -> None:
    """Show in `room`, which is the one of `place`, what was shown there."""
    room.turn_to(place.view)
    room.reload(select=place.ref)
    turn(room, reads=place.was_reading)


def turn(room: Room, *, reads: bool) -> None:
    """To the detail where a person `reads` it, else to the list."""
    if reads:
        room.read_detail()
    else:
        room.focus_list()
