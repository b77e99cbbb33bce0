"""Addresses of code, weights, data and project pages in what is said of a paper. Pure.

Abstracts, comments and pages hold them in every state: without a scheme, broken by a line fold, in
`\\url{..}` or `\\href{..}{..}`, with `\\_` for an underscore, with the full stop of the sentence behind them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from journal.ids import canonical_url
from journal.link_kinds import canonical_address, is_known, kind_of_address, same_thing
from journal.types import PaperLink

_LONGEST_TEXT = 2_000_000  # characters looked at
_LONGEST_URL = 500
_MOST_LINKS = 200  # of one text


_CHARACTER = r"[A-Za-z0-9\-._~:/?#@!&*+=%]|\\[_%#&~]|\{\\_\}"
# The start of a name that `is_known` may know.
_KNOWN_NAME = (
    "github|gitlab|bitbucket|codeberg|gitee|sr|4open|google|pypi|huggingface|hf|modelscope|ollama|civitai|zenodo|osf|figshare|"
    "kaggle|mendeley|physionet|synapse|ieee-dataport|harvard|openneuro|datadryad|uci|dropbox|baidu|readthedocs|streamlit|"
    "vercel|netlify"
)
_ADDRESS = re.compile(
    rf"""
    (?: (?P<scheme>https?)\s?:\s?/(?:\s?/)?\s?
      | (?<![\w@./\-\\])(?=(?:[\w-]{{1,60}}\.){{0,3}}(?:{_KNOWN_NAME})\.)
      | (?<![\w@./\-\\])(?=www\.[A-Za-z0-9])
      | (?<![\w./])(?:doi:\s?)?(?=(?P<archived>10\.(?:5281/zenodo|6084/m9|7910/dvn|17605/osf|17632/\w|5061/dryad))) )
    (?P<address>(?:{_CHARACTER}){{4,{_LONGEST_URL}}}+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
# What stands at the end of an address without belonging to it; a sentence glued to it too.
_GLUED = re.compile(
    r"[.,;](?:The|We|This|Our|In|It|For|See|Code|Project|Accepted|Comments?|Data|Models?|Demo|To|A|All)[A-Za-z]*\Z"
)
_TRAILING = ".,;:!?*~&#=+/@\\"
# `https://github.com/owner/ name` and `https://github. com/owner`: folded at a slash, a dot or a hyphen.
_FOLDED_TAIL = re.compile(r"[ \n]([A-Za-z0-9][\w.\-]{0,80}(?:/[\w.\-]{1,80}){0,3})")
_LOOKS_LIKE_NAME = re.compile(r"[\d_\-]|[a-z][A-Z]|[A-Z]{2}|/")
_SMALL_WORDS = frozenset(
    {"a", "and", "are", "as", "at", "for", "in", "is", "of", "on", "or", "the", "to", "we", "with"}
)
_FOLDED_HOST = re.compile(
    r"\b((?:https?\s?:\s?/\s?/\s?)?(?:www\.)?(?:github|gitlab|huggingface|zenodo|kaggle|4open))\.\s(com|co|org|science)/",
    re.IGNORECASE,
)
_LOOKED_BACK = 80  # characters before an address that may tell its kind
_AROUND = 200  # characters of a mention's `before` and `after`


@dataclass(frozen=True, slots=True)
class Mention:
    """An address with its scheme, the words around it, and where in the text it begins and ends."""

    url: str
    before: str
    after: str
    start: int
    end: int


def links_in(*texts: str) -> tuple[PaperLink, ...]:
    """The addresses in an abstract, a comment and the like, in order, each once; never more than 200 a text.

    Any web address counts as a page, unless it leads to publications, people or licences.
    """
    return tuple(_once(_links(texts)))


def _links(texts: Iterable[str]) -> Iterator[PaperLink]:
    for text in texts:
        found = 0
        for mention in mentions_in(text):
            kind = kind_of_address(mention.url, mention.before[-_LOOKED_BACK:], takes_any_host=True)
            if kind is not None:
                yield PaperLink(canonical_address(mention.url), kind)
                found += 1
                if found == _MOST_LINKS:
                    break


def _once(links: Iterable[PaperLink]) -> Iterator[PaperLink]:
    """One of each repository or address, in the spelling that came first."""
    seen = set()
    for link in links:
        key = same_thing(link.url)
        if key not in seen:
            seen.add(key)
            yield link


def same_place(one: str, other: str) -> bool:
    """Whether two addresses lead to one repository or page."""
    return same_thing(one) == same_thing(other)


# ---------------------------------------------------------------- finding


def mentions_in(text: str) -> Iterator[Mention]:
    """Every address in `text`, in order, those of no use too."""
    text = _FOLDED_HOST.sub(r"\1.\2/", text[:_LONGEST_TEXT])
    for match in _ADDRESS.finditer(text):
        address = match["address"]
        end = match.end()
        tail = _FOLDED_TAIL.match(text, end) if address.endswith(("/", "-", "_")) else None
        if tail and _is_rest_of(address, tail[1]):
            address += tail[1]
        address = _bare(address, is_at_blank=text[end : end + 1].isspace() or end == len(text))
        address = f"doi.org/{address}" if match["archived"] else address
        url = canonical_url(f"{(match['scheme'] or 'https').lower()}://{address}")
        is_marked = match["scheme"] or match["archived"] or address.lower().startswith("www.")
        if url and _has_real_host(address, url) and (is_marked or is_known(urlsplit(url).hostname or "")):
            yield Mention(
                url,
                before=text[max(0, match.start() - _AROUND) : match.start()],
                after=text[end : end + _AROUND],
                start=match.start(),
                end=end,
            )


def _is_rest_of(address: str, tail: str) -> bool:
    """Whether `tail` is what a line fold cut off `address`."""
    host, _, path = address.rstrip("/").partition("/")
    if address.endswith(("-", "_")):
        return bool(path) and tail.lower() not in _SMALL_WORDS
    if not path:  # the host alone: owner and name follow, or a word of the sentence
        return "/" in tail or bool(_LOOKS_LIKE_NAME.search(tail))
    is_owner_alone = "/" not in path and host.lower().removeprefix("www.") in {
        "github.com",
        "gitlab.com",
        "huggingface.co",
    }
    return is_owner_alone and bool(_LOOKS_LIKE_NAME.search(tail))


def _bare(address: str, *, is_at_blank: bool) -> str:
    """Without TeX escapes, and without what belongs to the sentence around it.

    A name may end in a hyphen; one that a blank follows is the sentence's.
    """
    address = re.sub(r"\\([_%#&~])", r"\1", address.replace(r"{\_}", "_"))
    address = re.sub(r"(?i)(?<=.)https?:/.*", "", address)  # a second address glued to it
    if glued := _GLUED.search(address):
        address = address[: glued.start()]
    bare = address.rstrip(_TRAILING)
    return bare.rstrip("-") if bare == address and is_at_blank else bare


_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,24}|xn--[a-z0-9-]{2,59})")


def _has_real_host(address: str, url: str) -> bool:
    """A name with a dot and letters at its end; a password or another host before an `@` is a trap."""
    return "@" not in address.partition("/")[0] and bool(_HOST.fullmatch(urlsplit(url).hostname or ""))
