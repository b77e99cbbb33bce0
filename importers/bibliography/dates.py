"""Dates of bibliographies as CSL has them: EDTF, BibTeX's year and month, and what people write."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from importers.text import clean_line, shortened
from journal import csl
from journal.citing.fields import MONTHS

_LONGEST_DATE = 100  # characters
_EDTF = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?(?P<unsure>[~?%])?", re.ASCII)
_DASHES = re.compile(r"\s*(?:--+|[–—])\s*")
_DAY_MONTH_YEAR = re.compile(r"(?:(?P<day>\d{1,2})[. -]+)?(?P<month>[A-Za-z]{3,9})\.?[, -]+(?P<year>\d{4})", re.ASCII)
_MONTH_DAY_YEAR = re.compile(r"(?P<month>[A-Za-z]{3,9})\.?[ -]+(?P<day>\d{1,2}),? +(?P<year>\d{4})", re.ASCII)
_YEAR_MONTH = re.compile(r"(?P<year>\d{4})[/.](?P<month>\d\d?)(?:[/.](?P<day>\d\d?))?", re.ASCII)
_MONTH_YEAR = re.compile(r"(?P<month>\d\d?)/(?P<year>\d{4})", re.ASCII)
_TIME = re.compile(r"(?P<date>\d{4}-\d\d-\d\d)[T ].{1,30}", re.ASCII)
_LONG_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
                "november", "december")  # fmt: skip
_SEASONS = {name: number for number, name in csl.SEASONS.items()} | {"fall": 3}


def parsed(text: str) -> csl.Item | None:
    """`text` as a CSL date; None of nothing, and a literal of what is no date: every text stays."""
    text = shortened(clean_line(csl.plain(clean_line(text))), _LONGEST_DATE)
    if not text:
        return None
    if match := _TIME.fullmatch(text):
        text = match["date"]
    return _range(text) or _in_words(text) or {"literal": text}


def of_fields(year: str, month: str, day: str = "") -> csl.Item | None:
    """BibTeX's fields `year`, `month` (a macro, a number, a name, `3 July`) and `day` as a CSL date."""
    if not month:
        return parsed(year)
    start = parsed(year)
    is_year = start is not None and [len(part) for part in start.get("date-parts", ())] == [1]
    if start is None or not is_year:
        return parsed(f"{month} {year}")
    words = re.findall(r"[^\W\d_]+|\d+", month.lower())
    names = [number for word in words if (number := _month_number(word))]
    numbers = [int(word) for word in words if word.isdigit() and len(word) < 3]
    if not names and len(numbers) == 1 and 1 <= numbers[0] <= 12:
        names, numbers = numbers, []
    if len(names) == 1 and len(numbers) <= 1:
        days = [int(day)] if day.isdecimal() and len(day) < 3 else numbers
        return {**start, "date-parts": [_existing(start["date-parts"][0][0], names[0], *days)]}
    if len(words) == 1 and words[0] in _SEASONS:
        return {**start, "season": _SEASONS[words[0]]}
    return parsed(f"{month} {year}")


def cleaned(value: Any) -> csl.Item | None:
    """A date of a CSL-JSON item in one form: `date-parts` of integers with `season` and `circa`, or a literal."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return parsed(str(value))
    if not isinstance(value, dict):
        return None
    kept: csl.Item = {}
    parts = _lists(value.get("date-parts"))
    ends = [_cleaned_parts(part) for part in parts]
    if ends and ends[0] and ends[0] != [0] and all(ends):
        kept["date-parts"] = ends
        season = _season(value.get("season")) or _season_month(parts[0])
        if season and len(ends) == 1 and len(ends[0]) == 1:
            kept["season"] = season
        if value.get("circa"):
            kept["circa"] = True
        return kept
    words = next((value[key] for key in ("raw", "literal", "edtf") if isinstance(value.get(key), str)), "")
    # Years before Christ, and what is in no calendar, stay as they are written.
    return parsed(words) or parsed("/".join("-".join(map(str, part)) for part in parts))


def _range(text: str) -> csl.Item | None:
    """EDTF, also with the dashes that people write between years."""
    ends = _DASHES.sub("/", text).split("/")
    if len(ends) > 2:
        return None
    matches = [_EDTF.fullmatch(end) for end in ends]
    first = matches[0]
    if first is None or (len(ends) == 2 and matches[1] is None and ends[1] != ".."):
        return None
    parts = [_of_match(match) if match else [0] for match in matches]
    if not all(parts):
        return None
    found: csl.Item = {"date-parts": parts}
    season = _season_month([0, first["month"]])
    if season and len(parts) == 1:
        found["season"] = season
    if any(match and match["unsure"] for match in matches):
        found["circa"] = True
    return found


def _in_words(text: str) -> csl.Item | None:
    for pattern in (_DAY_MONTH_YEAR, _MONTH_DAY_YEAR, _YEAR_MONTH, _MONTH_YEAR):
        if match := pattern.fullmatch(text):
            found = match.groupdict()
            month = found["month"]
            number = int(month) if month.isdigit() else _month_number(month.lower())
            if number and 1 <= number <= 12:
                days = [int(found["day"])] if found.get("day") else []
                parts = _existing(int(found["year"]), number, *days)
                if parts and len(parts) == 2 + len(days):
                    return {"date-parts": [parts]}
            if month.lower() in _SEASONS and not found.get("day") and int(found["year"]):
                return {"date-parts": [[int(found["year"])]], "season": _SEASONS[month.lower()]}
    return None


def _of_match(match: re.Match[str]) -> list[int]:
    return _existing(int(match["year"]), *(int(match[part]) for part in ("month", "day") if match[part]))


def _lists(parts: Any) -> list[list[Any]]:
    return [part[:3] for part in parts[:2] if isinstance(part, list)] if isinstance(parts, list) else []


def _cleaned_parts(parts: list[Any]) -> list[int]:
    numbers: list[int] = []
    for part in parts[:3]:
        text = str(part).strip()
        if not text.isdecimal() or not text.isascii() or len(text) > 4:
            break
        numbers.append(int(text))
    return [0] if numbers == [0] else _existing(*numbers) if numbers else []


def _existing(year: int, month: int = 0, day: int = 0) -> list[int]:
    """As much of a date as there is in the calendar; empty without a year."""
    if not 1 <= year <= 9999:
        return []
    if not 1 <= month <= 12:
        return [year]
    try:
        date(year, month, day)
    except ValueError:
        return [year, month]
    return [year, month, day]


def _season_month(parts: Any) -> int:
    """The season of a month beyond December: CSL has 13 to 16, EDTF 21 to 24."""
    try:
        return _season(int(parts[1]) - (12 if int(parts[1]) < 20 else 20))
    except (IndexError, TypeError, ValueError):
        return 0


def _season(value: Any) -> int:
    text = str(value).strip().lower()
    number = int(text) if text.isdecimal() and text.isascii() and len(text) < 3 else _SEASONS.get(text, 0)
    number -= 20 if number > 20 else 12 if number > 12 else 0
    return number if 1 <= number <= 4 else 0


def _month_number(word: str) -> int:
    """1 to 12 for a month or the start of its name, else 0."""
    number = MONTHS.index(word[:3]) + 1 if word[:3] in MONTHS else 0
    return number if number and (word == "sept" or _LONG_MONTHS[number - 1].startswith(word)) else 0
