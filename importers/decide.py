"""What arriving papers do to those that are kept. Pure: plain values in, a PaperDecision out.

One paper is one item, whatever brought it and how often. It is the same paper when any identifier
agrees (arXiv id, DOI, address), except that two different arXiv ids are never one paper: a DOI is now
and and then claimed by two. Nothing known is ever replaced by nothing, and what a person decided or wrote stays.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from datetime import date

from journal.ids import parse_arxiv_id
from journal.types import (
    AnnounceType,
    ArrivedPaper,
    PaperDecision,
    PaperDraft,
    PaperState,
    PaperUpdate,
    StoredPaper,
)

_ANNOUNCED_AS_NEW = frozenset({AnnounceType.new, AnnounceType.cross, None})  # None: a post of a blog
_ARXIV_DOI = "10.48550/arxiv."
# When items merge, the strongest wish stays: what one wanted to read is not lost behind a skip.
_STRENGTH = {
    PaperState.kept: 5,
    PaperState.queued: 4,
    PaperState.skipped: 3,
    PaperState.muted: 2,
    PaperState.new: 1,
    PaperState.none: 0,
}
_TEXTS = ("title", "abstract", "authors", "categories", "comment", "journal_ref", "version")
_GAPS = ("abstract", "authors", "arxiv_id", "doi", "url", "categories", "published_at", "announced_on", "comment",
         "journal_ref", "code_url")  # fmt: skip

Identifier = tuple[str, str]


def decide(
    stored: Iterable[StoredPaper], arrived: Sequence[PaperDraft], *, state_of_new: PaperState = PaperState.none
) -> PaperDecision:
    """What papers added by hand or from a file change. A deleted paper comes back by them.

    `stored` holds every kept or deleted paper that any identifier of `arrived` names, as
    `queries.papers.stored_papers` reads them; `placed` of the answer follows the order of `arrived`.
    """
    batch = _Batch(stored)
    placed = [batch.take(draft, state_of_new) for draft in arrived]
    return batch.decision(placed)


def decide_announced(
    stored: Iterable[StoredPaper],
    arrived: Sequence[ArrivedPaper],
    *,
    brought_before: Container[int] = (),
    brought_first: Container[int] | None = None,
    news_since: date | None = None,
) -> PaperDecision:
    """What the announcements of one feed change. Only a feed makes a paper `new`; it revives no deleted one.

    `brought_before` holds the ids of the items that this feed brought at an earlier fetch: announcing
    them again makes none of them `new` again. `brought_first` holds those that no feed older than this one
    brought: only of these does it rewrite a post's text, or two feeds that carry one post in two
    forms would rewrite each other at every fetch. None means all. Posts from before `news_since` are kept
    without being `new`: the archive of a blog that was just followed is no morning's work.
    """
    batch = _Batch(stored, is_feed=True, brought_before=brought_before, brought_first=brought_first)
    placed = []
    for arrival in arrived:
        is_new = arrival.announce_type in _ANNOUNCED_AS_NEW and not is_archived(arrival, news_since)
        state = PaperState.new if is_new else PaperState.none
        placed.append(batch.take(arrival.draft, state))
    return batch.decision(placed)


def is_archived(arrival: ArrivedPaper, news_since: date | None) -> bool:
    """Whether a post is older than what counts as news."""
    day = arrival.draft.announced_on
    return news_since is not None and arrival.announce_type is None and day is not None and day < news_since


class _Known:
    """One paper while a batch is decided: the items that are it, and what arrived of it, in order."""

    __slots__ = ("arrivals", "identifiers", "items", "merged_into")

    def __init__(self, known_by: Iterable[Identifier], items: list[StoredPaper]) -> None:
        self.identifiers = set(known_by)
        self.items = items  # the living ones first, and of each the oldest first
        self.arrivals: list[tuple[int, PaperDraft, PaperState]] = []  # numbered, so that merging keeps their order
        self.merged_into: _Known | None = None

    @property
    def arxiv_ids(self) -> set[str]:
        return {value for scheme, value in self.identifiers if scheme == "arxiv"}

    def final(self) -> _Known:
        known = self
        while known.merged_into is not None:
            known = known.merged_into
        return known


class _Batch:
    """First it is settled which arrivals are which paper, then each paper learns from its own.

    In one go, what an arrival changes would depend on whether a later one reveals whose it was, and
    the same batch would change more the second time.
    """

    def __init__(
        self,
        stored: Iterable[StoredPaper],
        *,
        is_feed: bool = False,
        brought_before: Container[int] = (),
        brought_first: Container[int] | None = None,
    ) -> None:
        self._is_feed = is_feed
        self._brought_before = brought_before
        self._brought_first = brought_first
        self._taken = 0
        self._all: list[_Known] = []
        self._by_identifier: dict[Identifier, _Known] = {}
        for paper in stored:
            self._all.append(known := _Known(paper.identifiers, [paper]))
            for identifier in paper.identifiers:
                self._by_identifier[identifier] = known

    def take(self, draft: PaperDraft, state_of_new: PaperState) -> _Known:
        """The paper that `draft` is, as far as can be told by now."""
        draft = normalised(draft)
        matches = self._matches(draft)
        if matches:
            known = self._merged(matches)
        else:
            self._all.append(known := _Known((), []))
        draft = self._without_others_names(draft, known)
        known.arrivals.append((self._taken, draft, state_of_new))
        self._taken += 1
        for identifier in draft.identifiers:
            known.identifiers.add(identifier)
            self._by_identifier[identifier] = known
        return known

    def decision(self, placed: Sequence[_Known]) -> PaperDecision:
        inserts: list[tuple[PaperDraft, PaperState]] = []
        updates: list[PaperUpdate] = []
        also_known_by: list[tuple[int, str, str]] = []
        place_of: dict[int, int] = {}
        for known in self._all:
            if known.merged_into is not None or not known.arrivals:
                continue
            if known.items:
                place_of[id(known)] = known.items[0].item_id
                if update := self._update(known):
                    updates.append(update)
                continue
            _, draft, state = known.arrivals[0]
            if len(known.arrivals) > 1:
                draft, state = self._learned(known, draft, state, is_rewritten=True)
            inserts.append((draft, state))
            place_of[id(known)] = -len(inserts)
            if len(known.identifiers) > len(draft.identifiers):
                more = sorted(known.identifiers.difference(draft.identifiers))
                also_known_by += [(-len(inserts), scheme, value) for scheme, value in more]
        return PaperDecision(
            inserts=tuple(inserts),
            updates=tuple(updates),
            unchanged=len(placed) - len(inserts) - len(updates),
            placed=tuple(place_of[id(known.final())] for known in placed),
            also_known_by=tuple(also_known_by),
        )

    # ------------------------------------------------------------ which paper is it

    def _matches(self, draft: PaperDraft) -> list[_Known]:
        """The known papers that share an identifier, the strongest first, and no arXiv id against another."""
        found: list[_Known] = []
        for identifier in draft.identifiers:
            known = self._by_identifier.get(identifier)
            if known is not None and known not in found:
                found.append(known)
        if len(found) == 1 and (not draft.arxiv_id or ("arxiv", draft.arxiv_id) in found[0].identifiers):
            return found
        matches: list[_Known] = []
        arxiv_ids = {draft.arxiv_id} if draft.arxiv_id else set()
        for known in found:
            if not arxiv_ids or not known.arxiv_ids or arxiv_ids & known.arxiv_ids:
                matches.append(known)
                arxiv_ids |= known.arxiv_ids
        return matches

    def _merged(self, matches: list[_Known]) -> _Known:
        """One paper of all `matches`, with their items and arrivals."""
        known, *others = matches
        for other in others:
            other.merged_into = known
            known.items += other.items
            known.arrivals += other.arrivals
            known.identifiers |= other.identifiers
            for identifier in other.identifiers:
                self._by_identifier[identifier] = known
        if others:
            known.items.sort(key=lambda item: (item.is_deleted, item.item_id))
            known.arrivals.sort(key=lambda arrival: arrival[0])
        return known

    def _without_others_names(self, draft: PaperDraft, known: _Known) -> PaperDraft:
        """`draft` without a DOI or address that already names a different paper."""
        for scheme, value in draft.identifiers:
            if scheme != "arxiv" and self._by_identifier.get((scheme, value), known) is not known:
                draft = replace(draft, doi=None) if scheme == "doi" else replace(draft, url=None)
        return draft

    # ------------------------------------------------------------ what does it learn

    def _update(self, known: _Known) -> PaperUpdate | None:
        """What changes of the first of the items: the oldest that lives. The others merge into it."""
        item, *others = known.items
        draft, state = item.draft, item.state
        for other in others:
            draft = _learned(draft, other.draft)
            if not other.is_deleted:
                state = max(state, other.state, key=_STRENGTH.__getitem__)
        # Of a paper that stays deleted only the names are noted, so that it is recognised by all of them.
        if not (item.is_deleted and self._is_feed):
            draft, state = self._learned(known, draft, state, is_rewritten=False)
        draft = replace(draft, **{name: getattr(item.draft, name) for name in item.own_texts})
        restores = item.is_deleted and not self._is_feed
        owned = item.identifiers.union(*(other.identifiers for other in others))
        new_identifiers = tuple(sorted(known.identifiers - owned))
        is_same = draft == item.draft and state is item.state
        if is_same and not new_identifiers and not others and not restores:
            return None
        return PaperUpdate(
            item_id=item.item_id,
            draft=draft,
            state=state,
            new_identifiers=new_identifiers,
            restores=restores,
            merges=tuple(sorted(other.item_id for other in others)),
        )

    def _learned(
        self, known: _Known, draft: PaperDraft, state: PaperState, *, is_rewritten: bool
    ) -> tuple[PaperDraft, PaperState]:
        """(draft, state) after all that arrived. Of several texts of one post within a batch the first counts."""
        is_owner = (
            self._brought_first is None
            or not known.items
            or any(item.item_id in self._brought_first for item in known.items)
        )
        for _, arrived, state_of_new in known.arrivals:
            is_post = self._is_feed and is_owner and draft.arxiv_id is None and arrived.arxiv_id is None
            draft = _learned(draft, arrived)
            if is_post and not is_rewritten and not arrived.is_placeholder:
                draft = _rewritten(draft, arrived)
                is_rewritten = True
            if state is PaperState.none and state_of_new is PaperState.new and self._may_announce(known):
                state = PaperState.new
                if known.items and arrived.announced_on:
                    draft = replace(draft, announced_on=arrived.announced_on)
        return draft, state

    def _may_announce(self, known: _Known) -> bool:
        """Whether a paper from a file or a hand enters the day's list: by each feed once."""
        return self._is_feed and not any(item.item_id in self._brought_before for item in known.items)


