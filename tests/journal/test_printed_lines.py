"""Two outputs are laid side by side, also where the kept tail of one begins later."""

from __future__ import annotations

import pytest

from journal.printed_lines import OutputChange, first_difference


@pytest.mark.parametrize(
    ("a", "b", "found"),
    [
        ("x\ny\n", "x\ny\n", None),
        ("x\ny\n", "x\nz\n", (2, "y", "z")),
        ("x\ny\n", "x\n", (2, "y", None)),
        ("x\n", "x\ny\n", (2, None, "y")),
        ("", "x\n", None),
        (" \n", "x\n", None),
        ("a\nb\nc\nd\n", "c\ne\n", (4, "d", "e")),  # the tail of the second begins later
        ("c\ne\n", "a\nb\nc\nd\n", (2, "e", "d")),
        ("a\n1 %\r50 %\r100 %\n", "a\n2 %\r100 %\n", None),  # what a progress bar wrote over is gone
        ("a\r\nb\r\n", "a\nb\n", None),
    ],
)
def test_the_first_line_that_differs(a: str, b: str, found: tuple[int, str | None, str | None] | None) -> None:
    expected = found and OutputChange(line=found[0], a=found[1], b=found[2])
    assert first_difference(a, b) == expected
