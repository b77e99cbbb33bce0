"""Unified diffs, as git writes them, taken apart by file. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from journal.code_matching import DiffLine

UNTRACKED = "untracked/"
"""What stands before the path of an untracked file among the facts of a run."""

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_INDEX = re.compile(r"^index [0-9a-f]+\.\.([0-9a-f]+)", re.MULTILINE)
_NO_NEWLINE = "\\"
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_TO_QUOTE = re.compile(r'["\\\x00-\x1f\x7f]')
_CONTROLS = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """How one file differs; `lines` are those of its hunks, a blank `DiffLine` between two of them.

    `what` is `changed`, `added`, `removed` or `renamed`; `note` says what the lines do not.
    """

    path: str
    old_path: str
    what: str = "changed"
    added: int = 0
    removed: int = 0
    lines: tuple[DiffLine, ...] = ()
    note: str = ""


def split_patch(patch: str) -> tuple[tuple[FileChange, str], ...]:
    """Each file's change, and the part of the patch that says it. What is no diff of git is passed over."""
    starts = [match.start() for match in re.finditer(r"^diff --git ", patch, re.MULTILINE)]
    # A line of a file that looks like a header stands behind its sign: only a header begins a line so.
    parts = [patch[start:end] for start, end in pairwise([*starts, len(patch)])]
    return tuple((_file_change(part), part) for part in parts)


def _file_change(part: str) -> FileChange:
    lines = part.split("\n")
    old_path, path = _paths_of_header(lines[0])
    what, note, is_binary = "changed", "", False
    first = len(lines)
    for number, line in enumerate(lines[1:], 1):
        if line.startswith("@@ "):
            first = number
            break
        word, _, rest = line.partition(" ")
        if line.startswith("new file"):
            what = "added"
        elif line.startswith("deleted file"):
            what = "removed"
        elif line.startswith(("rename from ", "rename to ", "copy from ", "copy to ")):
            what = "renamed"
            name = unquoted(rest.partition(" ")[2])
            old_path, path = (name, path) if rest.startswith("from ") else (old_path, name)
        elif word == "---" and rest != "/dev/null":
            old_path = _without_prefix(rest)
        elif word == "+++" and rest != "/dev/null":
            path = _without_prefix(rest)
        elif line.startswith("new mode "):
            note = "may be run now" if line.endswith("755") else "may not be run any more"
        elif line.startswith(("Binary files ", "GIT binary patch")):
            is_binary = True
    shown = tuple(_hunk_lines(lines[first:]))
    added, removed = [[line.text for line in shown if line.sign == sign] for sign in "+-"]
    if is_binary:
        note = "no text: it differs"
    elif added and [text.rstrip("\r") for text in added] == [text.rstrip("\r") for text in removed]:
        note = "only the ends of its lines differ"
    return FileChange(
        path=path, old_path=old_path, what=what, added=len(added), removed=len(removed), lines=shown, note=note
    )


def _hunk_lines(lines: Sequence[str]) -> Iterator[DiffLine]:
    old = new = old_left = new_left = 0
    is_first = True
    for line in lines:
        if old_left <= 0 and new_left <= 0:
            header = _HUNK.match(line)
            if header is None:
                if line.startswith(_NO_NEWLINE):
                    yield DiffLine(" ", 0, line)
                continue
            old, old_left, new, new_left = (1 if count is None else int(count) for count in header.groups())
            if not is_first:
                yield DiffLine("", 0, "")
            is_first = False
            continue
        sign, text = line[:1], line[1:]
        if sign == "+":
            yield DiffLine("+", new, text)
            new, new_left = new + 1, new_left - 1
        elif sign == "-":
            yield DiffLine("-", old, text)
            old, old_left = old + 1, old_left - 1
        elif sign == _NO_NEWLINE:
            yield DiffLine(" ", 0, line)
        else:
            yield DiffLine(" ", new, text)
            old, new, old_left, new_left = old + 1, new + 1, old_left - 1, new_left - 1


def _paths_of_header(line: str) -> tuple[str, str]:
    """The two paths of `diff --git a/x b/x`, where they are one; a rename says its own below."""
    rest = line.removeprefix("diff --git ").rstrip("\r")
    if rest.startswith('"'):
        end = next((at for at in range(1, len(rest)) if rest[at] == '"' and rest[at - 1] != "\\"), len(rest))
        name = _without_prefix(rest[: end + 1])
        return name, name
    middle = len(rest) // 2
    return _without_prefix(rest[:middle]), _without_prefix(rest[middle + 1 :])


def _without_prefix(name: str) -> str:
    name = unquoted(name.rstrip("\t\r"))
    return name[2:] if name[:2] in {"a/", "b/"} else name


