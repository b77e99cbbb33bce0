"""A fingerprint tells what data hold, and nothing else: not where they lie, nor when they were written."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.fingerprints import TooLate, content_of, look_at


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    for name, content in (
        ("train/a.bin", b"abc"),
        ("train-b.bin", b"d"),
        ("train/b/c.bin", b""),
        ("näme with blanks", b"e"),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_a_file_is_known_by_what_sha256sum_says(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    content = content_of(tmp_path / "a")
    assert content.fingerprint == f"sha256:{hashlib.sha256(b'abc').hexdigest()}"
    assert (content.files, content.bytes) == (1, 3)


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
def test_a_folder_is_known_by_what_the_documented_commands_say(images: Path) -> None:
    command = "find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum"
    (images / "a\\b\nc").write_bytes(b"odd")
    said = subprocess.run(["sh", "-c", command], cwd=images, capture_output=True, text=True, check=True).stdout
    assert content_of(images).fingerprint == f"tree:{said.split()[0]}"


def test_it_stays_wherever_the_data_lie_and_whenever_they_were_written(images: Path, tmp_path: Path) -> None:
    before, look = content_of(images), look_at(images)
    shutil.copytree(images, tmp_path / "copy")
    os.utime(images / "train-b.bin", (1, 1))
    (images / ".DS_Store").write_bytes(b"left by a system")
    (images / "empty").mkdir()
    assert content_of(tmp_path / "copy") == content_of(images) == before
    assert look_at(images).digest != look.digest


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "train/a.bin").write_bytes(b"abd"),
        lambda folder: (folder / "train/a.bin").rename(folder / "train/z.bin"),
        lambda folder: (folder / "train/a.bin").rename(folder / "a.bin"),
        lambda folder: (folder / "train/b/c.bin").unlink(),
        lambda folder: (folder / "new").write_bytes(b""),
    ],
)
def test_whatever_changes_in_it_changes_look_and_fingerprint(images: Path, change) -> None:
    before, look = content_of(images), look_at(images)
    change(images)
    assert content_of(images).fingerprint != before.fingerprint
    assert look_at(images).digest != look.digest


def test_content_behind_a_restored_time_is_still_seen_by_a_look(images: Path) -> None:
    status, look = (images / "train/a.bin").stat(), look_at(images)
    time.sleep(0.02)  # file systems tell times in steps
    (images / "train/a.bin").write_bytes(b"abd")
    os.utime(images / "train/a.bin", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert look_at(images).digest != look.digest


@given(st.dictionaries(st.text("ab-/.", min_size=1, max_size=6), st.binary(max_size=3), max_size=6))
def test_folders_with_other_files_have_other_fingerprints(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    lines = {}
    for name, content in tree.items():
        path = folder / name.strip("/.").replace("..", "x").replace("//", "/") if name.strip("/.") else folder / "x"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError:  # a file and a folder of one name
            continue
    for path in folder.rglob("*"):
        if path.is_file():
            lines[os.fsencode(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest().encode()
    manifest = b"".join(digest + b"  " + name + b"\n" for name, digest in sorted(lines.items()))
    assert content_of(folder).fingerprint == f"tree:{hashlib.sha256(manifest).hexdigest()}"


def test_links_are_followed_once_around_a_loop(images: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (images / "train").rename(tmp_path / "there" / "train")
    before = content_of(images).files
    (images / "train").symlink_to(tmp_path / "there" / "train")
    (tmp_path / "there" / "train" / "loop").symlink_to(images)
    content = content_of(images)
    assert content.files > before
    assert content == content_of(images)
    assert look_at(images).files == content.files


def test_what_cannot_be_read_is_named_and_what_is_no_file_does_not_count(images: Path) -> None:
    before = content_of(images)
    os.mkfifo(images / "pipe")
    server = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(images)  # a socket's path may not be long
    try:
        server.bind("socket")
    finally:
        os.chdir(here)
        server.close()
    assert content_of(images) == before
    (images / "nowhere").symlink_to("does-not-exist")
    assert content_of(images).unread == ("nowhere",)
    assert content_of(images).fingerprint != before.fingerprint


def test_a_name_that_is_no_utf_8_counts(images: Path) -> None:
    before = content_of(images).fingerprint
    try:
        Path(os.fsdecode(os.fsencode(images) + b"/na\xefve")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names alone")
    assert content_of(images).fingerprint != before


def test_it_ends_at_a_deadline_and_at_a_size(images: Path) -> None:
    with pytest.raises(TooLate, match="too long"):
        content_of(images, deadline=time.monotonic() - 1)
    with pytest.raises(TooLate, match="too long"):
        look_at(images, deadline=time.monotonic() - 1)
    with pytest.raises(TooLate, match="more than 2 bytes"):
        content_of(images, most_bytes=2)
    with pytest.raises(FileNotFoundError):
        content_of(images / "none")
    with pytest.raises(OSError, match="no file and no folder"):
        look_at(Path(os.devnull))


def test_memory_does_not_grow_with_the_data(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as opened:
        opened.truncate(64 * 1024 * 1024)
    told: list[int] = []
    tracemalloc.start()
    content_of(tmp_path, tell=told.append)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 1024 * 1024
    assert (told[-1], told) == (64 * 1024 * 1024, sorted(told))


def test_the_real_digits_have_the_fingerprint_that_is_known_of_them(shared_data: Path) -> None:
    content = content_of(shared_data / "mnist")
    assert (content.files, content.bytes) == (4, 11_594_722)
    assert content.fingerprint == "tree:abca1685336e37aa33a42b8e8886e04e9bd739abb9c10b4340fdb3be3218f9e7"
