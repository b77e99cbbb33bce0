"""The board: every try and every idea that waits in its place, what is missing, and what to try next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from journal.attributes import NAMES
from journal.board import Board, BoardEntry, BoardRow, build
from journal.types import EntryType, Kind, Ref, Verdict
from tests.conftest import NOON


def entry(number: int, title: str, type: EntryType = EntryType.tried, **changes: object) -> BoardEntry:
    """`number` days ago."""
    plain = BoardEntry(
        ref=Ref(Kind.entry, number), title=title, type=type, verdict=None, outcome="",
        created_at=NOON - timedelta(days=number), attribute="", params={},
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def idea(number: int, title: str, **changes: object) -> BoardEntry:
    return entry(number, title, EntryType.idea, **changes)


def board(*entries: BoardEntry) -> Board:
    return build(entries, NOON)


def row(board: Board, attribute: str) -> BoardRow:
    return next(row for row in board.rows if row.attribute == attribute)


def refs(placed: tuple[object, ...]) -> list[str]:
    return [str(each.ref) for each in placed]  # type: ignore[attr-defined]


def test_each_attribute_has_its_tries_newest_first_and_its_ideas_oldest_first() -> None:
    found = board(
        entry(9, "steps", attribute="schedule"), entry(2, "cosine", attribute="schedule"),
        idea(3, "one cycle", attribute="schedule"), idea(8, "warm-up", attribute="schedule"),
    )  # fmt: skip
    assert refs(row(found, "schedule").tried) == ["e2", "e9"]
    assert refs(row(found, "schedule").waiting) == ["e8", "e3"]
    assert [row.attribute for row in found.rows] == [*NAMES]
    assert set(found.empty) == set(NAMES) - {"schedule"}


def test_a_guess_is_marked_and_what_a_person_said_is_not() -> None:
    found = board(entry(1, "cosine"), entry(2, "cosine", attribute="optimizer"))
    (guessed,) = row(found, "schedule").tried
    (said,) = row(found, "optimiser").tried
    assert (guessed.is_guessed, said.is_guessed) == (True, False)


def test_what_is_about_nothing_known_or_about_something_of_ones_own_is_there_too() -> None:
    found = board(entry(1, "again on Monday"), entry(2, "bigger prompt", attribute="Prompt  length"))
    assert [row.attribute for row in found.rows] == [*NAMES, "prompt length", ""]


def test_an_idea_waits_until_it_is_tried_followed_or_turned_down() -> None:
    found = board(
        idea(1, "dropout 0.1"), idea(2, "dropout 0.2", is_followed=True), idea(3, "dropout 0.3", verdict=Verdict.dropped),
        idea(4, "dropout 0.4", outcome="somebody did"), idea(5, "dropout 0.5", runs=2),
    )  # fmt: skip
    assert refs(row(found, "regularisation").waiting) == ["e1"]
    assert refs(row(found, "regularisation").tried) == ["e5"]  # its runs are its trial


def test_the_best_result_is_that_of_the_metric_that_decides() -> None:
    nan = float("nan")
    measured = (("train/loss", 0.1), ("validation/accuracy", 0.98), ("validation/accuracy", 0.99),
                ("validation/accuracy", nan))  # fmt: skip
    found = board(
        entry(1, "cosine", measured=measured), entry(2, "steps decay cosine", measured=(("val_loss", 0.3), ("val_loss", 0.2))),
        entry(3, "cosine again", measured=(("loss", nan),)),
    )  # fmt: skip
    assert [each.best for each in row(found, "schedule").tried] == [
        ("validation/accuracy", 0.99), ("val_loss", 0.2), None,
    ]  # fmt: skip


def test_the_idea_that_waits_longest_comes_next_and_says_why() -> None:
    found = board(idea(3, "mixup"), idea(14, "warm-up"), entry(20, "cutout"))
    assert found.next.idea == Ref(Kind.entry, 14)
    assert found.next.why == "no other idea has waited for so long, 14 days, and nothing was tried on schedule yet"
    alone = board(idea(1, "mixup"), entry(20, "cutout")).next
    assert (alone.attribute, alone.why) == ("augmentation", "it is the only idea that waits")


def test_without_an_idea_the_emptiest_attribute_comes_next() -> None:
    assert board().next.attribute == NAMES[0]
    assert board().next.why == "nothing was tried on it yet, and no idea waits"
    full = [entry(n, name, attribute=name) for n, name in enumerate((*NAMES, *NAMES), 1) if n != 5]
    found = board(*full).next
    assert (found.idea, found.attribute, found.why) == (None, NAMES[4], "only 1 tried, and no idea waits")


def test_no_entry_is_left_out_or_shown_twice() -> None:
    many = [entry(n, f"dropout {n}") if n % 3 else idea(n, f"thing {n}") for n in range(1, 1_001)]
    placed = [each.ref for row in build(many, NOON).rows for each in (*row.tried, *row.waiting)]
    assert sorted(ref.number for ref in placed) == list(range(1, 1_001))
