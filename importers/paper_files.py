"""Papers from what a person has: JSON lines, BibTeX, CSL-JSON, an export of Zotero, a papis library.

What it is is told by what is in it. A transaction a batch: stopped in the middle and started again, an import goes
on where it was, and `journal undo` takes the whole of it back; keys that were given stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from importers.bibliography.read import as_text, records_of_file, records_of_folder
from importers.bibliography.record import BibliographyRecord
from importers.given_files import GivenFile, opened
from importers.jsonl import papers_of
from importers.papers import keep_placed
from importers.parsed_feed import TITLE_LENGTH
from importers.text import clean_line, shortened
from journal.clock import Clock, now
from journal.errors import Unreadable
from journal.paths import Paths
from journal.queries.citation_keys import ref_now
from journal.store import citations, entries, links
from journal.store.changes import Change, LongChange
from journal.store.citations import BroughtRecord
from journal.types import EntryDraft, EntryType, Kind, PaperDraft, Relation

_BATCH = 2_000  # papers a transaction: what a kill loses at the most, and how long others wait
_RECORD_BATCH = 500  # of a bibliography, which have more to be written
_LARGEST_BATCH = 8 * 1024 * 1024  # characters of records
_LONGEST_NAME = 200  # characters of a note's first line that make its title
_MOST_SAID = 10_000  # sentences of one sort that a report holds

_BIBTEX_SUFFIXES = frozenset({".bib", ".bibtex", ".biblatex"})
_ENTRY = re.compile(r"^\s*@\s*[A-Za-z]+\s*[{(]", re.MULTILINE)
_DOCUMENT_KEY = re.compile(r'"(?:items|references|collections|itemType)"\s*:')
# How a file begins that is something else, and what that is.
_OTHERS = (
    (re.compile(rb"%PDF"), "a PDF"),
    (re.compile(rb"SQLite format 3\0"), "a database"),
    (re.compile(rb"PK\x03\x04"), "a ZIP archive"),
    (re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?<rdf:RDF", re.IGNORECASE), "RDF"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*TY  - "), "RIS"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*%[0A] "), "a file of EndNote"),
    (re.compile(rb"\s*<"), "HTML or XML"),
)
_WHAT_IS_READ = (
    "In Zotero choose File, Export Library, and as its format BibTeX, CSL JSON or Better BibTeX JSON. "
    "A papis library is named by its folder."
)


@dataclass(frozen=True, slots=True)
class OtherKey:
    """A paper whose key is another than the one that it came with: that was taken, or the paper had one."""

    ref: str
    brought: str
    key: str


@dataclass(slots=True)
class ImportReport:
    """What an import came to.

    `refused` has a reason for each record that could not be read, `left_out` says what of kept records
    was not taken. `notes` were written into the diary.
    """

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    notes: int = 0
    refused: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    other_keys: list[OtherKey] = field(default_factory=list)

    @property
    def kept(self) -> int:
        return self.new + self.updated + self.unchanged


def import_papers(
    paths: Paths,
    file: Path,
    advance: Callable[[int], None] = lambda bytes_read: None,
    tell: Callable[[int], None] = lambda papers: None,
    *,
    clock: Clock = now,
) -> ImportReport:
    """Keep every paper of `file`, which may be a folder; what is known is left, or has its gaps filled.

    `advance` is told how many more bytes were read of a file of lines, `tell` how many papers of a bibliography
    were kept so far. Raises NotFound or SourceError for an unusable file.
    """
    report = ImportReport()
    importing = LongChange(paths, f"paper import {file.name}", clock=clock)
    if file.is_dir():
        _import_records(importing, records_of_folder(file), tell, report)
        return report
    with opened(file) as given:
        if is_bibliography(given, file):
            _import_records(importing, records_of_file(given, str(file)), tell, report)
        else:
            _import_lines(importing, given, advance, report)
    return report


def is_bibliography(given: GivenFile, file: Path) -> bool:
    """Whether the file holds BibTeX or a JSON document, and not a paper a line. Raises Unreadable for anything else."""
    if not given.head.strip():
        raise Unreadable(f"{file} is empty.")
    if re.search(rb"<opml\b", given.head[:4096], re.IGNORECASE):
        raise Unreadable(f"{file} is a list of feeds.", hint="journal feed import follows them.")
    if kind := next((kind for start, kind in _OTHERS if start.match(given.head)), None):
        raise Unreadable(f"{file} is {kind}, which is not read.", hint=_WHAT_IS_READ)
    text = as_text(given.head).lstrip("\ufeff \t\r\n")
    if text.startswith("["):
        return True
    if not text.startswith("{"):
        return file.suffix.lower() in _BIBTEX_SUFFIXES or _ENTRY.search(text) is not None
    line, line_break, _ = text.partition("\n")
    if not line_break:
        return _DOCUMENT_KEY.search(text) is not None
    # A document that is laid out in lines has no whole object in the first.
    return not line.rstrip().endswith("}") or _DOCUMENT_KEY.search(line) is not None


def _import_lines(
    importing: LongChange, given: GivenFile, advance: Callable[[int], None], report: ImportReport
) -> None:
    for batch in _batches_of_lines(given, advance, report):
        with importing.part() as opened_part:
            decision, _ = keep_placed(opened_part, batch)
        report.new += len(decision.inserts)
        report.updated += len(decision.updates)
        report.unchanged += decision.unchanged


def _batches_of_lines(
    given: GivenFile, advance: Callable[[int], None], report: ImportReport
) -> Iterator[list[PaperDraft]]:
    batch: list[PaperDraft] = []
    for _, record in papers_of(given, advance):
        if isinstance(record, str):
            report.refused.append(record)
            continue
        batch.append(record)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _import_records(
    importing: LongChange,
    records: Iterator[BibliographyRecord | str],
    tell: Callable[[int], None],
    report: ImportReport,
) -> None:
    for batch in _batches_of_records(records, report):
        with importing.part() as opened_part:
            _keep_records(opened_part, batch, report)
        tell(report.kept)


def _batches_of_records(
    records: Iterator[BibliographyRecord | str], report: ImportReport
) -> Iterator[list[BibliographyRecord]]:
    batch: list[BibliographyRecord] = []
    size = 0
    for record in records:
        if isinstance(record, str):
            report.refused.append(record)
            continue
        batch.append(record)
        size += len(json.dumps(record.csl)) + sum(map(len, record.notes))
        if len(batch) == _RECORD_BATCH or size > _LARGEST_BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _keep_records(change: Change, batch: Sequence[BibliographyRecord], report: ImportReport) -> None:
    decision, placed = keep_placed(change, [record.draft for record in batch])
    kept = citations.keep(change, [_brought(record, item) for record, item in zip(batch, placed, strict=True)])
    changed = set(kept.changed)
    for record, item in zip(batch, placed, strict=True):
        added = sum(_keep_note(change, item, note) for note in record.notes)
        report.notes += added
        changed |= {item} if added else set()
        if record.left_out and len(report.left_out) < _MOST_SAID:
            named = record.key or shortened(record.draft.title, 60)
            report.left_out += [f"{named}: left out: {sentence}" for sentence in record.left_out]
    inserted = {item for item, place in zip(placed, decision.placed, strict=True) if place < 0}
    updated = {update.item_id for update in decision.updates} | (changed - inserted)
    report.new += len(inserted)
    report.updated += len(updated)
    report.unchanged += len(batch) - len(inserted) - len(updated)
    for item, brought, key in kept.other_keys[: _MOST_SAID - len(report.other_keys)]:
        report.other_keys.append(OtherKey(str(ref_now(change.connection, item)), brought, key))


def _brought(record: BibliographyRecord, item: int) -> BroughtRecord:
    draft = record.draft
    return BroughtRecord(
        item_id=item,
        key=record.key,
        title="" if draft.is_placeholder else draft.title,
        authors=draft.authors,
        year=draft.published_at.year if draft.published_at else None,
        csl=record.csl,
        keywords=(*record.tags, *record.collections),
    )


def _keep_note(change: Change, item: int, note: str) -> bool:
    """The note as an entry about the paper; False where it is in the diary already, deleted or not."""
    first, _, rest = note.partition("\n")
    title = shortened(clean_line(first.lstrip("# ")), min(_LONGEST_NAME, TITLE_LENGTH)) or "A note"
    body = rest if title == first else note
    known = change.connection.execute(
        "SELECT 1 FROM link JOIN item ON item.id = from_id WHERE to_id = ? AND kind = ? AND title = ? AND body = ?",
        (item, Kind.entry, title, body),
    ).fetchone()
    if known:
        return False
    entry = entries.add(change, EntryDraft(what=title, type=EntryType.note, body=body))
    links.add(change, entry, ref_now(change.connection, item), Relation.about)
    return True
