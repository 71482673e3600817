"""The registrar's routes: who somebody is, and one token for each. Never a ballot.

Bytes in JSON are standard base64 with padding, in its only spelling.
"""

from typing import Annotated, Final, Literal, Self

from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, model_validator

from admin.voting import registrar, telegram_evidence, telegram_login
from admin.voting.telegram_login import BadInitData
from bot import limits
from bot.sides.problem import Problem
from bot.sides.registrar import RegistrarSide
from crypto.encoding import base64_bytes, to_base64
from crypto.errors import BadCode, Refused
from crypto.session import Policy
from storage.rows import CODE, MINIAPP, Login

# The ways of voting that are open to a login; the first that the session has, if none is asked for.
_CHANNELS: Final = {CODE: ("browser", "cli"), MINIAPP: (MINIAPP,)}


def _side(request: Request) -> RegistrarSide:
    side = request.app.state.registrar
    if not isinstance(side, RegistrarSide):
        raise TypeError("this app has no registrar")
    return side


Side = Annotated[RegistrarSide, Depends(_side)]
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


async def bearer(side: Side, credentials: Credentials) -> Login:
    """Whose bearer the request carries. Raises BadCode if nobody's."""
    if credentials is None:
        raise BadCode("no bearer")
    return await registrar.who(side.book, credentials.credentials, int(side.clock()))


LoggedIn = Annotated[Login, Depends(bearer)]


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
async def login(request: Request, side: Side) -> Bearer:
    """Turns a code, or what Telegram signed, into a bearer."""
    admission = await limits.json_body(request, Admission)
    now = int(side.clock())
    try:
        if "code" in admission.model_fields_set:
            bearer = await registrar.login(side.book, admission.uuid, admission.code, now)
        else:
            bearer = await _arrived(side, admission.uuid, admission.init_data, now)
    except BadCode as error:
        await side.book.session(admission.uuid)  # of no session there is nothing to guess
        raise _slowed(side, admission.uuid) or error from None
    except BadInitData as error:
        await side.book.session(admission.uuid)
        # Only what Telegram did not sign is a guess; all else is told, however often it comes.
        guessed = error.code == BadInitData.code
        slowed = _slowed(side, admission.uuid) if guessed else None
        status = 409 if isinstance(error, registrar.Used) else 403
        raise slowed or Problem(status, error.code) from None
    return Bearer(bearer=bearer.text, expires_in=bearer.expires - now)


async def _arrived(side: RegistrarSide, uuid: str, raw: str, now: int) -> registrar.IssuedBearer:
    init_data = telegram_login.check(raw, side.bot_token, uuid, now)
    if MINIAPP not in (await side.policy(uuid)).channels:
        raise Refused("the session does not use the Mini App")
    key = side.datadir.settings.auditor_key
    evidence = telegram_evidence.seal(key, uuid, raw) if key and init_data.attested else None
    return await registrar.arrive(side.book, uuid, init_data, evidence, now)


def _slowed(side: RegistrarSide, uuid: str) -> Problem | None:
    """Counts a failure; the answer instead of it when there are too many.

    Whoever is right is never made to wait: strangers must not lock out a meeting, and neither
    80 bits nor a signature are guessed at any rate.
    """
    seconds = side.attempts.failed(uuid)
    return None if seconds is None else Problem(429, "too_many_attempts", seconds)


@router.post("/token", openapi_extra=limits.described(Blinded))
async def token(request: Request, side: Side, login: LoggedIn) -> BlindSignature:
    """Signs once for each voter; the same blinded message again gets the same answer."""
    body = await limits.json_body(request, Blinded)
    blinded = base64_bytes(body.blinded, "blinded")
    channel = _channel(body.channel, login, await side.policy(login.uuid))
    answer = await registrar.token(side.book, side.issuer(login.uuid), login, blinded, channel)
    return BlindSignature(blind_signature=to_base64(answer))


@router.put(
    "/recovery", status_code=204, openapi_extra=limits.described_bytes("application/octet-stream")
)
async def keep(request: Request, side: Side, login: LoggedIn) -> None:
    """Keeps what a phone has sealed under its backup code, at most 4096 bytes, once."""
    if (await side.policy(login.uuid)).recovery != "phone":
        raise Refused("in this session no ballot moves to another device")
    sealed = await limits.body(request, registrar.MAX_RECOVERY)
    await registrar.keep(side.book, login, sealed)


@router.get(
    "/recovery",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
async def kept(side: Side, login: LoggedIn) -> Response:
    """What was kept, for another device of the same voter; 404 if nothing was."""
    sealed = await registrar.recovery(side.book, login)
    if sealed is None:
        raise Problem(404, "not_found")
    return Response(sealed, media_type="application/octet-stream")


def _channel(name: str | None, login: Login, policy: Policy) -> str:
    """The channel under which the token is counted, true as far as we know.

    Args:
        name: as the client says; None for the first that is open.

    Raises:
        Refused: it is not open, or not what the login came by.
    """
    ways = _CHANNELS[login.way]
    for channel in ways if name is None else (name,):
        if channel in ways and channel in policy.channels:
            return channel
    raise Refused("the session, or this login, does not use this channel")
