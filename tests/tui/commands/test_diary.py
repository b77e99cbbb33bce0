"""A day of writing the diary at the command line."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from journal.paths import Paths
from journal.store import runs
from journal.store.changes import program_change
from journal.types import RunDraft, RunStatus
from tests.tui.commands.conftest import Run

pytestmark = pytest.mark.usefixtures("paths")


def test_one_line_is_a_whole_entry(run: Run) -> None:
    assert (
        run(
            "log",
            "cosine schedule",
            "--why",
            "plateau at 12",
            "--expect",
            "+0.3",
            "--paper",
            "1608.03983v2",
            "--tag",
            "lr",
        ).code
        == 0
    )
    entry = run("show", "e1", "--json").json
    assert entry["ref"] == "e1"
    assert entry["kind"] == "entry"
    assert entry["title"] == "cosine schedule"
    assert (entry["type"], entry["why"], entry["expect"], entry["tags"]) == ("tried", "plateau at 12", "+0.3", ["lr"])
    assert [(link["relation"], link["ref"]) for link in entry["links"]] == [("about", "p1")]
    assert entry["created_at"].endswith("Z")
    assert run("show", "1608.03983", "--json").json["ref"] == "p1"


def test_making_something_prints_it(run: Run) -> None:
    assert run("log", "a try", "--json").json["ref"] == "e1"
    assert run("log", "another").out == "e2  another\n"
    assert run("outcome", "e1", "it held", "--verdict", "kept", "--json").json["verdict"] == "kept"
    assert (
        run(
            "paper",
            "note",
            run("log", "x", "--paper", "1608.03983", "--json").json["links"][0]["ref"],
            "read §3",
            "--json",
        ).json["type"]
        == "note"
    )


def test_the_diary_is_listed_newest_first(run: Run) -> None:
    run("log", "first")
    run("log", "why ten?", "--type", "question")
    assert [entry["title"] for entry in run("entries", "--json").json] == ["why ten?", "first"]
    assert [entry["title"] for entry in run("entries", "--type", "question", "--json").json] == ["why ten?"]
    assert "first" in run("entries").out


def test_an_empty_diary_says_so_with_exit_code_1(run: Run) -> None:
    ran = run("entries")
    assert (ran.code, ran.out) == (1, "")
    assert "journal log" in ran.err
    assert run("entries", "--json").json == []


def test_a_longer_body_comes_from_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    pasted = "[2026-11-20 04:00] step 100 loss nan\n%% why\n---\n# not a heading\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(pasted))
    run("log", "loss is nan", "--body", "-")
    assert run("show", "last", "--json").json["body"] == pasted
    assert len(run("entries", "--json").json) == 1


def test_rows_of_the_last_list_and_last_name_items(run: Run) -> None:
    for what in ("one", "two", "three"):
        run("log", what)
    run("entries")
    assert run("show", "@2", "--json").json["title"] == "two"
    assert run("show", "last", "--json").json["title"] == "two"
    assert run("show", "@9").code == 2


def test_rows_of_the_last_list_stay_while_single_items_are_worked_on(run: Run) -> None:
    for what in ("one", "two", "three"):
        run("log", what)
    run("search", "one OR two OR three", "--limit", "3")
    rows = [run("show", f"@{row}", "--json").json["ref"] for row in (1, 2, 3)]
    assert len(set(rows)) == 3
    run("tag", "@2", "+x")
    run("outcome", "@3", "it held")
    run("edit", "@1", "--why", "to see")
    run("log", "another")
    run("rm", "@1")
    assert run("show", "@2", "--json").json["ref"] == rows[1]
    assert run("show", "@3", "--json").json["ref"] == rows[2]


def test_what_finds_nothing_leaves_the_last_list_and_the_last_item(run: Run) -> None:
    run("log", "one")
    run("log", "two")
    run("entries")
    for words in (("search", "nosuchword"), ("entries", "--type", "idea"), ("today",), ("runs", "list")):
        assert run(*words).code == 1
    assert run("show", "@2", "--json").json["ref"] == "e1"
    assert run("show", "last", "--json").json["ref"] == "e1"


def test_last_is_the_item_made_or_shown_last_whatever_was_listed_since(run: Run) -> None:
    for what in ("one", "two", "three"):
        run("log", what)
    run("show", "e2")
    run("entries")
    assert run("show", "last", "--json").json["ref"] == "e2"
    run("tag", "e1", "+x")
    assert run("show", "last", "--json").json["ref"] == "e1"


def test_last_is_the_first_row_where_no_item_was_made_or_shown_yet(run: Run, home: Path) -> None:
    run("log", "one")
    run("log", "two")
    (home / "state" / "last_item.json").unlink()
    assert run("show", "last").code == 2
    run("entries")
    assert run("show", "last", "--json").json["ref"] == "e2"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("show", "e99"), 1, "no e99"),
        (("show", "what?"), 2, "names nothing"),
        (("outcome", "p1", "x"), 1, "no p1"),
        (("log", ""), 2, "needs a title"),
        (("log", "x", "--verdict", "great"), 2, "verdict"),
        (("log", "x", "--paper", "not a paper"), 2, "names nothing"),
        (("log", "x", "--tag", "two words"), 2, "cannot be a tag"),
        (("link", "e1", "e1"), 1, "no e1"),
        (("edit", "e7", "--why", "x"), 1, "no e7"),
        (("rm", "e7"), 1, "no e7"),
        (("undo",), 1, "nothing to undo"),
        (("triage", "p1"), 2, "keep, queue, skip, mute"),
        (("triage", "p1", "love"), 2, "keep, queue, skip, mute"),
        (("search", "nothing"), 1, "Nothing was found"),
        (("nonsense",), 2, "No such command"),
        (("experiment", "run", "nonsense"), 1, "no experiment"),
        (("feed", "add", "not a feed"), 2, "is no feed"),
        (("feed", "remove", "cs.LG"), 1, "not followed"),
        (("feed", "fetch"), 1, "No feed is followed"),
        (("feed", "list"), 1, "No feed is followed"),
        (("today",), 1, "No feed is followed"),
        (("runs", "list"), 1, "no runs"),
        (("paper", "import", "/nowhere.jsonl"), 1, "nowhere.jsonl"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_clear_sentence_and_an_exit_code(
    run: Run, words: tuple[str, ...], code: int, sentence: str
) -> None:
    ran = run(*words)
    assert ran.code == code
    assert sentence in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""


def test_only_a_run_tests_an_entry(run: Run) -> None:
    run("log", "x", "--paper", "1608.03983")
    ran = run("log", "t", "--run", "p1")
    assert (ran.code, ran.out) == (2, "")
    assert "p1 is a paper; a run is wanted." in ran.err
    assert [entry["title"] for entry in run("entries", "--json").json] == ["x"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since:xyz", "since:xyz is not understood and searched as words: since: takes a day (2026-11-20)"),
        ("kind:foo", "a kind is paper, run, entry"),
        ("metric:foo>abc", "metric: takes a name"),
        ("since:2026-13-45", "since: takes a day"),
    ],
)
def test_a_search_says_what_it_does_not_understand(run: Run, query: str, sentence: str) -> None:
    ran = run("search", query)
    assert (ran.code, ran.out) == (1, "")
    assert sentence in ran.err.splitlines()[0]
    assert "Nothing was found." in ran.err
    run("log", query)
    ran = run("search", query, "--json")
    assert (ran.code, len(ran.json)) == (0, 1)
    assert sentence in ran.err


def test_a_refused_line_leaves_nothing_behind(run: Run) -> None:
    run("log", "x", "--tag", "two words")
    assert run("entries", "--json").json == []


def test_undo_takes_back_the_last_line_and_says_which(run: Run) -> None:
    run("log", "keep this")
    run("log", "a mistake")
    assert run("undo").out == "Undone: log e2: a mistake\n"
    assert [entry["title"] for entry in run("entries", "--json").json] == ["keep this"]
    run("rm", "e1")
    run("undo")
    assert [entry["ref"] for entry in run("entries", "--json").json] == ["e1"]


def test_undo_names_the_items_however_they_were_named(run: Run) -> None:
    run("log", "one", "--paper", "1608.03983")
    run("log", "x" * 5_000)
    run("search", "kind:entry OR kind:paper", "--limit", "3")
    refs = [run("show", f"@{row}", "--json").json["ref"] for row in (1, 2, 3)]
    run("show", "e1")
    for words, said in (
        (("outcome", "last", "it held"), "outcome of e1"),
        (("tag", "last", "+new", "-old"), "tag e1 +new -old"),
        (("edit", "last", "--why", "to see"), "edit e1"),
        (("triage", "1608.03983v2", "keep"), "keep p1"),
        (("link", "e2", "last"), "link e2 about e1"),
        (("paper", "note", "1608.03983", "read"), "note e3 on p1: read"),
        (("rm", "@1", "@2"), f"rm {refs[0]} {refs[1]}"),
        (("paper", "add", "https://example.org/a"), "paper add p2"),
    ):
        assert run(*words).code == 0
        assert run("undo").out == f"Undone: {said}\n"
    run("link", "e2", "e1")
    run("unlink", "e1", "e2")
    assert run("undo").out == "Undone: unlink e1 e2\n"
    run("undo")
    shortened = run("undo").out
    assert shortened.startswith("Undone: log e2: xxx")
    assert len(shortened) < 100


def test_an_outcome_says_what_was_written(run: Run) -> None:
    run("log", "one")
    assert run("outcome", "e1", "it held").out == "e1  outcome written\n"
    assert run("outcome", "e1", "it held", "--verdict", "kept").out == "e1  outcome written; verdict: kept\n"
    assert run("outcome", "e1", "").out == "e1  outcome emptied; verdict: kept\n"


def test_links_and_tags_are_made_and_taken_away(run: Run) -> None:
    run("log", "one")
    run("log", "two")
    assert run("link", "e2", "e1", "--as", "follows").out == "e2 follows e1\n"
    assert [link["relation"] for link in run("show", "e1", "--json").json["links"]] == ["follows"]
    run("unlink", "e1", "e2")
    assert run("show", "e1", "--json").json["links"] == []
    assert run("tag", "e1", "+Good", "+lr", "--json").json["tags"] == ["good", "lr"]
    assert run("tag", "e1", "-good", "--json").json["tags"] == ["lr"]


def test_editing_by_options_keeps_what_was_there(run: Run) -> None:
    run("log", "one", "--why", "first")
    run("edit", "e1", "--why", "second")
    shown = run("show", "e1", "--history", "--json").json
    assert shown["why"] == "second"
    assert [(revision["field"], revision["text"]) for revision in shown["history"]] == [("why", "first")]
    assert "first" in run("show", "e1", "--history").out


def test_every_way_to_show_an_item_shows_its_history(run: Run, paths: Paths) -> None:
    run("log", "x", "--paper", "1608.03983")
    run("edit", "p1", "--title", "SGDR")
    with program_change(paths) as change:
        draft = RunDraft(
            run_id="a" * 32,
            tracking_uri="sqlite:////s.db",
            name="linear",
            experiment="mnist",
            status=RunStatus.finished,
        )
        runs.mirror(change, [(draft, "digest")])
    shown = run("paper", "show", "p1", "--history", "--json").json
    assert [(revision["field"], revision["text"]) for revision in shown["history"]] == [("title", "arXiv:1608.03983")]
    assert "title until" in run("paper", "show", "p1", "--history").out
    assert run("runs", "show", "r1", "--history", "--json").json["history"] == []
    assert "history" not in run("runs", "show", "r1", "--json").json


def test_a_run_without_a_why_names_the_command_for_it(run: Run, paths: Paths) -> None:
    with program_change(paths) as change:
        draft = RunDraft(
            run_id="a" * 32,
            tracking_uri="sqlite:////s.db",
            name="linear",
            experiment="mnist",
            status=RunStatus.finished,
        )
        runs.mirror(change, [(draft, "digest")])
    for words in (("runs", "show", "r1"), ("show", "r1")):
        assert "journal log WHAT --why WHY --run r1, or journal link r1 ENTRY" in run(*words).out
    assert run("log", "linear", "--why", "the baseline", "--run", "r1").code == 0
    assert "the baseline" in run("runs", "show", "r1").out


def editor(tmp_path: Path, script: str) -> str:
    file = tmp_path / "editor.py"
    file.write_text(f"import sys, pathlib\npath = pathlib.Path(sys.argv[1])\ntext = path.read_text()\n{script}\n")
    return f"{sys.executable} {file}"


def test_editing_in_an_editor_changes_what_was_changed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("log", "one", "--why", "first", "--body", "%% why\nis not a mark here")
    monkeypatch.setenv("VISUAL", editor(tmp_path, "path.write_text(text.replace('first', 'second'))"))
    assert run("edit", "e1").code == 0
    entry = run("show", "e1", "--json").json
    assert (entry["title"], entry["why"], entry["body"]) == ("one", "second", "%% why\nis not a mark here")


def test_an_unchanged_or_emptied_text_changes_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("log", "one", "--why", "first")
    for script in ("pass", "path.write_text('')"):
        monkeypatch.setenv("EDITOR", editor(tmp_path, script))
        assert "Nothing was changed" in run("edit", "e1").err
    assert run("show", "e1", "--json").json["why"] == "first"


def test_what_was_typed_survives_an_editor_that_fails(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    run("log", "one")
    monkeypatch.setenv("EDITOR", editor(tmp_path, "path.write_text(text + 'precious'); sys.exit(1)"))
    ran = run("edit", "e1")
    assert ran.code == 1
    (file,) = (home / "state").glob("edit-*.md")
    assert str(file) in ran.err
    assert "precious" in file.read_text()


def test_what_was_typed_survives_a_text_that_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    run("log", "one", "--why", "first")
    monkeypatch.setenv("EDITOR", editor(tmp_path, "path.write_text(text.replace('one', ' '))"))
    ran = run("edit", "e1")
    assert ran.code == 2
    (file,) = (home / "state").glob("edit-*.md")
    assert str(file) in ran.err


@pytest.mark.parametrize("command", ["no-such-editor-anywhere", "'unclosed"])
def test_an_editor_that_cannot_start_is_named(run: Run, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    run("log", "one")
    monkeypatch.setenv("EDITOR", command)
    ran = run("edit", "e1")
    assert ran.code in {1, 2}
    assert command.strip("'")[:8] in ran.err


HOSTILE = "\x1b]0;owned\x07\x1b[31m[bold]red[/bold]\u202egnp\u202c \x9b5n\x00<script>&amp; [@click=app.quit]x[/]"


def test_text_from_outside_never_reaches_the_terminal_raw(run: Run) -> None:
    run("log", HOSTILE, "--why", HOSTILE, "--body", HOSTILE)
    for words in (("show", "e1"), ("entries",), ("search", "red"), ("show", "e1", "--json"), ("undo",)):
        ran = run(*words)
        assert not any(character in ran.out + ran.err for character in "\x1b\x07\x9b\u202e\x00"), words
        assert "[bold]red" in ran.out or words == ("undo",)


def test_an_outcome_that_changes_nothing_says_so_and_is_nothing_to_undo(run: Run) -> None:
    run("log", "a try")
    assert run("outcome", "e1", "").out == "e1  nothing was changed\n"
    assert run("show", "e1", "--json").json["outcome_at"] is None
    assert run("undo").out == "Undone: log e1: a try\n"


def test_what_was_deleted_is_brought_back_as_the_sentence_says(run: Run) -> None:
    run("log", "one")
    run("rm", "e1")
    assert "'journal undo' brings it back.\n" in run("tag", "e1", "+x").err
    run("log", "two")
    assert "brings it back, after what you did since" in run("tag", "e1", "+x").err
    run("undo")
    run("undo")
    run("undo")
    ran = run("tag", "e1", "+x")
    assert (ran.code, ran.err) == (1, "journal: e1 was deleted.\n")
    assert run("edit", "e1").err == "journal: e1 was deleted.\n"
