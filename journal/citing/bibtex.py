"""Papers as BibTeX: a preprint as arXiv itself writes it, anything else as its type says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from journal import csl
from journal.citing.fields import (
    FIELD_OF_VARIABLE,
    GENRE_OF_ENTRY,
    MONTHS,
    NAMED_APART,
    PUBLISHER_FIELDS,
    TYPE_OF_ENTRY,
    container_field,
    entry_of,
    number_variable,
)
from journal.citing.paper import CitedPaper, csl_item
from journal.citing.tex import escaped
from journal.person_names import OTHERS

_FIRST = ("title", "author", "editor", "booktitle", "journal", "year", "month", "day", "date", "volume", "number",
          "pages", "series", "publisher", "school", "institution", "howpublished", "address", "eprint",
          "archiveprefix", "primaryclass", "doi", "url")  # fmt: skip
_LAST = ("keywords", "abstract", "note")
# arXiv spells these so, and BibTeX does not tell them apart.
_SPELLING = {"archiveprefix": "archivePrefix", "primaryclass": "primaryClass"}
_PROTECTED = frozenset({"title", "container-title", "collection-title", "title-short"})
_SPECIAL = frozenset({"id", "citation-key", "type", "issued", "issue", "number", "collection-number",
                      "container-title", "publisher", "custom", "archive", "archive_location"})  # fmt: skip


def bibtex(papers: Iterable[CitedPaper], *, ascii_only: bool = False) -> str:
    """BibTeX of all `papers`, by their keys: the same papers make the same bytes."""
    entries = [bibtex_entry(paper, ascii_only=ascii_only) for paper in sorted(papers, key=lambda paper: paper.key)]
    return "\n".join(entries)


def bibtex_entry(paper: CitedPaper, *, ascii_only: bool = False) -> str:
    """One entry, with a line break behind it. `ascii_only` spells accents as TeX does."""
    item = csl_item(paper)
    entry = _entry_type(item)
    fields = _fields(item, entry, paper, ascii_only=ascii_only)
    order = {
        name: position for position, name in enumerate((*_FIRST, *sorted(fields.keys() - {*_FIRST, *_LAST}), *_LAST))
    }
    lines = [f"  {_SPELLING.get(name, name)} = {fields[name]}" for name in sorted(fields, key=order.__getitem__)]
    return f"@{entry}{{{paper.key},\n" + ",\n".join(lines) + "\n}\n"


def _entry_type(item: csl.Item) -> str:
    """The record's own type of entry where it still says what the item is."""
    own = item.get("custom", {}).get("entrytype", "")
    is_right = TYPE_OF_ENTRY.get(own, "document") == item["type"] and own.isascii() and own.isalpha()
    return own if is_right else entry_of(item)


def _fields(item: csl.Item, entry: str, paper: CitedPaper, *, ascii_only: bool) -> dict[str, str]:
    fields: dict[str, str] = {}

    def put(name: str, text: str, *, protects: bool = False) -> None:
        if text:
            fields[name] = f"{{{escaped(text, ascii_only=ascii_only, protects_capitals=protects)}}}"

    custom: Mapping[str, str] = item.get("custom", {})
    for name, text in custom.items():
        if name not in {"entrytype", "primaryclass"}:
            put(name, text)
    if TYPE_OF_ENTRY.get(entry, "document") != item["type"] and not (paper.arxiv_id and item["type"] == "article"):
        fields["csltype"] = f"{{{item['type']}}}"
    _put_date(item.get("issued"), fields, put)
    put(container_field(entry), item.get("container-title", ""), protects=True)
    publisher_field = PUBLISHER_FIELDS.get(entry, "publisher")
    # What is published by being at an address is read as that address.
    if "://" in item.get("publisher", ""):
        publisher_field = "publisher"
    if not (paper.arxiv_id and item["type"] == "article" and item.get("publisher") == "arXiv"):
        put("publisher" if publisher_field in fields else publisher_field, item.get("publisher", ""))
    meant = number_variable(entry, in_series="collection-title" in item)
    for variable, apart in NAMED_APART.items():
        if not (variable == "number" and paper.arxiv_id and item.get("number") == f"arXiv:{paper.arxiv_id}"):
            put("number" if variable == meant else apart, item.get(variable, ""))
    _put_eprint(item, paper, fields, put)
    for variable, value in item.items():
        if variable in _SPECIAL or (variable == "genre" and value == GENRE_OF_ENTRY.get(entry)):
            continue
        field = FIELD_OF_VARIABLE.get(variable, variable.lower())
        if variable in csl.NAMES:
            fields[field] = f"{{{' and '.join(_name(name, ascii_only=ascii_only) for name in value)}}}"
        elif variable in csl.DATES:
            put(field, csl.edtf(value))
            if "date-parts" in value:
                fields[field] = f"{{{csl.edtf(value)}}}"
        elif variable in csl.VERBATIM:
            fields[field] = f"{{{value}}}"
        elif variable == "page":
            put(field, value)
            fields[field] = fields[field].replace("–", "--").replace("{\\textendash}", "--")
        elif variable == "keyword":
            words = (escaped(word, ascii_only=ascii_only) for word in paper.keywords)
            fields[field] = f"{{{', '.join(f'{{{word}}}' if {',', ';'} & set(word) else word for word in words)}}}"
        else:
            put(field, value, protects=variable in _PROTECTED)
    return fields


