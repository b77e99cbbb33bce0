"""One paper is one item whatever brought it, nothing known is lost, and what a person decided stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.decide import decide, decide_announced
from journal.types import (
    AnnounceType,
    ArrivedPaper,
    PaperDecision,
    PaperDraft,
    PaperState,
    StoredPaper,
)

V1 = PaperDraft(
    title="A title",
    abstract="An abstract.",
    authors=("Ann Author",),
    arxiv_id="2501.00001",
    version=1,
    categories=("cs.LG",),
    comment="9 pages",
)
V2 = replace(V1, title="A better title", abstract="More.", authors=("Ann Author", "Bo Second"), version=2, comment="")
POST = PaperDraft(title="A post", abstract="What it says.", url="https://blog.example/post")
DAY = date(2026, 11, 20)


def kept(
    draft: PaperDraft,
    item_id: int = 1,
    state: PaperState = PaperState.kept,
    *,
    is_deleted: bool = False,
    own_texts: Iterable[str] = (),
) -> StoredPaper:
    return StoredPaper(
        item_id=item_id,
        draft=draft,
        state=state,
        is_deleted=is_deleted,
        identifiers=frozenset(draft.identifiers),
        own_texts=frozenset(own_texts),
    )


def test_no_source_changes_a_text_that_a_person_wrote():
    mine = replace(V1, title="My title", abstract="In my words.")
    (update,) = decide_announced([kept(mine, own_texts=["title", "abstract"])], [announced(V2)]).updates
    assert (update.draft.title, update.draft.abstract, update.draft.version) == ("My title", "In my words.", 2)
    (update,) = decide_announced([kept(mine, own_texts=["title"])], [announced(V2)]).updates
    assert (update.draft.title, update.draft.abstract) == ("My title", V2.abstract)
    post = replace(POST, title="My title")
    assert decide_announced([kept(post, own_texts=["title"])], [announced(POST, None)]).unchanged == 1


def announced(draft: PaperDraft, how: AnnounceType | None = AnnounceType.new) -> ArrivedPaper:
    return ArrivedPaper(draft=draft, guid=str(draft.identifiers[0][1]), announce_type=how)


class Shelf:
    """What the store does with a decision, on plain values."""

    def __init__(self, papers: Iterable[StoredPaper] = ()) -> None:
        self.papers = {paper.item_id: paper for paper in papers}
        self.brought: dict[str, set[int]] = {}

    def apply(self, decision: PaperDecision) -> tuple[int, ...]:
        made = []
        for draft, state in decision.inserts:
            item_id = max(self.papers, default=0) + 1
            made.append(item_id)
            self.papers[item_id] = kept(draft, item_id, state)
        for place, scheme, value in decision.also_known_by:
            paper = self.papers[made[-place - 1]]
            self.papers[paper.item_id] = replace(paper, identifiers=paper.identifiers | {(scheme, value)})
        for update in decision.updates:
            paper = self.papers[update.item_id]
            names = paper.identifiers | set(update.new_identifiers)
            for other_id in update.merges:
                other = self.papers[other_id]
                names |= other.identifiers
                self.papers[other_id] = replace(other, is_deleted=True, identifiers=frozenset())
            self.papers[update.item_id] = replace(
                paper,
                draft=update.draft,
                state=update.state,
                identifiers=names,
                is_deleted=paper.is_deleted and not update.restores,
            )
        owners = [name for paper in self.papers.values() for name in paper.identifiers]
        assert len(owners) == len(set(owners)), "an identifier names two papers"
        return tuple(place if place > 0 else made[-place - 1] for place in decision.placed)

    def __repr__(self) -> str:
        return f"Shelf({[*self.papers.values()]}, brought={self.brought})"

    def import_file(self, drafts: Sequence[PaperDraft]) -> PaperDecision:
        decision = decide(self.papers.values(), drafts)
        self.apply(decision)
        return decision

    def fetch(self, feed: str, arrivals: Sequence[ArrivedPaper]) -> PaperDecision:
        brought = self.brought.setdefault(feed, set())
        decision = decide_announced(self.papers.values(), arrivals, brought_before=frozenset(brought))
        brought.update(self.apply(decision))
        return decision

    def living(self) -> list[StoredPaper]:
        return [paper for paper in self.papers.values() if not paper.is_deleted]


# ---------------------------------------------------------------- new papers and their states


@pytest.mark.parametrize(
    ("how", "state"),
    [
        (AnnounceType.new, PaperState.new),
        (AnnounceType.cross, PaperState.new),
        (None, PaperState.new),
        (AnnounceType.replaced, PaperState.none),
        (AnnounceType.replaced_cross, PaperState.none),
    ],
)
def test_only_what_a_feed_announces_as_new_is_new(how: AnnounceType | None, state: PaperState):
    assert decide_announced((), [announced(V1, how)]).inserts == ((V1, state),)


def test_what_comes_from_a_file_is_not_new():
    assert decide((), [V1]).inserts == ((V1, PaperState.none),)


def test_a_paper_from_a_file_becomes_new_when_a_feed_announces_it():
    decision = decide_announced(
        [kept(V1, state=PaperState.none)], [announced(replace(V1, announced_on=DAY), AnnounceType.cross)]
    )
    assert decision.updates[0].state is PaperState.new
    assert decision.updates[0].draft.announced_on == DAY


def test_a_paper_announced_without_a_day_keeps_the_one_it_has():
    stored = kept(replace(V1, announced_on=DAY), state=PaperState.none)
    assert decide_announced([stored], [announced(V1)]).updates[0].draft.announced_on == DAY


def test_a_paper_replaced_and_cross_listed_in_one_batch_is_new_and_keeps_its_day():
    other_day = replace(V1, announced_on=date(2026, 11, 19))
    decision = decide_announced(
        (), [announced(other_day, AnnounceType.replaced), announced(replace(V1, announced_on=DAY), AnnounceType.cross)]
    )
    ((draft, state),) = decision.inserts
    assert (draft.announced_on, state) == (date(2026, 11, 19), PaperState.new)


def test_a_feed_that_brought_a_paper_before_does_not_make_it_new_again():
    stored = kept(V1, 7, PaperState.none)
    assert decide_announced([stored], [announced(V1, AnnounceType.cross)], brought_before={7}).updates == ()


@pytest.mark.parametrize("state", [PaperState.kept, PaperState.queued, PaperState.skipped, PaperState.muted])
@pytest.mark.parametrize("how", list(AnnounceType))
def test_what_a_person_decided_stays(state: PaperState, how: AnnounceType):
    decision = decide_announced([kept(V1, state=state)], [announced(V2, how)])
    assert decision.updates[0].state is state


# ---------------------------------------------------------------- one paper, one item


def test_two_cross_lists_of_one_batch_are_one_paper():
    decision = decide_announced((), [announced(V1, AnnounceType.replaced), announced(V1, AnnounceType.cross)])
    assert len(decision.inserts) == 1
    assert decision.inserts[0][1] is PaperState.new
    assert decision.placed == (-1, -1)


def test_within_a_batch_the_newest_version_counts_and_gaps_are_filled():
    decision = decide((), [replace(V1, doi="10.1/x"), V2, replace(V1, journal_ref="J. 1")])
    (draft, _) = decision.inserts[0]
    assert (draft.title, draft.version) == ("A better title", 2)
    assert (draft.doi, draft.journal_ref, draft.comment) == ("10.1/x", "J. 1", "9 pages")


def test_a_page_of_arxiv_is_known_by_its_id_alone():
    decision = decide((), [replace(V1, url="https://arxiv.org/abs/2501.00001v1", doi="10.48550/arxiv.2501.00001")])
    assert decision.inserts[0][0].identifiers == (("arxiv", "2501.00001"),)


def test_an_address_that_only_mentions_arxiv_is_an_address():
    draft = replace(V1, url="https://blog.example/arxiv-digest")
    assert ("url", "https://blog.example/arxiv-digest") in decide((), [draft]).inserts[0][0].identifiers


def test_the_version_in_a_link_to_the_paper_is_its_version():
    draft = replace(V1, version=None, url="https://arxiv.org/abs/2501.00001v4")
    assert decide((), [draft]).inserts[0][0].version == 4


def test_a_version_of_no_arxiv_paper_means_nothing():
    assert decide((), [replace(POST, version=3)]).inserts[0][0].version is None


def test_a_link_to_arxiv_is_that_paper():
    post = PaperDraft(title="Read this", url="https://arxiv.org/pdf/2501.00001v2")
    decision = decide_announced([kept(V1)], [announced(post, None)])
    assert decision.inserts == ()
    assert decision.placed == (1,)


def test_a_paper_that_came_by_doi_learns_its_arxiv_id():
    by_doi = PaperDraft(title="Journal title", doi="10.1/x")
    decision = decide([kept(by_doi, 4)], [replace(V1, doi="10.1/x")])
    (update,) = decision.updates
    assert update.item_id == 4
    assert update.new_identifiers == (("arxiv", "2501.00001"),)
    assert update.draft.arxiv_id == "2501.00001"
    assert update.draft.title == "A title"  # arXiv's text, since the other has no version


def test_two_items_that_turn_out_to_be_one_merge_into_the_older():
    stored = [kept(replace(V1, doi=None), 9, PaperState.new), kept(PaperDraft(title="Same", doi="10.1/x"), 3)]
    (update,) = decide_announced(stored, [announced(replace(V1, doi="10.1/x"))]).updates
    assert (update.item_id, update.merges) == (3, (9,))
    assert update.state is PaperState.kept
    assert update.draft.arxiv_id == "2501.00001"
    assert update.draft.abstract == "An abstract."


def test_merging_keeps_the_strongest_wish():
    stored = [kept(V1, 1, PaperState.skipped), kept(PaperDraft(title="Same", doi="10.1/x"), 2, PaperState.queued)]
    (update,) = decide(stored, [replace(V1, doi="10.1/x")]).updates
    assert update.state is PaperState.queued


def test_two_arxiv_papers_that_claim_one_doi_stay_two():
    other = replace(V1, arxiv_id="2501.00002", title="Part two", doi="10.1/x")
    shelf = Shelf([kept(replace(V1, doi="10.1/x"))])
    shelf.import_file([other])
    assert len(shelf.living()) == 2
    assert shelf.import_file([other, replace(V1, doi="10.1/x")]).updates == ()


def test_a_third_arrival_that_names_two_new_papers_makes_them_one():
    by_doi, by_url = PaperDraft(title="Same", doi="10.1/x"), PaperDraft(title="Same", url="https://a.example/x")
    decision = decide((), [by_doi, by_url, replace(by_doi, url="https://a.example/x")])
    assert len(decision.inserts) == 1
    assert decision.placed == (-1, -1, -1)


def test_an_insert_is_known_by_every_address_it_came_with():
    first = PaperDraft(title="Same", doi="10.1/x", url="https://a.example/x")
    decision = decide((), [first, replace(first, url="https://b.example/x")])
    assert decision.also_known_by == ((-1, "url", "https://b.example/x"),)


def test_a_paper_named_in_the_diary_gets_its_title_when_it_arrives():
    placeholder = PaperDraft(title="arXiv:2501.00001", arxiv_id="2501.00001")
    (update,) = decide([kept(placeholder, state=PaperState.none)], [replace(V1, version=None)]).updates
    assert update.draft.title == "A title"
    assert decide([kept(V1)], [placeholder]).updates == ()
    assert decide([kept(V1)], [replace(placeholder, version=9)]).updates == ()


# ---------------------------------------------------------------- versions and gaps


def test_a_newer_version_replaces_the_texts_and_empties_nothing():
    (update,) = decide_announced([kept(V1)], [announced(V2, AnnounceType.replaced)]).updates
    assert (update.draft.title, update.draft.abstract, update.draft.version) == ("A better title", "More.", 2)
    assert update.draft.authors == ("Ann Author", "Bo Second")
    assert update.draft.comment == "9 pages"


def test_an_older_version_only_fills_gaps():
    (update,) = decide([kept(replace(V2, journal_ref=""))], [replace(V1, journal_ref="J. 1")]).updates
    assert update.draft == replace(V2, journal_ref="J. 1", comment="9 pages")


def test_the_same_version_again_changes_nothing():
    decision = decide_announced([kept(V1)], [announced(replace(V1, title="Another spelling"))])
    assert (decision.updates, decision.inserts, decision.unchanged) == ((), (), 1)


def test_the_dates_of_the_first_version_stay():
    first = replace(V1, published_at=datetime(2025, 1, 1, tzinfo=UTC), announced_on=date(2025, 1, 2))
    again = replace(V2, published_at=datetime(2026, 1, 1, tzinfo=UTC), announced_on=DAY)
    (update,) = decide_announced([kept(first)], [announced(again, AnnounceType.replaced)]).updates
    assert (update.draft.published_at, update.draft.announced_on) == (first.published_at, first.announced_on)


def test_a_post_that_its_author_changed_is_updated():
    edited = replace(POST, title="A post, corrected", abstract="What it says now.")
    (update,) = decide_announced([kept(POST, state=PaperState.skipped)], [announced(edited, None)]).updates
    assert (update.draft.title, update.draft.abstract) == ("A post, corrected", "What it says now.")
    assert update.state is PaperState.skipped


@pytest.mark.parametrize("before", [(), (kept(POST),)])
def test_of_two_texts_of_one_post_in_a_batch_the_first_counts(before: tuple[StoredPaper, ...]):
    """Posts that share a page, as anchors of one day do, must not take turns at every fetch."""
    first, second = replace(POST, title="Morning"), replace(POST, title="Evening", abstract="Other words.")
    shelf = Shelf(before)
    shelf.fetch("A", [announced(first, None), announced(second, None)])
    assert [paper.draft.title for paper in shelf.living()] == ["Morning"]
    assert shelf.fetch("A", [announced(first, None), announced(second, None)]).updates == ()


def test_a_post_from_a_file_does_not_overwrite_what_a_feed_told():
    assert decide([kept(POST)], [replace(POST, title="Exported title")]).updates == ()


def test_a_feed_that_carries_a_cut_of_the_same_post_changes_nothing():
    cut = replace(POST, abstract="What it…")
    assert decide_announced([kept(POST)], [announced(cut, None)]).updates == ()


def test_a_post_without_text_does_not_empty_the_known_one():
    assert decide_announced([kept(POST)], [announced(replace(POST, abstract=""), None)]).updates == ()


def test_a_blog_cannot_rename_a_paper_of_arxiv():
    stored = kept(replace(V1, url="https://blog.example/post"))
    assert decide_announced([stored], [announced(POST, None)]).updates == ()


# ---------------------------------------------------------------- deleted papers


def test_a_feed_leaves_a_deleted_paper_deleted():
    decision = decide_announced([kept(V1, 5, is_deleted=True)], [announced(V2)])
    assert (decision.updates, decision.inserts, decision.placed) == ((), (), (5,))


def test_adding_a_deleted_paper_by_hand_brings_it_back():
    (update,) = decide([kept(V1, 5, PaperState.queued, is_deleted=True)], [V1]).updates
    assert update.restores
    assert update.state is PaperState.queued


def test_a_living_paper_is_not_lost_behind_a_deleted_one():
    stored = [kept(V1, 1, is_deleted=True), kept(PaperDraft(title="Same", doi="10.1/x"), 2, PaperState.new)]
    (update,) = decide_announced(stored, [announced(replace(V1, doi="10.1/x"))]).updates
    assert (update.item_id, update.merges, update.restores) == (2, (1,), False)
    assert update.state is PaperState.new  # what was wished of the deleted one is gone with it


# ---------------------------------------------------------------- whatever arrives, in whatever order

IDS = [None, "2501.00001", "2501.00002", "2501.00003"]


@st.composite
def any_drafts(draw: st.DrawFn) -> PaperDraft:
    draft = PaperDraft(
        title=draw(st.sampled_from(["One", "Two", "Three"])),
        abstract=draw(st.sampled_from(["", "Short.", "Short. And longer."])),
        authors=draw(st.sampled_from([(), ("A",), ("A", "B")])),
        arxiv_id=draw(st.sampled_from(IDS)),
        version=draw(st.sampled_from([None, 1, 2, 3])),
        doi=draw(st.sampled_from([None, "10.1/a", "10.1/b", "10.48550/arxiv.2501.00002"])),
        url=draw(st.sampled_from(["https://a.example/1", "https://a.example/2", "https://arxiv.org/abs/2501.00003v2"])),
        comment=draw(st.sampled_from(["", "c"])),
        announced_on=draw(st.sampled_from([None, date(2026, 1, 1), DAY])),
    )
    placeholder = f"arXiv:{draft.arxiv_id}" if draft.arxiv_id else draft.doi or draft.url or ""
    return replace(draft, title=placeholder, abstract="", version=None) if draw(st.integers(0, 9)) == 0 else draft


DRAFTS = any_drafts()
BATCHES = st.lists(DRAFTS, max_size=6)
ARRIVALS = st.lists(st.builds(announced, DRAFTS, st.sampled_from([None, *AnnounceType])), max_size=6)


@st.composite
def shelves(draw: st.DrawFn) -> Shelf:
    shelf = Shelf()
    shelf.import_file(draw(BATCHES))
    shelf.fetch("A", draw(ARRIVALS))
    for item_id, paper in list(shelf.papers.items()):
        state = draw(st.sampled_from([paper.state, PaperState.kept, PaperState.skipped]))
        shelf.papers[item_id] = replace(paper, state=state, is_deleted=draw(st.booleans()))
    return shelf


@given(shelves(), ARRIVALS)
def test_fetching_the_same_batch_again_changes_nothing(shelf: Shelf, arrivals: list[ArrivedPaper]):
    shelf.fetch("A", arrivals)
    again = shelf.fetch("A", arrivals)
    assert (again.inserts, again.updates) == ((), ())


@given(shelves(), BATCHES)
def test_importing_the_same_file_again_changes_nothing(shelf: Shelf, drafts: list[PaperDraft]):
    shelf.import_file(drafts)
    again = shelf.import_file(drafts)
    assert (again.inserts, again.updates) == ((), ())


@given(shelves(), ARRIVALS, BATCHES)
def test_no_arrival_loses_a_paper_a_text_or_a_decision(
    shelf: Shelf, arrivals: list[ArrivedPaper], drafts: list[PaperDraft]
):
    before = dict(shelf.papers)
    names_before = {name for paper in before.values() for name in paper.identifiers}
    decisions = [shelf.fetch("B", arrivals), shelf.import_file(drafts)]
    assert [len(decision.placed) for decision in decisions] == [len(arrivals), len(drafts)]
    owner = {name: paper for paper in shelf.papers.values() for name in paper.identifiers}
    assert names_before <= set(owner)
    for paper in before.values():
        for name in paper.identifiers:
            after = owner[name]
            if not paper.is_deleted:
                assert not after.is_deleted
                if paper.state is PaperState.kept:
                    assert after.state is PaperState.kept
            for field in ("title", "abstract", "authors", "comment", "categories"):
                assert getattr(after.draft, field) or not getattr(paper.draft, field)


@given(shelves(), ARRIVALS)
def test_a_feed_never_brings_back_what_was_deleted(shelf: Shelf, arrivals: list[ArrivedPaper]):
    deleted = {item_id for item_id, paper in shelf.papers.items() if paper.is_deleted}
    shelf.fetch("B", arrivals)
    assert all(shelf.papers[item_id].is_deleted for item_id in deleted)


ARXIV_ARRIVALS = st.lists(
    st.builds(
        announced,
        st.builds(
            PaperDraft,
            title=st.just("T"),
            arxiv_id=st.sampled_from(["2501.00001", "2501.00002", "2501.00003", "2501.00004"]),
            version=st.sampled_from([1, 2]),
        ),
        st.sampled_from(list(AnnounceType)),
    ),
    max_size=8,
)


@given(st.lists(ARXIV_ARRIVALS, min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_cross_listing_feeds_changes_no_paper(feeds, random):
    def shelf_of(order: list[int]) -> dict[str | None, tuple[int | None, PaperState]]:
        shelf = Shelf()
        for feed in order:
            shelf.fetch(f"feed {feed}", feeds[feed])
        return {paper.draft.arxiv_id: (paper.draft.version, paper.state) for paper in shelf.living()}

    order = list(range(len(feeds)))
    shuffled = order[:]
    random.shuffle(shuffled)
    assert shelf_of(order) == shelf_of(shuffled)
