"""One polite GET: conditional, limited in time, size and redirects, and failing in one clear sentence.

What is too large to hold comes by `streams.opened`, with the same limits and sentences.
"""

from __future__ import annotations

import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import ip_address
from socket import gaierror, inet_aton
from time import monotonic
from urllib.parse import urljoin, urlsplit

import httpx

import journal
from importers import network_settings
from journal import clock
from journal.errors import RateLimited, SourceError, TooLarge, Unreachable, Unreadable

_ENCODINGS = "gzip, deflate"  # what zlib unpacks, and with a bounded ratio
_LONGEST_VALIDATOR = 1000  # characters of an ETag or date worth keeping
LONGEST_ERROR = 64 * 1024  # bytes read of an answer that is an error
_LONGEST_RETRY_S = 7 * 24 * 3600.0
_RATE_EXCEEDED = b"Rate exceeded."  # arXiv says it with status 200 (openags/paper-search-mcp#81)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When to give up. Bytes count after decompression, the total time covers all redirects."""

    connect_s: float = 10.0
    read_s: float = 20.0
    total_s: float = 60.0
    max_bytes: int = 16 * 1024 * 1024
    max_redirects: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server sent. `url` is where the redirects led; `not_modified` is a 304, without content."""

    url: str
    content: bytes = b""
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None
    not_modified: bool = False


class BadStatus(SourceError):
    """A status that is no success; `content` is the start of what came with it."""

    def __init__(self, message: str, *, status: int, content: bytes, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.content = content


class Refused(BadStatus, Unreadable):
    """This address has nothing for us: gone, forbidden, or no longer what it was."""


class ServerFailed(BadStatus, Unreachable):
    """A status from 500 on: the server, or what stands before it, is down, and the address may be right."""


def own_user_agent(contact: str = "") -> str:
    """How we name ourselves to servers; `contact` is where their people may write."""
    visible = "".join(character for character in contact if " " < character <= "~" and character not in "()")
    return f"labjournal/{journal.__version__}" + (f" ({visible})" if visible else "")


def get(
    url: str,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
    limits: Limits | None = None,
    user_agent: str | None = None,
    gate: AbstractContextManager[object] | None = None,
) -> Answer:
    """One GET of its own; see `Client.get`. Several belong in one `Client`, which keeps its connections."""
    with Client(limits=limits, user_agent=user_agent) as client:
        return client.get(url, etag=etag, last_modified=last_modified, gate=gate)


class Client:
    """Keeps connections open between several gets. Threads may share one. Cookies are never kept.

    Making one raises BadValue where a proxy or certificate file that the environment names cannot be used.
    """

    def __init__(
        self, *, limits: Limits | None = None, user_agent: str | None = None, now: clock.Clock = clock.now
    ) -> None:
        self.limits = limits or Limits()
        self._now = now
        self._waiting: set[Future[Reply]] = set()
        self._closers: set[Callable[[BaseException], None]] = set()
        try:
            self._httpx = httpx.Client(
                headers={
                    "User-Agent": user_agent or own_user_agent(),
                    "Accept-Encoding": _ENCODINGS,
                    "Accept": "*/*",
                },
                cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
                follow_redirects=False,
                event_hooks={"response": [_refuse_leaving_the_web]},
            )
        except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
            raise network_settings.explained(error) from error

    @contextmanager
    def told_when_closed(self, break_off: Callable[[BaseException], None]) -> Iterator[None]:
        """Within the block, closing this client calls `break_off`, so that nobody waits for ever."""
        self._closers.add(break_off)
        try:
            yield
        finally:
            self._closers.discard(break_off)

    def send(self, url: str, headers: dict[str, str], timeout: httpx.Timeout) -> httpx.Response:
        """A GET of which only the headers are read; the caller closes it."""
        return self._httpx.send(self._httpx.build_request("GET", url, headers=headers, timeout=timeout), stream=True)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; whoever still waits in another thread is told so at once."""
        for future in tuple(self._waiting):
            with suppress(InvalidStateError):
                future.set_exception(Unreachable(_BROKEN_OFF))
        for break_off in tuple(self._closers):
            break_off(Unreachable(_BROKEN_OFF))
        self._httpx.close()

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        gate: AbstractContextManager[object] | None = None,
        limits: Limits | None = None,
    ) -> Answer:
        """What `url` holds, or that it has not changed since `etag` or `last_modified`.

        `gate` is entered for each request; waiting for it does not count as time of the server.
        Raises Unreachable, RateLimited, TooLarge, BadStatus, Unreadable; each message names the host.
        """
        limits = limits or self.limits
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in conditions.items() if value}
        spent_s = 0.0
        for _ in range(limits.max_redirects + 1):
            host = host_of(url)
            require_web(url)
            with gate if gate is not None else nullcontext():
                started = monotonic()
                try:
                    reply = self._one(url, headers, host, limits, limits.total_s - spent_s)
                finally:
                    spent_s += monotonic() - started
            if reply.redirect is None:
                return self._answer(url, host, reply, is_conditional=bool(headers))
            url = reply.redirect
        raise Unreachable(f"{host_of(url)} redirects more than {limits.max_redirects} times.")

    def _one(self, url: str, headers: dict[str, str], host: str, limits: Limits, left_s: float) -> Reply:
        # A thread of its own, because httpx has no limit on the whole: a server may drip its headers,
        # and looking up a name has no time limit at all. What is left behind ends with the client.
        too_slow = Unreachable(f"{host} took longer than {limits.total_s:g} s to answer.")
        if left_s <= 0:
            raise too_slow
        with sentences(host, limits):
            try:
                return self._in_thread(lambda: self._request(url, headers, host, limits, monotonic() + left_s), left_s)
            except TimeoutError:
                raise too_slow from None
            except httpx.ReadTimeout:
                if limits.read_s >= left_s:
                    raise too_slow from None
                raise

    def _in_thread(self, work: Callable[[], Reply], timeout_s: float) -> Reply:
        """What `work` returns or raises, or TimeoutError when that takes too long."""
        future: Future[Reply] = Future()

        def run() -> None:
            with suppress(InvalidStateError):  # closed meanwhile
                try:
                    future.set_result(work())
                except BaseException as error:  # noqa: BLE001  handed to whoever waits
                    future.set_exception(error)

        self._waiting.add(future)
        try:
            threading.Thread(target=run, daemon=True, name="get").start()
            return future.result(timeout_s)
        finally:
            self._waiting.discard(future)

    def _request(self, url: str, headers: dict[str, str], host: str, limits: Limits, deadline: float) -> Reply:
        def left_s() -> float:
            left = deadline - monotonic()
            if left <= 0:
                raise TimeoutError
            return left

        response = self.send(url, headers, timeout_within(limits, left_s()))
        try:
            if response.next_request is not None:
                return Reply(response.status_code, response.headers, redirect=str(response.next_request.url))
            # A chain of encodings multiplies what a small body may unpack to.
            encoding = response.headers.get("content-encoding", "").strip().lower()
            if encoding not in _DECODED:
                raise Unreadable(f"{host} answered in an encoding that was not asked for.")
            is_error = response.status_code >= 400
            chunks: list[bytes] = []
            size = 0
            for chunk in _unpacked(response.iter_raw(), encoding):
                left_s()
                chunks.append(chunk)
                size += len(chunk)
                if is_error and size > LONGEST_ERROR:
                    break
                if size > limits.max_bytes:
                    raise too_large(host, limits)
            return Reply(response.status_code, response.headers, content=b"".join(chunks))
        finally:
            response.close()

    def _answer(self, url: str, host: str, reply: Reply, *, is_conditional: bool) -> Answer:
        status, headers = reply.status, reply.headers
        etag, last_modified = kept_validator(headers.get("etag")), kept_validator(headers.get("last-modified"))
        if status == HTTPStatus.NOT_MODIFIED and is_conditional:
            return Answer(url=url, etag=etag, last_modified=last_modified, not_modified=True)
        self.require_success(host, reply)
        return Answer(
            url=url,
            content=reply.content,
            content_type=headers.get("content-type", ""),
            etag=etag,
            last_modified=last_modified,
        )

    def require_success(self, host: str, reply: Reply) -> None:
        """Raises RateLimited or BadStatus unless the answer holds what was asked for."""
        status = reply.status
        retry_after_s = self._retry_after_s(reply.headers.get("retry-after", ""))
        is_waiting = status == HTTPStatus.SERVICE_UNAVAILABLE and retry_after_s is not None
        if status == HTTPStatus.TOO_MANY_REQUESTS or is_waiting:
            raise RateLimited(f"{host} asks us to wait (status {status}).", retry_after_s=retry_after_s)
        if status not in {HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION}:
            error = ServerFailed if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Refused
            raise error(f"{host} answered {_named(status)}.", status=status, content=reply.content)
        if says_rate_exceeded(reply.content):
            raise RateLimited(f"{host} asks us to wait (it says 'Rate exceeded.').", retry_after_s=retry_after_s)

    def _retry_after_s(self, text: str) -> float | None:
        """Both forms of RFC 9110, section 10.2.3: seconds, or a date."""
        text = text.strip()
        if text.isascii() and text.isdigit():
            return min(float(text[:12]), _LONGEST_RETRY_S)
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            return None
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return min(max((moment - self._now()).total_seconds(), 0.0), _LONGEST_RETRY_S)


