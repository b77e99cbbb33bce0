"""What parts of the interface tell each other. Workers do, messages tell, widgets show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from journal.types import Ref
from tui.keymap import RoomName

if TYPE_CHECKING:
    from journal.store.changes import Change


@dataclass
class Highlighted(Message):
    """The cursor of a list rests on another item, or the same one was read again; None: on nothing."""

    ref: Ref | None


@dataclass
class Loaded(Message):
    """A list was read.

    `note` is a sentence about it, if there is one to say; `not_found` is an item that somebody asked
    for and that is not in the list.
    """

    count: int
    note: str
    not_found: Ref | None


@dataclass
class LaidOut(Message):
    """A text takes other lines, since the size of its pane is another."""


@dataclass
class Opened(Message):
    """A person wants to read what the cursor is on."""


@dataclass
class Followed(Message):
    """A person follows a link to an item."""

    ref: Ref


@dataclass
class Said(Message):
    """Something to tell, on the bottom line."""

    text: str


@dataclass
class Failed(Message):
    """Something did not work; one sentence, and a second one that says what to do."""

    sentence: str


@dataclass
class JournalMoved(Message):
    """Another process, or this one, has written to the journal."""


@dataclass
class Fetching(Message):
    """The feeds are being fetched, and how far that is."""

    text: str


@dataclass
class FetchEnded(Message):
    """Fetching is over; a sentence, where there is one to say."""

    sentence: str = ""
    is_error: bool = False


@dataclass
class RoomWanted(Message):
    """A person wants to be in another room."""

    room: RoomName


@dataclass
class BoardWanted(Message):
    """A person wants to see the board of ideas, from another room than the Diary."""


@dataclass
class QuitWanted(Message):
    """A person wants to leave the program."""


@dataclass
class LinkWanted(Message):
    """A person wants to link this item to another one."""

    ref: Ref


@dataclass
class EditWanted(Message):
    """A person wants to edit the texts of this item."""

    ref: Ref


@dataclass
class Paced(Message):
    """The pace mode began, ended or has another speed; `why` has a sentence where that is not plain to see."""

    why: str = ""


@dataclass
class EventsArrived(Message):
    """Training processes left events in the spool."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """What a change gives that found nothing to change, and a sentence that says so."""

    sentence: str


@dataclass
class ChangeWanted(Message):
    """A person changes something: `make` does it, in a thread, within one change that undo takes back.

    It gives `Unchanged` where there was nothing to do.

    The modules of the store are imported inside `make`: they take long to load, and the first paint
    must not wait for them.
    """

    summary: str
    ref: Ref
    make: Callable[[Change], object]
    draft: Path | None = None  # the only copy of what was typed, until it is kept
