"""Papers from a file of JSON lines, gzipped or not: one object a line, whatever is damaged refused by its line.

Keys: `id` (arXiv), `doi` or `url`, of which one must be there; `title`; and where known `abstract`, `authors`,
`categories` (primary first) or `listed_under`, `announced` (day of the listing), `date` (of the first version),
`comment`, `journal_ref`, `code_url`. Others are left alone.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from importers.given_files import DAMAGED, GivenFile, opened
from importers.parsed_feed import TITLE_LENGTH, believable, is_believable
from importers.text import clean_address, clean_line, clean_tex, shortened
from journal.ids import ArxivId, parse_arxiv_id, parse_doi
from journal.types import PaperDraft

LONGEST_LINE = 4 * 1024 * 1024  # bytes; one author list of 3,000 names is 60 kB
MOST_PASSED_OVER = 64 * 1024 * 1024  # bytes without a paper in them, after which a file is given up
MOST_REFUSED = 10_000  # lines


def read_papers(
    file: Path, advance: Callable[[int], None] = lambda bytes_read: None
) -> Iterator[tuple[int, PaperDraft | str]]:
    """(line number, the paper or the reason why it is refused) for each line that is not empty.

    `file` may be a pipe: it is read once, from its start. `advance` is told how many bytes were read since
    it was told last. Raises NotFound or SourceError where the file cannot be opened; damage further on is a
    refusal like any other, the last.
    """
    with opened(file) as given:
        yield from papers_of(given, advance)


def papers_of(
    given: GivenFile, advance: Callable[[int], None] = lambda bytes_read: None
) -> Iterator[tuple[int, PaperDraft | str]]:
    """The same of a file that is open. What holds nothing but damage is given up, or it might never end."""
    number = told = refused = since_paper = 0
    lines = given.content
    while since_paper <= MOST_PASSED_OVER and refused < MOST_REFUSED:
        number += 1
        try:
            line = lines.readline(LONGEST_LINE)
            is_too_long = len(line) == LONGEST_LINE and not line.endswith(b"\n")
            since_paper += len(line) + (_pass_over(lines) if is_too_long else 0)
        except DAMAGED as error:
            yield number, f"line {number}: the compressed data is damaged from here on ({error})"
            return
        if not line:
            advance(given.count - told)
            return
        if number % 256 == 0:
            advance(given.count - told)
            told = given.count
        if is_too_long:
            refused += 1
            yield number, f"line {number}: longer than {LONGEST_LINE:,} bytes"
        elif not line.isspace():
            record = _paper(line, number)
            if isinstance(record, str):
                refused += 1
            else:
                since_paper = 0
            yield number, record
    yield number, f"line {number}: given up here, since so much before it was no paper"


def _pass_over(lines: io.BufferedIOBase) -> int:
    """The rest of a line that is too long, a piece at a time; how many bytes it took."""
    passed = 0
    while passed <= MOST_PASSED_OVER and (piece := lines.readline(LONGEST_LINE)):
        passed += len(piece)
        if piece.endswith(b"\n"):
            break
    return passed


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
