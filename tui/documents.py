"""What is shown of one item, as a document of blocks: for the interface and the command line alike.

Reading is in `read_document`; the rest is pure.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime

from journal.marks import Mark
from journal.queries import any_item
from journal.queries.items import item_id, links_of
from journal.queries.today import reasons_of
from journal.types import (
    Dataset,
    Entry,
    EntryType,
    Item,
    Kind,
    LinkedItem,
    Paper,
    PaperState,
    Pointer,
    Ref,
    Run,
)
from tui.formatting import local_time
from tui.roles import VERDICT_ROLES

LINKS = "Links"


@dataclass(frozen=True, slots=True)
class Passage:
    """A text with what its stretches are. Where there are marks, it is printable already: they lie on what is shown."""

    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Title:
    """The first line of a document."""

    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """Who made it."""

    names: Passage


@dataclass(frozen=True, slots=True)
class Facts:
    """Short facts on one line, separated by dots; each with its role."""

    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Prose:
    """Running text below a heading. `folds` joins the lines of a paragraph, as abstracts need it."""

    heading: str
    text: str
    folds: bool = False


@dataclass(frozen=True, slots=True)
class InShort:
    """The sentences of an abstract to be read first, for where the abstract shows them too far down."""

    sentences: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Abstract:
    """All of an abstract, in its own order; the sentences that its marks name are set off from the rest."""

    passage: Passage


@dataclass(frozen=True, slots=True)
class Links:
    """Linked items, each of which can be followed."""

    heading: str
    links: tuple[LinkedItem, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Names and values below a heading; names take `name_width` cells or more."""

    heading: str
    rows: tuple[tuple[str, str], ...]
    name_width: int = 0


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line of code: its label (a number, or a sign and a number), the line, and its role."""

    label: str
    text: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of code below a heading; blanks stay as they are."""

    heading: str
    lines: tuple[CodeLine, ...]


Block = Title | Names | Facts | Prose | InShort | Abstract | Links | Table | Code


@dataclass(frozen=True, slots=True)
class Document:
    """What a detail pane shows of one item. Text in it may come from outside."""

    ref: Ref | None
    blocks: tuple[Block, ...]


def read_document(
    connection: sqlite3.Connection, ref: Ref, now: datetime, *, at_command_line: bool = False, search: str = ""
) -> Document:
    """The detail of any item; advice names commands where `at_command_line`, else keys. Raises NotFound.

    The words of `search`, what a person typed to find it, are marked in a paper.
    """
    item = any_item.get(connection, ref)
    if isinstance(item, Paper):
        # The rules of skimming take 40 ms to load: papers alone wait for them, in a thread.
        from tui.paper_document import paper_document

        because, is_chance = reasons_of(connection, ref) if item.state is PaperState.new else ((), False)
        item = replace(item, links=tuple(_with_standing(connection, link) for link in item.links))
        return paper_document(item, because, search, is_chance=is_chance)
    if isinstance(item, Entry):
        from journal.queries.board import guessed_attribute
        from journal.queries.notes import notes_on
        from journal.queries.sessions import sessions_of_entry
        from tui.notes_blocks import not_told, notes_blocks
        from tui.run_results import with_results
        from tui.session_words import session_words

        is_about_one = not item.attribute and item.type in {EntryType.tried, EntryType.idea}
        guessed = guessed_attribute(connection, ref, item.title) if is_about_one else ""
        notes = notes_on(connection, ref)
        item = replace(item, links=with_results(connection, not_told(item.links, notes)))
        has_run = any(link.kind is Kind.run for link in item.links)
        tried = session_words(sessions_of_entry(connection, ref), now, least=2 if has_run else 1)
        return entry_document(item, notes_blocks(notes), guessed, tried)
    if isinstance(item, Run):
        from tui.run_document import read_run_document

        document = read_run_document(connection, item, now, at_command_line=at_command_line)
        return _with_changed_data(connection, document, ref)
    if isinstance(item, Pointer):
        from journal.code_now import look
        from tui.pointer_document import pointer_document

        return pointer_document(item, look(item), carried(item))
    if isinstance(item, Dataset):
        from journal.data_now import standing_of
        from tui.dataset_document import dataset_document

        return dataset_document(item, standing_of(item), carried(item))
    return item_document(item, links_of(connection, item_id(connection, ref)))


