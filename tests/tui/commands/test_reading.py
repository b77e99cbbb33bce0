"""Reading on at the command line: the queue, a paper's pages, its PDF, notes on it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from journal.paths import Paths
from tests.standins import Reply, StandIn, rate_limited
from tests.tui.commands.conftest import Run

pytestmark = pytest.mark.usefixtures("paths")
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 400
ARXIV = "https://arxiv.org/abs/1706.03762"


@pytest.fixture
def papers(run: Run, paths: Paths) -> None:
    """p1 to p4, by an arXiv id, a DOI and two addresses."""
    run("log", "read", "--paper", "1706.03762", "--paper", "10.1000/xyz")
    run("paper", "add", "https://blog.example/one", "https://blog.example/two")


def order(run: Run) -> list[str]:
    return [row["ref"] for row in run("queue", "--json").json]


# ---------------------------------------------------------------- the queue


@pytest.mark.usefixtures("papers")
def test_the_queue_is_listed_and_moved(run: Run) -> None:
    assert run("queue").code == 1
    run("triage", "p1", "p2", "p3", "p4", "queue")
    assert order(run) == ["p1", "p2", "p3", "p4"]
    ran = run("queue", "move", "p4", "p2", "before", "p1")
    assert "(1 in the queue)" in ran.out
    assert order(run) == ["p4", "p2", "p1", "p3"]
    assert [row["place"] for row in run("queue", "move", "p1", "last", "--json").json] == [4]
    run("queue", "move", "@1", "after", "p2")
    assert order(run) == ["p2", "p4", "p3", "p1"]
    run("queue", "move", "p1", "up")
    assert order(run) == ["p2", "p4", "p1", "p3"]
    assert "Undone: move p1 up" in run("undo").out
    assert run("queue", "--limit", "2").err.endswith("2 more papers: --limit 4 lists all\n")


@pytest.mark.usefixtures("papers")
def test_last_may_be_the_paper_shown_last(run: Run) -> None:
    run("triage", "p1", "p2", "p3", "queue")
    run("paper", "show", "p2")
    run("queue", "move", "last", "last")
    assert order(run) == ["p1", "p3", "p2"]
    run("queue", "move", "p1", "after", "last")
    assert order(run) == ["p3", "p2", "p1"]


@pytest.mark.usefixtures("papers")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["p1"], 2, "first, last, up, down"),
        (["first"], 2, "first, last, up, down"),
        (["before", "p1"], 2, "first, last, up, down"),
        (["p1", "sideways"], 2, "first, last, up, down"),
        (["p2", "first"], 2, "p2 is not in the queue"),
        (["p1", "before", "p2"], 2, "p2 is not in the queue"),
        (["p9", "first"], 1, "no p9"),
        (["e1", "first"], 2, "a paper is wanted"),
    ],
)
def test_a_move_that_makes_no_sense_is_said(run: Run, words: list[str], code: int, said: str) -> None:
    run("triage", "p1", "queue")
    ran = run("queue", "move", *words)
    assert ran.code == code
    assert said in ran.err


# ---------------------------------------------------------------- opening


def browser(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str = "", name: str = "browser") -> Path:
    """$BROWSER; the file that it leaves its arguments in."""
    file, told = folder / name, folder / "told"
    file.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {told}\n{text}\n')
    file.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(file))
    return told


@pytest.mark.usefixtures("papers")
def test_a_page_is_opened_in_the_browser(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = browser(tmp_path, monkeypatch, "echo noise; echo noise >&2")
    ran = run("paper", "open", "p1")
    assert (ran.code, ran.out, ran.err) == (0, "", f"Opened {ARXIV}\n")
    assert told.read_text() == f"{ARXIV}\n"
    run("paper", "open", "p1", "--pdf")
    assert told.read_text() == "https://arxiv.org/pdf/1706.03762\n"
    run("paper", "open", "10.1000/xyz")
    assert told.read_text() == "https://doi.org/10.1000/xyz\n"
    opened = run("paper", "open", "p3", "--json").json
    assert (opened["url"], opened["opened"], opened["message"]) == ("https://blog.example/one", True, "")


@pytest.mark.usefixtures("papers")
def test_where_nothing_can_open_it_the_address_is_shown(run: Run) -> None:
    ran = run("paper", "open", "p1")
    assert (ran.code, ran.out) == (0, f"{ARXIV}\n")
    assert "no display" in ran.err
    assert run("paper", "open", "p1", "--print", "--html").out == "https://arxiv.org/html/1706.03762\n"
    kinds = [address["kind"] for address in run("paper", "open", "p1", "--print", "--json").json["addresses"]]
    assert kinds == ["abs", "html", "pdf"]


@pytest.mark.usefixtures("papers")
def test_a_browser_that_fails_is_said_and_the_address_shown(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser(tmp_path, monkeypatch, "exit 3")
    ran = run("paper", "open", "p1")
    assert (ran.code, ran.out, ran.err) == (1, f"{ARXIV}\n", "browser ended with exit code 3.\n")


@pytest.mark.usefixtures("papers")
def test_what_a_paper_does_not_have_is_said(run: Run) -> None:
    ran = run("paper", "open", "p1", "--data")
    assert ran.code == 1
    assert "p1 has no data address that is known." in ran.err
    assert "It has: abs, html, pdf." in ran.err
    assert run("paper", "open", "p1", "--code", "--pdf").code == 2


def on_a_terminal(*words: str, **environ: str) -> bytes:
    """What a command writes to a terminal, byte by byte."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "tui.cli", *words]
    process = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, close_fds=True, env={**os.environ, **environ}
    )
    os.close(slave)
    written = b"".join(_read_to_the_end(master))
    os.close(master)
    assert process.wait() == 0
    return written


