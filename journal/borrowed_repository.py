"""A repository of a moment over the objects of another one: to look at commits and to build trees, and leave no trace.

Nothing that the other repository's settings name is run (hooks, filters, drivers, external diffs, signatures), and
nothing in it is locked or written: what is built lies in a temporary folder. Nothing is fetched either.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from journal import repositories

_MOST_WAITED_S = 20.0
MOST_BYTES = 8 * 1024 * 1024  # of one answer
_COMMIT = re.compile(r"[0-9a-f]{7,64}")


class Borrowed:
    """Asks git, with the objects of one repository or, for files alone, of none."""

    def __init__(self, folder: Path, *, is_shallow: bool = False) -> None:
        self.folder, self.is_shallow = folder, is_shallow

    def ask(self, *words: str, given: bytes = b"", may_be_cut: bool = False) -> bytes | None:
        """What git says to what it is `given`; None where it is missing, refuses or hangs.

        An answer of more than MOST_BYTES is None, too, unless it `may_be_cut` there.
        """
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environment |= {
            "GIT_DIR": str(self.folder), "GIT_INDEX_FILE": str(self.folder / "index"), "GIT_NO_LAZY_FETCH": "1",
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
        }  # fmt: skip
        try:
            with tempfile.TemporaryFile() as typed:
                typed.write(given)
                typed.seek(0)
                process = subprocess.Popen(
                    ["git", "--no-pager", "--literal-pathspecs", "-c", "protocol.allow=never", *words],
                    cwd=self.folder,
                    env=environment,
                    stdin=typed,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
        except (OSError, ValueError):
            return None
        with process:
            assert process.stdout is not None
            timer = threading.Timer(_MOST_WAITED_S, process.kill)
            timer.start()
            said = process.stdout.read(MOST_BYTES + 1)
            is_cut = len(said) > MOST_BYTES
            if is_cut:
                process.kill()
            process.wait()
            timer.cancel()
        if is_cut:
            return said[:MOST_BYTES] if may_be_cut else None
        return said if process.returncode == 0 else None

    def has(self, commit: str) -> bool:
        """Whether this is a commit whose objects are at hand. What is no commit id is not asked for."""
        return is_commit_id(commit) and self.ask("cat-file", "-e", f"{commit}^{{commit}}") is not None


def is_commit_id(text: str) -> bool:
    return _COMMIT.fullmatch(text) is not None


@contextmanager
def borrowed(root: Path | None) -> Iterator[Borrowed | None]:
    """Borrow the repository that holds the folder `root`, or no objects where `root` is None.

    None where the folder is in no repository, or git is not installed.
    """
    objects = shallow = None
    has_long_ids = False
    if root is not None:
        objects, shallow = (repositories.inner_path(root, name) for name in ("objects", "shallow"))
        if objects is None or shallow is None or not objects.is_dir():
            yield None
            return
        has_long_ids = repositories.has_long_ids(root)
    with tempfile.TemporaryDirectory(prefix="labjournal-") as made:
        folder = Path(made)
        for name in ("objects/info", "refs/heads"):
            (folder / name).mkdir(parents=True)
        (folder / "HEAD").write_text("ref: refs/heads/none\n")
        version, extension = ("1", "[extensions]\n\tobjectFormat = sha256\n") if has_long_ids else ("0", "")
        (folder / "config").write_text(f"[core]\n\trepositoryFormatVersion = {version}\n\tbare = true\n{extension}")
        if objects is not None:
            (folder / "objects/info/alternates").write_bytes(os.fsencode(_as_alternate(objects)) + b"\n")
        is_shallow = False
        if shallow is not None:
            with suppress(OSError):
                (folder / "shallow").write_bytes(shallow.read_bytes())
                is_shallow = True
        yield Borrowed(folder, is_shallow=is_shallow)


def _as_alternate(path: Path) -> str:
    """As git reads a line of alternates: quoted where it would be a comment, or more than one line."""
    text = str(path.resolve())
    if text[0] not in '"#' and "\n" not in text:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
