"""The datasets, picked from a list: what each is called, what it holds, since when, and whether it changed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from journal.queries.datasets import list_datasets
from journal.types import Dataset
from tui.dataset_document import changed_mark, size_told
from tui.formatting import local_time, printable
from tui.messages import Followed, Said
from tui.screens.dialogs import Act, offer
from tui.widgets.background import read

if TYPE_CHECKING:
    from tui.screens.runs import RunsRoom


def choose_dataset(room: RunsRoom) -> None:
    """Choose a dataset to read."""

    def offered(datasets: Sequence[Dataset]) -> None:
        if not datasets:
            room.post_message(Said("There are no datasets yet: 'journal dataset add PATH' keeps one."))
            return
        acts: list[Act] = [
            (words, partial(room.post_message, Followed(each.ref)))
            for words, each in zip(dataset_words(datasets), datasets, strict=True)
        ]
        offer(room.app, "Datasets", acts)

    read(room, room.paths, list_datasets, offered, group="choices", keys_wait=True)


def dataset_words(datasets: Sequence[Dataset]) -> list[str]:
    """A line for each dataset: its ref, its name, what it holds, when it was seen to, and that it changed."""
    width = max((len(printable(each.title)) for each in datasets), default=0)
    return [
        "  ".join((
            f"{each.ref!s:<3} {printable(each.title):<{width}}",
            size_told(each.content),
            changed_mark(each) or f"seen {local_time(each.content.seen_at)}",
        ))
        for each in datasets
    ]  # fmt: skip
