"""Lists of feeds in and out: OPML 1.0 to 2.0, and newsboat's `urls` file.

A list that is damaged gives the feeds that can still be found, and says so; entities and document types are
refused before they are read. Sources: opml.org/spec2.opml; newsboat, doc/chapter-tagging.asciidoc.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from importers.parsed_feed import TITLE_LENGTH, refusal
from importers.text import clean_address, clean_line, shortened
from journal.errors import TooLarge, Unreadable

LARGEST_LIST = 16 * 1024 * 1024  # bytes
MOST_FEEDS = 20_000
DEEPEST = 100  # outlines inside of outlines
_LONGEST_ADDRESS = 2_000
_LONGEST_FOLDER = 200

_REFERENCE = re.compile(r"&(#\d{1,7};|#[xX][0-9A-Fa-f]{1,6};|[A-Za-z][A-Za-z0-9]{0,40};)?")
_OWN_TO_XML = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
_DECLARATION = re.compile(r"<\?xml[^>]{0,200}\?>")
_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][\w.-]{0,40})["']""")
# The character sets that lists are written in; others that Python knows are none, or take quadratic time.
_ENCODINGS = {"utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8", "iso-8859-1": "cp1252",
              "latin1": "cp1252", "windows-1252": "cp1252", "cp1252": "cp1252", "iso-8859-15": "iso-8859-15",
              "windows-1251": "cp1251", "iso-8859-2": "iso-8859-2", "windows-1250": "cp1250", "shift_jis": "shift_jis",
              "euc-jp": "euc-jp", "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030"}  # fmt: skip
# Possessive and bounded, so that no damage makes them scan the same stretch again and again.
_OUTLINE = re.compile(r"""<outline\b((?:[^<>"']++|"[^"<>]{0,4000}+"|'[^'<>]{0,4000}+'){0,100}+)>""", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([A-Za-z]{1,40})\s{0,9}=\s{0,9}(?:"([^"<>]*)"|'([^'<>]*)')""")
_URLS_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"?|(\S+)')


@dataclass(frozen=True, slots=True)
class FollowedFeed:
    """A feed of a list. `folder` is a path such as `papers/vision`; empty at the top."""

    url: str
    title: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedList:
    """What a list holds, each address once.

    `refused` says of each feed that cannot be followed which one and why; `without_address` counts the
    entries that are no feeds, such as links to pages. `damage` says what is wrong with the document;
    feeds behind that place come without their folders.
    """

    feeds: tuple[FollowedFeed, ...]
    refused: tuple[str, ...] = ()
    without_address: int = 0
    damage: str = ""


def read_feed_list(content: bytes) -> FeedList:
    """OPML or a newsboat file, whichever it is. Raises Unreadable or TooLarge."""
    if len(content) > LARGEST_LIST:
        raise TooLarge(f"A list of feeds may have {LARGEST_LIST // 1024 // 1024} MiB, and this one is larger.")
    text = _as_text(content)
    if not text.strip():
        raise Unreadable("The list of feeds is empty.")
    return read_opml(text) if text.lstrip().startswith("<") else read_urls(text)


def read_opml(text: str) -> FeedList:
    """The feeds of an OPML document. Raises Unreadable where it is none."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    damage = ""
    # Without the declaration: the encoding that it names is the file's, and expat is given UTF-8.
    document = _REFERENCE.sub(_known_reference, _DECLARATION.sub("", text.lstrip("\ufeff \t\r\n"), count=1))
    try:
        parser.Parse(document.encode("utf-8", errors="replace"), True)
    except expat.ExpatError as error:
        damage = f"{expat.ErrorString(error.code)} in line {error.lineno}"
        reader.recover(document, parser.ErrorByteIndex)
    if not reader.is_opml:
        raise Unreadable(
            f"The list of feeds is no OPML{f': {damage}' if damage else ''}.",
            hint="Readers export OPML or newsboat's urls.",
        )
    return _feed_list(reader.found, reader.without_address, damage)


def read_urls(text: str) -> FeedList:
    """newsboat's `urls`: a line a feed, its first tag as folder, a tag that begins with ~ as title."""
    found: list[FollowedFeed] = []
    for line in text.splitlines():
        words = [_unquoted(match) for match in _URLS_WORD.finditer(line) if line.strip()]
        if not words or words[0].startswith("#"):
            continue
        tags = [word for word in words[1:] if word and word[0] not in "~!"]
        title = next((word[1:] for word in words[1:] if word.startswith("~")), "")
        found.append(FollowedFeed(words[0], title, _folder_name(tags[0]) if tags else ""))
    if not any("://" in feed.url or ":" in feed.url for feed in found):
        raise Unreadable("The list of feeds holds no address.", hint="Readers export OPML or newsboat's urls.")
    return _feed_list(found, 0, "")


def write_opml(feeds: Iterable[FollowedFeed], *, title: str = "labjournal: feeds") -> str:
    """OPML 2.0 of `feeds`, in the order of their folders and titles: the same feeds make the same bytes."""
    root = _Folder()
    for feed in sorted(set(feeds), key=lambda feed: (feed.folder, feed.title.casefold(), feed.title, feed.url)):
        root.at(feed.folder).feeds.append(feed)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">', "  <head>"]
    lines += [f"    <title>{html.escape(clean_line(title), quote=False)}</title>", "  </head>", "  <body>"]
    lines += [*root.lines("    "), "  </body>", "</opml>", ""]
    return "\n".join(lines)