def _put_date(issued: Mapping[str, Any] | None, fields: dict[str, str], put: Any) -> None:
    """`year`, `month` and `day`, which every style knows; where they cannot say it, BibLaTeX's `date` too."""
    if not issued:
        return
    parts = issued.get("date-parts")
    if not parts:
        put("year", csl.edtf(issued))
        return
    is_simple = len(parts) == 1 and not issued.get("season") and not issued.get("circa")
    if not is_simple:
        fields["date"] = f"{{{csl.edtf(issued)}}}"
    years = [part[0] for part in parts if part[0]]
    fields["year"] = f"{{{'--'.join(map(str, years))}}}"
    if is_simple and parts[0][0] < 1000:
        fields["date"] = f"{{{csl.edtf(issued)}}}"
    if len(parts) == 1 and len(parts[0]) > 1:
        fields["month"] = MONTHS[parts[0][1] - 1]
        if len(parts[0]) > 2:
            fields["day"] = f"{{{parts[0][2]}}}"


def _put_eprint(item: csl.Item, paper: CitedPaper, fields: dict[str, str], put: Any) -> None:
    if paper.arxiv_id:
        fields["eprint"] = f"{{{paper.arxiv_id}}}"
        fields["archiveprefix"] = "{arXiv}"
        put("primaryclass", item.get("custom", {}).get("primaryclass", ""))
        return
    put("primaryclass", item.get("custom", {}).get("primaryclass", ""))
    put("archive", item.get("archive", ""))
    put("archive_location", item.get("archive_location", ""))


def _name(name: Mapping[str, str], *, ascii_only: bool) -> str:
    """`van Gogh, Vincent`; braces hold together what BibTeX would take apart."""

    def spelt(text: str) -> str:
        return escaped(text, ascii_only=ascii_only)

    if name == OTHERS:
        return "others"
    if "literal" in name:
        return f"{{{spelt(name['literal'])}}}"
    family = spelt(name["family"])
    words = name["family"].split()
    if any(word[0].islower() or word.lower() == "and" for word in words) or set(name["family"]) & set(",="):
        family = f"{{{family}}}"
    if "given" not in name:
        return family
    particle = spelt(name.get("non-dropping-particle", ""))
    blank = "" if not particle or particle[-1] in "'’-" else " "
    given = " ".join(part for part in (name["given"], name.get("dropping-particle")) if part)
    parts = [
        f"{particle}{blank}{family}",
        *([_held(name["suffix"], spelt)] if "suffix" in name else []),
        _held(given, spelt),
    ]
    return ", ".join(parts)


def _held(text: str, spelt: Any) -> str:
    is_taken_apart = "," in text or "and" in text.lower().split()
    return f"{{{spelt(text)}}}" if is_taken_apart else str(spelt(text))
