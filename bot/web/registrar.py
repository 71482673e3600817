"""The registrar's routes: who somebody is, and one token for each. Never a ballot.

Bytes in JSON are standard base64 with padding, in its only spelling.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict

from admin.session import attend, keys
from admin.session.place import Place
from bot.web import limits
from bot.web.problems import Problem
from crypto.blind import IssuerSecret
from crypto.encoding import base64_bytes, to_base64
from crypto.errors import BadCode, Refused
from crypto.session import Election, Policy
from storage.registrar import RegistrarBook
from storage.rows import Login

# A meeting of 500 with letters at hand makes a few; a program that tries codes makes many.
_WRONG_CODES, _WRONG_CODES_SECONDS = 30, 60.0


@dataclass
class RegistrarSide:
    """What the registrar's routes work with."""

    place: Place
    book: RegistrarBook
    clock: Callable[[], float] = time.time
    attempts: limits.Attempts = field(
        default_factory=lambda: limits.Attempts(_WRONG_CODES, _WRONG_CODES_SECONDS, time.monotonic)
    )
    _issuers: dict[str, IssuerSecret] = field(default_factory=dict)

    def issuer(self, uuid: str) -> IssuerSecret:
        """The key that signs tokens, read once."""
        if uuid not in self._issuers:
            self._issuers[uuid] = keys.issuer(self.place, uuid)
        return self._issuers[uuid]

    async def policy(self, uuid: str) -> Policy:
        """The rules of a session. Raises Refused before the seal."""
        row = await self.book.session(uuid)
        if row.election is None:
            raise Refused("the session has not been sealed")
        return _policy(row.election)


def side(request: Request) -> RegistrarSide:
    """The registrar's side of this app."""
    found = request.app.state.registrar
    if not isinstance(found, RegistrarSide):
        raise TypeError("this app has no registrar")
    return found


Side = Annotated[RegistrarSide, Depends(side)]
_Said = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


async def bearer(here: Side, said: _Said) -> Login:
    """Whose bearer the request carries. Raises BadCode if nobody's."""
    if said is None:
        raise BadCode("no bearer")
    return await attend.who(here.book, said.credentials, int(here.clock()))


Known = Annotated[Login, Depends(bearer)]


class Code(BaseModel):
    """The login half of an invitation code: 16 letters."""

    model_config = ConfigDict(extra="forbid", strict=True)

    uuid: str
    code: str


class Bearer(BaseModel):
    """What later requests carry as `Authorization: Bearer …`."""

    bearer: str
    expires_in: int


class Blinded(BaseModel):
    """A blinded token message. Without a channel, the first of browser and cli that is open."""

    model_config = ConfigDict(extra="forbid", strict=True)

    blinded: str
    channel: Literal["browser", "cli"] | None = None


class BlindSignature(BaseModel):
    """The registrar's answer, to be unblinded."""

    blind_signature: str


router = APIRouter(prefix="/api/v1/registrar", tags=["registrar"])


@router.post("/login", openapi_extra=limits.described(Code))
async def login(request: Request, here: Side) -> Bearer:
    """Turns a code into a bearer."""
    asked = await limits.json_body(request, Code)
    await here.book.session(asked.uuid)
    now = int(here.clock())
    try:
        made = await attend.login(here.book, asked.uuid, asked.code, now)
    except BadCode:
        # A right code is never made to wait: strangers must not lock out a meeting, and 80
        # bits are not guessed at any rate.
        seconds = here.attempts.failed(asked.uuid)
        if seconds is not None:
            raise Problem(429, "too_many_attempts", seconds) from None
        raise
    return Bearer(bearer=made.text, expires_in=made.expires - now)


@router.post("/token", openapi_extra=limits.described(Blinded))
async def token(request: Request, here: Side, known: Known) -> BlindSignature:
    """Signs once for each voter; the same blinded message again gets the same answer."""
    asked = await limits.json_body(request, Blinded)
    blinded = base64_bytes(asked.blinded, "blinded")
    channel = _channel(asked.channel, await here.policy(known.uuid))
    answer = await attend.token(here.book, here.issuer(known.uuid), known, blinded, channel)
    return BlindSignature(blind_signature=to_base64(answer))


@router.put(
    "/recovery", status_code=204, openapi_extra=limits.described_bytes("application/octet-stream")
)
async def keep(request: Request, here: Side, known: Known) -> None:
    """Keeps what a phone sealed under the second half of its code, at most 4096 bytes."""
    sealed = await limits.body(request, attend.MAX_RECOVERY)
    await attend.keep(here.book, known, sealed)


@router.get(
    "/recovery",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
async def kept(here: Side, known: Known) -> Response:
    """What was kept, for another device of the same voter; 404 if nothing was."""
    sealed = await attend.kept(here.book, known)
    if sealed is None:
        raise Problem(404, "not_found")
    return Response(sealed, media_type="application/octet-stream")


def _channel(asked: str | None, policy: Policy) -> str:
    """The channel under which the token is counted. Raises Refused if it is not open."""
    wanted = ("browser", "cli") if asked is None else (asked,)
    channel = next((one for one in wanted if one in policy.channels), None)
    if channel is None:
        raise Refused("the session does not use this channel")
    return channel


@lru_cache(maxsize=8)
def _policy(raw: bytes) -> Policy:
    parameters = Election.decode(raw).parameters
    if parameters is None:
        raise Refused("not a session of this program")
    return parameters.policy
