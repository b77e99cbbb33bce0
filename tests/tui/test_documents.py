"""What the detail of each kind tells."""

from __future__ import annotations

from datetime import timedelta

import pytest

from journal import db
from journal.clock import stored
from journal.paths import Paths
from journal.store import links, notes
from journal.store.changes import program_change
from journal.types import Kind, Ref
from tests.conftest import NOON
from tests.tui.conftest import E1, E2, P1, R1, R2
from tui.documents import read_document
from tui.widgets.document import lines_of


def told(paths: Paths, ref: Ref, *, at_command_line: bool = False) -> str:
    connection = db.connect(paths)
    try:
        document = read_document(connection, ref, NOON + timedelta(days=1), at_command_line=at_command_line)
    finally:
        connection.close()
    return "\n".join("".join(span.text for span in line.spans) for line in lines_of(document, 80))


def test_a_paper_tells_who_what_and_when(lab: Paths) -> None:
    text = told(lab, P1)
    assert text.startswith(
        "Paper number 1 on gradients\nAda Lovelace, Alan Turing\np1 · kept · arXiv:2601.00001v1 · cs.LG"
    )
    assert "Abstract\nThe abstract of paper 1." in text
    assert "https://arxiv.org/abs/2601.00001" in text


def test_an_entry_tells_why_what_was_expected_and_what_came_of_it(lab: Paths) -> None:
    text = told(lab, E1)
    for part in ("tried · kept", "Why\nThe loss plateaus", "Expected\nvalidation accuracy", "Outcome\n99.1 to 99.3"):
        assert part in text
    assert "tested by r1 cnn-cosine · 0.9931 val/accuracy" in told(lab, E1)
    assert "Why" not in told(lab, E2).replace("Why do", "")


def test_a_run_tells_the_why_of_the_entry_that_it_tests(lab: Paths) -> None:
    text = told(lab, R1)
    for part in (
        "r1 · finished · mnist",
        "20 min",
        "Why\nThe loss plateaus",
        "tests e1",
        "validation/accuracy  0.9931",
        "learning_rate  0.1",
    ):
        assert part in text
    assert "nobody wrote down why: y says why, l links it to a diary entry" in told(lab, R2)
    assert "nobody wrote down why: journal log WHAT --why WHY --run r2" in told(lab, R2, at_command_line=True)


def test_notes_and_answers_are_told_once_with_their_text(lab: Paths) -> None:
    with program_change(lab, clock=lambda: NOON) as change:
        notes.answer(change, E2, "both have a loop", "Ada")
        notes.add(change, [R1, E1], "spikes at epoch 3")
        links.add(change, E2, R1)
    for ref, said in ((E2, "both have a loop"), (R1, "spikes at epoch 3"), (E1, "spikes at epoch 3")):
        assert told(lab, ref).count(said) == 1
        assert "mentioned by e3" not in told(lab, ref)
        assert "mentioned by e4" not in told(lab, ref)
    assert "mentioned by e2" in told(lab, R1)
    assert "about r1" in told(lab, Ref(Kind.entry, 4))


def test_a_run_tells_that_a_note_of_mlflow_keeps_the_why_from_its_page(lab: Paths) -> None:
    said = "MLflow shows this note of its own; the why is kept here alone."
    connection = db.connect(lab)
    for note, is_said in (("", False), ("journal e1: cosine", False), ("the good one", True)):
        connection.execute("UPDATE run SET note = ?", (note,))
        assert (said in told(lab, R1)) is is_said
        assert said not in told(lab, R2)  # it has no why
    connection.close()


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("file:///data/my%20runs/1/artifacts", "/data/my runs/1/artifacts"),
        ("file://localhost/data/1", "/data/1"),
        ("/data/1/artifacts", "/data/1/artifacts"),
        ("s3://bucket/1/artifacts", "s3://bucket/1/artifacts"),
        ("ftp://me:secret@host/1", "ftp://me@host/1"),
        ("mlflow-artifacts:/0/1/artifacts", "mlflow-artifacts:/0/1/artifacts"),
    ],
)
def test_a_run_tells_where_its_artifacts_are(lab: Paths, uri: str, shown: str) -> None:
    assert "artifacts " not in told(lab, R1)
    connection = db.connect(lab)
    connection.execute("UPDATE run SET artifact_uri = ?", (uri,))
    connection.close()
    assert f"artifacts   {shown}" in told(lab, R1)


def test_a_deleted_item_says_so(lab: Paths) -> None:
    connection = db.connect(lab)
    connection.execute("UPDATE item SET deleted_at = updated_at WHERE kind = 'paper' AND number = 2")
    connection.close()
    assert "deleted" in told(lab, Ref(Kind.paper, 2))


def test_an_entry_tells_of_the_processes_that_tried_it(lab: Paths) -> None:
    connection = db.connect(lab)
    for number, (hours, exit) in enumerate(((5, "killed"), (3, "finished")), 1):
        start, end = NOON - timedelta(hours=hours), NOON - timedelta(hours=hours - 1)
        connection.execute(
            "INSERT INTO session (uid, entry_item_id, host, pid, started_at, ended_at, exit) "
            "SELECT ?, item_id, 'box', 7, ?, ?, ? FROM entry JOIN item ON item.id = item_id WHERE number = 1",
            (f"{number:026}", stored(start), stored(end), exit),
        )
    connection.close()
    text = told(lab, E1)
    assert "2 sessions: " in text
    assert "killed after 1 h 00, " in text
