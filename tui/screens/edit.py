"""Editing an item's texts in the person's own editor, from the interface."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App, SuspendNotSupported

from journal.paths import Paths
from journal.queries import any_item
from journal.types import Ref
from tui.editing import edit_texts
from tui.messages import ChangeWanted, Failed, Said
from tui.widgets.background import read, sentence

if TYPE_CHECKING:
    from journal.store.changes import Change


def edit_item(app: App[None], paths: Paths, ref: Ref, chosen: Callable[[ChangeWanted], None]) -> None:
    """Hand the terminal to the editor; `chosen` gets the change, unless nothing was changed."""

    def read_texts(connection: sqlite3.Connection) -> dict[str, str]:
        from journal.store.texts import texts_of

        return texts_of(any_item.get(connection, ref))

    def edit(texts: Mapping[str, str]) -> None:
        edited: tuple[dict[str, str], Path] | None = None
        failure: Exception | None = None
        try:
            with app.suspend():
                # Textual takes the terminal back only where nothing is raised in here.
                try:
                    edited = edit_texts(texts, paths.state)
                except Exception as error:  # noqa: BLE001 - whatever it is, the interface lives on and says so
                    failure = error
        except SuspendNotSupported:
            app.post_message(Failed("This terminal cannot be handed to an editor: use 'journal edit'."))
            return
        if failure is not None:
            app.post_message(Failed(sentence(failure, paths)))
            return
        if edited is None:
            app.post_message(Said("Nothing was changed."))
            return
        wanted, draft = edited
        chosen(ChangeWanted(f"edit {ref}", ref, _change(ref, wanted), draft))

    read(app, paths, read_texts, edit, group="editing")


def _change(ref: Ref, wanted: Mapping[str, str]) -> Callable[[Change], object]:
    def make(change: Change) -> None:
        from journal.store import texts

        texts.edit(change, ref, wanted)

    return make
