"""The words of CSL-JSON: which variables there are, what kind each is, and dates. Pure tables and small functions.

Sources: citation-style-language/schema, schemas/input/csl-data.json; CSL 1.0.2, appendices III and IV.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]
"""One publication as CSL-JSON has it; plain values that JSON can carry."""

TYPES = frozenset({
    "article", "article-journal", "article-magazine", "article-newspaper", "bill", "book", "broadcast", "chapter",
    "classic", "collection", "dataset", "document", "entry", "entry-dictionary", "entry-encyclopedia", "event",
    "figure", "graphic", "hearing", "interview", "legal_case", "legislation", "manuscript", "map", "motion_picture",
    "musical_score", "pamphlet", "paper-conference", "patent", "performance", "periodical", "personal_communication",
    "post", "post-weblog", "regulation", "report", "review", "review-book", "software", "song", "speech", "standard",
    "thesis", "treaty", "webpage",
})  # fmt: skip

NAMES = frozenset({
    "author", "chair", "collection-editor", "compiler", "composer", "container-author", "contributor", "curator",
    "director", "editor", "editor-translator", "editorial-director", "executive-producer", "guest", "host",
    "illustrator", "interviewer", "narrator", "organizer", "original-author", "performer", "producer", "recipient",
    "reviewed-author", "script-writer", "series-creator", "translator",
})  # fmt: skip

DATES = frozenset({"accessed", "available-date", "event-date", "issued", "original-date", "submitted"})

TEXTS = frozenset({
    "abstract", "annote", "archive", "archive_collection", "archive_location", "archive-place", "authority",
    "call-number", "chapter-number", "citation-label", "citation-number", "collection-number", "collection-title",
    "container-title", "container-title-short", "dimensions", "division", "DOI", "edition", "event-place",
    "event-title", "first-reference-note-number", "genre", "ISBN", "ISSN", "issue", "jurisdiction", "keyword",
    "language", "license", "locator", "medium", "note", "number", "number-of-pages", "number-of-volumes",
    "original-publisher", "original-publisher-place", "original-title", "page", "page-first", "part", "part-number",
    "part-title", "PMCID", "PMID", "printing", "publisher", "publisher-place", "references", "reviewed-genre",
    "reviewed-title", "scale", "section", "source", "status", "supplement", "supplement-number", "title", "title-short",
    "translated-title", "URL", "version", "volume", "volume-title", "volume-title-short", "year-suffix",
})  # fmt: skip
PARAGRAPHS = frozenset({"abstract", "annote", "note"})  # the texts that may have several lines
VERBATIM = frozenset({"DOI", "ISBN", "ISSN", "PMCID", "PMID", "URL"})  # the texts that are no prose

SEASONS = {1: "spring", 2: "summer", 3: "autumn", 4: "winter"}

# What CSL allows inside of texts (CSL 1.0.2, "Rich text"); anything else between < and > is text.
RICH_TEXT = re.compile(
    r"</?(?:i|b|sub|sup|sc)>|<span(?: [a-z-]{1,20}=(?:\"[^\"<>]{0,200}\"|'[^'<>]{0,200}'))*+>|</span>"
)
SMALL_CAPS = '<span style="font-variant:small-caps;">'


def plain(text: str) -> str:
    """`text` without CSL's markup."""
    return RICH_TEXT.sub("", text) if "<" in text else text


def tidy_markup(text: str) -> str:
    """`text` with CSL's markup in one spelling; none of it where a tag is not closed, or closed twice.

    `<span class="nocase">` goes: which capitals a BibTeX style must not lower is told anew at each export.
    """
    if "<" not in text:
        return text
    opened: list[tuple[str, str]] = []  # (name, how it is closed)
    pieces: list[str] = []
    position = 0
    for match in RICH_TEXT.finditer(text):
        tag, name = match[0], match[0].strip("</>").split(" ")[0]
        if tag.startswith("</"):
            if not opened or opened[-1][0] != name:
                return plain(text)
            spelt = opened.pop()[1]
        elif name == "sc" or "small-caps" in tag:
            spelt = SMALL_CAPS
            opened.append((name, "</span>"))
        else:
            spelt = "" if name == "span" else tag
            opened.append((name, f"</{name}>" if spelt else ""))
        pieces += (text[position : match.start()], spelt)
        position = match.end()
    return plain(text) if opened else "".join([*pieces, text[position:]])


def start_of(date: Mapping[str, Any] | None) -> tuple[int, ...]:
    """(year,), (year, month) or (year, month, day) in which `date` begins; empty where it says no year."""
    parts = (date or {}).get("date-parts")
    return tuple(parts[0]) if parts else ()


def edtf(date: Mapping[str, Any]) -> str:
    """`date` as EDTF (ISO 8601-2): `2020-06`, `1829/1830`, `2019-22~`; its words where it has no numbers."""
    parts = date.get("date-parts")
    if not parts:
        return str(date.get("literal", ""))
    season = date.get("season")
    ends = [_edtf_end(part, season if position == 0 else None) for position, part in enumerate(parts)]
    return "/".join(end + ("~" if date.get("circa") and end != ".." else "") for end in ends)


def _edtf_end(parts: list[int], season: int | None) -> str:
    if parts == [0]:
        return ".."
    text = f"{parts[0]:04d}" + "".join(f"-{part:02d}" for part in parts[1:])
    return f"{text}-{season + 20}" if season and len(parts) == 1 else text
