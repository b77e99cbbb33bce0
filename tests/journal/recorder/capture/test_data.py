"""The data that a command line names: looked at before, read after, not read where it is known."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from journal.fingerprints import content_of, look_at
from journal.recorder.capture import capture_after, capture_before

ENVIRON = {"PATH": os.environ["PATH"]}


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    (folder / "train").mkdir(parents=True)
    (folder / "train" / "a.bin").write_bytes(b"abc")
    return folder


@pytest.mark.parametrize("words", [("--data", "{}"), ("--data-dir={}",), ("dataset.root={}",), ("{}",), ("train={}",)])
def test_what_is_named_is_looked_at_before_and_read_after(tmp_path: Path, images: Path, words: tuple[str, ...]) -> None:
    argv = ("python", "t.py", *(word.format("images") for word in words))
    assert capture_before(argv, tmp_path, ENVIRON)["data"] == {str(images): "unread, 1 files, 3 bytes"}
    assert capture_after(argv, tmp_path, ENVIRON)["data"] == {str(images): content_of(images).fingerprint}


@pytest.mark.parametrize(
    "words",
    [
        ("--out", "images"),
        ("--save-dir=images",),
        ("--checkpoint", "images"),
        (".",),
        ("t.py",),
        ("--config", "c.yaml"),
        ("none",),
        ("a://b",),
    ],
)
def test_what_a_run_writes_and_what_it_is_made_of_is_no_data(
    tmp_path: Path, images: Path, words: tuple[str, ...]
) -> None:
    for name in ("t.py", "c.yaml"):
        (tmp_path / name).write_text("x")
    assert "data" not in capture_before(("python", "t.py", *words), tmp_path, ENVIRON)


def test_a_known_dataset_that_looks_as_it_did_is_not_read(tmp_path: Path, images: Path) -> None:
    known = {str(images): (look_at(images).digest, "tree:known")}
    for words in (("--data", "images"), ("images/train",), ("--labels", "images/train/a.bin")):
        facts = capture_before(("python", "t.py", *words), tmp_path, ENVIRON, known_data=known)
        assert facts["data"] == {str(images): "tree:known"}
    (images / "train" / "a.bin").write_bytes(b"abd")
    argv = ("python", "t.py", "--data", "images")
    assert capture_before(argv, tmp_path, ENVIRON, known_data=known)["data"] == {str(images): "unread"}
    after = capture_after(argv, tmp_path, ENVIRON, known_data=known)
    assert after["data"] == {str(images): content_of(images).fingerprint}
    assert after["data looks"] == {str(images): f"{look_at(images).digest} 1 3"}


def test_what_is_too_large_to_read_is_said(tmp_path: Path, images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("journal.recorder.capture.data.MOST_BYTES", 2)
    told = capture_after(("python", "t.py", "images"), tmp_path, ENVIRON)["data"][str(images)]
    assert told == "unread, 1 files, 3 bytes: it holds more than 2 bytes"
