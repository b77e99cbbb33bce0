"""How a diary entry stands, in a word. Pure."""

from __future__ import annotations

import re

from journal.types import EntryRow, EntryType

_TOKEN = re.compile(r'-?(?:\w+:)?"[^"]*"?|\S+')


def verdict_words(entry: EntryRow) -> str:
    """The verdict; of what is open, that it is, and of a question that it is answered."""
    if entry.verdict is not None:
        return entry.verdict
    if entry.is_open:
        return "open"
    return "answered" if entry.type is EntryType.question else ""


def with_types(filter_text: str) -> str:
    """A filter of the diary in which the word of a type, as its column shows it, finds that type, too."""
    return _TOKEN.sub(lambda token: _with_type(token[0]), filter_text)


def _with_type(word: str) -> str:
    name = word.removeprefix("-")
    if name.lower() not in EntryType.__members__:
        return word
    return f"{name}* OR type:{name}" if name == word else f"-{name} -type:{name}"
