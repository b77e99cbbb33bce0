"""Papers that a person brings: from a file, or by naming them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from importers.decide import decide, names_of
from importers.jsonl import read_papers
from journal.clock import Clock, now
from journal.config import Settings
from journal.errors import BadRef, SourceError
from journal.ids import ArxivId
from journal.paths import Paths
from journal.queries.papers import stored_papers
from journal.refs import Identifier, parse_mention
from journal.store import papers
from journal.store.changes import Change, LongChange, change
from journal.types import PaperDecision, PaperDraft, Ref

_BATCH = 2_000  # papers a transaction: what a kill loses at the most, and how long others wait


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import came to. `refused` has a reason for each record that could not be read."""

    new: int
    updated: int
    unchanged: int
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddReport:
    """The papers added, or known already, and a sentence for each that could not be looked up."""

    refs: tuple[Ref, ...]
    failures: tuple[str, ...]


def import_papers(
    paths: Paths, file: Path, advance: Callable[[int], None] = lambda bytes_read: None, *, clock: Clock = now
) -> ImportReport:
    """Keep every paper of `file`; what is known is left, or has its gaps filled.

    A transaction a batch: stopped in the middle and started again, it goes on where it was, and
    `journal undo` takes the whole import back. Raises NotFound or SourceError for an unusable file.
    """
    refused: list[str] = []
    new = updated = unchanged = 0
    importing = LongChange(paths, f"paper import {file.name}", clock=clock)
    for batch in _batches(_readable(read_papers(file, advance), refused)):
        with importing.part() as opened:
            decision = keep(opened, batch)
        new += len(decision.inserts)
        updated += len(decision.updates)
        unchanged += decision.unchanged
    return ImportReport(new, updated, unchanged, tuple(refused))


def keep(opened: Change, drafts: Sequence[PaperDraft]) -> PaperDecision:
    """Decide about `drafts` and write it, in one transaction; what was decided."""
    decision = decide(stored_papers(opened.connection, names_of(drafts)), drafts)
    papers.apply(opened, decision)
    return decision


def add_papers(paths: Paths, settings: Settings, mentions: Sequence[str]) -> AddReport:
    """Keep the papers that `mentions` name: arXiv is asked, a DOI or another address is kept by its name.

    Raises BadRef for what names no paper; then nothing is asked or kept.
    """
    names = [_paper_name(mention) for mention in mentions]
    looked_up, failures = _looked_up(paths, settings, [name for name in names if isinstance(name, ArxivId)])
    refs: dict[Ref, None] = {}
    with change(paths, "paper add") as opened:
        keep(opened, looked_up)
        found = {draft.arxiv_id for draft in looked_up}
        for mention, name in zip(mentions, names, strict=True):
            if isinstance(name, Identifier) or name.id in found:
                refs[papers.named(opened, mention)] = None
        opened.summary = f"paper add {' '.join(map(str, refs))}"
    return AddReport(tuple(refs), tuple(failures))


def require_papers(mentions: Sequence[str]) -> None:
    """Raise BadRef where one of `mentions` names no paper."""
    for mention in mentions:
        _paper_name(mention)


def _paper_name(text: str) -> ArxivId | Identifier:
    mention = parse_mention(text)
    if not isinstance(mention, ArxivId | Identifier):
        raise BadRef(f"{text!r} names no paper.", hint="Write an arXiv id or address, a DOI, or the address of a post.")
    return mention


def _looked_up(paths: Paths, settings: Settings, names: Sequence[ArxivId]) -> tuple[list[PaperDraft], list[str]]:
    if not names:
        return [], []
    from importers.arxiv_api import fetch_papers

    try:
        return fetch_papers(names, settings, paths)
    except SourceError as error:
        return [], [f"{error} {error.hint}".strip()]


def _readable(records: Iterator[tuple[int, PaperDraft | str]], refused: list[str]) -> Iterator[PaperDraft]:
    for _, record in records:
        if isinstance(record, str):
            refused.append(record)
        else:
            yield record


def _batches(drafts: Iterator[PaperDraft]) -> Iterator[list[PaperDraft]]:
    while batch := list(islice(drafts, _BATCH)):
        yield batch
