"""Commands run as the program runs them, in this process, with their output and exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tui import cli, context


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path) -> Run:
    # A DOI is looked up; no test shall ask the real arXiv, or wait for its turn. Nothing listens on port 1.
    monkeypatch.setenv("LABJOURNAL_ARXIV_API", "http://127.0.0.1:1/api/query")
    monkeypatch.setenv("LABJOURNAL_ARXIV_INTERVAL", "0")

    def run_command(*words: str) -> Ran:
        context.settings.cache_clear()
        monkeypatch.setattr(sys, "argv", ["journal", *words])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return run_command
