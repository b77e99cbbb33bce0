"""JSON Feed, versions 1 and 1.1 (jsonfeed.org), into the same posts as RSS."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from importers.feed_bounds import MOST_ITEMS, MOST_JSON_PARTS, has_too_many_json_parts, refusals_of
from importers.parsed_feed import TITLE_LENGTH, ParsedFeed, author_names, believable, field_text
from importers.rss import Post, arrivals, joined
from importers.text import clean_line, clean_paragraphs, html_to_text, plain_title, shortened
from journal.errors import Unreadable


def read(content: bytes, *, url: str, host: str) -> ParsedFeed:
    """The posts of a JSON Feed that came from `url`. Raises Unreadable for any other JSON."""
    if has_too_many_json_parts(content):
        raise Unreadable(f"{host} answered with more than {MOST_JSON_PARTS:,} pieces of JSON, too many to be a feed.")
    try:
        feed = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{host} answered with damaged JSON, not a feed.") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise Unreadable(f"{host} answered with JSON that is no JSON Feed.", hint="RSS and Atom are read as well.")
    arrived, refused = arrivals([_post(item if isinstance(item, dict) else {}, url) for item in items[:MOST_ITEMS]])
    return ParsedFeed(
        title=shortened(plain_title(field_text(feed, "title")), TITLE_LENGTH),
        is_arxiv=False,
        arrived=arrived,
        refused=(*refused, *refusals_of(len(items) - MOST_ITEMS)),
    )


def _post(item: dict[str, Any], base: str) -> Post:
    links = (field_text(item, "url"), field_text(item, "external_url"))
    return Post(
        guid=clean_line(str(item.get("id", "")))[:2000],
        title=plain_title(field_text(item, "title")),
        summary=clean_paragraphs(field_text(item, "summary"))
        or html_to_text(field_text(item, "content_html"))
        or clean_paragraphs(field_text(item, "content_text")),
        links=tuple(joined(base, link) for link in links if link),
        authors=_authors(item),
        published_at=_moment(field_text(item, "date_published") or field_text(item, "date_modified")),
    )


def _authors(item: dict[str, Any]) -> tuple[str, ...]:
    """`authors` of version 1.1, else the one `author` of version 1."""
    listed = item.get("authors")
    people = listed if isinstance(listed, list) and listed else [item.get("author")]
    return author_names(clean_line(field_text(person, "name")) for person in people if isinstance(person, dict))


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        return believable((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None
