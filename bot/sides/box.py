"""The ballot box's side: what is cast, never by whom.

No name, code or bearer is known here.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from admin.record.product import RunningProducts
from admin.session import keys
from admin.session.datadir import DataDir
from admin.session.definition import sealed
from admin.voting import box
from bot.sides.checking import Checker
from bot.sides.problem import busy
from crypto.audit.ballots import Batch
from crypto.encoding import b64_sha256
from crypto.errors import Closed, NotOpen
from crypto.group import Element
from crypto.lifecycle import BEFORE_VOTING, State
from crypto.session import Election, Parameters
from storage.box.book import BoxBook


@dataclass(frozen=True, slots=True)
class _Casting:
    """A ballot that waits for its check, is checked, or is stored."""

    raw: bytes
    task: asyncio.Task[Any] | None


@dataclass
class BoxSide:
    """The box's book and key, the workers that check ballots, and what is under way.

    Attributes:
        products: of the ballots that this process has stored.
        under_way: for each session when each ballot came whole that is not answered yet, in Unix
            seconds.
    """

    datadir: DataDir
    book: BoxBook
    checker: Checker
    clock: Callable[[], float] = time.time
    products: RunningProducts = field(default_factory=RunningProducts)
    under_way: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _definitions: dict[str, tuple[Election, Parameters]] = field(default_factory=dict)
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    _registered: dict[str, frozenset[bytes]] = field(default_factory=dict)
    _closes: dict[str, int | None] = field(default_factory=dict)
    _castings: dict[tuple[str, Element], _Casting] = field(default_factory=dict)

    async def definition(self, uuid: str) -> tuple[Election, Parameters]:
        """The sealed definition, which never changes. Raises UnknownSession."""
        if uuid not in self._definitions:
            async with self._reading:  # once, not once for each of those who come together
                if uuid not in self._definitions:
                    self._definitions[uuid] = sealed((await self.book.session(uuid)).election)
        return self._definitions[uuid]

    async def take(self, election: Election, raw: bytes, received: float) -> None:
        """Stores a ballot that came in time; within `receiving`.

        Args:
            raw: the ballot.
            received: when its last byte came, in Unix seconds.

        Raises:
            NotOpen, Closed: it was not received between the opening and the close.
            UnknownCredential, SecondBallot, Rejected: see admin/voting/box.py.
            Problem: busy; it has not been judged.
        """
        credential = box.holder(election, raw, await self._voters(election.uuid))
        waiting = self._castings.get((election.uuid, credential))
        if waiting is not None and waiting.task is not None and waiting.raw == raw:
            # The same bytes again, as after a connection that broke: it has its place already.
            await asyncio.shield(waiting.task)
            return
        # It goes on to its end even if whoever sent it goes away.
        casting = asyncio.create_task(self._cast(election, credential, raw, received))
        casting.add_done_callback(lambda task: task.cancelled() or task.exception())
        await asyncio.shield(casting)

    async def _cast(
        self, election: Election, credential: Element, raw: bytes, received: float
    ) -> None:
        key = (election.uuid, credential)
        try:
            checked = await self._judged(election, key, raw, received)
            if checked is not None:
                await box.store(self.book, election, raw, checked)
                self.products.add(election.uuid, checked.trackers, checked.tally)
        finally:
            casting = self._castings.get(key)
            if casting is not None and casting.task is asyncio.current_task():
                del self._castings[key]

    async def _judged(
        self, election: Election, key: tuple[str, Element], raw: bytes, received: float
    ) -> Batch | None:
        """The check of a ballot, in its turn; None if exactly this ballot is stored.

        It gets its place in line before any book is asked.
        """
        uuid, credential = key
        closes = self._closes.get(uuid)
        left = None if closes is None else closes - self.clock()
        with self.checker.line.place(key, len(raw), left) as place:
            standing = await self.book.standing(uuid, credential.raw)
            self._closes[uuid] = closes = standing.closes
            if box.stored(standing, b64_sha256(raw)):
                return None
            if standing.state != State.OPEN or (closes is not None and received >= closes):
                raise Closed("voting has been closed")
            casting = self._castings.get(key)
            if casting is None:
                self._castings[key] = _Casting(raw, asyncio.current_task())
                async with place.turn():
                    return await self.checker.check(election.raw, raw)
        # A credential has one turn at a time, for one ballot.
        if casting.task is None or casting.raw != raw:
            raise busy()
        await asyncio.shield(casting.task)
        return None

    async def _voters(self, uuid: str) -> frozenset[bytes]:
        """The registered credentials, which nothing changes once voting is open.

        Raises:
            NotOpen: until then nobody learns who is registered, either.
        """
        if uuid not in self._registered:
            async with self._reading:
                if (await self.book.session(uuid)).state in BEFORE_VOTING:
                    raise NotOpen("voting has not been opened")
                listed = await self.book.credentials(uuid)
                self._registered[uuid] = frozenset(credential for credential, _ in listed)
        return self._registered[uuid]

    def promise(self, election: Election, tracker: str) -> str:
        """The box's signed note that it has stored the ballot with this tracker."""
        return box.promise(election, tracker, keys.signer(self.datadir, election.uuid, "box"))

    @contextmanager
    def receiving(self, uuid: str) -> Iterator[float]:
        """The moment at which a ballot has come whole; until the end of the block it is looked at.

        The close waits for the end if the moment is before the announced one.
        """
        received = self.clock()
        self.under_way[uuid].append(received)
        try:
            yield received
        finally:
            self.under_way[uuid].remove(received)

    def awaits(self, uuid: str, closes: int | None) -> bool:
        """Whether a ballot that came whole before the announced end is still looked at."""
        return closes is not None and any(received < closes for received in self.under_way[uuid])
