"""Everything that may go wrong in a way a person can act on.

    JournalError                    exit code 1
    ├── NotFound                    1   nothing by that name, or nothing at all
    ├── PartlyFailed                1   some of it was done; the message says what was not
    ├── MissingExtra                1   an optional dependency is not installed
    ├── NothingToUndo               1   no change of this person is left to take back
    ├── BeingFetched                1   another process fetches the feeds
    ├── SourceError                 1   a feed, an arXiv service or an MLflow store failed
    │   ├── Unreachable             1   no answer: dead, refused, timed out, too many redirects
    │   ├── RateLimited             1   asked to wait; `retry_after_s` where the server said
    │   ├── TooLarge                1   the answer went over the size limit
    │   └── Unreadable              1   an answer came, and it is not what it should be
    ├── UsageError                  2   the words of a command do not make sense
    │   ├── BadRef                  2   not a ref, an arXiv id, a run id, @N or `last`
    │   └── BadValue                2   a value outside its range
    └── JournalUnusable             3   the journal itself cannot be used
        ├── BadConfig               3   the settings file has an error
        ├── Locked                  3   another program holds the journal
        ├── ReadOnly                3   no permission to write
        ├── DiskFull                3
        ├── NewerJournal            3   written by a newer labjournal
        ├── ForeignDatabase         3   a database of another program
        ├── Damaged                 3   not a database, or a broken one
        ├── Missing                 3   it was there when we began, and is not any more
        └── OldSQLite               3   SQLite is older than 3.37

An error is one sentence; `hint` is a second one that says what to do. Anything that is not a
JournalError is a mistake of ours: its traceback goes to the log file.
"""

from __future__ import annotations


class JournalError(Exception):
    """Base of all: `str(error)` is one clear sentence, `hint` says what to do next."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class NotFound(JournalError):
    """Nothing by that name, or nothing at all."""


class PartlyFailed(JournalError):
    """Some of it was done; the message says what was not."""


class MissingExtra(JournalError):
    """An optional dependency is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs packages that are not installed.", hint=f"pip install 'labjournal[{extra}]'")


class NothingToUndo(JournalError):
    """No change of this person is left to take back."""


class BeingFetched(JournalError):
    """Another process of this user fetches the feeds."""


class SourceError(JournalError):
    """A feed, an arXiv service or an MLflow store failed."""


class Unreachable(SourceError):
    """No answer: dead, refused, timed out, too many redirects, or a server that says it is down."""


class RateLimited(SourceError):
    """The server asks us to wait."""

    def __init__(self, message: str, *, retry_after_s: float | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class TooLarge(SourceError):
    """The answer went over the size limit."""


class Unreadable(SourceError):
    """An answer came, and it is not what it should be."""


class UsageError(JournalError):
    """The words of a command do not make sense."""

    exit_code = 2


class BadRef(UsageError):
    """Not a ref, an arXiv id, a run id, @N or `last`."""


class BadValue(UsageError):
    """A value outside its range."""


class JournalUnusable(JournalError):
    """The journal itself cannot be used."""

    exit_code = 3


class BadConfig(JournalUnusable):
    """The settings file has an error."""


class Locked(JournalUnusable):
    """Another program holds the journal."""


class ReadOnly(JournalUnusable):
    """No permission to write."""


class DiskFull(JournalUnusable):
    """No space is left."""


class NewerJournal(JournalUnusable):
    """Written by a newer labjournal."""


class ForeignDatabase(JournalUnusable):
    """A database of another program."""


class Damaged(JournalUnusable):
    """Not a database, or a broken one."""


class Missing(JournalUnusable):
    """It was there when we began, and is not any more."""


class OldSQLite(JournalUnusable):
    """SQLite is older than 3.37, the first with STRICT tables."""
