"""Every key of the full-screen interface, in one table: bindings and help are made from it.

Triage is for one hand on hundreds of papers a day. `a`, `s` and `d` lie side by side under the left
hand: add it to what is kept, skip it, do it later (queue); the thumb reads on with the space
bar, and `u` takes back. `m` mutes the paper or asks further, and `+` and `-` are the signs by which the
reasons of the order name such wishes, so one key (`w`) is left to list them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum, auto

from textual.binding import Binding, BindingType


class Where(StrEnum):
    """Which part of the interface listens; a part hears its own keys before those further out."""

    app = auto()  # always
    room = auto()  # a room is open: its list or its detail has the focus
    list = auto()  # the list of a room, or a list in front of it
    detail = auto()  # the detail of a room
    filter = auto()  # the line that narrows a list
    search = auto()  # the line of the search screen
    choice = auto()  # a list of choices
    due = auto()  # the list of what comes back
    feeds = auto()  # the feeds and how each is
    board = auto()  # the board of ideas
    writing = auto()  # the small editor
    diff = auto()  # what differs between two runs
    curves = auto()  # the curves of runs
    dialog = auto()  # any screen in front of a room: search, choice, help, one item


class RoomName(StrEnum):
    """The rooms, in the order of their number keys."""

    today = auto()
    papers = auto()
    runs = auto()
    diary = auto()


EVERY_ROOM = frozenset(RoomName)
_TRIAGE_ROOMS = frozenset({RoomName.today, RoomName.papers})
_NOTED_ROOMS = frozenset({RoomName.runs, RoomName.diary})
_DIARY = frozenset({RoomName.diary})
_RUNS = frozenset({RoomName.runs})


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that a person can do, and the keys for it (separated by commas, named as Textual does)."""

    action: str
    keys: str
    words: str
    where: Where
    rooms: frozenset[RoomName] = EVERY_ROOM
    hint: str = ""  # one word for the bottom line, for what a newcomer needs first
    priority: bool = False  # heard even while typing

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.keys.split(","))


