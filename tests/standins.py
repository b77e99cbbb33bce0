"""Stand-ins for the internet: a server on 127.0.0.1 that can be as rude as the real ones.

    with StandIn({"/rss/cs.LG": feed_bytes, "/slow": Reply(feed_bytes, drip_s=0.05)}) as server:
        get(server.url("/rss/cs.LG"))
        assert server.requests[0].headers["User-Agent"].startswith("labjournal/")

A route is bytes, a Reply, or a function from Request to either; the path `/rss/*` is that of all below `/rss/`.
It stops by itself, whatever still drips.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import cast
from urllib.parse import parse_qs, urlsplit

_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Request:
    """What a client asked for. `query` keeps empty values."""

    path: str
    query: dict[str, list[str]]
    headers: Message


@dataclass(frozen=True)
class Reply:
    """One answer, and how it misbehaves.

    `etag` and `last_modified` make it answer 304 to a client that has that very version. `drip_s` sends
    one byte at a time with that pause, `drip_headers_s` the headers already. `breaks_off_after` closes
    the connection after so many bytes of what was promised. `endless` repeats the content for ever.
    `ranges` answers a Range request with 206 and that part, where If-Range names this very version.
    """

    content: bytes = b""
    status: int = 200
    content_type: str = "application/rss+xml"
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    last_modified: str | None = None
    drip_s: float = 0.0
    drip_headers_s: float = 0.0
    breaks_off_after: int | None = None
    endless: bool = False
    ranges: bool = False


Route = bytes | Reply | Callable[[Request], bytes | Reply]


def redirect(location: str, status: int = 302) -> Reply:
    """An answer that sends the client elsewhere; a relative `location` makes loops easy."""
    return Reply(status=status, headers={"Location": location})


def rate_limited(retry_after: str | None = None, status: int = 429) -> Reply:
    """An answer that asks to wait; `retry_after` in either form of RFC 9110."""
    return Reply(b"slow down", status=status, headers={} if retry_after is None else {"Retry-After": retry_after})


class StandIn:
    """A server of routes on a free port of 127.0.0.1; `requests` and `connections` tell what came in."""

    def __init__(self, routes: Mapping[str, Route] | None = None) -> None:
        self.routes: dict[str, Route] = dict(routes or {})
        self.requests: list[Request] = []
        self.connections = 0
        self.stopping = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.stand_in = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> StandIn:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def route(self, path: str) -> Route:
        """What answers at `path`: the route of that name, else of all in its folder."""
        below = self.routes.get(f"{path.rpartition('/')[0]}/*", Reply(b"nothing here", 404, "text/plain"))
        return self.routes.get(path, below)

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a dripping answer must not hold up the end of a test
    stand_in: StandIn

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.stand_in.connections += 1

    def log_message(self, *_: object) -> None:
        """Quiet: the tests look at `requests`."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        request = Request(parts.path, parse_qs(parts.query, keep_blank_values=True), self.headers)
        stand_in = self.server.stand_in
        stand_in.requests.append(request)
        route = stand_in.route(parts.path)
        made = route(request) if callable(route) else route
        reply = Reply(made) if isinstance(made, bytes) else made
        if _has_it(request, reply):
            reply = Reply(status=304, etag=reply.etag, last_modified=reply.last_modified)
        elif reply.ranges and request.headers["Range"]:
            reply = _part_of(request, reply)
        self._send(reply)

    do_HEAD = do_POST = do_GET

    def _send(self, reply: Reply) -> None:
        head = [f"HTTP/1.1 {reply.status} reason", "Server: stand-in"]
        if reply.status != 304:
            head.append(f"Content-Type: {reply.content_type}")
            head.append("Connection: close" if reply.endless else f"Content-Length: {len(reply.content)}")
        if reply.etag:
            head.append(f"ETag: {reply.etag}")
        if reply.last_modified:
            head.append(f"Last-Modified: {reply.last_modified}")
        head += [f"{name}: {value}" for name, value in reply.headers.items()]
        self._write(("\r\n".join(head) + "\r\n\r\n").encode("latin-1"), reply.drip_headers_s)
        if reply.breaks_off_after is not None:
            self._write(reply.content[: reply.breaks_off_after], reply.drip_s)
            self.close_connection = True
            return
        self._write(reply.content, reply.drip_s)
        while reply.endless and not self.server.stand_in.stopping.is_set():
            self._write(reply.content, reply.drip_s)
        self.close_connection = self.close_connection or reply.endless

    def _write(self, content: bytes, pause_s: float) -> None:
        for piece in _pieces(content, 1 if pause_s else _CHUNK):
            self.wfile.write(piece)
            self.wfile.flush()
            if pause_s and self.server.stand_in.stopping.wait(pause_s):
                self.close_connection = True
                return


def _pieces(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def _has_it(request: Request, reply: Reply) -> bool:
    if reply.status != 200:
        return False
    if reply.etag and cast("str | None", request.headers["If-None-Match"]) == reply.etag:
        return True
    return bool(reply.last_modified) and request.headers["If-Modified-Since"] == reply.last_modified


def _part_of(request: Request, reply: Reply) -> Reply:
    """RFC 9110, section 14: from a byte on, or all of it where the client's part is of another version."""
    wanted = cast("str | None", request.headers["If-Range"])
    start = int(request.headers["Range"].removeprefix("bytes=").removesuffix("-"))
    if wanted is not None and wanted not in {reply.etag, reply.last_modified}:
        return reply
    size = len(reply.content)
    if start >= size:
        return replace(reply, content=b"", status=416, headers={"Content-Range": f"bytes */{size}"})
    headers = {**reply.headers, "Content-Range": f"bytes {start}-{size - 1}/{size}"}
    return replace(reply, content=reply.content[start:], status=206, headers=headers)
