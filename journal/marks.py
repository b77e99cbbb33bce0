"""Marks on a text: which stretch of it means what. Pure; the text itself is never changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum, auto


class MarkRole(StrEnum):
    """What a marked stretch is, strongest first: where marks overlap, the earlier one decides the colour.

    What the person asked for comes before what the program thinks; a word before the sentence around it.
    """

    match = auto()  # a word of the search
    ranking = auto()  # a word that moved the paper up or down
    number = auto()  # a figure of a result
    result = auto()  # a sentence with a result in numbers
    contribution = auto()  # a sentence that says what is new


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """The characters from `start` up to `end` of a text, and what they are."""

    start: int
    end: int
    role: MarkRole


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch in which the same marks hold. `roles` has the strongest first and is empty for plain text."""

    start: int
    end: int
    roles: tuple[MarkRole, ...] = ()

    @property
    def role(self) -> MarkRole | None:
        return self.roles[0] if self.roles else None


def pieces_of(length: int, marks: Iterable[Mark]) -> tuple[Piece, ...]:
    """A text of `length` characters cut into pieces that touch, do not overlap and cover it.

    Marks may overlap and come in any order; what reaches out of the text is cut off.
    """
    return tuple(_joined(_cut(length, marks)))


def _cut(length: int, marks: Iterable[Mark]) -> Iterator[Piece]:
    changes: dict[int, list[tuple[MarkRole, int]]] = {0: [], length: []}
    for mark in marks:
        start, end = max(0, mark.start), min(length, mark.end)
        if start < end:
            changes.setdefault(start, []).append((mark.role, 1))
            changes.setdefault(end, []).append((mark.role, -1))
    open_marks = dict.fromkeys(MarkRole, 0)
    before = 0
    for position in sorted(changes):
        if position > before:
            yield Piece(before, position, tuple(role for role in MarkRole if open_marks[role]))
        for role, step in changes[position]:
            open_marks[role] += step
        before = position


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    last: Piece | None = None
    for piece in pieces:
        if last is not None and last.roles == piece.roles:
            last = Piece(last.start, piece.end, piece.roles)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
