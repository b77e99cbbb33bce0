"""Dated notes on anything, answers by anybody, entries written in an editor: at the command line."""

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
from tui.entry_template import document_of, fields_of

pytestmark = pytest.mark.usefixtures("paths")


@pytest.fixture
def two_runs(paths: Paths) -> Paths:
    with program_change(paths) as change:
        for name in ("one", "two"):
            draft = RunDraft(
                run_id=f"{name:0<32}", tracking_uri="sqlite:///m.db", name=name, experiment="x", status=RunStatus.finished
            )  # fmt: skip
            runs.mirror(change, ((draft, name),))
    return paths


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An editor that puts what is in the file `typed` in the place of the document's first line; it keeps `seen`."""
    script = tmp_path / "editor.py"
    script.write_text(
        "import sys; from pathlib import Path\n"
        f"file, folder = Path(sys.argv[1]), Path({str(tmp_path)!r})\n"
        "text = file.read_text(); (folder / 'seen').write_text(text)\n"
        "typed = (folder / 'typed').read_text()\n"
        "file.write_text(typed + text[text.index('\\n'):])\n"
        "sys.exit(int((folder / 'code').read_text()) if (folder / 'code').exists() else 0)\n"
    )
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")
    return tmp_path


def relations(run: Run, ref: str) -> list[tuple[str, str, str]]:
    return [(one["direction"], one["relation"], one["ref"]) for one in run("show", ref, "--json").json["links"]]


# ---------------------------------------------------------------- notes


def test_a_run_has_many_dated_notes_and_a_note_many_runs(run: Run, two_runs: Paths) -> None:
    assert run("note", "r1", "loss spikes at 300", "--on", "r2").out == "e1  loss spikes at 300  (about r1 r2)\n"
    note = run("note", "r1", "it was the batch size\nof 2048", "--json").json
    assert (note["type"], note["title"], note["body"]) == ("note", "it was the batch size", "of 2048")
    assert relations(run, "e1") == [("out", "about", "r1"), ("out", "about", "r2")]
    assert ("in", "about", "e2") in relations(run, "r1")
    assert run("undo").out == "Undone: note e2 on r1\n"


def test_one_note_is_written_about_several_runs_named_one_after_the_other(
    run: Run, two_runs: Paths, editor: Path
) -> None:
    assert run("note", "r1", "r2", "both diverge").out == "e1  both diverge  (about r1 r2)\n"
    assert relations(run, "e1") == [("out", "about", "r1"), ("out", "about", "r2")]
    (editor / "typed").write_text("typed about both")
    assert run("note", "r1", "r2").out == "e2  typed about both  (about r1 r2)\n"
    assert "A note on r1 r2" in (editor / "seen").read_text()
    ran = run("note", "r1", "loss", "spikes")
    assert (ran.code, ran.out) == (2, "")
    assert len(run("entries", "--json").json) == 2


def test_an_entry_shows_its_notes_with_their_dates_oldest_first(run: Run) -> None:
    run("log", "cosine schedule")
    run("note", "e1", "first look\nnothing yet")
    run("note", "e1", "second look")
    shown = run("show", "e1").out
    first, second = shown.index("Note e2 · 20"), shown.index("Note e3 · 20")
    assert "first look\nnothing yet" in shown[first:second]
    assert "second look" in shown[second:]
    run("rm", "e2")
    assert "nothing yet" not in run("show", "e1").out


def test_a_note_on_a_paper_is_the_same_as_paper_note(run: Run) -> None:
    run("log", "x", "--paper", "1608.03983")
    run("note", "p1", "see section 3")
    run("paper", "note", "p1", "and section 4")
    assert relations(run, "e2") == relations(run, "e3") == [("out", "about", "p1")]


def test_a_note_from_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("log", "a try")
    monkeypatch.setattr(sys, "stdin", io.StringIO("from a pipe\n\nwith more\n"))
    assert run("note", "e1", "-", "--json").json["body"] == "with more"


def test_a_note_is_written_in_the_editor_and_our_line_is_left_out(run: Run, editor: Path) -> None:
    run("log", "a try")
    (editor / "typed").write_text("# not our comment\nit diverges")
    note = run("note", "e1", "--json").json
    assert "A note on e1: a try" in (editor / "seen").read_text()
    assert (note["title"], note["body"]) == ("# not our comment", "it diverges")
    (editor / "typed").write_text("begun here, and ended")
    run("note", "e1", "begun here", "--edit")
    assert (editor / "seen").read_text().startswith("begun here\n")
    assert run("show", "last", "--json").json["title"] == "begun here, and ended"


def test_an_empty_note_writes_nothing(run: Run, editor: Path) -> None:
    run("log", "a try")
    (editor / "typed").write_text("")
    ran = run("note", "e1")
    assert (ran.code, ran.out, ran.err) == (1, "", "Nothing was written.\n")
    assert len(run("entries", "--json").json) == 1


def test_what_was_typed_is_there_again_after_an_editor_that_failed(run: Run, editor: Path) -> None:
    run("log", "a try")
    (editor / "typed").write_text("an hour of thought")
    (editor / "code").write_text("1")
    ran = run("note", "e1")
    assert ran.code == 1
    assert "Your text is in" in ran.err
    (editor / "code").unlink()
    run("note", "e1")
    assert (editor / "seen").read_text().startswith("an hour of thought")


