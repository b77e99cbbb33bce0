"""The address of a feed, from what a person types."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from journal.config import Settings
from journal.errors import BadValue
from journal.ids import canonical_url

# arxiv.org/category_taxonomy: an archive, or archive.CLASS; several joined by + are one feed.
_CATEGORY = re.compile(r"[a-z][a-z-]*(?:\.[A-Za-z-]{2,})?", re.ASCII)


_YOUTUBE_HOSTS = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com"})
_YOUTUBE_FEED = "https://www.youtube.com/feeds/videos.xml"
_CHANNEL_ID = re.compile(r"UC[\w-]{22}", re.ASCII)
_PLAYLIST_ID = re.compile(r"[\w-]{10,60}", re.ASCII)


def feed_url(source: str, settings: Settings) -> str:
    """The feed that `source` means. Raises BadValue.

    An arXiv category such as `cs.LG` or `cs.LG+stat.ML` becomes its RSS, a YouTube channel or playlist its
    feed; any other address stays.
    """
    words = source.strip()
    if all(_CATEGORY.fullmatch(category) for category in words.split("+")):
        return f"{settings.arxiv_rss_url.rstrip('/')}/rss/{words}"
    if canonical_url(words) is None:
        raise BadValue(
            f"{source!r} is no feed.", hint="A feed is an arXiv category such as cs.LG, or an http or https address."
        )
    parts = urlsplit(words)
    return _youtube_feed(words) if parts.hostname in _YOUTUBE_HOSTS and parts.path != "/feeds/videos.xml" else words


def _youtube_feed(page: str) -> str:
    """The feed of a page of YouTube. Only an id leads there; a name such as @karpathy is known to YouTube alone."""
    parts = urlsplit(page)
    kind, _, rest = parts.path.strip("/").partition("/")
    if kind == "channel" and _CHANNEL_ID.fullmatch(identity := rest.partition("/")[0]):
        return f"{_YOUTUBE_FEED}?channel_id={identity}"
    playlist = next(iter(parse_qs(parts.query).get("list", [])), "")
    if kind == "playlist" and _PLAYLIST_ID.fullmatch(playlist):
        return f"{_YOUTUBE_FEED}?playlist_id={playlist}"
    raise BadValue(
        f"{page!r} does not say which channel it is.",
        hint="In the source of the channel's page (Ctrl+U), search for youtube.com/channel/UC: "
        "that address, with the 22 characters behind UC, can be added.",
    )
