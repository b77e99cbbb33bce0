"""The words of the journal: kinds, states and verdicts, and how items are named.

Apart from `types`, whose many frozen values take 20 ms to make: what records beside a training process needs no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto


class Kind(StrEnum):
    """What an item is."""

    paper = auto()
    run = auto()
    entry = auto()
    problem = auto()
    pointer = auto()
    dataset = auto()
    review = auto()

    @property
    def named(self) -> str:
        """`a paper`, `an entry`."""
        return f"{'an' if self.value[0] in 'aeiou' else 'a'} {self.value}"


LETTER_OF_KIND = {
    Kind.paper: "p",
    Kind.run: "r",
    Kind.entry: "e",
    Kind.problem: "x",
    Kind.pointer: "c",
    Kind.dataset: "d",
    Kind.review: "v",
}
KIND_OF_LETTER = {letter: kind for kind, letter in LETTER_OF_KIND.items()}


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """How people name an item: `p12`, `r7`, `e3`."""

    kind: Kind
    number: int

    def __str__(self) -> str:
        return f"{LETTER_OF_KIND[self.kind]}{self.number}"


class PaperState(StrEnum):
    """Only what a feed brought is ever `new`; what came from a file or by hand is `none`."""

    new = auto()
    kept = auto()
    queued = auto()
    skipped = auto()
    muted = auto()
    none = auto()


class EntryType(StrEnum):
    """What a diary entry is."""

    tried = auto()
    note = auto()
    idea = auto()
    question = auto()


class Verdict(StrEnum):
    """What became of something tried."""

    kept = auto()
    dropped = auto()
    unclear = auto()


class Relation(StrEnum):
    """What one item is to another; `same_as` is written `same as`."""

    about = "about"
    tests = "tests"
    uses = "uses"
    fixes = "fixes"
    follows = "follows"
    caused = "caused"
    same_as = "same as"


class RunStatus(StrEnum):
    """A run's status; the first five are MLflow's, in lower case."""

    running = auto()
    scheduled = auto()
    finished = auto()
    failed = auto()
    killed = auto()
    interrupted = auto()
    vanished = auto()


class SessionExit(StrEnum):
    """How a process that trained ended."""

    finished = auto()  # by itself, with exit code 0
    failed = auto()  # by an exception or another exit code
    interrupted = auto()  # by Ctrl-C
    killed = auto()  # by another signal
    vanished = auto()  # nobody saw how: the machine went down, or what watched it was killed, too


ENTRY_TAG = "journal.entry"
"""The MLflow tag by which a run names the entry (its uid) that it belongs to."""
SESSION_TAG = "journal.session"
"""The MLflow tag by which a run names the session (its uid) that made it."""
NOTE_TAG = "mlflow.note.content"
"""The MLflow tag that MLflow's own pages show as a run's description."""
AS_IN = "as in"
"""A section of facts: what surrounds the session is what surrounds another one, which `session` in it names."""
GIVEN_PARAMETERS = "parameters"
"""A section of facts: the parameters that a run which was gone on with was given, and does not have in MLflow."""


WRITTEN_TO = "data written to"
"""A section of facts: the paths whose names, sizes or times were others when the command was over."""


class FeedHealth(StrEnum):
    """What the last attempt to read a feed came to. Never "0 new" without the reason."""

    unread = auto()  # added, not fetched yet
    current = auto()  # answered, and read
    unchanged = auto()  # answered 304, or the same batch as before
    weekend = auto()  # empty, as arXiv is on Saturday and Sunday
    holiday = auto()  # empty on one of arXiv's announced holidays
    empty = auto()  # answered, holds nothing, and nothing says why
    stale = auto()  # older than the batch that is due, or the same ids under a new build date
    rate_limited = auto()
    unreachable = auto()
    unreadable = auto()

    @property
    def failed(self) -> bool:
        return self in {FeedHealth.rate_limited, FeedHealth.unreachable, FeedHealth.unreadable}


class AnnounceType(StrEnum):
    """How arXiv announces a paper in one category's list; values as in its RSS."""

    new = "new"
    cross = "cross"
    replaced = "replace"
    replaced_cross = "replace-cross"


# ---------------------------------------------------------------- what arrives, on its way in
