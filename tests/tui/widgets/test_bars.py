"""The bottom line: what a skimmer needs is always there, and always in the same order."""

from __future__ import annotations

import pytest

from journal.paths import Paths
from tests.tui.driving import opened, press, screen_text
from tui.app import JournalApp


def bottom(app: JournalApp) -> str:
    return screen_text(app).split("\n")[-1]


async def test_at_80_columns_the_keys_of_a_skimmer_are_there_with_their_words(lab: Paths) -> None:
    async with opened(lab, size=(80, 24)) as (app, pilot):
        words = "a keep  s skip  d queue  m mute  u undo  ? keys"
        assert words in bottom(app)
        await press(pilot, "s")
        assert "skip p30" in bottom(app)
        await press(pilot, "j")
        assert "skip p30" not in bottom(app), "the next key gives the hints their room back"
        assert words in bottom(app)


async def test_what_a_key_was_answered_goes_with_the_next_key(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "3", "escape")
        assert "q quits." in bottom(app)
        await press(pilot, "j")
        assert "q quits." not in app.status.shown_text


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
async def test_a_sentence_leaves_the_keys_themselves_in_their_order(lab: Paths, width: int) -> None:
    async with opened(lab, size=(width, 24)) as (app, pilot):
        await press(pilot, "S")
        assert "Nothing stands above" in bottom(app)
        places = [bottom(app).rindex(f" {key} ") for key in "asdmu?"]
        assert places == sorted(places)
