"""Which of the many addresses in a paper's page lead to its own code, weights, data and project page. Pure.

Most addresses of a page are to what others made, so the words around them count: those that the page says
are its own come first, then those near its beginning, and never more than a few of a kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from journal.link_kinds import canonical_address, kind_of_address, same_thing
from journal.page_text import BLOCK, page_text
from journal.paper_links import Mention, mentions_in
from journal.types import LinkKind, PaperLink

MOST_OF_A_KIND = 5
_MOST_MENTIONS = 5_000
_FIRST_PART = 6_000  # characters: title, authors, abstract, and where the introduction begins
_LONGEST_LISTED = 30  # characters between two addresses of one list

_THING = (
    r"(?:codes?|codebase|source|implementations?|software|scripts?|models?|weights|checkpoints?|data(?:sets?)?|"
    r"benchmark|project(?: ?web)?(?: ?page| ?site)?|web ?(?:page|site)|demo|repository|repo|toolkit|library|"
    r"packages?|resources|materials)"
)
_SAYS_OURS = re.compile(
    rf"\b(?:our|this (?:paper|work|study|project)(?:'s|’s)?)\b[^.]{{0,100}}\b{_THING}\b"
    rf"|\b{_THING}\b[^.]{{0,40}}\b(?:of|for) (?:our|this) "
    rf"|\bwe\b(?: \w+)? (?:release|open-?source|publish|provide|make|share|host)",
    re.IGNORECASE,
)
_SAYS_OTHERS = re.compile(
    r"\b(?:their|original|authors['’]|(?:provided|released|proposed) (?:by|in)|based (?:up)?on|buil[dt] (?:up)?on|"
    r"we (?:\w+ )?(?:use|used|adopt|follow|employ|utili[sz]e|rely|compare|fine-?tune|evaluate)\w*|us(?:es|ing)|"
    r"adapted|taken|obtained|downloaded|borrow\w*|following|implementation (?:of|from)|implemented (?:in|with))\b",
    re.IGNORECASE,
)
_SAYS_AVAILABLE = re.compile(
    rf"\b{_THING}\b(?:[^.]{{0,100}}\b(?:available|released|accessible|open-?sourced?|published|hosted|found|at|here)\b"
    r"|\s*:)",
    re.IGNORECASE,
)
# The words of a link and nothing beside them.
_IS_NAMED = re.compile(
    rf"\s*[\[(]?\s*(?:our |the |github |hugging ?face )?(?:{_THING}|github|hugging ?face)\s*[\])]?\s*"
    rf"(?:\Z|[{BLOCK}|,;\n])",
    re.IGNORECASE,
)
_SENTENCE_ENDS = re.compile(rf"[.!?]\s|{BLOCK}")
# Of those who make the page and not the paper.
_MAKERS = ("github.com/arxiv/", "github.com/brucemiller/latexml", "huggingface.co/huggingface?")

_OURS, _AVAILABLE, _UNSAID, _OTHERS = 3, 2, 0, -2


@dataclass(frozen=True, slots=True)
class _Weighed:
    link: PaperLink
    weight: int
    start: int


def links_in_page(markup: str) -> tuple[PaperLink, ...]:
    """The addresses in a page that are likely the paper's own, best first: each once, at most five of a kind.

    Only of hosts that keep code, weights, data or project pages, not from the list of references, and not what is
    said to be somebody else's.
    """
    best: dict[str, _Weighed] = {}
    for one in _weighed(islice(mentions_in(page_text(markup)), _MOST_MENTIONS)):
        key = same_thing(one.link.url)
        if key not in best or one.weight > best[key].weight:
            best[key] = one
    likely = [one for one in best.values() if one.weight >= _UNSAID]
    ordered = [one.link for one in sorted(likely, key=lambda one: (-one.weight, one.start))]
    return tuple(
        link for kind in LinkKind for link in islice((one for one in ordered if one.kind is kind), MOST_OF_A_KIND)
    )


def _weighed(mentions: Iterable[Mention]) -> Iterator[_Weighed]:
    before_end, weight_before = 0, _UNSAID
    for mention in mentions:
        statement = mention.before[max(0, len(mention.before) - (mention.start - before_end)) :]
        is_listed = len(statement) <= _LONGEST_LISTED and not _SENTENCE_ENDS.search(statement)
        said = _said(_SENTENCE_ENDS.split(statement)[-1], mention.after)
        weight = weight_before if said == _UNSAID and is_listed and before_end else said
        before_end, weight_before = mention.end, weight
        kind = kind_of_address(mention.url, mention.before[-80:], takes_any_host=False)
        if kind is not None and not f"{same_thing(mention.url)}?".startswith(_MAKERS):
            weight += mention.start < _FIRST_PART
            yield _Weighed(PaperLink(canonical_address(mention.url), kind), weight, mention.start)


def _said(before: str, after: str) -> int:
    """What the sentence before an address, or the words of its link, say of whose it is."""
    says_available, says_others = _SAYS_AVAILABLE.search(before), _SAYS_OTHERS.search(before)
    if _SAYS_OURS.search(before) and (says_available or not says_others):
        return _OURS
    if says_others:
        return _UNSAID if says_available else _OTHERS
    return _AVAILABLE if says_available or _IS_NAMED.match(after) else _UNSAID
