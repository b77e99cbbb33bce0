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
from tui.formatting import GAP, clipped, padded, printable, printable_line, shown_title, table_widths, width_of

if TYPE_CHECKING:
    from tui.documents import Document, Passage

_MOST_CELLS = 500  # of a title or a cell where the output goes elsewhere than to a terminal
_MOST_SNIPPET_LINES = 6
_MOST_ALIGNED = 60  # cells of a column where the output goes elsewhere
_MOST_INDENTED = 200  # elements of a list as JSON: indenting takes three times as long
_INDENT = " " * 4
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def as_json(value: object) -> Any:
    """A journal value as JSON carries it: refs as text, times as ISO 8601 UTC, NaN as null."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()  # a lone surrogate is no JSON
    if isinstance(value, Mapping):
        return {str(key): as_json(inner) for key, inner in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    if value is None or isinstance(value, int | float):
        return value
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
    if isinstance(value, Iterable):
        return [as_json(inner) for inner in value]
    return value


# JSON escapes the C0 controls; these others could still steer a terminal: C1, and changes of direction.
_STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def show_json(value: object) -> None:
    """One JSON document on stdout, safe on a terminal too; of a long list, each element is a line."""
    found = as_json(value)
    if isinstance(found, list) and len(found) > _MOST_INDENTED:
        lines = (json.dumps(each, ensure_ascii=False, allow_nan=False) for each in found)
        text = "[\n" + ",\n".join(lines) + "\n]"
    else:
        text = json.dumps(found, ensure_ascii=False, indent=2, allow_nan=False)
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


def prompt(text: str) -> None:
    """A part of a line on stderr, at once."""
    print(text, end="", file=sys.stderr, flush=True)


def show_plain(text: str) -> None:
    """A document of several lines: byte for byte into a file or a pipe, and made printable on a terminal."""
    show(printable(text, keeps_lines=True) if sys.stdout.isatty() else text)


def note_some(sentences: Sequence[str], most: int = 5) -> None:
    """The first of what was said about records, made printable, and how many more there are."""
    for sentence in sentences[:most]:
        note(printable(sentence[: 4 * _MOST_CELLS]))
    if len(sentences) > most:
        note(f"... and {len(sentences) - most:,} more")


def show_error(error: JournalError) -> None:
    """One sentence, and what to do about it."""
    print(f"journal: {printable(str(error))}", file=sys.stderr)
    if error.hint:
        print(f"  {printable(error.hint)}", file=sys.stderr)


def room() -> int | None:
    """Cells in a line of the terminal; None where the output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def short(text: str, *, after: str = "") -> str:
    """`text` made printable, in what `after` leaves of a line; elsewhere than on a terminal it may be longer."""
    columns = room()
    most = _MOST_CELLS if columns is None else max(1, columns - width_of(after))
    return clipped(printable(text[: 4 * _MOST_CELLS]), min(most, _MOST_CELLS))


def show_titled(ref: object, title: str, *, further: str = "") -> None:
    """An item in one line."""
    title = shown_title(ref, title[: 4 * _MOST_CELLS])
    show(f"{bold(str(ref))}  {short(title, after=f'{ref}  {further}')}{further}")


def show_snippet(snippet: str) -> None:
    """What a search found in an item, below it; nothing where that is empty."""
    from tui.snippets import snippet_lines

    columns = room()
    lines = snippet_lines(snippet, max(1, (_MOST_CELLS if columns is None else columns) - len(_INDENT)))
    for line in lines[: 1 if columns is None else _MOST_SNIPPET_LINES]:
        show(_INDENT + "".join(bold(text) if matched else text for text, matched in line))


def show_table(
    headers: Sequence[str], rows: Iterable[Sequence[str]], *, grows: int = -1, spare: Sequence[int] = ()
) -> None:
    """Aligned columns; on a terminal `grows` and `spare` say what gives way (see `table_widths`).

    Cells are made printable here, so text from outside may be passed as it is.
    """
    cells = [[clipped(printable(cell[: 4 * _MOST_CELLS]), _MOST_CELLS) for cell in row] for row in rows]
    widths = [
        max(width_of(header), *(width_of(row[column]) for row in cells)) if cells else width_of(header)
        for column, header in enumerate(headers)
    ]
    columns = room()
    if columns is not None:
        widths = table_widths(widths, columns, grows=grows, spare=spare)
    show(dim(_in_columns(headers, widths)))
    for row in cells:
        show(_in_columns(row, widths))


