"""The fields of one BibTeX entry, or of a papis document, as a CSL-JSON item."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from importers.bibliography import dates
from importers.bibliography.bibtex_names import names
from importers.bibliography.tex import decoded, first_address, undecorated
from importers.text import clean_line
from journal import csl
from journal.citing.fields import (
    GENRE_OF_ENTRY,
    READ_TOGETHER,
    TYPE_OF_ENTRY,
    VARIABLE_OF_FIELD,
    entry_of,
    number_variable,
)
from journal.ids import parse_arxiv_id
from journal.keywords import joined, parts_of

# What two fields say at once: the first of them counts.
_ORDER = ("journal", "journaltitle", "booktitle", "publisher", "school", "institution")


@dataclass(slots=True)
class Fields:
    """What came of an entry. `files` are paths as written."""

    item: csl.Item
    files: tuple[str, ...] = ()
    left_out: list[str] = field(default_factory=list)


def item_of(entry: str, fields: Mapping[str, str], *, is_tex: bool = True) -> Fields:
    """The CSL-JSON of an entry of type `entry`; the names of `fields` are in lower case.

    `is_tex` is False where the values are plain text, as papis keeps them.
    """
    entry = entry.lower()
    text: Callable[[str], str] = decoded if is_tex else str
    custom: dict[str, str] = {}
    read = Fields({"type": fields.get("csltype", "").strip() or TYPE_OF_ENTRY.get(entry, "document")})
    _read_date(fields, read.item, text)
    _read_eprint(fields, read.item, custom, text)
    _read_titles(fields, read.item, text)
    _read_howpublished(fields, read.item, custom, text)
    if "number" in fields:
        variable = number_variable(entry, in_series=bool(fields.get("series")))
        read.item[variable] = text(fields["number"])
    if entry in GENRE_OF_ENTRY and not fields.get("type"):
        read.item["genre"] = GENRE_OF_ENTRY[entry]
    for name in (*_ORDER, *(name for name in fields if name not in _ORDER)):
        variable = VARIABLE_OF_FIELD.get(name, "")
        if name in fields and variable:
            _read_variable(name, variable, fields[name], read, text)
        elif name in fields and name not in READ_TOGETHER:
            custom[name] = text(fields[name])
    if entry not in {"misc", "article", entry_of(read.item)}:
        custom["entrytype"] = entry
    if custom:
        read.item["custom"] = custom
    if "file" in fields:
        read.files = files(fields["file"])
    return read


def _read_variable(name: str, variable: str, value: str, read: Fields, text: Callable[[str], str]) -> None:
    found: object
    if variable in csl.NAMES:
        found = names(value)
    elif variable in csl.DATES:
        found = dates.parsed(_date_text(value, text))
    elif variable in csl.VERBATIM:
        found = first_address(value) or undecorated(value) if variable == "URL" else undecorated(value)
    elif variable == "keyword":
        found = joined(clean_line(text(part)).replace("{", "").replace("}", "") for part in parts_of(value))
    else:
        found = (variable == "note" and first_address(value)) or text(value)
    if not found:
        return
    if variable in read.item and read.item[variable] != found:
        read.left_out.append(f"its {name!r} says another {variable} than a field before.")
        return
    read.item[variable] = found


def _read_titles(fields: Mapping[str, str], item: csl.Item, text: Callable[[str], str]) -> None:
    for name, more, variable in (("title", "subtitle", "title"), ("booktitle", "booksubtitle", "")):
        title, rest = text(fields.get(name, "")), text(fields.get(more, ""))
        if variable and (title or rest):
            item[variable] = f"{title}: {rest}" if title and rest else title or rest
        elif title and rest:
            item["container-title"] = f"{title}: {rest}"


def _read_date(fields: Mapping[str, str], item: csl.Item, text: Callable[[str], str]) -> None:
    written = _date_text(fields.get("date", ""), text)
    issued = dates.parsed(written)
    if issued is None or "literal" in issued:
        year = dates.of_fields(*(text(fields.get(name, "")) for name in ("year", "month", "day")))
        issued = year or issued
    if issued:
        item["issued"] = issued


def _date_text(value: str, text: Callable[[str], str]) -> str:
    """A date in EDTF, whose ~ is no blank of TeX, or in words."""
    written = undecorated(value)
    return written if re.fullmatch(r"[\d./~?%-]*", written, re.ASCII) else text(value)


def _read_eprint(fields: Mapping[str, str], item: csl.Item, custom: dict[str, str], text: Callable[[str], str]) -> None:
    eprint = undecorated(fields.get("eprint", "") or fields.get("arxivid", ""))
    archive = undecorated(fields.get("archiveprefix", "") or fields.get("eprinttype", ""))
    if eprint:
        is_arxiv = archive.lower() in {"", "arxiv"} and parse_arxiv_id(eprint) is not None
        if is_arxiv or archive:
            item["archive"] = "arXiv" if is_arxiv else archive
        item["archive_location"] = eprint
    elif archive:
        item["archive"] = archive
    if classes := text(fields.get("primaryclass", "") or fields.get("eprintclass", "")):
        custom["primaryclass"] = classes


def _read_howpublished(
    fields: Mapping[str, str], item: csl.Item, custom: dict[str, str], text: Callable[[str], str]
) -> None:
    written = fields.get("howpublished", "")
    if not written:
        return
    if address := first_address(written):
        if not fields.get("url"):
            item["URL"] = address
    elif not any(fields.get(name) for name in ("publisher", "school", "institution")):
        item["publisher"] = text(written)
    else:
        custom["howpublished"] = text(written)


def files(value: str) -> tuple[str, ...]:
    """The paths of a `file` field: `a.pdf;b.pdf`, or JabRef's and Mendeley's `Title:path:PDF`."""
    found = []
    for part in re.split(r"(?<!\\);", value):
        pieces = re.split(r"(?<!\\):", part)
        # C:\a.pdf has a colon too: that of a drive stands behind one letter.
        path = ":".join(pieces[1:-1]) if len(pieces) >= 3 and len(pieces[0]) != 1 else part
        found.append(undecorated(path.replace("\\:", ":").replace("\\;", ";")))
    return tuple(path for path in found if path)
