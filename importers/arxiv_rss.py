"""arXiv's feeds: RSS 2.0 and Atom of today, the RDF served until 2024, and the API's Atom read as a feed.

Fields: info.arxiv.org/help/rss_specifications and atom_specifications. They hold all that a list
needs (title, authors, abstract, categories, version), so no request per paper follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from importers.parsed_feed import TITLE_LENGTH, ParsedFeed, author_names, field_moment, field_text, refusal
from importers.text import clean_line, clean_tex, html_to_text, shortened
from journal.errors import Unreadable
from journal.ids import ArxivId, parse_arxiv_id, parse_doi
from journal.types import AnnounceType, ArrivedPaper, PaperDraft

SKIP_DAYS = ("Saturday", "Sunday")  # as arXiv's RSS says; its Atom and RDF have no element for it
_NAMESPACE = "http://arxiv.org/schemas/atom"
# "arXiv:2203.01250v3 Announce Type: replace-cross \nAbstract: We consider..."
_ANNOUNCED = re.compile(
    r"arXiv:(?P<id>\S{1,40})\s+Announce Type:\s*(?P<type>[a-z-]+)\s*(?:Abstract:\s*)?", re.IGNORECASE
)
# "... decays. (arXiv:2107.03419v1 [hep-ex] CROSS LISTED)"
_RDF_TITLE = re.compile(r"\s*\(arXiv:(?P<id>\S{1,40})\s*\[(?P<category>[^\]]{1,40})\]\s*(?P<marks>[A-Z ,]*)\)\s*$")
_NOT_SHOWN = re.compile(r",?\s*et al\.?(?:\s*\(\d+ additional authors not shown\))?\s*$")
_PARENTHESES = re.compile(r"\([^()]*\)")
_CATEGORY = re.compile(r"[a-z][a-z-]+(?:\.[A-Za-z-]{2,})?", re.ASCII)
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV", re.ASCII)
ABSTRACT_LENGTH = 20_000  # characters; arXiv allows 1,920
COMMENT_LENGTH = 2_000
_LONGEST_READ = 200_000  # characters of one field before it is cleaned: TeX may shrink, but not so much
_MOST_CATEGORIES = 100  # arXiv has 155 in all


def is_arxiv(document: Any) -> bool:
    """Whether a parsed document is one of arXiv's, by its namespace, its links or its title."""
    if _NAMESPACE in document.get("namespaces", {}).values():
        return True
    feed = document.feed
    if any(_is_arxiv_host(_host(field_text(feed, key))) for key in ("link", "id")):
        return True
    return field_text(feed, "title").strip().endswith("updates on arXiv.org")


def read(document: Any, *, host: str, skip_days: tuple[str, ...], damage: str) -> ParsedFeed:
    """The papers that a parsed document announces. Raises Unreadable for the API's error entry."""
    built_at = field_moment(document.feed, "updated", "published")
    is_rdf = document.version == "rss10"
    arrived: list[ArrivedPaper] = []
    refused: list[str] = []
    for position, entry in enumerate(document.entries, start=1):
        if "/api/errors" in field_text(entry, "id"):
            raise Unreadable(f"{host} refuses the request: {shortened(clean_line(field_text(entry, 'summary')), 200)}.")
        result = _arrival(entry, is_rdf=is_rdf, built_on=built_at.date() if built_at else None)
        if isinstance(result, ArrivedPaper):
            arrived.append(result)
        else:
            refused.append(refusal(position, field_text(entry, "title"), result))
    return ParsedFeed(
        title=shortened(clean_line(field_text(document.feed, "title")), TITLE_LENGTH),
        is_arxiv=True,
        built_at=built_at,
        skip_days=skip_days or SKIP_DAYS,
        arrived=tuple(arrived),
        refused=tuple(refused),
        damage=damage,
    )


