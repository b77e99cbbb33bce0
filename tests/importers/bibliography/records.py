"""What the tests of bibliographies share: reading a text, and citing a record that was read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from importers.bibliography.read import read_text
from importers.bibliography.record import BibliographyRecord
from journal.citing.paper import CitedPaper


def record(text: str) -> BibliographyRecord:
    """The only record of `text`."""
    found = read_text(text)
    assert found.refused == ()
    (one,) = found.records
    return one


def entry(body: str, kind: str = "article") -> BibliographyRecord:
    return record(f"@{kind}{{key,\n{body}\n}}")


def cited(one: BibliographyRecord, key: str = "") -> CitedPaper:
    """What the journal would cite of a record that it imported."""
    draft = one.draft
    return CitedPaper(
        key=key or one.key or "key",
        title=draft.title,
        authors=draft.authors,
        year=draft.published_at.year if draft.published_at else None,
        month=draft.published_at.month if draft.published_at else None,
        arxiv_id=draft.arxiv_id,
        primary_category=draft.categories[0] if draft.categories else None,
        doi=draft.doi,
        url=draft.url,
        abstract=draft.abstract,
        keywords=one.tags,
        csl=one.csl,
    )


def texts(value: Any) -> Iterator[str]:
    """Every text in a value of lists, tuples and mappings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(key)
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)


def all_texts(one: BibliographyRecord) -> list[str]:
    draft = one.draft
    fields = (draft.title, draft.abstract, draft.authors, draft.identifiers, draft.comment, draft.journal_ref)
    return [
        *texts(fields),
        *texts(one.csl),
        one.key,
        *one.tags,
        *one.notes,
        *one.files,
        *one.left_out,
        *one.collections,
    ]
