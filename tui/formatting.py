"""Values as a terminal shows them. Pure; local time and visible text are made here and nowhere else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

# ECMA-48: CSI sequences; OSC, DCS, SOS, PM and APC strings up to their end; two-character escapes.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x90\x98\x9d-\x9f][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
_MAY_HOLD_TEX = re.compile(r"[$\\~`{]|--|''")

GAP = 2  # cells between the columns of a table
_A_FEW_WORDS = 24
_LONGEST_TITLE = 60


def printable(text: str, *, keeps_lines: bool = False) -> str:
    """`text` from outside made safe to show: no escape sequence, control or direction character.

    Folds to one line unless `keeps_lines`. Text of the journal is kept as it came; only what goes to a
    terminal passes here.
    """
    cleaned = _ESCAPES.sub("", text).replace("\r\n", "\n").replace("\t", "    ")
    if not keeps_lines:
        cleaned = " ".join(cleaned.split())
    if cleaned.isascii() and cleaned.isprintable():
        return cleaned
    return "".join(character for character in cleaned if _is_shown(character))


def printable_line(text: str) -> str:
    """Text in one line made safe to show: blanks stay as they are, also those before and behind it."""
    return printable(text, keeps_lines=True).replace("\n", " ")


def _is_shown(character: str) -> bool:
    if character == "\n" or character == "\u200d":  # the joiner holds emoji together
        return True
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def readable(text: str) -> str:
    """`text` with its TeX as characters."""
    if not _MAY_HOLD_TEX.search(text):  # most titles need not wait for the tables of TeX
        return text
    from journal.tex_math import displayed

    return displayed(text).text


def shown_title(ref: object, title: str) -> str:
    """The title of an item as it is shown: that of a paper may hold TeX, what a person wrote is as they wrote it."""
    from journal.types import Kind, Ref  # help, which shows no item, does not wait for them

    return readable(title) if isinstance(ref, Ref) and ref.kind is Kind.paper else title


def address(url: str) -> str:
    """A web address as it leads: what would not be seen, or could pass for other letters, as its code."""
    try:
        host = urlsplit(url).hostname or ""
        real = host if host.isascii() else host.encode("idna").decode()
    except ValueError:
        host = real = ""
    led = url.replace(host, real, 1) if real != host else url
    return "".join(
        character if character.isascii() and character.isprintable() and character != " " else _as_code(character)
        for character in led
    )


def _as_code(character: str) -> str:
    return quote(character.encode("utf-8", "surrogatepass"))


def width_of(text: str) -> int:
    """Terminal cells that `text` takes: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def clipped(text: str, width: int) -> str:
    """`text` in at most `width` cells, with an ellipsis where it was cut."""
    if width_of(text) <= width:
        return text
    if width <= 1:
        return "…"[:width]
    taken, used = [], 0
    for character in text:
        cells = _cells(character)
        if used + cells > width - 1:
            break
        taken.append(character)
        used += cells
    return "".join(taken) + "…"


def padded(text: str, width: int) -> str:
    """`text` clipped and filled with blanks to exactly `width` cells."""
    shown = clipped(text, width)
    return shown + " " * (width - width_of(shown))


def titled(ref: object, title: str) -> str:
    """`e3: cosine schedule`: an item in a sentence."""
    return f"{ref}: {clipped(' '.join(title[:_LONGEST_TITLE].split()), _LONGEST_TITLE - 1)}"


def table_widths(natural: Sequence[int], room: int, *, grows: int, spare: Sequence[int] = ()) -> list[int]:
    """Cells for each column of a table in `room` cells; 0 where a column is left out.

    Columns of `spare` are left out one after the other, until the column `grows` has enough for a few
    words; then it is cut, and what is still too wide is taken from the widest.
    """
    widths = list(natural)
    grows %= len(widths)
    enough = min(widths[grows], _A_FEW_WORDS)
    for column in spare:
        if widths[grows] - _too_wide(widths, room) >= enough:
            break
        widths[column] = 0
    widths[grows] = max(enough, widths[grows] - max(0, _too_wide(widths, room)))
    while (over := _too_wide(widths, room)) > 0 and max(widths) > 1:
        widest = widths.index(max(widths))
        second = max((width for column, width in enumerate(widths) if column != widest), default=0)
        widths[widest] -= min(over, max(1, widths[widest] - second))
    return widths


def _too_wide(widths: Sequence[int], room: int) -> int:
    shown = [width for width in widths if width]
    return sum(shown) + GAP * (len(shown) - 1) - room


def short_authors(authors: Sequence[str], most: int = 2) -> str:
    """`LeCun, Bottou +2`: family names of the first, and how many more."""
    families = [author.split()[-1] if author.split() else author for author in authors]
    if len(families) <= most + 1:
        return ", ".join(families)
    return f"{', '.join(families[:most])} +{len(families) - most}"


def local_time(moment: datetime | None) -> str:
    """`2026-11-20 09:30` on this machine's clock."""
    return "" if moment is None else moment.astimezone().strftime("%Y-%m-%d %H:%M")


def local_day(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone().strftime("%Y-%m-%d")


def next_try(moment: datetime | None, now: datetime) -> str:
    """`14:05` on this machine's clock, with the day where that is not today's: `Mon 23 Nov 00:30`; `now` where due."""
    if moment is None or moment <= now:
        return "now"
    local = moment.astimezone()
    is_today = local.date() == now.astimezone(local.tzinfo).date()
    return f"{local:%H:%M}" if is_today else f"{local:%a} {local.day} {local:%b %H:%M}"


def duration(length: timedelta | None) -> str:
    """`45 s`, `3 min`, `2 h 05`, `3 d`."""
    if length is None:
        return ""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 86_400:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02}"
    return f"{seconds // 86_400} d"


def ago(moment: datetime | None, now: datetime) -> str:
    """`3 min ago`, `2 d ago`, `never`."""
    return "never" if moment is None else f"{duration(now - moment)} ago"


def number(value: float | None) -> str:
    """A metric in up to five significant digits; `nan` where there is none."""
    return "nan" if value is None else f"{value:.5g}"


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """`1 paper`, `2 papers`, `1,204 entries`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def come_back(count: int) -> str:
    """`3 things come back`: what is due."""
    return f"{counted(count, 'thing')} come{'s' if count == 1 else ''} back"


def reasons(because: Sequence[tuple[str, float]], *, is_chance: bool = False) -> str:
    """`distillation +1.2, -survey`: why a paper stands where it does; a rule stands for its own weight."""
    told = [reason if reason[:1] in {"+", "-"} else f"{reason} {weight:+.1f}" for reason, weight in because]
    return ", ".join(["by chance", *told] if is_chance else told)


def reading(passes: int) -> str:
    """`pass 2`: how far reading got; nothing where it was not begun."""
    return f"pass {passes}" if passes else ""
