"""Phones as the network shows them: a connection for each call, tried again by the page's rules.

The numbers of these rules are read from bot/miniapp/src/voter/server.ts, whose `ask` is written
here a second time: who is told when to come back does. What a phone computes was computed before.
"""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from secrets import SystemRandom
from typing import Any, Final
from urllib.parse import urlsplit

from admin.client.session_view import CHANNEL
from admin.client.voter import Secrets
from admin.voting import codes
from crypto import checkpoint, note, token
from crypto.blind import IssuerKey
from crypto.encoding import base64_bytes, canonical, to_base64
from crypto.session import Election
from tests.interop.belenios import ROOT

_RULES: Final = ROOT / "bot" / "miniapp" / "src" / "voter" / "server.ts"
_CHANCE: Final = SystemRandom()
_PERSON_SECONDS: Final = 3.0  # until somebody whose phone gave up taps again
_PROBE_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Rules:
    """How the page tries again; seconds.

    Attributes:
        jitter: after the moment to come back that it was told.
        longest: a server that says more is not believed.
        later: statuses after which the same call may succeed.
    """

    first_pause: float
    longest_pause: float
    jitter: float
    longest: float
    attempts: int
    timeout: float
    later: frozenset[int]


@cache
def rules() -> Rules:
    """Those of the page."""
    text = _RULES.read_text("utf-8")

    def number(name: str) -> int:
        (digits,) = re.findall(rf"^const {name} = ([0-9_]+);", text, re.MULTILINE)
        return int(digits)

    (later,) = re.findall(r"^const LATER = new Set\(\[([0-9, ]+)\]\)", text, re.MULTILINE)
    return Rules(
        number("FIRST_PAUSE") / 1000,
        number("LONGEST_PAUSE") / 1000,
        number("JITTER") / 1000,
        number("LONGEST"),
        number("ATTEMPTS"),
        number("TIMEOUT") / 1000,
        frozenset(map(int, later.split(","))),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; status 0 if none came."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def told(self) -> float | None:
        """Seconds after which the server wants to see the phone again, if it says."""
        seconds = self.headers.get("retry-after", "")
        if not re.fullmatch("[0-9]{1,4}", seconds, re.ASCII):
            return None
        return min(float(seconds), rules().longest)

    @property
    def in_line(self) -> bool:
        """Whether a busy server takes the same call later: no failure, however often."""
        try:
            code = json.loads(self.body)["code"]
        except (ValueError, TypeError, KeyError):
            return False
        return bool(code == "busy" and self.told is not None)


class GaveUp(Exception):
    """The phone has tried as often as it does."""


@dataclass
class Network:
    """The way to one server, and what came back over it.

    Attributes:
        answers: how many of each status; 0 where none came.
        unexplained: answers 503 that did not say when to come back.
        taps: how often a person had to tap again.
    """

    url: str
    answers: Counter[int] = field(default_factory=Counter)
    unexplained: int = 0
    taps: int = 0

    async def ask(self, method: str, path: str, body: bytes = b"", bearer: str = "") -> bytes:
        """One call of a page, with its further attempts.

        Raises:
            GaveUp: after the last of them.
            AssertionError: a refusal that no attempt changes.
        """
        failures = 0
        while True:
            answer = await self.once(method, path, body, bearer)
            if answer.status in range(200, 300):
                return answer.body
            if answer.status and answer.status not in rules().later:
                raise AssertionError(f"{method} {path}: {answer.status} {answer.body[:300]!r}")
            failures += 0 if answer.in_line else 1
            if failures >= rules().attempts:
                raise GaveUp
            await asyncio.sleep(_pause(failures, answer.told))

    async def persist(self, method: str, path: str, body: bytes = b"") -> bytes:
        """The same with a person who taps again."""
        while True:
            with suppress(GaveUp):
                return await self.ask(method, path, body)
            self.taps += 1
            await asyncio.sleep(_PERSON_SECONDS)

    async def once(self, method: str, path: str, body: bytes = b"", bearer: str = "") -> Answer:
        """A connection of its own for one request."""
        answer = Answer(0)
        with suppress(OSError, TimeoutError, ValueError, IndexError):
            async with asyncio.timeout(rules().timeout):
                answer = await self._exchange(method, path, body, bearer)
        self.answers[answer.status] += 1
        if answer.status == 503 and answer.told is None:
            self.unexplained += 1
        return answer

    async def _exchange(self, method: str, path: str, body: bytes, bearer: str) -> Answer:
        async with self._connection() as (reader, writer):
            writer.write(_head(method, path, body, bearer) + body)
            await writer.drain()
            head, _, content = (await reader.read()).partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (x.partition(": ") for x in lines)}
        if len(content) != int(headers.get("content-length", "0")):
            raise ValueError(f"{path}: the answer broke off")
        return Answer(int(first.split()[1]), headers, content)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        place = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        try:
            yield reader, writer
        finally:
            writer.close()

    async def follow(self, uuid: str) -> None:
        """Hears of the session as long as it is let: the page's stream of events."""
        path = f"/api/v1/sessions/{uuid}/events"
        with suppress(OSError):
            async with self._connection() as (reader, writer):
                writer.write(_head("GET", path, b"", ""))
                while await reader.read(1 << 16):
                    pass

    async def probe(self, answered: list[float], own: list[float]) -> None:
        """Looks for ever how long a request waits that needs no work, and how late we are."""
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_PROBE_SECONDS)
            late = time.perf_counter() - began - _PROBE_SECONDS
            own.append(late)
            began = time.perf_counter()
            await self.once("GET", "/healthz")
            answered.append(time.perf_counter() - began)


