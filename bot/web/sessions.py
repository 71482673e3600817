"""What everyone may know of a session at any time: definition, state, counts. No results.

Followers hear of a change by server-sent events. The books are looked at once for each
session that somebody follows, however many follow it; a change that another process made is
found the same way.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from bot import logs
from bot.web.problems import busy
from crypto.errors import UnknownSession
from crypto.lifecycle import State
from crypto.session import Election
from storage.box.book import BoxBook
from storage.registrar.book import RegistrarBook
from storage.rows import BoxSession, SessionRow

LOOK_SECONDS: Final = 0.5  # "within a second", with room for a slow disk
HEARTBEAT_SECONDS: Final = 15.0  # proxies give up on a silent connection after 30 or 60
FOLLOWERS: Final = 1500  # each holds a connection; an assembly of 500 with two devices each

_ORDER: Final = tuple(State)
_SIGNED_LAST: Final = {State.OPEN: State.CHECKIN, State.CLOSED: State.OPEN}


class Counts(BaseModel):
    """null where this host, or nobody yet, knows the number."""

    roster: int | None = None
    present: int | None = None
    issued: int | None = None
    registered: int | None = None
    cast: int | None = None


class Session(BaseModel):
    """What is public.

    Attributes:
        election: the exact text of election.json; null before the seal.
        closes: when voting ends, in Unix seconds; null while that is not settled.
        on_paper: whether it was sealed with paper as the only way of voting: no election, no
            tokens; `issued` counts paper ballots.
    """

    election: str | None
    state: State
    counts: Counts
    closes: int | None
    on_paper: bool = False


@dataclass
class _Topic:
    """A followed session: what was seen last, and who waits for the next."""

    looking: asyncio.Task[None]
    followers: int = 0
    latest: Session | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, found: Session | None) -> None:
        self.latest = found
        before, self.changed = self.changed, asyncio.Event()
        before.set()


class Board:
    """Reads both books, or the one that this host has."""

    def __init__(self, registrar: RegistrarBook | None, box: BoxBook | None) -> None:
        self._registrar = registrar
        self._box = box
        self._topics: dict[str, _Topic] = {}
        self._signed: set[tuple[str, State]] = set()
        self.followers = 0
        self.stopping = False

    async def session(self, uuid: str) -> Session:
        """The session now. Raises UnknownSession."""
        found: list[State] = []
        counts, election, closes, on_paper = Counts(), None, None, False
        if self._registrar is not None:
            row = await self._registrar.session(uuid)
            found.append(row.state)
            election, counts.present = row.election, row.present
            counts.issued = sum((await self._registrar.issued(uuid)).values())
            if on_paper := _is_on_paper(row):
                counts.roster = len(await self._registrar.roster(uuid))
                counts.issued = (await self._registrar.paper.counts(uuid)).issued
        kept = None if self._box is None else await _kept(self._box, uuid)
        if self._box is not None and kept is not None:
            found.append(kept.state)
            election, closes = kept.election, kept.closes
            known = await self._box.counts(uuid)
            counts.registered, counts.cast = known["registered"], known["cast"]
        if not found:
            raise UnknownSession("no session has this uuid here")
        if election is not None:
            counts.roster = _roster_size(election)
        state = min(found, key=_ORDER.index)
        if not on_paper:
            state = await self._told(uuid, state)
        text = None if election is None else election.decode()
        return Session(election=text, state=state, counts=counts, closes=closes, on_paper=on_paper)

    async def state(self, uuid: str) -> State:
        """The state alone, for who asks often. Raises UnknownSession."""
        found: list[State] = []
        if self._registrar is not None:
            row = await self._registrar.session(uuid)
            if _is_on_paper(row):
                return row.state
            found.append(row.state)
        kept = None if self._box is None else await _kept(self._box, uuid)
        if kept is not None:
            found.append(kept.state)
        if not found:
            raise UnknownSession("no session has this uuid here")
        return await self._told(uuid, min(found, key=_ORDER.index))

    async def _told(self, uuid: str, state: State) -> State:
        """A step is told when both books have made it and its checkpoint is signed.

        So whoever reads "open" or "closed" finds the list, the note and the archive of it.
        """
        if state in _SIGNED_LAST and (uuid, state) not in self._signed:
            book = self._box or self._registrar
            notes = {} if book is None else await book.notes(uuid)
            while state in _SIGNED_LAST and state not in notes:
                state = _SIGNED_LAST[state]
            self._signed |= {(uuid, signed) for signed in notes}
        return state

    async def follow(self, uuid: str) -> AsyncIterator[bytes]:
        """Server-sent events: the session now, then each change, then nothing but heartbeats."""
        topic = self._topic(uuid)
        topic.followers += 1
        seen: Session | None = None
        try:
            yield b"retry: 2000\n\n"
            while not self.stopping:
                changed = topic.changed
                if topic.latest is not None and topic.latest != seen:
                    seen = topic.latest
                    yield _event(seen)
                    continue
                try:
                    await asyncio.wait_for(changed.wait(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    yield b":\n\n"
        finally:
            topic.followers -= 1
            if not topic.followers and self._topics.get(uuid) is topic:
                del self._topics[uuid]
                topic.looking.cancel()

    def stop(self) -> None:
        """Lets all followers go."""
        self.stopping = True
        for topic in self._topics.values():
            topic.tell(topic.latest)

    def _topic(self, uuid: str) -> _Topic:
        if uuid not in self._topics:
            self._topics[uuid] = _Topic(asyncio.create_task(self._look(uuid)))
        return self._topics[uuid]

    async def _look(self, uuid: str) -> None:
        failing = False
        while True:
            try:
                found = await self.session(uuid)
            except Exception as error:  # noqa: BLE001  a follower outlives a failing disk
                if not failing:
                    logs.failure("looking at a session", error)
                failing = True
            else:
                failing = False
                if found != self._topics[uuid].latest:
                    self._topics[uuid].tell(found)
            await asyncio.sleep(LOOK_SECONDS)


def _is_on_paper(row: SessionRow) -> bool:
    """Only a session on paper is ever sealed without a definition; nothing of it is signed."""
    return row.election is None and row.state not in {State.DRAFT, State.CANCELLED}


async def _kept(box: BoxBook, uuid: str) -> BoxSession | None:
    """What the box knows; a draft has not come there yet."""
    try:
        return await box.session(uuid)
    except UnknownSession:
        return None


def _event(found: Session) -> bytes:
    shown = found.model_dump(mode="json", exclude={"election"})
    return f"event: session\ndata: {json.dumps(shown)}\n\n".encode()


@lru_cache(maxsize=8)
def _roster_size(raw: bytes) -> int | None:
    parameters = Election.decode(raw).parameters
    return parameters.roster_size if parameters else None


def _board(request: Request) -> Board:
    found = request.app.state.board
    if not isinstance(found, Board):
        raise TypeError("this app has no board")
    return found


Here = Annotated[Board, Depends(_board)]

router = APIRouter(prefix="/api/v1/sessions/{uuid}", tags=["sessions"])


@router.get("")
async def session(uuid: str, here: Here) -> Session:
    """The definition, the state and the counts."""
    return await here.session(uuid)


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def events(uuid: str, here: Here) -> StreamingResponse:
    """Server-sent events named `session`, each with {state, counts, closes}."""
    await here.session(uuid)
    if here.followers >= FOLLOWERS:
        raise busy(5)
    return StreamingResponse(_counted(here, uuid), media_type="text/event-stream")


async def _counted(here: Board, uuid: str) -> AsyncIterator[bytes]:
    here.followers += 1
    try:
        async for piece in here.follow(uuid):
            yield piece
    finally:
        here.followers -= 1
