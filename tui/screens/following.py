"""What to follow: the feeds that come with the program, or whatever is typed. Each with one key, until one leaves."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList

from journal.errors import BadValue
from journal.paths import Paths
from journal.queries.feeds import feeds_to_fetch
from journal.tracking_uris import without_password
from journal.types import Kind, Ref
from tui.formatting import counted, printable
from tui.keymap import Where, bindings
from tui.messages import ChangeWanted, Failed
from tui.screens.dialogs import ChoiceList
from tui.widgets.background import read

if TYPE_CHECKING:
    from journal.store.changes import Change

_NO_ITEM = Ref(Kind.paper, 0)  # no paper has this number: the change is of feeds
_OTHER = "Others: type categories or addresses…"


@dataclass(frozen=True, slots=True)
class _Offer:
    """A feed of the starter list, and whether it is followed."""

    url: str
    title: str
    folder: str
    is_followed: bool


class FollowScreen(ModalScreen[bool]):
    """Gives whether anything was followed."""

    BINDINGS = bindings(Where.dialog)
    DEFAULT_CSS = """
    FollowScreen { align: center middle; }
    FollowScreen > Vertical {
        width: 84%; max-width: 90; height: 90%; max-height: 44; background: $background;
        border: round $primary; border-title-color: $text-primary;
    }
    FollowScreen ChoiceList, FollowScreen ChoiceList:focus {
        border: none; padding: 0 1; background: $background; background-tint: transparent;
        height: 1fr; text-wrap: nowrap; text-overflow: ellipsis;
    }
    FollowScreen ChoiceList:focus > .option-list--option-highlighted {
        background: $primary 40%; color: $foreground; text-style: none;
    }
    FollowScreen ChoiceList:focus:nocolor > .option-list--option-highlighted { text-style: reverse; }
    FollowScreen Input { display: none; margin: 0 1; background: $surface; }
    FollowScreen Label { width: 1fr; margin: 0 1; color: $text-muted; }
    FollowScreen.-typing Input { display: block; }
    """

    def __init__(self, paths: Paths) -> None:
        super().__init__()
        self._paths = paths
        self._offers: list[_Offer] = []
        self._followed_any = False
        self.choices = ChoiceList(Content(_OTHER))
        self._typed = Input(compact=True, placeholder="cs.LG stat.ML, or the address of a blog, feed or channel")
        self._typed.cursor_blink = False
        self.told = Label("Enter follows, Esc leaves; u takes the last one back.", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical() as panel:
            yield self.choices
            yield self._typed
            yield self.told
        panel.border_title = Content("Follow")

    def on_mount(self) -> None:
        self.choices.focus()
        read(self, self._paths, _offers, self._offer, group="offers", keys_wait=True)

    def _offer(self, offers: Sequence[_Offer]) -> None:
        self._offers = list(offers)
        self.choices.add_options(_shown(offer) for offer in offers)
        self.choices.highlighted = 0

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        if not message.option_index:
            self.add_class("-typing")
            self._typed.focus()
            return
        place = message.option_index - 1
        offer = self._offers[place]
        if offer.is_followed:
            self.told.update(Content(f"{printable(offer.title)} is followed already."))
            return
        self._offers[place] = followed = _Offer(offer.url, offer.title, offer.folder, is_followed=True)
        self.choices.replace_option_prompt_at_index(message.option_index, _shown(followed))
        self._follow([(offer.url, offer.title, offer.folder)])

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        sources = message.value.split()
        if not sources:
            return
        self.told.update(Content("Looking…"))

        def looked_up(_: sqlite3.Connection) -> list[str] | str:
            """Addresses of feeds, or what is wrong. A channel that is named is looked up, so not on the UI thread."""
            from importers.feed_urls import feed_url
            from importers.youtube import looked_up
            from journal.errors import JournalError

            try:
                return [feed_url(looked_up(source)) for source in sources]
            except JournalError as error:
                return f"{error} {error.hint}".strip()

        def found(urls: list[str] | str) -> None:
            if isinstance(urls, str):
                self.told.update(Content(printable(urls)))
                return
            self._typed.value = ""
            self._follow([(url, "", "") for url in urls])

        read(self, self._paths, looked_up, found, group="looking")

    def _follow(self, wanted: Sequence[tuple[str, str, str]]) -> None:
        """Follow these (address, title, folder), as one change."""
        names = [title or without_password(url) for url, title, _ in wanted]
        self._followed_any = True
        self.app.post_message(follow(wanted, f"follow {', '.join(names)}"))
        told = names[0] if len(names) == 1 else counted(len(names), "feed")
        self.told.update(Content(f"Following {printable(told)}. What it holds is fetched when you leave."))

    def on_failed(self, message: Failed) -> None:
        """What can be chosen stays so; the sentence goes on to the bottom line."""

    def action_close(self) -> None:
        if self.has_class("-typing"):
            self.remove_class("-typing")
            self.choices.focus()
            return
        self.dismiss(self._followed_any)


def follow(wanted: Sequence[tuple[str, str, str]], summary: str) -> ChangeWanted:
    """The change that follows these (address, title, folder)."""

    def make(change: Change) -> None:
        from importers.feed_urls import feed_url
        from journal.store import feeds

        followed = [feed.url for feed in feeds_to_fetch(change.connection)]
        for url, title, folder in wanted:
            feeds.add(change, feed_url(url, followed), title, folder)

    return ChangeWanted(summary, _NO_ITEM, make)


def _offers(connection: sqlite3.Connection) -> list[_Offer]:
    from importers.feed_lists import starter_list
    from importers.feed_urls import by_spelling, feed_url

    followed = by_spelling(feed.url for feed in feeds_to_fetch(connection))
    offers = []
    for feed in starter_list().feeds:
        try:
            url = feed_url(feed.url)
        except BadValue:
            continue
        offers.append(_Offer(url, feed.title, feed.folder, url in followed))
    return offers


def _shown(offer: _Offer) -> Content:
    mark = "● " if offer.is_followed else "  "
    return Content.assemble(mark, printable(offer.title), (f"  {printable(offer.folder)}", "$text-muted"))
