"""What rules speak of, counted over the papers of the last weeks; and how the day stands."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from journal import db
from journal.paths import Paths
from journal.queries import triage
from journal.queries.triage import new_spoken_of, preview, previews_of_rules, read_day, read_report, recent
from journal.ranking import Effect, PaperText, matches
from journal.store import papers, rankings, rules
from journal.store.changes import change, program_change
from journal.store.triage import mute_new
from journal.store.undo import undo
from journal.triage import parse_target
from journal.types import Kind, PaperDecision, PaperDraft, PaperState, Ref
from tests.conftest import NOON

TEXTS = (
    PaperText("Distilling a survey", "Soft targets of a teacher.", ("Geoffrey E. Hinton", "Oriol Vinyals"), ("cs.LG",)),
    PaperText("Robot arms", "We survey grasping, with diffusion models.", ("José Evans",), ("cs.RO", "cs.CV")),
    PaperText("Diffusion, models and more", "", ("G. Hinton", "Li Wei"), ("cs.CV",)),
    PaperText("A \"quoted\" title_with [bold]markup[/bold]", "NEAR(a b) OR body: *", ("O'Brien-Müller", "X"), ("math.ST",)),
    PaperText("Surveying land", "Über Messungen in the Ångström range.", ("Hintonelli",), ("cs.LGX",)),
)  # fmt: skip
WISHES = (
    "phrase:survey", "phrase:diffusion model", "phrase:diffusion models and more", "phrase:quoted", 'phrase:"quoted" title_with',
    "phrase:[bold]markup", "phrase:NEAR(a b)", "phrase:body: *", "phrase:angstrom ranges", "phrase:soft target",
    "au:Hinton", "au:Geoffrey Hinton", "au:G. Hinton", "au:geoffrey e hinton", "au:jose evans", "au:o'brien-muller",
    "au:Li", "au:wei LI", "cat:cs.LG", "cat:CS.cv", "cat:cs", "cat:st", "phrase:survey grasping", "phrase:distilling teacher",
)  # fmt: skip


def keep(paths: Paths, texts: tuple[PaperText, ...], state: PaperState = PaperState.new, days_ago: float = 1) -> None:
    with program_change(paths, clock=lambda: NOON - timedelta(days=days_ago)) as made:
        (first,) = made.connection.execute("SELECT count(*) FROM item").fetchone()
        drafts = tuple(
            (
                PaperDraft(
                    title=text.title, abstract=text.abstract, authors=text.authors, categories=text.categories,
                    arxiv_id=f"2611.{first + number:05}",
                ),
                state,
            )
            for number, text in enumerate(texts)
        )  # fmt: skip
        placed = tuple(-position for position in range(1, len(drafts) + 1))
        papers.apply(made, PaperDecision(inserts=drafts, updates=(), unchanged=0, placed=placed))


def decide(paths: Paths, number: int, state: PaperState, minutes: float = 0) -> None:
    with change(paths, f"{state} p{number}", clock=lambda: NOON + timedelta(minutes=minutes)) as made:
        papers.set_state(made, Ref(Kind.paper, number), state)


@pytest.fixture
def connection(paths: Paths) -> Iterator[sqlite3.Connection]:
    with closing(db.connect(paths)) as opened:
        yield opened


@pytest.mark.parametrize("wish", WISHES)
def test_the_index_finds_what_a_rule_speaks_of_and_nothing_else(
    paths: Paths, connection: sqlite3.Connection, wish: str
) -> None:
    """What a preview counts, what is muted and what weighs in the order are the same papers."""
    keep(paths, TEXTS)
    rule = parse_target(wish).rule(Effect.mute)
    expected = [position for position, text in enumerate(TEXTS, 1) if matches(rule, text)]
    assert sorted(new_spoken_of(connection, rule)) == expected


def test_no_wish_of_the_list_is_idle() -> None:
    """Most of them speak of something, or the test above would hold for an index that finds nothing."""
    idle = [wish for wish in WISHES if not any(matches(parse_target(wish).rule(Effect.mute), text) for text in TEXTS)]
    assert idle == ["cat:cs", "cat:st", "phrase:distilling teacher"]


def test_a_preview_counts_what_feeds_brought_in_thirty_days(paths: Paths, connection: sqlite3.Connection) -> None:
    survey = PaperText("A survey", "", ("A B",), ("cs.LG",))
    keep(paths, (survey,) * 3, days_ago=29)
    keep(paths, (survey,) * 5, days_ago=31)
    keep(paths, (survey,) * 7, PaperState.none)
    keep(paths, (TEXTS[2],) * 2)
    decide(paths, 1, PaperState.kept)
    decide(paths, 2, PaperState.queued)
    found = preview(connection, parse_target("phrase:survey").rule(Effect.mute), recent(connection, NOON), titles=2)
    assert (found.speaks_of, found.kept, found.queued, found.new) == (3, 1, 1, 1)
    assert (found.of, found.days, found.titles) == (5, 30, ("A survey", "A survey"))


def test_where_there_are_too_many_papers_the_latest_are_counted_and_that_is_said(
    paths: Paths, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triage, "_MOST_COUNTED", 3)
    keep(paths, (PaperText("A survey"),) * 5)
    window = recent(connection, NOON)
    found = preview(connection, parse_target("phrase:survey").rule(Effect.mute), window)
    assert (found.speaks_of, found.of, found.days) == (3, 3, None)


def test_a_hundred_thousand_papers_are_previewed_from_the_index_without_reading_them_all(
    paths: Paths, connection: sqlite3.Connection
) -> None:
    """Counted in steps of SQLite's machine, which do not depend on how busy this one is."""
    keep(paths, (PaperText("Kernels", "Of gradients."),) * 100_000, PaperState.skipped)
    keep(paths, TEXTS)
    steps = 0

    def tick() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.set_progress_handler(tick, 1_000)
    window = recent(connection, NOON)
    for wish in ("phrase:survey", "au:Hinton", "cat:cs.CV", "phrase:gradients"):
        preview(connection, parse_target(wish).rule(Effect.mute), window)
    assert (window.count, window.is_cut) == (20_000, True)
    assert steps < 6_000, f"{steps} thousand steps"


