"""The words of a command as a filter of runs. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def filter_text(words: Sequence[str]) -> str:
    """What the shell handed over as one word is one condition: `'seed=3 or seed=4' lr<1` narrows both seeds."""
    if len(words) < 2:
        return " ".join(words)
    return " ".join(f"({word})" if _is_group(word) else word for word in words)


def _is_group(word: str) -> bool:
    """Whether it has several terms and stands by itself: parentheses around it would not cut into anything."""
    if not any(map(str.isspace, word)) or word.count('"') % 2:
        return False
    depth, ends_at = 0, []
    for place, character in enumerate(word):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            return False
        if depth == 0:
            ends_at.append(place)
    return depth == 0 and ends_at != [len(word) - 1]  # else it has parentheses around it, as in lr in '(0.1, 0.3)'
