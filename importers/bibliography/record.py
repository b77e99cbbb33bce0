"""One record of a bibliography, and how it is made of cleaned CSL-JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from importers.bibliography.csl_items import cleaned
from importers.bibliography.identity import Identity, take_identity
from importers.parsed_feed import TITLE_LENGTH
from importers.text import clean_line, clean_paragraphs, html_to_text, shortened
from journal import csl
from journal.citing.fields import TYPE_OF_ENTRY, entry_of
from journal.citing.paper import NO_TITLE
from journal.ids import work_name
from journal.keywords import keywords_of
from journal.person_names import OTHERS, shown
from journal.types import PaperDraft

_LONGEST_TAG = 200
_YEARS = range(1000, 2200)  # books are older than feeds; the journal's dates have four digits
_MOST_TAGS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BibliographyRecord:
    """A publication as a bibliography tells it.

    `csl` is the record as CSL-JSON, without what stands beside it: the key, the abstract, the keywords
    (`tags`), the notes and the arXiv id. What CSL has no variable for is in its `custom`, as texts.
    `files` are paths as written; nothing opens them. `left_out` says in sentences what of the record
    was not taken.
    """

    draft: PaperDraft
    key: str
    csl: csl.Item
    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()  # each a path such as `thesis/chapter 2`
    notes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record as its format's reader understood it, not cleaned yet. `position` names it in refusals."""

    position: str
    item: csl.Item
    key: str = ""
    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bibliography:
    """What a file held. `refused` has for each record that could not be read its position, key and reason."""

    records: tuple[BibliographyRecord, ...] = ()
    refused: tuple[str, ...] = ()


def refusal(position: str, key: str, reason: str) -> str:
    key = shortened(clean_line(key), 60)
    return f"{position} ({key}): {reason}" if key else f"{position}: {reason}"


def record_of(raw: RawRecord) -> BibliographyRecord:
    """The record, every text of it cleaned. Raises ValueError with the reason where it names no publication."""
    left_out = list(raw.left_out)
    item = cleaned(raw.item, left_out)
    identity = take_identity(item)
    _settle_entry_type(item)
    _settle_publisher(item)
    abstract = _abstract(item.pop("abstract", ""))
    keywords = keywords_of(item.pop("keyword", ""))
    annotation = item.pop("annote", "")
    notes = (*raw.notes, *([annotation] if annotation else []))
    return BibliographyRecord(
        draft=_draft(item, identity, abstract),
        key=clean_line(raw.key)[:500],
        csl=item,
        tags=_lines((*raw.tags, *keywords), _LONGEST_TAG),
        collections=_lines(raw.collections, _LONGEST_TAG),
        notes=tuple(filter(None, map(_note, notes))),
        files=_lines(raw.files, 4096),
        left_out=tuple(clean_line(sentence) for sentence in left_out),
    )


def _settle_entry_type(item: csl.Item) -> None:
    """The BibTeX type of the record's own, where it says the same as the CSL type and more; else it is just a field."""
    custom = item.get("custom", {})
    own = custom.get("entrytype", "")
    says_more = own not in {"misc", "article", entry_of(item)} and TYPE_OF_ENTRY.get(own, "document") == item["type"]
    if own and not (says_more and own.isascii() and own.isalpha() and own.islower()):
        item["custom"] = {**{name: text for name, text in custom.items() if name != "entrytype"}, "x-entrytype": own}


def _settle_publisher(item: csl.Item) -> None:
    """How it was published says who did it, where nothing else does."""
    custom = item.get("custom", {})
    if "publisher" not in item and "howpublished" in custom:
        item["publisher"] = custom["howpublished"]
        item["custom"] = {name: text for name, text in custom.items() if name != "howpublished"}
    if "custom" in item and not item["custom"]:
        del item["custom"]


def _draft(item: csl.Item, identity: Identity, abstract: str) -> PaperDraft:
    authors = tuple(shown(name) for name in item.get("author", ()) if name != OTHERS)
    start = csl.start_of(item.get("issued"))
    title = shortened(clean_line(csl.plain(item.get("title", ""))), TITLE_LENGTH) or identity.as_title
    author = _first_author(item)
    if not title:
        if not author:
            raise ValueError("no title, no author, and no arXiv id, DOI or web address")
        title = NO_TITLE
    journal_ref = _journal_ref(item, start)
    # Of an author's works without a title only their places tell which is which.
    work = journal_ref if title == NO_TITLE else title
    return PaperDraft(
        title=title,
        abstract=abstract,
        authors=authors,
        arxiv_id=identity.arxiv_id,
        doi=identity.doi,
        url=identity.url,
        categories=identity.categories,
        published_at=_moment(start),
        comment=_comment(item.get("note", "")),
        journal_ref=journal_ref,
        work=None if identity.is_known else work_name(work, author, start[0] if start else None),
    )


def _first_author(item: csl.Item) -> str:
    people = item.get("author") or item.get("editor") or [{}]
    return str(people[0].get("family") or people[0].get("literal", ""))


def _moment(start: tuple[int, ...]) -> datetime | None:
    """The first moment of a date: bibliographies seldom say more than the year."""
    if not start:
        return None
    year, month, day = (*start, 1, 1)[:3]
    return datetime(year, month, day, tzinfo=UTC) if year in _YEARS else None


def _journal_ref(item: csl.Item, start: tuple[int, ...]) -> str:
    """`Physical Review A 75(6), 063630 (2007)`."""
    where = csl.plain(item.get("container-title", ""))
    if not where:
        return ""
    issue = f"({item['issue']})" if item.get("issue") else ""
    volume = f" {item.get('volume', '')}{issue}".rstrip()
    page = f", {item['page']}" if item.get("page") else ""
    year = f" ({start[0]})" if start else ""
    return clean_line(f"{where}{volume}{page}{year}")


def _comment(note: str) -> str:
    """What arXiv calls the comment; Zotero keeps it as a note that says so."""
    return clean_line(csl.plain(note)).removeprefix("Comment: ")


_MARKUP_STARTS = ("<p", "<jats:", "<div", "<br", "<span", "<i>", "<b>", "<em", "<strong", "<su", "<h", "<li", "<ul")


def _abstract(text: str) -> str:
    """Publishers hand out abstracts as HTML or JATS, and some of them escaped twice."""
    for _ in range(3):
        lowered = text.lower()
        if not any(start in lowered for start in _MARKUP_STARTS):
            break
        text = html_to_text(text)
    return clean_line(text)


def _note(text: str) -> str:
    return html_to_text(text) if "<" in text else clean_paragraphs(text)


def _lines(texts: tuple[str, ...], longest: int) -> tuple[str, ...]:
    lines = (clean_line(text.replace("{", "").replace("}", ""))[:longest].strip() for text in texts)
    return tuple(dict.fromkeys(line for line in lines if line))[:_MOST_TAGS]
