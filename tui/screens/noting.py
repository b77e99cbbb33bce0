"""Writing about what a room shows: a dated note, what came of a try, an answer, an idea and its trial."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.app import App

from journal.paths import Paths
from journal.types import Entry, EntryType, Ref, Verdict
from tui.editing import note_name
from tui.formatting import printable, titled
from tui.messages import ChangeWanted, Said
from tui.screens.dialogs import ChoiceScreen
from tui.screens.writing import WritingScreen, Written

if TYPE_CHECKING:
    from journal.store.changes import Change

Wanted = Callable[[ChangeWanted], object]
_TRY, _DROP = "Try it: a new entry that follows it", "Drop it, and say why"
_NO_VERDICT = "no verdict yet"


def write_note(app: App[None], paths: Paths, refs: Sequence[Ref], wanted: Wanted) -> None:
    """A dated note on these items; one note about all of them."""
    named = " ".join(map(str, refs))

    def written(note: Written | None) -> None:
        def make(change: Change) -> None:
            from journal.store import notes

            notes.add(change, refs, note.text if note else "")

        if note is not None:
            wanted(ChangeWanted(f"note on {named}", refs[0], make, note.draft))

    app.push_screen(WritingScreen(paths, f"A note on {named}", note_name(refs)), written)


def respond(app: App[None], paths: Paths, entry: Entry, wanted: Wanted) -> None:
    """What an entry waits for: an outcome and a verdict, an answer, or that an idea is tried or dropped."""
    if entry.type is EntryType.tried:
        _write_outcome(app, paths, entry, wanted)
    elif entry.type is EntryType.question:
        _write_answer(app, paths, entry, wanted)
    elif entry.type is EntryType.idea:
        _try_or_drop(app, paths, entry, wanted)
    else:
        app.post_message(Said("A note waits for nothing: n writes another one on it."))


def _write_outcome(app: App[None], paths: Paths, entry: Entry, wanted: Wanted) -> None:
    ref = entry.ref

    def written(outcome: Written | None) -> None:
        if outcome is None:
            return
        choices: list[Verdict | None] = [*Verdict, None]
        if entry.verdict is not None:  # as it is, first; and none is no choice any more
            choices = [entry.verdict, *(each for each in Verdict if each is not entry.verdict)]

        def decided(number: int | None) -> None:
            if number is None:
                app.post_message(Said("What you typed is kept: the same key goes on with it."))
                return
            wanted(_outcome(ref, outcome, choices[number]))

        words = [str(choice) if choice else _NO_VERDICT for choice in choices]
        app.push_screen(ChoiceScreen(f"The verdict on {_named(ref, entry.title)}", words), decided)

    title = f"What came of {_named(ref, entry.title)}"
    app.push_screen(WritingScreen(paths, title, f"{ref}-outcome", entry.outcome, may_be_empty=True), written)


def _outcome(ref: Ref, outcome: Written, verdict: Verdict | None) -> ChangeWanted:
    def make(change: Change) -> None:
        from journal.store import entries

        entries.set_outcome(change, ref, outcome.text.strip(), verdict)

    said = f": {verdict}" if verdict else ""
    return ChangeWanted(f"outcome of {ref}{said}", ref, make, outcome.draft)


def _write_answer(app: App[None], paths: Paths, entry: Entry, wanted: Wanted) -> None:
    def written(answer: Written | None) -> None:
        def make(change: Change) -> None:
            from journal.store import notes
            from tui.user_name import user_name

            notes.answer(change, entry.ref, answer.text if answer else "", user_name())

        if answer is not None:
            wanted(ChangeWanted(f"answer to {entry.ref}", entry.ref, make, answer.draft))

    app.push_screen(
        WritingScreen(paths, f"An answer to {_named(entry.ref, entry.title)}", f"{entry.ref}-note"), written
    )


def _try_or_drop(app: App[None], paths: Paths, entry: Entry, wanted: Wanted) -> None:
    def written(reason: Written | None) -> None:
        if reason is not None:
            wanted(_outcome(entry.ref, reason, Verdict.dropped))

    def chosen(number: int | None) -> None:
        if number == 0:
            try_idea(app, paths, entry.ref, entry.title, wanted)
        elif number == 1:
            title = f"Why {_named(entry.ref, entry.title)} is dropped"
            screen = WritingScreen(paths, title, f"{entry.ref}-outcome", entry.outcome, may_be_empty=True)
            app.push_screen(screen, written)

    app.push_screen(ChoiceScreen(_named(entry.ref, entry.title), [_TRY, _DROP]), chosen)


def try_idea(app: App[None], paths: Paths, ref: Ref, title: str, wanted: Wanted) -> None:
    """Begin to try an idea: a new entry that follows it; `journal run --entry` goes on from there."""

    def written(why: Written | None) -> None:
        def make(change: Change) -> None:
            from journal.store import entries

            entries.try_out(change, ref, why=why.text.strip() if why else "")

        if why is not None:
            wanted(ChangeWanted(f"try {ref}", ref, make, why.draft))

    screen = WritingScreen(paths, f"Why try {_named(ref, title)}", f"{ref}-try", may_be_empty=True)
    app.push_screen(screen, written)


def write_idea(app: App[None], paths: Paths, attribute: str, beside: Ref, wanted: Wanted) -> None:
    """A new idea about an attribute, the first line its title; `beside`: the item that the room stays at."""

    def written(idea: Written | None) -> None:
        def make(change: Change) -> None:
            from journal.store import entries
            from journal.types import EntryDraft

            title, _, body = (idea.text if idea else "").strip().partition("\n")
            draft = EntryDraft(what=title, type=EntryType.idea, body=body.strip(), attribute=attribute)
            entries.add(change, draft)

        if idea is not None:
            wanted(ChangeWanted(f"idea on {attribute}" if attribute else "idea", beside, make, idea.draft))

    named = f" on {attribute}" if attribute else ""
    app.push_screen(WritingScreen(paths, f"An idea{named}", "idea"), written)


def _named(ref: Ref, title: str) -> str:
    return titled(ref, printable(title))
