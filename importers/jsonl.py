"""Papers from a file of JSON lines, gzipped or not: one object a line, whatever is damaged refused by its line.

Keys: `id` (arXiv), `doi` or `url`, of which one must be there; `title`; and where known `abstract`, `authors`,
`categories` (primary first) or `listed_under`, `announced` (day of the listing), `date` (of the first version),
`comment`, `journal_ref`, `code_url`. Others are left alone.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from importers.parsed_feed import TITLE_LENGTH, believable, is_believable
from importers.text import clean_address, clean_line, clean_tex, shortened
from journal.errors import NotFound, SourceError
from journal.ids import ArxivId, parse_arxiv_id, parse_doi
from journal.types import PaperDraft

LONGEST_LINE = 4 * 1024 * 1024  # bytes; one author list of 3,000 names is 60 kB
_GZIP = b"\x1f\x8b"
_BUFFER = 128 * 1024  # bytes


def require_file(file: Path) -> None:
    """Raise NotFound or SourceError where `file` surely cannot be read; a pipe is not opened for that."""
    try:
        if not file.exists() or file.is_dir():
            raise NotFound(f"There is no file {file}.")
        if file.is_file():
            file.open("rb").close()
    except OSError as error:
        raise SourceError(f"{file} cannot be read: {error.strerror or error}.") from error


def read_papers(
    file: Path, advance: Callable[[int], None] = lambda bytes_read: None
) -> Iterator[tuple[int, PaperDraft | str]]:
    """(line number, the paper or the reason why it is refused) for each line that is not empty.

    `file` may be a pipe: it is read once, from its start. `advance` is told how many bytes were read since
    it was told last. Raises NotFound or SourceError where the file cannot be opened; damage further on is a
    refusal like any other, the last.
    """
    try:
        with file.open("rb", buffering=0) as raw:
            source = _Source(raw)
            lines = io.BufferedReader(source, _BUFFER)
            is_gzipped = lines.peek(2)[:2] == _GZIP
            yield from _papers(gzip.GzipFile(fileobj=lines) if is_gzipped else lines, source, advance)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise NotFound(f"There is no file {file}.") from error
    except OSError as error:
        raise SourceError(f"{file} cannot be read: {error.strerror or error}.") from error


class _Source(io.RawIOBase):
    """A file or a pipe whose bytes are counted as they come: a pipe cannot be asked where it stands."""

    def __init__(self, raw: io.FileIO) -> None:
        self._raw = raw
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = self._raw.readinto(buffer)
        # A pipe may give a single byte, and two tell whether it is compressed.
        while not self.count and size == 1 and (more := self._raw.readinto(memoryview(buffer)[1:])):
            size += more
        self.count += size
        return size


def _papers(
    lines: io.BufferedIOBase, source: _Source, advance: Callable[[int], None]
) -> Iterator[tuple[int, PaperDraft | str]]:
    number, told = 0, 0
    while True:
        number += 1
        try:
            line = lines.readline(LONGEST_LINE)
            is_too_long = len(line) == LONGEST_LINE and not line.endswith(b"\n")
            if is_too_long:
                _pass_over(lines)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            yield number, f"line {number}: the compressed data is damaged from here on ({error})"
            return
        if not line:
            advance(source.count - told)
            return
        if number % 256 == 0:
            advance(source.count - told)
            told = source.count
        if is_too_long:
            yield number, f"line {number}: longer than {LONGEST_LINE:,} bytes"
        elif not line.isspace():
            yield number, _paper(line, number)


def _pass_over(lines: io.BufferedIOBase) -> None:
    """The rest of a line that is too long, a piece at a time."""
    while (piece := lines.readline(LONGEST_LINE)) and not piece.endswith(b"\n"):
        pass


def _paper(line: bytes, number: int) -> PaperDraft | str:
    try:
        record = json.loads(line)
    except UnicodeDecodeError:
        return f"line {number}: not UTF-8"
    except json.JSONDecodeError as error:
        return f"line {number}: not JSON ({error.msg})"
    except RecursionError:
        return f"line {number}: nested too deeply"
    except ValueError:  # Python's int() takes no more digits: it needs quadratic time
        return f"line {number}: a number of more than {sys.get_int_max_str_digits():,} digits"
    if not isinstance(record, dict):
        return f"line {number}: not a JSON object"
    try:
        return draft_of(record)
    except ValueError as error:
        return f"line {number}: {error}"


def draft_of(record: dict[str, Any]) -> PaperDraft:
    """The paper that a record describes. Raises ValueError with the reason where it describes none."""
    title = shortened(clean_tex(_text(record, "title")), TITLE_LENGTH)
    if not title:
        raise ValueError("no title")
    address, doi = _text(record, "url"), parse_doi(clean_line(_text(record, "doi")))
    named = _arxiv_id(_text(record, "id"), address, doi or "")
    # Most files name the paper's own page; looking closer at each would cost a fifth of reading it.
    is_own_page = named is not None and (address.endswith(named.id) or parse_arxiv_id(address) is not None)
    url = None if is_own_page else clean_address(address)
    if named is None and doi is None and url is None:
        raise ValueError("no arXiv id, DOI or web address")
    return PaperDraft(
        title=title,
        abstract=clean_tex(_text(record, "abstract")),
        authors=tuple(filter(None, map(clean_tex, _texts(record, "authors")))),
        arxiv_id=named.id if named else None,
        version=named.version if named else None,
        doi=doi if named is None or doi is None or not parse_arxiv_id(doi) else None,
        url=url,
        categories=_categories(record),
        published_at=_moment(_text(record, "date")),
        announced_on=_day(_text(record, "announced")),
        comment=clean_tex(_text(record, "comment")),
        journal_ref=clean_tex(_text(record, "journal_ref")),
        code_url=clean_address(_text(record, "code_url")),
    )


def _arxiv_id(*texts: str) -> ArxivId | None:
    """The arXiv id that the first of these texts tells; pages and DOIs of arXiv tell it too."""
    return next((named for text in texts if text and (named := parse_arxiv_id(text))), None)


def _categories(record: dict[str, Any]) -> tuple[str, ...]:
    listed = (*_texts(record, "categories"), _text(record, "listed_under"))
    return tuple(dict.fromkeys(word for text in listed for word in clean_line(text).split()))


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return believable(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if is_believable(day) else None


def _text(record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{key!r} is not a text")
    return value


def _texts(record: dict[str, Any], key: str) -> tuple[str, ...]:
    value = record.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise ValueError(f"{key!r} is not a list of texts")
    return tuple(value)