def _unpacked(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The content in pieces of a quarter of a MiB: httpx makes 64 MiB of one chunk of a bomb, for each connection."""
    if encoding in {"", "identity"}:
        yield from chunks
        return
    unpacker: zlib._Decompress | None = None
    for chunk in chunks:
        if unpacker is None:
            unpacker = zlib.decompressobj(_window_bits(chunk, encoding))
        while True:
            try:
                piece = unpacker.decompress(chunk, _PIECE)
            except zlib.error as error:
                raise httpx.DecodingError(str(error)) from error
            yield piece
            chunk = unpacker.unconsumed_tail
            if not chunk and len(piece) < _PIECE:
                break


def _window_bits(start: bytes, encoding: str) -> int:
    """What zlib needs to know; "deflate" means with a header, and some servers leave it out (RFC 9110, 8.4.1.2)."""
    if encoding == "gzip":
        return zlib.MAX_WBITS | 16
    has_header = len(start) < 2 or (start[0] & 0x0F == 8 and int.from_bytes(start[:2]) % 31 == 0)
    return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS


_DECODED = frozenset({"", "identity", "gzip", "deflate"})
_PIECE = 256 * 1024  # bytes unpacked at once
_BROKEN_OFF = "The request was broken off."


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came; `redirect` is where it leads."""

    status: int
    headers: httpx.Headers
    content: bytes = b""
    redirect: str | None = None


def says_rate_exceeded(content: bytes) -> bool:
    """Whether this is arXiv's way to say with success that it refuses."""
    return content.strip()[:100] == _RATE_EXCEEDED


def timeout_within(limits: Limits, left_s: float) -> httpx.Timeout:
    read_s = min(limits.read_s, left_s)
    return httpx.Timeout(connect=min(limits.connect_s, left_s), read=read_s, write=read_s, pool=left_s)


def too_large(host: str, limits: Limits) -> TooLarge:
    mib = limits.max_bytes / 1024 / 1024
    return TooLarge(f"{host} sends more than {mib:.3g} MiB, the most that is read of one address.")


@contextmanager
def sentences(host: str, limits: Limits) -> Iterator[None]:
    """httpx's exceptions as ours, from the most precise to the widest."""
    try:
        yield
    except httpx.ConnectTimeout:
        raise Unreachable(f"{host} cannot be connected to within {limits.connect_s:g} s{_proxied(host)}.") from None
    except httpx.TimeoutException:
        raise Unreachable(f"{host} did not answer within {limits.read_s:g} s.") from None
    except httpx.ConnectError as error:
        if via := _proxied(host):
            raise Unreachable(
                f"{host} cannot be reached{via}.", hint="Correct or unset the proxy, or name the host in NO_PROXY."
            ) from None
        raise Unreachable(f"{host} cannot be reached: {_why(error)}.") from None
    except httpx.DecodingError:
        raise Unreadable(f"{host} answered with damaged compressed data.") from None
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError, httpx.CloseError):
        raise Unreachable(f"{host} broke off its answer.") from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError):
        raise Unreadable(f"{host} is asked for by an address that is not valid.") from None
    except httpx.HTTPError as error:
        raise Unreachable(f"{host} cannot be reached: {type(error).__name__}.") from None


