"""By what a record is known: the arXiv id, DOI or address that is somewhere in its fields."""

from __future__ import annotations

import re
from dataclasses import dataclass

from importers.bibliography.csl_items import address_of
from importers.text import clean_address
from journal import csl
from journal.ids import ArxivId, parse_arxiv_id, parse_doi

# Google Scholar writes the journal as `arXiv preprint arXiv:1706.03762`, Zotero as `arXiv:1412.4006 [quant-ph]`.
_ARXIV_JOURNAL = re.compile(
    r"(?:arxiv(?:\.org)?|arxiv e-prints|arxiv preprint|corr)?[,: ]{0,3}(?P<id>arxiv: ?\S{1,40})?"
    r"(?: ?\[(?P<classes>[\w ,.-]{1,80})\])?",
    re.IGNORECASE,
)
_NOTE_LINE = re.compile(r"arxiv: ?(?P<id>\S{1,40})(?: ?\[(?P<classes>[\w ,.-]{1,80})\])?", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*\.[A-Za-z-]{2,}")
_ARCHIVES = frozenset({"gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math-ph", "nucl-ex", "nucl-th", "quant-ph"})
_SHORT_DOI = re.compile(r"10/[a-z0-9]{3,20}", re.IGNORECASE)  # shortdoi.org


@dataclass(frozen=True, slots=True)
class Identity:
    arxiv_id: str | None
    doi: str | None
    url: str | None
    categories: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        return bool(self.arxiv_id or self.doi or self.url)

    @property
    def as_title(self) -> str:
        """What a paper without a title is called, as the journal calls one that is not looked up yet."""
        return f"arXiv:{self.arxiv_id}" if self.arxiv_id else self.doi or self.url or ""


def take_identity(item: csl.Item) -> Identity:
    """By what `item` is known; what only said the arXiv id is taken out of it, so that it is said once."""
    arxiv_id, classes = _take_arxiv(item)
    doi = _take_doi(item)
    # A note that is nothing but an address says where the publication is, or repeats what is known.
    while "URL" not in item and _ADDRESS.fullmatch(item.get("note", "")) and (url := address_of(item["note"], [])):
        del item["note"]
        item["URL"] = url
        again, said = _take_arxiv(item)
        arxiv_id, classes = arxiv_id or again, classes or said
        doi = _take_doi(item) or doi
    custom = item.get("custom", {})
    classes = custom.get("primaryclass") or classes
    category = next(iter(classes.replace(",", " ").split()), "")
    is_category = bool(_CATEGORY.fullmatch(category)) or category in _ARCHIVES
    if arxiv_id and is_category and category == classes.strip():
        custom.pop("primaryclass", None)
    elif arxiv_id and classes:
        custom = {**custom, "primaryclass": classes.strip()}
        is_category = False
    if custom:
        item["custom"] = custom
    else:
        item.pop("custom", None)
    url = item.get("URL", "")
    return Identity(
        arxiv_id=arxiv_id,
        doi=doi,
        url=clean_address(url) if url else None,
        categories=(category,) if arxiv_id and is_category else (),
    )


def _take_doi(item: csl.Item) -> str | None:
    named, address = item.get("DOI", ""), item.get("URL", "")
    doi = parse_doi(named)
    if doi is None and address and (doi := parse_doi(address)):
        item["DOI"] = doi
    elif doi is None and _SHORT_DOI.fullmatch(named):
        item.setdefault("URL", f"https://doi.org/{named}")
    if doi and address and parse_doi(address) == doi:
        del item["URL"]
    return doi


def _take_arxiv(item: csl.Item) -> tuple[str | None, str]:
    """(id, what is said of its categories)."""
    found: ArxivId | None = None
    classes = ""

    def agrees(text: str) -> bool:
        """Whether `text` names the paper found already, or the first one."""
        nonlocal found
        named = parse_arxiv_id(text)
        found = found or named
        return named is not None and found is not None and named.id == found.id

    if item.get("archive", "").lower() in {"arxiv", "arxiv.org"} and agrees(item.get("archive_location", "")):
        del item["archive"], item["archive_location"]
    number = item.get("number", "")
    if number.lower().startswith("arxiv:") and agrees(number):
        del item["number"]
    for variable in ("URL", "DOI"):
        if agrees(item.get(variable, "")):
            del item[variable]
    lines = []
    for line in item.get("note", "").split("\n"):
        stated = _NOTE_LINE.fullmatch(line.strip())
        if stated and agrees(f"arXiv:{stated['id']}"):
            classes = classes or stated["classes"] or ""
        else:
            lines.append(line)
    if note := "\n".join(lines).strip():
        item["note"] = note
    else:
        item.pop("note", None)
    journal = csl.plain(item.get("container-title", ""))
    match = _ARXIV_JOURNAL.fullmatch(journal) if journal else None
    volume = item.get("volume", "")
    named = match["id"] if match and match["id"] else volume.removeprefix("abs/") if volume.startswith("abs/") else ""
    if match and ((named and agrees(named)) or (not named and found)):
        classes = classes or match["classes"] or ""
        del item["container-title"]
        if volume.startswith("abs/"):
            del item["volume"]
        if item.get("type") == "article-journal":
            item["type"] = "article"
    if found and ("archive" in item or "archive_location" in item):
        # It lies in another archive too; as `archive` the export names arXiv.
        elsewhere = {f"x-{name}": item.pop(name) for name in ("archive", "archive_location") if name in item}
        if elsewhere != {"x-archive": "arXiv"}:
            item["custom"] = {**elsewhere, **item.get("custom", {})}
    if found and item.get("type") == "document":
        item["type"] = "article"
    if found and item.get("type") == "article" and item.get("publisher", "").lower() in {"arxiv", "arxiv.org"}:
        del item["publisher"]
    return (found.id if found else None), classes
