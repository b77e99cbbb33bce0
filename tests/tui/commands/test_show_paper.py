"""A paper at the command line: all of it as text, marked where a terminal can show that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tui.commands.conftest import Run
from tui import output

pytestmark = pytest.mark.usefixtures("paths")

ABSTRACT = (
    "Nets are slow. We propose $\\alpha$-Foo, a method that prunes. It is 3.2% better than BERT on ImageNet. "
    "Code: https://github.com/a/b and weights: https://huggingface.co/a/foo."
)


@pytest.fixture
def paper(run: Run, tmp_path: Path) -> str:
    record = {"id": "2601.00001", "title": "$\\alpha$-Foo", "abstract": ABSTRACT, "authors": ["Ada Lovelace"]}
    file = tmp_path / "papers.jsonl"
    file.write_text(json.dumps(record) + "\n")
    assert run("paper", "import", str(file)).code == 0
    return "p1"


def test_what_goes_to_a_file_is_text_that_grep_finds(run: Run, paper: str) -> None:
    lines = run("show", paper).out.splitlines()
    assert lines[:2] == ["α-Foo", "Ada Lovelace"]
    assert ABSTRACT.replace("$\\alpha$", "α") in lines
    assert "Abstract" in lines
    assert not any(sign in line for line in lines for sign in ("\x1b", "▌", "#", "In short", "by rule"))


def test_a_terminal_shows_in_bold_what_is_new_and_the_figures(
    run: Run, paper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "has_colour", lambda stream: True)
    out = run("show", paper).out
    assert "\x1b[1mWe propose α-Foo, a method that prunes.\x1b[0m It is \x1b[1m3.2%\x1b[0m better" in out
    assert "bold, by rule: what is new, and the figures of results" in out


def test_its_addresses_are_told_for_what_they_are(run: Run, paper: str) -> None:
    found = run("show", paper, "--json").json
    assert found["addresses"] == [
        {"kind": "code", "url": "https://github.com/a/b"},
        {"kind": "weights", "url": "https://huggingface.co/a/foo"},
    ]
    assert (found["ref"], found["kind"], found["abstract"]) == ("p1", "paper", ABSTRACT)
    assert "addresses" not in run("log", "x", "--json").json
    out = run("show", paper).out
    assert "code     https://github.com/a/b\nweights  https://huggingface.co/a/foo\n" in out
