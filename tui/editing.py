"""Texts edited in the person's own editor: several fields as one document, and back. Nothing typed is lost."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from journal.errors import JournalError, UsageError
from journal.paths import made
from journal.words import Ref

# A line that begins so opens a field; the same line within a text is escaped by one more sign.
_MARK = "%% "
_MOST_NAMED = 8  # the name of a file may have 255 bytes
_LEFT = "edit-left-"  # how the name of a file begins that an editor failed on


def as_document(texts: Mapping[str, str]) -> str:
    """`texts` by field as one document, which `from_document` reads back exactly."""
    parts = []
    for field, text in texts.items():
        lines = [f"%{line}" if line.startswith("%%") else line for line in text.split("\n")]
        parts.append("\n".join([f"{_MARK}{field}", *lines]))
    return "\n".join(parts) + "\n"


def from_document(document: str, fields: Mapping[str, str]) -> dict[str, str]:
    """The texts of a document, by field. Fields that are not in it keep their text from `fields`.

    What stands before the first mark, or under one that is no field, belongs to the field before it
    (the first field at the top): a person who deletes a mark loses nothing.
    """
    lines_of: dict[str, list[str]] = {}
    current = next(iter(fields))
    for line in document.removesuffix("\n").split("\n"):
        name = line[len(_MARK) :].strip() if line.startswith(_MARK) else ""
        if name in fields:
            current = name
            lines_of.setdefault(current, [])
        else:
            lines_of.setdefault(current, []).append(line[1:] if line.startswith("%%%") else line)
    return {field: "\n".join(lines_of[field]) if field in lines_of else text for field, text in fields.items()}


def edit_texts(texts: Mapping[str, str], state_folder: Path, *, about: str = "") -> tuple[dict[str, str], Path] | None:
    """Let the person edit `texts`; the new ones and the file that holds them: as `edit_document`."""
    edited = edit_document(as_document(texts), state_folder, about=about)
    return edited and (from_document(edited[0], texts), edited[1])


def note_name(refs: Sequence[Ref]) -> str:
    """What a draft of a note on these items is called: the same for the same items, whatever their order."""
    names = [str(ref) for ref in sorted(set(refs))]
    if len(names) <= _MOST_NAMED:
        return f"{'-'.join(names)}-note"
    digest = sha256(" ".join(names).encode()).hexdigest()[:16]
    return f"{names[0]}-and-{len(names) - 1}-more-{digest}-note"


def left_draft(state_folder: Path, about: str) -> Path | None:
    """What was typed last about this, and could not be taken from the editor."""
    left = [*state_folder.glob(f"{_LEFT}{about}-*.md")] if about else []
    return max(left, key=lambda file: (file.stat().st_mtime_ns, file.name), default=None)


def edit_document(document: str, state_folder: Path, *, about: str = "") -> tuple[str, Path] | None:
    """Let the person edit a document; the new one and the file that holds it, or None if nothing changed.

    The caller removes the file once the text is kept; until then it is the only copy of what was
    typed. An emptied or removed file means "leave it". Raises JournalError where the editor fails, or
    saves what is no UTF-8; what was typed then is what the editor opens the next time, where `about`, letters
    and digits that name what is edited, is the same.
    """
    before = document.encode()
    handle, name = tempfile.mkstemp(prefix="edit-", suffix=".md", dir=made(state_folder))
    file = Path(name)
    with os.fdopen(handle, "wb") as opened:
        opened.write(before)
    draft = left_draft(state_folder, about)
    if draft is not None:
        with suppress(FileNotFoundError):  # another window was quicker
            draft.replace(file)
    failure: JournalError | None = None
    try:
        run_editor(file)
    except JournalError as error:
        failure = error
    after = file.read_bytes() if file.exists() else b""
    is_unchanged = after == before or not after.strip()
    if is_unchanged:
        file.unlink(missing_ok=True)
    if failure is not None:
        raise failure if is_unchanged else JournalError(str(failure), hint=_kept_for_later(file, about)) from failure
    if is_unchanged:
        return None
    try:
        return after.decode(), file
    except UnicodeDecodeError as error:
        raise JournalError(
            "What the editor saved is not UTF-8; nothing was changed.", hint=_kept_for_later(file, about)
        ) from error


def _kept_for_later(file: Path, about: str) -> str:
    """Leave `file` where the next edit finds it; where that is, in words."""
    return f"Your text is in {left_for_later(file, about) if about else file}"


def left_for_later(file: Path, about: str) -> Path:
    """Leave `file`, that of an edit, where the next edit `about` the same finds it."""
    return file.replace(file.with_name(f"{_LEFT}{about}-{file.name.removeprefix('edit-')}"))


def keep_draft(state_folder: Path, about: str, text: str) -> Path:
    """Keep what was typed elsewhere than in an editor, in the place of an older draft, where the next edit finds it."""
    older = left_draft(state_folder, about)
    handle, name = tempfile.mkstemp(prefix=f"{_LEFT}{about}-", suffix=".md", dir=made(state_folder))
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as opened:
        opened.write(text)
    if older is not None:
        older.unlink(missing_ok=True)
    return Path(name)


# How editors are told a line: most as vi was, some behind the name of the file.
_PLUS_EDITORS = {"vi", "vim", "nvim", "gvim", "view", "nano", "pico", "emacs", "emacsclient", "joe", "jed", "mg", "ne",
                 "kak", "micro", "mcedit", "gedit"}  # fmt: skip
_COLON_EDITORS = {"hx": (), "helix": (), "subl": (), "zed": (), "code": ("--goto",), "codium": ("--goto",),
                  "cursor": ("--goto",)}  # fmt: skip


def words_for_line(editor: str, file: str, line: int) -> list[str]:
    """What follows the name of the editor so that it opens `file` at `line`, for those known to take one."""
    name = Path(editor).name
    if name in _PLUS_EDITORS:
        return [f"+{line}", file]
    if name in _COLON_EDITORS:
        return [*_COLON_EDITORS[name], f"{file}:{line}"]
    return [file]


def run_editor(file: Path, *, line: int | None = None) -> None:
    """$VISUAL, else $EDITOR, else vi. Raises JournalError where it cannot start or fails; what was typed stays."""
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"$VISUAL or $EDITOR is not a command: {command!r}.") from error
    try:
        opened = [str(file)] if line is None else words_for_line(words[0], str(file), line)
        exit_code = subprocess.run([*words, *opened], check=False).returncode
    except OSError as error:
        raise JournalError(
            f"The editor {words[0]!r} cannot be started; nothing was changed.", hint="Set $EDITOR to one that can."
        ) from error
    if exit_code != 0:
        raise JournalError(f"The editor {words[0]!r} ended with exit code {exit_code}; nothing was changed.")
