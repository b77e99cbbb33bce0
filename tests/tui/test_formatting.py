"""What fits into a terminal of any width."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.tex_math import displayed
from tui.formatting import GAP, address, next_try, readable, table_widths


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (80, [3, 16, 8, 7, 38]),
        (60, [3, 16, 0, 7, 28]),
        (40, [3, 0, 0, 0, 35]),
        (20, [3, 0, 0, 0, 15]),
        (200, [3, 16, 8, 7, 60]),
    ],
)
def test_a_table_leaves_out_what_says_least_before_it_cuts_what_says_most(room: int, expected: list[int]) -> None:
    assert table_widths([3, 16, 8, 7, 60], room, grows=4, spare=(2, 3, 1)) == expected


@given(
    st.lists(st.integers(min_value=0, max_value=600), min_size=1, max_size=8),
    st.integers(min_value=40, max_value=200),
    st.data(),
)
def test_no_table_is_wider_than_the_terminal(natural: list[int], room: int, data: st.DataObject) -> None:
    columns = range(len(natural))
    grows = data.draw(st.sampled_from(columns))
    spare = tuple(column for column in data.draw(st.permutations(columns)) if column != grows)
    widths = table_widths(natural, room, grows=grows, spare=spare[: data.draw(st.integers(0, len(spare)))])
    shown = [width for width in widths if width]
    assert sum(shown) + GAP * (len(shown) - 1) <= room
    assert all(width <= least for width, least in zip(widths, natural, strict=True))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://github.com/a/b?c=d#e", "https://github.com/a/b?c=d#e"),
        ("https://b.test/\u202egnp.exe", "https://b.test/%E2%80%AEgnp.exe"),
        ("https://b.test/a b\x1b[2J\x9b", "https://b.test/a%20b%1B[2J%C2%9B"),
        ("https://b\u00fccher.test/\u00fc", "https://xn--bcher-kva.test/%C3%BC"),
        ("https://[::1/x\u200b", "https://[::1/x%E2%80%8B"),
        ("https://\ud800.test", "https://%ED%A0%80.test"),
    ],
)
def test_an_address_is_shown_as_it_leads(url: str, shown: str) -> None:
    assert address(url) == shown


@given(st.text())
def test_an_address_is_always_plain_characters(url: str) -> None:
    assert address(url).isascii() and " " not in address(url)
    assert not url or address(url).isprintable()


@given(st.text(alphabet="ab$\\{}`'-_^~ 2"))
def test_no_tex_is_passed_over(text: str) -> None:
    assert readable(text) == displayed(text).text


def test_the_next_try_is_a_time_of_today_or_names_its_day() -> None:
    noon = datetime(2026, 11, 20, 12).astimezone()
    assert next_try(noon.replace(hour=14, minute=5), noon) == "14:05"
    assert next_try(noon.replace(day=23, hour=0, minute=30), noon) == "Mon 23 Nov 00:30"
    assert next_try(noon, noon) == next_try(None, noon) == "now"
