"""A command that cannot work starts no journal: what it was given is looked at first."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.tui.commands.conftest import Run


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("paper", "import", "/nonexist"), 1),
        (("paper", "add", "1608.03983", "e3"), 2),
        (("feed", "add", "cs.LG", "notacat"), 2),
        (("feed", "add", "ftp://example.org/feed"), 2),
        (("feed", "remove", "notacat"), 2),
        (("runs", "sync"), 1),
        (("runs", "sync", "--store", "/nonexist/mlflow.db"), 1),
        (("runs", "sync", "--store", "sqlite:////nonexist/mlflow.db"), 1),
        (("runs", "sync", "--store", "sqlite://"), 1),
        (("runs", "sync", "--store", "/tmp"), 1),
        (("runs", "sync", "--store", __file__), 1),
    ],
)
def test_what_cannot_work_is_one_sentence_and_no_journal(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int
) -> None:
    monkeypatch.chdir(tmp_path)  # no store lies below
    ran = run(*words)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith("journal: ")
    assert ran.err.count("\n") <= 2
    assert "  " not in ran.err.replace("\n  ", ""), "no essay that was cut"
    assert not (home / "journal.db").exists()


@pytest.mark.parametrize("name", ["LABJOURNAL_ARXIV_API", "LABJOURNAL_ARXIV_INTERVAL"])
@pytest.mark.parametrize("words", [("paper", "add", "1608.03983"), ("feed", "fetch")])
def test_a_setting_that_cannot_be_meant_starts_no_journal(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv(name, "nan")
    ran = run(*words)
    assert ran.code == 3
    assert ran.err.startswith(f"journal: {name} must be ")
    assert not (home / "journal.db").exists()


@pytest.mark.parametrize("scheme", ["http", "postgresql"])
@pytest.mark.parametrize("json", [(), ("--json",)])
def test_the_password_of_a_store_is_never_shown(run: Run, home: Path, scheme: str, json: tuple[str, ...]) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        ran = run("runs", "sync", f"--store={scheme}://me:s3cret@127.0.0.1:{nobody.getsockname()[1]}/x", *json)
    assert ran.code == 1
    assert "me@127.0.0.1" in ran.err
    log = home / "state" / "journal.log"
    assert "s3cret" not in ran.out + ran.err + log.read_text()
