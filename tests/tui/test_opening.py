"""Which program opens an address, that it runs apart from the terminal, and that its failure is said."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tui.opening import NoOpener, Opener, opener_of_address, opener_of_file, run, start

URL = "https://arxiv.org/abs/1706.03762?a=1&b=%20;c"


def decided(environ: dict[str, str], *, has: str = "", platform: str = "linux") -> Opener | NoOpener:
    there = set(has.split())
    return opener_of_address(URL, environ, platform, lambda name: f"/usr/bin/{name}" if name in there else None)


@pytest.mark.parametrize(
    ("environ", "has", "platform", "expected"),
    [
        ({"BROWSER": "firefox"}, "firefox", "linux", Opener(("firefox", URL))),
        ({"BROWSER": "no-such:firefox"}, "firefox", "linux", Opener(("firefox", URL))),
        ({"BROWSER": "firefox --new-tab %s &"}, "firefox", "linux", Opener(("firefox", "--new-tab", URL))),
        ({"BROWSER": "open-in --url=%s -q"}, "open-in", "linux", Opener(("open-in", f"--url={URL}", "-q"))),
        ({"BROWSER": "'my browser' -p"}, "", "linux", NoOpener("$BROWSER names no program that is there.")),
        ({"BROWSER": "'unclosed:w3m"}, "w3m", "linux", Opener(("w3m", URL), takes_terminal=True)),
        ({"BROWSER": "lynx -accept_all_cookies"}, "lynx", "linux",
         Opener(("lynx", "-accept_all_cookies", URL), takes_terminal=True)),
        ({"BROWSER": "helper", "SSH_TTY": "/dev/pts/1"}, "helper", "linux", Opener(("helper", URL))),
        ({"BROWSER": " : ", "DISPLAY": ":0"}, "xdg-open", "linux", Opener(("xdg-open", URL))),
        ({"DISPLAY": ":0"}, "xdg-open", "linux", Opener(("xdg-open", URL))),
        ({"WAYLAND_DISPLAY": "wayland-0", "SSH_TTY": "/dev/pts/1"}, "xdg-open", "linux", Opener(("xdg-open", URL))),
        ({"DISPLAY": ":0"}, "", "linux", NoOpener("xdg-open is not installed, and $BROWSER is not set.")),
        ({}, "xdg-open", "linux", NoOpener("There is no display.")),
        ({"SSH_CONNECTION": "a b"}, "xdg-open", "linux", NoOpener("There is no display at this end of SSH.")),
        ({"SSH_TTY": "/dev/pts/1"}, "open", "darwin", NoOpener("There is no display at this end of SSH.")),
        ({}, "open", "darwin", Opener(("open", URL))),
        ({"WSL_DISTRO_NAME": "Debian"}, "wslview", "linux", Opener(("wslview", URL))),
    ],
)  # fmt: skip
def test_what_opens_an_address(environ: dict[str, str], has: str, platform: str, expected: Opener | NoOpener) -> None:
    assert decided(environ, has=has, platform=platform) == expected


def test_a_file_is_opened_by_the_desktop_and_not_by_the_browser() -> None:
    file = Path("/cache/2017 Vaswani - Attention.pdf")
    environ = {"BROWSER": "w3m", "DISPLAY": ":0"}
    assert opener_of_file(file, environ, "linux", lambda name: name) == Opener(("xdg-open", str(file)))
    assert isinstance(opener_of_file(file, {"BROWSER": "w3m"}, "linux", lambda name: name), NoOpener)


def script(folder: Path, text: str) -> str:
    file = folder / "browser"
    file.write_text(f"#!{sys.executable}\nimport os, sys\n{text}\n")
    file.chmod(0o755)
    return str(file)


def test_an_opener_gets_the_address_as_one_argument_and_is_apart_from_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    told = tmp_path / "told"
    browser = script(
        tmp_path,
        f"print('noise'); print('noise', file=sys.stderr)\n"
        f"open({str(told)!r}, 'w').write(repr((sys.argv[1:], sys.stdin.read(), os.getsid(0) == os.getpid())))",
    )
    assert start(Opener((browser, URL)), patience_s=60) == ""
    assert told.read_text() == repr(([URL], "", True))
    assert capfd.readouterr() == ("", "")


def test_an_opener_that_stays_has_opened(tmp_path: Path) -> None:
    """A browser that was not running yet only ends when it is closed."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    assert start(Opener(("cat", str(fifo))), patience_s=0) == ""
    fifo.write_text("now it ends")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("sh", "-c", "exit 3"), "sh ended with exit code 3."),
        (("sh", "-c", "kill -9 $$"), "sh was ended by signal 9."),
        (("/no/such/browser",), "browser cannot be started: No such file or directory."),
    ],
)
def test_an_opener_that_fails_is_said(words: tuple[str, ...], expected: str) -> None:
    assert start(Opener(words), patience_s=60) == expected
    assert run(Opener(words)) == expected


def test_a_text_browser_has_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(Opener((script(tmp_path, "print('page of', sys.argv[1])"), URL))) == ""
    assert capfd.readouterr().out == f"page of {URL}\n"


def test_no_shell_ever_reads_an_address(tmp_path: Path) -> None:
    """The one way programs are started here takes words, whatever stands in them."""
    hostile = f"https://example.org/$(touch${{IFS}}{tmp_path}/owned);&"
    assert start(Opener(("true", hostile)), patience_s=60) == ""
    assert run(Opener(("true", hostile))) == ""
    assert list(tmp_path.iterdir()) == []