def _proxied(host: str) -> str:
    """Which setting sends requests to this host through a proxy, if one does."""
    name = network_settings.proxy_for(host)
    return f" through the proxy that {name} names" if name else ""


def _why(error: BaseException) -> str:
    """The operating system's reason below httpx's exception."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, gaierror):
            return "no such host is known"
        if isinstance(seen, ConnectionRefusedError):
            return "it refuses the connection"
        if isinstance(seen, ssl.SSLError):
            return "its certificate or encryption is not accepted"
        if isinstance(seen, OSError) and seen.strerror:
            return seen.strerror.lower()
        seen = seen.__cause__ or seen.__context__
    return "the connection failed"


def host_of(url: str) -> str:
    """The name of the server alone: an address may hold a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname
    except ValueError:
        return "The server"
    if not host or not host.isprintable():
        return "The server"
    return host if port in {None, 80, 443} else f"{host}:{port}"


def require_web(url: str, sent_by: str | None = None) -> None:
    scheme = url.partition(":")[0].lower()
    try:
        is_web = scheme in {"http", "https"} and bool(urlsplit(url).hostname)
    except ValueError:
        is_web = False
    if is_web:
        return
    named = f"a '{scheme}:' address" if ":" in url and scheme.isalnum() and len(scheme) < 20 else "no web address"
    if sent_by:
        raise Unreadable(f"{sent_by} sends us on to {named}, and only http and https are followed.")
    raise Unreadable(f"Only http and https addresses can be read, and this is {named}.")