KEYMAP: tuple[Key, ...] = (
    Key("show_room('today')", "1", "Today: what to skim now", Where.app),
    Key("show_room('papers')", "2", "Papers", Where.app),
    Key("show_room('runs')", "3", "Runs", Where.app),
    Key("show_room('diary')", "4", "Diary", Where.app),
    Key("search", "slash", "Search everything", Where.app, hint="search"),
    Key("go_back", "b,backspace", "Back to where you came from", Where.app),
    Key("undo", "u", "Undo the last change", Where.app, hint="undo"),
    Key("fetch", "R", "Fetch the feeds now", Where.app),
    Key("refresh", "r", "Read the journal again", Where.app),
    Key("help", "question_mark", "These keys", Where.app, hint="keys"),
    Key("command_palette", "ctrl+p", "Every command by name, and colours", Where.app, priority=True),
    Key("quit", "ctrl+q", "Quit from anywhere", Where.app, priority=True),
    Key("say_how_to_quit", "ctrl+c", "How to quit", Where.app),
    # ------------------------------------------------------------ a room
    Key("triage('kept')", "a", "Keep the paper", Where.room, _TRIAGE_ROOMS, hint="keep"),
    Key("triage('skipped')", "s", "Skip it", Where.room, _TRIAGE_ROOMS, hint="skip"),
    Key("triage('queued')", "d", "Queue it, to read later", Where.room, _TRIAGE_ROOMS, hint="queue"),
    Key("mute", "m", "Mute it, or its author, category or phrase", Where.room, _TRIAGE_ROOMS, hint="mute"),
    Key("wish('plus')", "plus", "More of its author, category or phrase", Where.room, _TRIAGE_ROOMS),
    Key("wish('minus')", "minus", "Less of its author, category or phrase", Where.room, _TRIAGE_ROOMS),
    Key("rules", "w", "What you want more of, less of, or muted", Where.room, _TRIAGE_ROOMS),
    Key("skip_above", "S", "Skip everything above", Where.room, frozenset({RoomName.today})),
    Key("open_page", "o", "Open its page", Where.room, _TRIAGE_ROOMS),
    Key("choose_address", "O", "Choose what to open: HTML, PDF, code", Where.room, _TRIAGE_ROOMS),
    Key("copy_address", "y", "Copy its address", Where.room, _TRIAGE_ROOMS),
    Key("pdf", "P", "Download its PDF and open it; again: stop", Where.room, _TRIAGE_ROOMS),
    Key("notes", "n", "Notes on it, in three passes", Where.room, _TRIAGE_ROOMS),
    Key("turn_to_queue", "v", "The queue, or all papers", Where.room, frozenset({RoomName.papers})),
    Key("move_in_queue('down')", "J", "In the queue: read it later", Where.room, frozenset({RoomName.papers})),
    Key("move_in_queue('up')", "K", "In the queue: read it earlier", Where.room, frozenset({RoomName.papers})),
    Key("turn_order", "t", "Order by rank, or by arrival", Where.room, frozenset({RoomName.today})),
    Key("pace", "p", "Pace: from paper to paper by itself", Where.room, _TRIAGE_ROOMS),
    Key("pace_speed(1)", "less_than_sign", "Pace slower", Where.room, _TRIAGE_ROOMS),
    Key("pace_speed(-1)", "greater_than_sign", "Pace faster", Where.room, _TRIAGE_ROOMS),
    Key("show_feeds", "F", "The feeds, and how each is", Where.room, frozenset({RoomName.today})),
    Key("come_back", "c", "What comes back today", Where.room, frozenset({RoomName.today})),
    Key("note", "n", "Write a dated note on it", Where.room, _NOTED_ROOMS, hint="note"),
    Key("meanwhile", "w", "What trains, and what to do meanwhile", Where.room, _RUNS, hint="meanwhile"),
    Key("respond", "a", "Its outcome, an answer, or try the idea", Where.room, _DIARY, hint="answer"),
    Key("board", "i", "The board: what was tried on what, and ideas", Where.room, _DIARY, hint="board"),
    Key("mark", "x", "Mark the run, or take its mark away", Where.room, _RUNS, hint="mark"),
    Key("act", "X", "On the marked runs: delete, archive, tag, unmark", Where.room, _RUNS, hint="act"),
    Key("tag", "t", "Tag the run, or the marked ones", Where.room, _RUNS),
    Key("order", "o", "The order: by a column, a metric, a parameter", Where.room, _RUNS, hint="order"),
    Key("views", "V", "Saved views: a filter and an order by name", Where.room, _RUNS, hint="views"),
    Key("diff", "d", "What differs: marked runs, or from the one before", Where.room, _RUNS, hint="differs"),
    Key("say_why", "y", "Say why it was run: the marked runs, or this one", Where.room, _RUNS),
    Key("datasets", "D", "The datasets, and which have changed", Where.room, _RUNS),
    Key("curves", "c", "Curves of the marked runs, or of this one", Where.room, _RUNS, hint="curves"),
    Key("filter", "f", "Filter the list", Where.room, hint="filter"),
    Key("link", "l", "Link the item to another one", Where.room, hint="link"),
    Key("edit", "e", "Edit its texts in your editor", Where.room, hint="edit"),
    Key("read_on", "space", "Read on: the detail, then the next item", Where.room),
    Key("other_pane", "tab,shift+tab", "Other pane", Where.room),
    Key("leave", "escape", "Leave the detail, then the filter", Where.room),
    Key("leave_or_quit", "q", "The same, then quit", Where.room, hint="quit"),
    # ------------------------------------------------------------ the list
    Key("move(1)", "j,down", "Next", Where.list),
    Key("move(-1)", "k,up", "Previous", Where.list),
    Key("half_page(1)", "ctrl+d", "Half a page down", Where.list),
    Key("half_page(-1)", "ctrl+u", "Half a page up", Where.list),
    Key("page(1)", "pagedown", "A page down", Where.list),
    Key("page(-1)", "pageup", "A page up", Where.list),
    Key("first", "g,home", "First", Where.list),
    Key("last", "G,end", "Last", Where.list),
    Key("open", "enter", "Read the item", Where.list),
    # ------------------------------------------------------------ the detail
    Key("move(1)", "j,down", "Next link, or a line down", Where.detail),
    Key("move(-1)", "k,up", "Previous link, or a line up", Where.detail),
    Key("half_page(1)", "ctrl+d", "Half a page down", Where.detail),
    Key("half_page(-1)", "ctrl+u", "Half a page up", Where.detail),
    Key("page(1)", "pagedown", "A page down", Where.detail),
    Key("page(-1)", "pageup", "A page up", Where.detail),
    Key("first", "g,home", "Start", Where.detail),
    Key("last", "G,end", "End", Where.detail),
    Key("follow", "enter", "Follow the link", Where.detail),
    # ------------------------------------------------------------ the filter line
    Key("keep_filter", "enter,down,tab", "To the list, filtered", Where.filter),
    Key("drop_filter", "escape", "Drop the filter", Where.filter),
    # ------------------------------------------------------------ search, choices, help
    Key("move(1)", "down", "Next", Where.search),
    Key("move(-1)", "up", "Previous", Where.search),
    Key("page(1)", "pagedown", "A page down", Where.search),
    Key("page(-1)", "pageup", "A page up", Where.search),
    Key("choose", "enter", "Go there", Where.search),
    Key("cursor_down", "j,down", "Next", Where.choice),
    Key("cursor_up", "k,up", "Previous", Where.choice),
    Key("page_down", "pagedown", "A page down", Where.choice),
    Key("page_up", "pageup", "A page up", Where.choice),
    Key("first", "g,home", "First", Where.choice),
    Key("last", "G,end", "Last", Where.choice),
    Key("select", "enter", "Choose it", Where.choice),
    Key("answer('done')", "d", "Done: again after a long while", Where.due),
    Key("answer('snoozed')", "z", "Snooze: again in a few days", Where.due),
    Key("answer('never')", "n", "Never again", Where.due),
    Key("undo", "u", "Undo the last change", Where.due),
    Key("follow", "a", "Follow another feed", Where.feeds),
    Key("try_idea", "t", "Begin to try it: an entry that follows it", Where.board),
    Key("set_attribute", "A", "Say what it is on", Where.board),
    Key("new_idea", "i", "A new idea on this", Where.board),
    Key("undo", "u", "Undo the last change", Where.board),
    Key("help", "question_mark", "These keys", Where.board),
    Key("keep", "ctrl+s", "Keep what you wrote", Where.writing),
    Key("close", "escape", "Leave; what you wrote waits for the next time", Where.writing),
    Key("show_all", "a", "Long parts whole, or cut", Where.diff),
    Key("swap", "s", "The other way round", Where.diff),
    Key("help", "question_mark", "These keys", Where.diff),
    Key("move(1)", "j,down", "Next metric", Where.curves),
    Key("move(-1)", "k,up", "Previous metric", Where.curves),
    Key("page(1)", "pagedown", "A page of metrics down", Where.curves),
    Key("page(-1)", "pageup", "A page of metrics up", Where.curves),
    Key("hold", "space", "Keep this metric on the plot", Where.curves),
    Key("filter", "f,slash", "Find a metric by its name", Where.curves),
    Key("zoom(1)", "plus,equals_sign", "Closer", Where.curves),
    Key("zoom(-1)", "minus", "Further away", Where.curves),
    Key("pan(-1)", "h,left", "To what was earlier", Where.curves),
    Key("pan(1)", "l,right", "To what came later", Where.curves),
    Key("whole", "0", "All of it", Where.curves),
    Key("smooth(1)", "s", "Smoother, then not at all", Where.curves),
    Key("smooth(-1)", "S", "Less smooth", Where.curves),
    Key("turn_log('y')", "y", "Logarithmic up, or linear", Where.curves),
    Key("turn_log('x')", "x", "Logarithmic across, or linear", Where.curves),
    Key("turn_along", "t", "Across by step, time or epoch", Where.curves),
    Key("turn_restarts", "r", "Where it was continued, marked or not", Where.curves),
    Key("help", "question_mark", "These keys", Where.curves),
    Key("close", "escape,q", "Close", Where.dialog),
)


