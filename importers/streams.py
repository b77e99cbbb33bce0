"""A large answer, taken as it comes: from any byte on, bounded like every other, and broken off at once."""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic

from importers.http import (
    LONGEST_ERROR,
    Client,
    Limits,
    Reply,
    host_of,
    kept_validator,
    require_web,
    sentences,
    timeout_within,
    too_large,
)
from journal.errors import Unreachable, Unreadable

_CONTENT_RANGE = re.compile(r"bytes (?P<start>\d{1,15})-\d{1,15}/(?P<total>\d{1,15}|\*)", re.ASCII)
_MOST_WAITING_CHUNKS = 8  # read ahead of whoever writes them


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An answer whose content is still on its way.

    `chunks` gives it, once, and raises what `Client.get` raises. `offset` is where it begins in the whole:
    0 where the server sends all of it, whatever was asked for. `total_bytes` is the length of the whole.
    """

    url: str
    chunks: Iterator[bytes]
    offset: int = 0
    total_bytes: int | None = None
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None


@contextmanager
def opened(
    client: Client,
    url: str,
    *,
    offset: int = 0,
    validator: str | None = None,
    gate: AbstractContextManager[object] | None = None,
    limits: Limits | None = None,
) -> Iterator[Incoming]:
    """What `url` holds from byte `offset` on, as it comes, if it still is the version of `validator`.

    A strong ETag or a date is a validator; without one all is sent. `gate` is held until the end of the
    block, and what the reader does with the content counts as time. Raises as `Client.get` does, here and from
    `chunks`; BadStatus with status 416 says that there is nothing from `offset` on.
    """
    limits = limits or client.limits
    headers = {"Accept-Encoding": "identity"}
    if offset and validator:
        headers |= {"Range": f"bytes={offset}-", "If-Range": validator}
    spent_s = 0.0
    for _ in range(limits.max_redirects + 1):
        host = host_of(url)
        require_web(url)
        with gate if gate is not None else nullcontext():
            started = monotonic()
            stream = _Stream(client, url, headers, host, limits, limits.total_s - spent_s)
            try:
                with client.told_when_closed(stream.break_off):
                    reply = stream.head()
                    if reply.redirect is None:
                        yield _incoming(client, url, reply, stream, offset if "Range" in headers else 0)
                        return
            finally:
                stream.stop()
                spent_s += monotonic() - started
        url = reply.redirect
    raise Unreachable(f"{host_of(url)} redirects more than {limits.max_redirects} times.")


def _incoming(client: Client, url: str, reply: Reply, stream: _Stream, offset: int) -> Incoming:
    host, headers = host_of(url), reply.headers
    if offset and reply.status == HTTPStatus.PARTIAL_CONTENT:
        part = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
        if part is None or int(part["start"]) != offset:
            raise Unreadable(f"{host} answered with another part of the file than was asked for.")
        total = int(part["total"]) if part["total"] != "*" else None
    else:
        client.require_success(host, reply)
        offset, total = 0, _number(headers.get("content-length", ""))
    stream.require_room(offset, total)
    return Incoming(
        url=url,
        chunks=stream.chunks(offset),
        offset=offset,
        total_bytes=total,
        content_type=headers.get("content-type", ""),
        etag=kept_validator(headers.get("etag")),
        last_modified=kept_validator(headers.get("last-modified")),
    )


class _Stream:
    """One request whose content a thread of its own reads and the caller takes.

    The thread, because httpx has no limit on the whole and cannot be broken off; see `Client`.
    """

    def __init__(
        self, client: Client, url: str, headers: dict[str, str], host: str, limits: Limits, left_s: float
    ) -> None:
        self._client = client
        self._url = url
        self._headers = headers
        self._host = host
        self._limits = limits
        self._deadline = monotonic() + left_s
        self._arrived: queue.Queue[Reply | bytes | BaseException | None] = queue.Queue(_MOST_WAITING_CHUNKS)
        self._stopped = threading.Event()

    def head(self) -> Reply:
        """The status and headers; with them the start of an answer that is an error."""
        if self._deadline <= monotonic():
            raise self._too_slow()
        threading.Thread(target=self._run, daemon=True, name="open").start()
        reply = self._next()
        assert isinstance(reply, Reply)
        return reply

    def chunks(self, offset: int) -> Iterator[bytes]:
        """The content, until its end; `offset` bytes of it are there already."""
        size = offset
        while isinstance(chunk := self._next(), bytes):
            size += len(chunk)
            self.require_room(size, None)
            yield chunk

    def require_room(self, size: int, total: int | None) -> None:
        if max(size, total or 0) > self._limits.max_bytes:
            raise too_large(self._host, self._limits)

    def stop(self) -> None:
        """Nobody takes any more; the thread ends with what it is reading."""
        self._stopped.set()

    def break_off(self, error: BaseException) -> None:
        """Let whoever waits raise `error`."""
        self.stop()
        with suppress(queue.Empty):
            while True:
                self._arrived.get_nowait()
        with suppress(queue.Full):
            self._arrived.put_nowait(error)

    def _next(self) -> Reply | bytes | None:
        with sentences(self._host, self._limits):
            try:
                arrived = self._arrived.get(timeout=max(0.0, self._deadline - monotonic()))
            except queue.Empty:
                raise self._too_slow() from None
            if isinstance(arrived, BaseException):
                raise arrived
            return arrived

    def _too_slow(self) -> Unreachable:
        return Unreachable(f"{self._host} took longer than {self._limits.total_s:g} s to answer.")

    def _run(self) -> None:
        with suppress(_Stopped):
            try:
                self._read()
                self._hand_over(None)
            except _Stopped:
                raise
            except BaseException as error:  # noqa: BLE001  handed to whoever takes
                self._hand_over(error)

    def _read(self) -> None:
        left_s = max(0.001, self._deadline - monotonic())
        response = self._client.send(self._url, self._headers, timeout_within(self._limits, left_s))
        try:
            if response.next_request is not None:
                redirect = str(response.next_request.url)
                self._hand_over(Reply(response.status_code, response.headers, redirect=redirect))
                return
            if response.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
                raise Unreadable(f"{self._host} answered in an encoding that was not asked for.")
            if response.status_code >= 400:
                content = b"".join(_first(response.iter_bytes(), LONGEST_ERROR))
                self._hand_over(Reply(response.status_code, response.headers, content=content))
                return
            self._hand_over(Reply(response.status_code, response.headers))
            for chunk in response.iter_bytes():
                self._hand_over(chunk)
        finally:
            response.close()

    def _hand_over(self, item: Reply | bytes | BaseException | None) -> None:
        while not self._stopped.is_set():
            with suppress(queue.Full):
                self._arrived.put(item, timeout=0.2)
                return
        raise _Stopped


class _Stopped(Exception):
    """Nobody waits for this content any more."""


def _first(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk
        size -= len(chunk)
        if size < 0:
            return


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
