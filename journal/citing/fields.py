"""How BibTeX's entries and fields and CSL's types and variables say the same. Tables, read by import and export alike.

Where the two differ, BibLaTeX's field names are used, then CSL's own: a field that a style does not know
does no harm, and reading it again gives the variable back. Sources: BibTeXing (Patashnik, 1988), sections
3.1 and 3.2; the biblatex manual, sections 2.1 and 2.2; CSL 1.0.2, appendices III and IV.
"""

from __future__ import annotations

from journal import csl

# ---------------------------------------------------------------- types

TYPE_OF_ENTRY = {
    "article": "article-journal", "suppperiodical": "article-journal", "review": "review",
    "book": "book", "mvbook": "book", "bookinbook": "chapter", "proceedings": "book", "mvproceedings": "book",
    "collection": "book", "mvcollection": "book", "reference": "book", "mvreference": "book", "manual": "book",
    "booklet": "pamphlet", "inbook": "chapter", "suppbook": "chapter", "incollection": "chapter",
    "suppcollection": "chapter", "inreference": "entry", "inproceedings": "paper-conference",
    "conference": "paper-conference", "techreport": "report", "report": "report", "thesis": "thesis",
    "phdthesis": "thesis", "mastersthesis": "thesis", "unpublished": "manuscript", "misc": "document",
    "online": "webpage", "electronic": "webpage", "www": "webpage", "dataset": "dataset", "software": "software",
    "patent": "patent", "periodical": "periodical", "standard": "standard", "preprint": "article",
}  # fmt: skip
ENTRY_OF_TYPE = {
    "article-journal": "article", "article-magazine": "article", "article-newspaper": "article", "review": "article",
    "review-book": "article", "book": "book", "chapter": "incollection", "entry": "incollection",
    "entry-dictionary": "incollection", "entry-encyclopedia": "incollection", "paper-conference": "inproceedings",
    "thesis": "thesis", "report": "techreport", "manuscript": "unpublished", "pamphlet": "booklet",
}  # fmt: skip
"""BibTeX's own types; all others are @misc. The type is then told by the field `csltype`."""

GENRE_OF_ENTRY = {"phdthesis": "PhD thesis", "mastersthesis": "Master's thesis"}
ENTRY_OF_GENRE = {genre: entry for entry, genre in GENRE_OF_ENTRY.items()}


def entry_of(item: csl.Item) -> str:
    """The type of entry in which a reader of BibTeX finds this publication again."""
    if item["type"] == "thesis":
        return ENTRY_OF_GENRE.get(item.get("genre", ""), "thesis")
    return ENTRY_OF_TYPE.get(item["type"], "misc")


_ARTICLES = frozenset({"article", "suppperiodical", "review", "periodical"})
_PARTS = frozenset({"incollection", "inbook", "suppbook", "bookinbook", "suppcollection", "inreference",
                    "inproceedings", "conference"})  # fmt: skip
_IN_SERIES = _PARTS | {"book", "mvbook", "proceedings", "mvproceedings", "collection", "mvcollection", "reference",
                       "mvreference"}  # fmt: skip


def number_variable(entry: str, *, in_series: bool) -> str:
    """What `number` means in this type of entry."""
    if entry in _ARTICLES:
        return "issue"
    if entry in _IN_SERIES and in_series:
        return "collection-number"
    return "issue" if entry in {"inproceedings", "conference"} else "number"


NAMED_APART = {"issue": "issue", "number": "eid", "collection-number": "seriesnumber"}
"""The fields of those that `number` does not mean."""


def container_field(entry: str) -> str:
    return "booktitle" if entry in _PARTS else "journal"


PUBLISHER_FIELDS = {
    "thesis": "school", "phdthesis": "school", "mastersthesis": "school", "techreport": "institution",
    "report": "institution", "misc": "howpublished",
}  # fmt: skip

# ---------------------------------------------------------------- fields

FIELD_OF_VARIABLE = {
    "chapter-number": "chapter", "collection-title": "series", "container-author": "bookauthor",
    "container-title-short": "shortjournal", "contributor": "collaborator", "event-date": "eventdate",
    "event-place": "venue", "event-title": "eventtitle", "accessed": "urldate", "genre": "type",
    "keyword": "keywords", "number-of-pages": "pagetotal", "number-of-volumes": "volumes",
    "original-date": "origdate", "page": "pages", "publisher-place": "address", "status": "pubstate",
    "title-short": "shorttitle",
}  # fmt: skip

_ALIASES = {
    "journal": "container-title", "journaltitle": "container-title", "booktitle": "container-title",
    "publisher": "publisher", "school": "publisher", "institution": "publisher", "location": "publisher-place",
    "langid": "language", "eid": "number", "seriesnumber": "collection-number", "journalabbreviation":
    "container-title-short", "annotation": "annote", "notes": "annote", "tags": "keyword", "event": "event-title",
    "shortbooktitle": "container-title-short",
}  # fmt: skip

READ_TOGETHER = frozenset({
    "archiveprefix", "arxivid", "booksubtitle", "crossref", "csltype", "date", "day", "entrytype", "eprint",
    "eprintclass", "eprinttype", "file", "howpublished", "month", "number", "primaryclass", "subtitle", "title",
    "xdata", "year",
})  # fmt: skip
"""Fields that say what entry it is, or mean something only beside others."""

VARIABLE_OF_FIELD = {
    **{variable.lower(): variable for variable in csl.TEXTS | csl.NAMES | csl.DATES},
    **{field: variable for variable, field in FIELD_OF_VARIABLE.items()},
    **_ALIASES,
}
for _field in READ_TOGETHER:
    VARIABLE_OF_FIELD.pop(_field, None)

_WORDS_OF_CSL = frozenset({"categories", "citation-key", "custom", "id"})


def is_free(field: str) -> bool:
    """Whether a field of this name means nothing to us: then it may keep what CSL has no variable for."""
    return not (field in VARIABLE_OF_FIELD or field in READ_TOGETHER or field in _WORDS_OF_CSL)


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""BibTeX's macros for the months."""
