"""The address of a feed, from what a person types: an arXiv category, or an address in any spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

from importers.arxiv_taxonomy import category, nearest
from importers.youtube import youtube_feed
from journal.config import ARXIV_RSS, Settings
from journal.errors import BadValue, NotFound
from journal.ids import canonical_url
from journal.tracking_uris import without_password

_WORD = re.compile(r"[\w-]+(?:\.[\w-]+)?", re.ASCII)
_PORTS = {"http": 80, "https": 443}
_ARXIV_HOSTS = frozenset({"rss.arxiv.org", "export.arxiv.org", "arxiv.org", "www.arxiv.org"})
_ARXIV_LIST = re.compile(r"/(?:rss|atom|list)/(?P<categories>[\w.+-]+)(?:/.*)?", re.ASCII)
_PREFIX = re.compile(r"arxiv:\s*", re.IGNORECASE)
_HINT = "A feed is an arXiv category such as cs.LG, or an http or https address."


def feed_url(source: str, followed: Iterable[str] = ()) -> str:
    """An arXiv category such as `cs.LG` or `cs.LG+stat.ML` becomes its RSS, an address its one spelling.

    Any page or feed of arXiv that lists a category is that category's RSS, and a channel or playlist of
    YouTube its feed. One of `followed` that is the same is returned as it is kept. Raises BadValue.
    """
    words = source.strip()
    if canonical_url(words) is None:
        words = f"{ARXIV_RSS}/rss/{_categories(_PREFIX.sub('', words, count=1))}"
    url = youtube_feed(_same_list(one_spelling(words)))
    return next((kept for kept in followed if _same_list(one_spelling(kept)) == url), url)


def by_spelling(followed: Iterable[str]) -> dict[str, str]:
    """Each of `followed` by what `feed_url` makes of it, with and without its password."""
    known: dict[str, str] = {}
    for kept in followed:
        url = _same_list(one_spelling(kept))
        known[url] = kept
        known.setdefault(without_password(url), kept)
    return known


def asked_at(url: str, settings: Settings) -> str:
    """Where a followed feed is fetched: arXiv's own from the mirror that stands in for it, where one is set."""
    if not url.startswith(f"{ARXIV_RSS}/"):
        return url
    return settings.arxiv_rss_url.rstrip("/") + url.removeprefix(ARXIV_RSS)


def _same_list(url: str) -> str:
    """The RSS of the category that an address of arXiv lists; any other address as it is."""
    parts = urlsplit(url)
    match = _ARXIV_LIST.fullmatch(parts.path)
    if parts.hostname not in _ARXIV_HOSTS or match is None:
        return url
    names = [category(name) for name in match["categories"].split("+")]
    return f"{ARXIV_RSS}/rss/{'+'.join(name for name in names if name)}" if all(names) else url


def followed_urls(source: str, followed: Iterable[str]) -> tuple[str, ...]:
    """Those of `followed` that a person means, who may have seen them without their passwords.

    Raises BadValue for what is no feed, and NotFound for one that is not followed.
    """
    kept = tuple(followed)
    url = feed_url(source, kept)
    meant = (url,) if url in kept else tuple(one for one in kept if without_password(one_spelling(one)) == url)
    if not meant:
        raise NotFound(f"{without_password(url)} is not followed.", hint="'journal feed list' shows what is.")
    return meant


def one_spelling(address: str) -> str:
    """A web address without what makes no difference to its server (RFC 3986, section 6.2), else as it is.

    Case of scheme and host, the usual port, an empty path, a fragment. A final slash and the query stay:
    to some servers they make one.
    """
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return address
    where = f"[{host}]" if ":" in host else host
    if port not in {None, _PORTS.get(parts.scheme)}:
        where += f":{port}"
    user, at, _ = parts.netloc.rpartition("@")
    return urlunsplit((parts.scheme, f"{user}{at}{where}", parts.path or "/", parts.query, ""))


def _categories(words: str) -> str:
    """Categories joined by +, each in arXiv's spelling. Raises BadValue, with the nearest one where one is near."""
    names = words.split("+")
    if not all(map(_WORD.fullmatch, names)):
        raise BadValue(f"{without_password(words)!r} is no feed.", hint=_HINT)
    known = []
    for name in names:
        if (found := category(name)) is None:
            near = nearest(name)
            raise BadValue(f"arXiv has no category {name!r}.", hint=f"Did you mean {near}?" if near else _HINT)
        known.append(found)
    return "+".join(known)
