"""The public facts of a session at any time: definition, state, counts. No results.

Followers hear of a change by server-sent events. The books are looked at once for each
session that somebody follows, however many follow it; a change that another process made is
found the same way.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field

from pydantic import BaseModel

from admin.lifecycle import signing
from admin.lifecycle.seal import proposal
from admin.session.definition import sealed
from admin.session.session import Session
from bot.pauses import Pauses, rounds
from crypto import note
from crypto.committee import Moment
from crypto.errors import UnknownSession
from crypto.lifecycle import BEFORE_OPENING, State, public, settled
from storage.box.book import BoxBook
from storage.registrar.book import RegistrarBook
from storage.rows import BoxSession, SessionRow


class Counts(BaseModel):
    """null where this host, or nobody yet, knows the number.

    Attributes:
        registered: from the opening on. Before it each change would tell when a credential came.
    """

    roster: int | None = None
    present: int | None = None
    issued: int | None = None
    registered: int | None = None
    cast: int | None = None


class Awaited(BaseModel):
    """How many trustees have signed at a moment, how many must, how many there are."""

    moment: Moment
    signed: int
    needed: int
    size: int


class PublicSession(BaseModel):
    """The public facts of a session; explained at `Session` in bot/web/sessions.py."""

    election: str | None
    state: State
    counts: Counts
    closes: int | None
    on_paper: bool = False
    waiting: Awaited | None = None
    zone: str | None = None


@dataclass
class _Topic:
    """A followed session: how it was last, and who waits for the next change."""

    looking: asyncio.Task[None]
    followers: int = 0
    latest: PublicSession | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(self, session: PublicSession | None) -> None:
        self.latest = session
        before, self.changed = self.changed, asyncio.Event()
        before.set()


class Board:
    """Reads both books, or the one that this host has."""

    def __init__(
        self, registrar: RegistrarBook | None, box: BoxBook | None, pauses: Pauses
    ) -> None:
        self._registrar = registrar
        self._box = box
        self._pauses = pauses
        self._topics: dict[str, _Topic] = {}
        self._signed: set[tuple[str, State]] = set()
        self.stopping = False

    async def session(self, uuid: str) -> PublicSession:
        """The session now. Raises UnknownSession."""
        row, box_row = await self._rows(uuid)
        counts, election, closes = Counts(), None, None
        if self._registrar is not None and row is not None:
            election, counts.present = row.election, row.present
            if row.paper is not None:
                counts.roster = len(await self._registrar.roster(uuid))
                counts.issued = (await self._registrar.paper.counts(uuid)).issued
            else:
                counts.issued = sum((await self._registrar.issued(uuid)).values())
        if self._box is not None and box_row is not None:
            election, closes = box_row.election, box_row.closes
            totals = await self._box.counts(uuid)
            counts.cast = totals["cast"]
            if box_row.state not in BEFORE_OPENING:
                counts.registered = totals["registered"]
        if election is not None:
            _, parameters = sealed(election)
            counts.roster = parameters.roster_size
        return PublicSession(
            election=None if election is None else election.decode(),
            state=await self._public_state(uuid, row, box_row),
            counts=counts,
            closes=closes,
            on_paper=row is not None and row.paper is not None,
            waiting=await self._waiting(uuid, row, box_row),
            zone=None if row is None else Session.of_row(row).session_file.zone,
        )

    async def _waiting(
        self, uuid: str, row: SessionRow | None, box_row: BoxSession | None
    ) -> Awaited | None:
        """For whose signatures everybody waits now, from the notes as they grow."""
        row_state = State.DRAFT if row is None else row.state
        if row_state == State.DRAFT and box_row is None and self._registrar is not None:
            return await self._waiting_for_seal(self._registrar, uuid)
        state = row_state if box_row is None else box_row.state
        moment = next((m for m, during in signing.DURING.items() if during == state), None)
        book, stored = self._box or self._registrar, box_row or row
        if moment is None or book is None or stored is None or stored.election is None:
            return None
        raw = (await book.notes(uuid)).get(signing.NOTE_OF[moment])
        if raw is None:
            return None
        waiting = signing.waiting_for(*sealed(stored.election), moment, note.parse(raw))
        return None if waiting is None else Awaited(**asdict(waiting))

    async def _waiting_for_seal(self, registrar: RegistrarBook, uuid: str) -> Awaited | None:
        proposed = await proposal(registrar, uuid)
        if proposed is None:
            return None
        signed = len(await registrar.messages(uuid, signing.MESSAGE[Moment.DEFINITION]))
        size = proposed.parameters.committee.size
        return Awaited(moment=Moment.DEFINITION, signed=signed, needed=size, size=size)

    async def refuse_unknown(self, uuid: str) -> None:
        """Raises UnknownSession. The books are asked only about what nobody follows yet."""
        if uuid not in self._topics:
            await self._rows(uuid)

    async def state(self, uuid: str) -> State:
        """The state alone, for who asks often. Raises UnknownSession."""
        return await self._public_state(uuid, *await self._rows(uuid))

    async def _rows(self, uuid: str) -> tuple[SessionRow | None, BoxSession | None]:
        """The session's row in each book; the box has none of a draft. Raises UnknownSession."""
        row = box_row = None
        if self._registrar is not None:
            row = await self._registrar.session(uuid)
        if self._box is not None:
            try:
                box_row = await self._box.session(uuid)
            except UnknownSession:
                if row is None:
                    raise
        return row, box_row

    async def _public_state(
        self, uuid: str, row: SessionRow | None, box_row: BoxSession | None
    ) -> State:
        """A step is public when both books have made it and the server has signed its checkpoint.

        So whoever reads "open" or "closed" finds the list, the note and the archive of it.
        Nothing of a session on paper is signed.
        """
        if row is not None and row.paper is not None:
            return public(row.state)
        states = [stored.state for stored in (row, box_row) if stored is not None]
        reached = settled(states, tuple(State))
        if reached == settled(states, ()) or (uuid, reached) in self._signed:
            return public(reached)
        book = self._box or self._registrar
        notes = {} if book is None else await book.notes(uuid)
        self._signed |= {(uuid, signed) for signed in notes}
        return public(settled(states, notes))

    async def follow(self, uuid: str) -> AsyncIterator[bytes]:
        """Server-sent events: the session now, then each change, then nothing but heartbeats."""
        topic = self._topic(uuid)
        topic.followers += 1
        sent: PublicSession | None = None
        try:
            yield b"retry: 2000\n\n"
            while not self.stopping:
                changed = topic.changed
                if topic.latest is not None and topic.latest != sent:
                    sent = topic.latest
                    yield _event(sent)
                    continue
                try:
                    await asyncio.wait_for(changed.wait(), self._pauses.heartbeat)
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
            topic.publish(topic.latest)

    def _topic(self, uuid: str) -> _Topic:
        if uuid not in self._topics:
            self._topics[uuid] = _Topic(asyncio.create_task(self._watch(uuid)))
        return self._topics[uuid]

    async def _watch(self, uuid: str) -> None:
        await rounds(lambda: self._look(uuid), "looking at a session", self._pauses.look)

    async def _look(self, uuid: str) -> None:
        session = await self.session(uuid)
        if session != self._topics[uuid].latest:
            self._topics[uuid].publish(session)


def _event(session: PublicSession) -> bytes:
    content = session.model_dump(mode="json", exclude={"election"})
    return f"event: session\ndata: {json.dumps(content)}\n\n".encode()
