"""Lists of feeds taken in and written: what a list holds is followed, and what is followed becomes a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from importers.feed_urls import by_spelling, feed_url
from importers.given_files import opened
from importers.opml import LARGEST_LIST, FeedList, FollowedFeed, read_feed_list
from journal.errors import BadValue
from journal.paths import Paths, bundled_data
from journal.queries.feeds import feeds_to_fetch
from journal.store import feeds as feed_store
from journal.store.changes import change
from journal.tracking_uris import without_password, without_passwords
from journal.types import Feed

STARTER = "feeds.opml"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedListReport:
    """What following a list came to.

    `refused` says of each feed that cannot be followed why, `without_address` counts entries that are no
    feeds, and `damage` says what is wrong with the list itself.
    """

    new: int
    known: int
    refused: tuple[str, ...]
    without_address: int
    damage: str


def read_list(file: Path) -> FeedList:
    """The list in a file, or in standard input for `-`. Raises NotFound, Unreadable, TooLarge or SourceError."""
    with opened(file) as given:
        return read_feed_list(given.whole(LARGEST_LIST, str(file)))


def starter_list() -> FeedList:
    """The feeds that ship with the program."""
    return read_feed_list((bundled_data() / STARTER).read_bytes())


def in_folders(feeds: Sequence[FollowedFeed], names: Sequence[str]) -> tuple[FollowedFeed, ...]:
    """Those in the folders that begin with one of `names`, in any case; all where none is named. Raises BadValue."""
    if not names:
        return tuple(feeds)
    starts = tuple(name.casefold() for name in names)
    for name, start in zip(names, starts, strict=True):
        if not any(feed.folder.casefold().startswith(start) for feed in feeds):
            there = ", ".join(sorted({feed.folder for feed in feeds} - {""})[:20])
            raise BadValue(f"The list has no folder {name!r}.", hint=f"It has: {there}." if there else "It has none.")
    return tuple(feed for feed in feeds if feed.folder.casefold().startswith(starts))


def follow(paths: Paths, found: FeedList, feeds: Sequence[FollowedFeed], summary: str) -> FeedListReport:
    """Follow `feeds` of the list `found`, with their titles and folders. One change, which undo takes back."""
    refused = [without_passwords(reason) for reason in found.refused]
    new = 0
    known = 0
    with change(paths, summary) as made:
        followed = by_spelling(feed.url for feed in feeds_to_fetch(made.connection))
        for feed in feeds:
            try:
                url = feed_url(feed.url)
            except BadValue as error:
                refused.append(without_passwords(f"{feed.title}: {error}" if feed.title else str(error)))
                continue
            kept = followed.get(url, url)
            if feed_store.add(made, kept, feed.title, feed.folder):
                new += 1
            else:
                known += 1
            followed[url] = kept
    return FeedListReport(
        new=new, known=known, refused=tuple(refused), without_address=found.without_address, damage=found.damage
    )


def as_list(feeds: Iterable[Feed], *, with_passwords: bool) -> tuple[FollowedFeed, ...]:
    """What is followed, as a list has it. Lists are handed on, so passwords are left out but where they are wanted."""
    listed = (FollowedFeed(feed.url, feed.title, feed.folder) for feed in feeds)
    return tuple(listed) if with_passwords else tuple(replace(one, url=without_password(one.url)) for one in listed)
