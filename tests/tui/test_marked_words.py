"""What led a person to a paper is marked in it: the words of the filter, of the search, and of its rank."""

from __future__ import annotations

from journal.paths import Paths
from journal.store.changes import change
from journal.store.rankings import rank_new
from journal.types import Kind, Ref
from tests.tui.driving import opened, press, settle
from tui.app import JournalApp


def marked(app: JournalApp, role: str) -> set[str]:
    """The words of the detail that are painted in this role."""
    return {span.text for line in app.room.detail._lines for span in line.spans if role in span.role.split()}


async def test_the_filter_is_marked_as_it_is_typed_and_no_longer_than_it_holds(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "2", "f", *"gradie")
        assert marked(app, "match") == {"gradients"}
        await press(pilot, "escape")
        assert marked(app, "match") == set()


async def test_the_words_of_a_search_are_marked_in_what_was_chosen_and_in_nothing_else(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "slash", *"kernels", "space", *"abstr", "enter")
        assert app.room.list.selected_ref is not None
        assert marked(app, "match") == {"kernels", "abstract"}
        await press(pilot, "j")
        assert marked(app, "match") == set()
        await press(pilot, "k")
        assert marked(app, "match") == {"kernels", "abstract"}
        await app.go_to(Ref(Kind.paper, 2))
        await settle(pilot)
        assert marked(app, "match") == set()


async def test_the_words_of_a_rank_are_marked_where_it_is_told(lab: Paths) -> None:
    with change(lab, "wish") as made:
        made.connection.execute(
            "INSERT INTO rule (effect, field, value, made_at) VALUES ('plus', 'phrase', 'paper 23', ?)",
            ("2026-11-20 12:00:00.000000",),
        )
    assert rank_new(lab)
    async with opened(lab) as (app, pilot):
        assert "because: +paper 23" in app.room.detail.text
        assert "paper 23" in marked(app, "ranking")
        await press(pilot, "a")
        await app.go_to(Ref(Kind.paper, 23))
        await settle(pilot)
        assert "because" not in app.room.detail.text
        assert marked(app, "ranking") == set()