def _read_to_the_end(descriptor: int) -> Iterator[bytes]:
    with suppress(OSError):  # so Linux says that the other end is closed
        while chunk := os.read(descriptor, 65536):
            yield chunk


@pytest.mark.usefixtures("papers")
def test_on_a_terminal_far_away_the_address_is_a_link_and_copied() -> None:
    written = on_a_terminal("paper", "open", "p1", TERM="xterm-256color")
    assert f"\x1b]8;;{ARXIV}\x1b\\{ARXIV}\x1b]8;;\x1b\\\r\n".encode() in written
    assert b"\x1b]52;c;aHR0cHM6Ly9hcnhpdi5vcmcvYWJzLzE3MDYuMDM3NjI=\x07" in written
    assert b"copied to the clipboard of your terminal" in written
    plain = on_a_terminal("paper", "open", "p1", TERM="dumb")
    assert b"\x1b" not in plain
    assert ARXIV.encode() in plain


# ---------------------------------------------------------------- PDFs


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in


def added(run: Run, server: StandIn, answer: bytes | Reply) -> str:
    server.routes["/a.pdf"] = answer
    return str(run("paper", "add", server.url("/a.pdf"), "--json").json[0]["ref"])


def test_a_pdf_is_downloaded_once(run: Run, server: StandIn, home: Path) -> None:
    ref = added(run, server, Reply(PDF, content_type="application/pdf"))
    ran = run("paper", "pdf", ref)
    file = Path(ran.out.removesuffix("\n"))
    assert (ran.code, ran.err) == (0, "")
    assert file.parent == home / "cache" / "papers"
    assert file.read_bytes() == PDF
    told = run("paper", "pdf", ref, "--json").json
    assert (told["path"], told["fetched_bytes"], told["ref"]) == (str(file), 0, ref)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Reply(b"gone", 404), "404"),
        (rate_limited("60"), "asks us to wait"),
        (b"Rate exceeded.", "asks us to wait"),
        (Reply(b"<!doctype html><title>Not a paper</title>", content_type="text/html"), "web page where the PDF"),
        (Reply(b"just text", content_type="text/plain"), "is no PDF"),
        (b"", "empty file"),
        (Reply(PDF, content_type="application/pdf", breaks_off_after=50_000), "broke off"),
        (Reply(status=302, headers={"Location": "file:///etc/passwd"}), "only http and https"),
    ],
)
def test_what_is_no_pdf_is_said_in_a_sentence(run: Run, server: StandIn, home: Path, answer: Reply, said: str) -> None:
    ran = run("paper", "pdf", added(run, server, answer))
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert list(home.glob("cache/papers/*.pdf")) == []


def test_a_download_that_broke_off_goes_on(run: Run, server: StandIn) -> None:
    whole = Reply(PDF, content_type="application/pdf", etag='"v1"', ranges=True)
    ref = added(run, server, Reply(PDF, content_type="application/pdf", etag='"v1"', breaks_off_after=50_000))
    assert run("paper", "pdf", ref).code == 1
    server.routes["/a.pdf"] = whole
    told = run("paper", "pdf", ref, "--json").json
    assert 0 < told["fetched_bytes"] < len(PDF)
    assert Path(told["path"]).read_bytes() == PDF


def test_a_cache_that_cannot_be_written_is_said(run: Run, server: StandIn, home: Path) -> None:
    ref = added(run, server, PDF)
    (home / "cache").write_text("in the way")
    ran = run("paper", "pdf", ref)
    assert ran.code == 1
    assert "cannot be written" in ran.err