def _refuse_leaving_the_web(response: httpx.Response) -> None:
    """Look at a redirect before httpx does, which reads `javascript:` as a broken web address."""
    if not response.has_redirect_location:
        return
    sender = host_of(str(response.request.url))
    try:
        target = urljoin(str(response.request.url), response.headers["location"])
        httpx.URL(target)
    except (ValueError, httpx.InvalidURL):
        raise Unreadable(f"{sender} sends us on to an address that is not valid.") from None
    require_web(target, sent_by=sender)
    if is_own_machine(target) and not is_own_machine(str(response.request.url)):
        raise Unreadable(f"{sender} sends us on to this machine itself, where only its own programs ask.")


def is_own_machine(url: str) -> bool:
    """Whether an address names this machine or its link: `localhost`, 127.0.0.1 however it is written, 169.254.0.0/16.

    By the address alone; a name that leads here is not looked up.
    """
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        # What the C library takes for an address: 127.1 and 2130706433 are 127.0.0.1 too.
        address = ip_address(inet_aton(host)) if ":" not in host else ip_address(host.partition("%")[0])
    except (OSError, ValueError):
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_link_local or mapped.is_unspecified)


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"


def kept_validator(validator: str | None) -> str | None:
    """An ETag or date that can be sent back: visible ASCII and not endless."""
    if not validator or len(validator) > _LONGEST_VALIDATOR or not validator.isascii() or not validator.isprintable():
        return None
    return validator
