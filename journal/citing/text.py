"""A paper as a line of text and as a Markdown link."""

from __future__ import annotations

import re
from collections.abc import Mapping

from journal import csl
from journal.citing.paper import CitedPaper, csl_item
from journal.person_names import OTHERS, shown, whole_family
from journal.tex_math import displayed

_MOST_AUTHORS = 20  # APA 7, section 9.8: beyond, the first 19 and the last
_ACTS_IN_MARKDOWN = re.compile(r"([\\`*_\[\]<>])")
_ACTS_IN_LINKS = {" ": "%20", "(": "%28", ")": "%29", "<": "%3C", ">": "%3E"}


def text_line(paper: CitedPaper) -> str:
    """`Vaswani, A., & Shazeer, N. (2017). Attention is all you need. NeurIPS, 30. https://...`, much as APA has it."""
    item = csl_item(paper)
    people = _people(item.get("author", []) or item.get("editor", []))
    year = next(iter(csl.start_of(item.get("issued"))), None) or (item.get("issued") or {}).get("literal", "n.d.")
    parts = [
        f"{people} ({year})" if people else f"({year})",
        _readable(paper.title).rstrip("."),
        _where(item),
        paper.address,
    ]
    return " ".join(part if part == paper.address else part + "." for part in parts if part)


def _readable(title: str) -> str:
    """With its TeX as characters: a line of text is for people."""
    return displayed(title).text


def markdown_link(paper: CitedPaper) -> str:
    """`[Vaswani et al. (2017), Attention is all you need](https://...)`; without an address no link."""
    item = csl_item(paper)
    names = [_short(name) for name in item.get("author", []) if name != OTHERS]
    if len(names) > 2 or OTHERS in item.get("author", []):
        who = f"{names[0]} et al." if names else ""
    else:
        who = " and ".join(names)
    year = next(iter(csl.start_of(item.get("issued"))), None)
    label = ", ".join(
        part for part in (" ".join(filter(None, (who, f"({year})" if year else ""))), paper.title) if part
    )
    label = _ACTS_IN_MARKDOWN.sub(r"\\\1", label)
    address = "".join(_ACTS_IN_LINKS.get(character, character) for character in paper.address)
    return f"[{label}]({address})" if address else label


def _people(names: list[Mapping[str, str]]) -> str:
    listed = [_inverted(name) for name in names if name != OTHERS]
    if len(listed) > _MOST_AUTHORS:
        return f"{', '.join(listed[: _MOST_AUTHORS - 1])}, ... {listed[-1]}"
    if OTHERS in names:
        return f"{', '.join(listed)}, et al."
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])}, & {listed[-1]}"


def _inverted(name: Mapping[str, str]) -> str:
    """`van Gogh, V. W.`"""
    if "given" not in name:
        return shown(name)
    words = " ".join(filter(None, (name["given"].replace(".", ". "), name.get("dropping-particle")))).split()
    parts = [re.sub(r"[^\W\d_][^\s-]*", lambda part: f"{part[0][0]}.", word) for word in words]
    initials = " ".join(part if word[:1].isupper() else word for word, part in zip(words, parts, strict=True))
    return ", ".join(filter(None, (whole_family(name), initials, name.get("suffix"))))


def _short(name: Mapping[str, str]) -> str:
    return whole_family(name) or name.get("literal", "")


def _where(item: csl.Item) -> str:
    """`Journal, 12(3), 4–5`, else the publisher, else the archive."""
    volume = item.get("volume", "") + (f"({item['issue']})" if item.get("issue") else "")
    container = csl.plain(item.get("container-title", ""))
    if container:
        return ", ".join(part for part in (container, volume, item.get("page", "")) if part).rstrip(".")
    number = item.get("number", "")
    if number.startswith("arXiv:"):
        return str(number)
    return csl.plain(item.get("publisher", "")).rstrip(".")
