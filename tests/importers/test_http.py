"""Fetching is polite and bounded, and every failure is one sentence that names the host."""

from __future__ import annotations

import gzip
import socket
import threading
from datetime import UTC, datetime

import pytest

from importers import http
from importers.http import BadStatus, Client, Limits, get, own_user_agent
from journal.errors import BadValue, RateLimited, SourceError, TooLarge, Unreachable, Unreadable
from tests.standins import Reply, Request, StandIn, rate_limited, redirect

QUICK = Limits(connect_s=1, read_s=1, total_s=0.4, max_bytes=100_000, max_redirects=3)


def test_a_feed_arrives_with_what_the_next_fetch_needs():
    with StandIn({"/feed": Reply(b"<rss/>", etag='"v1"', last_modified="Fri, 20 Nov 2026 05:00:00 GMT")}) as server:
        answer = get(server.url("/feed"))
    assert answer.content == b"<rss/>"
    assert (answer.etag, answer.last_modified) == ('"v1"', "Fri, 20 Nov 2026 05:00:00 GMT")
    assert answer.content_type == "application/rss+xml"
    assert not answer.not_modified


@pytest.mark.parametrize(("etag", "last_modified"), [('"v1"', None), (None, "Fri, 20 Nov 2026 05:00:00 GMT")])
def test_an_unchanged_feed_is_not_sent_again(etag: str | None, last_modified: str | None):
    with StandIn({"/feed": Reply(b"<rss/>", etag='"v1"', last_modified="Fri, 20 Nov 2026 05:00:00 GMT")}) as server:
        answer = get(server.url("/feed"), etag=etag, last_modified=last_modified)
    assert answer.not_modified
    assert answer.content == b""


def test_a_304_that_was_not_asked_for_is_no_success():
    with StandIn({"/feed": Reply(status=304)}) as server, pytest.raises(BadStatus, match="304 Not Modified"):
        get(server.url("/feed"))


def test_servers_learn_who_asks_and_whom_to_write_to():
    with StandIn({"/feed": b"<rss/>"}) as server:
        get(server.url("/feed"), user_agent=own_user_agent("reader@example.org"))
    agent = server.requests[0].headers["User-Agent"]
    assert agent.startswith("labjournal/")
    assert "reader@example.org" in agent


def test_a_contact_cannot_smuggle_headers():
    assert "\n" not in own_user_agent("me\r\nX-Evil: 1")


def test_twenty_feeds_of_one_server_use_one_connection():
    with StandIn({"/feed": b"<rss/>"}) as server, Client() as client:
        for _ in range(20):
            client.get(server.url("/feed"))
        assert len(server.requests) == 20
        assert server.connections == 1


def test_cookies_are_never_sent_back():
    with StandIn({"/feed": Reply(b"<rss/>", headers={"Set-Cookie": "who=you"})}) as server, Client() as client:
        client.get(server.url("/feed"))
        client.get(server.url("/feed"))
    assert server.requests[1].headers["Cookie"] is None


def test_redirects_lead_to_the_feed_and_the_answer_says_where_it_was():
    with StandIn({"/old": redirect("/new", 301), "/new": b"<rss/>"}) as server:
        assert get(server.url("/old")).url == server.url("/new")


def test_a_redirect_loop_ends_with_a_sentence():
    with (
        StandIn({"/a": redirect("/b"), "/b": redirect("/a")}) as server,
        pytest.raises(Unreachable, match=r"127\.0\.0\.1:\d+ redirects more than 3 times"),
    ):
        get(server.url("/a"), limits=QUICK)
        assert len(server.requests) == 4


@pytest.mark.parametrize("target", ["file:///etc/passwd", "javascript:alert(1)", "ftp://example.org/feed", "http://["])
def test_a_redirect_away_from_the_web_is_refused(target: str):
    with StandIn({"/a": redirect(target)}) as server, pytest.raises(Unreadable, match=r"127\.0\.0\.1:\d+ sends us on"):
        get(server.url("/a"))


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://example.org/x", "cs.LG", "http://", "http://[", ""])
def test_what_is_no_web_address_is_refused_without_asking_anyone(address: str):
    with pytest.raises(Unreadable, match="http"):
        get(address)


@pytest.mark.parametrize("retry_after", ["120", "Fri, 20 Nov 2026 12:02:00 GMT"])
@pytest.mark.parametrize("status", [429, 503])
def test_when_asked_to_wait_both_forms_of_the_time_are_understood(retry_after: str, status: int):
    noon = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    with (
        StandIn({"/feed": rate_limited(retry_after, status)}) as server,
        Client(now=lambda: noon) as client,
        pytest.raises(RateLimited, match=r"127\.0\.0\.1") as caught,
    ):
        client.get(server.url("/feed"))
    assert caught.value.retry_after_s == 120


