"""The registrar's routes: who somebody is, and one token for each. Never a ballot.

Bytes in JSON are standard base64 with padding, in its only spelling.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Final, Literal, Self

from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, model_validator

from admin.office.questions import Asked
from admin.session import keys, paper_definition
from admin.session.datadir import DataDir
from admin.voting import registrar, telegram_evidence, telegram_login
from admin.voting.telegram_login import BadInitData
from bot.web import limits
from bot.web.problems import Problem
from crypto.blind import IssuerSecret
from crypto.encoding import base64_bytes, to_base64
from crypto.errors import BadCode, Refused
from crypto.session import Election, Policy
from storage.registrar.book import RegistrarBook
from storage.rows import CODE, MINIAPP, Login

# The ways of voting that are open to a login; the first that the session has, if none is asked for.
_CHANNELS: Final = {CODE: ("browser", "cli"), MINIAPP: (MINIAPP,)}
# A meeting of 500 with letters at hand makes a few; a program that tries codes makes many.
_WRONG, _WRONG_SECONDS = 30, 60.0


@dataclass
class RegistrarSide:
    """What the registrar's routes work with."""

    datadir: DataDir
    book: RegistrarBook
    clock: Callable[[], float] = time.time
    attempts: limits.Attempts = field(
        default_factory=lambda: limits.Attempts(_WRONG, _WRONG_SECONDS, time.monotonic)
    )
    asked: Asked = field(default_factory=Asked)
    _issuers: dict[str, IssuerSecret] = field(default_factory=dict)

    @property
    def token(self) -> str:
        """The bot's token. Raises Problem where this host has none."""
        try:
            found = self.datadir.token()
        except Refused:
            found = None
        if found is None:
            raise Problem(403, "no_bot")
        return found

    def issuer(self, uuid: str) -> IssuerSecret:
        """The key that signs tokens, read once."""
        if uuid not in self._issuers:
            self._issuers[uuid] = keys.issuer(self.datadir, uuid)
        return self._issuers[uuid]

    async def policy(self, uuid: str) -> Policy:
        """The rules of a session. Raises Refused before the seal."""
        row = await self.book.session(uuid)
        if row.election is None:
            if await self.book.messages(uuid, paper_definition.KIND):
                raise paper_definition.OnPaper("the session votes on paper only")
            raise Refused("the session has not been sealed")
        return _policy(row.election)


def side(request: Request) -> RegistrarSide:
    """The registrar's side of this app."""
    found = request.app.state.registrar
    if not isinstance(found, RegistrarSide):
        raise TypeError("this app has no registrar")
    return found


Side = Annotated[RegistrarSide, Depends(side)]
Said = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


async def bearer(here: Side, said: Said) -> Login:
    """Whose bearer the request carries. Raises BadCode if nobody's."""
    if said is None:
        raise BadCode("no bearer")
    return await registrar.who(here.book, said.credentials, int(here.clock()))


Known = Annotated[Login, Depends(bearer)]


class Admission(BaseModel):
    """The login half of an invitation code, 16 letters; or a Mini App's initData as it came."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"oneOf": [{"required": ["code"]}, {"required": ["init_data"]}]},
    )

    uuid: str
    code: str = ""
    init_data: str = ""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set & {"code", "init_data"}) != 1:
            raise ValueError("one of code and init_data")
        return self


class Bearer(BaseModel):
    """What later requests carry as `Authorization: Bearer …`."""

    bearer: str
    expires_in: int


class Blinded(BaseModel):
    """A blinded token message. The channel is one of the login's; without one, the first open."""

    model_config = ConfigDict(extra="forbid", strict=True)

    blinded: str
    channel: Literal["miniapp", "browser", "cli"] | None = None


class BlindSignature(BaseModel):
    """The registrar's answer, to be unblinded."""

    blind_signature: str


router = APIRouter(prefix="/api/v1/registrar", tags=["registrar"])


@router.post("/login", openapi_extra=limits.described(Admission))
async def login(request: Request, here: Side) -> Bearer:
    """Turns a code, or what Telegram signed, into a bearer."""
    asked = await limits.json_body(request, Admission)
    await here.book.session(asked.uuid)
    now = int(here.clock())
    try:
        if "code" in asked.model_fields_set:
            made = await registrar.login(here.book, asked.uuid, asked.code, now)
        else:
            made = await _arrived(here, asked.uuid, asked.init_data, now)
    except BadCode as error:
        raise _slowed(here, asked.uuid) or error from None
    except BadInitData as error:
        # Only what Telegram did not sign is a guess; all else is told, however often it comes.
        guessed = error.code == BadInitData.code
        slowed = _slowed(here, asked.uuid) if guessed else None
        status = 409 if isinstance(error, registrar.Used) else 403
        raise slowed or Problem(status, error.code) from None
    return Bearer(bearer=made.text, expires_in=made.expires - now)


async def _arrived(here: RegistrarSide, uuid: str, raw: str, now: int) -> registrar.Bearer:
    seen = telegram_login.check(raw, here.token, uuid, now)
    if MINIAPP not in (await here.policy(uuid)).channels:
        raise Refused("the session does not use the Mini App")
    key = here.datadir.settings.auditor_key
    evidence = telegram_evidence.seal(key, uuid, raw) if key and seen.attested else None
    return await registrar.arrive(here.book, uuid, seen, evidence, now)


def _slowed(here: RegistrarSide, uuid: str) -> Problem | None:
    """Counts a failure; what is said instead of it when there are too many.

    Whoever is right is never made to wait: strangers must not lock out a meeting, and neither
    80 bits nor a signature are guessed at any rate.
    """
    seconds = here.attempts.failed(uuid)
    return None if seconds is None else Problem(429, "too_many_attempts", seconds)


@router.post("/token", openapi_extra=limits.described(Blinded))
async def token(request: Request, here: Side, known: Known) -> BlindSignature:
    """Signs once for each voter; the same blinded message again gets the same answer."""
    asked = await limits.json_body(request, Blinded)
    blinded = base64_bytes(asked.blinded, "blinded")
    channel = _channel(asked.channel, known, await here.policy(known.uuid))
    answer = await registrar.token(here.book, here.issuer(known.uuid), known, blinded, channel)
    return BlindSignature(blind_signature=to_base64(answer))


@router.put(
    "/recovery", status_code=204, openapi_extra=limits.described_bytes("application/octet-stream")
)
async def keep(request: Request, here: Side, known: Known) -> None:
    """Keeps what a phone sealed under the second half of its code, at most 4096 bytes."""
    sealed = await limits.body(request, registrar.MAX_RECOVERY)
    await registrar.keep(here.book, known, sealed)


@router.get(
    "/recovery",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
async def kept(here: Side, known: Known) -> Response:
    """What was kept, for another device of the same voter; 404 if nothing was."""
    sealed = await registrar.kept(here.book, known)
    if sealed is None:
        raise Problem(404, "not_found")
    return Response(sealed, media_type="application/octet-stream")


def _channel(asked: str | None, known: Login, policy: Policy) -> str:
    """The channel under which the token is counted, true as far as we know.

    Raises:
        Refused: it is not open, or not what the login came by.
    """
    wanted = _CHANNELS[known.way] if asked is None else (asked,)
    ours = (one for one in wanted if one in policy.channels and one in _CHANNELS[known.way])
    channel = next(ours, None)
    if channel is None:
        raise Refused("the session, or this login, does not use this channel")
    return channel


@lru_cache(maxsize=8)
def _policy(raw: bytes) -> Policy:
    parameters = Election.decode(raw).parameters
    if parameters is None:
        raise Refused("not a session of this program")
    return parameters.policy
