"""Where a paper can be read, and what its file is called on disk. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from journal.ids import arxiv_abs_url, canonical_url

_MOST_BYTES = 180  # of a file name, below the 255 of file systems and the 143 characters of an encrypted home
_MOST_AUTHOR_BYTES = 40
_MOST_ID_BYTES = 70
# Beside letters, digits and blanks. All else some system refuses, or a shell or a file dialogue reads in its own way.
_WANTED_MARKS = frozenset("-_.,+'’‐‑–—")
# A device of Windows, which is one whatever follows the first dot.
_RESERVED = re.compile(r"\A(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\s*(?:\.|$))", re.IGNORECASE)
_CLEAN_ID = re.compile(r"[A-Za-z0-9.\-/]{1,60}")
_TEX_LEFT = re.compile(r"\\[A-Za-z]+\s*|[{}$]")
_NEVER_PDF = (".html", ".htm", ".xml", ".txt")


@dataclass(frozen=True, slots=True)
class PaperAddresses:
    """Web addresses of one paper; None where it has none of the kind. Not every arXiv paper has its HTML page."""

    abs: str | None = None
    html: str | None = None
    pdf: str | None = None

    @property
    def first(self) -> str | None:
        """What opening the paper opens."""
        return self.abs or self.html or self.pdf


def paper_addresses(
    *, arxiv_id: str | None = None, version: int | None = None, doi: str | None = None, url: str | None = None
) -> PaperAddresses:
    """The addresses of a paper by what it is known by; arXiv's own come first, then the publisher's."""
    if arxiv_id:
        named = f"{arxiv_id}v{version}" if version else arxiv_id
        return PaperAddresses(arxiv_abs_url(named), f"https://arxiv.org/html/{named}", f"https://arxiv.org/pdf/{named}")
    address = canonical_url(url) if url else None
    pdf = _pdf_of(address) if address else None
    page = None if pdf is not None and pdf == address else address
    by_doi = f"https://doi.org/{quote(doi, safe='/:;()._-')}" if doi else None
    return PaperAddresses(by_doi or page, page, pdf)


def _pdf_of(address: str) -> str | None:
    """The PDF behind an address that is one, or that belongs to a host whose PDFs have a known place."""
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.")
    if parts.path.lower().endswith(".pdf"):
        return address
    if host == "openreview.net" and parts.path in {"/forum", "/pdf"} and parts.query.startswith("id="):
        return f"https://openreview.net/pdf?{parts.query}"
    if host == "aclanthology.org" and re.fullmatch(r"/[\w.\-]+", parts.path) and not parts.path.endswith(_NEVER_PDF):
        return f"https://aclanthology.org{parts.path}.pdf"
    if host == "proceedings.mlr.press" and (match := re.fullmatch(r"/(v\d+)/([\w\-]+)\.html", parts.path)):
        return f"https://proceedings.mlr.press/{match[1]}/{match[2]}/{match[2]}.pdf"
    return None


def pdf_file_name(
    title: str,
    authors: Sequence[str],
    *,
    year: int | None = None,
    arxiv_id: str | None = None,
    version: int | None = None,
    doi: str | None = None,
    url: str | None = None,
) -> str:
    """`2017 Vaswani - Attention Is All You Need (1706.03762v7).pdf`: at most 180 bytes, and safe on every system.

    Two papers never share a name, whatever their titles, nor do two versions of one. One of `arxiv_id`,
    `doi` and `url` must be there, else ValueError.
    """
    mark = _mark(arxiv_id, version, doi, url)
    ending = f" ({mark}).pdf"
    family = _cut(_family_name(authors[0]), _MOST_AUTHOR_BYTES) if authors else ""
    before = " ".join(part for part in (str(year) if year else "", family) if part)
    name = _cut(_plain(_TEX_LEFT.sub("", title)), _MOST_BYTES - len(ending.encode()) - len(before.encode()) - 4)
    whole = " - ".join(part for part in (before, name) if part).lstrip(" .-")  # an option, a hidden file
    return _RESERVED.sub(r"_\g<0>", whole) + ending if whole else ending.strip()


def _mark(arxiv_id: str | None, version: int | None, doi: str | None, url: str | None) -> str:
    """What tells the paper from every other, also where the file system does not know case."""
    numbered = f"v{version}" if version else ""
    if arxiv_id and _CLEAN_ID.fullmatch(arxiv_id):
        # An arXiv id holds no underscore of its own, so that `math/0611800` stays one of a kind.
        return (arxiv_id + numbered).replace("/", "_")
    known_by = arxiv_id or doi or url
    if not known_by:
        raise ValueError("a file name needs an arXiv id, a DOI or a URL")
    shown = _cut(_plain(known_by.removeprefix("https://").removeprefix("http://").replace("/", "_")), _MOST_ID_BYTES)
    digest = hashlib.sha256(f"{known_by}{numbered}".encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{shown} {digest}".strip()


def _family_name(author: str) -> str:
    """`Vaswani` of `Ashish Vaswani` and of `Vaswani, Ashish`."""
    plain = _plain(author)
    if "," in plain:
        return plain.partition(",")[0].strip()
    return plain.split()[-1] if plain.split() else ""


def _plain(text: str) -> str:
    """One line of visible characters that a file may be named by."""
    text = unicodedata.normalize("NFC", text.replace(": ", " - ").replace("&", " and "))
    return " ".join("".join(map(_named_by, text)).split()).strip(". ")


def _named_by(character: str) -> str:
    """What stands for a character in a name: itself, a blank or, for what cannot be seen, nothing."""
    kind = unicodedata.category(character)[0]
    if kind in "LMN" or character in _WANTED_MARKS:
        return character
    # Controls, direction marks, half characters, private use: none has a place in a name.
    return "" if kind == "C" and not character.isspace() else " "


def _cut(text: str, most_bytes: int) -> str:
    """`text` in at most so many bytes of UTF-8, cut at a word where there is one, never inside a character."""
    if len(text.encode()) <= most_bytes:
        return text
    head = text.encode()[: max(0, most_bytes)].decode("utf-8", "ignore")
    # A mark that combines goes with its letter.
    while head and len(head) < len(text) and unicodedata.combining(text[len(head)]):
        head = head[:-1]
    space = head.rfind(" ")
    return (head[:space] if space > len(head) // 2 else head).strip(" .-")