@pytest.mark.parametrize("retry_after", [None, "soon", "-5", "Fri, 99 Nov 2026 25:00:00 GMT"])
def test_a_429_without_a_usable_time_is_still_a_request_to_wait(retry_after: str | None):
    with StandIn({"/feed": rate_limited(retry_after)}) as server, pytest.raises(RateLimited) as caught:
        get(server.url("/feed"))
    assert caught.value.retry_after_s is None


def test_arxiv_saying_rate_exceeded_with_success_is_a_request_to_wait():
    with (
        StandIn({"/feed": Reply(b"Rate exceeded.\n", content_type="text/plain")}) as server,
        pytest.raises(RateLimited, match="Rate exceeded"),
    ):
        get(server.url("/feed"))


@pytest.mark.parametrize(("status", "named"), [(404, "404 Not Found"), (500, "500 Internal"), (503, "503 Service")])
def test_another_status_is_named(status: int, named: str):
    with StandIn({"/feed": Reply(b"why", status=status)}) as server, pytest.raises(BadStatus, match=named) as caught:
        get(server.url("/feed"))
    assert caught.value.status == status
    assert caught.value.content == b"why"
    assert isinstance(caught.value, Unreachable) == (status >= 500), "the server is down, or the address is wrong"


def test_a_huge_feed_is_left_after_the_limit():
    with (
        StandIn({"/feed": Reply(b"x" * 50_000, endless=True)}) as server,
        pytest.raises(TooLarge, match=r"127\.0\.0\.1:\d+ sends more than"),
    ):
        get(server.url("/feed"), limits=Limits(max_bytes=100_000))


def test_a_small_reply_that_unpacks_to_a_huge_one_is_left_too():
    bomb = gzip.compress(b"\0" * 30_000_000)
    with StandIn({"/feed": Reply(bomb, headers={"Content-Encoding": "gzip"})}) as server, pytest.raises(TooLarge):
        get(server.url("/feed"), limits=Limits(max_bytes=1_000_000))


def test_packing_twice_is_refused_before_it_is_unpacked():
    bomb = gzip.compress(gzip.compress(b"\0" * 1_000_000))
    with (
        StandIn({"/feed": Reply(bomb, headers={"Content-Encoding": "gzip, gzip"})}) as server,
        pytest.raises(Unreadable, match="encoding"),
    ):
        get(server.url("/feed"))


def test_a_compressed_feed_is_unpacked():
    with StandIn({"/feed": Reply(gzip.compress(b"<rss/>"), headers={"Content-Encoding": "gzip"})}) as server:
        assert get(server.url("/feed")).content == b"<rss/>"


def test_damaged_compression_is_named():
    with (
        StandIn({"/feed": Reply(b"not gzip", headers={"Content-Encoding": "gzip"})}) as server,
        pytest.raises(Unreadable, match="damaged compressed data"),
    ):
        get(server.url("/feed"))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"x" * 1000, drip_s=0.05),
        Reply(b"x" * 1000, drip_headers_s=0.05),
        Reply(gzip.compress(bytes(range(256)) * 20), drip_s=0.05, headers={"Content-Encoding": "gzip"}),
    ],
    ids=["content", "headers", "compressed"],
)
def test_a_server_that_drips_is_left_after_the_total_time(reply: Reply):
    with StandIn({"/feed": reply}) as server, pytest.raises(Unreachable, match=r"longer than 0\.4 s"):
        get(server.url("/feed"), limits=QUICK)


def test_the_total_time_covers_all_redirects():
    def slowly(request: Request) -> Reply:
        return Reply(status=302, headers={"Location": request.path + "x"}, drip_headers_s=0.004)

    with StandIn() as server:
        server.routes |= {"/feed" + "x" * count: slowly for count in range(10)}
        with pytest.raises(Unreachable, match="longer than"):
            get(server.url("/feed"), limits=Limits(total_s=0.6, max_redirects=9))


def test_a_silent_server_is_left_after_the_read_time():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(Unreachable, match=rf"127\.0\.0\.1:{port} did not answer within 0\.2 s"):
            get(f"http://127.0.0.1:{port}/feed", limits=Limits(read_s=0.2, total_s=5))


def test_a_dead_server_is_named_with_the_reason():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable, match=rf"127\.0\.0\.1:{port} cannot be reached: it refuses the connection"):
        get(f"http://127.0.0.1:{port}/feed")


def test_a_host_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch):
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unreachable, match=r"nowhere\.invalid cannot be reached: no such host is known"):
        get("http://nowhere.invalid/feed")


def test_a_name_lookup_that_hangs_is_left_after_the_total_time(monkeypatch: pytest.MonkeyPatch):
    released = threading.Event()

    def hangs(*_: object, **__: object) -> None:
        released.wait(10)
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    try:
        with pytest.raises(Unreachable, match="longer than"):
            get("http://nowhere.invalid/feed", limits=QUICK)
    finally:
        released.set()


