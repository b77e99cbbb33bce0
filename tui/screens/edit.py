"""Handing the terminal to the person's own editor, from the interface: an item's texts, the notes on a paper."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from textual.app import App, SuspendNotSupported

from journal.paths import Paths
from journal.queries import any_item
from journal.types import Ref
from tui.editing import edit_texts, left_draft
from tui.messages import ChangeWanted, Failed, Said
from tui.reading_notes import edited_notes, notes_to_edit
from tui.widgets.background import read, sentence

if TYPE_CHECKING:
    from journal.store.changes import Change

_Result = TypeVar("_Result")


def edit_item(app: App[None], paths: Paths, ref: Ref, chosen: Callable[[ChangeWanted], None]) -> None:
    """Hand the terminal to the editor; `chosen` gets the change, unless nothing was changed."""

    def read_texts(connection: sqlite3.Connection) -> dict[str, str]:
        from journal.store.texts import texts_of

        return texts_of(any_item.get(connection, ref))

    def edit(texts: Mapping[str, str]) -> None:
        def done(edited: tuple[dict[str, str], Path] | None) -> None:
            if edited is None:
                app.post_message(Said("Nothing was changed."))
                return
            wanted, draft = edited
            chosen(ChangeWanted(f"edit {ref}{_drafted(left)}", ref, _change(ref, wanted), draft))

        left = left_draft(paths.state, f"{ref}-texts")
        hand_over(
            app,
            paths,
            lambda: edit_texts(texts, paths.state, about=f"{ref}-texts"),
            done,
            instead="use 'journal edit'",
        )

    read(app, paths, read_texts, edit, group="editing", keys_wait=True)


def edit_notes(app: App[None], paths: Paths, ref: Ref, chosen: Callable[[ChangeWanted], None]) -> None:
    """The same for the notes on a paper, which are begun where there are none."""

    def read_notes(connection: sqlite3.Connection) -> tuple[str, str]:
        return notes_to_edit(connection, ref)

    def edit(read_now: tuple[str, str]) -> None:
        base, about = read_now

        def done(edited: tuple[str, Path] | None) -> None:
            if edited is None:
                app.post_message(Said("Nothing was changed."))
                return
            body, draft = edited
            chosen(ChangeWanted(f"notes on {ref}{_drafted(left)}", ref, _keeping_notes(ref, base, body), draft))

        left = left_draft(paths.state, f"{ref}-notes")
        hand_over(
            app,
            paths,
            lambda: edited_notes(base, about, paths.state, draft_of=f"{ref}-notes"),
            done,
            instead="use 'journal paper note'",
        )

    read(app, paths, read_notes, edit, group="editing", keys_wait=True)


def _drafted(left: Path | None) -> str:
    """What the editor opened was not what is kept, but what was typed before."""
    return ", from the draft that was left" if left is not None else ""


def hand_over(
    app: App[None], paths: Paths, act: Callable[[], _Result], done: Callable[[_Result], None], *, instead: str
) -> None:
    """Let `act` have the terminal, then give what it came to to `done`; what goes wrong is told.

    `instead` says what to do where the terminal cannot be handed over.
    """
    outcome: list[_Result] = []
    failure: Exception | None = None
    try:
        with app.suspend():
            # Textual takes the terminal back only where nothing is raised in here.
            try:
                outcome.append(act())
            except Exception as error:  # noqa: BLE001 - whatever it is, the interface lives on and says so
                failure = error
    except SuspendNotSupported:
        app.post_message(Failed(f"This terminal cannot be handed to another program: {instead}."))
        return
    if failure is not None:
        app.post_message(Failed(sentence(failure, paths)))
    else:
        done(outcome[0])


def _change(ref: Ref, wanted: Mapping[str, str]) -> Callable[[Change], object]:
    def make(change: Change) -> None:
        from journal.store import texts

        texts.edit(change, ref, wanted)

    return make


def _keeping_notes(ref: Ref, base: str, body: str) -> Callable[[Change], object]:
    def make(change: Change) -> None:
        from journal.store import notes

        notes.keep(change, ref, base, body)

    return make
