"""How the code of two runs differs: each as its commit with its uncommitted changes, file by file.

The trees of both are built in a borrowed repository, so that the work tree is not touched. Where a commit or the
repository is not at hand, or a stored patch does not apply any more, what was stored of each is told by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import PurePosixPath

from journal.borrowed_repository import MOST_BYTES, Borrowed
from journal.patches import (
    UNTRACKED,
    FileChange,
    not_kept,
    removed_binaries,
    split_patch,
    text_parts,
    whole_patch,
    with_renames,
)
from journal.storable import storable

_MOST_BESIDE = 50  # files of one name, where one of no repository is looked for
_MOST_UNTRACKED = 500  # files of one run
_MOST_APPLIED = 300  # files whose changes are tried one by one, where they do not apply together
_NOT_KEPT = "binary: its content was not kept"
_MOST_COMPARED = 4_000  # lines of a stored text that are compared without git


@dataclass(frozen=True, slots=True)
class CodeState:
    """The code of one run: its commit, empty where unknown, and its facts of the section `patch`."""

    commit: str
    patch: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CodeDifference:
    """What differs in the files, and sentences on what could not be compared.

    `own`: what A, and what B, alone had uncommitted, against its own commit, of files that cannot be compared whole:
    no difference between the two.
    """

    files: tuple[FileChange, ...] = ()
    sentences: tuple[str, ...] = ()
    own: tuple[tuple[FileChange, ...], tuple[FileChange, ...]] = ((), ())


def code_between(repository: Borrowed | None, a: CodeState, b: CodeState, names: tuple[str, str]) -> CodeDifference:
    """The files of `a` and `b` as they stood; `names` are how sentences call the two runs.

    `repository` must have both commits; None: they are not at hand, and the patches alone are compared.
    """
    if repository is None:
        return stored_between(a, b)
    tree_a, failed_a = _tree(repository, a)
    tree_b, failed_b = _tree(repository, b)
    told = None
    if tree_a is not None and tree_b is not None:
        options = ("-p", "-r", "-M", "--no-color", "--no-ext-diff", "--no-textconv")
        told = repository.ask("diff-tree", *options, tree_a, tree_b, may_be_cut=True)
    if told is None:
        sentence = "Git cannot compare the files whole: the uncommitted changes are compared."
        return replace(stored_between(a, b), sentences=(sentence,))
    files = [change for change, _ in split_patch(told.decode("utf-8", "replace"))]
    sentences = []
    if len(told) >= MOST_BYTES:
        sentences.append(f"The difference is longer than {MOST_BYTES >> 20} MB: only its beginning was read.")
    for failed, name in ((failed_a, names[0]), (failed_b, names[1])):
        if failed:
            listed = ", ".join(sorted(failed))
            sentences.append(f"The uncommitted changes of {name} do not apply any more; as they are stored: {listed}.")
    failed = failed_a | failed_b
    stored = stored_between(
        CodeState(a.commit, {"tracked": _parts(a.patch, failed)}),
        CodeState(b.commit, {"tracked": _parts(b.patch, failed)}),
    )
    lost = [not_kept(state.patch.get("tracked", "")) for state in (a, b)]
    return CodeDifference(
        tuple(_without_content(file, lost, names) for file in files if file.path not in failed),
        tuple(sentences),
        own=stored.own,
    )


def _without_content(change: FileChange, lost: Sequence[Mapping[str, str]], names: tuple[str, str]) -> FileChange:
    """The change as it is, but for a binary file whose content was not kept, of one run or of both."""
    without = [name for name, one in zip(names, lost, strict=True) if change.path in one or change.old_path in one]
    if not without:
        return change
    note = f"{_NOT_KEPT} for {' and '.join(without)}"
    return replace(change, added=0, removed=0, lines=(), note=note)


def kept_against(
    repository: Borrowed, committed: CodeState, texts: Mapping[str, str], *, is_turned: bool
) -> tuple[tuple[FileChange, ...], frozenset[str], frozenset[str]] | None:
    """Files kept of a run that had no commit beside those of one that had: from the latter's text to the former's,
    or `is_turned`.

    A kept file is known by its name alone, wherever it lay: it is beside the only file of that name whose content is
    the same, else beside the only one of that name. What differs, the kept names whose content is the same, and those
    beside which there is none; None where git cannot say.
    """
    tree, failed = _tree(repository, committed)
    told = repository.ask("ls-tree", "-r", "-z", tree) if tree is not None and not failed else None
    if told is None:
        return None
    rows = [row.partition("\t") for row in told.decode("utf-8", "replace").split("\0") if row]
    found: list[FileChange] = []
    same, alone = set(), set()
    for path, text in sorted(texts.items()):
        named = {one: words.split()[2] for words, _, one in rows if PurePosixPath(one).name == PurePosixPath(path).name}
        ours = {one: _text_of(repository, identity) for one, identity in list(named.items())[:_MOST_BESIDE]}
        if text in ours.values():
            same.add(path)
        elif len(named) == 1:
            (committed_text,) = ours.values()
            texts_of = (text, committed_text) if is_turned else (committed_text, text)
            found.append(replace(_text_change(path, *texts_of), note=""))
        else:
            alone.add(path)
    return tuple(found), frozenset(same), frozenset(alone)


def _text_of(repository: Borrowed, identity: str) -> str | None:
    """The text of a file of a tree, as it would have been kept."""
    told = repository.ask("cat-file", "blob", identity)
    return None if told is None else storable(told.decode("utf-8", "replace"))


def stored_between(a: CodeState, b: CodeState) -> CodeDifference:
    """What two stored patches say of a difference, without the files that they change. Pure.

    A file differs for certain where both texts of it are stored, or where it is new to a commit that both ran.
    Everything else is what one run alone had uncommitted: whether the other had it committed is not known.
    """
    parts = [_by_path(state.patch.get("tracked", "")) for state in (a, b)]
    texts = [untracked(state.patch) for state in (a, b)]
    lost = [not_kept(state.patch.get("tracked", "")) for state in (a, b)]
    is_one_commit = bool(a.commit) and a.commit == b.commit
    files: list[FileChange] = []
    own: tuple[list[FileChange], list[FileChange]] = ([], [])
    for side, other in ((0, 1), (1, 0)):
        for path, (change, part) in sorted(parts[side].items()):
            if path not in parts[other] or not _is_one_change((change, part), parts[other][path]):
                own[side].append(replace(change, note=_NOT_KEPT) if path in lost[side] else change)
    for path in sorted(texts[0].keys() | texts[1].keys()):
        text_a, text_b = texts[0].get(path), texts[1].get(path)
        if text_a == text_b:
            continue
        is_in_both = text_a is not None and text_b is not None
        if is_in_both or (is_one_commit and path not in parts[0] and path not in parts[1]):
            files.append(_text_change(path, text_a, text_b))
        else:
            own[text_a is None].append(_new_file(path, text_b if text_b is not None else text_a or ""))
    return CodeDifference(tuple(files), own=(with_renames(own[0]), with_renames(own[1])))


def _is_one_change(one: tuple[FileChange, str], other: tuple[FileChange, str]) -> bool:
    """Whether two patches change a file alike; what is no text says so by the ids of its contents."""
    return one[0].lines == other[0].lines if one[0].lines else one[1] == other[1]


def _tree(repository: Borrowed, state: CodeState) -> tuple[str | None, frozenset[str]]:
    """The tree of a run's code, and the files whose stored change does not apply, which stay as committed."""
    if repository.ask("read-tree", state.commit) is None:
        return None, frozenset()
    failed = set()
    whole = state.patch.get("tracked", "")
    tracked = text_parts(whole)
    if tracked and not _applies(repository, tracked):
        parts = split_patch(tracked)
        failed = {change.path for change, part in parts[:_MOST_APPLIED] if not _applies(repository, part)}
        failed |= {change.path for change, _ in parts[_MOST_APPLIED:]}
    _add_files(repository, untracked(state.patch))
    _add_files(repository, {path: _stand_in(content) for path, content in not_kept(whole).items()})
    _remove(repository, removed_binaries(whole), state.commit)
    tree = repository.ask("write-tree")
    return (tree.decode().strip() if tree else None), frozenset(failed)


