"""A bibliography from a file or a papis folder: what it is, is told by what is in it."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from pathlib import Path

from importers.bibliography import bibtex, csl_json, papis
from importers.bibliography.record import Bibliography, BibliographyRecord, RawRecord, record_of, refusal
from importers.given_files import GivenFile, opened
from journal.errors import SourceError, Unreadable

LARGEST_FILE = 32 * 1024 * 1024  # bytes: some 15,000 entries with abstracts; reading takes up to twenty times as much
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_bibliography(path: Path) -> Bibliography:
    """Everything that `path` holds: BibTeX, CSL-JSON, Zotero's JSON, or a folder of papis.

    A record that cannot be read is refused by its position, key and reason, and the others come.
    Raises NotFound, TooLarge, Unreadable or SourceError where there is nothing to read records from.
    """
    if path.is_dir():
        return _collected(records_of_folder(path))
    with opened(path) as given:
        return _collected(records_of_file(given, str(path)))


def read_text(text: str) -> Bibliography:
    """The same from a text: BibTeX or JSON. Raises Unreadable."""
    return _collected(_records(lambda: _of_text(text), "This text"))


def records_of_folder(folder: Path) -> Iterator[BibliographyRecord | str]:
    """Each document of a papis library, or its refusal, one at a time. Raises Unreadable where it is none."""
    try:
        is_library = papis.is_library(folder)
    except OSError as error:
        raise SourceError(f"{folder} cannot be read: {error.strerror or error}.") from error
    if not is_library:
        raise Unreadable(
            f"{folder} is a folder without documents of papis.", hint="Name a .bib or .json file, or a papis library."
        )
    return _records(lambda: papis.read(folder), str(folder))


def records_of_file(given: GivenFile, name: str) -> Iterator[BibliographyRecord | str]:
    """Each record of BibTeX or JSON, or its refusal. Raises TooLarge or Unreadable with the first of them."""
    content = given.whole(LARGEST_FILE, name)
    return _records(lambda: _of_text(as_text(content)), name)


def _records(raw: Callable[[], Iterator[RawRecord | str]], name: str) -> Iterator[BibliographyRecord | str]:
    """The records cleaned. That a file is none is found out while the first one is read."""
    try:
        for record in raw():
            yield record if isinstance(record, str) else _cleaned(record)
    except ValueError as error:
        raise Unreadable(f"{name} {error}.") from error


def _cleaned(raw: RawRecord) -> BibliographyRecord | str:
    try:
        return record_of(raw)
    except ValueError as error:
        return refusal(raw.position, raw.key, str(error))


def _collected(found: Iterator[BibliographyRecord | str]) -> Bibliography:
    records: list[BibliographyRecord] = []
    refused: list[str] = []
    for one in found:
        if isinstance(one, str):
            refused.append(one)
        else:
            records.append(one)
    return Bibliography(records=tuple(records), refused=tuple(refused))


def _of_text(text: str) -> Iterator[RawRecord | str]:
    start = text.lstrip()[:1]
    if not start:
        raise ValueError("is empty")
    if start in "[{":
        return csl_json.read(text)
    if "@" not in text:
        raise ValueError("holds neither BibTeX nor JSON")
    return bibtex.read(text)


def as_text(content: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, else Windows-1252, which old BibTeX files are written in."""
    if content.startswith(_MARKS[1:]):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    # UTF-16 without a mark: every other byte of mostly English text is zero.
    if content[:200].count(0) > len(content[:200]) // 3:
        return content.decode("utf-16-le" if content[1:2] == b"\0" else "utf-16-be", errors="replace")
    return content.decode("cp1252", errors="replace")
