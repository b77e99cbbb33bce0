"""The only place that prints: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from journal.clock import iso
from journal.errors import JournalError
from tui.formatting import padded, printable, width_of

if TYPE_CHECKING:
    from tui.documents import Document

_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def as_json(value: object) -> Any:
    """A journal value as JSON carries it: refs as text, times as ISO 8601 UTC, NaN as null."""
    from journal.types import Ref  # only JSON needs the types, and help should not wait for them

    if isinstance(value, Ref):
        return str(value)
    if is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): as_json(inner) for key, inner in value.items()}
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()  # a lone surrogate is no JSON
    if isinstance(value, Iterable):
        return [as_json(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value


# JSON escapes the C0 controls; these others could still steer a terminal: C1, and changes of direction.
_STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def show_json(value: object) -> None:
    """One JSON document on stdout, safe on a terminal too."""
    text = json.dumps(as_json(value), ensure_ascii=False, indent=2, allow_nan=False)
    show(_STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


def show(text: str = "") -> None:
    """A result, as it is; whoever passes text from outside makes it printable first."""
    try:
        print(text)
    except BrokenPipeError:
        end_unread()


def end_unread() -> NoReturn:
    """End as the system ends a program whose reader, such as `head`, has what it wants."""
    sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the process ends
    sys.exit(128 + signal.SIGPIPE)


def note(text: str) -> None:
    """Something beside the result."""
    print(text, file=sys.stderr)


def show_error(error: JournalError) -> None:
    """One sentence, and what to do about it."""
    print(f"journal: {printable(str(error))}", file=sys.stderr)
    if error.hint:
        print(f"  {printable(error.hint)}", file=sys.stderr)


def show_table(headers: Sequence[str], rows: Iterable[Sequence[str]], *, grows: int = -1) -> None:
    """Aligned columns; on a terminal the column `grows` is cut to what is left of the line.

    Cells are made printable here, so text from outside may be passed as it is.
    """
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [
        max(width_of(header), *(width_of(row[column]) for row in cells)) if cells else width_of(header)
        for column, header in enumerate(headers)
    ]
    if sys.stdout.isatty():
        taken = sum(widths) + 2 * (len(widths) - 1)
        spare = shutil.get_terminal_size().columns - taken
        widths[grows] = max(12, widths[grows] + min(0, spare))
    show(dim("  ".join(map(padded, headers, widths)).rstrip()))
    for row in cells:
        show("  ".join(map(padded, row, widths)).rstrip())


def show_document(document: Document) -> None:
    """An item as it is read, line by line as in the interface; texts are made printable here."""
    from tui.documents import Facts, Links, Prose, Table, Title, link_label

    is_first = True
    for block in document.blocks:
        lines: list[str] = []
        heading = "" if isinstance(block, Title | Facts) else block.heading
        if isinstance(block, Title):
            lines = [bold(printable(block.text))]
        elif isinstance(block, Facts):
            lines = [" · ".join(printable(text) for text, _ in block.facts if text)]
        elif isinstance(block, Prose):
            lines = [printable(block.text.strip(), keeps_lines=True)]
        elif isinstance(block, Links):
            rows = [(link_label(link), str(link.ref), link.title) for link in block.links]
            lines = _aligned(rows)
        elif isinstance(block, Table):
            lines = _aligned(block.rows)
        if not any(lines):
            continue
        if not isinstance(block, Facts) and not is_first:
            show()
        if heading:
            show(dim(heading))
        for line in lines:
            show(line)
        is_first = False


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as their widest cell; the last is left as it is."""
    cells = [[printable(cell) for cell in row] for row in rows]
    if not cells:
        return []
    widths = [max(width_of(row[column]) for row in cells) for column in range(len(cells[0]))]
    return ["  ".join([*map(padded, row[:-1], widths), row[-1]]) for row in cells]


def bold(text: str) -> str:
    return f"{_BOLD}{text}{_PLAIN}" if has_colour(sys.stdout) else text


def dim(text: str) -> str:
    return f"{_DIM}{text}{_PLAIN}" if has_colour(sys.stdout) else text


def has_colour(stream: TextIO) -> bool:
    """NO_COLOR (no-color.org), a dumb terminal or a pipe mean none."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
