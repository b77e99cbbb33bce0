"""Answers to what came back."""

from __future__ import annotations

from datetime import tzinfo

from journal import models
from journal.queries.resurfacing import occasion_of
from journal.resurfacing import Answer, Answered, answer
from journal.store import items
from journal.store.changes import Change
from journal.types import Ref


def keep(change: Change, ref: Ref, what: Answer, *, days: int | None = None, zone: tzinfo | None = None) -> Answered:
    """Keep what this person says to `ref`: when it comes back, if ever. Its state stays as it is.

    Raises NotFound where there is no such item or nothing to answer, BadValue for unusable `days`.
    """
    item = items.get(change, ref)
    reason, times, before = occasion_of(change.connection, ref, change.now, zone)
    answered = answer(what, times, change.now, days=days, before=before)
    change.session.merge(
        models.Resurfacing(
            item_id=items.identity(item),
            reason=reason,
            answer=answered.answer,
            answered_at=answered.answered_at,
            due_at=answered.due_at,
            times=answered.times,
        )
    )
    change.flush()
    return answered
