"""A paper as it is cited, and its CSL-JSON: the one form that every other form is made of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from journal import csl
from journal.ids import arxiv_abs_url, canonical_url, parse_doi
from journal.person_names import OTHERS, from_shown, shown

NO_TITLE = "[no title]"
"""What a list shows of a work that has none, such as a letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedPaper:
    """What a citation of a paper is made of.

    `csl` is what an imported record told beyond the journal's own fields (`BibliographyRecord.csl`); the
    fields here win where they differ. `authors` are names as papers print them.
    """

    key: str
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    month: int | None = None
    arxiv_id: str | None = None
    primary_category: str | None = None
    doi: str | None = None
    url: str | None = None
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    csl: Mapping[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where a reader finds it: the DOI, else arXiv, else the address; empty where it has none."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        return arxiv_abs_url(self.arxiv_id) if self.arxiv_id else self.url or ""


def csl_item(paper: CitedPaper) -> csl.Item:
    """The paper as one item of CSL-JSON, its variables in alphabetical order."""
    item: csl.Item = {**paper.csl, "id": paper.key, "citation-key": paper.key}
    item.setdefault("type", _type_of(paper))
    # A title that only repeats the identifier is none; one that differs is newer than the record's.
    is_placeholder = paper.title in {NO_TITLE, f"arXiv:{paper.arxiv_id}", paper.doi, paper.url}
    if not is_placeholder and _plain_line(item.get("title", "")) != paper.title:
        item["title"] = paper.title
    people = item.get("author", [])
    if tuple(shown(name) for name in people if name != OTHERS) != paper.authors:
        item["author"] = [name for author in paper.authors if (name := from_shown(author))]
    if not item.get("author"):
        item.pop("author", None)
    if paper.year and csl.start_of(item.get("issued"))[:1] != (paper.year,):
        item["issued"] = {"date-parts": [[paper.year, paper.month] if paper.month else [paper.year]]}
    if paper.doi and parse_doi(item.get("DOI", "")) != paper.doi:
        item["DOI"] = paper.doi
    if paper.url and canonical_url(item.get("URL", "")) != paper.url:
        item["URL"] = paper.url
    if paper.abstract:
        item["abstract"] = paper.abstract
    if paper.keywords:
        item["keyword"] = ", ".join(f"{{{word}}}" if {",", ";"} & set(word) else word for word in paper.keywords)
    if paper.arxiv_id:
        if item["type"] == "document":  # what a record is called that did not know what it is of
            item["type"] = "article"
        _add_arxiv(item, paper, paper.arxiv_id)
    return dict(sorted(item.items()))


def csl_json(papers: Iterable[CitedPaper]) -> str:
    """CSL-JSON of all `papers`, by their keys: the same papers make the same bytes."""
    items = [csl_item(paper) for paper in sorted(papers, key=lambda paper: paper.key)]
    return json.dumps(items, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _type_of(paper: CitedPaper) -> str:
    if paper.doi:
        return "article-journal"
    if paper.arxiv_id:
        return "article"
    return "webpage" if paper.url else "document"


def _add_arxiv(item: csl.Item, paper: CitedPaper, arxiv_id: str) -> None:
    """A preprint carries its id as its number, as Zotero does it; what was published elsewhere names the archive."""
    if item["type"] == "article" and "number" not in item:
        item["number"] = f"arXiv:{arxiv_id}"
        item.setdefault("publisher", "arXiv")
    else:
        item["archive"], item["archive_location"] = "arXiv", arxiv_id
    item.setdefault("URL", arxiv_abs_url(arxiv_id))
    if paper.primary_category and "primaryclass" not in item.get("custom", {}):
        item["custom"] = {**item.get("custom", {}), "primaryclass": paper.primary_category}


def _plain_line(text: str) -> str:
    return " ".join(csl.plain(text).split())
