"""Texts with marks in lines: the sentences a skimmer wants are set off in a margin, without colour too. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.content import Span as Stretch

from journal.marks import Mark, MarkRole, Piece, pieces_of
from tui.documents import Passage
from tui.formatting import printable
from tui.widgets.rows import Cell, Span

_MARGIN_SIGNS = {MarkRole.contribution: "▌", MarkRole.result: "#"}
_MARGIN_ROLES = {MarkRole.contribution: "ref", MarkRole.result: "good"}
_MARGIN = len(_MARGIN_SIGNS) + 1  # cells
_LEAST_TEXT = 12  # cells; in less there is no margin


def legend(marks: Iterable[Mark], width: int) -> str:
    """`marked by rule: ▌ contribution, # result`, shorter where it does not fit; of the marks that there are."""
    present = {mark.role for mark in marks}
    told = [f"{sign} {role}" for role, sign in _MARGIN_SIGNS.items() if role in present]
    full = f"marked by rule: {', '.join(told)}"
    if not told:
        return ""
    return full if len(full) <= width else f"by rule: {' '.join(told)}"


def wrapped(passage: Passage, width: int, role: str = "") -> Iterator[Cell]:
    """A text of one role in lines of at most `width` cells, its marks above that role."""
    shown = _trusted(passage)
    yield from _wrapped(shown.text, _pieces(shown, role), width, role)


def set_off(passage: Passage, width: int) -> Iterator[Cell]:
    """An abstract in lines of at most `width` cells: a sentence that is marked begins a line, after a sign."""
    shown = _trusted(passage)
    has_signs = any(mark.role in _MARGIN_SIGNS for mark in shown.marks)
    margin = _MARGIN if has_signs and width >= _LEAST_TEXT + _MARGIN else 0
    for part in _parts(shown):
        text = shown.text[part.start : part.end]
        role = "" if part.roles or not has_signs else "aside"
        pieces = [
            Stretch(piece.start - part.start, piece.end - part.start, f"{role} {_roles(piece)}".strip())
            for piece in part.pieces
            if piece.roles
        ]
        for number, paragraph in enumerate(_paragraphs(text)):
            if number:
                yield ()
            stretches = _within(pieces, paragraph)
            for line in _wrapped(text[paragraph.start : paragraph.stop], stretches, width - margin, role):
                yield (*_margin(part.roles), *line) if margin else line


def has_sign(line: Cell) -> bool:
    """Whether a line of `set_off` belongs to a marked sentence."""
    return bool({span.text for span in line[: len(_MARGIN_SIGNS)]} & {*_MARGIN_SIGNS.values()})


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of an abstract that is set off alike: one marked sentence, or what stands between two."""

    start: int
    end: int
    roles: frozenset[MarkRole]
    pieces: tuple[Piece, ...]


def _parts(passage: Passage) -> Iterator[_Part]:
    text = passage.text
    edges = {0, len(text)}
    for mark in passage.marks:
        if mark.role in _MARGIN_SIGNS:
            edges |= {mark.start, mark.end}
    pieces = _cut_at(pieces_of(len(text), passage.marks), edges)
    group: list[Piece] = []
    for piece in pieces:
        if piece.start in edges and group:
            yield from _part(text, group)
            group = []
        group.append(piece)
    if group:
        yield from _part(text, group)


def _cut_at(pieces: Iterable[Piece], edges: set[int]) -> Iterator[Piece]:
    """Marks of one role that touch are one piece; they are two sentences all the same."""
    ordered = sorted(edges)
    for piece in pieces:
        start = piece.start
        for edge in ordered:
            if start < edge < piece.end:
                yield Piece(start, edge, piece.roles)
                start = edge
        yield Piece(start, piece.end, piece.roles)


def _part(text: str, pieces: Sequence[Piece]) -> Iterator[_Part]:
    """None for the blank between two sentences."""
    start, end = pieces[0].start, pieces[-1].end
    if text[start:end].strip():
        roles = frozenset(role for piece in pieces for role in piece.roles if role in _MARGIN_SIGNS)
        yield _Part(start, end, roles, tuple(pieces))


def _margin(roles: frozenset[MarkRole]) -> Cell:
    signs = [Span(sign if role in roles else " ", _MARGIN_ROLES[role]) for role, sign in _MARGIN_SIGNS.items()]
    return (*signs, Span(" "))


def _paragraphs(text: str) -> Iterator[range]:
    """Where the paragraphs of a text stand, without the blanks around them."""
    position = 0
    for paragraph in text.split("\n\n"):
        bare = paragraph.strip()
        start = position + len(paragraph) - len(paragraph.lstrip())
        if bare:
            yield range(start, start + len(bare))
        position += len(paragraph) + 2


def _within(stretches: Iterable[Stretch], place: range) -> list[Stretch]:
    return [
        Stretch(max(0, one.start - place.start), min(one.end, place.stop) - place.start, one.style)
        for one in stretches
        if one.start < place.stop and place.start < one.end
    ]


def _trusted(passage: Passage) -> Passage:
    """Marks that do not lie on what is shown are left out: what is shown is printable in any case."""
    shown = printable(passage.text, keeps_lines=True)
    return passage if shown == passage.text else Passage(shown)


def _pieces(passage: Passage, role: str) -> list[Stretch]:
    return [
        Stretch(piece.start, piece.end, f"{role} {_roles(piece)}".strip())
        for piece in pieces_of(len(passage.text), passage.marks)
        if piece.roles
    ]


def _roles(piece: Piece) -> str:
    """Weakest first: what comes later is painted above."""
    return " ".join(reversed(piece.roles))


def _wrapped(text: str, stretches: list[Stretch], width: int, role: str = "") -> Iterator[Cell]:
    for part in Content(text, stretches).wrap(width):
        yield tuple(_spans(part.plain.rstrip(), part.spans, role))


def _spans(text: str, stretches: Iterable[Stretch], role: str) -> Iterator[Span]:
    position = 0
    for start, end, style in sorted(stretches):
        if start > position:
            yield Span(text[position:start], role)
        if text[start:end]:
            yield Span(text[start:end], str(style))
        position = max(position, end)
    if text[position:] or not text:
        yield Span(text[position:], role)
