"""What the measurements run on: real papers where this machine has them, else made-up ones of their size."""

from __future__ import annotations

import gzip
import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path

SHARED_PAPERS = Path(__file__).resolve().parents[3] / "shared" / "data" / "papers" / "papers_60k.jsonl.gz"
RARE, FREQUENT = "zqxrare", "network"


def papers_file(folder: Path, count: int) -> Path:
    """`count` papers as JSON lines. The word RARE is in one of 500, FREQUENT in most."""
    file = folder / f"papers-{count}.jsonl"
    with file.open("w", encoding="utf-8") as opened:
        for position, record in enumerate(itertools.islice(_records(), count)):
            words = f" {FREQUENT}" if position % 3 else ""
            words += f" {RARE}" if position % 500 == 0 else ""
            opened.write(json.dumps({**record, "abstract": f"{record['abstract']}{words}"}) + "\n")
    return file


def _records() -> Iterator[dict[str, object]]:
    """Endless papers: the real ones over and over under new ids, or made-up ones."""
    for lap in itertools.count():
        for position, record in enumerate(_real_papers() if SHARED_PAPERS.is_file() else _made_up_papers()):
            yield {**record, "id": f"{10 + lap:02}{1 + position // 99_999 % 12:02}.{position % 99_999:05}", "url": None}


def _real_papers() -> Iterator[dict[str, object]]:
    with gzip.open(SHARED_PAPERS, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _made_up_papers() -> Iterator[dict[str, object]]:
    random_ = random.Random(7)
    vocabulary = [f"word{number}" for number in range(20_000)]
    weights = [1 / (rank + 1) for rank in range(len(vocabulary))]
    for _ in range(60_000):
        words = random_.choices(vocabulary, weights, k=160)
        yield {
            "title": " ".join(words[:9]),
            "abstract": " ".join(words[9:]),
            "authors": [f"Author {word}" for word in words[:4]],
            "categories": ["cs.LG"],
            "announced": "2026-11-20",
        }


def feed_xml(category: str, first: int, items: int = 200) -> bytes:
    """One day of an arXiv category as its RSS is; the word RARE is in the first paper."""
    entries = []
    for number, record in enumerate(itertools.islice(_records(), first, first + items)):
        arxiv_id = f"2611.{first + number:05}"
        abstract = f"{record['abstract']}{f' {RARE}' if number == 0 else ''}"
        authors = ", ".join(map(str, record["authors"]))  # type: ignore[call-overload]
        entries.append(
            f"<item><title>{_escaped(record['title'])}</title><link>https://arxiv.org/abs/{arxiv_id}</link>"
            f"<description>arXiv:{arxiv_id}v1 Announce Type: new \nAbstract: {_escaped(abstract)}</description>"
            f'<guid isPermaLink="false">oai:arXiv.org:{arxiv_id}v1</guid><category>{category}</category>'
            "<pubDate>Fri, 20 Nov 2026 00:00:00 -0500</pubDate><arxiv:announce_type>new</arxiv:announce_type>"
            "<dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>"
            f"<dc:creator>{_escaped(authors)}</dc:creator></item>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss xmlns:arxiv="http://arxiv.org/schemas/atom" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel>'
        f"<title>{category} updates on arXiv.org</title><link>http://rss.arxiv.org/rss/{category}</link>"
        "<lastBuildDate>Fri, 20 Nov 2026 05:00:00 +0000</lastBuildDate>"
        f"<pubDate>Fri, 20 Nov 2026 00:00:00 -0500</pubDate>{''.join(entries)}</channel></rss>"
    ).encode()


def _escaped(text: object) -> str:
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
