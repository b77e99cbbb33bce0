"""A place in code: how a person names it, what of it is kept, and what it is called. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from journal.errors import BadValue

MOST_LINES = 2_000
MOST_CHARACTERS = 100_000  # of the text that is kept: it is read in a terminal, and indexed
_LONGEST_PATH = 44  # characters of a path in a title, so that the lines can be seen beside it

_WITH_LINES = re.compile(r"(?P<path>.+?):(?P<first>\d{1,9})(?:-(?P<last>\d{1,9}))?:?", re.ASCII | re.DOTALL)
# What begins a definition in the languages that networks are written in; C, whose functions begin with
# their type, is left out: a wrong name is worse than none.
_DEFINITION = re.compile(
    r"(?P<indent>\s*)(?:(?:export|default|pub(?:\([^)]*\))?|async|static|public|private|abstract|unsafe)\s+)*"
    r"(?P<said>(?:def|class|function|fn|func|struct|enum|trait|impl|interface|module)(?:\s+\([^)]*\))?\s+[\w.$!?]+)"
)
_SCP_ADDRESS = re.compile(r"(?:[^@/:\s]+@)?(?P<host>[\w.-]{2,}):(?P<path>(?!//).+)")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^@/]*@)?(?P<host>[^/:]*)(?::\d+)?/(?P<path>.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """A file by its name, and the lines, counted from 1; None: the whole file."""

    path: str
    first: int | None = None
    last: int | None = None


def places_named(text: str) -> Iterator[Place]:
    """What `text` may name, the likeliest first: a file name may itself end as lines do.

    `train.py`, `train.py:40`, `train.py:40-60`, and `train.py:40:`, as grep prints it.
    """
    yield Place(text)
    if match := _WITH_LINES.fullmatch(text):
        first = int(match["first"])
        yield Place(match["path"], first, int(match["last"] or first))


def chosen_lines(place: Place, lines: Sequence[str]) -> tuple[int, int]:
    """The first and last line that `place` means in a file of these lines. Raises BadValue in a sentence."""
    name = place.path
    if not lines:
        raise BadValue(f"{name} is empty: there is nothing to point at.")
    first, last = place.first or 1, place.last or len(lines)
    if place.first == 0 or place.last == 0:
        raise BadValue("Lines are counted from 1.")
    if last < first:
        raise BadValue(f"{first}-{last} runs backwards.", hint=f"Write {name}:{last}-{first}.")
    if last > len(lines):
        raise BadValue(f"{name} has {len(lines):,} lines; there is no line {last:,}.")
    if last - first >= MOST_LINES:
        raise BadValue(
            f"{name}: {last - first + 1:,} lines are too many; a pointer keeps at most {MOST_LINES:,}.",
            hint=f"Name the lines, such as {name}:{first}-{first + 40}.",
        )
    characters = sum(len(line) + 1 for line in lines[first - 1 : last])
    if characters > MOST_CHARACTERS:
        raise BadValue(
            f"{name}: {characters:,} characters are too many; a pointer keeps at most {MOST_CHARACTERS:,}.",
            hint=f"Name fewer lines, such as {name}:{first}.",
        )
    return first, last


def lines_of(text: str) -> list[str]:
    """The lines of a text as editors count them, whatever ends them."""
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def enclosing_definition(lines: Sequence[str], first: int, last: int) -> str:
    """`def train_step`: what begins at the first line, else what it stands in, else what begins below; or ''.

    By indentation alone: the nearest line above that is indented less and begins a definition.
    """
    chosen = [(number, line) for number, line in enumerate(lines[first - 1 : last], first) if line.strip()]
    decorators = ("@", "#", "//")
    start = next(((number, line) for number, line in chosen if not line.strip().startswith(decorators)), None)
    if start is None:
        return ""
    number, line = start
    if match := _DEFINITION.match(line):
        return _said(match)
    indent = _indent(line)
    for above in reversed(lines[: number - 1]):
        if above.strip() and _indent(above) < indent:
            if match := _DEFINITION.match(above):
                return _said(match)
            indent = _indent(above)
    return next((_said(match) for _, line in chosen if (match := _DEFINITION.match(line))), "")


def _indent(line: str) -> int:
    return len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())


def _said(match: re.Match[str]) -> str:
    return " ".join(match["said"].split())[:80]


def lines_told(first: int, last: int) -> str:
    """`40-60`, or `40` for a single line."""
    return f"{first}" if first == last else f"{first}-{last}"


def pointer_title(path: str, first: int, last: int, definition: str) -> str:
    """`train.py:40-60 def train_step`; of a long path the end."""
    shown = path
    parts = PurePosixPath(path).parts
    while len(shown) > _LONGEST_PATH and len(parts) > 1:
        parts = parts[1:]
        shown = f"…/{'/'.join(parts)}"
    return f"{shown}:{lines_told(first, last)} {definition}".strip()


def pointer_extra(path: str, text: str) -> str:
    """What a pointer is found by besides its title and note."""
    return f"{path}\n{text}"


def same_remote(one: str, other: str) -> bool:
    """Whether two addresses are of one repository, over whichever protocol, by whichever user."""
    return bool(one) and _bare_remote(one) == _bare_remote(other)


def _bare_remote(address: str) -> str:
    match = _URL.fullmatch(address) or _SCP_ADDRESS.fullmatch(address)
    if match is None:
        return address.rstrip("/").removesuffix(".git")
    path = match["path"].strip("/").removesuffix(".git")
    return f"{match['host'].lower()}/{path}"