def _in_columns(cells: Sequence[str], widths: Sequence[int]) -> str:
    shown = [padded(cell, width) for cell, width in zip(cells, widths, strict=True) if width]
    return (" " * GAP).join(shown).rstrip()


def show_document(document: Document) -> None:
    """An item as it is read, line by line as in the interface; texts are made printable here."""
    from tui.documents import Abstract, Code, Facts, InShort, Links, Names, Prose, Table, Title, link_label

    is_first = True
    for block in document.blocks:
        lines: list[str] = []
        heading = "" if isinstance(block, Title | Names | Facts | InShort | Abstract) else block.heading
        if isinstance(block, Title):
            lines = [bold(printable(block.text))]
        elif isinstance(block, Names):
            lines = [printable(block.names.text)]
        elif isinstance(block, InShort):
            continue  # all of the abstract is printed, with the same marks
        elif isinstance(block, Abstract):
            heading = f"Abstract{_legend(block.passage)}"
            lines = [_styled(block.passage)] if block.passage.text else []
        elif isinstance(block, Facts):
            lines = [" · ".join(printable(text) for text, _ in block.facts if text)]
        elif isinstance(block, Prose):
            lines = [printable(block.text.strip(), keeps_lines=True)]
        elif isinstance(block, Links):
            rows = [
                (link_label(link), str(link.ref), shown_title(link.ref, link.title[: 4 * _MOST_CELLS]))
                for link in block.links
            ]
            lines = [clipped(line, _MOST_CELLS) for line in _aligned(rows)]
        elif isinstance(block, Table):
            lines = _aligned(block.rows)
        elif isinstance(block, Code):
            width = max((len(line.label) for line in block.lines), default=0)
            lines = [f"{line.label:>{width}}  {printable_line(line.text)}".rstrip() for line in block.lines]
        if not any(lines):
            continue
        if not isinstance(block, Names | Facts) and not is_first:
            show()
        if heading:
            show(dim(heading))
        for line in lines:
            show(line)
        is_first = False


def _legend(passage: Passage) -> str:
    """What bold means in an abstract, where anything is."""
    return (
        "  bold, by rule: what is new, and the figures of results" if has_colour(sys.stdout) and passage.marks else ""
    )


def _styled(passage: Passage) -> str:
    """A text with its contributions and figures in bold; what is not on a terminal is the text alone."""
    from journal.marks import MarkRole, pieces_of

    text = printable(passage.text, keeps_lines=True)
    if text != passage.text or not has_colour(sys.stdout):
        return text
    strong = {MarkRole.contribution, MarkRole.number}
    pieces = pieces_of(len(text), [mark for mark in passage.marks if mark.role in strong])
    return "".join(bold(text[one.start : one.end]) if one.roles else text[one.start : one.end] for one in pieces)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as their widest cell, within bounds; the last is left as it is.

    A longer cell is cut on a terminal, and elsewhere stands out of its column, whole.
    """
    cells = [[printable(cell) for cell in row] for row in rows]
    if not cells:
        return []
    columns = room()
    most = _MOST_ALIGNED if columns is None else max(1, columns // 2)
    widths = [min(most, max(width_of(row[column]) for row in cells)) for column in range(len(cells[0]) - 1)]
    filled = _filled if columns is None else padded
    return ["  ".join([*map(filled, row[:-1], widths), row[-1]]) for row in cells]


def _filled(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))


def bold(text: str) -> str:
    return f"{_BOLD}{text}{_PLAIN}" if has_colour(sys.stdout) else text


def dim(text: str) -> str:
    return f"{_DIM}{text}{_PLAIN}" if has_colour(sys.stdout) else text


def has_colour(stream: TextIO) -> bool:
    """NO_COLOR (no-color.org), a dumb terminal or a pipe mean none."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