def names_of(drafts: Iterable[PaperDraft]) -> list[Identifier]:
    """Every identifier by which a stored paper must be looked up before deciding about `drafts`."""
    return [name for draft in drafts for name in normalised(draft).identifiers]


def normalised(draft: PaperDraft) -> PaperDraft:
    """`draft` without addresses and DOIs that only repeat its arXiv id, and with the id that they told."""
    names = [name for name in (draft.url, draft.doi) if name and "arxiv" in name.lower()]
    if not names:
        is_versioned_post = draft.version is not None and draft.arxiv_id is None
        return replace(draft, version=None) if is_versioned_post else draft
    url, doi, arxiv_id, version = draft.url, draft.doi, draft.arxiv_id, draft.version
    for name in names:
        identity = parse_arxiv_id(name)
        if identity is None:
            continue
        url, doi = (None if name == url else url), (None if name == doi else doi)
        if arxiv_id is None:
            arxiv_id, version = identity.id, identity.version or version
        elif arxiv_id == identity.id:
            version = version or identity.version
    return replace(draft, url=url, doi=doi, arxiv_id=arxiv_id, version=version)


def _learned(known: PaperDraft, arrived: PaperDraft) -> PaperDraft:
    """`known` with the texts of `arrived` where that is a newer version, and else with its gaps filled."""
    changes: dict[str, object] = {}
    if _is_newer(known, arrived):
        changes = {name: value for name in _TEXTS if (value := getattr(arrived, name))}
    for name in _GAPS:
        if name not in changes and not getattr(known, name) and (value := getattr(arrived, name)):
            changes[name] = value
    changes = {name: value for name, value in changes.items() if value != getattr(known, name)}
    return replace(known, **changes) if changes else known  # type: ignore[arg-type]


def _is_newer(known: PaperDraft, arrived: PaperDraft) -> bool:
    """A text whose version is known is newer than one that came without, as from a bibliography."""
    if arrived.is_placeholder:
        return False
    if known.is_placeholder:
        return True
    return arrived.version is not None and (known.version is None or arrived.version > known.version)


def _rewritten(known: PaperDraft, arrived: PaperDraft) -> PaperDraft:
    """A post whose author changed it. That another feed carries a cut of the same text is no change."""
    abstract = arrived.abstract
    if not abstract or known.abstract.startswith(abstract.rstrip(" .…[]")):
        abstract = known.abstract
    if (known.title, known.abstract) == (arrived.title, abstract):
        return known
    return replace(known, title=arrived.title, abstract=abstract)
