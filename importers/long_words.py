"""Words of absurd length, cut before feedparser sees them: its search for an e-mail address is quadratic.

A picture in a data: address, a dump of digits or an endless link shall not cost the reader the whole feed.
"""

from __future__ import annotations

import re

CUT = "...cut"  # stands behind what was cut; of letters and dots, so that XML stays well-formed wherever it falls
LONGEST_WORD = 2_000  # bytes, as long as the longest link that is kept
_LEFT = 250  # bytes of a word that is cut
_WORD_FROM = re.compile(rb"[\w.+-]*+")
_WORD_UP_TO = re.compile(rb"[\w.+-]*+\Z")
_MOST_COST = 400_000_000  # sum of the squares of the lengths: a second or two where all of them name authors


def without_long_words(data: bytes) -> bytes:
    """`data` with each word above LONGEST_WORD cut, and where there are very many, those above 500 bytes too.

    A word of 500 bytes has 250 of them behind one of every 250 bytes, so the others need no look: reading
    every word would take a tenth of the time that the whole feed takes.
    """
    pieces: list[bytes] = []
    copied, cost, end = 0, 0, 0
    for position in range(0, len(data), _LEFT):
        if position < end:
            continue
        match = _WORD_FROM.match(data, position)
        end = match.end() if match else position
        if end - position < _LEFT:
            continue
        start = position - _letters_before(data, position)
        length = end - start
        if length > LONGEST_WORD or cost + length**2 > _MOST_COST:
            pieces += (data[copied : start + _LEFT], CUT.encode())
            copied, length = end, _LEFT
        cost += length**2
    return b"".join((*pieces, data[copied:])) if pieces else data


def _letters_before(data: bytes, position: int) -> int:
    match = _WORD_UP_TO.search(data[max(0, position - _LEFT) : position])
    return len(match[0]) if match else 0
