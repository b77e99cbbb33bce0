"""Rules made in front of a paper: the menu, its previews, and everything taken back."""

from __future__ import annotations

from contextlib import closing

import pytest
from textual.pilot import Pilot

from journal import db
from journal.paths import Paths
from journal.queries.taste import list_rules
from journal.ranking import Rule
from journal.store import papers
from journal.store.changes import program_change
from journal.types import Kind, PaperDecision, PaperDraft, PaperState, Ref
from tests.conftest import NOON
from tests.tui.driving import opened, picture, press, screen_text, send, settle
from tests.tui.test_triage import state_of
from tui.app import JournalApp
from tui.screens.muting import MutingScreen
from tui.screens.rules import RulesScreen


def rules_of(paths: Paths) -> tuple[Rule, ...]:
    with closing(db.connect(paths)) as connection:
        return list_rules(connection)


def choices(app: JournalApp) -> list[str]:
    assert isinstance(app.screen, MutingScreen | RulesScreen)
    listed = app.screen.choices
    return [str(listed.get_option_at_index(index).prompt) for index in range(listed.option_count)]


async def choose(app: JournalApp, pilot: Pilot[None], start: str) -> None:
    """Move to the choice that begins so, and take it."""
    index = next(index for index, choice in enumerate(choices(app)) if choice.startswith(start))
    await press(pilot, *["down"] * index, "enter")


async def test_the_menu_offers_the_paper_first_and_says_what_each_choice_would_have_hidden(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "m")
        offered = choices(app)
        assert offered[0] == "This paper only (p30)"
        assert [choice.split("  ")[0] for choice in offered[1:4]] == [
            "author Ada Lovelace", "author Alan Turing", "category cs.LG",
        ]  # fmt: skip
        assert offered[1].endswith("  12 of 12 · 2 kept")
        assert next(choice for choice in offered if "kernels" in choice).endswith("  6 of 12 · 1 kept")
        assert offered[-1] == "Other words…"
        assert "of the 12 papers that feeds brought in the last 30 days" in screen_text(app)
        await press(pilot, "escape")
        assert (app.room.list.selected_ref, app.room.list.count) == (Ref(Kind.paper, 30), 10)
    assert rules_of(lab) == ()


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (40, 12)])
async def test_below_the_choices_stand_titles_that_it_would_have_hidden_the_kept_first(
    lab: Paths, size: tuple[int, int]
) -> None:
    async with opened(lab, size=size) as (app, pilot):
        await press(pilot, "m")
        assert "Paper number 2 on" not in screen_text(app)
        await press(pilot, "down")
        text = screen_text(app)
        assert "12 of 12 · 2 kept" in text
        assert "Would have hidden:" in text
        assert "kept  Paper number 2 on" in text
        assert "Paper number 30 on" in text
        await press(pilot, "end", "enter", *"zebra")
        assert "No paper of late." in screen_text(app)
        await press(pilot, *["backspace"] * 5, *"kernels")
        assert "kept  Paper number 2 on" in screen_text(app)
        assert "6 of 12 · 1 kept" in screen_text(app)


async def test_two_keys_mute_one_paper_before_anything_was_counted(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await send(pilot, "m", "enter")
        await settle(pilot)
        assert app.room.list.selected_ref == Ref(Kind.paper, 29)
    assert state_of(lab, 30) is PaperState.muted
    assert rules_of(lab) == ()


async def test_a_choice_mutes_every_new_paper_of_it_in_one_change_and_moves_on(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "m")
        await choose(app, pilot, "phrase kernels")
        assert (app.room.list.selected_ref, app.room.list.count) == (Ref(Kind.paper, 29), 5)
        assert "5 muted by your rules" in screen_text(app)
        assert "mute phrase:kernels" in app.status.shown_text
        assert state_of(lab, 2) is PaperState.kept, "what was kept stays"
        await press(pilot, "u")
        assert (app.room.list.selected_ref, app.room.list.count) == (Ref(Kind.paper, 30), 10)
        assert "muted by your rules" not in screen_text(app)
    assert rules_of(lab) == ()
    assert state_of(lab, 28) is PaperState.new


async def test_own_words_are_counted_as_they_are_typed(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "m", "G", "enter", *"number")
        assert "phrase:number  12 of 12 · 2 kept" in screen_text(app)
        await press(pilot, *["backspace"] * 6, *"the")
        assert "stands in nearly every paper" in screen_text(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, MutingScreen), "nothing is muted by a word that all papers have"
        await press(pilot, *["backspace"] * 3, *"number", "space", *"25", "enter")
        assert app.room.list.count == 9
    assert [str(rule) for rule in rules_of(lab)] == ["mute number 25"]


async def test_a_mute_that_does_not_speak_of_the_paper_leaves_it_under_the_cursor_and_undecided(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "m", "G", "enter", *"zebra", "space", *"unicorn", "enter")
        assert [str(rule) for rule in rules_of(lab)] == ["mute zebra unicorn"]
        assert (app.room.list.selected_ref, app.room.list.count) == (Ref(Kind.paper, 30), 10)
        assert "10 to skim" in app.status.shown_text
        await press(pilot, "j", "s")
        assert "1 of 10" in app.status.shown_text
    assert state_of(lab, 30) is PaperState.new


async def test_in_papers_too_the_cursor_stays_where_a_mute_is_about_others(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "2", "m", "G", "enter", *"number", "space", *"25", "enter")
        assert app.room.list.selected_ref == Ref(Kind.paper, 30)
    assert state_of(lab, 25) is PaperState.muted


@pytest.mark.parametrize(("key", "made"), [("+", "+au:Alan Turing"), ("-", "-au:Alan Turing")])
async def test_plus_and_minus_make_wishes_and_stay_on_the_paper(lab: Paths, key: str, made: str) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, key)
        assert "12 of 12" in choices(app)[0]
        assert "Speaks of:" in screen_text(app)
        await choose(app, pilot, "author Alan")
        assert (app.room.list.selected_ref, app.room.list.count) == (Ref(Kind.paper, 30), 10)
    assert [str(rule) for rule in rules_of(lab)] == [made]


