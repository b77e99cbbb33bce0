"""The journal as a file: made, found, checked, copied, and refused with a sentence when it cannot be used."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from journal import db
from journal.migrate import APPLICATION_ID
from journal.paths import Paths, at_home
from journal.recorder.tried import tried
from journal.store import changes
from tests.tui.commands.conftest import Run


def test_init_makes_a_journal_once(run: Run, home: Path) -> None:
    assert run("init").out == f"Made a journal: {home / 'journal.db'}\n"
    assert run("init").out == f"Your journal is: {home / 'journal.db'}\n"


def test_the_first_line_makes_the_journal_and_says_where(run: Run, home: Path) -> None:
    ran = run("log", "hello")
    assert ran.out == "e1  hello\n"
    assert str(home / "journal.db") in ran.err
    assert run("log", "again").err == ""


def test_paths_tells_where_everything_is_and_makes_nothing(run: Run, home: Path) -> None:
    found = run("paths", "--json").json
    assert found["journal"] == str(home / "journal.db")
    assert {"backups", "spool", "mlflow", "settings", "log", "cache"} <= set(found)
    assert "journal.log" in run("paths").out
    assert not home.exists()


@pytest.mark.usefixtures("paths")
def test_the_doctor_finds_and_mends_a_drifted_index(run: Run, paths: Paths) -> None:
    run("log", "cosine")
    assert run("doctor").code == 0
    connection = db.connect(paths)
    (trigger,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'item_fts_update'").fetchone()
    connection.execute("DROP TRIGGER item_fts_update")
    connection.execute("UPDATE item SET title = 'drifted'")
    connection.execute(trigger)
    connection.close()
    ran = run("doctor", "--json")
    assert ran.code == 1
    assert [finding["name"] for finding in ran.json if not finding["is_sound"]] == ["search index item_fts"]
    assert "--rebuild-search" in run("doctor").out
    assert run("doctor", "--rebuild-search").code == 0


@pytest.mark.usefixtures("paths")
@pytest.mark.parametrize("damage", ["DROP TABLE entry", "DROP TRIGGER item_fts_update", "DROP INDEX link_to"])
def test_the_doctor_sees_what_the_schema_lacks(run: Run, paths: Paths, damage: str) -> None:
    connection = db.connect(paths)
    connection.execute(damage)
    connection.close()
    ran = run("doctor", "--json")
    assert ran.code == 1
    (found,) = [finding for finding in ran.json if not finding["is_sound"]]
    assert found["name"] == "tables"
    assert damage.split()[-1] in found["message"]
    assert {finding["advice"] for finding in ran.json if finding["is_sound"]} == {""}


@pytest.mark.usefixtures("paths")
@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("DROP TABLE item_fts", {"tables", "search index item_fts"}),
        ("ALTER TABLE item RENAME COLUMN body TO bodyx", {"tables", "search index item_fts"}),
        ("CREATE TRIGGER mine AFTER INSERT ON tag BEGIN SELECT 1; END", {"tables"}),
        ("DELETE FROM entry", {"items"}),
    ],
)
def test_the_doctor_tells_whatever_was_altered(run: Run, paths: Paths, damage: str, found: set[str]) -> None:
    run("log", "x")
    connection = db.connect(paths)
    connection.execute(damage)
    connection.close()
    ran = run("doctor", "--json")
    assert ran.code == 1
    assert {finding["name"] for finding in ran.json if not finding["is_sound"]} == found
    for words in (("search", "foo"), ("log", "z"), ("doctor", "--rebuild-search")):
        assert "should not have" not in run(*words).err


@pytest.mark.usefixtures("paths")
def test_a_journal_that_lacks_a_table_is_called_damaged(run: Run, paths: Paths) -> None:
    connection = db.connect(paths)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("DROP TABLE entry")
    connection.close()
    for words in (("entries",), ("log", "x")):
        ran = run(*words)
        assert (ran.code, ran.out) == (3, "")
        assert "is damaged" in ran.err


def test_an_empty_file_becomes_a_journal_and_is_told(run: Run, home: Path) -> None:
    home.mkdir()
    (home / "journal.db").touch()
    assert "Started a new journal" in run("log", "x").err


@pytest.mark.parametrize("words", [("log", "x"), ("paths",), ("entries",)], ids=" ".join)
def test_a_home_with_an_impossible_name_is_a_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("LABJOURNAL_HOME", "/tmp/" + "x" * 300)
    ran = run(*words)
    assert ran.code in {0, 3}
    assert "should not have" not in ran.err


@pytest.mark.usefixtures("paths")
def test_a_backup_is_told_and_never_overwrites(run: Run, tmp_path: Path) -> None:
    run("log", "cosine")
    target = tmp_path / "copy.db"
    assert run("backup", str(target)).out == f"{target}\n"
    assert run("backup", str(target)).code == 2
    assert Path(run("backup").out.strip()).is_file()


def _foreign(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()


def _no_version(path: Path) -> None:
    db.connect(at_home(path.parent)).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 0")
    connection.close()


def _negative_version(path: Path) -> None:
    _newer(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = -3")
    connection.close()


def _newer(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 999")
    connection.close()


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (lambda path: path.write_bytes(b"no database" * 500), "damaged"),
        (_foreign, "another program"),
        (_newer, "newer labjournal"),
        (_no_version, "damaged"),
        (_negative_version, "damaged"),
        (lambda path: path.mkdir(), "cannot be"),
    ],
    ids=["garbage", "foreign", "newer", "no version", "negative version", "folder"],
)
@pytest.mark.parametrize("words", [("log", "x"), ("search", "x"), ("doctor",), ("undo",), ("today",)], ids=" ".join)
def test_a_journal_that_cannot_be_used_is_a_sentence_and_exit_code_3(
    run: Run, home: Path, prepare: object, sentence: str, words: tuple[str, ...]
) -> None:
    home.mkdir()
    prepare(home / "journal.db")  # type: ignore[operator]
    ran = run(*words)
    assert (ran.code, ran.out) == (3, "")
    assert sentence in ran.err
    assert ran.err.count("\n") <= 2


@pytest.mark.usefixtures("paths")
def test_a_locked_journal_is_a_sentence_and_exit_code_3(
    run: Run, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "BUSY_TIMEOUT_S", 0.05)
    monkeypatch.setattr(db.connect, "__kwdefaults__", {"must_exist": False, "busy_timeout_s": 0.05})
    holder = sqlite3.connect(paths.journal, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    ran = run("log", "x")
    holder.execute("ROLLBACK")
    holder.close()
    assert ran.code == 3
    assert "locked by another program" in ran.err
    assert run("log", "x").code == 0


@pytest.mark.usefixtures("paths")
def test_waiting_for_a_locked_journal_is_told(run: Run, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "_SOON_S", 0.05)
    holder = sqlite3.connect(paths.journal, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(changes, "waits_for", changes.tell_nobody)
    release = threading.Timer(0.5, lambda: holder.execute("ROLLBACK"))
    release.start()
    ran = run("log", "x")
    release.join()
    holder.close()
    assert ran.code == 0
    assert "Waiting for another program to finish with " in ran.err


@pytest.mark.usefixtures("paths")
def test_the_traceback_goes_to_the_log_file(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("show", "e9")
    log = home / "state" / "journal.log"
    assert "NotFound: There is no e9" in log.read_text()

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("our own mistake")

    monkeypatch.setattr("journal.queries.search.parse_search", broken)
    ran = run("search", "x")
    assert ran.code == 1
    assert "ZeroDivisionError" in ran.err
    assert str(log) in ran.err
    assert "Traceback" not in ran.err
    assert "in broken" in log.read_text()


def test_a_settings_file_with_a_typo_is_named(run: Run, home: Path) -> None:
    (home / "config").mkdir(parents=True)
    (home / "config" / "config.toml").write_text("arxiv_rss = 'x'")
    ran = run("feed", "fetch")
    assert ran.code == 3
    assert "config.toml: there is no setting 'arxiv_rss'" in ran.err


def test_the_interface_says_that_it_needs_a_terminal(run: Run) -> None:
    ran = run()
    assert ran.code == 2
    assert "needs a terminal" in ran.err


def test_the_version_is_told(run: Run) -> None:
    assert run("--version").out == "labjournal 0.1.0\n"


def script(words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A command as a shell runs it."""
    return subprocess.run(
        words.replace("journal", f"{sys.executable} -m tui.cli"), shell=True, capture_output=True, text=True, check=False,
        executable="/bin/bash", env={**os.environ, **environ},
    )  # fmt: skip


