"""What is shown of a paper: what a skimmer needs first, then all of it. Pure.

Texts are made printable here, before anything is marked, so that marks lie on what is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from journal.highlighting import find_words
from journal.ids import arxiv_abs_url, canonical_url
from journal.link_kinds import canonical_address
from journal.marks import Mark, MarkRole
from journal.paper_links import links_in, same_place
from journal.queries.fulltext import searched_words
from journal.skimming import skimmed
from journal.stemming import fold
from journal.tex_math import displayed
from journal.types import LinkKind, Paper, PaperLink, PaperState
from tui.documents import LINKS, Abstract, Document, Facts, InShort, Links, Names, Passage, Table, Title, carried, told
from tui.formatting import address, counted, local_day, printable, readable, reasons
from tui.roles import STATE_ROLES

_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_MOST_LOOKED_AT = 50_000  # characters of an abstract; in what follows nothing is marked
_AUTHOR, _CATEGORY = "au:", "cat:"  # what the reason of a rank is about, where it is no word
_MOST_NAMES, _FIRST_NAMES = 6, 4
# The paper's own page stands as "page".
_LINK_NAMES = {LinkKind.page: "project"}
FOUND = "Found in its page"


def paper_document(
    paper: Paper, because: Sequence[tuple[str, float]] = (), search: str = "", *, is_chance: bool = False
) -> Document:
    """Title, who and when, `because` of what a new one stands where it does; the gist; the abstract and the rest.

    `is_chance` says that chance put it there.

    The words of `because` and those of `search`, what a person typed to find the paper, are marked.
    """
    searched = searched_words(search, is_typing=True)
    ranking = tuple(_words_of_reasons(because))
    title = _title(paper.title, searched, ranking)
    abstract, sentences = _abstract(paper.abstract, searched, ranking)
    version = f"v{paper.version}" if paper.version else ""
    state = "" if paper.state is PaperState.none else str(paper.state)
    day = paper.announced_on.isoformat() if paper.announced_on else local_day(paper.published_at)
    links = web_links(paper)
    told_because = reasons(because, is_chance=is_chance)
    found = " and ".join(kind for kind in (LinkKind.code, LinkKind.weights) if any(kind is link.kind for link in links))
    return Document(
        paper.ref,
        (
            Title(title.text, title.marks),
            Names(_authors(paper.authors, searched, because)),
            Facts((
                (str(paper.ref), "ref"),
                (state, STATE_ROLES[paper.state]),
                (f"arXiv:{paper.arxiv_id}{version}" if paper.arxiv_id else "", ""),
                (" ".join(paper.categories), "dim"),
                (day, "dim"),
                (f"has {found}" if found else "", "good"),
                (counted(len(paper.links), "link") if paper.links else "", ""),
                *carried(paper),
            )),
            Facts(((f"because: {told_because}" if told_because else "", "dim"),)),
            InShort(sentences),
            Abstract(abstract),
            Links(LINKS, paper.links),
            Table("", told((
                *((_LINK_NAMES.get(link.kind, str(link.kind)), address(link.url)) for link in told_links(paper)),
                ("its page", "" if paper.page_links or not paper.page_read_at else nothing_in_page(paper.page_read_at)),
                ("comment", readable(printable(paper.comment))),
                ("published in", readable(printable(paper.journal_ref))),
                ("DOI", paper.doi or ""),
                ("page", _page(paper)),
                ("came by", ", ".join(paper.feeds)),
                ("authors", _all_names(paper.authors) if len(paper.authors) > _MOST_NAMES else ""),
            ))),
            Table(FOUND, tuple(
                (_LINK_NAMES.get(link.kind, str(link.kind)), address(link.url)) for link in found_links(paper)
            )),
        ),
    )  # fmt: skip


def web_links(paper: Paper) -> tuple[PaperLink, ...]:
    """Where its code, weights, data and pages are, as far as is known; each once, what its page names last."""
    return (*told_links(paper), *found_links(paper))


def found_links(paper: Paper) -> tuple[PaperLink, ...]:
    """What was found in its page alone."""
    told = told_links(paper)
    return tuple(link for link in paper.page_links if not any(same_place(link.url, one.url) for one in told))


def told_links(paper: Paper) -> tuple[PaperLink, ...]:
    """What its record, abstract and comment name."""
    found = links_in(paper.abstract, paper.comment)
    given = canonical_url(paper.code_url or "")
    if given is None:
        return found
    given = canonical_address(given)
    return (PaperLink(given, LinkKind.code), *(link for link in found if not same_place(link.url, given)))


def page_finding(paper: Paper) -> str:
    """What looking into its page came to, in a sentence."""
    if not paper.page_links:
        return f"Nothing was found in the page of {paper.ref}."
    kinds = [link.kind for link in paper.page_links]
    named = [_LINK_NAMES.get(kind, str(kind)) for kind in dict.fromkeys(kinds)]
    new = len(found_links(paper))
    return f"The page of {paper.ref} names {' and '.join(named)}" + (
        f": {counted(new, 'address', 'addresses')} more." if new else ": known already."
    )


def nothing_in_page(read_at: datetime) -> str:
    return f"nothing found in it on {local_day(read_at)}"


def _page(paper: Paper) -> str:
    """Only what a browser may open."""
    if paper.url is None:
        return arxiv_abs_url(paper.arxiv_id) if paper.arxiv_id else ""
    return address(paper.url) if canonical_url(paper.url) else ""


# ---------------------------------------------------------------- marks


def _title(text: str, searched: Iterable[str], ranking: Iterable[str]) -> Passage:
    clean = printable(text)
    shown = displayed(clean)
    return Passage(shown.text, shown.moved(_words_in(clean, searched, ranking)))


def _abstract(text: str, searched: Iterable[str], ranking: Iterable[str]) -> tuple[Passage, tuple[Passage, ...]]:
    """All of it in paragraphs, and the sentences of it to read first."""
    lines = printable(text, keeps_lines=True)
    clean = "\n\n".join(" ".join(part.split()) for part in _BLANK_LINE.split(lines)).strip()
    clean, rest = clean[:_MOST_LOOKED_AT], clean[_MOST_LOOKED_AT:]
    shown, found = displayed(clean), skimmed(clean)
    abstract = Passage(shown.text + rest, shown.moved((*found.marks, *_words_in(clean, searched, ranking))))
    places = sorted({(mark.start, mark.end) for mark in shown.moved(found.gist)})
    return abstract, tuple(_part(abstract, start, end) for start, end in places)


def _part(passage: Passage, start: int, end: int) -> Passage:
    within = [mark for mark in passage.marks if mark.start < end and start < mark.end]
    moved = (Mark(max(mark.start, start) - start, min(mark.end, end) - start, mark.role) for mark in within)
    return Passage(passage.text[start:end], tuple(moved))


def _words_in(text: str, searched: Iterable[str], ranking: Iterable[str]) -> tuple[Mark, ...]:
    return (*find_words(text, ranking, MarkRole.ranking), *find_words(text, searched))


def _words_of_reasons(because: Sequence[tuple[str, float]]) -> Iterator[str]:
    """The words and phrases among the reasons for a rank, without authors and categories, and without those against."""
    for reason, weight in because:
        words = reason.lstrip("+-")
        if weight > 0 and not words.startswith((_AUTHOR, _CATEGORY)):
            yield words


def _all_names(names: Sequence[str]) -> str:
    return ", ".join(readable(printable(name)) for name in names)


def _authors(names: Sequence[str], searched: Sequence[str], because: Sequence[tuple[str, float]]) -> Passage:
    """All names, or of many the first ones, those that are marked, and the last."""
    wanted = {
        fold(reason.lstrip("+-").removeprefix(_AUTHOR))
        for reason, weight in because
        if weight > 0 and _AUTHOR in reason[:4]
    }
    shown = [_name(name, searched, is_reason=fold(name) in wanted) for name in names]
    if len(shown) > _MOST_NAMES:
        marked = [place for place, name in enumerate(shown) if name.marks][:_FIRST_NAMES]
        places = sorted({*range(_FIRST_NAMES), *marked, len(shown) - 1})
    else:
        places = list(range(len(shown)))
    text, marks, before = "", list[Mark](), -1
    for place in places:
        text += "" if not text else ", " if place == before + 1 else " … "
        marks += [Mark(mark.start + len(text), mark.end + len(text), mark.role) for mark in shown[place].marks]
        text, before = text + shown[place].text, place
    return Passage(text + (f" ({len(names):,} authors)" if len(places) < len(shown) else ""), tuple(marks))


def _name(name: str, searched: Sequence[str], *, is_reason: bool) -> Passage:
    clean = printable(name)
    marks = [*find_words(clean, searched), *([Mark(0, len(clean), MarkRole.ranking)] if is_reason else ())]
    shown = displayed(clean)
    return Passage(shown.text, shown.moved(marks))