def _head(method: str, path: str, body: bytes, bearer: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    if bearer:
        lines.append(f"Authorization: Bearer {bearer}")
    return "\r\n".join([*lines, "", ""]).encode()


def _pause(failures: int, told: float | None) -> float:
    """Seconds until the next attempt."""
    if told is not None:
        return told + _CHANCE.uniform(0, rules().jitter)
    ceiling = min(rules().longest_pause, rules().first_pause * 2.0 ** (failures - 1))
    return ceiling / 2 + _CHANCE.uniform(0, ceiling / 2)


# --- What a phone does --------------------------------------------------------------------


async def cast(network: Network, election: Election, padded: bytes) -> tuple[str, float]:
    """A ballot until its receipt; its tracker and the seconds that it took.

    Raises:
        BadCheckpoint: the receipt is not the box's promise for this ballot.
    """
    began = time.perf_counter()
    path = f"/api/v1/box/{election.uuid}/ballots"
    answer = json.loads(await network.persist("POST", path, padded))
    seconds = time.perf_counter() - began
    _check_promise(election, answer)
    return str(answer["tracker"]), seconds


def _check_promise(election: Election, answer: dict[str, Any]) -> None:
    if election.parameters is None:
        raise TypeError("a session of ours has our parameters")
    promise = note.parse(answer["promise"].encode())
    checkpoint.check_promise(promise, election, election.parameters, answer["tracker"])


async def check_in(
    network: Network, election: Election, issuer: IssuerKey, code: str, secrets: Secrets
) -> float:
    """Login, token, credential; the seconds that it took, without the pause between the last two.

    Raises:
        BadToken: the registrar signed something else.
    """
    began = time.perf_counter()
    letters = codes.parse(code, election.uuid)
    body = canonical({"uuid": election.uuid, "code": letters})
    login = json.loads(await network.ask("POST", "/api/v1/registrar/login", body))
    blinded = to_base64(secrets.request.blinded_message)
    body = canonical({"blinded": blinded, "channel": CHANNEL})
    path = "/api/v1/registrar/token"
    raw = await network.ask("POST", path, body, str(login["bearer"]))
    signed = base64_bytes(json.loads(raw)["blind_signature"], "blind_signature")
    credential = secrets.credential
    unblinded = token.receive_token(issuer, election.phi, credential, signed, secrets.request)
    body = canonical({"credential": credential.hex, "token": to_base64(unblinded)})
    await network.ask("POST", f"/api/v1/box/{election.uuid}/credentials", body)
    return time.perf_counter() - began
