"""Reading on in the interface: the queue and its order, a paper's pages, its PDF, notes on it."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from journal import db
from journal.paths import Paths
from journal.queries.entries import list_entries
from journal.queries.queue import list_queue, notes_of
from journal.store import papers
from journal.store.changes import change
from journal.types import Kind, PaperState, Ref
from tests.standins import Reply, StandIn
from tests.tui.driving import opened, press, screen_text, send, settle
from tui.app import JournalApp
from tui.messages import Failed
from tui.screens.address import AddressScreen
from tui.screens.dialogs import ChoiceScreen

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 400


def paper(number: int) -> Ref:
    return Ref(Kind.paper, number)


def queue(paths: Paths, *numbers: int) -> None:
    with change(paths, "queue") as made:
        for number in numbers:
            papers.set_state(made, paper(number), PaperState.queued)


def order(paths: Paths) -> list[int]:
    with closing(db.connect(paths)) as connection:
        return [row.ref.number for row in list_queue(connection)]


def selected(app: JournalApp) -> int | None:
    ref = app.room.list.selected_ref
    return ref.number if ref else None


# ---------------------------------------------------------------- the queue


async def test_going_back_after_a_search_comes_back_to_the_queue(lab: Paths) -> None:
    queue(lab, 7, 3, 12)
    async with opened(lab) as (app, pilot):
        await press(pilot, "2", "v", "j", "/", *"number", "space", *"25", "enter")
        assert (app.room.list.count, selected(app)) == (30, 25)
        await press(pilot, "b")
        assert (app.room.list.count, selected(app)) == (3, 3)
        assert "queued paper, first to read first" in screen_text(app)


async def test_one_key_turns_to_the_queue_in_its_order_and_back(lab: Paths) -> None:
    queue(lab, 7, 3, 12)
    async with opened(lab) as (app, pilot):
        await press(pilot, "2", "v")
        assert (app.room.list.count, selected(app)) == (3, 7)
        lines = screen_text(app).split("\n")
        assert "queued paper, first to read first" in lines[1]
        assert [line.split()[:2] for line in lines[2:5]] == [["1", "Paper"], ["2", "Paper"], ["3", "Paper"]]
        await press(pilot, "j", "v")
        assert (app.room.list.count, selected(app)) == (30, 3), "the cursor stays on its paper"
        assert "queued paper" not in screen_text(app).split("\n")[1]


async def test_a_paper_is_moved_and_the_cursor_goes_with_it(lab: Paths) -> None:
    queue(lab, 7, 3, 12, 5)
    async with opened(lab) as (app, pilot):
        await press(pilot, "2", "v", "J")
        assert (order(lab), selected(app), app.room.list.cursor) == ([3, 7, 12, 5], 7, 1)
        await send(pilot, "J", "J", "J")
        await settle(pilot)
        assert (order(lab), selected(app), app.room.list.cursor) == ([3, 12, 5, 7], 7, 3)
        await press(pilot, "K")
        assert (order(lab), selected(app)) == ([3, 12, 7, 5], 7)
        await press(pilot, "u")
        assert (order(lab), selected(app)) == ([3, 12, 5, 7], 7)


async def test_in_a_filtered_queue_a_paper_passes_the_next_one_that_is_seen(lab: Paths) -> None:
    """Odd papers are on gradients, even ones on kernels."""
    queue(lab, 7, 4, 6, 3, 5)
    async with opened(lab) as (app, pilot):
        await press(pilot, "2", "v", "f", *"gradients", "enter")
        assert (app.room.list.count, selected(app)) == (3, 7)
        await press(pilot, "J")
        assert order(lab) == [4, 6, 3, 7, 5]
        assert (selected(app), app.room.list.cursor) == (7, 1)


async def test_what_leaves_the_queue_leaves_its_view_and_undo_brings_it_back(lab: Paths) -> None:
    queue(lab, 7, 3)
    async with opened(lab) as (app, pilot):
        await press(pilot, "2", "v", "a")
        assert app.room.list.count == 1
        await press(pilot, "u")
        assert (order(lab), selected(app)) == ([7, 3], 7)
        await press(pilot, "s", "s")
        assert "The queue is empty" in screen_text(app)
        await press(pilot, "J")
        assert "no paper" in app.status.shown_text


async def test_a_paper_that_is_gone_to_is_shown_among_all(lab: Paths) -> None:
    queue(lab, 7)
    async with opened(lab) as (app, pilot):
        await press(pilot, "2", "v", "slash", *"number 5", "enter")
        assert (app.room.list.count, selected(app)) == (30, 5)
        assert "queued paper" not in screen_text(app).split("\n")[1]


async def test_all_papers_have_no_order_to_change(lab: Paths) -> None:
    async with opened(lab) as (app, pilot):
        await press(pilot, "2", "J")
        assert "v turns to it" in app.status.shown_text


# ---------------------------------------------------------------- opening


def browser(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str = "", name: str = "browser") -> Path:
    """$BROWSER; the file that it leaves its arguments in."""
    file, told = folder / name, folder / "told"
    file.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {told}\n{text}\n')
    file.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(file))
    return told


def written(app: JournalApp, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is sent to the terminal to be copied."""
    sent: list[str] = []
    monkeypatch.setattr(app._driver, "write", lambda text: sent.append(text) if "]52;" in text else None)
    return sent


