"""The why of a run as MLflow's own pages show it: the text of the tag `mlflow.note.content`. Pure."""

from __future__ import annotations

_MARK = "journal "
_MOST_CHARACTERS = 2_000  # MLflow cuts a tag at 8,000 with a warning; the whole text is in the journal


def note_text(ref: str, what: str, why: str = "", expect: str = "") -> str:
    """The first lines of an entry; `ref` is `e12`, or `entry` while its number is not known yet.

    journal e12: cosine schedule

    Why: the loss plateaus at epoch 12
    Expected: validation accuracy +0.3
    """
    lines = [f"{_MARK}{ref}: {what.strip()}", ""]
    if why.strip():
        lines.append(f"Why: {why.strip()}")
    if expect.strip():
        lines.append(f"Expected: {expect.strip()}")
    text = "\n".join(lines).rstrip()
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1]}…"


def is_ours(note: str) -> bool:
    """Whether a note was made here, and may be replaced; what a person wrote in MLflow is left alone."""
    first, colon, _ = note.partition(":")
    rest = first.removeprefix(_MARK)
    is_ref = rest == "entry" or (rest[:1] == "e" and rest[1:].isdecimal())
    return bool(colon) and first.startswith(_MARK) and is_ref
