"""Feeds: add, list, fetch, remove; lists of them come and go by `feed_lists`."""

from __future__ import annotations

from typing import Annotated

import typer

from tui import context
from tui.commands import feed_lists
from tui.commands.options import Json
from tui.formatting import ago, counted, next_try, printable
from tui.output import note, show, show_json, show_table

app = typer.Typer(help="Feeds: where papers come from.", no_args_is_help=True)


@app.command()
def add(
    sources: Annotated[list[str], typer.Argument(help="arXiv categories such as cs.LG, or addresses of feeds.")],
) -> None:
    """Follow feeds."""
    from importers.feed_urls import feed_url
    from importers.youtube import looked_up
    from journal.queries.feeds import feeds_to_fetch
    from journal.store import feeds
    from journal.store.changes import change
    from journal.tracking_uris import without_password

    sources = list(map(looked_up, sources))
    for source in sources:  # before a journal is made for nothing
        feed_url(source)
    with change(context.begin(), f"feed add {' '.join(map(without_password, sources))}") as made:
        followed = [feed.url for feed in feeds_to_fetch(made.connection)]
        urls = [feed_url(source, followed) for source in sources]
        added = [feeds.add(made, url) for url in urls]
    for url, is_new in zip(urls, added, strict=True):
        show(f"{'Following' if is_new else 'Following already:'} {printable(without_password(url))}")
    note("Next: journal feed fetch")


@app.command("list")
def list_(json: Json = False) -> None:
    """List the feeds with their health."""
    from journal.clock import now
    from journal.queries.feeds import list_feeds

    with context.reading() as connection:
        feeds = list_feeds(connection)
    if json:
        show_json(feeds)
    elif feeds:
        moment = now()
        has_folders = any(feed.folder for feed in feeds)
        show_table(
            ("health", "fetched", "next try", *(["folder"] if has_folders else []), "feed", "message"),
            [
                (
                    feed.health,
                    ago(feed.fetched_at, moment),
                    next_try(feed.next_try_at, moment),
                    *([feed.folder] if has_folders else []),
                    feed.title or feed.url,
                    feed.message,
                )
                for feed in feeds
            ],
            grows=3 + has_folders,
            spare=(4 + has_folders, 2, 1),
        )
    if not feeds:
        context.nothing_found("No feed is followed.", "journal feed add cs.LG")


@app.command()
def fetch(
    quiet: Annotated[bool, typer.Option("--quiet", help="Say only what failed, as cron wants it.")] = False,
    json: Json = False,
) -> None:
    """Fetch every feed. Exit code 1 where one failed."""
    from importers.sync import FeedReport, fetch_feeds
    from journal.clock import now
    from tui.progress import one_line

    kept = (0, 0)

    def tell(done: int, of: int) -> None:
        nonlocal kept
        kept = (done, of)
        if of and not quiet:
            draw(f"{done} of {counted(of, 'feed')}")

    def tell_caught_up(categories: str, papers: int) -> None:
        if not quiet:
            draw(f"catching up with {categories}: {counted(papers, 'paper')}")

    settings = context.settings()
    where = context.begin()
    reports: tuple[FeedReport, ...] = ()
    try:
        with one_line() as draw:
            reports = fetch_feeds(where, settings, tell=tell, tell_caught_up=tell_caught_up)
    except KeyboardInterrupt:
        note(f"{kept[0]} of {counted(kept[1], 'feed')} were fetched.")
        raise
    if json:
        show_json(reports)
    if not reports:
        if not quiet:
            context.nothing_found("No feed is followed.", "journal feed add cs.LG")
        return
    failed = [report for report in reports if report.health.failed]
    if not json:
        shown = failed if quiet else reports
        for report in shown:
            again = f" Next try {next_try(report.next_try_at, now())}." if report.health.failed else ""
            (note if report.health.failed else show)(
                f"{report.health}: {printable(report.url)}: {printable(report.message)}{again}"
            )
        if not quiet:
            show(
                f"{counted(sum(report.new for report in reports), 'new paper')}, "
                f"{sum(report.updated for report in reports)} updated"
            )
    if failed:
        raise typer.Exit(1)


@app.command()
def remove(url: Annotated[str, typer.Argument(help="The category or address.")]) -> None:
    """Follow a feed no more. What it brought stays."""
    from importers.feed_urls import feed_url, followed_urls
    from journal.queries.feeds import feeds_to_fetch
    from journal.store import feeds
    from journal.store.changes import change
    from journal.tracking_uris import without_password

    feed_url(url)  # before a journal is made for nothing
    with change(context.begin(), f"feed remove {without_password(url)}") as made:
        followed = [feed.url for feed in feeds_to_fetch(made.connection)]
        addresses = followed_urls(url, followed)
        for address in addresses:
            feeds.remove(made, address)
    for address in addresses:
        show(f"Not followed any more: {printable(without_password(address))}")


app.command("import")(feed_lists.import_)
app.command("export")(feed_lists.export)
