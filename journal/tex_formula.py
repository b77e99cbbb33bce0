"""One formula of TeX as readable characters, or nothing where a part of it is not understood. Pure.

By tables of our own, and not by pylatexenc, which comes with bibtexparser. On 600 real abstracts with `$` that
showed an unknown macro as nothing at all (`we introduce , which`), took the text behind a bare `%` for a comment,
made `a+b/2` of `\\frac{a+b}{2}`, failed on three of them with an IndexError, and has no way back to the source.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from journal.tex_symbols import (
    ACCENTS,
    DROPPED,
    ESCAPED,
    FUNCTIONS,
    GREEK,
    OPERATORS,
    PLAIN_WRAPPERS,
    SPACES,
    STYLES,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    SYMBOLS,
    styled,
)

_DEEPEST = 12  # braces within braces
_LONGEST_SCRIPT = 6  # characters worth raising or lowering; more is hard to read

Shown = list[tuple[int, str]]
"""Characters to show, each with its place in the source; places never go back."""


class _Unknown(Exception):
    """Something that no table holds; the stretch around it stays as it is."""


_TOKEN = re.compile(r"\\(?P<name>[A-Za-z]+)|\\(?P<escape>.)|(?P<blank>\s+)|(?P<character>.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # name, escape, blank, character
    text: str
    start: int


def formula(text: str, start: int, end: int) -> Shown | None:
    """What is shown for the formula at text[start:end], delimiters included; None where not all is understood."""
    try:
        return _read(text, start, end)
    except _Unknown:
        return None


def _read(text: str, start: int, end: int) -> Shown:
    width = 2 if text[start] == "\\" or text.startswith("$$", start) else 1
    tokens = [
        _Token(match.lastgroup or "", match[match.lastgroup or 0], match.start())
        for match in _TOKEN.finditer(text, start + width, end - width)
    ]
    reader = _Reader(tokens)
    shown = reader.all()
    if reader.position < len(tokens):
        raise _Unknown
    # What the blanks at the ends would add is no part of the sentence.
    while shown and shown[0][1] == " ":
        del shown[0]
    while shown and shown[-1][1] == " ":
        del shown[-1]
    return shown


class _Reader:
    """Reads maths token by token; each method gives what is shown of what it read."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self._depth = 0

    def all(self) -> Shown:
        """Up to the end or a closing brace."""
        shown: Shown = []
        while self.position < len(self.tokens) and self._peek() != "}":
            self._one(shown)
        return shown

    def _peek(self) -> str:
        if self.position >= len(self.tokens):
            return ""
        token = self.tokens[self.position]
        return token.text if token.kind == "character" else f"\\{token.text}" if token.kind == "name" else ""

    def _skip_blanks(self) -> bool:
        has_blank = False
        while self.position < len(self.tokens) and self.tokens[self.position].kind == "blank":
            self.position += 1
            has_blank = True
        return has_blank

    def _one(self, shown: Shown) -> None:
        token = self.tokens[self.position]
        self.position += 1
        if token.kind == "blank":
            _add_blank(shown, token.start)
        elif token.kind == "escape":
            self._escape(token, shown)
        elif token.kind == "name":
            self._macro(token, shown)
        elif token.text in "^_":
            self._script(token, shown)
        elif token.text == "{":
            self.position -= 1
            shown.extend(self._argument())
        elif token.text == "~":
            _add_blank(shown, token.start)
        elif token.text in "&#":
            raise _Unknown
        else:
            shown.append((token.start, "′" if token.text == "'" else token.text))

    def _argument(self) -> Shown:
        """A group in braces, or one token."""
        self._skip_blanks()
        if self.position >= len(self.tokens):
            raise _Unknown
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Unknown
        shown: Shown = []
        if self._peek() == "{":
            self.position += 1
            shown = self.all()
            if self._peek() != "}":
                raise _Unknown
            self.position += 1
        elif self._peek() in {"}", "^", "_"}:
            raise _Unknown
        else:
            self._one(shown)
        self._depth -= 1
        return shown

    def _escape(self, token: _Token, shown: Shown) -> None:
        if token.text in SPACES:
            if SPACES[token.text]:
                _add_blank(shown, token.start)
        elif token.text in ESCAPED:
            shown.append((token.start, token.text))
        elif token.text == "|":
            shown.append((token.start, "‖"))
        else:
            raise _Unknown

    def _script(self, token: _Token, shown: Shown) -> None:
        is_upper = token.text == "^"
        inner = _trimmed(self._argument())
        plain = "".join(piece for _, piece in inner)
        table = SUPERSCRIPTS if is_upper else SUBSCRIPTS
        while shown and shown[-1][1] == " ":
            del shown[-1]
        # A prime and a degree stand high by themselves.
        raised = in_script(plain, table)
        if raised is not None:
            where = [source for source, piece in inner for _ in piece]
            shown.extend(zip(where, raised, strict=True))
        elif not plain:
            return
        elif len(plain) == 1 or re.fullmatch(r"[\w.]+|\([^()]*\)", plain):
            shown.extend([(token.start, token.text), *inner])
        else:
            shown.extend([(token.start, token.text + "("), *inner, (inner[-1][0], ")")])

    def _macro(self, token: _Token, shown: Shown) -> None:
        name, start = token.text, token.start
        if name in OPERATORS:
            _add_operator(shown, start, OPERATORS[name], self._skip_blanks())
        elif name in GREEK or name in SYMBOLS:
            shown.append((start, GREEK.get(name) or SYMBOLS[name]))
        elif name in FUNCTIONS:
            self._skip_blanks()
            self._function(name, start, shown)
        elif name in DROPPED:
            self._skip_blanks()
            if name in {"left", "right"} and self._peek() == ".":
                self.position += 1
        elif name in SPACES:
            _add_blank(shown, start)
        elif name in PLAIN_WRAPPERS:
            self._starred()
            shown.extend(self._words(start))
        elif name in STYLES:
            inner = self._argument()
            shown.extend((source, "".join(styled(STYLES[name], one) for one in piece)) for source, piece in inner)
        elif name in ACCENTS:
            shown.extend(_accented(self._argument(), ACCENTS[name]))
        else:
            self._structure(name, start, shown)

    def _starred(self) -> None:
        if self._peek() == "*":
            self.position += 1

    def _words(self, start: int) -> Shown:
        """The argument of `\\text` and its like; blanks within it count."""
        inner = self._argument()
        return inner or [(start, "")]

    def _function(self, name: str, start: int, shown: Shown) -> None:
        if shown and (shown[-1][1][-1:].isalnum() or shown[-1][1][-1:] in ")]"):
            _add_blank(shown, start)
        shown.append((start, name))
        following = self._peek()
        if (
            following
            and following not in "^_()[]{},.;:|=/"
            and not following.startswith(("\\left", "\\big", "\\Big", "\\cdot"))
        ):
            shown.append((start, " "))

    def _structure(self, name: str, start: int, shown: Shown) -> None:
        if name in {"frac", "tfrac", "dfrac", "nicefrac", "sfrac"}:
            above, below = _trimmed(self._argument()), _trimmed(self._argument())
            below_start = below[0][0] if below else start
            below = _bracketed(below, start, is_below=True)
            shown.extend([*_bracketed(above, start), (below_start, "/"), *below])
        elif name == "sqrt":
            self._root(start, shown)
        elif name in {"binom", "dbinom", "tbinom"}:
            above, below = self._argument(), self._argument()
            shown.extend(
                [(start, "C("), *above, (below[0][0] if below else start, ","), *below, (_last(below, start), ")")]
            )
        elif name in {"pmod", "pod"}:
            inner = self._argument()
            _add_blank(shown, start)
            shown.extend([(start, "(mod "), *inner, (_last(inner, start), ")")])
        elif name == "not":
            self._negated(start, shown)
        elif name == "unicode":
            self._code_point(start, shown)
        elif name in {"textcolor", "color", "href"}:
            self._argument()
            if name != "color":
                shown.extend(self._argument())
        elif name in {"hspace", "vspace", "phantom", "hphantom", "vphantom", "label"}:
            self._starred()
            self._argument()
        elif name in {"stackrel", "overset", "underset"}:
            raise _Unknown
        else:
            raise _Unknown

    def _root(self, start: int, shown: Shown) -> None:
        degree = ""
        if self._peek() == "[":
            while self._peek() not in {"]", ""}:
                self.position += 1
                degree += self._peek() if self._peek() != "]" else ""
            if self._peek() != "]":
                raise _Unknown
            self.position += 1
            raised = in_script(degree, SUPERSCRIPTS)
            if raised is None:
                raise _Unknown
            degree = "" if raised == "²" else raised
        inner = _trimmed(self._argument())
        sign = {"³": "∛", "⁴": "∜"}.get(degree, degree + "√")
        shown.extend([(start, sign), *_bracketed(inner, start)])

    def _negated(self, start: int, shown: Shown) -> None:
        inner = _trimmed(self._argument())
        composed = unicodedata.normalize("NFC", "".join(piece for _, piece in inner) + "\u0338")
        if len(composed) != 1:
            raise _Unknown
        _add_operator(shown, start, composed, self.tokens[self.position - 1].kind == "blank")

    def _code_point(self, start: int, shown: Shown) -> None:
        digits = "".join(piece for _, piece in self._argument()).lower()
        if not re.fullmatch(r"x[0-9a-f]{2,5}|[0-9]{2,6}", digits):
            raise _Unknown
        number = int(digits[1:], 16) if digits[0] == "x" else int(digits)
        if number > 0x10FFFF or unicodedata.category(chr(number))[0] in "CZ":
            raise _Unknown
        shown.append((start, chr(number)))


