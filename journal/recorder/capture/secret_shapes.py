"""What is secret by its shape: the tokens of services, keys in blocks, addresses with a password. Pure.

Each expression begins with fixed characters and takes what it once read no second time, so that a hostile
text costs no more than its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable

REDACTED = "[redacted]"

# (what a text must hold for the search to begin, the expression whose whole match goes)
_TOKENS = (
    ("AKIA", r"\bAKIA[0-9A-Z]{16}\b"),
    ("ASIA", r"\bASIA[0-9A-Z]{16}\b"),
    ("ABIA", r"\bABIA[0-9A-Z]{16}\b"),
    ("ACCA", r"\bACCA[0-9A-Z]{16}\b"),
    ("gh", r"gh[oprsu]_[A-Za-z0-9]{20,255}+"),
    ("github_pat_", r"github_pat_\w{20,255}+"),
    ("gl", r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas)-[\w.-]{16,255}+"),
    ("xox", r"xox[abeoprs]-[\w-]{8,255}+"),
    ("xapp-", r"xapp-\d-[\w-]{8,255}+"),
    ("hooks.slack.com/", r"hooks\.slack\.com/(?:services|workflows)/[\w/-]{8,255}+"),
    ("/api/webhooks/", r"/api/webhooks/\d{5,30}+/[\w-]{16,255}+"),
    ("sk-ant-", r"sk-ant-[\w-]{12,255}+"),
    ("hf_", r"\bhf_[A-Za-z0-9]{24,255}+"),
    ("AIza", r"AIza[\w-]{30,64}+"),
    ("ya29.", r"ya29\.[\w-]{16,2048}+"),
    ("GOCSPX-", r"GOCSPX-[\w-]{16,64}+"),
    ("k_live_", r"[rs]k_live_[A-Za-z0-9]{16,255}+"),
    ("k_test_", r"[rs]k_test_[A-Za-z0-9]{16,255}+"),
    ("SG.", r"\bSG\.[\w-]{16,64}+\.[\w-]{16,64}+"),
    ("npm_", r"\bnpm_[A-Za-z0-9]{30,64}+"),
    ("pypi-", r"pypi-[A-Za-z0-9_-]{50,1024}+"),
    ("o_v1_", r"do[opr]_v1_[0-9a-f]{40,64}+"),
    ("dapi", r"\bdapi[0-9a-f]{32}\b"),
    ("r8_", r"\br8_[A-Za-z0-9]{30,64}+"),
    ("gsk_", r"\bgsk_[A-Za-z0-9]{30,128}+"),
    ("xai-", r"\bxai-[A-Za-z0-9]{40,128}+"),
    ("wandb_v", r"\bwandb_v\d_\w{20,255}+"),
    (":AA", r"\b\d{8,12}:AA[\w-]{30,40}+"),  # of a Telegram bot
    ("eyJ", r"\beyJ[\w-]{8,4096}+\.[\w-]{4,16384}+(?:\.[\w-]{0,4096}+)?"),  # a JSON web token
    ("eyJ", r"\beyJ[\w+/-]{40,16384}+={0,2}"),  # an object in base64, as Neptune's tokens are
)
_OPENAI = re.compile(r"(?<![\w-])sk-[\w-]{20,512}+")
_BEARER = re.compile(r"\b(bearer[ \t]{1,8}+)([\w.~+/-]{16,8192}+=*+)", re.IGNORECASE)
_HEADER = re.compile(
    r"""(authorization\\?["']?[ \t]{0,8}+[:=][ \t]{0,8}+[rbf]{0,2}\\?["']?
    (?:basic|bearer|digest|token|negotiate|apikey)[ \t]{1,8}+)(?![{$<%])([^\r\n"'\\]{1,8192}+)""",
    re.IGNORECASE | re.VERBOSE,
)
_SIGNED = re.compile(
    r"([?&](?:sig|signature|x-amz-signature|x-amz-security-token|x-goog-signature)=)([^&\s\"'<>]{8,4096}+)",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"(wandb\.?[ \t]{0,4}+login[^\n]{0,80}?\b)([0-9a-f]{40})\b")
_USER = re.compile(r"://([^\s/\"'<>`\\]{1,1024}+)")
_SCHEME = re.compile(r"[A-Za-z][\w+.-]*\Z")
_LONGEST_SCHEME = 24
_LONG_LINE = 160  # characters between a program and its option
_CURL = re.compile(
    rf"(\b(?:curl|wget)\b[^\n]{{0,{_LONG_LINE}}}?[ \t](?:-u|-U|--user|--proxy-user)[ =]?[\"']?[^\s:\"']{{1,80}}+:)"
    r"([^\s\"']{1,256}+)"
)
_MYSQL = re.compile(rf"(\b(?:mysql|mariadb)[^\n]{{0,{_LONG_LINE}}}?[ \t]-p)([^\s\"'-][^\s\"']{{0,255}}+)")
_NETRC = re.compile(
    r"(\blogin\s{1,8}+\S{1,256}+\s{1,8}+password[ \t]{1,8}+|^[ \t]{0,8}+password[ \t]{1,8}+)(\S{1,256}+)", re.MULTILINE
)
_BEGIN = re.compile(r"-----BEGIN[ A-Z0-9]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(r"-----END[ A-Z0-9]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_LONGEST_KEY = 32_768
_KEY_LINES = re.compile(r"(?:[ \t+-]{0,40}+[A-Za-z0-9+/=]{16,100}+[ \t]{0,4}+(?:\r?\n|\Z))*+")
# The middle of a key, as a patch may show it: lines of 64 or 70 characters, one below the other.
_BLOB = re.compile(
    r"^([ +-]?)((?:[A-Za-z0-9+/]{64}|[A-Za-z0-9+/]{70})(?:\r?\n[ +-]?(?:[A-Za-z0-9+/]{70}|[A-Za-z0-9+/]{64}))++)$",
    re.MULTILINE,
)


def without_shapes(text: str) -> str:
    """`text` with `REDACTED` in the place of whatever has the shape of a secret."""
    if "PRIVATE KEY" in text:
        text = _without_keys(text)
    text = _BLOB.sub(_if_mixed, text) if len(text) > 128 else text
    if "://" in text:
        text = _USER.sub(_without_user, text)
    for holds, expression in _TOKENS:
        if holds in text:
            text = re.sub(expression, REDACTED, text)  # compiled when it is needed: all take 20 ms
    if "sk-" in text:
        text = _OPENAI.sub(lambda found: REDACTED if any(map(str.isdigit, found[0])) else found[0], text)
    lowered = text.lower()
    if "machine " in text or "login " in text:
        text = _NETRC.sub(_second, text)
    for holds, pattern in (
        ("curl", _CURL),
        ("wget", _CURL),
        ("mysql", _MYSQL),
        ("mariadb", _MYSQL),
        ("bearer", _BEARER),
        ("authorization", _HEADER),
        ("sig", _SIGNED),
        ("token=", _SIGNED),
    ):
        if holds in lowered:
            text = pattern.sub(_second, text)
    return _LOGIN.sub(_second, text) if "login" in text and "wandb" in text else text


def _second(found: re.Match[str]) -> str:
    return f"{found[1]}{REDACTED}"


def _without_user(found: re.Match[str]) -> str:
    """An address without its password, and over HTTP without a user: hosts take a token in either place."""
    user, at, host = found[1].rpartition("@")
    if not at:
        return found[0]
    scheme = _SCHEME.search(found.string[max(0, found.start() - _LONGEST_SCHEME) : found.start()])
    if scheme is not None and scheme[0].lower().endswith(("http", "https")):  # git+https, too
        return f"://{host}"
    name, colon, password = user.partition(":")
    return f"://{name}:{REDACTED}@{host}" if colon and password else found[0]  # `ssh://git@host` stays


def _without_keys(text: str) -> str:
    parts, here = [], 0
    while begin := _BEGIN.search(text, here):
        parts.append(text[here : begin.start()])
        parts.append(REDACTED)
        end = _END.search(text, begin.end(), begin.end() + _LONGEST_KEY)
        if end is not None:
            here = end.end()
            continue
        after = begin.end()
        while after < len(text) and text[after] in "\r\n":
            after += 1
        lines = _KEY_LINES.match(text, after)
        here = lines.end() if lines is not None else after
        parts.append("\n")
    return "".join([*parts, text[here:]])


def _if_mixed(found: re.Match[str]) -> str:
    return f"{found[1]}{REDACTED}" if _is_mixed(found[2]) else found[0]


_IS: tuple[Callable[[str], bool], ...] = (str.isupper, str.islower, str.isdigit)


def _is_mixed(text: str) -> bool:
    """Small and capital letters and digits, as base64 has them and checksums have not."""
    return all(any(map(is_one, text)) for is_one in _IS)
