"""What a command that `journal run` starts finds in its environment. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

from journal.mlflow_note import is_ours
from journal.recorder.belonging import CONTINUED_VARIABLE, ENTRY_VARIABLE, NOTE_VARIABLE, SESSION_VARIABLE
from journal.words import ENTRY_TAG, NOTE_TAG, SESSION_TAG

RUN_CONTEXT_VARIABLE = "MLFLOW_RUN_CONTEXT"
RUN_ID_VARIABLE = "MLFLOW_RUN_ID"


def launch_variables(
    environ: Mapping[str, str], *, session: str, entry: str, note: str, continues: str
) -> dict[str, str]:
    """The variables to set, beside those of the tracking. Without `entry` and `note`, those that are there stay."""
    added = {SESSION_VARIABLE: session}
    if entry:
        added[ENTRY_VARIABLE] = entry
    if note:
        added[NOTE_VARIABLE] = note
    if continues:
        added[RUN_ID_VARIABLE] = added[CONTINUED_VARIABLE] = continues
    tags = {SESSION_TAG: session, ENTRY_TAG: entry, NOTE_TAG: note}
    context = _with_tags(environ.get(RUN_CONTEXT_VARIABLE, ""), {key: value for key, value in tags.items() if value})
    if context is not None:
        added[RUN_CONTEXT_VARIABLE] = context
    return added


def _with_tags(context: str, tags: dict[str, str]) -> str | None:
    """MLflow's variable with our tags beside those of the person; None where it holds what we cannot read."""
    try:
        theirs = json.loads(context) if context else {}
    except ValueError:
        return None
    if not isinstance(theirs, dict):
        return None
    note = theirs.get(NOTE_TAG)
    if isinstance(note, str) and not is_ours(note):
        tags.pop(NOTE_TAG, None)
    return json.dumps({**theirs, **tags})
