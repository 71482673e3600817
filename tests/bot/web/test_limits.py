"""What one request may cost, and what it may not carry."""

import gzip
import socket
import time
from contextlib import closing, suppress
from urllib.parse import urlsplit

import pytest

from admin.session.datadir import DataDir
from bot import limits, server
from bot.sides.line import Line
from bot.sides.problem import busy
from bot.web import guard
from crypto import ballot
from crypto.lifecycle import Step
from tests.worlds import hall
from tests.worlds.hall import Client, code


def wire(client: Client) -> socket.socket:
    parts = urlsplit(client.url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20)


def said(client: Client, *pieces: bytes, pause: float = 0.0) -> bytes:
    """All that the server answers to these bytes before it closes."""
    with closing(wire(client)) as sock:
        for piece in pieces:
            sock.sendall(piece)
            time.sleep(pause)
        answer = b""
        while chunk := sock.recv(1 << 16):
            answer += chunk
    return answer


def head(path: str, *fields: str) -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", *fields, "", ""]).encode()


def path_of(where: DataDir) -> tuple[str, int]:
    session = hall.sealed(where, Step.CHECK_IN, Step.OPEN)
    return f"/api/v1/box/{session.uuid}/ballots", ballot.size_limit(session.insider.election)


def test_a_ballot_of_the_largest_size_is_read(where: DataDir, client: Client):
    """The limit itself is not too large; what is in it is looked at."""
    path, limit = path_of(where)

    assert code(client.call("POST", path, content=b"x" * limit)) == (400, "malformed")


def test_one_byte_more_is_too_large(where: DataDir, client: Client):
    """Whether its length is told or not."""
    path, limit = path_of(where)
    body = b"x" * (limit + 1)

    assert code(client.call("POST", path, content=body)) == (413, "too_large")
    assert code(client.call("POST", path, content=iter([body]))) == (413, "too_large")


def test_a_length_is_believed_before_the_body_is_there(where: DataDir, client: Client):
    """A client that announces a gigabyte is answered without one byte of it."""
    path, _ = path_of(where)
    answer = said(client, head(path, "Content-Length: 1073741824"))

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()


def test_an_endless_body_is_cut_off(where: DataDir, client: Client):
    """Chunks without an end are read up to the limit, then the connection is closed."""
    path, limit = path_of(where)
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    sent = 0
    with closing(wire(client)) as sock, suppress(ConnectionError):
        sock.sendall(head(path, "Transfer-Encoding: chunked"))
        for _ in range(1000):
            sock.sendall(chunk)
            sent += len(chunk)

    assert sent < limit + (8 << 20)  # what the kernel's buffers hold on both sides


@pytest.mark.parametrize("path", ["/api/v1/registrar/login", "/api/v1/box/{uuid}/credentials"])
def test_small_bodies_are_small(where: DataDir, client: Client, path: str):
    """Four kilobytes are enough for any JSON that is not a ballot."""
    uuid = hall.sealed(where).uuid
    answer = client.call("POST", path.format(uuid=uuid), content=b" " * (limits.SMALL + 1))

    assert code(answer) == (413, "too_large")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe",
        b'{"uuid":1,"code":"x"}',
        b'{"uuid":"x","code":"x","more":1}',
        b'{"uuid":"x","uuid":"x","code":"x"}',
        b"[" * 4000,
        b'{"uuid":"\\ud800","code":"x"}',
        b'{"uuid":"a\\u0000b","code":"x"}',
        gzip.compress(b"{}", mtime=0),
    ],
)
def test_garbage_is_malformed(client: Client, body: bytes):
    """Not JSON, another shape, a key twice: nothing is guessed."""
    answer = client.call("POST", "/api/v1/registrar/login", content=body)

    assert answer.status_code in {400, 404}
    assert code(answer)[1] in {"malformed", "unknown_session"}


def test_a_slow_body_is_given_up(where: DataDir, client: Client, monkeypatch: pytest.MonkeyPatch):
    """Whoever sends a byte now and then is not waited for."""
    monkeypatch.setattr(limits, "FIRST_SECONDS", 0.3)
    path, _ = path_of(where)
    answer = said(client, head(path, "Content-Length: 100"), b"x", b"x", pause=0.1)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"too_slow"' in answer


def test_a_slow_head_is_given_up(client: Client, monkeypatch: pytest.MonkeyPatch):
    """So is a connection that never becomes a request, or no second one."""
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.3)
    begun = time.monotonic()

    assert said(client, b"GET /healthz HTTP/1.1\r\n", b"X: y\r\n", pause=0.1) == b""
    assert said(client) == b""
    assert time.monotonic() - begun < 5