def _applies(repository: Borrowed, patch: str) -> bool:
    given = patch.encode("utf-8", "replace")
    given += b"" if given.endswith(b"\n") else b"\n"
    return repository.ask("apply", "--cached", "--whitespace=nowarn", "-", given=given) is not None


def _stand_in(content: str) -> str:
    """What stands in a tree for a binary file that was not kept: the same where its content was the same."""
    return f"\0{content}"


def _remove(repository: Borrowed, paths: Sequence[str], commit: str) -> None:
    if not paths:
        return
    told = repository.ask("rev-parse", f"{commit}^{{tree}}") or b""
    rows = "".join(f"0 {'0' * len(told.strip())}\t{path}\0" for path in paths)
    repository.ask("update-index", "-z", "--index-info", given=rows.encode("utf-8", "replace"))


def _add_files(repository: Borrowed, texts: Mapping[str, str]) -> None:
    """Put files beside those of the commit: their texts as objects, their names into the index."""
    chosen = list(texts.items())[:_MOST_UNTRACKED]
    if not chosen:
        return
    folder = repository.folder / "untracked"
    folder.mkdir(exist_ok=True)
    files = []
    for number, (_, text) in enumerate(chosen):
        file = folder / str(number)
        file.write_bytes(text.encode("utf-8", "replace"))
        files.append(f"{file}\n")
    told = repository.ask("hash-object", "-w", "--no-filters", "--stdin-paths", given="".join(files).encode())
    ids = (told or b"").decode().split()
    if len(ids) != len(chosen):
        return
    names = [path for path, _ in chosen]
    rows = [f"100644 {one}\t{name}\0".encode("utf-8", "replace") for one, name in zip(ids, names, strict=True)]
    if repository.ask("update-index", "-z", "--index-info", given=b"".join(rows)) is None:
        for row in rows:  # a name that git refuses takes no other with it
            repository.ask("update-index", "-z", "--index-info", given=row)


