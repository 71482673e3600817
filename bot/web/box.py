"""The ballot box's routes. They know what is cast, never by whom.

A request that carries an identity is refused before anything else, so that no client can
begin to send one unnoticed. Every answer closes its connection: the next request of the same
client is nobody's.
"""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict
from starlette.responses import FileResponse

from admin.session.definition import sealed
from admin.voting import box
from bot import limits
from bot.sides.box import BoxSide
from bot.sides.problem import Problem
from bot.web import archives
from crypto import ballot, checkpoint
from crypto.audit import evidence
from crypto.encoding import b64_sha256
from crypto.lifecycle import State

_JSON: Final[dict[str, dict[str, str]]] = {"application/json": {}}
_IDENTITIES: Final = ("authorization", "proxy-authorization", "cookie")


def _side(request: Request) -> BoxSide:
    side = request.app.state.box
    if not isinstance(side, BoxSide):
        raise TypeError("this app has no box")
    return side


def _nobody(request: Request) -> None:
    """Raises Problem if the request says who sends it."""
    telegram = any("telegram" in name for name in request.headers)
    if telegram or any(name in request.headers for name in _IDENTITIES):
        raise Problem(400, "identity_not_welcome")


Side = Annotated[BoxSide, Depends(_side)]


class Registration(BaseModel):
    """A credential in hex and its token in standard base64."""

    model_config = ConfigDict(extra="forbid", strict=True)

    credential: str
    token: str


class Registered(BaseModel):
    """The credential stands on the list."""

    credential: str


class Promise(BaseModel):
    """The ballot is stored: its tracker, and the box's signed note about it."""

    tracker: str
    promise: str


router = APIRouter(prefix="/api/v1/box/{uuid}", tags=["box"], dependencies=[Depends(_nobody)])


@router.post("/credentials", status_code=201, openapi_extra=limits.described(Registration))
async def register(uuid: str, request: Request, side: Side) -> Registered:
    """Registers a credential; the same again changes nothing."""
    election, parameters = await side.definition(uuid)
    registration = await limits.json_body(request, Registration)
    await box.register(side.book, election, parameters, registration.credential, registration.token)
    return Registered(credential=registration.credential)


@router.post("/ballots", status_code=201, openapi_extra=limits.described_bytes("application/json"))
async def cast_ballot(uuid: str, request: Request, side: Side) -> Promise:
    """Checks and stores a ballot; the same bytes again get the same promise, even afterwards.

    Spaces after it are no part of it: with them every ballot of a session is equally long on its
    way.
    """
    election, _ = await side.definition(uuid)
    raw = (await limits.body(request, ballot.size_limit(election))).rstrip(b" ")
    with side.receiving(uuid) as received:
        await side.take(election, raw, received)
    tracker = b64_sha256(raw)
    return Promise(tracker=tracker, promise=side.promise(election, tracker))


@router.get("/credentials", response_class=Response, responses={200: {"model": list[str]}})
async def credentials(uuid: str, side: Side) -> Response:
    """From the opening on the credentials, ascending: the bytes that its checkpoint fixes."""
    content = await box.credential_list(side.book, uuid)
    return Response(content, media_type="application/json")


@router.get("/trackers", response_class=Response, responses={200: {"model": list[str]}})
async def trackers(uuid: str, side: Side) -> Response:
    """After the close all trackers, ascending: the bytes that the closing checkpoint fixes."""
    archives.check_closed((await side.book.session(uuid)).state)
    content = evidence.encode_trackers(await side.book.trackers(uuid))
    return Response(content, media_type="application/json")


@router.get(
    "/checkpoints", response_class=Response, responses={200: {"content": {"text/plain": {}}}}
)
async def checkpoints(uuid: str, side: Side) -> Response:
    """The signed notes so far, in order, as in checkpoints.txt."""
    await side.book.session(uuid)
    notes = await side.book.notes(uuid)
    joined = checkpoint.join([notes[state] for state in checkpoint.COUNTS if state in notes])
    return Response(joined, media_type="text/plain")


@router.get("/record", response_class=FileResponse, responses=archives.DESCRIBED)
async def record(uuid: str, side: Side) -> FileResponse:
    """After the close the archive, once published the whole record; if both are public."""
    return archives.download(side.datadir, uuid, await _public(side, uuid))


@router.get("/results", response_class=Response, responses={200: {"content": _JSON}})
async def results(uuid: str, side: Side) -> Response:
    """Once published the results.json of the record, if that is public."""
    state = await _public(side, uuid)
    content = await asyncio.to_thread(archives.results, side.datadir, uuid, state)
    return Response(content, media_type="application/json")


async def _public(side: BoxSide, uuid: str) -> State:
    """The state of a session whose record everyone may have. Raises Problem."""
    row = await side.book.session(uuid)
    _, parameters = sealed(row.election)
    if parameters.policy.publication != "public":
        raise Problem(403, "members_only")
    return row.state
