"""YouTube: a channel's or playlist's page as the address of its feed."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from journal.errors import BadValue, SourceError, Unreadable

PAGES = "https://www.youtube.com"
_HOSTS = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com"})
_FEED = "https://www.youtube.com/feeds/videos.xml"
_CHANNEL_ID = re.compile(r"UC[\w-]{22}", re.ASCII)
_PLAYLIST_ID = re.compile(r"[\w-]{10,60}", re.ASCII)
_USER = re.compile(r"[\w.-]{1,60}", re.ASCII)
# A channel that is named, and not numbered: /@AndrejKarpathy, /c/karpathy, and tabs of theirs.
_NAMED = re.compile(r"/(?P<name>@[^/?#\s]{1,100}|c/[^/?#\s]{1,100})(?:/.*)?")
# What a channel's page says of itself, the surest first; it names other channels too.
_IN_PAGE = tuple(
    re.compile(before + rb"(?P<id>UC[\w-]{22})\"")
    for before in (
        rb"/feeds/videos\.xml\?channel_id=",
        rb"rel=\"canonical\" href=\"https://www\.youtube\.com/channel/",
        rb"\"externalId\":\"",
    )
)
_LARGEST_PAGE = 8 * 1024 * 1024  # bytes; one has about 1 MB
_HINT = (
    "In the source of the channel's page (Ctrl+U), search for youtube.com/channel/UC: "
    "that address, with the 22 characters behind UC, can be added."
)


def youtube_feed(address: str) -> str:
    """The feed of a page of YouTube; any other address as it is.

    Raises BadValue: only an id leads to a feed, and a name such as @karpathy is known to YouTube alone.
    """
    parts = urlsplit(address)
    if parts.hostname not in _HOSTS or parts.path == "/feeds/videos.xml":
        return address
    kind, _, rest = parts.path.strip("/").partition("/")
    identity = rest.partition("/")[0]
    if kind == "channel" and _CHANNEL_ID.fullmatch(identity):
        return f"{_FEED}?channel_id={identity}"
    if kind == "user" and _USER.fullmatch(identity):
        return f"{_FEED}?user={identity}"
    playlist = next(iter(parse_qs(parts.query).get("list", [])), "")
    if kind == "playlist" and _PLAYLIST_ID.fullmatch(playlist):
        return f"{_FEED}?playlist_id={playlist}"
    raise BadValue(f"{address!r} does not say which channel it is.", hint=_HINT)


def named_page(address: str) -> str | None:
    """The page of a channel that `address` names, such as `/@AndrejKarpathy`; None for any other address."""
    try:
        parts = urlsplit(address.strip())
        match = _NAMED.fullmatch(parts.path) if parts.hostname in _HOSTS else None
    except ValueError:
        return None
    return f"/{match['name']}" if match and parts.scheme in {"http", "https"} else None


def feed_of_page(content: bytes) -> str | None:
    """The feed that a channel's page names as its own."""
    match = next(filter(None, (pattern.search(content) for pattern in _IN_PAGE)), None)
    return f"{_FEED}?channel_id={match['id'].decode()}" if match else None


def looked_up(address: str) -> str:
    """The feed of a channel that is named, as its page tells it; any other address as it is. One request.

    Raises SourceError, whose hint says what can be added instead.
    """
    page = named_page(address)
    if page is None:
        return address
    from importers.http import Limits, get

    try:
        answer = get(PAGES + page, limits=Limits(total_s=30.0, max_bytes=_LARGEST_PAGE))
    except SourceError as error:
        error.hint = _HINT
        raise
    feed = feed_of_page(answer.content)
    if feed is None:
        raise Unreadable(f"YouTube's page {page} does not say which channel it is.", hint=_HINT)
    return feed