@pytest.mark.usefixtures("paths")
def test_closed_full_and_foreign_streams_are_no_mistakes_of_ours(run: Run) -> None:
    run("log", "héllo \u2603")
    assert script("journal entries >&-").returncode == 0
    full = script("journal entries --json >/dev/full")
    assert (full.returncode, full.stderr) == (1, "journal: The output cannot be written: No space left on device.\n")
    assert script("journal log héllo", PYTHONIOENCODING="ascii").returncode == 0
    bad = script(r"journal log $'bad \xff bytes'")
    assert (bad.returncode, bad.stderr) == (0, "")
    assert run("show", "last", "--json").json["title"] == "bad \ufffd bytes"
    assert script(r"journal feed add $'http://a/\xff'").returncode == 0
    piped = script(r"printf 'a pasted \xff log' | journal log piped --body -")
    assert (piped.returncode, piped.stderr) == (0, "")
    assert run("show", "last", "--json").json["body"] == "a pasted \ufffd log"


@pytest.mark.usefixtures("paths")
@pytest.mark.parametrize("command", ["show e1", "show e1 --json", "entries", "entries --json"])
@pytest.mark.parametrize("length", [10, 300_000], ids=["short", "long"])
def test_a_reader_that_has_what_it_wants_ends_a_command_in_silence(run: Run, command: str, length: int) -> None:
    """As of any program that the shell ends by SIGPIPE: exit code 141, and nothing said of the journal."""
    run("log", "x" * length, "--body", "y " * length)
    ended = script(f"journal {command} | true; echo ${{PIPESTATUS[0]}}")
    assert (ended.stdout, ended.stderr) == ("141\n", "")


