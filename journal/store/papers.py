"""Papers: a batch of arrivals written as decided, their states, and two that turn out to be one."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence

from journal import models
from journal.clock import stored
from journal.errors import BadRef, BadValue
from journal.ids import ArxivId, new_uid
from journal.queries.items import find, item_id, resolve
from journal.queries.queue import queue_in
from journal.queue_order import Step, moved, new_places
from journal.refs import Identifier, Remembered, parse_mention
from journal.store import items
from journal.store.changes import Change
from journal.types import Kind, PaperDecision, PaperDraft, PaperLink, PaperState, PaperUpdate, Ref


def apply(change: Change, decision: PaperDecision) -> tuple[int, ...]:
    """Write what was decided about a batch of arrivals; the item that each arrival belongs to.

    The decision must rest on what this very transaction read, or a paper may be kept twice.
    """
    made = _insert(change, decision.inserts)
    change.connection.executemany(
        "INSERT INTO identifier (scheme, value, item_id) VALUES (?, ?, ?)",
        [(scheme, value, made[-position - 1]) for position, scheme, value in decision.also_known_by],
    )
    for update in decision.updates:
        _update(change, update)
    return tuple(placed if placed > 0 else made[-placed - 1] for placed in decision.placed)


def _insert(change: Change, inserts: Sequence[tuple[PaperDraft, PaperState]]) -> list[int]:
    """Bulk rows by plain executemany: importing 60,000 through the ORM takes five times as long."""
    if not inserts:
        return []
    (highest,) = change.connection.execute("SELECT coalesce(max(id), 0) FROM item").fetchone()
    ids = [highest + position for position in range(1, len(inserts) + 1)]
    first_number = items.next_number(change, Kind.paper)
    now = stored(change.now)
    change.connection.executemany(
        "INSERT INTO item (id, kind, number, uid, title, people, created_at, updated_at, extra, body) "
        "VALUES (?, 'paper', ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (identity, first_number + position, new_uid(), draft.title, people_of(draft), now, now, extra_of(draft),
             draft.abstract)
            for position, (identity, (draft, _)) in enumerate(zip(ids, inserts, strict=True))
        ],
    )  # fmt: skip
    change.connection.executemany(
        "INSERT INTO paper (item_id, state, version, published_at, announced_on, primary_category, categories, "
        "code_url, authors, comment, journal_ref) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (identity, state.value, draft.version, stored(draft.published_at) if draft.published_at else None,
             draft.announced_on.isoformat() if draft.announced_on else None,
             draft.categories[0] if draft.categories else None, " ".join(draft.categories), draft.code_url,
             json.dumps(draft.authors, ensure_ascii=False), draft.comment, draft.journal_ref)
            for identity, (draft, state) in zip(ids, inserts, strict=True)
        ],
    )  # fmt: skip
    change.connection.executemany(
        "INSERT INTO identifier (scheme, value, item_id) VALUES (?, ?, ?)",
        [
            (scheme, value, identity)
            for identity, (draft, _) in zip(ids, inserts, strict=True)
            for scheme, value in draft.identifiers
        ],
    )
    return ids


def _update(change: Change, update: PaperUpdate) -> None:
    item = change.session.get_one(models.Item, update.item_id)
    paper = change.session.get_one(models.Paper, update.item_id)
    draft = update.draft
    items.set_texts(change, item, {"title": draft.title, "body": draft.abstract})
    item.people, item.extra = people_of(draft), extra_of(draft)
    if update.restores:
        item.deleted_at = None
    items.touch(change, item)
    if paper.state != update.state:
        paper.state, paper.state_at = update.state, change.now
        paper.queue_place = None  # queued so, it comes last
    paper.version = draft.version
    paper.published_at = draft.published_at
    paper.announced_on = draft.announced_on
    paper.primary_category = draft.categories[0] if draft.categories else None
    paper.categories = " ".join(draft.categories)
    paper.code_url = draft.code_url
    paper.authors = json.dumps(draft.authors, ensure_ascii=False)
    paper.comment = draft.comment
    paper.journal_ref = draft.journal_ref
    change.session.add(paper)
    change.session.flush()
    for other in update.merges:
        merge(change, update.item_id, other)
    change.connection.executemany(
        "INSERT INTO identifier (scheme, value, item_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(scheme, value, update.item_id) for scheme, value in update.new_identifiers],
    )


def merge(change: Change, kept: int, other: int) -> None:
    """Make item `other` part of `kept`: it gives up its identifiers, feeds, tags and links and is deleted.

    A link `same as` remains, so that its old ref still leads to the paper, and so does its key: `kept` takes
    that over where it has none.
    """
    for statement in (
        "UPDATE identifier SET item_id = :kept WHERE item_id = :other",
        "INSERT OR IGNORE INTO paper_feed SELECT :kept, feed_id, guid, announce_type, seen_at FROM paper_feed "
        "WHERE item_id = :other",
        "DELETE FROM paper_feed WHERE item_id = :other",
        "INSERT OR IGNORE INTO tag SELECT :kept, name FROM tag WHERE item_id = :other",
        "UPDATE citation SET item_id = :kept WHERE item_id = :other "
        "AND NOT EXISTS (SELECT 1 FROM citation WHERE item_id = :kept)",
        "UPDATE citation SET csl = other.csl FROM citation AS other "
        "WHERE citation.item_id = :kept AND citation.csl = '{}' AND other.item_id = :other",
        # What its page named, where that of `kept` was never looked into.
        "UPDATE paper_link SET item_id = :kept WHERE item_id = :other "
        "AND (SELECT page_read_at FROM paper WHERE item_id = :kept) IS NULL",
        "UPDATE paper SET page_read_at = other.page_read_at FROM paper AS other "
        "WHERE paper.item_id = :kept AND paper.page_read_at IS NULL AND other.item_id = :other",
        "UPDATE OR IGNORE link SET from_id = :kept WHERE from_id = :other AND to_id <> :kept",
        "UPDATE OR IGNORE link SET to_id = :kept WHERE to_id = :other AND from_id <> :kept",
        "UPDATE item SET deleted_at = :now WHERE id = :other AND deleted_at IS NULL",
        "INSERT OR IGNORE INTO link (from_id, to_id, relation, created_at) VALUES (:other, :kept, 'same as', :now)",
    ):
        change.connection.execute(statement, {"kept": kept, "other": other, "now": stored(change.now)})


def named(change: Change, text: str, remembered: Remembered = Remembered()) -> Ref:
    """The paper that `text` names; an arXiv id, DOI or address not known yet becomes a paper without a title.

    So that a line in the diary never waits for the network: `journal paper add` fills it in later.
    Raises BadRef, or NotFound for a ref that is not there.
    """
    draft = _stub(text)
    found = resolve(change.connection, text, remembered) if draft is None else find(change.connection, text)
    if found is not None:
        if found.kind is not Kind.paper:
            raise BadRef(f"{found} is {found.kind.named}, not a paper.")
        return found
    assert draft is not None
    (made,) = _insert(change, [(draft, PaperState.none)])
    return items.ref_of(change.session.get_one(models.Item, made))


def _stub(text: str) -> PaperDraft | None:
    try:
        mention = parse_mention(text)
    except BadRef:  # a citation key may still name it
        return None
    if isinstance(mention, ArxivId):
        return PaperDraft(title=f"arXiv:{mention.id}", arxiv_id=mention.id, version=mention.version)
    if isinstance(mention, Identifier):
        doi, url = (mention.value, None) if mention.scheme == "doi" else (None, mention.value)
        return PaperDraft(title=mention.value, doi=doi, url=url)
    return None


def set_state(change: Change, ref: Ref, state: PaperState) -> PaperState:
    """Triage: what this person wants with the paper; the state it had. Raises NotFound, BadValue."""
    if ref.kind is not Kind.paper:
        raise BadValue(f"{ref} is {ref.kind.named}, not a paper.", hint="Papers are p1, p2 and so on.")
    item = items.get(change, ref)
    paper = change.session.get_one(models.Paper, item.id)
    before = PaperState(paper.state)
    if before is not state:
        # At the end of the queue, or out of it: either way an old place says nothing any more.
        paper.queue_place = _place_at_the_end(change) if state is PaperState.queued else None
        paper.state, paper.state_at = state, change.now
        change.session.add(paper)
        change.session.flush()
    return before


def move(
    change: Change,
    refs: Sequence[Ref],
    step: Step,
    *,
    beside: Ref | None = None,
    among: Collection[Ref] | None = None,
) -> None:
    """Move papers within the queue, side by side; see `queue_order.moved`.

    Raises BadValue where one of them, or `beside`, is not in the queue.
    """
    queue = _queue(change)
    id_of = {ref: identity for ref, identity, _ in queue}
    for ref in (*refs, *([beside] if beside else ())):
        if ref not in id_of:
            raise BadValue(f"{ref} is not in the queue.", hint="'journal triage REF queue' puts a paper there.")
    if beside in refs:
        raise BadValue(f"{beside} cannot be moved beside itself.")
    papers = [id_of[ref] for ref in refs]
    wanted = moved(
        [identity for _, identity, _ in queue],
        papers,
        step,
        beside=id_of[beside] if beside else None,
        among=None if among is None else {id_of[ref] for ref in among if ref in id_of},
    )
    _write_places(change, new_places([(identity, place) for _, identity, place in queue], wanted, set(papers)))


def _place_at_the_end(change: Change) -> float:
    """A place behind everything queued; what has none yet is given one first."""
    queue = [(identity, place) for _, identity, place in _queue(change)]
    order = [identity for identity, _ in queue]
    _write_places(change, new_places(queue, order, ()))
    return float(max((place for _, _, place in _queue(change) if place is not None), default=0.0)) + 1


def _queue(change: Change) -> list[tuple[Ref, int, float | None]]:
    return [(Ref(Kind.paper, number), identity, place) for number, identity, place in queue_in(change.connection)]


def _write_places(change: Change, places: Mapping[int, float]) -> None:
    change.connection.executemany(
        "UPDATE paper SET queue_place = ? WHERE item_id = ?", [(place, identity) for identity, place in places.items()]
    )
    change.session.expire_all()  # it may hold rows of before


def keep_page_links(change: Change, ref: Ref, links: Sequence[PaperLink]) -> None:
    """Its page was looked into now and names `links`, best first; they replace those of before. Raises NotFound."""
    identity = item_id(change.connection, ref)
    change.connection.execute("DELETE FROM paper_link WHERE item_id = ?", (identity,))
    change.connection.executemany(
        "INSERT INTO paper_link (item_id, place, kind, url) VALUES (?, ?, ?, ?)",
        [(identity, place, str(link.kind), link.url) for place, link in enumerate(links, start=1)],
    )
    change.connection.execute("UPDATE paper SET page_read_at = ? WHERE item_id = ?", (stored(change.now), identity))


def people_of(draft: PaperDraft) -> str:
    """The authors as they are searched."""
    return "; ".join(draft.authors)


def extra_of(draft: PaperDraft) -> str:
    """What else a paper is found by: its ids, categories, comment and journal."""
    parts = (draft.arxiv_id, draft.doi, " ".join(draft.categories), draft.comment, draft.journal_ref)
    return "\n".join(part for part in parts if part)