def unquoted(name: str) -> str:
    """A path as it is, out of git's quotes."""
    if not (len(name) > 1 and name[0] == name[-1] == '"'):
        return name
    return _ESCAPE.sub(_unescaped, name[1:-1].encode("utf-8", "replace")).decode("utf-8", "replace")


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8) & 0xFF]) if len(code) == 3 else _CONTROLS.get(code, code)


def with_renames(changes: Sequence[FileChange]) -> tuple[FileChange, ...]:
    """A file that went and one with the same text that came are one that was renamed."""
    gone = {_content(change): change for change in changes if change.what == "removed" and change.lines}
    renamed: dict[str, FileChange] = {}  # by the new path
    for change in changes:
        if change.what == "added" and change.lines and _content(change) in gone:
            before = gone.pop(_content(change))
            renamed[change.path] = replace(
                change, old_path=before.path, what="renamed", added=0, removed=0, lines=(), note=""
            )
    went = {change.old_path for change in renamed.values()}
    return tuple(
        renamed.get(change.path, change)
        for change in changes
        if change.path in renamed or change.what != "removed" or change.path not in went
    )


def _content(change: FileChange) -> tuple[str, ...]:
    """All lines of a file that came or went, with the mark of a last one that does not end."""
    return tuple(line.text for line in change.lines)


def limited(change: FileChange, most: int) -> FileChange:
    """The change with at most so many of its lines, and a note of how many are left out."""
    left_out = len(change.lines) - most
    if left_out <= 0:
        return change
    told = f"{left_out:,} more lines"
    return replace(change, lines=change.lines[:most], note=f"{change.note}; {told}" if change.note else told)


def whole_patch(facts: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """What a run had beside its commit as one diff that `git apply` takes, untracked files as new ones.

    `facts` are those of its `patch`. The paths of what is no text, which no such diff holds, come with it.
    """
    parts = split_patch(facts.get("tracked", ""))
    no_text = tuple(change.path for change, part in parts if _is_binary(part))
    tracked = [part if part.endswith("\n") else f"{part}\n" for _, part in parts if not _is_binary(part)]
    untracked = [
        _as_new_file(name.removeprefix(UNTRACKED), text) for name, text in facts.items() if name.startswith(UNTRACKED)
    ]
    return "".join([*tracked, *untracked]), no_text


def _is_binary(part: str) -> bool:
    head = part.partition("\n@@ ")[0]
    return re.search(r"^(?:Binary files |GIT binary patch)", head, re.MULTILINE) is not None


def _has_content(part: str) -> bool:
    """Whether what is no text was kept, or nothing was to keep, the file being gone."""
    head = part.partition("\n@@ ")[0]
    return "\ndeleted file" in head or "\nGIT binary patch" in head


def not_kept(patch: str) -> dict[str, str]:
    """The id of the content, shortened by git, of each file of which a patch says only that it is no text."""
    parts = [(change.path, part) for change, part in split_patch(patch) if _is_binary(part) and not _has_content(part)]
    ids = [(path, _INDEX.search(part)) for path, part in parts]
    return {path: found[1] if found else "" for path, found in ids}


def removed_binaries(patch: str) -> tuple[str, ...]:
    """The files that a patch takes away and of which it does not hold what they were."""
    return tuple(
        change.path
        for change, part in split_patch(patch)
        if change.what == "removed" and _is_binary(part) and "\nGIT binary patch" not in part
    )


def text_parts(patch: str) -> str:
    """A patch without what it says of files whose content it does not hold."""
    return "".join(part for _, part in split_patch(patch) if not _is_binary(part) or "\nGIT binary patch" in part)


def _as_new_file(path: str, text: str) -> str:
    old, new = quoted(f"a/{path}"), quoted(f"b/{path}")
    head = f"diff --git {old} {new}\nnew file mode 100644\n"
    if not text:
        return f"{head}index 0000000..e69de29\n"
    *lines, rest = text.split("\n")
    ending = f"+{rest}\n\\ No newline at end of file\n" if rest else ""
    count = len(lines) + bool(rest)
    body = "".join(f"+{line}\n" for line in lines)
    tab = "\t" if " " in new and not new.startswith('"') else ""  # where the name ends, as git marks it
    return f"{head}--- /dev/null\n+++ {new}{tab}\n@@ -0,0 +1,{count} @@\n{body}{ending}"


def quoted(name: str) -> str:
    """A path as git writes it: in quotes where it holds what would end it or steer a terminal."""
    if not _TO_QUOTE.search(name):
        return name
    return '"' + _TO_QUOTE.sub(lambda match: f"\\{ord(match[0]):03o}", name) + '"'
