"""The commits between two: who changed which files when, on either side of where they parted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from journal.borrowed_repository import Borrowed

MOST_COMMITS = 200  # of both sides together, the newest
_FORMAT = "%m%H%n%an%n%ae%n%aI%n%s"
_FIELDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCount:
    """A file of a commit; the counts of lines are None where it is no text."""

    path: str
    added: int | None
    removed: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit; `is_own`: made by whoever uses this repository here, None where nobody is named there."""

    id: str
    author: str
    authored_at: datetime | None
    subject: str
    is_own: bool | None
    files: tuple[FileCount, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """Commits that only A has and that only B has, newest first, and how many of each are not listed."""

    only_a: tuple[Commit, ...] = ()
    only_b: tuple[Commit, ...] = ()
    unlisted_a: int = 0
    unlisted_b: int = 0
    is_shallow: bool = False  # the clone does not reach back far enough to be sure


def commits_between(repository: Borrowed, a: str, b: str, person: tuple[str, str] = ("", "")) -> Between | None:
    """What separates two commits that `repository` has; None where git cannot say.

    `person` is the name and the address by which a commit is known to be one's own.
    """
    told = repository.ask(
        "log", "-z", "--left-right", f"--max-count={MOST_COMMITS}", f"--format={_FORMAT}", f"{a}...{b}"
    )
    counted = repository.ask("rev-list", "--left-right", "--count", f"{a}...{b}")
    if told is None or counted is None:
        return None
    records = [record.split("\n", _FIELDS - 1) for record in told.decode("utf-8", "replace").split("\0")]
    records = [record for record in records if len(record) == _FIELDS]
    files = _files_of(repository, [record[0][1:] for record in records])
    sides: dict[str, list[Commit]] = {"<": [], ">": []}
    for marked, author, address, authored_at, subject in records:
        sides[marked[0]].append(
            Commit(
                id=marked[1:],
                author=author or address,
                authored_at=_time(authored_at),
                subject=subject,
                is_own=_is_own(author, address, person),
                files=files.get(marked[1:], ()),
            )
        )
    only_a, only_b = (int(count) for count in counted.split())
    return Between(
        only_a=tuple(sides["<"]),
        only_b=tuple(sides[">"]),
        unlisted_a=only_a - len(sides["<"]),
        unlisted_b=only_b - len(sides[">"]),
        is_shallow=repository.is_shallow,
    )


def committed_differences(repository: Borrowed, a: str, b: str) -> frozenset[str] | None:
    """The files that are not the same in two commits; None where git cannot say."""
    told = repository.ask("diff-tree", "-z", "-r", "--name-only", "--no-renames", a, b)
    return None if told is None else frozenset(told.decode("utf-8", "replace").split("\0")) - {""}


def _is_own(author: str, address: str, person: tuple[str, str]) -> bool | None:
    name, own_address = person
    if not name and not own_address:
        return None
    return (bool(own_address) and address.lower() == own_address.lower()) or (bool(name) and author == name)


def _files_of(repository: Borrowed, commits: Iterable[str]) -> dict[str, tuple[FileCount, ...]]:
    """The files of each commit; those of a merge belong to the commits that it merged."""
    told = repository.ask(
        "diff-tree", "--stdin", "-z", "-r", "--numstat", "--no-renames", "--root", "--no-ext-diff", "--no-textconv",
        given="".join(f"{commit}\n" for commit in commits).encode(), may_be_cut=True,
    )  # fmt: skip
    found: dict[str, list[FileCount]] = {}
    files: list[FileCount] = []
    for word in (told or b"").decode("utf-8", "replace").split("\0"):
        added, tab, rest = word.partition("\t")
        if not tab:
            files = found.setdefault(word.strip(), [])
            continue
        removed, _, path = rest.partition("\t")
        files.append(FileCount(path=path, added=_count(added), removed=_count(removed)))
    return {commit: tuple(files) for commit, files in found.items()}


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # a commit may say any date
        return None


def _count(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
