"""A feed's bytes to a ParsedFeed: what surely is no feed gets a sentence, the rest goes to the right reader."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from xml.sax import SAXParseException

import feedparser
from feedparser.encodings import convert_to_utf8

from importers import arxiv_rss, json_feed, rss
from importers.feed_bounds import (
    MOST_ATTRIBUTES,
    MOST_ELEMENTS,
    first_items,
    has_too_many_attributes,
    has_too_many_elements,
    refusals_of,
)
from importers.long_words import without_long_words
from importers.parsed_feed import ParsedFeed
from journal.errors import SourceError, Unreadable

# Codecs that are no character sets, or that take quadratic time; Python would try them when asked.
_NO_CHARACTER_SET = re.compile(
    rb"encoding\s*=\s*[\"'](?:punycode|idna|undefined|\w*_?escape|utf-?7)[\"']", re.IGNORECASE
)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*encoding\s*=", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_FIRST_TAG = re.compile(rb"<([A-Za-z][\w.:-]{0,40})")
_ENTITY = re.compile(rb"<!ENTITY\s+([^\s\"'%>]{1,100})\s+(?:\"([^\">]*)|'([^'>]*))")
_NAMED = re.compile(rb"&([^\s;&]{1,100});")
_DAY = re.compile(rb"<day>\s*([A-Za-z]{6,9})\s*</day>", re.IGNORECASE)
_LONGEST_PROLOG = 16 * 1024  # bytes before the first element
_DEEPEST_ENTITY = 12
_MOST_EXPANDED = 1024 * 1024  # bytes that entities may add


def read_feed(content: bytes, *, url: str, content_type: str = "") -> ParsedFeed:
    """What the document that `url` answered with announces: RSS 0.9 to 2.0, RDF, Atom, JSON Feed.

    `content_type` is the header as sent. Raises Unreadable, naming the host, where it is no feed.
    """
    host = urlsplit(url).hostname or "The feed"
    if not content.strip():
        raise Unreadable(f"{host} answered with nothing at all.")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}:
        return json_feed.read(content, url=url, host=host)
    data = _as_utf8(content, content_type, host)
    _refuse_what_is_no_feed(data, host)
    bounded = first_items(data)
    data = bounded.data
    _refuse_traps(data, host)
    document = _parsed(without_long_words(data), host)
    if not document.version and not document.entries:
        raise Unreadable(f"{host} answered with something that is not a feed.", hint="Is this the feed's own address?")
    damage = _damage(document)
    if damage and not document.entries:
        raise Unreadable(f"{host} answered with a damaged feed: {damage}.")
    if arxiv_rss.is_arxiv(document):
        feed = arxiv_rss.read(document, host=host, skip_days=_skip_days(data), damage=damage)
    else:
        feed = rss.read(document, url=url, skip_days=_skip_days(data), damage=damage)
    return replace(feed, refused=(*feed.refused, *refusals_of(bounded.left_out))) if bounded.left_out else feed


def _as_utf8(content: bytes, content_type: str, host: str) -> bytes:
    """The document as UTF-8, found by its own words: servers name wrong character sets more often."""
    if _NO_CHARACTER_SET.search(content[:200]):
        raise Unreadable(f"{host} answered in a character set that is none.")
    headers = {"content-type": "application/xml"}
    if not _DECLARED.match(content) and (charset := _CHARSET.search(content_type)):
        headers["content-type"] += f"; charset={charset[1]}"
    try:
        data = convert_to_utf8(headers, content, {})
    except (UnicodeError, ValueError) as error:
        raise Unreadable(f"{host} answered in a character set that cannot be read.") from error
    return data if isinstance(data, bytes) else content


def _refuse_what_is_no_feed(data: bytes, host: str) -> None:
    first = _FIRST_TAG.search(data[:_LONGEST_PROLOG])
    name = first[1].lower() if first else b""
    if name == b"html" or b"<!doctype html" in data[:_LONGEST_PROLOG].lower():
        raise Unreadable(
            f"{host} answered with a web page, not a feed.", hint="Look on the page for the address of its feed."
        )
    if name == b"opml":
        raise Unreadable(
            f"{host} answered with a list of feeds (OPML), not a feed.", hint="Add the feeds that it names."
        )
    if not name:
        raise Unreadable(f"{host} answered with something that is not a feed.", hint="Is this the feed's own address?")


def _refuse_traps(data: bytes, host: str) -> None:
    """Refuse what would take time or memory out of all proportion, before any parser sees it."""
    prolog = data[: _FIRST_TAG.search(data).start()]  # type: ignore[union-attr]  # found just before
    entities = {name: quoted or other for name, quoted, other in _ENTITY.findall(prolog)}
    lengths: dict[bytes, int] = {}
    expanded = sum(data.count(b"&" + name + b";") * _length(name, entities, lengths) for name in entities)
    if expanded > _MOST_EXPANDED:
        raise Unreadable(f"{host} answered with a document that would swell to {expanded // 1024 // 1024} MiB or more.")
    if has_too_many_elements(data):
        raise Unreadable(f"{host} answered with more than {MOST_ELEMENTS:,} elements, too many to be a feed.")
    if has_too_many_attributes(data):
        raise Unreadable(
            f"{host} answered with an element of more than {MOST_ATTRIBUTES} attributes, which no feed has."
        )


def _length(name: bytes, entities: dict[bytes, bytes], lengths: dict[bytes, int], depth: int = 0) -> int:
    """Bytes that an entity stands for, with those that it names; `lengths` holds what is known already."""
    if depth > _DEEPEST_ENTITY:
        return _MOST_EXPANDED + 1  # so deep go only traps, and those that name themselves, which is no XML
    if name not in lengths:
        value = entities[name]
        inner = (_length(named, entities, lengths, depth + 1) for named in _NAMED.findall(value) if named in entities)
        lengths[name] = len(value) + sum(inner)
    return lengths[name]


def _parsed(data: bytes, host: str) -> Any:
    try:
        # As a file, since feedparser takes bytes for the name of one. Sanitising and resolving inside
        # HTML is work for browsers: we keep text alone, and arXiv's "a<b" is no tag. Without an address
        # of its own it does not join one for each element, a sixth of the time; the readers join links.
        return feedparser.parse(
            io.BytesIO(data),
            sanitize_html=False,
            resolve_relative_uris=False,
            response_headers={"content-type": "application/xml; charset=utf-8"},
        )
    except SourceError:
        raise
    except Exception as error:
        # Hostile documents make feedparser raise whatever its parts raise (measured: ValueError for a
        # number of 5,000 digits); such a feed is unreadable, and no mistake of ours.
        raise Unreadable(f"{host} answered with a feed that cannot be read ({type(error).__name__}).") from error


def _damage(document: Any) -> str:
    error = document.get("bozo_exception")
    if not document.bozo or not isinstance(error, SAXParseException):
        return ""
    return f"{error.getMessage()} in line {error.getLineNumber()}"


def _skip_days(data: bytes) -> tuple[str, ...]:
    """feedparser keeps the last <day> only."""
    head = data[: data.find(b"<item") if b"<item" in data else None][: 64 * 1024]
    return tuple(day.decode().capitalize() for day in _DAY.findall(head))
