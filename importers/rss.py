"""Blogs, channels and journals: each post becomes a paper known by its link, its DOI or its arXiv id."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from importers.long_words import CUT
from importers.parsed_feed import TITLE_LENGTH, ParsedFeed, author_names, field_moment, field_text, refusal
from importers.text import clean_address, clean_line, clean_paragraphs, html_to_text, plain_title, shortened
from journal.ids import parse_arxiv_id, parse_doi
from journal.types import ArrivedPaper, PaperDraft

SUMMARY_LENGTH = 4_000  # characters of a post; the rest is one key away in the browser
_HEADLINE_LENGTH = 80  # of a post that has no title
_LONGEST_LINK = 2_000
# Hugging Face names its paper pages by the arXiv id.
_HUGGING_FACE_PAPER = re.compile(r"https?://huggingface\.co/papers/(\d{4}\.\d{4,5})", re.ASCII)
_INITIALS = re.compile(r"(?:[A-Z][a-z]?\.[ -]?)+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One item of any kind of feed, cleaned. `links` come best first, `names` are what else may identify it."""

    guid: str
    title: str
    summary: str
    links: tuple[str, ...]
    names: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None


def read(document: Any, *, url: str, skip_days: tuple[str, ...], damage: str) -> ParsedFeed:
    """The posts of a parsed document that came from `url`."""
    is_atom = document.version.startswith("atom")
    arrived, refused = arrivals([_post(entry, url, is_atom=is_atom) for entry in document.entries])
    return ParsedFeed(
        title=shortened(plain_title(field_text(document.feed, "title")), TITLE_LENGTH),
        is_arxiv=False,
        built_at=field_moment(document.feed, "updated", "published"),
        skip_days=skip_days,
        arrived=arrived,
        refused=refused,
        damage=damage,
    )


def arrivals(posts: list[Post]) -> tuple[tuple[ArrivedPaper, ...], tuple[str, ...]]:
    """The posts that can be kept, and for each other one why not."""
    arrived: list[ArrivedPaper] = []
    refused: list[str] = []
    for position, post in enumerate(posts, start=1):
        result = _arrival(post)
        if isinstance(result, ArrivedPaper):
            arrived.append(result)
        else:
            refused.append(refusal(position, post.title or post.summary, result))
    return tuple(arrived), tuple(refused)


def _arrival(post: Post) -> ArrivedPaper | str:
    whole = [link for link in (*post.links, post.guid) if CUT not in link]
    addresses = [address for link in whole if (address := clean_address(link))]
    mentions = (*addresses, post.guid, *post.names)
    arxiv_id, doi = _arxiv_id(mentions), next(filter(None, map(parse_doi, mentions)), None)
    # The page of an arXiv paper or a DOI says nothing that the id does not.
    pages = [address for address in addresses if not parse_arxiv_id(address) and not parse_doi(address)]
    address = pages[0] if pages and len(pages[0]) <= _LONGEST_LINK else None
    if not (address or arxiv_id or doi):
        return _why_no_link(post)
    title = post.title or shortened(clean_line(post.summary), _HEADLINE_LENGTH) or address
    if not title:
        return "it has neither a title nor a text"
    draft = PaperDraft(
        title=shortened(title, TITLE_LENGTH),
        abstract=shortened(post.summary, SUMMARY_LENGTH),
        authors=_uninverted(post.authors) if doi else post.authors,
        arxiv_id=arxiv_id,
        doi=doi,
        url=address,
        published_at=post.published_at,
        announced_on=post.published_at.date() if post.published_at else None,
    )
    return ArrivedPaper(draft=draft, guid=post.guid or (addresses[0] if addresses else doi or ""))


def _why_no_link(post: Post) -> str:
    link = next((link.strip() for link in post.links if link.strip()), "")
    scheme = link.partition(":")[0]
    if ":" in link and scheme.isalnum() and len(scheme) < 20 and scheme.lower() not in {"http", "https"}:
        return f"its link is a '{scheme}:' address"
    return "its link is too long or no web address" if link else "it has no link"


def _arxiv_id(mentions: tuple[str, ...]) -> str | None:
    for mention in mentions:
        if match := _HUGGING_FACE_PAPER.match(mention):
            mention = f"arXiv:{match[1]}"
        # A bare number such as 2011.12345 may be any blog's own count.
        if "arxiv" in mention.lower() and (identity := parse_arxiv_id(mention)):
            return identity.id
    return None


def _post(entry: Any, base: str, *, is_atom: bool) -> Post:
    title = field_text(entry, "title")
    is_markup = is_atom and _is_html(entry.get("title_detail"))
    names = (field_text(author, "name") for author in entry.get("authors", ()))
    alternates = [link.get("href") or "" for link in entry.get("links", ()) if link.get("rel") == "alternate"]
    return Post(
        guid=clean_line(field_text(entry, "id"))[:_LONGEST_LINK],
        title=clean_line(html_to_text(title)) if is_markup else plain_title(title),
        summary=_summary(entry, is_atom=is_atom),
        links=tuple(joined(base, link) for link in (field_text(entry, "link"), *alternates) if link),
        names=(clean_line(field_text(entry, "dc_identifier")), clean_line(field_text(entry, "prism_doi"))),
        authors=author_names(dict.fromkeys(map(plain_title, names))),
        published_at=field_moment(entry, "published", "updated", "created"),
    )


def joined(base: str, link: str) -> str:
    """`link` as an absolute address; what cannot be joined stays as it is, and is refused later."""
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return link


def _summary(entry: Any, *, is_atom: bool) -> str:
    """The summary, or where there is none the start of the whole text."""
    parts = [(field_text(entry, "summary"), entry.get("summary_detail"))]
    parts += [(field_text(content, "value"), content) for content in entry.get("content", ())]
    for value, detail in parts:
        # RSS does not say what a description is, so it is HTML. Atom says it, except where feedparser
        # copied the summary from the content, which comes without a detail.
        is_plain = is_atom and isinstance(detail, dict) and not _is_html(detail)
        text = clean_paragraphs(value) if is_plain else html_to_text(value)
        if text:
            return text
    return ""


def _is_html(detail: Any) -> bool:
    return isinstance(detail, dict) and "html" in str(detail.get("type", ""))


def _uninverted(names: tuple[str, ...]) -> tuple[str, ...]:
    """`Kaur, M., Shukla, A.`, as journals write all their authors in one text, as single names."""
    if len(names) != 1:
        return names
    parts = [part.strip() for part in names[0].split(",")]
    if len(parts) < 2 or len(parts) % 2 or not all(map(_INITIALS.fullmatch, parts[1::2])):
        return names
    return tuple(f"{initials} {surname}" for surname, initials in zip(parts[::2], parts[1::2], strict=True))
