"""The board of ideas: for each attribute what was tried, which ideas wait, and where there is nothing at all. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from journal.attributes import NAMES, guess, known_name
from journal.best import Measured, best_of
from journal.types import EntryType, Kind, Ref, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardEntry:
    """Something tried, or an idea, as the journal has it."""

    ref: Ref
    title: str
    type: EntryType
    verdict: Verdict | None
    outcome: str
    created_at: datetime
    attribute: str  # as somebody wrote it; empty where nobody did
    params: dict[str, str]  # of its runs, those that are words
    measured: tuple[Measured, ...] = ()  # the deciding metrics of its runs
    runs: int = 0
    is_followed: bool = False  # something tried, or another idea, goes on from it


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An entry in its place on the board."""

    ref: Ref
    kind: Kind = Kind.entry
    title: str
    type: EntryType
    verdict: Verdict | None
    created_at: datetime
    attribute: str
    is_guessed: bool  # nobody said that it is about this attribute
    runs: int
    best: Measured | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One attribute; the one that is called '' has what no attribute is known of."""

    attribute: str
    tried: tuple[Placed, ...]  # newest first
    waiting: tuple[Placed, ...]  # ideas that nobody tried, oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What to try next: an idea that waits or, where none does, an attribute; and why."""

    idea: Ref | None
    title: str
    attribute: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A row for each attribute, also for the empty ones, then those of a person's own, then what has none."""

    rows: tuple[BoardRow, ...]
    next: Proposal

    @property
    def empty(self) -> tuple[str, ...]:
        """The attributes that nothing was tried on, and no idea waits for."""
        return tuple(row.attribute for row in self.rows if not row.tried and not row.waiting)


def build(entries: Iterable[BoardEntry], now: datetime) -> Board:
    """The board of these entries, whatever their order."""
    tried: dict[str, list[Placed]] = {name: [] for name in NAMES}
    waiting: dict[str, list[Placed]] = {}
    for entry in sorted(entries, key=lambda one: (one.created_at, one.ref.number)):
        placed = _placed(entry)
        if entry.type is EntryType.tried or entry.runs:
            tried.setdefault(placed.attribute, []).insert(0, placed)
        elif _waits(entry):
            waiting.setdefault(placed.attribute, []).append(placed)
    names = dict.fromkeys([*NAMES, *sorted({*tried, *waiting} - {*NAMES, ""}), ""])
    rows = tuple(
        BoardRow(attribute=name, tried=tuple(tried.get(name, ())), waiting=tuple(waiting.get(name, ())))
        for name in names
        if name or name in tried or name in waiting
    )
    return Board(rows=rows, next=_proposal(rows, now))


def _waits(entry: BoardEntry) -> bool:
    """An idea that nobody tried, went on from, or turned down."""
    is_decided = entry.verdict is not None or bool(entry.outcome.strip())
    return entry.type is EntryType.idea and not (entry.is_followed or is_decided)


def _placed(entry: BoardEntry) -> Placed:
    said = entry.attribute.strip()
    attribute = (known_name(said) or " ".join(said.lower().split())) if said else guess(entry.title, entry.params)
    return Placed(
        ref=entry.ref,
        title=entry.title,
        type=entry.type,
        verdict=entry.verdict,
        created_at=entry.created_at,
        attribute=attribute,
        is_guessed=not said and bool(attribute),
        runs=entry.runs,
        best=best_of(entry.measured),
    )


def _proposal(rows: Sequence[BoardRow], now: datetime) -> Proposal:
    """The idea that has waited longest; without any, the first attribute with the fewest tries."""
    ideas = [(idea, row) for row in rows for idea in row.waiting]
    if ideas:
        idea, row = min(ideas, key=lambda one: (one[0].created_at, one[0].ref.number))
        days = (now - idea.created_at).days
        alone = "it is the only idea that waits" if len(ideas) == 1 else "no other idea has waited for so long"
        since = f", {days} days" if days > 1 else ""
        untried = f", and nothing was tried on {row.attribute} yet" if row.attribute and not row.tried else ""
        return Proposal(idea=idea.ref, title=idea.title, attribute=row.attribute, why=f"{alone}{since}{untried}")
    emptiest = min((row for row in rows if row.attribute), key=lambda row: len(row.tried))
    count = len(emptiest.tried)
    why = "nothing was tried on it yet, and no idea waits" if not count else f"only {count} tried, and no idea waits"
    return Proposal(idea=None, title="", attribute=emptiest.attribute, why=why)