def test_a_pdf_is_opened_by_the_desktop_where_there_is_a_display(
    run: Run, server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = added(run, server, PDF)
    ran = run("paper", "pdf", ref, "--open")
    assert (ran.code, ran.err) == (0, "There is no display at this end of SSH.\n")
    name = "open" if sys.platform == "darwin" else "xdg-open"
    told = browser(tmp_path, monkeypatch, name=name)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":0")
    again = run("paper", "pdf", ref, "--open")
    assert (again.code, again.err, told.read_text()) == (0, "", again.out)


# ---------------------------------------------------------------- notes


def editor(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    file = folder / "editor.py"
    file.write_text(f"import sys, pathlib\npath = pathlib.Path(sys.argv[1])\ntext = path.read_text()\n{script}\n")
    monkeypatch.setenv("EDITOR", f"{sys.executable} {file}")


@pytest.mark.usefixtures("papers")
def test_notes_are_one_entry_that_grows(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("triage", "p1", "p2", "queue")
    editor(tmp_path, monkeypatch, "path.write_text(text.replace('Category:', 'Category: a method'))")
    made = run("paper", "note", "p1", "--json").json
    assert (made["title"], made["type"], made["body"], made["passes"]) == (
        "notes on arXiv:1706.03762", "note", "## First pass\n\nCategory: a method", 1,
    )  # fmt: skip
    assert [(link["relation"], link["ref"]) for link in made["links"]] == [("about", "p1")]
    editor(tmp_path, monkeypatch, "path.write_text(text.replace('To try:', 'To try: with less'))")
    assert run("paper", "note", "p1", "--json").json["ref"] == made["ref"]
    (first, second) = run("queue", "--json").json
    assert (first["notes"], first["passes"], second["notes"], second["passes"]) == (made["ref"], 3, None, 0)
    assert "pass 3" in run("queue").out
    assert "Undone: notes on p1" in run("undo").out
    assert run("show", made["ref"], "--json").json["body"] == made["body"]


@pytest.mark.usefixtures("papers")
@pytest.mark.parametrize(
    "script",
    ["pass", "path.write_text('')", "path.unlink()", "path.write_text(text + '\\n\\n')",
     "path.write_text(text.replace('%% ', '%% '))"],
)  # fmt: skip
def test_notes_that_say_nothing_change_nothing(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    editor(tmp_path, monkeypatch, script)
    ran = run("paper", "note", "p1")
    assert (ran.code, ran.out, ran.err) == (0, "", "Nothing was changed.\n")
    assert [entry["ref"] for entry in run("entries", "--json").json] == ["e1"]
    assert list((home / "state").glob("edit-*")) == []


@pytest.mark.usefixtures("papers")
def test_notes_survive_an_editor_that_dies(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(
        tmp_path,
        monkeypatch,
        "import os\npath.write_text(text.replace('Clarity:', 'Clarity: precious'))\nos.kill(os.getpid(), 9)",
    )
    ran = run("paper", "note", "p1")
    assert ran.code == 1
    (file,) = (home / "state").glob("edit-*.md")
    assert str(file) in ran.err
    assert "precious" in file.read_text()


@pytest.mark.usefixtures("papers")
def test_notes_survive_a_paper_that_goes_while_they_are_written(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = f"subprocess.run([{sys.executable!r}, '-m', 'tui.cli', 'rm', 'p1'], check=True, stdout=-3)"
    editor(
        tmp_path,
        monkeypatch,
        f"import subprocess\npath.write_text(text.replace('Clarity:', 'Clarity: precious'))\n{command}",
    )
    ran = run("paper", "note", "p1")
    assert ran.code == 1
    assert "p1 was deleted" in ran.err
    (file,) = (home / "state").glob("edit-*.md")
    assert str(file) in ran.err
    assert run("paper", "note", "p1").code == 1, "before anything is typed"


@pytest.mark.usefixtures("papers")
def test_a_note_with_a_text_stays_a_note_of_its_own(run: Run) -> None:
    assert run("paper", "note", "p1", "short\nlong", "--json").json["title"] == "short"
    run("triage", "p1", "queue")
    assert run("queue", "--json").json[0]["notes"] is None


def test_nothing_of_a_title_steers_the_terminal_that_the_editor_draws_on(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("log", "read", "--paper", "1706.03762")
    run("edit", "p1", "--title", "\x1b]0;owned\x07 evil\u202e\n%% x")
    seen = tmp_path / "seen"
    editor(tmp_path, monkeypatch, f"pathlib.Path({str(seen)!r}).write_text(text)")
    run("paper", "note", "p1")
    assert "evil" in seen.read_text()
    assert not any(character in seen.read_text() for character in "\x1b\x07\u202e")
