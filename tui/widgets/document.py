"""The lines that a document takes at a width. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from journal.types import LinkedItem, Ref
from tui.documents import (
    Abstract,
    Block,
    Code,
    Document,
    Facts,
    InShort,
    Links,
    Names,
    Passage,
    Prose,
    Table,
    Title,
    link_label,
)
from tui.formatting import printable, printable_line, shown_title
from tui.widgets.marked_lines import has_sign, legend, set_off, wrapped
from tui.widgets.rows import Cell, Span, fitted

_MOST_CHARACTERS = 50_000  # of one text; wrapping them takes 25 ms
_MOST_OF_ABSTRACT = 20_000  # the same with marks; the longest abstract of arXiv has 1,920
_WIDEST_TEXT = 88  # cells; longer lines are hard to read
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Line:
    """One line on the screen; `link` where it leads to an item, `is_set_off` where a skimmer shall look."""

    spans: Cell = ()
    link: Ref | None = None
    is_set_off: bool = False


def lines_of(document: Document, width: int, height: int = 0) -> list[Line]:
    """The document in lines of at most `width` cells.

    What is to be read first of an abstract stands above it, too, where `height`, the lines of the pane,
    would not show all of it in its place; 0 means that there is no pane.
    """
    width = max(width, 10)
    told = {mark for block in document.blocks if isinstance(block, Abstract) for mark in block.passage.marks}
    signs = legend(told, width)
    made = [(block, list(_lines_of_block(block, width))) for block in document.blocks]
    full = _joined(((block, lines) for block, lines in made if not isinstance(block, InShort)), width, signs)
    lowest = max((number for number, line in enumerate(full) if line.is_set_off), default=-1)
    return full if not height or lowest < height else _joined(made, width, signs)


def _joined(made: Iterable[tuple[Block, list[Line]]], width: int, signs: str) -> list[Line]:
    """All lines below each other, under their headings; the first of what is marked says what the `signs` are."""
    joined: list[Line] = []
    for block, lines in made:
        if not lines:
            continue
        if joined and not isinstance(block, Names | Facts):
            joined.append(Line())
        if isinstance(block, InShort | Abstract):
            joined.extend(_heading("In short" if isinstance(block, InShort) else "Abstract", signs, width))
            signs = ""
        elif not isinstance(block, Title | Names | Facts):
            joined.extend(_heading(block.heading))
        joined.extend(lines)
    return joined


def _lines_of_block(block: Block, width: int) -> Iterator[Line]:
    """Without its heading; none where there is nothing to show."""
    text_width = min(width, _WIDEST_TEXT)
    if isinstance(block, Title):
        text = block.text if block.marks else printable(block.text[:_MOST_CHARACTERS])
        yield from map(Line, wrapped(_cut(Passage(text, block.marks)), width, "strong"))
    elif isinstance(block, Names):
        yield from map(Line, wrapped(_cut(block.names), width)) if block.names.text else ()
    elif isinstance(block, Facts):
        yield from _fact_lines(block.facts, width)
    elif isinstance(block, Prose):
        yield from _prose_lines(block, text_width) if block.text.strip() else ()
    elif isinstance(block, InShort):
        for sentence in block.sentences:
            yield from map(Line, set_off(sentence, text_width))
    elif isinstance(block, Abstract):
        yield from _abstract_lines(block.passage, text_width) if block.passage.text.strip() else ()
    elif isinstance(block, Links):
        yield from _link_lines(block.links, width) if block.links else ()
    elif isinstance(block, Code):
        yield from _code_lines(block, width) if block.lines else ()
    else:
        yield from _table_lines(block, width) if block.rows else ()


def _abstract_lines(passage: Passage, width: int) -> Iterator[Line]:
    for cell in set_off(_cut(passage, _MOST_OF_ABSTRACT), width):
        yield Line(cell, is_set_off=has_sign(cell))
    yield from _left_out(len(passage.text) - _MOST_OF_ABSTRACT, width)


def _cut(passage: Passage, most: int = _MOST_CHARACTERS) -> Passage:
    return passage if len(passage.text) <= most else Passage(passage.text[:most], passage.marks)


def _heading(text: str, aside: str = "", width: int = 0) -> Iterator[Line]:
    """A heading, with `aside` beside it or, where there is no room for both, below."""
    if aside and cell_len(text) + 2 + cell_len(aside) <= width:
        yield Line((Span(f"{text}  ", "heading"), Span(aside, "dim")))
        return
    if text:
        yield Line((Span(text, "heading"),))
    if aside:
        yield from _wrapped(aside, width, "dim")


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
    yield from _left_out(len(block.text) - _MOST_CHARACTERS, width)


def _left_out(characters: int, width: int) -> Iterator[Line]:
    if characters > 0:
        yield Line()
        yield from _wrapped(f"{characters:,} more characters: 'journal show' has them.", width, "dim")


def _link_lines(links: Sequence[LinkedItem], width: int) -> Iterator[Line]:
    relations = [link_label(link) for link in links]
    relation_width = max(map(cell_len, relations))
    ref_width = max(len(str(link.ref)) for link in links)
    for link, relation in zip(links, relations, strict=True):
        before = f"{fitted(relation, relation_width)} "
        name = f"{fitted(str(link.ref), ref_width)} "
        title = fitted(
            printable(shown_title(link.ref, link.title[:_MOST_CHARACTERS])), max(1, width - cell_len(before + name))
        ).rstrip()
        yield Line((Span(before, "dim"), Span(name, "ref"), Span(title)), link.ref)


def _code_lines(block: Code, width: int) -> Iterator[Line]:
    """A line of code on a line; what is longer goes on below, cut anywhere: blanks say something there."""
    label_width = max(len(line.label) for line in block.lines)
    room = max(4, width - label_width - 2)
    for line in block.lines:
        label = f"{line.label:>{label_width}}  "
        rest = printable_line(line.text[:_MOST_CHARACTERS])
        while True:
            part = _beginning(rest, room)
            rest = rest[len(part) :]
            yield Line((Span(label, line.role or "dim"), Span(part, line.role)))
            if not rest.strip():
                break
            label = " " * (label_width + 2)


def _beginning(text: str, width: int) -> str:
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
