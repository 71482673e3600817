"""How a server is asked: nothing about the person, patience with the network, errors by code."""

import io
import json
from contextlib import nullcontext
from dataclasses import dataclass, field

import httpx
import pytest

from admin.client.server import Box, Patience, Registrar, Server, answered, origin
from crypto.encoding import canonical
from crypto.errors import (
    BadCode,
    Closed,
    FaultyTrustee,
    Malformed,
    Refused,
    SecondBallot,
    TokenAlreadyIssued,
)

UUID = "VectorsPhieuKin1"
QUICK = Patience(attempts=4, first=0.001, longest=0.001)


@dataclass
class Script:
    """A server that answers as it was told, one after the other, and remembers what was asked."""

    answers: list[httpx.Response | Exception]
    asked: list[httpx.Request] = field(default_factory=list)

    def transport(self) -> httpx.BaseTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def server(self) -> Server:
        return Server("https://vote.example", QUICK, self.transport)


def yes(**fields: object) -> httpx.Response:
    return httpx.Response(200, content=canonical(fields))


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    content = canonical({"title": "x", "status": status, "code": code, "detail": "\x1b[2J"})
    return httpx.Response(status, headers=headers, content=content)


PROMISE = yes(tracker="t", promise="p")


def test_a_call_to_the_box_says_nothing_about_who_makes_it():
    """Every header of a call to the box is the same for everybody."""
    script = Script([PROMISE])
    Box(script.server, UUID).cast(b"{}")
    assert {name.lower(): value for name, value in script.asked[0].headers.items()} == {
        "host": "vote.example",
        "user-agent": "phieukin",
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "close",
        "content-type": "application/json",
        "content-length": "2",
    }


def test_a_cookie_that_a_server_sets_never_comes_back():
    """Nothing is carried from one call to the next."""
    marked = httpx.Response(200, headers={"Set-Cookie": "who=7"}, content=PROMISE.content)
    script = Script([marked])
    box = Box(script.server, UUID)
    box.cast(b"{}")
    box.cast(b"{}")
    assert "cookie" not in script.asked[1].headers
    assert script.asked[0].headers == script.asked[1].headers


def test_only_the_registrar_is_told_a_bearer():
    """The bearer goes with the registrar's calls."""
    script = Script([yes(bearer="b"), yes(blind_signature="AA==")])
    registrar = Registrar.login(script.server, UUID, "0" * 16)
    registrar.token(b"\1", "cli")
    assert "authorization" not in script.asked[0].headers
    assert script.asked[1].headers["authorization"] == "Bearer b"
    assert json.loads(script.asked[1].content) == {"blinded": "AQ==", "channel": "cli"}


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        problem(503, "busy", **{"Retry-After": "0"}),
        problem(500, "internal_error"),
        httpx.Response(502, content=b"<html>"),
        httpx.Response(429),
    ],
)
def test_what_fails_on_the_way_is_tried_again_with_the_same_bytes(
    failure: httpx.Response | Exception,
):
    """A lost answer is asked for again: the server knows the call by its contents."""
    script = Script([failure, failure, PROMISE])
    assert Box(script.server, UUID).cast(b"{ }") == ("t", "p")
    assert [request.content for request in script.asked] == [b"{ }"] * 3


