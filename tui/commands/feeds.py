"""Feeds: add, list, fetch, remove; lists of them come and go by `feed_lists`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import typer

from journal.types import Feed
from tui import context, output
from tui.commands import feed_lists
from tui.commands.options import Json
from tui.formatting import ago, clipped, counted, next_try, printable
from tui.output import note, show, show_json, show_table

_LONGEST_TITLE = 28  # cells on a narrow terminal: beside it, the message has to be read
_MOST_CELLS = 2_000

app = typer.Typer(help="Feeds: where papers come from.", no_args_is_help=True)


@app.command()
def add(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="arXiv categories such as cs.LG, pages of arxiv.org/list, addresses of feeds, channels of YouTube."
        ),
    ],
    json: Json = False,
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
    if json:
        shown = zip(map(without_password, urls), added, strict=True)
        show_json([{"url": url, "is_new": is_new} for url, is_new in shown])
        return
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
        times = Counter(feed.title for feed in feeds)
        columns = output.room()
        longest = _MOST_CELLS if columns is None else max(_LONGEST_TITLE, columns // 4)
        show_table(
            ("health", "fetched", "next try", *(["folder"] if has_folders else []), "feed", "message"),
            [
                (
                    feed.health,
                    ago(feed.fetched_at, moment),
                    next_try(feed.next_try_at, moment),
                    *([feed.folder] if has_folders else []),
                    # By the address where the title names no one of them.
                    clipped(feed.title, longest) if feed.title and times[feed.title] == 1 else feed.url,
                    feed.message,
                )
                for feed in feeds
            ],
            grows=4 + has_folders,
            spare=(2, *([3] if has_folders else []), 1),
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
    from journal.errors import BeingFetched
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
    except BeingFetched:
        if json:
            show_json([])
        if quiet:  # whoever fetches says what failed
            return
        raise
    if json:
        show_json(reports)
    if not reports:
        if not quiet:
            context.nothing_found("No feed is followed.", "journal feed add cs.LG")
        return
    failed = [report for report in reports if report.failed]
    if not json:
        shown = failed if quiet else reports
        for report in shown:
            stop = "" if report.message.endswith(".") else "."
            again = f"{stop} Next try {next_try(report.next_try_at, now())}." if report.failed else ""
            (note if report.failed else show)(
                f"{report.health}: {printable(report.url)}: {printable(report.message)}{again}"
            )
        if not quiet:
            new, not_news, updated = (
                sum(getattr(report, name) for report in reports) for name in ("new", "not_news", "updated")
            )
            more = f", {not_news:,} more that {'is' if not_news == 1 else 'are'} no news" if not_news else ""
            show(f"{counted(new, 'new paper')}{more}, {updated:,} updated")
    if failed:
        raise typer.Exit(1)


@app.command()
def remove(
    feed: Annotated[str, typer.Argument(metavar="FEED", help="The category, the address or the title.")],
    json: Json = False,
) -> None:
    """Follow a feed no more. What it brought stays."""
    from importers.feed_urls import feed_url
    from journal.queries.feeds import feeds_to_fetch
    from journal.store import feeds
    from journal.store.changes import change
    from journal.tracking_uris import without_password

    if not context.paths().journal.exists():
        feed_url(feed)  # before a journal is made for nothing
    with change(context.begin(), f"feed remove {without_password(feed)}") as made:
        addresses = _named(feed, feeds_to_fetch(made.connection))
        for address in addresses:
            feeds.remove(made, address)
    if json:
        show_json([{"url": without_password(address)} for address in addresses])
        return
    for address in addresses:
        show(f"Not followed any more: {printable(without_password(address))}")


def _named(words: str, followed: Sequence[Feed]) -> tuple[str, ...]:
    """The addresses of the feed that a person means. Raises BadValue and NotFound, or where a title names several."""
    from importers.feed_urls import followed_urls
    from journal.errors import BadValue
    from journal.tracking_uris import without_password

    titled = [feed.url for feed in followed if feed.title and feed.title.casefold() == words.strip().casefold()]
    if len(titled) > 1:
        named = ", ".join(map(without_password, titled))
        raise BadValue(
            f"{len(titled)} feeds have the title '{words.strip()}'.", hint=f"Name one by its address: {named}"
        )
    return tuple(titled) or followed_urls(words, [feed.url for feed in followed])


app.command("import")(feed_lists.import_)
app.command("export")(feed_lists.export)
