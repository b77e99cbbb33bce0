"""Lists of feeds in and out: OPML, newsboat's urls, and the feeds that ship with the program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from journal.errors import BadValue, PartlyFailed
from tui import context
from tui.commands.options import Json
from tui.formatting import counted, printable
from tui.output import note, note_some, show, show_json, show_table
from tui.result_files import STDOUT, write_result


def import_(
    file: Annotated[
        Path | None, typer.Argument(help="OPML, or newsboat's urls; - reads standard input.", show_default=False)
    ] = None,
    starter: Annotated[bool, typer.Option("--starter", help="The feeds that come with the program.")] = False,
    folder: Annotated[
        list[str] | None, typer.Option(help="Only this folder, or the start of its name; may be given again.")
    ] = None,
    only_list: Annotated[bool, typer.Option("--list", help="Show what it holds, and follow nothing.")] = False,
    json: Json = False,
) -> None:
    """Follow the feeds of a list. Titles and folders are kept; 'journal undo' takes all of it back."""
    from importers import feed_lists
    from journal.tracking_uris import without_password

    if (file is None) != starter:
        raise BadValue("Name one list: a file, or --starter.", hint="journal feed import --starter --list")
    found = feed_lists.starter_list() if file is None else feed_lists.read_list(file)
    feeds = feed_lists.in_folders(found.feeds, folder or ())
    if only_list:
        rows = [(feed.folder, feed.title, without_password(feed.url)) for feed in feeds]
        if json:
            show_json([{"url": url, "title": title, "folder": folder} for folder, title, url in rows])
        else:
            show_table(("folder", "title", "address"), rows, grows=1, spare=(0,))
        _tell(found.refused, found.without_address)
        _fail(len(found.refused), found.damage)
        return
    name = "--starter" if file is None else file.name
    report = feed_lists.follow(context.begin(), found, feeds, f"feed import {name}")
    if json:
        show_json(report)
    else:
        show(f"{counted(report.new, 'feed')} new, {report.known:,} followed already, {len(report.refused):,} refused")
    _tell(report.refused, report.without_address)
    if report.new:
        note("Next: journal feed fetch")
    _fail(len(report.refused), report.damage)


def _tell(refused: tuple[str, ...], without_address: int) -> None:
    note_some([f"refused: {reason}" for reason in refused])
    if without_address:
        note(f"{counted(without_address, 'entry', 'entries')} without the address of a feed left out")


def _fail(refused: int, damage: str) -> None:
    if damage:
        raise PartlyFailed(f"The list is damaged: {damage}.", hint="What could be found in it was taken.")
    if refused:
        raise PartlyFailed(f"{counted(refused, 'feed')} of the list cannot be followed.")


def export(
    file: Annotated[Path, typer.Argument(help="Where to; - and none mean standard output.")] = STDOUT,
    with_passwords: Annotated[
        bool, typer.Option("--with-passwords", help="Write the passwords of feeds, which are left out else.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    json: Json = False,
) -> None:
    """Write the feeds as OPML, which every reader takes, with their folders."""
    from importers.feed_lists import as_list
    from importers.opml import write_opml
    from journal.queries.feeds import feeds_to_fetch

    with context.reading() as connection:
        followed = feeds_to_fetch(connection)
    feeds = as_list(followed, with_passwords=with_passwords)
    if json:
        show_json(feeds)
    elif feeds:
        write_result(file, write_opml(feeds), is_over=force)
        if file != STDOUT:
            note(f"{counted(len(feeds), 'feed')} written to {printable(str(file))}")
    if not feeds:
        context.nothing_found("No feed is followed.", "journal feed import --starter")
    hidden = sum(one.url != feed.url for one, feed in zip(feeds, followed, strict=True))
    if hidden:
        note(f"Without the passwords of {counted(hidden, 'feed')}: --with-passwords writes them.")
