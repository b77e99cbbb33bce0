"""How much of a feed is read, decided on its bytes: feedparser takes 25 microseconds and a kilobyte for each element.

The limit on bytes alone would leave it minutes of work: 16 MiB hold four million elements.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from xml.parsers import expat

MOST_ITEMS = 5_000  # of one feed; arXiv's hold 2,000 at most, the archive of a busy blog some thousand
MOST_ELEMENTS = 300_000  # starts and ends: twice what 5,000 items of arXiv hold, and ten seconds' work at the most
MOST_ATTRIBUTES = 200  # of one element: feedparser looks for each among all
MOST_JSON_PARTS = 1_000_000  # braces, brackets and commas
_FEW_ATTRIBUTES = 2_000  # equals signs in a document that needs no look
_ITEM = re.compile(rb"<(?:[A-Za-z][\w.-]{0,40}:)?(?:item|entry)(?=[\s/>])", re.IGNORECASE)
_ITEM_END = re.compile(rb"</(?:[A-Za-z][\w.-]{0,40}:)?(?:item|entry)\s{0,10}>", re.IGNORECASE)
_TAIL = 4_096  # bytes at the end in which the last item may end
_CDATA = re.compile(rb"<!\[CDATA\[.*?\]\]>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Bounded:
    """The part of a document that is read; `left_out` counts the items that are not in it."""

    data: bytes
    left_out: int = 0


def first_items(data: bytes) -> Bounded:
    """`data` without what comes after its first MOST_ITEMS items, whole as a document where it was."""
    if data.count(b"<") <= MOST_ITEMS:
        return Bounded(data)
    starts = [match.start() for match in _ITEM.finditer(data)]
    if len(starts) <= MOST_ITEMS:
        return Bounded(data)
    ends = [match.end() for match in _ITEM_END.finditer(data, max(starts[-1], len(data) - _TAIL))]
    end_of_last = ends[-1] if ends else data.find(b">", starts[-1]) + 1 or len(data)
    return Bounded(data[: starts[MOST_ITEMS]] + data[end_of_last:], len(starts) - MOST_ITEMS)


def has_too_many_elements(data: bytes) -> bool:
    """Whether there is more markup than a feed has; what stands in CDATA is text."""
    if data.count(b"<") <= MOST_ELEMENTS:
        return False
    return _CDATA.sub(b"", data).count(b"<") > MOST_ELEMENTS


def has_too_many_attributes(data: bytes) -> bool:
    """Whether an element has more than MOST_ATTRIBUTES; after the first mistake in the document nobody looks."""
    if data.count(b"=") <= _FEW_ATTRIBUTES:
        return False
    most = 0

    def start(_: str, attributes: list[str]) -> None:
        nonlocal most
        most = max(most, len(attributes) // 2)

    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartElementHandler = start
    with suppress(expat.ExpatError):
        parser.Parse(data, True)
    return most > MOST_ATTRIBUTES


def has_too_many_json_parts(content: bytes) -> bool:
    return sum(content.count(mark) for mark in (b"{", b"[", b",")) > MOST_JSON_PARTS


def refusals_of(left_out: int) -> tuple[str, ...]:
    """For each item that was left out, why."""
    return (f"the items after the first {MOST_ITEMS:,}: so many are no news",) * left_out
