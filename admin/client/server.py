"""How a server is asked: for the box nobody knows by whom, for the registrar with a bearer.

Every call opens a connection of its own and closes it. It carries no cookie, referrer or
anything else that an earlier call had, so that the box cannot tell one voter's calls from
another's by what is in them. Every call may be repeated: the server gives the same answer, or
refuses without a change; so whatever fails on the way is tried again for a while.

Does not protect against a server that compares addresses and times: that is what waiting at
random (voter.py) and a relay in front of the box are for.
"""

import json
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from secrets import SystemRandom
from typing import Any, BinaryIO, Final, TypeVar
from urllib.parse import urlsplit

import httpx

from crypto.encoding import base64_bytes, canonical, to_base64
from crypto.errors import FaultyTrustee, Malformed, ProtocolError, Refused

LIMIT = 32 << 20  # bytes of an answer that is read whole; 200,000 credentials need 14 MB
_AGENT: Final = "phieukin"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_AGAIN: Final = frozenset({408, 429, 500, 502, 503, 504})  # the answer may be another one later
_SUCCESS: Final = range(200, 300)
_MISSING: Final = 404
_CODE: Final = re.compile(r"[a-z_]{1,40}", re.ASCII)
_RECOVERY: Final = "/api/v1/registrar/recovery"
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)  # a ballot may wait for its check for a while


_Made = TypeVar("_Made")


def origin(url: str) -> str:
    """The address of a server in its only spelling.

    Raises:
        ValueError: not https://host[:port], nor http:// on this machine; says so.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(f"{url}: not an address") from None
    if parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"):
        raise ValueError(f"{url}: only https://host or https://host:port is expected")
    local = host in _LOOPBACK
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise ValueError(f"{url}: https:// is needed; http:// only on this machine")
    address = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{address}" + (f":{port}" if port else "")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how slowly a call is tried again; the defaults take about a minute."""

    attempts: int = 8
    first: float = 0.5
    longest: float = 16.0

    def pause(self, failures: int, least: float) -> None:
        """Sleeps before the next attempt, not shorter than the server asked for."""
        ceiling = min(self.longest, self.first * 2 ** (failures - 1))
        # Many clients that failed together must not come back together.
        time.sleep(min(least, 4 * self.longest) + SystemRandom().uniform(0, ceiling))