def test_an_empty_journal_has_an_empty_day_and_empty_previews(connection: sqlite3.Connection) -> None:
    assert preview(connection, parse_target("cat:cs.LG").rule(Effect.mute), recent(connection, NOON)).of == 0
    assert previews_of_rules(connection, NOON) == ()
    report = read_report(connection, NOON)
    assert (report.day.decided_at, report.day.left, report.kept, report.next_due_at) == ((), 0, (), None)
    assert not report.day.is_ranking_due


def test_the_day_counts_what_was_decided_today_by_hand_and_by_rules(
    paths: Paths, connection: sqlite3.Connection
) -> None:
    keep(paths, (PaperText("Kernels"),) * 6 + (PaperText("A survey"),) * 2)
    decide(paths, 1, PaperState.kept, minutes=-24 * 60)
    decide(paths, 2, PaperState.kept, minutes=1)
    decide(paths, 3, PaperState.skipped, minutes=2)
    decide(paths, 4, PaperState.muted, minutes=3)
    with change(paths, "mute survey", clock=lambda: NOON) as made:
        rules.add(made, Effect.mute, parse_target("phrase:survey"))
    day = read_day(connection, NOON + timedelta(minutes=5))
    assert day.decided_at == tuple(NOON + timedelta(minutes=minute) for minute in (1, 2, 3))
    assert day.counts == {PaperState.kept: 1, PaperState.skipped: 1, PaperState.muted: 3}
    assert (day.by_rules, day.left, day.decisions) == (2, 2, 3)
    report = read_report(connection, NOON + timedelta(minutes=5))
    assert report.kept == (("p2", "Kernels"),)
    tomorrow = read_day(connection, NOON + timedelta(days=1))
    assert (tomorrow.decided_at, tomorrow.by_rules, tomorrow.left) == ((), 0, 2)


def test_the_order_is_due_after_ten_decisions_and_after_every_change_of_a_rule(
    paths: Paths, connection: sqlite3.Connection
) -> None:
    keep(paths, TEXTS * 6)
    for number in range(1, 10):
        decide(paths, number, PaperState.kept, minutes=number)
    assert not read_day(connection, NOON).is_ranking_due
    decide(paths, 10, PaperState.skipped, minutes=10)
    assert read_day(connection, NOON).is_ranking_due
    assert rankings.rank_new(paths, clock=lambda: NOON + timedelta(minutes=11))
    day = read_day(connection, NOON)
    assert (day.is_ranking_due, day.is_ranked, day.decisions) == (False, True, 10)
    with change(paths, "more", clock=lambda: NOON + timedelta(minutes=12)) as made:
        rules.add(made, Effect.plus, parse_target("phrase:survey"))
    assert read_day(connection, NOON).is_ranking_due
    assert rankings.rank_new(paths, clock=lambda: NOON + timedelta(minutes=13))
    assert not read_day(connection, NOON).is_ranking_due
    undo(paths, clock=lambda: NOON + timedelta(minutes=14))
    assert read_day(connection, NOON).is_ranking_due
    assert rankings.rank_new(paths, clock=lambda: NOON + timedelta(minutes=15)), "without the rule"
    assert not read_day(connection, NOON).is_ranking_due


def test_rules_mute_what_arrives_later_and_the_day_tells_how_many(paths: Paths, connection: sqlite3.Connection) -> None:
    with change(paths, "mute", clock=lambda: NOON) as made:
        assert rules.add(made, Effect.mute, parse_target("phrase:survey")) == 0
    keep(paths, TEXTS, days_ago=0)
    assert mute_new(paths, clock=lambda: NOON + timedelta(minutes=1)) == 3
    assert mute_new(paths, clock=lambda: NOON + timedelta(minutes=2)) == 0
    day = read_day(connection, NOON + timedelta(minutes=3))
    assert (day.by_rules, day.left, day.decided_at) == (3, 2, ())
