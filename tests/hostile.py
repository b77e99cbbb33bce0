"""What a server should never send, and sometimes does: documents that swell, texts that act, answers that never end."""

from __future__ import annotations

import json
import socketserver
import threading
import zlib
from collections.abc import Mapping
from functools import cache
from types import TracebackType
from xml.sax.saxutils import escape

MIB = 1024 * 1024
GOOD = (
    b'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Good</title>'
    b"<item><title>A post</title><link>https://blog.example/1</link><guid>g1</guid></item></channel></rss>"
)

# Texts that would repaint a terminal, lead elsewhere, turn the reading direction or be taken for markup.
ACTS = {
    "colour": "\x1b[31mred\x1b[0m",
    "clear": "\x1b[2J\x1b[H gone",
    "title of the window": "\x1b]0;owned\x07",
    "link": "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "device string": "\x1bP$qm\x1b\\",
    "half a sequence": "tail \x1b[",
    "C1 colour": "\x9b31mred",
    "C1 string": "\x9d0;owned\x9c",
    "bell and backspace": "a\x07\x08\x08b",
    "carriage return": "safe\roverwritten",
    "right to left": "\u202egnp.exe\u202c",
    "isolates": "\u2066x\u2069 \u200f\u200e",
    "tags and blanks": "a\U000e0041\u200bb\ufeff",
    "nul": "a\x00b",
    "Textual markup": "[red]r[/red] [bold][/] [/nonsense]",
    "Textual action": "[@click=app.quit]quit[/]",
    "Rich link": "[link=file:///etc/passwd]x[/link]",
    "Markdown": "[x](javascript:alert(1)) **b** ![i](file:///etc/passwd)",
    "HTML": "<script>alert(1)</script><b onclick=x>b</b><img src=x onerror=alert(1)>",
    "TeX": r"\input{/etc/passwd} \href{javascript:x}{y} $\unicode{x1b}$",
    "line and paragraph ends": "a\u2028b\u2029c\x85d\x0bd\x0ce",
}
LINKS_THAT_ACT = (
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "JaVaScRiPt:x",
    " javascript:x",
    "vbscript:x",
)


def rss(*items: str, head: str = "<title>T</title>") -> bytes:
    namespaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?><rss version="2.0" {namespaces}><channel>{head}{inner}</channel></rss>'.encode()


def acting_rss(twice: bool) -> bytes:
    """Every text in every field, raw, or as HTML inside of XML (`twice`), where XML would allow no escape."""
    items = []
    for number, text in enumerate(ACTS.values()):
        raw = (
            escape("".join(f"&#{ord(c)};" if not c.isprintable() else escape(c) for c in text))
            if twice
            else escape(text)
        )
        items.append(
            f"<title>R{number}{twice} {raw}</title><link>https://rss.example/{twice}/{number}</link><guid>{raw}{number}</guid>"
            f"<description>{raw}</description><author>{raw}</author><dc:creator>{raw}</dc:creator><category>{raw}</category>"
            f"<pubDate>{raw}</pubDate><comments>{raw}</comments>"
        )
    text = escape("".join(ACTS.values()))
    return rss(*items, head=f"<title>{text}</title><description>{text}</description>")


def acting_atom() -> bytes:
    entries = []
    for number, text in enumerate(ACTS.values()):
        raw = escape("".join(c for c in text if c >= " "))
        entries.append(
            f'<entry><title type="html">A{number} {raw}</title><id>{raw}{number}</id><link href="https://atom.example/{number}"/>'
            f'<summary type="text">{raw}</summary><author><name>{raw}</name><uri>{raw}</uri></author><category term="{escape(raw, {chr(34): ""})}"/>'
            f"<updated>{raw}</updated></entry>"
        )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>[red]A[/red]</title>{"".join(entries)}</feed>'.encode()


def acting_json() -> bytes:
    items = [
        {
            "id": f"{text}{number}", "url": f"https://json.example/{number}", "title": f"J{number} {text}", "summary": text,
            "authors": [{"name": text}], "tags": [text], "date_published": text,
        }
        for number, text in enumerate(ACTS.values())
    ]  # fmt: skip
    return json.dumps({"version": "x", "title": "".join(ACTS.values()), "items": items}).encode()


def with_doctype(declared: str, content: bytes) -> bytes:
    declaration, end, rest = content.partition(b"?>")
    return declaration + end + f"<!DOCTYPE rss [{declared}]>".encode() + rest


def laughs(levels: int = 9) -> bytes:
    """Ten to the power of `levels` times the same word, in a kilobyte."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, levels + 1))
    return with_doctype(
        '<!ENTITY l0 "lol">' + entities, rss(f"<title>&l{levels};</title><link>https://l.example</link>")
    )


def quadratic_laughs() -> bytes:
    """One long entity, named often."""
    return with_doctype(f'<!ENTITY a "{"a" * 10_000}">', rss(f"<title>{'&a;' * 10_000}</title>"))


def external_entity(target: str, parameter: bool = False) -> bytes:
    """An entity that is the content of `target`; a parameter entity would be read with the document's types."""
    declared = f'<!ENTITY % x SYSTEM "{target}"> %x;' if parameter else f'<!ENTITY x SYSTEM "{target}">'
    used = "post" if parameter else "&x;"
    return with_doctype(declared, rss(f"<title>{used} here</title><link>https://b.example/{parameter}</link>"))


@cache
def bomb(size: int, wbits: int) -> bytes:
    """`size` blanks behind the start of a feed, packed: gzip with 31, zlib with 15, deflate alone with -15."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    blanks = b" " * MIB
    return b"".join(
        (packer.compress(GOOD[:-20]), *(packer.compress(blanks) for _ in range(size // MIB)), packer.flush())
    )


class RawServer:
    """Answers with bytes that are no proper HTTP, by path; `endless` ones are sent again and again."""

    def __init__(self, answers: Mapping[str, bytes], endless: Mapping[str, bytes]) -> None:
        stopping = self._stopping = threading.Event()

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                line = self.rfile.readline(10_000).decode("latin-1").split(" ")
                while self.rfile.readline(10_000) not in {b"\r\n", b""}:
                    pass
                path = line[1] if len(line) > 1 else ""
                try:
                    self.wfile.write(answers.get(path, b""))
                    while path in endless and not stopping.is_set():
                        self.wfile.write(endless[path])
                except OSError:
                    pass  # the client has left

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"

    def __enter__(self) -> RawServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
