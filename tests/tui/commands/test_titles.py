"""Titles are printed as they are read, and given to other programs as they came."""

from __future__ import annotations

from journal import clock
from journal.paths import Paths
from journal.store import entries, links, papers
from journal.store.changes import change, program_change
from journal.types import EntryDraft, Kind, PaperDecision, PaperDraft, PaperState, Ref
from tests.tui.commands.conftest import Run

TEX = r"S{\o}rensen nets with $\alpha \leq 2$ and \emph{no} bias"
READ = "Sørensen nets with α ≤ 2 and no bias"
TRIED = r"lowered $\alpha$"


def test_a_title_is_readable_wherever_it_is_printed_and_raw_as_json(run: Run, paths: Paths) -> None:
    with program_change(paths) as made:
        draft = PaperDraft(title=TEX, arxiv_id="2601.00001")
        papers.apply(made, PaperDecision(inserts=((draft, PaperState.new),), updates=(), unchanged=0, placed=(-1,)))
    with change(paths, "log", clock=clock.now) as made:
        links.add(made, entries.add(made, EntryDraft(what=TRIED)), Ref(Kind.paper, 1))
    for words in (("today",), ("paper", "list"), ("search", "bias"), ("show", "e1"), ("show", "p1")):
        assert READ in run(*words).out, words
        assert TEX in [found["title"] for found in _objects(run(*words, "--json").json)], words
    run("triage", "p1", "queue")
    assert READ in run("queue").out
    assert READ in run("queue", "move", "p1", "first").out
    assert TRIED in run("entries").out, "what a person wrote is shown as they wrote it"


def _objects(value: object) -> list[dict[str, object]]:
    """Every object in a JSON value that has a title."""
    if isinstance(value, list):
        return [found for one in value for found in _objects(one)]
    if not isinstance(value, dict):
        return []
    return [*([value] if "title" in value else []), *(found for one in value.values() for found in _objects(one))]
