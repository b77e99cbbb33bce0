"""Stores of runs that were found, in words: where they lie and how they are taken in."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from importers.found_stores import Store, stores_below
from importers.known_stores import KnownStore
from journal.tracking_uris import absolute_uri, folder_path, sqlite_path, wandb_path, without_password
from tui.formatting import counted, printable


def found_beside(known: Sequence[KnownStore], folder: Path) -> tuple[Store, ...]:
    """The stores below `folder` that are not known yet."""
    uris = {absolute_uri(each.uri) for each in known}
    return tuple(each for each in stores_below(folder) if each.uri not in uris)


def offer(found: Sequence[Store], here: Path) -> str:
    """One line: what lies below `here` that the journal does not have, and the command that takes it in."""
    first, more = found[0], len(found) - 1
    said = f"Found {_shown(first.uri, here)} with {counted(first.runs or 0, 'run')} here: {command(first.uri, here)}"
    return f"{said} (and {counted(more, 'more store')}: journal runs stores)" if more else said


def command(uri: str, here: Path) -> str:
    """The command that takes a store in, typed at `here`."""
    path = _path(uri)
    if path is None:
        named = without_password(uri)
    else:
        named = f"./{path.relative_to(here)}" if path.is_relative_to(here) else str(path)
    return f"journal runs sync --store {shlex.quote(named)}"


def _shown(uri: str, here: Path) -> str:
    path = _path(uri)
    if path is None:
        return without_password(uri)
    text = str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
    return printable(text if sqlite_path(uri) else f"{text}/")


def _path(uri: str) -> Path | None:
    return sqlite_path(uri) or folder_path(uri) or wandb_path(uri)
