"""What became of the code that a pointer keeps: its file is found on this machine, and compared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from journal.code_matching import Match, Standing, match
from journal.errors import BadValue, NotFound
from journal.pointing import lines_of, same_remote
from journal.repositories import remote_of, renamed_to, root_of
from journal.source_files import existing, holding, read_source, readable_path
from journal.types import Pointer

_TELLING = 40  # characters: a shorter text stands in many a file


@dataclass(frozen=True, slots=True)
class CodeNow:
    """`file` is where the code was looked for, and `path` the same below the root; None: not on this machine."""

    match: Match
    file: Path | None = None
    path: str = ""
    reason: str = ""  # why nothing can be said, where nothing can

    @property
    def standing(self) -> Standing:
        return self.match.standing


def look(pointer: Pointer, here: Path | None = None) -> CodeNow:
    """Compare with the file as it is now, in the folder where the pointer was made.

    Where that is not on this machine: in the repository of `here` (the working directory), if it is the
    same one by its remote. Reads files and may ask git, so it is not for the thread that paints.
    """
    root = _root(pointer, here)
    if root is None:
        return CodeNow(Match(Standing.away), reason=_why_away(pointer))
    path, file = pointer.path, existing(root / pointer.path)
    if file is None and pointer.commit_id:
        renamed = renamed_to(root, pointer.path, pointer.commit_id)
        path, file = (renamed, existing(root / renamed)) if renamed else (path, None)
    if file is None and len(pointer.text) >= _TELLING:
        file = holding(root, pointer.text, Path(pointer.path).suffix)
        path = readable_path(str(file.relative_to(root))) if file else pointer.path
    if file is None:
        return CodeNow(Match(Standing.gone), root / pointer.path, pointer.path, "The file is gone.")
    try:
        lines = read_source(file)
    except (NotFound, BadValue) as error:
        return CodeNow(Match(Standing.gone), file, path, str(error))
    found = match(lines_of(pointer.text), lines, pointer.first_line)
    if found.standing is Standing.same and path != pointer.path:
        found = Match(Standing.moved, found.first, found.last)
    return CodeNow(found, file, path, "Nothing like it is in the file." if found.standing is Standing.gone else "")


def _root(pointer: Pointer, here: Path | None) -> Path | None:
    root = existing(Path(pointer.root)) if pointer.root else None
    if root is not None and root.is_dir():
        return root
    try:
        folder = here or Path.cwd()
    except OSError:  # it was removed meanwhile
        return None
    return root_of(folder) if same_remote(pointer.repository, remote_of(folder)) else None


def _why_away(pointer: Pointer) -> str:
    missing = f"{pointer.root} is not on this machine"
    if pointer.repository == pointer.root:
        return f"{missing}."
    return f"{missing}; in a clone of {pointer.repository} the code can be compared."