def keys_of(*places: Where, room: RoomName | None = None) -> tuple[Key, ...]:
    """The part of the table for these places, in its order; `room` leaves out the keys of other rooms."""
    return tuple(key for key in KEYMAP if key.where in places and (room is None or room in key.rooms))


def bindings(*places: Where, room: RoomName | None = None) -> list[BindingType]:
    """The bindings of parts of the interface."""
    return [
        Binding(key.keys, key.action, key.words, show=False, priority=key.priority)
        for key in keys_of(*places, room=room)
    ]


_SHOWN = {
    "slash": "/",
    "question_mark": "?",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "down": "↓",
    "up": "↑",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "space": "Space",
    "plus": "+",
    "equals_sign": "=",
    "minus": "-",
    "left": "←",
    "right": "→",
    "backspace": "Backspace",
    "home": "Home",
    "end": "End",
}


def shown(key: Key) -> str:
    """`j ↓`: the keys as people know them."""
    return " ".join(_SHOWN.get(name, name) for name in key.names)


# What a skimmer, or who looks at runs, needs, in the order of the bottom line; whatever else has a hint comes behind.
_NEEDED = (
    "triage('kept')", "triage('skipped')", "triage('queued')", "mute", "diff", "curves", "mark", "undo", "help"
)  # fmt: skip
_NEXT = {RoomName.runs: ("filter", "order", "note", "meanwhile", "views", "act")}


@dataclass(frozen=True, slots=True)
class Hints:
    """(key, word) pairs for the bottom line: those that are always there, and those where there is space."""

    needed: tuple[tuple[str, str], ...] = ()
    others: tuple[tuple[str, str], ...] = ()


def hints(room: RoomName) -> Hints:
    """The hints of a room, the most important ones first, then the room's own."""
    hinted = {key.action: key for key in (*keys_of(Where.room, room=room), *keys_of(Where.app)) if key.hint}
    needed = [hinted.pop(action) for action in _NEEDED if action in hinted]
    behind = [hinted.pop(action) for action in _NEXT.get(room, ()) if action in hinted]
    return Hints(_pairs(needed), _pairs((*behind, *hinted.values())))


def _pairs(keys: Iterable[Key]) -> tuple[tuple[str, str], ...]:
    return tuple((_SHOWN.get(key.names[0], key.names[0]), key.hint) for key in keys)


def clashes(keys: Iterable[Key]) -> tuple[str, ...]:
    """Names of keys that mean two things in one place and room."""
    seen: set[tuple[str, Where, RoomName]] = set()
    found = []
    for key in keys:
        for name in key.names:
            places = {(name, key.where, room) for room in key.rooms}
            if places & seen:
                found.append(name)
            seen |= places
    return tuple(found)
