"""Ideas: kept in one line, seen on the board, tried, and said what they are about."""

from __future__ import annotations

import pytest

from journal.attributes import NAMES
from journal.paths import Paths
from journal.store import links, runs
from journal.store.changes import program_change
from journal.types import Kind, MetricValue, Ref, RunDraft, RunStatus
from tests.tui.commands.conftest import Run

pytestmark = pytest.mark.usefixtures("paths")


def on(run: Run, attribute: str) -> dict[str, list[str]]:
    (row,) = [row for row in run("board", "--json").json["attributes"] if row["attribute"] == attribute]
    return {key: [each["ref"] for each in row[key]] for key in ("tried", "waiting")}


def test_an_empty_board_names_every_attribute_and_how_to_keep_an_idea(run: Run) -> None:
    ran = run("board")
    assert ran.code == 0
    assert all(name in ran.out for name in NAMES)
    assert "next: something on data: nothing was tried on it yet" in ran.out
    assert "journal log --type idea" in ran.err


def test_an_idea_waits_is_tried_and_makes_room(run: Run) -> None:
    run("log", "warm-up 500 steps", "--type", "idea", "--attribute", "schedule")
    assert on(run, "schedule") == {"tried": [], "waiting": ["e1"]}
    assert "next: e1 warm-up 500 steps" in run("board").out
    ran = run("try", "e1", "--why", "diverges at the start")
    assert (ran.out, ran.err) == ("e2  warm-up 500 steps  (follows e1)\n", "journal run --entry e2 -- COMMAND\n")
    entry = run("show", "e2", "--json").json
    assert (entry["type"], entry["attribute"], entry["why"]) == ("tried", "schedule", "diverges at the start")
    assert [(link["relation"], link["ref"]) for link in entry["links"]] == [("follows", "e1")]
    assert on(run, "schedule") == {"tried": ["e2"], "waiting": []}
    run("rm", "e2")
    assert on(run, "schedule") == {"tried": [], "waiting": ["e1"]}
    run("outcome", "e1", "no", "--verdict", "dropped")
    assert on(run, "schedule") == {"tried": [], "waiting": []}


def test_a_guess_is_shown_with_a_question_mark_and_never_kept(run: Run) -> None:
    run("log", "label smoothing 0.1")
    assert "regularisation?" in run("board").out
    assert "regularisation?" in run("show", "e1").out
    assert run("show", "e1", "--json").json["attribute"] == ""
    assert run("entries", "--attribute", "regularisation").code == 1
    run("edit", "e1", "--attribute", "loss")
    assert "loss?" not in run("board").out
    assert on(run, "loss") == {"tried": ["e1"], "waiting": []}
    assert [row["attribute"] for row in run("entries", "--attribute", "criterion", "--json").json] == ["loss"]
    run("edit", "e1", "--attribute", "")
    assert on(run, "regularisation")["tried"] == ["e1"]
    run("undo")
    assert on(run, "loss")["tried"] == ["e1"]


def test_the_board_tells_verdict_and_best_result(run: Run, paths: Paths) -> None:
    run("log", "cosine", "--outcome", "better", "--verdict", "kept")
    with program_change(paths) as change:
        for number, accuracy in enumerate((0.98, 0.99), 1):
            draft = RunDraft(
                run_id=f"{number:032}", tracking_uri="sqlite:///m.db", name="cnn", experiment="x", status=RunStatus.finished,
                metrics={"validation/accuracy": MetricValue(value=accuracy, step=1)},
            )  # fmt: skip
            runs.mirror(change, ((draft, "d"),))
            links.add(change, Ref(Kind.run, number), Ref(Kind.entry, 1))
    line = next(line for line in run("board").out.splitlines() if "e1" in line)
    assert line.split()[:7] == ["schedule?", "✓", "e1", "cosine", "kept", "0.99", "val/accuracy"]
    run("rm", "r2")
    assert "0.98 val/accuracy" in run("board").out


def test_rows_of_the_board_are_named_by_their_number(run: Run) -> None:
    run("log", "dropout", "--type", "idea")
    run("log", "mixup", "--type", "idea")
    run("board")
    assert run("show", "@1", "--json").json["title"] == "mixup"  # augmentation stands first


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("log", "x", "--attribute", "scheduel"), 2, "Did you mean schedule?"),
        (("edit", "e1", "--attribute", "colour"), 2, "no attribute"),
        (("try", "e9"), 1, "no e9"),
        (("try", "what?"), 2, "names nothing"),
        (("note", "e9", "x"), 1, "no e9"),
        (("note", "e1", " "), 2, "needs a title"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(run: Run, words: tuple[str, ...], code: int, said: str) -> None:
    run("log", "a try")
    ran = run(*words)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_text_from_outside_steers_no_terminal(run: Run) -> None:
    run("log", "\x1b[31mred\x1b[0m dropout", "--type", "idea")
    run("note", "e1", "\x1b]0;title\x07note")
    for words in (("board",), ("show", "e1"), ("meanwhile",)):
        ran = run(*words)
        assert "\x1b" not in ran.out + ran.err
        assert "\x07" not in ran.out + ran.err
