"""The command table tells the truth, whichever command is loaded."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest
import typer
from typer.main import get_command

from tui.cli import COMMANDS, app_with, command_named_by, with_help_spelled_out


@pytest.mark.parametrize(("name", "home", "line"), COMMANDS, ids=[name for name, _, _ in COMMANDS])
def test_the_help_page_says_what_each_command_says_of_itself(name: str, home: str, line: str) -> None:
    module, _, attribute = home.partition(":")
    command = getattr(import_module(module), attribute)
    said = command.info.help if isinstance(command, typer.Typer) else inspect.getdoc(command)
    assert str(said).splitlines()[0] == line
    assert name in get_command(app_with(name)).commands  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["tag", "p1", "-h"], ["tag", "p1", "--help"]),
        (["search", "-h", "x"], ["search", "--help", "x"]),
        (["search", "--", "-h"], ["search", "--", "-h"]),
        (["search", "-hinton", "-h x"], ["search", "-hinton", "-h x"]),
        (["entries", "-h"], ["entries", "-h"]),
        ([], []),
    ],
)
def test_h_is_help_where_words_may_begin_with_a_dash(words: list[str], expected: list[str]) -> None:
    assert with_help_spelled_out(words, command_named_by(words, {})) == expected


@pytest.mark.parametrize(
    ("words", "environ", "expected"),
    [
        (["search", "x"], {}, "search"),
        (["--version"], {}, None),
        ([], {}, None),
        (["-h", "log"], {}, "log"),
        ([], {"_JOURNAL_COMPLETE": "complete_bash", "COMP_WORDS": "journal paper imp"}, "paper"),
        ([], {"_JOURNAL_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "journal runs "}, "runs"),
        ([], {"_JOURNAL_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "journal "}, None),
    ],
)
def test_only_the_command_that_is_named_is_loaded(
    words: list[str], environ: dict[str, str], expected: str | None
) -> None:
    assert command_named_by(words, environ) == expected
