"""Papers that a person names, and what is decided about any that a person brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from importers.decide import decide, names_of
from journal.config import Settings
from journal.errors import BadRef, SourceError
from journal.ids import ArxivId
from journal.paths import Paths
from journal.queries.papers import stored_papers
from journal.refs import Identifier, parse_mention
from journal.store import papers
from journal.store.changes import Change, change
from journal.types import PaperDecision, PaperDraft, Ref


@dataclass(frozen=True, slots=True)
class AddReport:
    """The papers added, or known already, and a sentence for each that could not be looked up."""

    refs: tuple[Ref, ...]
    failures: tuple[str, ...]


def keep(opened: Change, drafts: Sequence[PaperDraft]) -> PaperDecision:
    """Decide about `drafts` and write it, in one transaction; what was decided."""
    return keep_placed(opened, drafts)[0]


def keep_placed(opened: Change, drafts: Sequence[PaperDraft]) -> tuple[PaperDecision, tuple[int, ...]]:
    """The same, and the item that each of `drafts` belongs to."""
    decision = decide(stored_papers(opened.connection, names_of(drafts)), drafts)
    return decision, papers.apply(opened, decision)


def add_papers(paths: Paths, settings: Settings, mentions: Sequence[str]) -> AddReport:
    """Keep the papers that `mentions` name: arXiv is asked; another address, and a DOI that it has not, by their names.

    Raises BadRef for what names no paper; then nothing is asked or kept.
    """
    names = [_paper_name(mention) for mention in mentions]
    looked_up, failures = _looked_up(paths, settings, [name for name in names if isinstance(name, ArxivId)])
    by_doi, not_asked = _looked_up_by_doi(paths, settings, [name for name in names if isinstance(name, Identifier)])
    looked_up += by_doi
    failures += not_asked
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


def _looked_up_by_doi(
    paths: Paths, settings: Settings, names: Sequence[Identifier]
) -> tuple[list[PaperDraft], list[str]]:
    """Those whose authors told arXiv of the DOI; where one cannot be asked about, the rest is not asked either."""
    dois = list(dict.fromkeys(name.value for name in names if name.scheme == "doi"))
    if not dois:
        return [], []
    from importers.arxiv_api import find_by_doi

    found: list[PaperDraft] = []
    for doi in dois:
        try:
            draft = find_by_doi(doi, settings, paths)
        except SourceError as error:
            return found, [f"{doi} is kept without a look into arXiv: {error} {error.hint}".strip()]
        if draft is not None:
            found.append(draft)
    return found, []