def _with_standing(connection: sqlite3.Connection, link: LinkedItem) -> LinkedItem:
    """A linked place in code tells whether the code moved or changed since. Reads its file, so in a thread."""
    if link.kind is not Kind.pointer:
        return link
    from journal.code_matching import Standing
    from journal.code_now import look

    pointer = any_item.get(connection, link.ref)
    assert isinstance(pointer, Pointer)
    standing = look(pointer).standing
    return link if standing is Standing.same else replace(link, title=f"({standing}) {link.title}")


def _with_changed_data(connection: sqlite3.Connection, document: Document, ref: Ref) -> Document:
    """Says where a run learnt from data that had changed, or is another now, above its links."""
    from journal.queries.datasets import data_of_run
    from journal.queries.sessions import facts_of_run
    from journal.run_diff import written_while_it_ran
    from tui.dataset_document import told_of_data

    sentences = [sentence for used in data_of_run(connection, ref) for sentence in told_of_data(used)]
    sentences += written_while_it_ran(ref, facts_of_run(connection, ref))
    changed = tuple(Facts(((sentence, "warn"),)) for sentence in sentences)
    place = next(
        (place for place, block in enumerate(document.blocks) if isinstance(block, Links)), len(document.blocks)
    )
    return replace(document, blocks=(*document.blocks[:place], *changed, *document.blocks[place:]))


def entry_document(entry: Entry, notes: tuple[Block, ...] = (), guessed: str = "", sessions: str = "") -> Document:
    """What was tried, why, what was expected, what came of it, and the `notes` on it.

    `guessed` is the attribute that it seems to be about, where nobody said so; `sessions` tells of the processes
    that tried it.
    """
    verdict = entry.verdict
    return Document(
        entry.ref,
        (
            Title(entry.title),
            Facts((
                (str(entry.ref), "ref"),
                (str(entry.type), ""),
                (str(verdict or ""), VERDICT_ROLES[verdict] if verdict else ""),
                (entry.attribute, ""),
                (f"{guessed}?" if guessed else "", "dim"),
                (f"answered by {entry.answered_by}" if entry.answered_by else "", ""),
                (local_time(entry.created_at), "dim"),
                *carried(entry),
            )),
            Facts(((sessions, "dim"),)),
            Links(LINKS, entry.links),
            Prose("Why", entry.why),
            Prose("Expected", entry.expect),
            Prose("Outcome", entry.outcome),
            Prose("Notes" if entry.why or entry.expect or entry.outcome else "", entry.body),
            *notes,
        ),
    )  # fmt: skip


def item_document(item: Item, links: tuple[LinkedItem, ...]) -> Document:
    """What every item has, for kinds that have no room yet."""
    facts = ((str(item.ref), "ref"), (str(item.kind), ""), (local_time(item.created_at), "dim"), *carried(item))
    return Document(item.ref, (Title(item.title), Facts(facts), Links(LINKS, links)))


def carried(item: Item) -> tuple[tuple[str, str], ...]:
    """What any item may carry: tags, and that it was deleted."""
    return ((" ".join(f"#{tag}" for tag in item.tags), ""), ("deleted" if item.is_deleted else "", "bad"))


def told(rows: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The rows that say something."""
    return tuple((name, value) for name, value in rows if value)


def link_label(link: LinkedItem) -> str:
    """`tests e3`, or `tested by r1` as seen from the other end."""
    if link.direction == "out":
        return link.relation
    return {
        "about": "mentioned by",
        "tests": "tested by",
        "uses": "used by",
        "fixes": "fixed by",
        "follows": "followed by",
        "caused": "caused by",
    }.get(link.relation, link.relation)
