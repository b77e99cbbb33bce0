"""What is sent to the terminal so that it copies and links, byte by byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.clipboard import copying, knows_sequences, link, sequence_to_copy, through_tmux

URL = "https://arxiv.org/abs/1706.03762"
COPY = "\x1b]52;c;aHR0cHM6Ly9hcnhpdi5vcmcvYWJzLzE3MDYuMDM3NjI=\x07"


def test_the_sequences_are_those_of_the_terminals() -> None:
    assert copying(URL) == COPY
    assert copying("naïve\x1b") == "\x1b]52;c;bmHDr3ZlGw==\x07", "whatever it holds, none of it is a sequence"
    assert link(URL) == f"\x1b]8;;{URL}\x1b\\{URL}\x1b]8;;\x1b\\"
    assert through_tmux(COPY) == "\x1bPtmux;\x1b" + COPY + "\x1b\\"


@pytest.mark.parametrize(("term", "expected"), [("xterm-256color", True), ("dumb", False), ("linux", False)])
def test_a_terminal_without_sequences_gets_none(term: str, expected: bool) -> None:
    assert knows_sequences({"TERM": term}) is expected
    assert not knows_sequences({})


def test_outside_tmux_the_terminal_is_asked_itself() -> None:
    assert sequence_to_copy(URL, {}) == COPY


def tmux(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Path:
    file = folder / "tmux"
    file.write_text(f'#!/bin/sh\necho "$@" > {folder}/words\ncat > {folder}/text\n{text}\n')
    file.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return folder


def test_tmux_is_asked_to_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmux(tmp_path, monkeypatch, "exit 0")
    assert sequence_to_copy(URL, {"TMUX": "/tmp/tmux-1000/default,1,0"}) == ""
    assert (folder / "words").read_text() == "load-buffer -w -\n"
    assert (folder / "text").read_text() == URL


@pytest.mark.parametrize("text", ["exit 1", "kill -9 $$"])
def test_a_tmux_that_cannot_copy_passes_the_sequence_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    tmux(tmp_path, monkeypatch, text)
    assert sequence_to_copy(URL, {"TMUX": "x"}) == through_tmux(COPY)


def test_where_tmux_is_not_found_the_sequence_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert sequence_to_copy(URL, {"TMUX": "x"}) == through_tmux(COPY)
