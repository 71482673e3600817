"""The ballot box's routes. They know what is cast, never by whom.

A request that carries an identity is refused before anything else, so that no client can
begin to send one unnoticed. Every answer closes its connection: the next request of the same
client is nobody's.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict
from starlette.responses import FileResponse

from admin.session import keys
from admin.session.datadir import DataDir
from admin.voting import box
from bot.sides.checking import Checker
from bot.web import archives, limits
from bot.web.problems import Problem
from crypto import ballot, checkpoint, evidence
from crypto.audit import encode_credentials
from crypto.encoding import b64_sha256
from crypto.errors import Closed, NotOpen, UnknownSession
from crypto.group import Element
from crypto.lifecycle import State
from crypto.session import Election, Parameters
from storage.box.book import BoxBook

_BEFORE: Final = frozenset({State.DRAFT, State.SEALED, State.CHECKIN})
_JSON: Final[dict[str, dict[str, str]]] = {"application/json": {}}
_IDENTITIES: Final = ("authorization", "proxy-authorization", "cookie")


@dataclass
class BoxSide:
    """What the box's routes work with.

    Attributes:
        under_way: for each session the ballots that came in time and are not stored yet.
    """

    datadir: DataDir
    book: BoxBook
    checker: Checker
    clock: Callable[[], float] = time.time
    under_way: Counter[str] = field(default_factory=Counter)

    async def definition(self, uuid: str) -> tuple[Election, Parameters]:
        """What was sealed. Raises UnknownSession."""
        row = await self.book.session(uuid)
        return _decoded(row.election)

    async def take(self, election: Election, raw: bytes, received: float) -> None:
        """Stores a ballot that came in time; within `receiving`."""
        if await box.admit(self.book, election, raw) is None:
            return
        row = await self.book.session(election.uuid)
        _check_open(row.state, row.closes, received)
        checked = await self.checker.check(election.raw, raw)
        await box.store(self.book, election, raw, checked)

    @contextmanager
    def receiving(self, uuid: str) -> Iterator[float]:
        """The moment at which a ballot has come whole; the close waits for the end of the block."""
        self.under_way[uuid] += 1
        try:
            yield self.clock()
        finally:
            self.under_way[uuid] -= 1


def _side(request: Request) -> BoxSide:
    found = request.app.state.box
    if not isinstance(found, BoxSide):
        raise TypeError("this app has no box")
    return found


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
async def register(uuid: str, request: Request, here: Side) -> Registered:
    """Registers a credential; the same again changes nothing."""
    election, parameters = await here.definition(uuid)
    asked = await limits.json_body(request, Registration)
    await box.register(here.book, election, parameters, asked.credential, asked.token)
    return Registered(credential=asked.credential)


@router.post("/ballots", status_code=201, openapi_extra=limits.described_bytes("application/json"))
async def cast_ballot(uuid: str, request: Request, here: Side) -> Promise:
    """Checks and stores a ballot; the same bytes again get the same promise, even afterwards.

    Spaces after it are no part of it: with them every ballot of a session is equally long on its
    way.
    """
    election, _ = await here.definition(uuid)
    raw = (await limits.body(request, ballot.size_limit(election))).rstrip(b" ")
    with here.receiving(uuid) as received:
        await here.take(election, raw, received)
    tracker = b64_sha256(raw)
    signer = keys.signer(here.datadir, uuid, "box")
    return Promise(tracker=tracker, promise=box.promise(election, tracker, signer))


@router.get("/credentials", response_class=Response, responses={200: {"model": list[str]}})
async def credentials(uuid: str, here: Side) -> Response:
    """The registered credentials, ascending: the bytes that the opening checkpoint fixes."""
    await here.book.session(uuid)
    rows = await here.book.credentials(uuid)
    listed = encode_credentials(Element(raw) for raw, _ in rows)
    return Response(listed, media_type="application/json")


@router.get("/trackers", response_class=Response, responses={200: {"model": list[str]}})
async def trackers(uuid: str, here: Side) -> Response:
    """After the close all trackers, ascending: the bytes that the closing checkpoint fixes."""
    archives.check_closed((await here.book.session(uuid)).state)
    listed = evidence.encode_trackers(await here.book.trackers(uuid))
    return Response(listed, media_type="application/json")


@router.get(
    "/checkpoints", response_class=Response, responses={200: {"content": {"text/plain": {}}}}
)
async def checkpoints(uuid: str, here: Side) -> Response:
    """The signed notes so far, in order, as in checkpoints.txt."""
    await here.book.session(uuid)
    notes = await here.book.notes(uuid)
    joined = checkpoint.join([notes[state] for state in checkpoint.COUNTS if state in notes])
    return Response(joined, media_type="text/plain")


@router.get("/record", response_class=FileResponse, responses=archives.DESCRIBED)
async def record(uuid: str, here: Side) -> FileResponse:
    """After the close the archive, once published the whole record; if both are public."""
    return archives.download(here.datadir, uuid, await _public(here, uuid))


@router.get("/results", response_class=Response, responses={200: {"content": _JSON}})
async def results(uuid: str, here: Side) -> Response:
    """Once published the results.json of the record, if that is public."""
    state = await _public(here, uuid)
    found = await asyncio.to_thread(archives.results, here.datadir, uuid, state)
    return Response(found, media_type="application/json")


async def _public(here: BoxSide, uuid: str) -> State:
    """The state of a session whose record everyone may have. Raises Problem."""
    row = await here.book.session(uuid)
    _, parameters = _decoded(row.election)
    if parameters.policy.publication != "public":
        raise Problem(403, "members_only")
    return row.state


def _check_open(state: State, closes: int | None, received: float) -> None:
    """Raises NotOpen or Closed unless a ballot received at that moment counts."""
    if state in _BEFORE:
        raise NotOpen("voting has not been opened")
    if state != State.OPEN or (closes is not None and received >= closes):
        raise Closed("voting has been closed")


@lru_cache(maxsize=8)
def _decoded(raw: bytes) -> tuple[Election, Parameters]:
    election = Election.decode(raw)
    if election.parameters is None:
        raise UnknownSession("not a session of this program")
    return election, election.parameters