def test_a_body_that_nobody_asked_for_ends_the_connection(client: Client):
    """After its answer a request may not go on sending."""
    request = head("/healthz", "Content-Length: 1000000").replace(b"POST", b"GET")
    begun = time.monotonic()
    with closing(wire(client)) as sock, suppress(ConnectionError):
        sock.sendall(request)
        assert sock.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        while sock.recv(1 << 16):
            sock.sendall(b"x")

    assert time.monotonic() - begun < 3


def test_a_head_may_not_be_endless(client: Client):
    """Sixteen kilobytes of an unfinished head are not a request."""
    answer = said(client, b"GET / HTTP/1.1\r\n", b"X: " + b"y" * server.HEAD_BYTES, pause=0.2)

    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", "Bearer x"),
        ("Proxy-Authorization", "Basic eA=="),
        ("Cookie", "a=b"),
        ("X-Telegram-Init-Data", "user=1"),
    ],
)
@pytest.mark.parametrize(
    ("method", "route"), [("POST", "ballots"), ("POST", "credentials"), ("GET", "trackers")]
)
def test_the_box_wants_no_identity(client: Client, method: str, route: str, name: str, value: str):
    """A request that says who sends it is refused before anything else is looked at."""
    answer = client.call(method, f"/api/v1/box/none/{route}", headers={name: value})

    assert code(answer) == (400, "identity_not_welcome")


def test_the_box_closes_its_connections(where: DataDir, client: Client):
    """So that no two requests are seen to come from one client; the registrar need not."""
    session = hall.sealed(where)

    assert (
        client.call("GET", f"/api/v1/box/{session.uuid}/checkpoints").headers["connection"]
        == "close"
    )
    assert client.call("GET", f"/api/v1/box/{session.uuid}/none").headers["connection"] == "close"
    assert "connection" not in client.call("GET", f"/api/v1/sessions/{session.uuid}").headers


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/api/v1/sessions/none/events"])
def test_answers_are_kept_and_framed_nowhere(client: Client, path: str):
    """Good or bad: not stored, not sniffed, no cookie, and not a word about the program."""
    headers = client.call("GET", path).headers

    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert not {"set-cookie", "server", "x-powered-by"} & set(headers)


def test_there_are_so_many_places(client: Client, monkeypatch: pytest.MonkeyPatch):
    """Beyond them a request is told to come back."""
    monkeypatch.setattr(guard, "AT_WORK", 0)
    answer = client.call("GET", "/healthz")

    assert code(answer) == (503, "busy")
    assert answer.headers["retry-after"] == "1"


def test_half_a_request_takes_no_place(
    where: DataDir, client: Client, monkeypatch: pytest.MonkeyPatch
):
    """Nor does an answer that nobody takes: a place is for requests that can be worked on."""
    monkeypatch.setattr(guard, "AT_WORK", 1)
    path, _ = path_of(where)
    with closing(wire(client)) as first, closing(wire(client)) as second:
        for sock in (first, second):
            sock.sendall(head(path, "Content-Length: 100") + b"x")
        time.sleep(0.2)
        assert client.call("GET", "/healthz").status_code == 200
        first.sendall(b"x" * 99)
        assert first.recv(1 << 16).startswith(b"HTTP/1.1 400 ")


def test_a_body_that_is_whole_needs_a_place(
    where: DataDir, client: Client, monkeypatch: pytest.MonkeyPatch
):
    """Without one the client is told to come back."""
    path, _ = path_of(where)
    monkeypatch.setattr(guard, "AT_WORK", 0)

    assert code(client.call("POST", path, content=b"x")) == (503, "busy")


def test_no_page_is_fetched_from_elsewhere(client: Client):
    """The framework's own pages, which load scripts from afar, are not there."""
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert code(client.call("GET", path)) == (404, "not_found")


def test_whoever_is_told_to_come_back_hears_when(
    where: DataDir, client: Client, monkeypatch: pytest.MonkeyPatch
):
    """The seconds are those of the line, with the place that it keeps; then the ballot comes in."""
    session = hall.sealed(where, Step.CHECK_IN)
    (secret,) = session.register(1)
    session.move(Step.OPEN)
    raw = session.vote(secret)
    with monkeypatch.context() as full:

        def refuse(*_: object) -> None:
            raise busy(7, place=612)

        full.setattr(Line, "_enter", refuse)
        answer = client.cast(session, raw)

    assert code(answer) == (503, "busy")
    assert answer.headers["retry-after"] == "7"
    assert answer.json()["place"] == 612
    assert client.cast(session, raw).status_code == 201
