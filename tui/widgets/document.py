"""The lines that a document takes at a width. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from journal.types import LinkedItem, Ref
from tui.documents import Block, Code, Document, Facts, Links, Prose, Table, Title, link_label
from tui.formatting import printable, printable_line
from tui.widgets.rows import Cell, Span, fitted

_MOST_CHARACTERS = 50_000  # of one text; wrapping them takes 25 ms
_WIDEST_TEXT = 88  # cells; longer lines are hard to read
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Line:
    """One line on the screen; `link` where it leads to an item."""

    spans: Cell = ()
    link: Ref | None = None


def lines_of(document: Document, width: int) -> list[Line]:
    """The document in lines of at most `width` cells."""
    width = max(width, 10)
    lines: list[Line] = []
    for block in document.blocks:
        made = list(_lines_of_block(block, width))
        if made and lines and not isinstance(block, Facts):
            lines.append(Line())
        lines.extend(made)
    return lines


def _lines_of_block(block: Block, width: int) -> Iterator[Line]:
    if isinstance(block, Title):
        yield from _wrapped(printable(block.text[:_MOST_CHARACTERS]), width, "strong")
    elif isinstance(block, Facts):
        yield from _fact_lines(block.facts, width)
    elif isinstance(block, Prose):
        if block.text.strip():
            yield from _heading(block.heading)
            yield from _prose_lines(block, min(width, _WIDEST_TEXT))
    elif isinstance(block, Links):
        if block.links:
            yield from _heading(block.heading)
            yield from _link_lines(block.links, width)
    elif isinstance(block, Code):
        if block.lines:
            yield from _heading(block.heading)
            yield from _code_lines(block, width)
    elif block.rows:
        yield from _heading(block.heading)
        yield from _table_lines(block, width)


def _heading(text: str) -> Iterator[Line]:
    if text:
        yield Line((Span(text, "heading"),))


def _wrapped(text: str, width: int, role: str = "") -> Iterator[Line]:
    for part in Content(text).wrap(width):
        yield Line((Span(part.plain.rstrip(), role),))


def _fact_lines(facts: Iterable[tuple[str, str]], width: int) -> Iterator[Line]:
    """As many facts on a line as fit; one that is longer than a line is wrapped."""
    spans: list[Span] = []
    used = 0
    for text, role in facts:
        shown = printable(text[:_MOST_CHARACTERS])
        if not shown:
            continue
        length = cell_len(shown)
        if spans and used + 3 + length > width:
            yield Line(tuple(spans))
            spans, used = [], 0
        if length > width:
            yield from _wrapped(shown, width, role)
            continue
        if spans:
            spans.append(Span(" · ", "dim"))
            used += 3
        spans.append(Span(shown, role))
        used += length
    if spans:
        yield Line(tuple(spans))


def _prose_lines(block: Prose, width: int) -> Iterator[Line]:
    text = printable(block.text[:_MOST_CHARACTERS], keeps_lines=True).strip("\n")
    if block.folds:
        text = "\n\n".join(" ".join(part.split()) for part in _BLANK_LINE.split(text))
    for part in text.split("\n"):
        yield from _wrapped(part, width) if part.strip() else (Line(),)
    if len(block.text) > _MOST_CHARACTERS:
        yield Line()
        left = f"{len(block.text) - _MOST_CHARACTERS:,} more characters: 'journal show' has them."
        yield from _wrapped(left, width, "dim")


def _link_lines(links: Sequence[LinkedItem], width: int) -> Iterator[Line]:
    relations = [link_label(link) for link in links]
    relation_width = max(map(cell_len, relations))
    ref_width = max(len(str(link.ref)) for link in links)
    for link, relation in zip(links, relations, strict=True):
        before = f"{fitted(relation, relation_width)} "
        name = f"{fitted(str(link.ref), ref_width)} "
        title = fitted(printable(link.title[:_MOST_CHARACTERS]), max(1, width - cell_len(before + name))).rstrip()
        yield Line((Span(before, "dim"), Span(name, "ref"), Span(title)), link.ref)


def _code_lines(block: Code, width: int) -> Iterator[Line]:
    """A line of code on a line; what is longer goes on below, cut anywhere: blanks say something there."""
    label_width = max(len(line.label) for line in block.lines)
    room = max(4, width - label_width - 2)
    for line in block.lines:
        label = f"{line.label:>{label_width}}  "
        rest = printable_line(line.text[:_MOST_CHARACTERS])
        while True:
            part = _cut(rest, room)
            rest = rest[len(part) :]
            yield Line((Span(label, line.role or "dim"), Span(part, line.role)))
            if not rest.strip():
                break
            label = " " * (label_width + 2)


def _cut(text: str, width: int) -> str:
    """As much of the beginning of `text` as fits into `width` cells; one character at the least."""
    part = text[:width]
    while len(part) > 1 and cell_len(part) > width:
        part = part[:-1]
    return part


def _table_lines(block: Table, width: int) -> Iterator[Line]:
    names = [printable(name[:_MOST_CHARACTERS]) for name, _ in block.rows]
    name_width = min(max(block.name_width, *map(cell_len, names)), max(4, (width - 2) // 2))
    for name, (_, value) in zip(names, block.rows, strict=True):
        shown = printable(value[:_MOST_CHARACTERS])
        room = max(4, width - name_width - 2)
        first, *rest = Content(shown).wrap(room) or [Content()]
        yield Line((Span(fitted(name, name_width) + "  ", "dim"), Span(first.plain.rstrip())))
        for part in rest:
            yield Line((Span(" " * (name_width + 2)), Span(part.plain.rstrip())))
