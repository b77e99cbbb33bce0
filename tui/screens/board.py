"""The board of ideas, in front of the Diary: each attribute with what was tried, what waits, and what is missing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from journal.attributes import NAMES
from journal.board import Board, BoardRow, Placed
from journal.clock import Clock
from journal.paths import Paths
from journal.queries.board import read_board
from journal.types import Kind, Ref
from tui.board_words import (
    IDEA_MARK,
    NO_ATTRIBUTE,
    TRIED_MARK,
    VERDICT_MARKS,
    attribute_words,
    best_words,
    count_words,
    empty_words,
    mark_of,
    proposal_words,
    standing_of,
)
from tui.formatting import local_day, printable, titled
from tui.keymap import RoomName, Where, bindings
from tui.messages import ChangeWanted, Loaded, Said
from tui.roles import VERDICT_ROLES
from tui.screens.dialogs import ChoiceScreen, HelpScreen
from tui.screens.list_in_front import ListScreen, WholeSource
from tui.screens.noting import try_idea, write_idea
from tui.widgets.item_list import ItemList, ListHeading
from tui.widgets.rows import Column, Row, cell

if TYPE_CHECKING:
    from journal.store.changes import Change

_COLUMNS = (
    Column("on", 16, needs=50),
    Column("", 1),
    Column("ref", 5, needs=60),
    Column("what was tried, and what waits"),
    Column("best", 19, needs=90),
    Column("verdict", 7, needs=76),
    Column("date", 10, needs=104),
)
_HINTS = "Enter reads it · t tries it · A what it is on · i a new idea · u undo · ? keys"
_SHORT_HINTS = "Enter t A i u · ? keys"
_NOTHING = "nothing yet"
_MOST_UNFOLDED, _SHOWN_FOLDED = 40, 3  # entries on the whole board, and of an attribute that is folded
_NONE = "none: take it back"


class BoardSource(WholeSource):
    """The board as the rows of a list. Called in threads."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.board: Board | None = None
        self.placed: dict[Ref, Placed] = {}
        self.attribute_of: dict[Ref, str] = {}
        self.folded: frozenset[Ref] = frozenset()  # the headings of attributes with more than is shown
        self.unfolded: set[Ref] = set()

    def read_rows(self, connection: sqlite3.Connection) -> Sequence[Row]:
        board = read_board(connection, self._clock())
        has_headings = sum(len(row.tried) + len(row.waiting) for row in board.rows) > _MOST_UNFOLDED
        rows, placed, attribute_of, folded = [], {}, {}, set()
        for number, row in enumerate(board.rows, 1):
            heading = Ref(Kind.entry, -number)  # which no entry has
            all_shown = not has_headings or heading in self.unfolded
            told = [*_rows_of(row, heading, has_heading=has_headings, all_shown=all_shown)]
            if has_headings and len(row.tried) + len(row.waiting) > _SHOWN_FOLDED:
                folded.add(heading)
            for each, shown in told:
                rows.append(shown)
                attribute_of[shown.ref] = row.attribute
                if each is not None:
                    placed[shown.ref] = each
        self.board, self.placed, self.attribute_of, self.folded = board, placed, attribute_of, frozenset(folded)
        return rows

    def turn(self, heading: Ref) -> None:
        """Show all of an attribute that is folded, or fold it again."""
        self.unfolded ^= {heading}


def _rows_of(row: BoardRow, heading: Ref, *, has_heading: bool, all_shown: bool) -> Iterator[tuple[Placed | None, Row]]:
    """The rows of an attribute; where there is nothing, one that says so. Folded, the newest few."""
    name = row.attribute or NO_ATTRIBUTE
    all_placed = (*row.tried, *row.waiting)
    if has_heading or not all_placed:
        counts = cell(count_words(row), "dim") if all_placed else cell(_NOTHING, "dim")
        yield None, Row(heading, (cell(name, "heading"), cell(""), cell(""), counts, cell(""), cell(""), cell("")))
    newest = sorted(all_placed, key=lambda each: (each.created_at, each.ref.number), reverse=True)
    shown = {each.ref for each in (newest if all_shown else newest[:_SHOWN_FOLDED])}
    for place, each in enumerate(all_placed):
        if each.ref in shown:
            yield each, _placed_row(row.attribute, each, is_first=place == 0 and not has_heading)


def _placed_row(attribute: str, placed: Placed, *, is_first: bool) -> Row:
    standing = standing_of(placed)
    waits = standing == "idea"
    role = VERDICT_ROLES[placed.verdict] if placed.verdict else ("warn" if waits else "")
    about_role = "dim" if placed.is_guessed or not is_first else "heading"
    return Row(
        placed.ref,
        (
            cell(attribute_words(attribute, is_guessed=placed.is_guessed), about_role),
            cell(mark_of(placed), role),
            cell(str(placed.ref), "ref"),
            cell(placed.title),
            cell(best_words(placed)),
            cell(standing, role or "dim"),
            cell(local_day(placed.created_at), "dim"),
        ),
    )


