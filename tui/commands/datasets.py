"""Datasets: add, list, show, check."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journal.errors import BadValue, NotFound
from journal.types import DATASET_TEXTS, Dataset, Kind
from tui import context
from tui.commands.items import RefArgument, print_item
from tui.commands.options import History, Json, Limit
from tui.formatting import counted, local_time, printable, titled
from tui.output import note as say
from tui.output import show, show_json, show_table, show_titled

if TYPE_CHECKING:
    from journal.fingerprints import Content, Look

app = typer.Typer(help="Datasets: what runs learn from, and whether it has changed.", no_args_is_help=True)


@app.command()
def add(
    path: Annotated[str, typer.Argument(metavar="PATH", help="A file or a folder.")],
    name: Annotated[str, typer.Option(help="What it is called; default: the name of the file or folder.")] = "",
    origin: Annotated[str, typer.Option(help="Where it comes from: address, version, licence.")] = "",
    configuration: Annotated[str, typer.Option(help="How it was made ready: resolution, filters, tokeniser.")] = "",
    labelling: Annotated[str, typer.Option(help="Who labelled it, and how.")] = "",
    splits: Annotated[str, typer.Option(help="What is for training, what for testing.")] = "",
    quirks: Annotated[str, typer.Option(help="What surprises in it.")] = "",
    json: Json = False,
) -> None:
    """Keep what a dataset is, with a fingerprint of its content.

    Runs are linked to it by that. Added again, it is said whether it has changed, and what it holds now is accepted.
    """
    from journal.queries.datasets import dataset_at, get_dataset, list_datasets
    from journal.store import datasets
    from journal.store.changes import change
    from tui.dataset_document import changed_told, size_told

    place = _place(path)
    given = dict(zip(DATASET_TEXTS, (origin, configuration, labelling, splits, quirks), strict=True))
    texts = {field: text for field, text in given.items() if text}
    content, look = _read(place)
    with change(context.begin(), "dataset add") as made:
        ref = dataset_at(made.connection, str(place))
        before = get_dataset(made.connection, ref) if ref is not None else None
        if ref is None:
            others = list_datasets(made.connection)
            twin = next((each for each in others if each.fingerprint == content.fingerprint), None)
            ref = datasets.add(made, str(place), name or place.name or str(place), content, look.digest, texts)
        else:
            twin = None
            datasets.accept(made, ref, content, look.digest)
            datasets.edit(made, ref, {**texts, **({"title": name} if name else {})})
        dataset = get_dataset(made.connection, ref)
        made.summary = f"dataset add {titled(ref, dataset.title)}"
    context.remember_item(ref)
    has_changed = before is not None and before.described != dataset.described
    if json:
        show_json({**context.json_of(dataset), "has_changed": has_changed})
    else:
        show_titled(ref, dataset.title, further=f"  ({size_told(dataset.content)})")
    if before is not None:
        same = f"It holds what it held {local_time(before.described_content.seen_at)}."
        say(changed_told(before.described_content, dataset.content) if has_changed else same)
    if twin is not None:
        say(f"{twin.ref} holds the same, in {printable(twin.path)}.")


@app.command("list")
def list_(limit: Limit = 20, json: Json = False) -> None:
    """List datasets, newest first."""
    from journal.queries.datasets import list_datasets
    from tui.dataset_document import bytes_told, changed_mark

    with context.reading() as connection:
        rows = list_datasets(connection, limit=limit)
    context.remember_list([row.ref for row in rows])
    if json:
        show_json(rows)
    elif rows:
        show_table(
            ("ref", "name", "files", "size", "changed", "used by", "where"),
            [
                (str(row.ref), row.title, f"{row.content.files:,}" if row.content.files else "",
                 bytes_told(row.content.bytes) if row.content.files else "", changed_mark(row),
                 counted(sum(link.kind is Kind.run for link in row.links), "run"), row.path)
                for row in rows
            ],
            grows=1,
            spare=(6, 4),
        )  # fmt: skip
    if not rows:
        context.nothing_found("There are no datasets yet.", "journal dataset add PATH --origin '...'")


@app.command("show")
def show_dataset(ref: RefArgument, history: History = False, json: Json = False) -> None:
    """Show one dataset."""
    print_item(ref, Kind.dataset, json=json, with_history=history)


@app.command()
def check(
    refs: Annotated[list[str] | None, typer.Argument(help="Which; default: all.")] = None,
    read: Annotated[bool, typer.Option("--read", help="Read also what looks as it did.")] = False,
    json: Json = False,
) -> None:
    """Look whether datasets have changed; exit code 1 where one has, or is gone.

    They are compared with what was described: added, or added again since. No run changes that.
    """
    from journal.queries.datasets import get_dataset, list_datasets

    with context.reading() as connection:
        found = [get_dataset(connection, context.resolve(connection, ref, Kind.dataset)) for ref in refs or ()]
        rows = found if refs else list(list_datasets(connection))
    if not rows:
        context.nothing_found("There are no datasets yet.", "journal dataset add PATH --origin '...'")
    checked = [(row, *_checked(row, is_read=read)) for row in rows]
    context.remember_list([row.ref for row in rows])
    if json:
        show_json([{**context.json_of(row), "standing": standing, "told": told} for row, standing, told in checked])
    else:
        for row, standing, told in checked:
            show_titled(row.ref, row.title, further=f"  {standing}")
            if told:
                show(f"    {printable(told)}")
    if any(standing != "same" for _, standing, _ in checked):
        raise typer.Exit(1)


def _checked(dataset: Dataset, *, is_read: bool) -> tuple[str, str]:
    """(same, changed, gone or unreadable; sentences). What changed is kept as it is now."""
    from journal.data_now import DataStanding, standing_of
    from journal.queries.datasets import get_dataset
    from journal.store import datasets
    from journal.store.changes import program_change

    standing = standing_of(dataset, patience_s=None)
    if standing is DataStanding.gone:
        return "gone", f"{dataset.path} is not there any more, or not on this machine."
    if standing is DataStanding.unreadable:
        return "unreadable", f"{dataset.path} cannot be read."
    if standing is DataStanding.same and not is_read:
        return _beside_what_was_described(dataset)
    try:
        content, look = _read(Path(dataset.path))
    except (BadValue, NotFound) as error:
        return "unreadable", str(error)
    with program_change(context.begin()) as made:
        datasets.see(made, dataset.ref, content, look.digest)
        now = get_dataset(made.connection, dataset.ref)
    return _beside_what_was_described(now)


def _beside_what_was_described(dataset: Dataset) -> tuple[str, str]:
    """(same or changed; sentences), by what it was seen to hold last."""
    from journal.queries.datasets import runs_that_read
    from tui.dataset_document import changed_told, who_read_what

    if dataset.fingerprint == dataset.described:
        return "same", ""
    with context.reading() as connection:
        readers = [(each, runs_that_read(connection, each.fingerprint)) for each in dataset.contents]
    told = (
        changed_told(dataset.described_content, dataset.content), f"It is so since {local_time(dataset.changed_at)}.",
        who_read_what(readers), f"'journal dataset add {shlex.quote(dataset.path)}' accepts what it holds now.",
    )  # fmt: skip
    return "changed", " ".join(filter(None, told))


def _place(path: str) -> Path:
    """The absolute path without links that a person names. Raises BadValue."""
    if not path.strip() or "\0" in path:
        raise BadValue("A dataset is a file or a folder: name one.")
    return Path(os.path.realpath(Path(path).expanduser()))


def _read(place: Path) -> tuple[Content, Look]:
    """What it holds and how it looks. Raises NotFound, and BadValue where a part cannot be read."""
    from journal.fingerprints import content_of, look_at
    from tui.progress import share_progress

    try:
        look = look_at(place)
        with share_progress(f"reading {place.name}") as tell:
            content = content_of(place, tell=lambda done: tell(done, look.bytes))
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(f"There is no file or folder {place}.") from None
    except (OSError, RecursionError) as error:
        raise BadValue(f"{place} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    if content.unread:
        few = ", ".join(content.unread[:3])
        raise BadValue(
            f"A part of {place} cannot be read: {few}.", hint="A fingerprint of the rest would not be its own."
        )
    if not content.files:
        raise BadValue(f"{place} holds no files.")
    if look_at(place).digest != look.digest:
        say(f"{printable(str(place))} was written to while it was read: check it again later.")
    return content, look
