"""One CSL-JSON item cleaned: known variables in one form each, everything else as texts in `custom`."""

from __future__ import annotations

import json
import re
from typing import Any

from importers.bibliography import dates
from importers.parsed_feed import TITLE_LENGTH
from importers.text import clean_address, clean_line, clean_paragraphs, shortened
from journal import csl
from journal.citing.fields import is_free
from journal.person_names import OTHERS, Name, alone, from_shown, joined, person

LONGEST_TEXT = 100_000  # characters of one field
_LONGEST_NAME = 500
_MOST_NAMES = 10_000  # the longest author list known has 5,154 (Aad et al., 10.1103/PhysRevLett.114.191803)
_MOST_CUSTOM = 200
_OLD_NAMES = {"journalAbbreviation": "container-title-short", "shortTitle": "title-short", "event": "event-title"}
_TITLES = ("title-short", "volume-title", "part-title", "reviewed-title", "container-title")
# biblatex names languages as babel does; CSL wants BCP 47 tags.
_LANGUAGES = {
    "american": "en-US", "australian": "en-AU", "british": "en-GB", "canadian": "en-CA", "chinese": "zh",
    "danish": "da", "dutch": "nl", "english": "en", "finnish": "fi", "french": "fr", "german": "de", "italian": "it",
    "japanese": "ja", "ngerman": "de", "norwegian": "no", "polish": "pl", "portuguese": "pt", "russian": "ru",
    "spanish": "es", "swedish": "sv", "ukenglish": "en-GB", "usenglish": "en-US",
}  # fmt: skip
# Fields that say something of an entry which CSL cannot; they may stay in `custom` under these names.
_OWN_CUSTOM = frozenset({"entrytype", "primaryclass", "howpublished"})


def cleaned(item: csl.Item, left_out: list[str]) -> csl.Item:
    """`item` in the one form that the journal keeps; `left_out` learns what could not stay."""
    kind = item.get("type")
    kept: csl.Item = {"type": kind if isinstance(kind, str) and kind in csl.TYPES else "document"}
    custom: dict[str, str] = {}
    for key, value in item.items():
        variable = _OLD_NAMES.get(key, key)
        if key in {"type", "id", "citation-key"} or value in (None, "", [], {}):
            continue
        if variable in csl.NAMES:
            if names := _names(value, variable, left_out):
                kept.setdefault(variable, names)
        elif variable in csl.DATES:
            if date := dates.cleaned(value):
                kept.setdefault(variable, date)
        elif variable in csl.TEXTS:
            if text := _text(variable, value, left_out):
                kept.setdefault(variable, text)
        elif key == "custom" and isinstance(value, dict):
            for name, content in value.items():
                _add_custom(custom, str(name), content, left_out)
        else:
            _add_custom(custom, key, value, left_out)
    if custom:
        kept["custom"] = custom
    if "title" not in kept:
        title = next((kept[variable] for variable in _TITLES if variable in kept), None)
        if title:
            kept["title"] = title
    return kept


def _text(variable: str, value: Any, left_out: list[str]) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        left_out.append(f"its {variable!r} is no text.")
        return ""
    clean = clean_paragraphs if variable in csl.PARAGRAPHS else clean_line
    text = clean(str(value))
    if variable == "URL":
        return address_of(text, left_out)
    if variable in csl.VERBATIM:
        return re.sub(r"[{}\\]", "", text).strip()[:2_000]
    text = clean(csl.tidy_markup(text))
    if variable == "language":
        return _LANGUAGES.get(text.lower(), text)
    if variable == "title" and len(text) > TITLE_LENGTH:
        text = csl.plain(text)
    longest = TITLE_LENGTH if variable == "title" else LONGEST_TEXT
    if len(text) > longest:
        left_out.append(f"its {variable!r} is cut after {longest:,} characters.")
    return shortened(text, longest)


def address_of(text: str, left_out: list[str]) -> str:
    """The address as written, where it leads to the web; braces and backslashes as URLs spell them."""
    text = text.replace(" ", "%20").replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D")
    if text.lower().startswith("www."):
        text = f"https://{text}"
    if len(text) <= 2_000 and clean_address(text):
        return text
    scheme = text.partition(":")[0]
    is_other = ":" in text and scheme.isalnum() and len(scheme) < 20 and scheme.lower() not in {"http", "https"}
    left_out.append(f"its address is a '{scheme}:' address." if is_other else "its address is no web address.")
    return ""


def _names(value: Any, variable: str, left_out: list[str]) -> list[Name]:
    entries = value if isinstance(value, list) else [value]
    if len(entries) > _MOST_NAMES:
        left_out.append(f"its {variable!r} has more than {_MOST_NAMES:,} names.")
    names = [name for entry in entries[:_MOST_NAMES] if (name := _name(entry))]
    last = entries[-1] if entries else None
    if isinstance(last, dict) and last.get("literal") == "others" and len(entries) <= _MOST_NAMES:
        names = [*names[:-1], OTHERS]
    return names


def _name(entry: Any) -> Name | None:
    if isinstance(entry, str):
        return from_shown(_part(entry))
    if not isinstance(entry, dict):
        return None
    part = {key: _part(value) for key, value in entry.items() if isinstance(value, str | int)}
    if part.get("literal") and not part.get("family"):
        return alone(part["literal"])
    # Zotero's way to say that no particle begins the name; it is told again from the letters.
    quoted = re.fullmatch(r'"([^"]+)"', part.get("family", ""))
    family = joined(part.get("non-dropping-particle", ""), quoted[1] if quoted else part.get("family", ""))
    given = f"{part.get('given', '')} {part.get('dropping-particle', '')}"
    return person(family=family, given=given, suffix=part.get("suffix", ""))


def _part(value: str | int) -> str:
    return clean_line(csl.plain(str(value)))[:_LONGEST_NAME].strip()


def _add_custom(custom: dict[str, str], name: str, value: Any, left_out: list[str]) -> None:
    """What CSL has no variable for: a text under a name that BibTeX can carry too."""
    name = re.sub(r"[^a-z0-9_.+:/-]", "-", clean_line(name).lower())[:100].lstrip("-.:/+0123456789") or "field"
    if not is_free(name) and name not in _OWN_CUSTOM:
        name = f"x-{name}"
    if len(custom) >= _MOST_CUSTOM and name not in custom:
        left_out.append(f"its {name!r} is one field too many.")
        return
    try:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        left_out.append(f"its {name!r} is no text.")
        return
    if text := shortened(clean_line(csl.tidy_markup(clean_line(text))), LONGEST_TEXT):
        custom.setdefault(name, text)