@pytest.mark.usefixtures("paths")
def test_an_item_that_cannot_be_shown_is_no_fault_of_the_journal(run: Run) -> None:
    run("log", "x", "--body", "y " * 50_000)
    full = script("journal show e1 >/dev/full")
    assert (full.returncode, full.stderr) == (1, "journal: The output cannot be written: No space left on device.\n")


@pytest.mark.usefixtures("paths")
def test_a_log_file_that_cannot_be_written_does_not_hide_the_sentence(run: Run, home: Path) -> None:
    (home / "state").mkdir()
    (home / "state" / "journal.log").symlink_to("/dev/full")
    ran = script("journal show e9")
    assert (ran.returncode, ran.stderr.count("\n")) == (1, 2)
    assert "Traceback" not in ran.stderr


@pytest.mark.usefixtures("paths")
def test_a_word_that_must_not_match_is_no_option(run: Run) -> None:
    run("log", "warmup with dropout")
    run("log", "warmup alone")
    for words in (("warmup", "-dropout"), ("warmup -dropout",), ("-dropout", "warmup"), ("warmup", "-has", "-dropout")):
        assert [hit["ref"] for hit in run("search", *words, "--json").json] == ["e2"]


@pytest.mark.usefixtures("paths")
@pytest.mark.parametrize(
    "words", [("tag", "e1", "-h"), ("search", "-h"), ("search", "a", "-h"), ("tag", "-h")], ids=" ".join
)
def test_h_is_help_and_changes_nothing(run: Run, words: tuple[str, ...]) -> None:
    run("log", "one", "--tag", "h", "--tag", "old")
    ran = run(*words)
    assert ran.code == 0
    assert ran.out.startswith("Usage: ")
    assert run("show", "e1", "--json").json["tags"] == ["h", "old"]
    assert run("tag", "e1", "-old", "--json").json["tags"] == ["h"]
    assert run("tag", "e1", "--json", "--", "-h").json["tags"] == []
    assert run("search", "--json", "--", "-h").code == 0


@pytest.mark.usefixtures("paths")
@pytest.mark.parametrize("limit", ["99999999999999999999", "1000001", "0", "-1", "many"])
@pytest.mark.parametrize(
    "words", [("entries", "-n"), ("search", "x", "--limit"), ("today", "-n"), ("runs", "list", "-n")], ids=" ".join
)
def test_a_limit_has_a_range(run: Run, words: tuple[str, ...], limit: str) -> None:
    run("log", "x")
    ran = run(*words, limit)
    assert (ran.code, ran.out) == (2, "")
    assert "Invalid value for '--limit'" in ran.err
    assert "Something went wrong" not in ran.err


@pytest.mark.usefixtures("paths")
def test_the_highest_limit_lists_everything(run: Run) -> None:
    run("log", "x")
    for words in (("entries", "-n"), ("search", "x", "--limit")):
        assert len(run(*words, "1000000", "--json").json) == 1


@pytest.mark.usefixtures("paths")
def test_what_is_echoed_is_printable(run: Run) -> None:
    out = run("log", "\x1b[31mred\x1b]0;t\x07").out + run("feed", "add", "http://a/\x1b[31m").out
    assert "\x1b" not in out


@pytest.mark.usefixtures("paths")
def test_one_bad_feed_in_a_line_follows_none_and_says_so(run: Run) -> None:
    ran = run("feed", "add", "cs.LG", "ftp://bad")
    assert (ran.code, ran.out) == (2, "")
    assert run("feed", "list", "--json").json == []


def test_a_backup_that_cannot_be_written_is_exit_code_3(run: Run, home: Path) -> None:
    run("init")
    (home / "backups").write_text("in the way")
    ran = run("backup")
    assert ran.code == 3
    assert "in the way" in ran.err


def test_a_file_in_the_place_of_the_demo_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    ran = run("demo", "--dir", str(tmp_path / "file"))
    assert ran.code == 2
    assert "is a file" in ran.err


@pytest.mark.usefixtures("paths")
def test_reading_goes_on_while_somebody_writes_and_events_wait(run: Run, paths: Paths) -> None:
    with tried("cosine"):
        pass
    holder = db.connect(paths)
    holder.execute("BEGIN IMMEDIATE")
    ran = run("entries", "--json")
    holder.execute("ROLLBACK")
    holder.close()
    assert ran.json == []
    assert [entry["title"] for entry in run("entries", "--json").json] == ["cosine"]
