"""The papers that ship with the program, in our own words: those of the demo, the experiments' own among them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from journal.ids import parse_arxiv_id, parse_doi
from journal.paths import bundled_data
from journal.types import PaperDraft


def records() -> list[dict[str, Any]]:
    """Each with title, abstract, authors, `state`, and an `id` (arXiv), a `doi` or a `url`."""
    text = (bundled_data() / "demo" / "papers.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def name_of(record: dict[str, Any]) -> str:
    """What a person would call the paper by."""
    return str(record.get("id") or record.get("doi") or record["url"])


def draft_of(record: dict[str, Any]) -> PaperDraft:
    published = record.get("published")
    return PaperDraft(
        title=record["title"],
        abstract=record["abstract"],
        authors=tuple(record["authors"]),
        arxiv_id=parsed.id if (parsed := parse_arxiv_id(record.get("id", ""))) else None,
        doi=parse_doi(record.get("doi", "")),
        url=None if record.get("id") or record.get("doi") else record["url"],
        categories=tuple(record.get("categories", ())),
        published_at=datetime.fromisoformat(f"{published}T00:00:00+00:00") if published else None,
        announced_on=date.fromisoformat(published) if published else None,
    )


def drafts_named(names: Iterable[str]) -> list[PaperDraft]:
    """Those of the bundled papers that go by one of `names` (arXiv ids or DOIs)."""
    wanted = set(names)
    return [draft_of(record) for record in records() if name_of(record) in wanted]
