"""The ballot box's side: what is cast, never by whom.

No name, code or bearer is known here.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from admin.record.product import RunningProducts
from admin.session import keys
from admin.session.datadir import DataDir
from admin.session.definition import sealed
from admin.voting import box
from bot.sides.checking import Checker
from bot.sides.problem import busy
from crypto.audit.ballots import Batch
from crypto.errors import Closed, NotOpen
from crypto.group import Element
from crypto.lifecycle import BEFORE_VOTING, State
from crypto.session import Election, Parameters
from storage.box.book import BoxBook


@dataclass(frozen=True, slots=True)
class _Check:
    """A ballot that a worker is checking."""

    raw: bytes
    task: asyncio.Task[Batch]


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
    _checks: dict[tuple[str, Element], _Check] = field(default_factory=dict)

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
        row = await self.book.session(election.uuid)
        if row.state in BEFORE_VOTING:  # until then nobody learns who is registered, either
            raise NotOpen("voting has not been opened")
        credential = await box.admit(self.book, election, raw)
        if credential is None:
            return
        if row.state != State.OPEN or (row.closes is not None and received >= row.closes):
            raise Closed("voting has been closed")
        checked = await self._checked(election, credential, raw)
        await box.store(self.book, election, raw, checked)
        self.products.add(election.uuid, checked.trackers, checked.tally)

    async def _checked(self, election: Election, credential: Element, raw: bytes) -> Batch:
        """The worker's judgement; a credential has one place in the queue, for one ballot."""
        key = (election.uuid, credential)
        check = self._checks.get(key)
        if check is None:
            task = asyncio.create_task(self.checker.check(election.raw, raw))
            check = self._checks[key] = _Check(raw, task)
            task.add_done_callback(lambda _: self._checks.pop(key))
        elif check.raw != raw:
            raise busy()
        return await asyncio.shield(check.task)

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