def test_an_answer_that_breaks_off_is_no_answer():
    with (
        StandIn({"/feed": Reply(b"<rss>" * 100, breaks_off_after=50)}) as server,
        pytest.raises(Unreachable, match="broke off"),
    ):
        get(server.url("/feed"))


def test_what_speaks_no_http_is_named():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(SourceError, match=r"127\.0\.0\.1"):
            get(f"http://127.0.0.1:{port}/feed")
        thread.join()


def test_a_password_in_an_address_is_used_and_never_shown():
    def private(request: Request) -> Reply:
        return Reply(status=401 if request.headers["Authorization"] is None else 500)

    with StandIn({"/feed": private}) as server, pytest.raises(BadStatus) as caught:
        get(server.url("/feed").replace("http://", "http://me:s3cret@"))
    assert caught.value.status == 500
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in caught.value.hint


def test_a_validator_that_cannot_be_sent_back_is_forgotten():
    with StandIn({"/feed": Reply(b"<rss/>", etag="x" * 5000, last_modified="d\xe9cembre")}) as server:
        answer = get(server.url("/feed"))
    assert (answer.etag, answer.last_modified) == (None, None)


def test_each_request_passes_the_gate_redirects_too():
    entered: list[str] = []

    class Gate:
        def __enter__(self) -> None:
            entered.append("in")

        def __exit__(self, *_: object) -> None:
            entered.append("out")

    with StandIn({"/a": redirect("/b"), "/b": b"<rss/>"}) as server:
        get(server.url("/a"), gate=Gate())
    assert entered == ["in", "out", "in", "out"]


def test_a_gate_is_left_when_the_request_fails():
    entered: list[str] = []

    class Gate:
        def __enter__(self) -> None:
            entered.append("in")

        def __exit__(self, *_: object) -> None:
            entered.append("out")

    with StandIn() as server, pytest.raises(BadStatus):
        get(server.url("/missing"), gate=Gate())
    assert entered == ["in", "out"]


def test_several_threads_may_share_a_client():
    with StandIn({"/feed": b"<rss/>"}) as server, Client() as client:
        contents: list[bytes] = []
        threads = [
            threading.Thread(target=lambda: contents.append(client.get(server.url("/feed")).content)) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert contents == [b"<rss/>"] * 8


def test_closing_the_client_frees_who_waits_in_another_thread():
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            client.get(server.url("/slow"))
        except Unreachable as error:
            failures.append(error)

    asked = threading.Event()

    def slow(request: Request) -> Reply:
        asked.set()
        return Reply(b"x" * 1000, drip_headers_s=0.05)

    with StandIn({"/slow": slow}) as server, Client() as client:
        thread = threading.Thread(target=ask)
        thread.start()
        assert asked.wait(5)
        client.close()
        thread.join(5)
        assert not thread.is_alive()
    assert len(failures) == 1


def test_an_error_page_is_not_read_to_its_end():
    with (
        StandIn({"/feed": Reply(b"e" * 50_000, status=500, endless=True)}) as server,
        pytest.raises(BadStatus) as caught,
    ):
        get(server.url("/feed"), limits=Limits(max_bytes=10_000_000))
    assert len(caught.value.content) < 200_000


def test_every_failure_is_one_sentence():
    messages: list[str] = []
    with StandIn({"/429": rate_limited(), "/loop": redirect("/loop")}) as server:
        for path in ("/429", "/loop", "/404"):
            with pytest.raises(SourceError) as caught:
                http.get(server.url(path))
            messages.append(str(caught.value))
    assert all(message.endswith(".") and "\n" not in message and "Traceback" not in message for message in messages)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "socks5://me:secret@127.0.0.1:1"),
        ("ALL_PROXY", "bogus://me:secret@x"),
        ("http_proxy", "http://me:secret@h:port"),
        ("HTTPS_PROXY", "http://[::"),
        ("NO_PROXY", "[::"),
        ("SSL_CERT_FILE", "/nonexistent"),
        ("SSL_CERT_FILE", "/"),
        ("SSL_CERT_FILE", __file__),
        ("SSLKEYLOGFILE", "/nonexistent/keys"),
    ],
)
def test_a_setting_of_the_environment_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
):
    monkeypatch.setenv(name, value)
    with pytest.raises(BadValue) as caught:
        Client()
    said = str(caught.value)
    assert said.startswith(f"{name} ")
    assert said.endswith(".")
    assert "secret" not in f"{said} {caught.value.hint}"
    assert caught.value.hint


def test_a_proxy_that_does_not_answer_is_named_and_not_the_server(monkeypatch: pytest.MonkeyPatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with StandIn({"/feed": b"x"}) as server:
        with pytest.raises(Unreachable, match=r"cannot be reached through the proxy that ALL_PROXY names\.") as caught:
            http.get(server.url("/feed"))
        assert "NO_PROXY" in caught.value.hint
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert http.get(server.url("/feed")).content == b"x"
