"""The first line in which the outputs of two runs differ. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputChange:
    """The first line of what was printed that differs; None where the output of a run ends before."""

    line: int  # of the kept output of A
    a: str | None
    b: str | None


def first_difference(a: str, b: str) -> OutputChange | None:
    """The first line in which two kept outputs differ; None where they do not, or one kept nothing.

    Both are tails. Where one begins later, they are laid side by side from its first line on.
    """
    ours, theirs = _printed(a), _printed(b)
    if not ours or not theirs:
        return None
    skipped = 0
    if ours[0] != theirs[0] and ours[0].strip() and theirs[0].strip():
        if theirs[0] in ours:
            skipped = ours.index(theirs[0])
        elif ours[0] in theirs:
            theirs = theirs[theirs.index(ours[0]) :]
    ours = ours[skipped:]
    for number in range(max(len(ours), len(theirs))):
        one = ours[number] if number < len(ours) else None
        other = theirs[number] if number < len(theirs) else None
        if one != other:
            return OutputChange(line=skipped + number + 1, a=one, b=other)
    return None


def _printed(output: str) -> list[str]:
    """The lines as they were left on a terminal: what a progress bar wrote over is gone."""
    return [line.rstrip("\r").rpartition("\r")[2] for line in output.rstrip("\n").split("\n")] if output.strip() else []