def _arrival(entry: Any, *, is_rdf: bool, built_on: date | None) -> ArrivedPaper | str:
    """The paper of one entry, or why there is none."""
    title, summary = field_text(entry, "title"), field_text(entry, "summary")
    in_title = _RDF_TITLE.search(title)
    announced = _ANNOUNCED.match(summary.lstrip()[:200])
    identity = _identity(
        field_text(entry, "id"),
        announced["id"] if announced else "",
        in_title["id"] if in_title else "",
        field_text(entry, "link"),
    )
    if identity is None:
        return "it has no arXiv id"
    if in_title:
        title = title[: in_title.start()]
    if announced:
        summary = summary.lstrip()[announced.end() :]
    title = shortened(clean_tex(title[:_LONGEST_READ]), TITLE_LENGTH)
    if not title:
        return "it has no title"
    announce_type = _announce_type(entry, announced["type"] if announced else "", in_title)
    moment = field_moment(entry, "published")
    listed_on = moment.date() if moment else built_on
    doi = parse_doi(clean_line(field_text(entry, "arxiv_doi")).split(" ")[0])
    draft = PaperDraft(
        title=title,
        abstract=shortened(clean_tex(html_to_text(summary) if is_rdf else summary), ABSTRACT_LENGTH),
        authors=author_names(_authors(entry, is_rdf=is_rdf)),
        arxiv_id=identity.id,
        version=identity.version,
        doi=doi,
        categories=_categories(entry, in_title["category"] if in_title else ""),
        # The API dates a paper by its submission, the lists by their announcement.
        published_at=moment if announce_type is None else None,
        announced_on=listed_on if announce_type is not None else None,
        comment=_short(entry, "arxiv_comment"),
        journal_ref=_short(entry, "arxiv_journal_reference") or _short(entry, "arxiv_journal_ref"),
    )
    guid = f"oai:arXiv.org:{identity.id}" + (f"v{identity.version}" if identity.version else "")
    return ArrivedPaper(draft=draft, guid=guid, announce_type=announce_type)


def _short(entry: Any, key: str) -> str:
    return shortened(clean_tex(field_text(entry, key)[:_LONGEST_READ]), COMMENT_LENGTH)


def _identity(*texts: str) -> ArxivId | None:
    """The id that the first of these tells, with the version that any of them adds."""
    found: ArxivId | None = None
    for text in texts:
        identity = parse_arxiv_id(text) if text else None
        if identity is not None and (found is None or identity.id == found.id):
            found = identity if found is None or identity.version else found
            if found.version:
                break
    return found


def _announce_type(entry: Any, in_summary: str, in_title: re.Match[str] | None) -> AnnounceType | None:
    for word in (field_text(entry, "arxiv_announce_type"), in_summary):
        try:
            return AnnounceType(word.strip().lower())
        except ValueError:
            continue
    if in_title is None:
        return None
    is_cross, is_update = "CROSS" in in_title["marks"], "UPDATED" in in_title["marks"]
    if is_update:
        return AnnounceType.replaced_cross if is_cross else AnnounceType.replaced
    return AnnounceType.cross if is_cross else AnnounceType.new


def _authors(entry: Any, *, is_rdf: bool) -> tuple[str, ...]:
    """All names; the lists give one text with commas, the API one element a name."""
    names = [field_text(author, "name") for author in entry.get("authors", ())]
    if is_rdf:
        text = _NOT_SHOWN.sub("", html_to_text(" ".join(names)))
        return split_names(part for chunk in text.split(":") for part in chunk.split(","))
    if len(names) == 1 and "," in names[0]:
        return split_names(without_parentheses(names[0]).split(","))
    return tuple(name for name in map(clean_tex, names) if name)


def split_names(parts: Iterable[str]) -> tuple[str, ...]:
    """The names in `parts` of a text, which was taken apart at its commas too often for "Smith, Jr."."""
    names: list[str] = []
    for part in map(clean_tex, parts):
        if names and _SUFFIX.fullmatch(part):
            names[-1] += f", {part}"
        elif part:
            names.append(part)
    return tuple(names)


def without_parentheses(text: str) -> str:
    """Affiliations hold commas of their own."""
    if "(" not in text:
        return text
    return _PARENTHESES.sub("", _PARENTHESES.sub("", text))


def _categories(entry: Any, in_title: str) -> tuple[str, ...]:
    primary = entry.get("arxiv_primary_category")
    terms = [primary.get("term", "") if isinstance(primary, dict) else "", in_title]
    terms += [tag.get("term") or "" for tag in entry.get("tags", ())]
    return known_categories(terms)


def known_categories(terms: Iterable[str]) -> tuple[str, ...]:
    """Those of `terms` that are categories of arXiv, each once; the MSC and ACM classes beside them are not."""
    known = dict.fromkeys(term for term in map(str.strip, terms) if len(term) <= 40 and _CATEGORY.fullmatch(term))
    return tuple(known)[:_MOST_CATEGORIES]


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _is_arxiv_host(host: str) -> bool:
    return host == "arxiv.org" or host.endswith(".arxiv.org")