def test_a_server_that_asks_for_time_gets_it(monkeypatch: pytest.MonkeyPatch):
    """Retry-After is a lower bound of the pause, up to a limit of our own."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    patience = Patience(attempts=2, first=0.5, longest=16)
    for seconds, low, high in ((3.0, 3.0, 3.5), (0.0, 0.0, 0.5), (9999.0, 64.0, 64.5)):
        patience.pause(1, seconds)
        assert low <= slept.pop() <= high
    patience.pause(30, 0.0)
    assert slept.pop() <= 16


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, BadCode), (409, TokenAlreadyIssued), (409, SecondBallot), (409, Closed)],
)
def test_a_refusal_has_its_own_class(status: int, kind: type[Exception]):
    """The code of a problem document decides what it is here; it is not tried again."""
    script = Script([problem(status, str(kind.code))])  # type: ignore[attr-defined]
    with pytest.raises(kind) as refused:
        Box(script.server, UUID).cast(b"{}")
    assert len(script.asked) == 1
    assert str(refused.value) == "so says https://vote.example"


NOT_OURS = "not as a server of this program"


@pytest.mark.parametrize(
    ("answer", "kind", "why", "times"),
    [
        # A server that is not there is tried four times, then the command ends with status 6.
        (httpx.ConnectError("refused"), ConnectionError, "refused", 4),
        # Only who checked a message names a trustee.
        (problem(422, "faulty_trustee"), Refused, "", 1),
        # What a server writes never reaches the terminal.
        (problem(403, "members_only"), Refused, "403 members_only", 1),
        # A login page or a redirect is no answer, and is not followed.
        (httpx.Response(404, content=b"<html>no such page</html>"), ConnectionError, NOT_OURS, 1),
        (
            httpx.Response(301, headers={"Location": "https://elsewhere.example"}),
            ConnectionError,
            NOT_OURS,
            1,
        ),
        (httpx.Response(400, content=b'{"code":"\\u001b[2J"}'), ConnectionError, NOT_OURS, 1),
        (httpx.Response(403, content=b"[]"), ConnectionError, NOT_OURS, 1),
    ],
    ids=["nobody", "accusation", "unknown code", "page", "redirect", "escapes", "list"],
)
def test_an_answer_that_ends_the_command(
    answer: httpx.Response | Exception, kind: type[Exception], why: str, times: int
):
    """Each with the reason that is ours, and nothing of the server's text."""
    script = Script([answer])
    with pytest.raises(kind, match=why or None) as refused:
        Box(script.server, UUID).credentials()
    assert len(script.asked) == times
    assert not isinstance(refused.value, FaultyTrustee)
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize(("size", "kept"), [(1 << 20, True), ((1 << 20) + 1, False)])
def test_an_archive_of_an_impossible_size_is_refused_while_it_comes(size: int, kept: bool):
    """A server that would fill the trustee's disk is left at the limit, and not asked again."""
    script, target = Script([httpx.Response(200, content=bytes(size))]), io.BytesIO()
    registrar = Registrar(script.server, "b")
    with nullcontext() if kept else pytest.raises(Malformed, match="no such archive"):
        registrar.record(UUID, target, 1 << 20)

    assert (len(target.getvalue()) == size) is kept
    assert len(script.asked) == 1


def test_nothing_kept_yet_is_no_error():
    """404 for the recovery of a voter is the ordinary first answer."""
    assert Registrar(Script([problem(404, "not_found")]).server, "b").recovery() is None
    script = Script([httpx.Response(200, content=b"sealed")])
    assert Registrar(script.server, "b").recovery() == b"sealed"


def test_a_download_that_breaks_begins_again():
    """What came before the cut is not left in front of the second attempt."""
    file = io.BytesIO(b"older and longer than that")
    script = Script([httpx.ReadError("cut"), httpx.Response(200, content=b"archive")])
    Registrar(script.server, "b").record(UUID, file, 1 << 20)
    assert file.getvalue() == b"archive"


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"a":', b"\xff", b"[" * 100_000])
def test_an_answer_without_its_fields_is_malformed(raw: bytes):
    """A server's answer has what the protocol says, or the step stops."""
    assert answered(b'{"a":1,"b":2}', "x", "a")["a"] == 1
    with pytest.raises(Malformed, match="server's answer"):
        answered(raw, "x", "a")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("https://vote.example", "https://vote.example"),
        (" https://Vote.Example:8443/ ", "https://vote.example:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:80/", "http://[::1]:80"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_an_address_has_one_spelling(typed: str, meant: str):
    assert origin(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "http://vote.example",
        "vote.example",
        "ftp://vote.example",
        "https://",
        "https://me:secret@vote.example",
        "https://vote.example/v/x",
        "https://vote.example/#c=1",
        "https://vote.example?x=1",
        "https://vote.example:99999",
        "http://127.0.0.1.example",
        "file:///etc",
        "",
    ],
)
def test_an_address_without_encryption_is_only_for_this_machine(typed: str):
    with pytest.raises(ValueError, match=r"https|address"):
        origin(typed)
