"""Linking the selected item to another one: pick it by searching, then say what the one is to the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.app import App

from journal.clock import Clock
from journal.paths import Paths
from journal.types import Kind, Ref, Relation
from tui.messages import ChangeWanted
from tui.screens.dialogs import ChoiceScreen
from tui.screens.search import SearchScreen
from tui.widgets.background import read

if TYPE_CHECKING:
    from journal.store.changes import Change

# A link is told from the younger thing to the one it rests on: a run tests an entry, an entry is about a paper.
_FROM_YOUNGER = (Kind.review, Kind.run, Kind.entry, Kind.problem, Kind.pointer, Kind.dataset, Kind.paper)

Choice = tuple[Ref, Relation, Ref]


def link_choices(one: Ref, other: Ref, usual: Callable[[Kind, Kind], Relation]) -> tuple[Choice, ...]:
    """What `one` and `other` may be to each other, the likeliest first."""
    if _FROM_YOUNGER.index(other.kind) < _FROM_YOUNGER.index(one.kind):
        one, other = other, one
    likeliest = usual(one.kind, other.kind)
    relations = [likeliest, *(relation for relation in Relation if relation is not likeliest)]
    forth = [(one, relation, other) for relation in relations]
    back = [(other, relation, one) for relation in relations if relation is not Relation.same_as]
    return (*forth, *back)


def choose_link(app: App[None], paths: Paths, clock: Clock, ref: Ref, chosen: Callable[[ChangeWanted], None]) -> None:
    """Let the person pick an item and a relation; `chosen` gets the change, unless they leave before."""

    def picked(other: Ref | None) -> None:
        if other is not None:
            read(
                app,
                paths,
                lambda _: link_choices(ref, other, _usual_relation()),
                offered,
                group="linking",
                keys_wait=True,
            )

    def offered(choices: Sequence[Choice]) -> None:
        def decided(number: int | None) -> None:
            if number is not None:
                chosen(_change(ref, *choices[number]))

        sentences = [f"{source} {relation} {target}" for source, relation, target in choices]
        app.push_screen(ChoiceScreen(f"Link {choices[0][0]} and {choices[0][2]}", sentences), decided)

    app.push_screen(SearchScreen(paths, clock, title=f"Link {ref} to", without=ref), picked)


def _usual_relation() -> Callable[[Kind, Kind], Relation]:
    """The store's rule; importing the store takes a while, so it is done in a thread."""
    from journal.store.links import usual_relation

    return usual_relation


def _change(selected: Ref, source: Ref, relation: Relation, target: Ref) -> ChangeWanted:
    def make(change: Change) -> None:
        from journal.store import links

        links.add(change, source, target, relation)

    return ChangeWanted(f"link {source} {relation} {target}", selected, make)
