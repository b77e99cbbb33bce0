"""What is never kept: passwords, tokens and keys, wherever they stand. Pure.

The rule, for every text that is captured (command lines, environment, remotes, patches, files, output):

1. What stands in the environment under a secret name goes wherever else it stands (`secrets_in`).
2. What has the shape of a secret goes (`secret_shapes`): tokens of services, private keys, bearer headers,
   addresses with a password.
3. The value of what has a secret name goes (`secret_names`): `--api-key X`, `PASSWORD=x`, `"token": "x"`.
   In code, a value that is an expression stays: `token=args.token`, `password=getpass()`.
4. Files that are secret by their name are left out whole (`secret_names.is_secret_file`).

What goes is replaced by `REDACTED`. Doing it twice is doing it once.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping, Sequence

from journal.recorder.capture.secret_names import Strength, is_secret_name, strength_of
from journal.recorder.capture.secret_shapes import REDACTED, without_shapes

__all__ = [
    "REDACTED", "redacted_argv", "redacted_environment", "redacted_text", "redacted_url", "redacted_values",
    "secrets_in",
]  # fmt: skip

_SMALL_LETTERS = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_SHORTEST_KNOWN = 8  # characters: a shorter value would be found in innocent texts
_HINTS = ("pass", "pwd", "secret", "token", "key", "auth", "cookie", "jwt", "bearer", "cred", "pat", "salt")
_LONGEST_NAME = 80
_NAME_CHARACTERS = re.compile(r"[\w.-]*+")
# Between a name and its value: the end of a quoted or indexed name, a type, and what assigns.
_ASSIGNS = re.compile(
    r"""\\?["'`]?[ \t]{0,4}+\]?[ \t]{0,8}+
    (?: (?P<comma>,)
      | :[ \t]{0,8}+\w[\w.]{0,40}+(?:\[[^\]\n]{0,60}+\])?(?:[ ]?\|[ ]?\w{1,40}+){0,3}[ \t]{0,4}+=(?!=)
      | [:?+]?=>?(?!=) | :(?![:/=]) )
    (?: [ \t]{0,16}+ (?: \(\s{0,60}+ [+-]?\s{0,60}+ (?=[rbfuRBFU]{0,2}["']) )? )""",
    re.VERBOSE,
)
_OPENING = re.compile(r"""[rbfuRBFU]{0,2}(\\*)(\"\"\"|'''|["'`])""")
# Of a value so much is looked at, and so much of it goes: a text of many names must not be read once for each.
_LOOKED_AT, _LONGEST_VALUE = 256, 16_384
_BARE = re.compile(r"\S{1,16384}+")
_BARE_LOOKED_AT = re.compile(r"\S{1,256}+")
_BARE_IN_CODE = re.compile(r"""[^\s"'`,;(){}\[\]<>]{1,256}+""")
_READS_AS_CODE = re.compile(r"(?:[A-Za-z_]+|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)\Z")  # a name, `args.token`
_REFERENCE = re.compile(
    r"(?:\$[A-Z_][A-Z0-9_]*|\$?\{.*\}|\$\(.*\)|%\w+%|%\(\w+\)s|<.*>|\[.*\]|\*+|x+|\.+|-+)[,;]?\Z", re.DOTALL
)
_SAYS_NOTHING = frozenset(
    {
        "",
        "none",
        "null",
        "nil",
        "true",
        "false",
        "undefined",
        "str",
        "int",
        "bool",
        "bytes",
        "optional",
        "yes",
        "no",
        "\\",
        "|",
        ">",
    }
)
_AROUND = " \t\"',;)]}"
_BLANK, _DIGIT, _LETTER, _CAPITAL, _SMALL = map(re.compile, (r"\s", r"\d", r"[^\W\d_]", r"[A-Z]", r"[a-z]"))
_FIRST_ARGUMENT = re.compile(r"""\([\s"'\\]*\Z""")  # `setdefault("API_KEY", "x")`, and no list of names
_HEADER = re.compile(r"(?:basic|bearer|digest|token|negotiate|apikey)(?:[ \t]|\Z)", re.IGNORECASE)
_USER_AND_PASSWORD = re.compile(r"([^:]+:)(?=.)")
_USER_OPTION = re.compile(r"((?:-u|-U|--user=|--proxy-user=)[^:]+:)(?=.)")
_LEFT_OUT_AFTER = re.compile(r"--\w")  # an option where the value of another would stand


def redacted_text(text: str, known: Iterable[str] = (), *, is_code: bool = False) -> str:
    """`text` without its secrets, and without those that are `known`; `is_code`: of a programming language."""
    for value in known:
        text = text.replace(value, REDACTED)
    return _without_named(without_shapes(text), is_code=is_code)


def redacted_argv(argv: Sequence[str], known: Iterable[str] = ()) -> tuple[str, ...]:
    """A command line without its secrets, word for word: the value of a secret option is a word of its own."""
    known, words = tuple(known), list[str]()
    is_value = False
    is_client, is_mysql = _runs(argv, ("curl", "wget")), _runs(argv, ("mysql", "mariadb"))
    is_login = "login" in argv and any("wandb" in word for word in argv)
    is_user = False
    for word in argv:
        if is_client and (match := _USER_OPTION.match(word) if not is_user else _USER_AND_PASSWORD.match(word)):
            words.append(f"{match[1]}{REDACTED}")
            is_user = False
            continue
        is_user = is_client and word in {"-u", "-U", "--user", "--proxy-user"}
        if is_mysql and word.startswith("-p") and len(word) > 2:
            words.append(f"-p{REDACTED}")
            continue
        name, equals, value = word.partition("=")
        if is_value and not _LEFT_OUT_AFTER.match(word):
            words.append(REDACTED)
            is_value = False
        elif equals and is_secret_name(name) and " " not in name:
            words.append(f"{name}={REDACTED if value else ''}")
            is_value = False
        else:
            is_hex_key = is_login and re.fullmatch(r"[0-9a-f]{40}", word)
            words.append(REDACTED if is_hex_key else redacted_text(word, known))
            is_value = word.startswith("-") and not equals and is_secret_name(word)
    return tuple(words)


def _runs(argv: Sequence[str], programs: tuple[str, ...]) -> bool:
    """Whether one of its words is such a program, as `mysqldump` is of mysql."""
    return any(word.rpartition("/")[2].startswith(programs) for word in argv)


def redacted_environment(environ: Mapping[str, str], known: Iterable[str] = ()) -> dict[str, str]:
    """Variables without those that are secret by name, and without the secrets in the values of the others."""
    known = tuple(known)
    return {name: redacted_text(value, known) for name, value in environ.items() if not is_secret_name(name)}


def redacted_url(url: str, known: Iterable[str] = ()) -> str:
    """An address without its password, over HTTP without its user, and without tokens elsewhere in it."""
    return redacted_text(url, known)


def redacted_values(values: Mapping[str, str], known: Iterable[str] = ()) -> dict[str, str]:
    """A section of facts: values without secrets, nothing of those that are secret by name."""
    known = tuple(known)
    return {
        redacted_text(name, known): REDACTED if value and is_secret_name(name) else redacted_text(value, known)
        for name, value in values.items()
    }


def secrets_in(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The values of an environment that are secret by name, longest first: to be found wherever else they stand."""
    found = {
        value
        for name, value in environ.items()
        if len(value) >= _SHORTEST_KNOWN and is_secret_name(name) and not value.startswith(("/", "~", "."))
    }
    return tuple(sorted(found, key=len, reverse=True))


def _without_named(text: str, *, is_code: bool) -> str:
    """`text` without the values of what is secret by name."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters grow when made small: places would not be the same
        lowered = text.translate(_SMALL_LETTERS)
    parts, here = [], 0
    for start, end in _named(text, lowered):
        if start < here:
            continue
        found = _value_of(text, start, end, is_code=is_code)
        if found is not None:
            parts += [text[here : found[0]], REDACTED]
            here = found[1]
    return "".join([*parts, text[here:]]) if parts else text


def _named(text: str, lowered: str) -> list[tuple[int, int]]:
    """Where names stand that are secret, in order."""
    found: dict[int, int] = {}
    for hint in _HINTS:
        at = lowered.find(hint)
        while at >= 0:
            match = _NAME_CHARACTERS.match(text, at)
            end = match.end() if match else at + len(hint)
            start = at
            while start > 0 and at - start < _LONGEST_NAME and (text[start - 1].isalnum() or text[start - 1] in "_.-"):
                start -= 1
            name_end = start + len(text[start:end].rstrip(".-"))
            if strength_of(text[max(start, name_end - 2 * _LONGEST_NAME) : name_end]) is not Strength.none:
                found[start] = name_end
            at = lowered.find(hint, max(end, at + 1))
    return sorted(found.items())


def _value_of(text: str, begin: int, end: int, *, is_code: bool) -> tuple[int, int] | None:
    """From where to where the secret value stands of the name from `begin` to `end`; None where there is none."""
    assigns = _ASSIGNS.match(text, end)
    if assigns is None or (assigns["comma"] and not _FIRST_ARGUMENT.search(text[max(0, begin - 4) : begin])):
        return None
    name = text[begin:end]
    opening = _OPENING.match(text, assigns.end())
    if opening is not None:
        start, stop = opening.end(), _closing(text, opening.end(), opening[1] + opening[2])
        value = text[start : min(stop, start + _LOOKED_AT)]
    else:
        bare = (_BARE_IN_CODE if is_code else _BARE_LOOKED_AT).match(text, assigns.end())
        if bare is None or assigns["comma"]:
            return None
        start, stop = bare.span()
        value = bare[0]
        if is_code and _is_expression(text, assigns.end(), value, text[stop : stop + 1]):
            return None
    if _says_nothing(name, value):
        return None
    if (strength_of(name) is Strength.weak or assigns["comma"]) and not looks_random(value):
        return None
    if opening is None and len(value) == _LOOKED_AT:
        whole = _BARE.match(text, start)
        stop = whole.end() if whole else stop
    return start, stop


def _says_nothing(name: str, value: str) -> bool:
    """Whether a value is no secret by itself: empty, a reference to where the secret is, or the name once more."""
    bare = value.strip(_AROUND).lower()
    if bare in _SAYS_NOTHING or _REFERENCE.match(value) or bare.strip("[") == REDACTED.strip("[]"):
        return True
    is_plain = bare.replace("_", "").isalpha()
    is_named_so = is_plain and name.lower().replace("-", "_").endswith(bare)
    names_another = is_plain and value.isupper() and "_" in value and is_secret_name(value)  # of a variable
    return (
        is_named_so or names_another or _HEADER.match(value) is not None
    )  # what is behind that word has gone by its shape


def _is_expression(text: str, start: int, value: str, after: str) -> bool:
    """Whether an unquoted value in code is no literal: a name, a call; but not in a text such as "Password=abc"."""
    if after in {"(", "[", "{"}:
        return True
    if _READS_AS_CODE.match(value) is None:
        return False
    line = text[max(text.rfind("\n", 0, start) + 1, start - _LOOKED_AT) : start]
    return line.count('"') % 2 == 0 and line.count("'") % 2 == 0


def _closing(text: str, start: int, quote: str) -> int:
    """Where the text ends that `quote` opened before `start`: at its like, else at the end of its line."""
    limit = min(len(text), start + _LONGEST_VALUE)
    if len(quote.lstrip("\\")) == 1:
        newline = text.find("\n", start, limit)
        limit = newline if newline >= 0 else limit
    at = text.find(quote, start, limit)
    while at > 0 and not quote.startswith("\\") and text[at - 1] == "\\" and text[at - 2 : at] != "\\\\":
        at = text.find(quote, at + 1, limit)
    return at if at >= 0 else limit


def looks_random(value: str) -> bool:
    """Whether a value may be a token: no words, no number, and long enough to be hard to guess."""
    value = value[:_LOOKED_AT].strip(_AROUND)
    if len(value) < 8 or _BLANK.search(value):
        return False
    if not _LETTER.search(value):
        return len(value) >= 20
    if _DIGIT.search(value):
        return len(value) >= 12 or not value.isidentifier()
    return (
        len(value) >= 16 and value.isalnum() and _CAPITAL.search(value) is not None and _SMALL.search(value) is not None
    )
