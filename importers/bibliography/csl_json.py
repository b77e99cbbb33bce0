"""CSL-JSON, and JSON as Zotero itself and Better BibTeX write it: each record in turn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from importers.bibliography import zotero
from importers.bibliography.record import RawRecord, refusal
from journal import csl

MOST_BRACKETS = 2_000_000  # an item of Zotero has about sixty
MOST_COMMAS = 6_000_000  # in texts, too: abstracts have them


def read(text: str) -> Iterator[RawRecord | str]:
    """Each record, or a refusal with position, key and reason. Raises ValueError where the JSON is no bibliography."""
    if text.count("{") + text.count("[") > MOST_BRACKETS or text.count(",") > MOST_COMMAS:
        raise ValueError(f"holds more than {MOST_BRACKETS:,} lists and objects, or {MOST_COMMAS:,} commas")
    try:
        # int() refuses endless numbers by an exception; no volume is one.
        document = json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < 20 else digits)
    except RecursionError:
        raise ValueError("is JSON that is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"is damaged JSON: {error.msg} in line {error.lineno}") from None
    entries, paths = _entries(document)
    for number, entry in enumerate(entries, start=1):
        position = f"record {number}"
        if not isinstance(entry, dict):
            yield refusal(position, "", "not a JSON object")
            continue
        try:
            if (fields := zotero.fields_of(entry)) is not None:
                yield zotero.record(fields, position, paths)
            else:
                yield _record(entry, position)
        except ValueError as error:
            yield refusal(position, str(entry.get("citationKey") or entry.get("id") or ""), str(error))


def _entries(document: Any) -> tuple[list[Any], dict[int, tuple[str, ...]]]:
    """The records of a document, and for Zotero the collections of each item."""
    if isinstance(document, list):
        return document, {}
    if isinstance(document, dict):
        for name in ("items", "references"):
            if isinstance(document.get(name), list):
                return document[name], zotero.collections(document)
        if "type" in document or "itemType" in document:
            return [document], {}
    raise ValueError("is JSON, but no list of publications")


def _record(entry: csl.Item, position: str) -> RawRecord:
    key = entry.get("citation-key") or entry.get("id") or ""
    if not any(name in csl.TEXTS or name in csl.NAMES for name in entry):
        raise ValueError("not a publication")
    return RawRecord(position, entry, key=str(key) if isinstance(key, str | int) else "")
