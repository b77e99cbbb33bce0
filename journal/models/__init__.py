"""The tables as SQLModel sees them, private to `journal.store`.

The schema is the SQL in `journal/schema/`; a test compares the two. Table models do not validate on
construction: drafts are checked at the edge, STRICT and CHECK are the last guard. No relationships:
joins are written out, nothing loads behind one's back. Each model loads when it is first used: making
all of them takes 60 ms, and a line in the diary needs five.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from journal.models.changes import Change as Change
    from journal.models.changes import ChangeRow as ChangeRow
    from journal.models.changes import Intake as Intake
    from journal.models.entries import Entry as Entry
    from journal.models.items import Item as Item
    from journal.models.items import Link as Link
    from journal.models.items import OwnText as OwnText
    from journal.models.items import Revision as Revision
    from journal.models.items import Tag as Tag
    from journal.models.looking import (
        CheckResult as CheckResult,
    )
    from journal.models.looking import (
        Dataset as Dataset,
    )
    from journal.models.looking import (
        DatasetContent as DatasetContent,
    )
    from journal.models.looking import (
        Pointer as Pointer,
    )
    from journal.models.looking import (
        Review as Review,
    )
    from journal.models.looking import (
        ReviewSample as ReviewSample,
    )
    from journal.models.papers import Citation as Citation
    from journal.models.papers import Feed as Feed
    from journal.models.papers import Identifier as Identifier
    from journal.models.papers import Muting as Muting
    from journal.models.papers import Paper as Paper
    from journal.models.papers import PaperFeed as PaperFeed
    from journal.models.papers import PaperLink as PaperLink
    from journal.models.papers import Ranking as Ranking
    from journal.models.papers import Rule as Rule
    from journal.models.problems import Attempt as Attempt
    from journal.models.problems import Occurrence as Occurrence
    from journal.models.problems import Problem as Problem
    from journal.models.resurfacing import Resurfacing as Resurfacing
    from journal.models.runs import (
        Capture as Capture,
    )
    from journal.models.runs import (
        Facts as Facts,
    )
    from journal.models.runs import (
        MetricPoint as MetricPoint,
    )
    from journal.models.runs import (
        MetricSeries as MetricSeries,
    )
    from journal.models.runs import (
        Run as Run,
    )
    from journal.models.runs import (
        RunMetric as RunMetric,
    )
    from journal.models.runs import (
        RunParam as RunParam,
    )
    from journal.models.runs import (
        RunTag as RunTag,
    )
    from journal.models.runs import (
        SavedView as SavedView,
    )
    from journal.models.runs import (
        Session as Session,
    )
    from journal.models.runs import (
        SessionRun as SessionRun,
    )
    from journal.models.runs import (
        TrackingStore as TrackingStore,
    )

_NAMES = {
    "items": (
        "Item",
        "Link",
        "Tag",
        "Revision",
        "OwnText",
    ),
    "entries": ("Entry",),
    "papers": (
        "Paper",
        "Identifier",
        "Feed",
        "PaperFeed",
        "PaperLink",
        "Citation",
        "Rule",
        "Muting",
        "Ranking",
    ),
    "runs": (
        "Run",
        "RunParam",
        "RunMetric",
        "RunTag",
        "Session",
        "SessionRun",
        "Facts",
        "Capture",
        "MetricSeries",
        "MetricPoint",
        "SavedView",
        "TrackingStore",
    ),
    "problems": (
        "Problem",
        "Occurrence",
        "Attempt",
    ),
    "looking": (
        "Pointer",
        "Dataset",
        "DatasetContent",
        "CheckResult",
        "Review",
        "ReviewSample",
    ),
    "resurfacing": ("Resurfacing",),
    "changes": (
        "Change",
        "ChangeRow",
        "Intake",
    ),
}
_HOME_OF_NAME = {name: home for home, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF_NAME:
        raise AttributeError(f"there is no model {name!r}")
    import_module("journal.models.items")  # foreign keys of the others name its table
    return getattr(import_module(f"journal.models.{_HOME_OF_NAME[name]}"), name)


def load_all() -> None:
    """Load every model, to compare them with the tables."""
    for home in _NAMES:
        import_module(f"journal.models.{home}")