def _add_blank(shown: Shown, source: int) -> None:
    if shown and shown[-1][1] != " ":
        shown.append((source, " "))


def _add_operator(shown: Shown, source: int, sign: str, has_blank: bool) -> None:
    """With blanks on both sides where the source has one on either; at the start of maths with none."""
    had_blank = bool(shown) and shown[-1][1] == " "
    has_left = bool(shown) and shown[-1][1] not in {" ", "(", "[", "{", "|"}
    if (has_blank and has_left) or sign == "mod":
        _add_blank(shown, source)
    shown.append((source, sign))
    if (had_blank or has_blank) and len(shown) > 1:
        shown.append((source, " "))


def in_script(plain: str, table: dict[str, str]) -> str | None:
    """`plain` raised or lowered, or None where a character of it has no such form, or it is long."""
    compact = plain.replace(" ", "")
    if not compact or len(compact) > _LONGEST_SCRIPT or len(compact) != len(plain):
        return None
    if all(character in table for character in compact) and not re.search(r"[^\W\d_]{3}", compact):
        return "".join(table[character] for character in compact)
    return None


def _accented(inner: Shown, mark: str) -> Shown:
    """A mark over one letter, or a line over several; a hat over a word is not to be told in plain text."""
    plain = "".join(piece for _, piece in inner)
    letters = [character for character in plain if not unicodedata.combining(character)]
    if not letters or (len(letters) > 1 and mark != "\u0305") or not plain[0].isalpha():
        raise _Unknown
    return [(source, unicodedata.normalize("NFC", "".join(one + mark for one in piece))) for source, piece in inner]


def _bracketed(inner: Shown, source: int, *, is_below: bool = False) -> Shown:
    """In brackets unless it is one number, letter or word, with its script; below a line no product either."""
    plain = "".join(piece for _, piece in inner)
    if not plain:
        raise _Unknown
    one = _ONE_FACTOR if is_below else _ONE_TERM
    if one.fullmatch(plain):
        return inner
    return [(inner[0][0], "("), *inner, (inner[-1][0], ")")]


_RAISED = "[⁰-₟ᵃ-ᶿ²³¹′]*"
_ONE_TERM = re.compile(rf"[^\W_]+(?:\.\d+)?{_RAISED}|\([^()]*\)")
_ONE_FACTOR = re.compile(rf"(?:\d+(?:\.\d+)?|[^\W\d_]|[A-Za-z]{{3,}}){_RAISED}|\([^()]*\)")


def _trimmed(shown: Shown) -> Shown:
    start, end = 0, len(shown)
    while start < end and shown[start][1] == " ":
        start += 1
    while end > start and shown[end - 1][1] == " ":
        end -= 1
    return shown[start:end]


def _last(inner: Shown, source: int) -> int:
    return inner[-1][0] if inner else source
