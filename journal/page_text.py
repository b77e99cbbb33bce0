"""What a person reads on a web page, as text, with the addresses that its links lead to. Pure.

Read in one pass, whatever the markup: no tree is built, and no tag has to be closed.
"""

from __future__ import annotations

import html
import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BLOCK = "\f"
"""Stands in the text where a paragraph, heading or cell begins or ends."""

_LONGEST_MARKUP = 8_000_000  # characters looked at
_TAG = re.compile(r"<!--|<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9-]{0,30}+)(?P<attributes>[^<>]*+)>")
_ATTRIBUTE = re.compile(r"""(?<![\w-])(class|id|role|href)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_COMMENT_END = re.compile("-->")
_BLOCKS = _words(
    "address article aside blockquote br caption dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header "
    "hr li main ol p pre section table tbody td th thead tr ul"
)
_CONTAINERS = _BLOCKS | {"nav"}
_NOT_TEXT = _words("script style template textarea title noscript iframe svg")
# A list of references, in the markup of LaTeXML, which arXiv's HTML is made by, and of others.
_REFERENCES = _words(
    "ltx_bibliography ltx_biblist ltx_bibitem references reference-list ref-list bibliography doc-bibliography"
)
# What belongs to the site and not to the paper; `labstabs` are the offers of others on arXiv's abs page.
_SITE = _words("nav footer navigation contentinfo labstabs ltx_page_navbar ltx_page_header ltx_page_footer ltx_toc")


def page_text(markup: str) -> str:
    """The text of an HTML page without its list of references and what belongs to the site around it.

    The address of a link stands before its words, between empty lines; `BLOCK` stands between blocks.
    """
    markup = markup[:_LONGEST_MARKUP]
    parts: list[str] = []
    never_closed: set[str] = set()  # looked for once: any more, and a page of them would take for ever
    place = 0
    while tag := _TAG.search(markup, place):
        parts.append(markup[place : tag.start()])
        place = tag.end()
        if tag[0] == "<!--":
            place = _behind(markup, _COMMENT_END, place)
            continue
        name = tag["name"].lower()
        parts.append(BLOCK if name in _BLOCKS else "")
        if tag["close"]:
            continue
        attributes = _attributes(tag["attributes"])
        marks = {name, *f"{attributes['class']} {attributes['id']} {attributes['role']}".lower().split()}
        if name in _NOT_TEXT:
            place = _behind(markup, re.compile(rf"</{name}\b[^<>]*>", re.IGNORECASE), place)
        elif marks & _REFERENCES:
            place = _end_of(markup, name, place) or len(markup)
        elif marks & _SITE and name in _CONTAINERS and name not in never_closed:
            end = _end_of(markup, name, place)
            if end is None:
                never_closed.add(name)
            place = end or place
        elif name == "a" and attributes["href"].strip().lower().startswith(("http://", "https://", "//")):
            href = attributes["href"].strip()
            parts.append(f"\n\n{'https:' if href.startswith('//') else ''}{href}\n\n")
    parts.append(markup[place:])
    return html.unescape(_without_endless_numbers("".join(parts)))


def _attributes(text: str) -> dict[str, str]:
    found = {"class": "", "id": "", "role": "", "href": ""}
    for match in _ATTRIBUTE.finditer(text):
        found[match[1].lower()] = match[2] or match[3] or match[4] or ""
    return found


def _behind(markup: str, end: re.Pattern[str], place: int) -> int:
    """The place after the next `end`; where there is none, that of the end of the page."""
    found = end.search(markup, place)
    return found.end() if found else len(markup)


def _end_of(markup: str, name: str, place: int) -> int | None:
    """The place after the element that began before `place`, with all of the same name within it."""
    depth = 1
    for tag in re.compile(rf"<(/?){name}\b[^<>]*+>", re.IGNORECASE).finditer(markup, place):
        depth += -1 if tag[1] else 1
        if not depth:
            return tag.end()
    return None


def _without_endless_numbers(text: str) -> str:
    return re.sub(r"&#[xX]?[0-9a-fA-F]{8,}+;?", " ", text)  # html.unescape refuses them by an exception