async def test_the_rules_are_listed_with_what_they_speak_of_and_can_be_taken_away(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "w")
        assert "There are no rules yet" in app.status.shown_text
        await press(pilot, "+")
        await choose(app, pilot, "category")
        await press(pilot, "m")
        await choose(app, pilot, "phrase kernels")
        await press(pilot, "w")
        listed = choices(app)
        assert listed[0].split("  ")[0] == "more cat:cs.LG"
        assert listed[0].endswith("12 of 12 · 2 kept")
        assert listed[1].endswith("6 of 12 · 1 kept")
        await press(pilot, "enter")
        assert [str(rule) for rule in rules_of(lab)] == ["mute kernels"]
        await press(pilot, "u")
        assert len(rules_of(lab)) == 2
        await press(pilot, "u", "u")
        assert rules_of(lab) == ()
        assert app.room.list.count == 10


async def test_a_rule_taken_away_when_no_paper_is_left_comes_back_without_a_word_about_one(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "m")
        await choose(app, pilot, "category")
        assert app.room.list.count == 0
        assert "All 10 done: 10 muted (10 by your rules)" in screen_text(app)
        await press(pilot, "w", "enter")
        assert rules_of(lab) == ()
        await press(pilot, "u")
        assert len(rules_of(lab)) == 1
        assert "not in this list" not in app.status.shown_text


async def test_in_papers_a_rule_mutes_what_is_new_and_the_muted_are_dim(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "2", "G", "k", "m")  # p2, which is kept
        await choose(app, pilot, "phrase kernels")
        assert app.room.list.count == 30
        assert app.room.list.selected_ref == Ref(Kind.paper, 1)
        await press(pilot, "g")
        assert screen_text(app).count("muted") >= 5
        row = next(line for line in picture(app) if any("number 28" in segment.text for segment in line))
        dim = next(segment.style for segment in row if "number 28" in segment.text)
        bright = next(
            segment.style for line in picture(app) for segment in line if "number 27" in segment.text and segment.style
        )
        assert dim is not None
        assert dim.color != bright.color
    assert (state_of(lab, 2), state_of(lab, 28)) == (PaperState.kept, PaperState.muted)


async def test_what_a_hostile_paper_brings_into_the_menu_is_text(lab: Paths) -> None:
    draft = PaperDraft(
        title="[bold red]Boom[/] \x1b[31mescape\x1b]0;title\x07 $text-error [@click=app.quit]quit[/]",
        authors=("[link=x]Eve[/link] \u202eevil", "\x00", "x" * 10_000, '"; DROP TABLE rule'),
        categories=("cs.[b]",),
        arxiv_id="2611.00001",
        announced_on=NOON.date(),
    )
    with program_change(lab, clock=lambda: NOON) as made:
        decision = PaperDecision(inserts=((draft, PaperState.new),), updates=(), unchanged=0, placed=(-1,))
        papers.apply(made, decision)
    async with opened(lab) as (app, pilot):
        await press(pilot, "m")
        text = screen_text(app)
        assert "author [link=x]Eve[/link] evil" in text
        assert "category cs.[b]" in text
        assert not any(character in text for character in "\x1b\x07\u202e")
        await choose(app, pilot, "author [link")
        assert app.room.list.count == 10
        await press(pilot, "w")
        assert "mute au:[link=x]Eve[/link] evil" in screen_text(app)