def changed_paths(patch: Mapping[str, str]) -> frozenset[str]:
    """The files that a stored patch says something of."""
    return frozenset(_by_path(patch.get("tracked", ""))) | frozenset(untracked(patch))


def untracked(patch: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(UNTRACKED): text for name, text in patch.items() if name.startswith(UNTRACKED)}


def _by_path(patch: str) -> dict[str, tuple[FileChange, str]]:
    return {change.path: (change, part) for change, part in split_patch(patch)}


def _parts(patch: Mapping[str, str], paths: frozenset[str]) -> str:
    return "".join(part for change, part in split_patch(patch.get("tracked", "")) if change.path in paths)


def _text_change(path: str, a: str | None, b: str | None) -> FileChange:
    """How an untracked file differs, of which either run may have none."""
    old, new = [[] if text is None else text.removesuffix("\n").split("\n")[:_MOST_COMPARED] for text in (a, b)]
    body = "\n".join(unified_diff(old, new, lineterm="")).split("\n", 2)[2:]
    ((change, _),) = split_patch("\n".join([f"diff --git a/{path} b/{path}", *body]))
    what = "added" if a is None else "removed" if b is None else "changed"
    is_long = max((a or "").count("\n"), (b or "").count("\n")) >= _MOST_COMPARED
    note = f"not in git; its first {_MOST_COMPARED:,} lines" if is_long else "not in git"
    return replace(change, path=path, old_path=path, what=what, note=note)


def _new_file(path: str, text: str) -> FileChange:
    patch, _ = whole_patch({f"{UNTRACKED}{path}": text})
    ((change, _),) = split_patch(patch)
    return replace(change, path=path, old_path=path, note="not in git")
