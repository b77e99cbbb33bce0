"""Names of people as CSL keeps them: family, given, particles, suffix, or one literal. Pure.

One spelling for each name, whichever file it came from: a name that is taken apart and put together
again is the same name. Particles are told by their lower case, as citeproc-js and BibTeX tell them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Name = dict[str, str]

_PARTICLE = re.compile(r"['’]?[^\W\d_]+(?:['’-][^\W\d_]+)*['’-]?")
_GLUED_PARTICLE = re.compile(r"['’]?[^\W\d_]{1,4}['’-](?=[^\W\d_])")  # d'Alembert, al-Hakim, 's-Gravesande
_SUFFIXES = frozenset({"Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV"})
_GROUPS = frozenset({"collaboration", "consortium", "group", "inc.", "institute", "project", "team", "university"})

OTHERS: Name = {"literal": "others"}
"""What `and others` at the end of a BibTeX list becomes; no person."""


def person(*, family: str = "", given: str = "", suffix: str = "") -> Name | None:
    """A name of its parts, particles still in front of the family or behind the given name; None of nothing."""
    family, given, suffix = " ".join(family.split()), " ".join(given.split()), " ".join(suffix.split())
    if not given:
        return alone(" ".join(part for part in (family, suffix) if part))
    if not family:
        return alone(" ".join(part for part in (given, suffix) if part))
    non_dropping, family = _split_family(family)
    given, dropping = _split_given(given)
    parts = {
        "dropping-particle": dropping,
        "family": family,
        "given": given,
        "non-dropping-particle": non_dropping,
        "suffix": suffix,
    }
    return {key: value for key, value in parts.items() if value}


def alone(text: str) -> Name | None:
    """A name that has no parts: one word is a family name, more are a group such as `Google Brain`."""
    text = " ".join(text.split())
    if not text:
        return None
    return {"literal": text} if " " in text else {"family": text}


def from_shown(text: str) -> Name | None:
    """The name behind `Given van Family Jr.` or `Family, Given`."""
    family, comma, given = (part.strip() for part in text.partition(","))
    if comma and given in _SUFFIXES:
        text, suffix = family, given
    elif comma:
        return person(family=family, given=given)
    else:
        suffix = ""
    words = text.split()
    if len(words) < 2 or words[0] == "The" or words[-1].lower() in _GROUPS:
        return alone(text)
    if not suffix and len(words) > 2 and words[-1] in _SUFFIXES:
        suffix = words.pop()
    start = len(words) - 1
    if start > 2 and words[start - 1] in {"y", "i"}:  # Ortega y Gasset
        start -= 2
    while start > 1 and _is_particle(words[start - 1]):
        start -= 1
    return person(family=" ".join(words[start:]), given=" ".join(words[:start]), suffix=suffix)


def shown(name: Mapping[str, str]) -> str:
    """`Given van Family Jr.`, as a paper prints it."""
    parts = (name.get("given"), name.get("dropping-particle"), whole_family(name), name.get("suffix"))
    return name.get("literal") or " ".join(part for part in parts if part)


def whole_family(name: Mapping[str, str]) -> str:
    """The family name with the particle that belongs to it: `van Gogh`, `d'Alembert`."""
    return joined(name.get("non-dropping-particle", ""), name.get("family", ""))


def joined(particle: str, family: str) -> str:
    if not particle or not family:
        return particle or family
    return particle + family if particle[-1] in "'’-" else f"{particle} {family}"


def _split_family(family: str) -> tuple[str, str]:
    """(`van der`, `Berg`). What has no capital behind the particle stays whole."""
    words = family.split()
    count = 0
    while count < len(words) - 1 and _is_particle(words[count]):
        count += 1
    particles, rest = words[:count], " ".join(words[count:])
    glued = _GLUED_PARTICLE.match(rest)
    if glued and glued[0].islower() and rest[glued.end()].isupper():
        particles.append(glued[0])
        rest = rest[glued.end() :]
    if not particles or rest[:1].islower():
        return "", family
    return " ".join(particles), rest


def _split_given(given: str) -> tuple[str, str]:
    """(`Alexander`, `von`)."""
    words = given.split()
    count = len(words)
    while count > 1 and _is_particle(words[count - 1]):
        count -= 1
    return " ".join(words[:count]), " ".join(words[count:])


def _is_particle(word: str) -> bool:
    return word.islower() and _PARTICLE.fullmatch(word) is not None
