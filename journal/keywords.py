"""Keywords in one text: between commas, or between semicolons where there is no comma; braces hold one together."""

from __future__ import annotations

from collections.abc import Iterable


def keywords_of(text: str) -> tuple[str, ...]:
    """The keywords of `text`, without the braces."""
    return tuple(part.replace("{", "").replace("}", "").strip() for part in parts_of(text))


def parts_of(text: str) -> list[str]:
    """The parts between separators, braces and all; TeX in them stays whole."""
    parts: list[str] = []
    separator = "," if "," in text else ";"
    depth = start = 0
    for position, character in enumerate(text):
        if character == "{":
            depth += 1
        elif character == "}":
            depth = max(0, depth - 1)
        elif character == separator and not depth:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]


def joined(words: Iterable[str]) -> str:
    """One text that `keywords_of` takes apart into these words."""
    return ", ".join(f"{{{word}}}" if "," in word or ";" in word else word for word in words)


def tag_of(keyword: str) -> str:
    """The keyword as a tag, which is one word in lower case: `deep-learning`. Empty where nothing of it can be one."""
    shown = "".join(character if character.isprintable() else " " for character in keyword.lower())
    return "-".join(shown.split()).lstrip("#+-")


def still_meant(keywords: Iterable[str], tags: Iterable[str]) -> tuple[str, ...]:
    """The keywords that a record came with, without those whose tags were taken away since, then the tags added."""
    present = list(tags)
    kept = tuple(word for word in keywords if not tag_of(word) or tag_of(word) in present)
    told = {tag_of(word) for word in kept}
    return (*kept, *(tag for tag in sorted(present) if tag not in told))
