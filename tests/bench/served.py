"""Twenty feeds of 200 items as arXiv's RSS is, from one server on 127.0.0.1, with an ETag each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import corpus
from tests.standins import Reply, StandIn

FEEDS, ITEMS = 20, 200


@contextmanager
def twenty_feeds(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """The server's address and those of its feeds; the same documents lie in `folder`, which is made."""
    folder.mkdir()
    bodies = {
        f"/rss/cs.{number:02}": corpus.feed_xml(f"cs.{number:02}", number * ITEMS, ITEMS) for number in range(FEEDS)
    }
    for path, body in bodies.items():
        (folder / f"{path.rpartition('/')[2]}.xml").write_bytes(body)
    with StandIn({path: Reply(body, etag=f'"{len(body)}"') for path, body in bodies.items()}) as server:
        base = server.url().rstrip("/")
        yield base, [f"{base}{path}" for path in bodies]
