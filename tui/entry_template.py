"""A diary entry as a document to write in an editor, as a commit message is written; and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from journal.attributes import NAMES
from journal.types import EntryType, Verdict

TEXTS = ("why", "expect", "outcome", "verdict", "type", "attribute")
LISTS = ("run", "paper", "tag")  # several of each, separated by blanks
FIELDS = ("what", "body", *TEXTS, *LISTS)
_COMMENT = "#"
_HELP = f"""\
# On the first line: what is tried, noted, thought of or asked. Anything longer below it.
# Behind a name, and on the lines below it: what belongs to that name. Several runs, papers or tags with blanks between.
# verdict: {", ".join(Verdict)}
# type: {", ".join(EntryType)}
# attribute: {", ".join(NAMES)}
# Lines that begin with # are left out. Where nothing is written, nothing is kept.
"""


def document_of(given: Mapping[str, str | Sequence[str]]) -> str:
    """The document to fill in; what is `given` by field stands there already."""
    lines = [_text(given.get("what", "")), _text(given.get("body", "")), ""]
    lines += [f"{name}: {_text(given.get(name, ''))}".rstrip() for name in (*TEXTS, *LISTS)]
    return "\n".join([lines[0], *filter(None, lines[1:2]), *lines[2:], "", _HELP])


def _text(given: str | Sequence[str]) -> str:
    return given if isinstance(given, str) else " ".join(given)


def fields_of(document: str) -> dict[str, str]:
    """Every field of FIELDS; those that nobody filled in are empty.

    A name that stands twice has both texts. What stands before the first name is the entry itself: its first
    line says what, the others are the body.
    """
    texts: dict[str, list[str]] = {name: [] for name in FIELDS}
    before: list[str] = []
    into = before
    for line in document.replace("\r\n", "\n").split("\n"):
        if line.startswith(_COMMENT):
            continue
        name, colon, rest = line.partition(":")
        if colon and name.strip().lower() in texts:
            into = texts[name.strip().lower()]
            into.append(rest.strip())
        else:
            into.append(line)
    what, _, body = "\n".join(before).strip().partition("\n")
    found = {name: "\n".join(lines).strip() for name, lines in texts.items()}
    found["what"] = " ".join(part for part in (what.strip(), found["what"]) if part)
    found["body"] = "\n\n".join(part for part in (body.strip("\n").rstrip(), found["body"]) if part)
    return found


def is_empty(fields: Mapping[str, str]) -> bool:
    """Whether nobody wrote anything: what a run, a tag or a type is about is not there either."""
    return not any(fields[name] for name in ("what", "body", "why", "expect", "outcome"))
