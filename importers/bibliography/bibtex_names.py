"""Lists of names as BibTeX and BibLaTeX write them, as CSL names."""

from __future__ import annotations

import re

from bibtexparser.middlewares.names import parse_single_name_into_parts

from importers.bibliography.tex import decoded
from importers.text import clean_line
from journal.person_names import OTHERS, Name, alone, joined, person

LONGEST_LIST = 1_000_000  # characters
_LONGEST_NAME = 2_000  # bibtexparser takes quadratic time for braces that close nothing
_EXTENDED = re.compile(r"\s*(family|given|prefix|suffix|useprefix|id|[a-z]+-i)\s*=", re.IGNORECASE)


def names(source: str) -> list[Name]:
    """The names of `A, B and C D and others`, TeX and all; what is between braces is one name."""
    found = []
    people = _people(source[:LONGEST_LIST])
    for position, text in enumerate(people):
        if text == "others" and position == len(people) - 1 and position:
            found.append(OTHERS)
        elif name := _name(text[:_LONGEST_NAME]):
            found.append(name)
    return found


def _people(source: str) -> list[str]:
    r"""The parts between `and`. Not by bibtexparser, whose 2.1.0 takes `A and \'Eva B` for one name."""
    people: list[str] = []
    depth = start = 0
    for match in re.finditer(r"\\.|[{}]|(?<=\s)and(?=\s)", source, re.DOTALL | re.IGNORECASE):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth = max(0, depth - 1)
        elif not depth and match[0][0] != "\\":
            people.append(source[start : match.start()])
            start = match.end()
    return [part for person in (*people, source[start:]) if (part := person.strip())]


def _name(source: str) -> Name | None:
    if _EXTENDED.match(source):
        return _extended(source)
    if _is_one_group(source):
        return alone(_text(source))
    parts = parse_single_name_into_parts(source, strict=False)
    return person(
        family=_text(" ".join([*parts.von, *parts.last])),
        given=_text(" ".join(parts.first)),
        suffix=_text(" ".join(parts.jr)),
    )


def _extended(source: str) -> Name | None:
    """`family=Hakim, given=Tawfiq, prefix=al-, useprefix=true` (the biblatex manual, section 3.4)."""
    parts: dict[str, str] = {}
    for part in _at_commas(source):
        key, _, value = part.partition("=")
        parts[key.strip().lower()] = _text(value.strip().strip('"'))
    given, prefix = parts.get("given", ""), parts.get("prefix", "")
    # A prefix that is not used belongs behind the given name: it is no part of the family's.
    if parts.get("useprefix", "").lower() == "true":
        family = joined(prefix, parts.get("family", ""))
    else:
        family, given = parts.get("family", ""), f"{given} {prefix}".strip()
    return person(family=family, given=given, suffix=parts.get("suffix", ""))


def _at_commas(source: str) -> list[str]:
    """The parts between commas that no brace or quotation mark holds."""
    parts, depth, start, is_quoted = [], 0, 0, False
    for position, character in enumerate(source):
        if character == '"':
            is_quoted = not is_quoted
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
        elif character == "," and depth <= 0 and not is_quoted:
            parts.append(source[start:position])
            start = position + 1
    return [*parts, source[start:]]


def _is_one_group(source: str) -> bool:
    """Whether the braces around a name hold all of it: `{Google Brain}`, but not `{A} {B}`."""
    if not (source.startswith("{") and source.endswith("}")):
        return False
    depth = 0
    for position, character in enumerate(source):
        depth += (character == "{") - (character == "}")
        if not depth:
            return position == len(source) - 1
    return False


def _text(source: str) -> str:
    return clean_line(decoded(source))