@dataclass(slots=True)
class _Folder:
    feeds: list[FollowedFeed] = field(default_factory=list)
    folders: dict[str, _Folder] = field(default_factory=dict)

    def at(self, path: str) -> _Folder:
        folder = self
        for name in filter(None, path.split("/")):
            folder = folder.folders.setdefault(name, _Folder())
        return folder

    def lines(self, indent: str) -> list[str]:
        lines = []
        for feed in self.feeds:
            text = quoteattr(feed.title or feed.url)
            named = f" title={text}" if feed.title else ""
            lines.append(f'{indent}<outline type="rss" text={text}{named} xmlUrl={quoteattr(feed.url)}/>')
        for name in sorted(self.folders):
            lines.append(f"{indent}<outline text={quoteattr(name)}>")
            lines += self.folders[name].lines(indent + "  ")
            lines.append(f"{indent}</outline>")
        return lines


class _Reader:
    """What expat tells, as feeds. Names of elements and attributes count in any case."""

    def __init__(self) -> None:
        self.found: list[FollowedFeed] = []
        self.without_address = 0
        self.is_opml = False
        self._folders: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.lower()
        if name == "opml":
            self.is_opml = True
        if name != "outline":
            return
        if len(self._folders) >= DEEPEST:
            raise Unreadable(f"The list of feeds has more than {DEEPEST} folders inside of each other.")
        values = {key.lower(): value for key, value in attributes.items()}
        title = clean_line(values.get("text", "")) or clean_line(values.get("title", ""))
        address = values.get("xmlurl", "").strip()
        if address:
            # A title that is only the address is none; readers write one where they know no better.
            self.found.append(
                FollowedFeed(address, "" if title == address else title, "/".join(filter(None, self._folders)))
            )
        elif values.get("type") or values.get("url") or values.get("htmlurl"):
            self.without_address += 1
        self._folders.append("" if address else _folder_name(title))

    def end(self, name: str) -> None:
        if name.lower() == "outline":
            self._folders.pop()

    def recover(self, document: str, damage: int) -> None:
        """The feeds behind the damaged byte, without their folders: which of them were left there is not known."""
        self.is_opml = self.is_opml or re.search(r"<opml\b", document[:4096], re.IGNORECASE) is not None
        rest = document.encode("utf-8", errors="replace")[damage:].decode("utf-8", errors="replace")
        self._folders.clear()
        for match in _OUTLINE.finditer(rest):
            attributes = {
                name: html.unescape(double or single) for name, double, single in _ATTRIBUTE.findall(match[1])
            }
            self.start("outline", attributes)
            self._folders.clear()

    def refuse_doctype(self, *_: object) -> None:
        raise Unreadable("The list of feeds declares a document type, which none needs and which may hide a bomb.")


def _feed_list(found: list[FollowedFeed], without_address: int, damage: str) -> FeedList:
    feeds: dict[str, FollowedFeed] = {}
    refused: list[str] = []
    for position, feed in enumerate(found, start=1):
        if len(feeds) >= MOST_FEEDS:
            refused.append(f"item {position} and those behind it: a list may have {MOST_FEEDS:,} feeds")
            break
        url = clean_line(feed.url)
        known_by = clean_address(url) if len(url) <= _LONGEST_ADDRESS else None
        title = shortened(clean_line(feed.title), TITLE_LENGTH)
        if known_by is None:
            refused.append(refusal(position, title or feed.url, _why(url)))
        else:
            feeds.setdefault(known_by, FollowedFeed(url.replace(" ", "%20"), title, feed.folder))
    return FeedList(feeds=tuple(feeds.values()), refused=tuple(refused), without_address=without_address, damage=damage)


def _why(url: str) -> str:
    scheme = url.partition(":")[0]
    if len(url) > _LONGEST_ADDRESS:
        return f"its address is longer than {_LONGEST_ADDRESS:,} characters"
    if ":" in url and scheme.isalnum() and len(scheme) < 20 and scheme.lower() not in {"http", "https"}:
        return f"its address is a '{scheme}:' address"
    return "its address is no web address"


def _folder_name(title: str) -> str:
    """A folder's name as a part of a path."""
    return shortened(clean_line(title), _LONGEST_FOLDER).replace("/", "-")


def _known_reference(match: re.Match[str]) -> str:
    """HTML's entities as characters, since XML has only five; a bare & as one that is written properly."""
    name = match[1] or ""
    if name in _OWN_TO_XML:
        return match[0]
    text = html.unescape(match[0]) if name else ""
    if not name or text == match[0]:
        return f"&amp;{name}"
    return html.escape(clean_line(text) or " ")


def _as_text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    declared = _ENCODING.match(content.lstrip(b"\xef\xbb\xbf \t\r\n"))
    named = declared[1].decode().lower() if declared else ""
    if named in _ENCODINGS and _ENCODINGS[named] != "utf-8":
        return content.decode(_ENCODINGS[named], errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _unquoted(match: re.Match[str]) -> str:
    """A word of newsboat's file: quotes hold blanks together, a backslash takes the next character as it is."""
    return re.sub(r"\\(.)", r"\1", match[1]) if match[1] is not None else match[2]
