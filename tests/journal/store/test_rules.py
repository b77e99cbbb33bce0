"""Rules: one about each thing, muting what is new alone, and taken back with what they muted."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from journal import db
from journal.errors import NotFound
from journal.paths import Paths
from journal.queries.papers import get_paper
from journal.queries.taste import list_rules
from journal.ranking import Effect, Rule, RuleField
from journal.store import papers, rules
from journal.store.changes import change
from journal.store.triage import decide_new, mute_new
from journal.store.undo import undo
from journal.triage import parse_target
from journal.types import Kind, PaperState, Ref
from tests.conftest import NOON
from tests.journal.store.test_rankings import keep

SURVEY = parse_target("phrase:taxonomy")  # of every third of `keep`'s papers: p2, p5, p8


@pytest.fixture
def connection(paths: Paths) -> Iterator[sqlite3.Connection]:
    keep(paths, 1, 9)
    with closing(db.connect(paths)) as opened:
        yield opened


def states(connection: sqlite3.Connection) -> list[str]:
    return [get_paper(connection, Ref(Kind.paper, number)).state.value for number in range(1, 10)]


def mutings(connection: sqlite3.Connection) -> int:
    count: int = connection.execute("SELECT count(*) FROM muting").fetchone()[0]
    return count


def wish(paths: Paths, effect: Effect, text: str) -> int:
    with change(paths, f"{effect} {text}", clock=lambda: NOON) as made:
        return rules.add(made, effect, parse_target(text))


def test_a_rule_that_mutes_takes_the_new_papers_along_and_one_undo_brings_all_back(
    paths: Paths, connection: sqlite3.Connection
) -> None:
    before = states(connection)
    assert wish(paths, Effect.mute, str(SURVEY)) == 3
    assert [number for number, state in enumerate(states(connection), 1) if state == "muted"] == [2, 5, 8]
    assert mutings(connection) == 3
    undo(paths)
    assert (states(connection), list_rules(connection), mutings(connection)) == (before, (), 0)


@pytest.mark.parametrize("state", [PaperState.kept, PaperState.queued, PaperState.skipped])
def test_a_rule_never_touches_what_was_decided_about(
    paths: Paths, connection: sqlite3.Connection, state: PaperState
) -> None:
    with change(paths, "decide") as made:
        papers.set_state(made, Ref(Kind.paper, 5), state)
    assert wish(paths, Effect.mute, str(SURVEY)) == 2
    assert states(connection)[4] == state
    assert mute_new(paths) == 0
    assert states(connection)[4] == state


def test_there_is_one_rule_about_each_thing(paths: Paths, connection: sqlite3.Connection) -> None:
    wish(paths, Effect.plus, "phrase:small student")
    wish(paths, Effect.minus, "phrase:Small Students")
    wish(paths, Effect.minus, "au:Small Students")
    assert list_rules(connection) == (
        Rule(Effect.minus, RuleField.phrase, "Small Students"),
        Rule(Effect.minus, RuleField.author, "Small Students"),
    )
    undo(paths)
    undo(paths)
    assert list_rules(connection) == (Rule(Effect.plus, RuleField.phrase, "small student"),)


def test_a_wish_said_twice_is_no_second_change(paths: Paths, connection: sqlite3.Connection) -> None:
    wish(paths, Effect.plus, "cat:cs.LG")
    wish(paths, Effect.plus, "cat:cs.LG")
    assert undo(paths) == "plus cat:cs.LG"
    assert list_rules(connection) == ()


def test_a_rule_taken_away_leaves_what_it_muted_and_comes_back_by_undo(
    paths: Paths, connection: sqlite3.Connection
) -> None:
    wish(paths, Effect.mute, str(SURVEY))
    with change(paths, "clear") as made:
        assert rules.clear(made, parse_target("phrase:Taxonomies")).value == "taxonomy"
    assert list_rules(connection) == ()
    assert states(connection).count("muted") == 3
    undo(paths)
    assert list_rules(connection) == (SURVEY.rule(Effect.mute),)
    undo(paths)
    assert states(connection).count("muted") == 0
    with pytest.raises(NotFound), change(paths, "clear") as made:
        rules.clear(made, SURVEY)


@pytest.mark.parametrize(
    "value",
    [
        "'; DROP TABLE rule; --",
        '" OR body : "a',
        "[bold]x[/bold]",
        "x" * 190,
        "NOT a",
        "a* AND (b",
        "{title} : x",
        "%_\\",
    ],
)
def test_hostile_rules_are_kept_as_they_are_and_speak_of_nothing(
    paths: Paths, connection: sqlite3.Connection, value: str
) -> None:
    for prefix in ("phrase", "au"):
        target = parse_target(f"{prefix}:{value} zyxw")
        assert wish(paths, Effect.mute, str(target)) == 0
        assert target.rule(Effect.mute) in list_rules(connection)
    assert states(connection) == ["new"] * 9


def test_papers_that_others_decided_about_meanwhile_stay_so(paths: Paths, connection: sqlite3.Connection) -> None:
    """What stands above a paper is skipped where it is still new by then."""
    refs = [Ref(Kind.paper, number) for number in range(1, 6)]
    with change(paths, "keep") as made:
        papers.set_state(made, refs[2], PaperState.kept)
    with change(paths, "skip above") as made:
        assert decide_new(made, refs, PaperState.skipped) == 4
    assert states(connection) == ["skipped", "skipped", "kept", "skipped", "skipped", *["new"] * 4]
    undo(paths)
    assert states(connection) == ["new", "new", "kept", *["new"] * 6]


def test_what_many_write_at_once_is_all_there_and_can_all_be_undone(
    paths: Paths, connection: sqlite3.Connection
) -> None:
    """Rules, decisions and arrivals from several windows: no change is lost, and undo leads back to the beginning."""
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                wish(paths, Effect.mute if turn % 2 else Effect.plus, f"phrase:taxonomy of {number} and {turn}")
                mute_new(paths)
                with change(paths, "decide") as made:
                    decide_new(made, [Ref(Kind.paper, 1 + (number + turn) % 9)], PaperState.kept)
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(list_rules(connection)) == 20
    while connection.execute("SELECT count(*) FROM change WHERE undone_at IS NULL").fetchone()[0]:
        undo(paths)
    assert (states(connection), list_rules(connection)) == (["new"] * 9, ())
