"""How the code of two runs differs, as far as a repository that has their commits is on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from journal.borrowed_repository import borrowed
from journal.code_between import (
    CodeDifference,
    CodeState,
    changed_paths,
    code_between,
    kept_against,
    stored_between,
    untracked,
)
from journal.commits_between import Between, commits_between, committed_differences
from journal.patches import UNTRACKED
from journal.repositories import person_in, root_of
from journal.run_diff import CodeChange, OwnChanges, RecordedRun, facts_told
from journal.types import Ref

_SHOWN_OF_COMMIT = 10  # digits


@dataclass(frozen=True, slots=True)
class RunCode:
    """What is recorded of the code of a run: its commit and its root folder, empty where unknown, and its patch.

    `is_known`: False where neither its commit nor what it was besides was recorded. `is_outside`: it ran in no
    repository, and of its code no more than its script was kept.
    """

    ref: Ref
    commit: str
    root: str
    patch: Mapping[str, str]
    is_known: bool = True
    is_outside: bool = False


def code_of(recorded: RecordedRun) -> RunCode:
    """The code of a run by its facts, else by what MLflow says."""
    facts = facts_told(recorded.run, recorded.facts)
    code = facts.get("code", {})
    return RunCode(
        recorded.run.ref,
        code.get("commit", ""),
        code.get("root", ""),
        facts.get("patch", {}),
        is_known=bool(code.get("commit")) or "code" in recorded.facts,
        is_outside="code" in recorded.facts and code.keys() <= {"root"},
    )


def compare_code(a: RunCode, b: RunCode, here: Path | None = None) -> CodeChange:
    """Commits and files between two runs; its sentences say what cannot be told.

    Looked for where the runs ran, then in the repository of `here`, the working directory. A commit id names its
    content, so any repository that has both is the right one.
    """
    if a.commit == b.commit and dict(a.patch) == dict(b.patch):
        return CodeChange()
    names = (str(a.ref), str(b.ref))
    states = CodeState(a.commit, a.patch), CodeState(b.commit, b.patch)
    roots = list(dict.fromkeys(root for root in (a.root, b.root) if Path(root).is_absolute()))
    reasons = _unrecorded(a, b, roots)
    at_hand: set[Ref] = set()
    own = _own_root(here) if a.commit and b.commit else None
    for root in [*roots, *([str(own)] if own and str(own) not in roots else [])] if a.commit and b.commit else ():
        with borrowed(Path(root)) as repository:
            missing = [one for one in (a, b) if repository is not None and not repository.has(one.commit)]
            if repository is None or missing:
                at_hand |= {one.ref for one in (a, b) if repository is not None and one not in missing}
                reasons += _why_not(root, missing) if root in roots else []
                continue
            between = commits_between(repository, a.commit, b.commit, person_in(Path(root)))
            found = code_between(repository, *states, names)
            unlisted = () if between else ("Git cannot list the commits between the two.",)
            return CodeChange(
                between=between,
                files=found.files,
                origins=_origins(between, a, b, committed_differences(repository, a.commit, b.commit)),
                sentences=(*unlisted, *found.sentences),
                own=_own(found, a, b),
            )
    if a.commit and b.commit:
        reasons.append("In a clone that has both commits, the commits between and the files can be compared.")
    beside = _beside_commit(a, b, _own_root(here)) if a.is_outside is not b.is_outside else None
    if beside is not None:
        return replace(beside, sentences=(*reasons, *beside.sentences))
    if not (a.is_known and b.is_known):  # all of the other's changes would be called a difference
        return CodeChange(sentences=tuple(reasons))
    found = code_between(None, *states, names)
    return CodeChange(
        files=found.files,
        sentences=(*reasons, *found.sentences),
        own=_own(found, a, b),
        unknown_for=tuple(
            one.ref for one in (a, b) if one.ref not in at_hand and not (a.commit and a.commit == b.commit)
        ),
    )


def _beside_commit(a: RunCode, b: RunCode, here: Path | None) -> CodeChange | None:
    """What was kept of the run outside of every repository beside the code of the other; None without a repository."""
    outside, inside = (a, b) if a.is_outside else (b, a)
    texts = untracked(outside.patch)
    roots = [Path(inside.root)] if Path(inside.root).is_absolute() else []
    for root in [*roots, *([here] if here is not None else [])] if inside.commit and texts else ():
        with borrowed(root) as repository:
            if repository is None or not repository.has(inside.commit):
                continue
            found = kept_against(repository, CodeState(inside.commit, inside.patch), texts, is_turned=outside is a)
        if found is None:
            continue
        files, same, alone = found
        own = stored_between(CodeState("", {}), CodeState("", {f"{UNTRACKED}{path}": texts[path] for path in alone}))
        kept = ", ".join(sorted(texts))
        return CodeChange(
            files=files,
            same=tuple(sorted(same)),
            sentences=(f"Of the code of {outside.ref}, {kept} alone was kept: what it imports is not known.",),
            own=(OwnChanges(ref=outside.ref, commit="", files=own.own[1], is_outside=True),) if alone else (),
            unknown_for=(outside.ref,) if alone else (),
        )
    return None


def _own(found: CodeDifference, a: RunCode, b: RunCode) -> tuple[OwnChanges, ...]:
    return tuple(
        OwnChanges(ref=code.ref, commit=code.commit, files=files, is_outside=code.is_outside)
        for code, files in zip((a, b), found.own, strict=True)
        if files
    )


def _unrecorded(a: RunCode, b: RunCode, roots: list[str]) -> list[str]:
    """Why there is nowhere to look."""
    outside = [str(code.ref) for code in (a, b) if code.is_outside]
    unknown = [str(code.ref) for code in (a, b) if not code.commit and not code.is_outside]
    reasons = [f"{' and '.join(outside)} ran in no git repository."] if outside else []
    reasons += [f"The commit of {' and '.join(unknown)} was not recorded."] if unknown else []
    if reasons:
        return reasons
    return [] if roots else [f"Where the repository of {a.ref} and {b.ref} lies was not recorded."]


def _why_not(root: str, missing: list[RunCode]) -> list[str]:
    """Why a recorded root does not help."""
    if missing:
        return [f"{root} does not have commit {code.commit[:_SHOWN_OF_COMMIT]} of {code.ref}." for code in missing]
    if not Path(root).is_dir():
        return [f"{root} is not on this machine."]
    return [f"{root} is no git repository that can be asked."]


def _own_root(here: Path | None) -> Path | None:
    try:
        return root_of(here or Path.cwd())
    except OSError:  # it was removed meanwhile
        return None


def _origins(
    between: Between | None, a: RunCode, b: RunCode, committed: frozenset[str] | None
) -> dict[str, tuple[str, ...]]:
    """Why a file differs: whose commits changed it, and in which run it was changed without a commit.

    Of files that both commits hold alike, which `committed` lacks, no commit is the reason: what one commit
    changed, another took back, or both sides have.
    """
    found: dict[str, list[str]] = {}
    for commit in (*between.only_b, *between.only_a) if between else ():
        for file in commit.files:
            if committed is None or file.path in committed:
                found.setdefault(file.path, []).append(f"by {commit.author}")
    for code in (a, b):
        for path in changed_paths(code.patch):
            found.setdefault(path, []).append(f"uncommitted in {code.ref}")
    return {path: tuple(dict.fromkeys(told)) for path, told in found.items()}
