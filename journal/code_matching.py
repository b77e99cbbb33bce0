"""Whether a piece of code still stands where it stood: the same, moved, changed or gone. Pure.

The text is looked for exactly first. Otherwise the stretch of the file is found that shares most words
with it, a rare word counting for more than a frequent one: that survives lines added, taken out, edited
and indented. Time grows with the length of the file; only the stretch that was found is compared line by line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum, auto
from math import log

_WORD = re.compile(r"[^\W\d]\w*|\d[\w.]*")
_LEAST_LIKENESS = 0.5  # of the weight of its words; below, it is other code
_LEAST_IN_PLACE = 0.35  # the same where it always stood
_MOST_SHOWN = 80  # lines of a difference
_CONTEXT = 1  # unchanged lines shown around a changed one


class Standing(StrEnum):
    """What became of the code that a pointer keeps."""

    same = auto()
    moved = auto()  # the same text in other lines, or in a renamed file
    changed = auto()
    gone = auto()  # the file, or the text in it
    away = auto()  # the repository is not on this machine


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a difference: `sign` is + for a new line (`number` in the file), - for an old one, else a blank."""

    sign: str
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """Where the text is now. `first` and `last` are lines from 1, None where it is gone."""

    standing: Standing
    first: int | None = None
    last: int | None = None
    difference: tuple[DiffLine, ...] = ()
    unshown: int = 0  # lines of the difference beyond those


def match(kept: Sequence[str], current: Sequence[str], first: int) -> Match:
    """Where `kept`, which began at line `first`, stands in a file whose lines are `current`."""
    length = len(kept)
    if list(current[first - 1 : first - 1 + length]) == list(kept):
        return Match(Standing.same, first, first + length - 1)
    exact = _nearest_exact(kept, current, first)
    if exact is not None:
        return Match(Standing.moved, exact, exact + length - 1)
    found = _most_alike(kept, current, first)
    if found is None:
        return Match(Standing.gone)
    start, end = _aligned(kept, current, *found)
    difference = list(_difference(kept, current[start:end], first, start + 1))
    return Match(
        Standing.changed,
        start + 1,
        end,
        tuple(difference[:_MOST_SHOWN]),
        max(0, len(difference) - _MOST_SHOWN),
    )


def _nearest_exact(kept: Sequence[str], current: Sequence[str], first: int) -> int | None:
    """The line where the same text begins nearest to where it stood; None where it is nowhere."""
    if not any(line.strip() for line in kept):
        return None
    text = "\n".join(["", *current, ""])
    wanted = "\n".join(["", *kept, ""])
    best: int | None = None
    line, counted_to, position = 1, 0, text.find(wanted)
    while position >= 0:
        line += text.count("\n", counted_to, position)
        counted_to = position
        if best is None or abs(line - first) <= abs(best - first):
            best = line
        else:
            break  # from here on they are further away
        position = text.find(wanted, position + 1)
    return best


def _most_alike(kept: Sequence[str], current: Sequence[str], first: int) -> tuple[int, int] | None:
    """The lines (from 0, the end not included) that share most with `kept`; None where nothing is like it."""
    wanted = Counter(word for line in kept for word in _WORD.findall(line))
    if not wanted or not current:
        return None
    hits = [[word for word in _WORD.findall(line) if word in wanted] for line in current]
    frequency = Counter(word for words in hits for word in words)
    total = sum(frequency.values()) + len(current)
    weight = {word: log(1 + total / max(1, frequency[word])) for word in wanted}
    whole = sum(weight[word] * count for word, count in wanted.items())

    length = min(len(current), len(kept) + len(kept) // 4)
    present: Counter[str] = Counter()
    score, best, best_score = 0.0, 0, -1.0
    in_place = 0.0
    for end, words in enumerate(hits, 1):
        for word in words:
            present[word] += 1
            score += weight[word] if present[word] <= wanted[word] else 0.0
        start = end - length
        if start > 0:
            for word in hits[start - 1]:
                score -= weight[word] if present[word] <= wanted[word] else 0.0
                present[word] -= 1
        if start < 0:
            continue
        if start == first - 1:
            in_place = score
        # Rounding adds up along a long file: as good is what is as good but for that.
        is_nearer = abs(start - first + 1) < abs(best - first + 1)
        if score > best_score + 1e-6 or (is_nearer and score > best_score - 1e-6):
            best, best_score = start, score
    if best_score >= _LEAST_LIKENESS * whole:
        return best, best + length
    if in_place >= _LEAST_IN_PLACE * whole:
        return first - 1, min(len(current), first - 1 + len(kept))
    return None


def _aligned(kept: Sequence[str], current: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """The stretch in lines that belong together: from where its first line is, or would be, to its last."""
    slack = len(kept) // 4 + 3
    low, high = max(0, start - slack), min(len(current), end + slack)
    old, new = [line.strip() for line in kept], [line.strip() for line in current[low:high]]
    blocks = [
        block
        for block in SequenceMatcher(None, old, new, autojunk=len(new) > 200).get_matching_blocks()
        if any(len(line) > 1 for line in old[block.a : block.a + block.size])
    ]
    if not blocks:
        return start, min(end, start + len(kept))
    first, last = blocks[0], blocks[-1]
    begins = max(0, low + first.b - first.a)
    after = len(old) - (last.a + last.size)
    ends = min(len(current), low + last.b + last.size + after)
    return begins, max(ends, begins + 1)


def _difference(kept: Sequence[str], now: Sequence[str], old_first: int, new_first: int) -> Iterator[DiffLine]:
    matcher = SequenceMatcher(None, kept, now, autojunk=len(now) > 200)
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                for number in range(new_start, new_end):
                    yield DiffLine(" ", new_first + number, now[number])
                continue
            for number in range(old_start, old_end):
                yield DiffLine("-", old_first + number, kept[number])
            for number in range(new_start, new_end):
                yield DiffLine("+", new_first + number, now[number])