async def test_the_page_is_opened_in_the_browser(lab: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = browser(tmp_path, monkeypatch, "echo noise")
    async with opened(lab) as (app, pilot):
        await press(pilot, "o")
        assert "Opened https://arxiv.org/abs/2601.00030v2" in app.status.shown_text
        assert "noise" not in screen_text(app)
        assert told.read_text() == "https://arxiv.org/abs/2601.00030v2\n"
        await press(pilot, "O")
        assert isinstance(app.screen, ChoiceScreen)
        assert "https://arxiv.org/pdf/2601.00030v2" in screen_text(app)
        await press(pilot, "j", "enter")
        assert told.read_text() == "https://arxiv.org/html/2601.00030v2\n"


async def test_far_away_the_address_is_shown_whole_and_copied(lab: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(lab, size=(60, 20)) as (app, pilot):
        sent = written(app, monkeypatch)
        await press(pilot, "o")
        assert isinstance(app.screen, AddressScreen)
        text = screen_text(app)
        assert "\nhttps://arxiv.org/abs/2601.00030v2 " in text
        assert "There is no display" in text
        assert "copied to the clipboard of your terminal" in text
        assert sent == ["\x1b]52;c;aHR0cHM6Ly9hcnhpdi5vcmcvYWJzLzI2MDEuMDAwMzB2Mg==\x07"]
        links = {style.link for strip in app.screen._compositor.render_strips() for _, style, _ in strip if style}
        assert "https://arxiv.org/abs/2601.00030v2" in links
        await press(pilot, "escape")
        assert not isinstance(app.screen, AddressScreen)


async def test_a_browser_that_fails_is_said_and_the_address_shown(
    lab: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser(tmp_path, monkeypatch, "exit 4")
    async with opened(lab) as (app, pilot):
        await press(pilot, "o")
        assert "browser ended with exit code 4." in screen_text(app)
        assert "https://arxiv.org/abs/2601.00030v2" in screen_text(app)


async def test_the_address_is_copied(lab: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(lab) as (app, pilot):
        sent = written(app, monkeypatch)
        await press(pilot, "y")
        assert "https://arxiv.org/abs/2601.00030v2 is copied" in app.status.shown_text
        assert sent == ["\x1b]52;c;aHR0cHM6Ly9hcnhpdi5vcmcvYWJzLzI2MDEuMDAwMzB2Mg==\x07"]


async def test_a_text_browser_has_the_terminal_alone(
    lab: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(lab) as (app, pilot):
        terminal = _Terminal()
        monkeypatch.setattr(app, "suspend", terminal.suspend)
        told = browser(tmp_path, monkeypatch, name="w3m")
        await press(pilot, "o")
        assert (terminal.was_away, terminal.is_away) == (1, False)
        assert told.read_text() == "https://arxiv.org/abs/2601.00030v2\n"
        browser(tmp_path, monkeypatch, "exit 2", name="w3m")
        await press(pilot, "o")
        assert "w3m ended with exit code 2." in screen_text(app)


class _Terminal:
    """Hands the terminal over as `App.suspend` does: what is raised while it is away never brings it back."""

    is_away = False
    was_away = 0

    @contextmanager
    def suspend(self) -> Iterator[None]:
        self.is_away = True
        self.was_away += 1
        yield
        self.is_away = False


# ---------------------------------------------------------------- the PDF


@asynccontextmanager
async def with_pdf(paths: Paths, server: StandIn) -> AsyncIterator[tuple[JournalApp, Pilot[None]]]:
    """Papers, on one whose PDF is at /a.pdf of this server."""
    with change(paths, "paper add") as made:
        papers.named(made, server.url("/a.pdf"))
    async with opened(paths) as (app, pilot):
        await press(pilot, "2", "g")
        yield app, pilot


async def comes_true(pilot: Pilot[None], condition: Callable[[], object]) -> bool:
    for _ in range(1000):
        if condition():
            return True
        await pilot.pause(0.01)
    return False


async def test_the_pdf_is_downloaded_and_its_place_said(lab: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    with StandIn({"/a.pdf": PDF}) as server:
        async with with_pdf(lab, server) as (app, pilot):
            sent = written(app, monkeypatch)
            await press(pilot, "P")
            (file,) = (lab.cache / "papers").glob("*.pdf")
            assert file.read_bytes() == PDF
            assert file.name in app.status.shown_text
            await press(pilot, "P")
            assert isinstance(app.screen, AddressScreen)
            assert all(word in screen_text(app) for word in str(file).split())
            assert len(server.requests) == 1
            assert len(sent) == 1


async def test_the_pdf_is_opened_where_there_is_a_display(
    lab: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = browser(tmp_path, monkeypatch, name="open" if sys.platform == "darwin" else "xdg-open")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":0")
    with StandIn({"/a.pdf": PDF}) as server:
        async with with_pdf(lab, server) as (app, pilot):
            await press(pilot, "P")
            (file,) = (lab.cache / "papers").glob("*.pdf")
            assert told.read_text() == f"{file}\n"
            assert "Opened" in app.status.shown_text


@pytest.mark.parametrize("key", ["P", "escape"])
async def test_a_download_can_be_stopped_and_goes_on_later(lab: Paths, key: str) -> None:
    whole = Reply(PDF, content_type="application/pdf", etag='"v1"', ranges=True)
    begun = Reply(PDF[:50_000], content_type="application/pdf", etag='"v1"', endless=True, drip_s=0.0001)
    with StandIn({"/a.pdf": begun}) as server:
        async with with_pdf(lab, server) as (app, pilot):
            await send(pilot, "P")
            assert await comes_true(pilot, lambda: list((lab.cache / "papers").glob("*.part")))
            assert "PDF of p31" in app.status.shown_text
            assert "Esc stops it" in app.status.shown_text
            await press(pilot, key)
            assert "Stopped the PDF of p31" in app.status.shown_text
            assert not app.status.is_error
            assert list((lab.cache / "papers").glob("*.pdf")) == []
            server.routes["/a.pdf"] = whole
            await press(pilot, "P")
            assert not app.status.is_error
            (file,) = (lab.cache / "papers").glob("*.pdf")
            assert file.read_bytes() == PDF


async def test_escape_leaves_the_detail_before_it_stops_a_download(lab: Paths) -> None:
    begun = Reply(PDF[:50_000], content_type="application/pdf", endless=True, drip_s=0.0001)
    with StandIn({"/a.pdf": begun}) as server:
        async with with_pdf(lab, server) as (app, pilot):
            await send(pilot, "P")
            assert await comes_true(pilot, lambda: list((lab.cache / "papers").glob("*.part")))
            app.room.read_detail()
            await send(pilot, "escape")
            await pilot.pause(0)
            assert "Stopped" not in app.status.shown_text
            await press(pilot, "escape")
            assert "Stopped" in app.status.shown_text
            await press(pilot, "escape")
            assert "q quits" in app.status.shown_text


@pytest.mark.parametrize(
    ("answer", "said"),
    [(Reply(b"gone", 404), "404"), (b"Rate exceeded.", "asks us to wait"), (b"<html>", "web page where the PDF")],
)
async def test_what_is_no_pdf_is_said(lab: Paths, answer: bytes | Reply, said: str) -> None:
    with StandIn({"/a.pdf": answer}) as server:
        async with with_pdf(lab, server) as (app, pilot):
            await press(pilot, "P")
            assert app.status.is_error
            assert said in app.status.shown_text


async def test_an_error_is_read_while_a_download_tells_how_far_it_is(
    lab: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.screens.download._TELL_EVERY_S", 0.01)
    with StandIn({"/a.pdf": Reply(PDF, content_type="application/pdf", drip_s=0.001)}) as server:
        async with with_pdf(lab, server) as (app, pilot):
            await send(pilot, "P")
            assert await comes_true(pilot, lambda: "%" in app.status.text and ": 0%" not in app.status.text)
            app.post_message(Failed("The disk is full."))
            assert await comes_true(pilot, lambda: app.status.is_error)
            for _ in range(20):  # as many tellings are due
                await pilot.pause(0.02)
            assert app.status.text == "The disk is full."
            await press(pilot, "escape")


async def test_quitting_does_not_wait_for_a_download(lab: Paths) -> None:
    begun = Reply(PDF[:50_000], content_type="application/pdf", endless=True, drip_s=0.0001)
    with StandIn({"/a.pdf": begun}) as server:
        async with with_pdf(lab, server) as (app, pilot):
            await send(pilot, "P")
            assert await comes_true(pilot, lambda: list((lab.cache / "papers").glob("*.part")))
            await send(pilot, "ctrl+q")
            assert await comes_true(pilot, lambda: app._exit)


# ---------------------------------------------------------------- notes


def editor(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    file = folder / "editor"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(file))


def entries_of(paths: Paths) -> int:
    with closing(db.connect(paths)) as connection:
        return len(list_entries(connection))


@pytest.mark.parametrize("room", ["1", "2"])
async def test_notes_are_written_in_the_editor_and_opened_again(
    lab: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: str
) -> None:
    before = entries_of(lab)
    async with opened(lab) as (app, pilot):
        terminal = _Terminal()
        monkeypatch.setattr(app, "suspend", terminal.suspend)
        await press(pilot, room, "g")
        editor(tmp_path, monkeypatch, 's=$(sed "s/^Category:$/Category: a method/" "$1") && echo "$s" > "$1"')
        await press(pilot, "n")
        assert "notes on p30" in app.status.shown_text
        assert "mentioned by" in app.room.detail.text
        editor(tmp_path, monkeypatch, 's=$(sed "s/^Content:$/Content: it works/" "$1") && echo "$s" > "$1"')
        await press(pilot, "n")
        assert not terminal.is_away
    with closing(db.connect(lab)) as connection:
        found = notes_of(connection, paper(30))
    assert found is not None
    assert found[1] == "## First pass\n\nCategory: a method\n\n## Second pass\n\nContent: it works"
    assert entries_of(lab) == before + 1
    assert list(lab.state.glob("edit-*")) == []


async def test_what_an_editor_failed_on_is_what_the_next_one_opens(
    lab: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(lab) as (app, pilot):
        monkeypatch.setattr(app, "suspend", _Terminal().suspend)
        editor(tmp_path, monkeypatch, 's=$(sed "s/^Category:$/Category: typed/" "$1") && echo "$s" > "$1"; exit 3')
        await press(pilot, "n")
        (draft,) = lab.state.glob("edit-*")
        assert str(draft) in app.status.shown_text
        await press(pilot, "n")
        (draft,) = lab.state.glob("edit-*")
        assert draft.read_text().count("Category: typed") == 1, "a second failure leaves one draft, not two"
        await press(pilot, "j", "n")
        assert len(list(lab.state.glob("edit-*"))) == 2, "another paper begins with its own form"
        editor(tmp_path, monkeypatch, "true")
        await press(pilot, "k", "n")
        assert "notes on p30, from the draft that was left" in app.status.shown_text
    with closing(db.connect(lab)) as connection:
        found = notes_of(connection, paper(30))
    assert found is not None
    assert "Category: typed" in found[1]
    assert len(list(lab.state.glob("edit-*"))) == 1


@pytest.mark.parametrize(
    ("script", "said"),
    [("true", "Nothing was changed"), (': > "$1"', "Nothing was changed"), ("exit 3", "exit code 3")],
)
async def test_an_editor_that_says_nothing_changes_nothing(
    lab: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    before = entries_of(lab)
    editor(tmp_path, monkeypatch, script)
    async with opened(lab) as (app, pilot):
        monkeypatch.setattr(app, "suspend", _Terminal().suspend)
        await press(pilot, "n")
        assert said in app.status.shown_text
    assert entries_of(lab) == before
    assert list(lab.state.glob("edit-*")) == []


async def test_what_was_typed_is_named_when_the_editor_dies(
    lab: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(tmp_path, monkeypatch, 'echo precious >> "$1"; kill -9 $$')
    async with opened(lab) as (app, pilot):
        monkeypatch.setattr(app, "suspend", _Terminal().suspend)
        await press(pilot, "n")
        (draft,) = lab.state.glob("edit-*")
        assert "precious" in draft.read_text()
        assert str(draft) in app.status.shown_text