def test_what_was_typed_into_an_edit_that_failed_is_kept_for_the_next_edit_of_the_same(
    run: Run, editor: Path, paths: Paths
) -> None:
    run("log", "a try")
    run("log", "another")
    (editor / "typed").write_text("%% title\nprecious\n%% body")
    (editor / "code").write_text("1")
    assert "Your text is in" in run("edit", "e1").err
    (draft,) = paths.state.glob("edit-left-e1-*")
    assert "precious" in draft.read_text()
    (editor / "code").unlink()
    run("edit", "e2")
    assert "precious" not in (editor / "seen").read_text()
    run("edit", "e1")
    assert "precious" in (editor / "seen").read_text()
    assert list(paths.state.glob("edit-*")) == []


# ---------------------------------------------------------------- questions


def test_a_question_is_answered_by_anybody_and_more_than_once(run: Run) -> None:
    run("log", "Does the seed matter?", "--type", "question")
    assert [row["ref"] for row in run("entries", "--open", "--json").json] == ["e1"]
    assert run("answer", "e1", "a little", "--by", "Ada").out == "e2  a little  (Ada on e1)\n"
    assert run("entries", "--open").code == 1
    answer = run("answer", "e1", "spread 0.08\nover five seeds", "--json").json
    assert answer["answered_by"]  # the name of this user
    shown = run("show", "e1").out
    assert "Answer e2 by Ada · 20" in shown
    assert "spread 0.08\nover five seeds" in shown
    run("undo")
    run("undo")
    assert [row["ref"] for row in run("entries", "--open", "--json").json] == ["e1"]
    run("outcome", "e1", "it does not")
    assert run("entries", "--open").code == 1


def test_a_note_on_a_question_is_no_answer(run: Run) -> None:
    run("log", "Does the seed matter?", "--type", "question")
    run("note", "e1", "ask Ada")
    assert [row["is_open"] for row in run("entries", "--open", "--json").json] == [True]


def test_only_a_question_is_answered(run: Run) -> None:
    run("log", "a try")
    ran = run("answer", "e1", "yes")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "journal: e1 is no question.\n  'journal note e1' writes a note on it.\n"


def test_what_is_open_is_listed_oldest_first(run: Run) -> None:
    run("log", "first")
    run("log", "kept already", "--verdict", "kept")
    run("log", "why?", "--type", "question")
    run("log", "an idea", "--type", "idea")
    run("log", "a note", "--type", "note")
    assert [row["title"] for row in run("entries", "--open", "--json").json] == ["first", "why?"]
    assert "open" in run("entries").out.splitlines()[-1]
    assert [row["title"] for row in run("entries", "--open", "--type", "question", "--json").json] == ["why?"]


# ---------------------------------------------------------------- an entry in the editor


def test_an_entry_is_written_as_a_commit_message_is(run: Run, editor: Path, two_runs: Paths) -> None:
    (editor / "typed").write_text(
        "cosine schedule\n\nover 20 epochs\n# a comment\nwhy: plateau\nat epoch 12\nverdict: kept\nattribute: lr-schedule"
        "\nrun: r1 r2\ntag: lr"
    )
    entry = run("log", "--expect", "+0.3", "--json").json
    assert "expect: +0.3" in (editor / "seen").read_text()
    assert (entry["title"], entry["body"], entry["why"]) == (
        "cosine schedule",
        "over 20 epochs",
        "plateau\nat epoch 12",
    )
    assert (entry["expect"], entry["verdict"], entry["attribute"]) == ("+0.3", "kept", "schedule")
    assert [(one["relation"], one["ref"]) for one in entry["links"]] == [("tests", "r1"), ("tests", "r2")]
    assert entry["tags"] == ["lr"]


def test_an_empty_file_writes_no_entry(run: Run, editor: Path, home: Path) -> None:
    (editor / "typed").write_text("# nothing but a comment")
    ran = run("log", "--tag", "lr")
    assert (ran.code, ran.out, ran.err.splitlines()[-1]) == (1, "", "Nothing was written.")
    assert not list((home / "state").glob("edit-*"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [("x\nverdict: great", "'great' is no verdict"), ("x\nattribute: scheduel", "Did you mean schedule?"),
     ("\nwhy: because", "needs a title"), ("x\nrun: r9", "no r9")],
)  # fmt: skip
def test_what_makes_no_sense_is_said_and_the_next_edit_begins_with_it(
    run: Run, editor: Path, typed: str, said: str
) -> None:
    (editor / "typed").write_text(typed)
    ran = run("log")
    assert ran.code in {1, 2}
    assert said in ran.err
    assert "the next edit begins with it" in ran.err
    (editor / "typed").write_text("right")
    run("log")
    assert (editor / "seen").read_text().startswith(typed)


def test_without_words_and_without_an_editor_it_says_what_is_wanted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    ran = run("log")
    assert (ran.code, ran.out) == (2, "")
    assert "say what is tried" in ran.err


def test_a_note_is_about_its_run_and_is_no_reason_for_it(run: Run, two_runs: Paths) -> None:
    run("log", "looks odd", "--type", "note", "--run", "r1")
    run("log", "cosine", "--run", "r2")
    assert relations(run, "e1") == [("out", "about", "r1")]
    assert relations(run, "e2") == [("in", "tests", "r2")]


def test_what_is_written_into_the_template_comes_back_field_by_field() -> None:
    given = {"what": "cosine", "body": "longer", "why": "plateau", "run": "r1 r2", "type": "idea"}
    fields = fields_of(document_of(given))
    assert {name: text for name, text in fields.items() if text} == given
