"""A bibliography from a file or a papis folder: what it is, is told by what is in it."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from importers.bibliography import bibtex, csl_json, papis
from importers.bibliography.record import Bibliography, BibliographyRecord, RawRecord, record_of, refusal
from journal.errors import NotFound, SourceError, TooLarge, Unreadable

LARGEST_FILE = 64 * 1024 * 1024  # bytes; 20,000 entries with abstracts are 40 MB
SUFFIXES = frozenset({".bib", ".bibtex", ".biblatex", ".json"})
"""The files that hold a bibliography, by their names; a folder is a papis library."""

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_bibliography(path: Path) -> Bibliography:
    """Everything that `path` holds: BibTeX, CSL-JSON, Zotero's JSON, or a folder of papis.

    A record that cannot be read is refused by its position, key and reason, and the others come.
    Raises NotFound, TooLarge, Unreadable or SourceError where there is nothing to read records from.
    """
    try:
        return _collected(_raw_records(path))
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}.") from error
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise Unreadable(f"{path} {error}.") from error


def read_text(text: str) -> Bibliography:
    """The same from a text: BibTeX or JSON. Raises Unreadable."""
    try:
        return _collected(_of_text(text))
    except ValueError as error:
        raise Unreadable(f"This text {error}.") from error


def _collected(raw_records: Iterator[RawRecord | str]) -> Bibliography:
    records: list[BibliographyRecord] = []
    refused: list[str] = []
    for raw in raw_records:
        if isinstance(raw, str):
            refused.append(raw)
            continue
        try:
            records.append(record_of(raw))
        except ValueError as error:
            refused.append(refusal(raw.position, raw.key, str(error)))
    return Bibliography(records=tuple(records), refused=tuple(refused))


def _raw_records(path: Path) -> Iterator[RawRecord | str]:
    if path.is_dir():
        if not papis.is_library(path):
            raise Unreadable(
                f"{path} is a folder without documents of papis.", hint="Name a .bib or .json file, or a papis library."
            )
        return papis.read(path)
    with path.open("rb") as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise TooLarge(f"{path} is larger than {LARGEST_FILE // 1024 // 1024} MiB.", hint="Export it in parts.")
    return _of_text(as_text(content))


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
