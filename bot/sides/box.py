"""The ballot box's side: what is cast, never by whom.

No name, code or bearer is known here.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from admin.session import keys
from admin.session.datadir import DataDir
from admin.session.definition import sealed
from admin.voting import box
from bot.sides.checking import Checker
from crypto.errors import Closed, NotOpen
from crypto.lifecycle import UNTIL_OPENING, State
from crypto.session import Election, Parameters
from storage.box.book import BoxBook


@dataclass
class BoxSide:
    """The box's book and key, the workers that check ballots, and what is under way.

    Attributes:
        under_way: for each session the ballots that came in time and are not stored yet.
    """

    datadir: DataDir
    book: BoxBook
    checker: Checker
    clock: Callable[[], float] = time.time
    under_way: Counter[str] = field(default_factory=Counter)

    async def definition(self, uuid: str) -> tuple[Election, Parameters]:
        """The sealed definition. Raises UnknownSession."""
        row = await self.book.session(uuid)
        return sealed(row.election)

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
        if await box.admit(self.book, election, raw) is None:
            return
        row = await self.book.session(election.uuid)
        _check_open(row.state, row.closes, received)
        checked = await self.checker.check(election.raw, raw)
        await box.store(self.book, election, raw, checked)

    def promise(self, election: Election, tracker: str) -> str:
        """The box's signed note that it has stored the ballot with this tracker."""
        return box.promise(election, tracker, keys.signer(self.datadir, election.uuid, "box"))

    @contextmanager
    def receiving(self, uuid: str) -> Iterator[float]:
        """The moment at which a ballot has come whole; the close waits for the end of the block."""
        self.under_way[uuid] += 1
        try:
            yield self.clock()
        finally:
            self.under_way[uuid] -= 1


def _check_open(state: State, closes: int | None, received: float) -> None:
    """Raises NotOpen or Closed unless a ballot received at that moment counts."""
    if state in UNTIL_OPENING:
        raise NotOpen("voting has not been opened")
    if state != State.OPEN or (closes is not None and received >= closes):
        raise Closed("voting has been closed")