@dataclass(frozen=True, slots=True)
class Server:
    """A server's address, and how it is asked.

    Attributes:
        transport: makes the connection of each call; tests put their own in its place.
    """

    origin: str
    patience: Patience = Patience()
    transport: Callable[[], httpx.BaseTransport] | None = None

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        kind: str = "application/json",
        bearer: str | None = None,
    ) -> bytes:
        """The bytes of the answer.

        Raises:
            ProtocolError: the server's own refusal, under its code.
            ConnectionError: no answer, or not one of such a server.
        """
        headers = _headers(None if body is None else kind, bearer)
        return self._patiently(lambda: self._whole(method, path, body, headers))

    def find(self, path: str, bearer: str) -> bytes | None:
        """What may not be there yet: None then."""
        try:
            return self.ask("GET", path, bearer=bearer) or None
        except _NotThereError:
            return None

    def download(self, path: str, target: BinaryIO, bearer: str, limit: int) -> None:
        """Writes an answer of at most `limit` bytes to a file, from the file's start.

        Raises:
            Malformed: it is larger; what is beyond is not read.
        """

        def once() -> None:
            target.seek(0)
            target.truncate()
            with self._response("GET", path, None, _headers(None, bearer)) as response:
                for chunk in response.iter_bytes():
                    if target.tell() + len(chunk) > limit:
                        raise Malformed(f"{path}: more than {limit} bytes: no such archive can be")
                    target.write(chunk)

        self._patiently(once)

    def _patiently(self, once: Callable[[], _Made]) -> _Made:
        for failures in range(1, self.patience.attempts):
            try:
                return once()
            except _LaterError as later:
                self.patience.pause(failures, later.seconds)
        return once()

    def _whole(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> bytes:
        whole = bytearray()
        with self._response(method, path, body, headers) as response:
            for chunk in response.iter_bytes():
                whole += chunk
                if len(whole) > LIMIT:
                    raise Malformed(f"{path}: an answer of more than {LIMIT} bytes")
        return bytes(whole)

    @contextmanager
    def _response(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Iterator[httpx.Response]:
        """A response that says yes; anything else is raised. The connection is its own."""
        try:
            with (
                self._client() as client,
                client.stream(
                    method, self.origin + path, content=body, headers=headers
                ) as response,
            ):
                if response.status_code not in _SUCCESS:
                    response.read()
                    raise _failure(self.origin, response)
                yield response
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _LaterError(f"{self.origin}: {str(error) or type(error).__name__}") from None

    def _client(self) -> httpx.Client:
        local = urlsplit(self.origin).hostname in _LOOPBACK
        client = httpx.Client(
            transport=None if self.transport is None else self.transport(),
            verify=_trusted() if self.origin.startswith("https:") else False,
            timeout=_TIMEOUT,
            trust_env=not local,  # a proxy of the environment is the person's own choice
        )
        client.headers.clear()
        return client


def _headers(kind: str | None, bearer: str | None) -> dict[str, str]:
    headers = {
        "User-Agent": _AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    if kind is not None:
        headers["Content-Type"] = kind
    if bearer is not None:
        headers["Authorization"] = f"Bearer {bearer}"
    return headers


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


# --- What is not a yes --------------------------------------------------------------------


class _LaterError(ConnectionError):
    """The same call may succeed later; not before so many seconds."""

    def __init__(self, detail: str, seconds: float = 0.0) -> None:
        super().__init__(detail)
        self.seconds = seconds


class _NotThereError(ConnectionError):
    """404 without a code of ours."""


def _kinds(kind: type[ProtocolError]) -> Iterator[type[ProtocolError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _kinds(child)


# A trustee is named by those who checked a message, never by a server.
_BY_CODE: Final = {
    kind.code: kind for kind in _kinds(ProtocolError) if kind not in {ProtocolError, FaultyTrustee}
}


def _failure(origin: str, response: httpx.Response) -> Exception:
    """What a response that is not a yes means."""
    status = response.status_code
    code = _problem(response)
    if code in _BY_CODE:
        return _BY_CODE[code](f"so says {origin}")
    detail = f"{origin} answers {status} {code or 'and not as a server of this program'}"
    if status in _AGAIN:
        return _LaterError(detail, _retry_after(response))
    if status == _MISSING:
        return _NotThereError(detail)
    return Refused(detail) if code else ConnectionError(detail)


def _problem(response: httpx.Response) -> str | None:
    """The code of a problem document (RFC 9457). Its text is not shown: it may be anything."""
    try:
        code = json.loads(response.content)["code"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else None


def _retry_after(response: httpx.Response) -> float:
    seconds = response.headers.get("Retry-After", "")
    return float(seconds) if seconds.isascii() and seconds.isdigit() else 0.0


# --- Who asks -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Box:
    """Anonymous calls about one session: what is public, and the two posts to the ballot box."""

    server: Server
    uuid: str

    def session(self) -> dict[str, Any]:
        """The exact text of the election, the state, the counts."""
        raw = self.server.ask("GET", f"/api/v1/sessions/{self.uuid}")
        return answered(raw, "session", "election", "state", "counts")

    def register(self, credential: str, token: bytes) -> None:
        """Registers a credential; the same again changes nothing."""
        body = canonical({"credential": credential, "token": to_base64(token)})
        self.server.ask("POST", self._path("credentials"), body)

    def cast(self, raw: bytes) -> tuple[str, str]:
        """The box's tracker and promise for a ballot; the same ballot gets the same again."""
        answer = self.server.ask("POST", self._path("ballots"), raw)
        fields = answered(answer, "promise", "tracker", "promise")
        return str(fields["tracker"]), str(fields["promise"])

    def credentials(self) -> bytes:
        """The credential list as an archive holds it."""
        return self.server.ask("GET", self._path("credentials"))

    def trackers(self) -> bytes:
        """The tracker list that the closing checkpoint fixes."""
        return self.server.ask("GET", self._path("trackers"))

    def checkpoints(self) -> bytes:
        """The notes signed so far, as in checkpoints.txt."""
        return self.server.ask("GET", self._path("checkpoints"))

    def _path(self, name: str) -> str:
        return f"/api/v1/box/{self.uuid}/{name}"


@dataclass(frozen=True, slots=True, repr=False)
class Registrar:
    """Calls of somebody whom the registrar knows by a code."""

    server: Server
    bearer: str

    @classmethod
    def login(cls, server: Server, uuid: str, code: str) -> "Registrar":
        """By a code. Raises BadCode."""
        return cls._known(server, {"uuid": uuid, "code": code})

    @classmethod
    def admitted(cls, server: Server, uuid: str, init_data: str) -> "Registrar":
        """By what Telegram signed for its Mini App. Raises Refused."""
        return cls._known(server, {"uuid": uuid, "init_data": init_data})

    @classmethod
    def _known(cls, server: Server, who: Mapping[str, str]) -> "Registrar":
        raw = server.ask("POST", "/api/v1/registrar/login", canonical(who))
        return cls(server, str(answered(raw, "login", "bearer")["bearer"]))

    def token(self, blinded: bytes, channel: str) -> bytes:
        """The blind signature; the same request again gets the same answer."""
        body = canonical({"blinded": to_base64(blinded), "channel": channel})
        raw = self.server.ask("POST", "/api/v1/registrar/token", body, bearer=self.bearer)
        signature = answered(raw, "token", "blind_signature")["blind_signature"]
        return base64_bytes(signature, "token.blind_signature")

    def recovery(self) -> bytes | None:
        """What was kept for another device."""
        return self.server.find(_RECOVERY, self.bearer)

    def keep(self, sealed: bytes) -> None:
        """Leaves what only the voter's backup code opens."""
        self.server.ask(
            "PUT", _RECOVERY, sealed, kind="application/octet-stream", bearer=self.bearer
        )

    def committee(self, uuid: str) -> dict[str, Any]:
        """A trustee's view: place, state, everyone's messages, the definition to be signed."""
        raw = self.server.ask("GET", f"/api/v1/committee/{uuid}", bearer=self.bearer)
        names = ("index", "size", "threshold", "state", "messages", "election", "session")
        return answered(raw, "committee", *names)

    def about(self, uuid: str) -> bytes:
        """session.json, which nobody but the definition vouches for."""
        return self.server.ask("GET", f"/api/v1/registrar/about/{uuid}", bearer=self.bearer)

    def record(self, uuid: str, target: BinaryIO, limit: int) -> None:
        """The archive of a closed session, if it is not larger than one can be.

        Args:
            limit: of `signing.archive_limit`.

        Raises:
            Malformed: it is larger.
        """
        self.server.download(f"/api/v1/committee/{uuid}/record", target, self.bearer, limit)

    def put(self, uuid: str, kind: str, message: bytes) -> None:
        """Hands in a trustee's message; the same again changes nothing."""
        path = f"/api/v1/committee/{uuid}/{kind}"
        self.server.ask("PUT", path, message, kind="application/octet-stream", bearer=self.bearer)


def answered(raw: bytes, path: str, *names: str) -> dict[str, Any]:
    """An object that has these fields; more may follow in a later version.

    Raises:
        Malformed: it is not.
    """
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        raise Malformed(f"{path}: the server's answer is not JSON") from None
    missing = [n for n in names if not isinstance(value, dict) or n not in value]
    if missing:
        raise Malformed(f"{path}: the server's answer has no {missing[0]}")
    return dict(value)
