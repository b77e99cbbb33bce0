"""YouTube: a channel's or playlist's page as the address of its feed."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from journal.errors import BadValue

_HOSTS = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com"})
_FEED = "https://www.youtube.com/feeds/videos.xml"
_CHANNEL_ID = re.compile(r"UC[\w-]{22}", re.ASCII)
_PLAYLIST_ID = re.compile(r"[\w-]{10,60}", re.ASCII)


def youtube_feed(address: str) -> str:
    """The feed of a page of YouTube; any other address as it is.

    Raises BadValue: only an id leads to a feed, and a name such as @karpathy is known to YouTube alone.
    """
    parts = urlsplit(address)
    if parts.hostname not in _HOSTS or parts.path == "/feeds/videos.xml":
        return address
    kind, _, rest = parts.path.strip("/").partition("/")
    if kind == "channel" and _CHANNEL_ID.fullmatch(identity := rest.partition("/")[0]):
        return f"{_FEED}?channel_id={identity}"
    playlist = next(iter(parse_qs(parts.query).get("list", [])), "")
    if kind == "playlist" and _PLAYLIST_ID.fullmatch(playlist):
        return f"{_FEED}?playlist_id={playlist}"
    raise BadValue(
        f"{address!r} does not say which channel it is.",
        hint="In the source of the channel's page (Ctrl+U), search for youtube.com/channel/UC: "
        "that address, with the 22 characters behind UC, can be added.",
    )
