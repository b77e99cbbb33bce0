"""What a person may type to name one item, parsed. Pure; looking it up is `queries.items.resolve`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from journal.errors import BadRef
from journal.ids import ArxivId, canonical_url, parse_arxiv_id, parse_doi
from journal.types import KIND_OF_LETTER, Kind, Ref

_REF = re.compile(r"(?P<letter>[prexcdv])(?P<number>[1-9]\d{0,17})", re.IGNORECASE | re.ASCII)
_ROW = re.compile(r"@(?P<row>[1-9]\d{0,8})", re.ASCII)
_RUN_ID = re.compile(r"[0-9a-f]{4,32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RowNumber:
    """`@3`: row 3 of the list shown last."""

    row: int


@dataclass(frozen=True, slots=True)
class Last:
    """`last`: the item made or shown last."""


@dataclass(frozen=True, slots=True)
class RunIdPrefix:
    """The start of an MLflow run id, four hexadecimal digits or more."""

    prefix: str


@dataclass(frozen=True, slots=True)
class Identifier:
    """A DOI or an address, by which a paper is known."""

    scheme: str
    value: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """What `@3` and `last` name: the rows of the list shown last, and the item made or shown last."""

    rows: tuple[Ref, ...] = ()
    item: Ref | None = None

    @property
    def last(self) -> Ref | None:
        """The item; before there was one, the first row."""
        return self.item or next(iter(self.rows), None)


Mention = Ref | RowNumber | Last | ArxivId | Identifier | RunIdPrefix


def parse_mention(text: str) -> Mention:
    """What `text` names. Raises BadRef where it cannot be a name of anything."""
    candidate = text.strip()
    if candidate.lower() == "last":
        return Last()
    if match := _ROW.fullmatch(candidate):
        return RowNumber(int(match["row"]))
    if match := _REF.fullmatch(candidate):
        return Ref(KIND_OF_LETTER[match["letter"].lower()], int(match["number"]))
    if arxiv_id := parse_arxiv_id(candidate):
        return arxiv_id
    if doi := parse_doi(candidate):
        return Identifier("doi", doi)
    if url := canonical_url(candidate):
        return Identifier("url", url)
    if _RUN_ID.fullmatch(candidate):
        return RunIdPrefix(candidate)
    raise BadRef(
        f"{text!r} names nothing in the journal.",
        hint="Write a ref such as p12, r7 or e3, an arXiv id, a DOI, a run id, @3 or last.",
    )


def parse_ref(text: str) -> Ref:
    """A plain ref such as `p12`. Raises BadRef for anything else."""
    if match := _REF.fullmatch(text.strip()):
        return Ref(KIND_OF_LETTER[match["letter"].lower()], int(match["number"]))
    raise BadRef(f"{text!r} is not a ref.", hint="A ref is a letter and a number, such as p12, r7 or e3.")


def kind_of(word: str) -> Kind | None:
    """The kind that a word or letter names: `paper`, `papers`, `p`."""
    lowered = word.strip().lower()
    if lowered in KIND_OF_LETTER:
        return KIND_OF_LETTER[lowered]
    singular = {"entries": "entry"}.get(lowered, lowered.removesuffix("s"))
    return Kind(singular) if singular in Kind.__members__ else None
