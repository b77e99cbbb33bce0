"""The papers that ship with the program, in our own words: those of the demo, the experiments' own among them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

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
    """As any file of papers is read. The page of a DOI says nothing that the DOI does not."""
    from importers.jsonl import draft_of as read

    day = record.get("published", "")
    return read({**record, "url": "" if record.get("doi") else record.get("url", ""), "date": day, "announced": day})


def drafts_named(names: Iterable[str]) -> list[PaperDraft]:
    """Those of the bundled papers that go by one of `names` (arXiv ids or DOIs)."""
    wanted = set(names)
    return [draft_of(record) for record in records() if name_of(record) in wanted]
