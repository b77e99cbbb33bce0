"""A code pointer as it is read: in a document, and in the interface."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from rich.cells import cell_len

from journal import code_now
from journal.code_matching import DiffLine, Match, Standing
from journal.code_now import CodeNow
from journal.paths import Paths
from journal.pointing import Place
from journal.repositories import locate
from journal.source_files import read_source
from journal.store import links, pointers
from journal.store.changes import program_change
from journal.types import Kind, Pointer, Ref
from tests.conftest import NOON
from tests.repositories import CODE
from tests.tui.conftest import P1
from tests.tui.driving import opened, press, screen_text, settle
from tui.documents import Code, CodeLine, Document
from tui.editing import words_for_line
from tui.pointer_document import standing_told
from tui.widgets.document import lines_of

C1 = Ref(Kind.pointer, 1)
POINTER = Pointer(
    ref=C1, kind=Kind.pointer, title="train.py:9-15 def train_step", created_at=NOON, updated_at=NOON, repository="/nets",
    root="/nets", commit_id=None, is_changed=False, path="train.py", first_line=9, last_line=15, text=CODE, note="",
)  # fmt: skip


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (CodeNow(Match(Standing.same, 9, 15), Path("/a"), "train.py"), "The code stands as it was."),
        (CodeNow(Match(Standing.moved, 52, 58), Path("/a"), "train.py"), "The same code is now in lines 52-58."),
        (CodeNow(Match(Standing.moved, 9, 9), Path("/a"), "b.py"), "The same code is now in b.py, line 9."),
        (CodeNow(Match(Standing.changed, 9, 16), Path("/a"), "train.py"), "The code has changed, in lines 9-16."),
        (CodeNow(Match(Standing.changed, 12, 16), Path("/a"), "train.py"),
         "The code has moved to lines 12-16 and changed."),
        (CodeNow(Match(Standing.gone), Path("/a"), "train.py", "The file is gone."), "Gone: The file is gone."),
        (CodeNow(Match(Standing.away), reason="/nets is not on this machine."),
         "Not at hand: /nets is not on this machine."),
    ],
)  # fmt: skip
def test_every_standing_is_a_sentence(now: CodeNow, said: str) -> None:
    assert standing_told(POINTER, now) == said


def test_code_keeps_its_blanks_and_loses_nothing_at_any_width() -> None:
    text = "        " + "漢字 = compute(value)  " * 9 + "\x1b[31m"
    document = Document(C1, (Code("As it stood", (CodeLine("9", text), CodeLine("10", ""))),))
    for width in (12, 30, 31, 200):
        lines = ["".join(span.text for span in line.spans) for line in lines_of(document, width)]
        assert all(cell_len(line) <= width for line in lines)
        assert "".join(line[4:] for line in lines[1:]).rstrip() == text.removesuffix("\x1b[31m").rstrip()
        assert lines[1].startswith(" 9          ")


def test_a_difference_is_told_in_colour_and_by_signs() -> None:
    now = CodeNow(
        Match(Standing.changed, 9, 15, (DiffLine("-", 9, "a"), DiffLine("+", 9, "b"), DiffLine(" ", 10, "c")), 7),
        Path("/a"), "train.py",
    )  # fmt: skip
    from tui.pointer_document import pointer_document

    blocks = [block for block in pointer_document(POINTER, now).blocks if isinstance(block, Code)]
    assert [(line.label, line.role) for line in blocks[0].lines] == [
        ("-9", "bad"), ("+9", "good"), ("·10", "dim"), ("", "dim"),
    ]  # fmt: skip
    assert "7 more lines" in blocks[0].lines[-1].text


@pytest.mark.parametrize(
    ("editor", "words"),
    [
        ("/usr/bin/vim", ["+7", "a.py"]),
        ("nano", ["+7", "a.py"]),
        ("hx", ["a.py:7"]),
        ("code", ["--goto", "a.py:7"]),
        ("unheard-of", ["a.py"]),
    ],
)
def test_editors_that_take_a_line_are_given_it(editor: str, words: list[str]) -> None:
    assert words_for_line(editor, "a.py", 7) == words


async def test_the_interface_shows_a_pointer_and_reads_its_file_off_the_thread_that_paints(
    lab: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "train.py"
    file.write_text(CODE)
    with program_change(lab, clock=lambda: NOON) as made:
        pointers.add(made, Place("train.py", 9, 15), locate(file, tmp_path), read_source(file), note="smoothing")
        links.add(made, C1, P1)
    file.write_text("# one more\n" + CODE)
    readers: list[threading.Thread] = []

    def reading(path: Path) -> list[str]:
        readers.append(threading.current_thread())
        return read_source(path)

    monkeypatch.setattr(code_now, "read_source", reading)
    async with opened(lab) as (app, pilot):
        await app.go_to(P1)
        await press(pilot, "tab")
        assert "mentioned by c1 (moved) train.py:9-15" in app.room.detail.text
        await app.go_to(C1)
        await settle(pilot)
        shown = screen_text(app)
    assert "The same code is now in lines 10-16." in shown
    assert "15      return loss.item()" in shown
    assert readers
    assert threading.main_thread() not in readers