class BoardList(ItemList):
    """The list, with the keys of the board."""

    BINDINGS = bindings(Where.board)

    @property
    def _board(self) -> BoardScreen | None:
        return self.screen if isinstance(self.screen, BoardScreen) else None

    def action_try_idea(self) -> None:
        if self._board is not None:
            self._board.try_selected()

    def action_set_attribute(self) -> None:
        if self._board is not None:
            self._board.set_attribute()

    def action_new_idea(self) -> None:
        if self._board is not None:
            self._board.new_idea()

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(RoomName.diary, Where.board))

    async def action_undo(self) -> None:
        """In front of a room the keys of the program are not heard."""
        await self.app.run_action("undo", self.app)


class BoardScreen(ListScreen):
    """The board; gives the entry to go to, or None."""

    DEFAULT_CSS = """
    BoardScreen > Vertical { width: 96%; max-width: 150; height: 92%; }
    BoardScreen ItemList { height: 1fr; }
    BoardScreen #next { height: auto; max-height: 4; padding: 0 1; color: $text-primary; }
    BoardScreen #legend { height: 1; padding: 0 1; color: $text-muted; }
    """

    def __init__(self, paths: Paths, clock: Clock, stays_at: Ref | None) -> None:
        """`stays_at`: the entry that the room behind stays at when a change is taken back."""
        self._source = BoardSource(clock)
        super().__init__(BoardList(paths, self._source, _COLUMNS), "The board", _HINTS)
        self._paths = paths
        self._stays_at = stays_at or Ref(Kind.entry, 0)
        self._next = Static(id="next", markup=False)

    def parts(self) -> ComposeResult:
        yield ListHeading(_COLUMNS)
        yield self.list
        yield Static(_legend(), id="legend", markup=False)
        yield self._next

    def loaded(self, message: Loaded) -> None:
        board = self._source.board
        if board is not None:
            told = (empty_words(board), proposal_words(board.next))
            self._next.update(Content("\n".join(printable(each) for each in told if each)))

    def on_resize(self) -> None:
        self.panel.border_subtitle = Content(_HINTS if self.app.size.width > len(_HINTS) + 12 else _SHORT_HINTS)

    def go(self) -> None:
        """To the entry; on a heading to all that is under it, and where there is nothing to writing down an idea."""
        ref = self.list.selected_ref
        if ref in self._source.folded:
            self._source.turn(ref)
            self.list.reload(select=ref)
        elif self._selected is not None:
            self.dismiss(self._selected.ref)
        else:
            self.new_idea()

    @property
    def _selected(self) -> Placed | None:
        ref = self.list.selected_ref
        return self._source.placed.get(ref) if ref is not None else None

    def _wanted(self, change: ChangeWanted) -> None:
        self.post_message(change)

    def try_selected(self) -> None:
        """Begin to try the idea, or to go on from what was tried."""
        if self.list.selected_ref in self._source.folded:
            self.post_message(Said("Enter shows what is on this: t is for one of it."))
        elif self._selected is None:
            self.post_message(Said("There is nothing to try here yet: i writes down an idea."))
        else:
            try_idea(self.app, self._paths, self._selected.ref, self._selected.title, self._wanted)

    def new_idea(self) -> None:
        """An idea about the attribute under the cursor."""
        ref = self.list.selected_ref
        attribute = self._source.attribute_of.get(ref, "") if ref is not None else ""
        write_idea(self.app, self._paths, attribute, self._stays_at, self._wanted)

    def set_attribute(self) -> None:
        """Say what the entry under the cursor is on; what was guessed comes first."""
        placed = self._selected
        if placed is None:
            self.post_message(Said("There is no entry here."))
            return
        names = sorted(NAMES, key=lambda name: name != placed.attribute)
        words = [attribute_words(name, is_guessed=placed.is_guessed and name == placed.attribute) for name in names]

        def chosen(number: int | None) -> None:
            if number is not None:
                self._wanted(_about(placed.ref, names[number] if number < len(names) else ""))

        title = f"What {titled(placed.ref, printable(placed.title))} is on"
        self.app.push_screen(ChoiceScreen(title, [*words, _NONE]), chosen)


def _legend() -> str:
    told = " ".join(f"{mark} {verdict}" for verdict, mark in VERDICT_MARKS.items())
    return f"{IDEA_MARK} idea {TRIED_MARK} tried {told} · name?: guessed, A says which"


def _about(ref: Ref, attribute: str) -> ChangeWanted:
    def make(change: Change) -> None:
        from journal.store import entries

        entries.set_attribute(change, ref, attribute)

    return ChangeWanted(f"{ref} is on {attribute}" if attribute else f"{ref} is on nothing named", ref, make)
