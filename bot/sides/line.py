"""Who waits for the check of a ballot: first come, first served, and nobody waits too long.

A ballot stands in line by the moment it came whole. The line holds so many bytes, and no more
than a client's connection waits for. Whoever does not fit is told when to come back, from what
stands ahead and how fast it goes, and keeps its place: newcomers are behind it, until it has
not come back for a while. So that no worker is idle for the sake of somebody who is away, the
line takes everybody while there is hardly any work in it.

Not durable, and nothing here is told to anybody but the holder of a credential.
"""

import asyncio
import heapq
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import Final

from bot.sides.problem import busy

BYTES: Final = 192 << 20  # 1,900 ballots of 44 officials: an assembly of 500 fits three times
SECONDS: Final = 30.0  # of waiting; browsers' pages and proxies give up after 60
_HARDLY: Final = 2.0  # seconds of work
_PATIENCE: Final = 15.0  # seconds after the moment at which somebody was to come back
_FEW: Final = 4  # checks without a break tell the pace,
_SOME: Final = 16  # and at most so many
GUESS: Final = 2e-6  # seconds a byte before the first: libsodium's check, on a slow core
KERNEL_GUESS: Final = 5e-7  # the same with the kernel
_UNKNOWN: Final = 5  # seconds to wait at most while that is all that is known


@dataclass(eq=False, slots=True)
class Place:
    """A ballot in line, until it is checked or refused.

    Attributes:
        called: done when it is to be checked.
    """

    number: int
    size: int
    _line: "Line"
    called: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def __lt__(self, other: "Place") -> bool:
        return self.number < other.number

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Waits for those ahead who are ready, too; has a worker's time as long as the block."""
        self._line.await_turn(self)
        try:
            await self.called
            yield
        finally:
            if self.called.done() and not self.called.cancelled():
                self._line.end_turn(self.size)


@dataclass(frozen=True, slots=True)
class _Ticket:
    """The place of somebody who was told to come back, until then."""

    number: int
    size: int
    until: float


class Line:
    """The line before some workers.

    Args:
        workers: who check at the same time.
        clock: seconds that only grow.
        guess: seconds a byte that a worker may need, until it is known.
        most_bytes, most_seconds: what the line holds.
    """

    def __init__(
        self,
        workers: int,
        clock: Callable[[], float] = time.monotonic,
        *,
        guess: float = GUESS,
        most_bytes: int = BYTES,
        most_seconds: float = SECONDS,
    ) -> None:
        self._workers = max(workers, 1)
        self._clock = clock
        self._most_bytes = most_bytes
        self._most_seconds = most_seconds
        self._pace = guess / self._workers  # seconds a byte
        self._measured = False
        # The last checks that ended while others waited: when, and of how many bytes.
        self._ended: deque[tuple[float, int]] = deque(maxlen=_SOME)
        self._numbers = 0
        self._places: set[Place] = set()
        self._ready: list[Place] = []  # a heap
        self._called = 0
        self._tickets: dict[Hashable, _Ticket] = {}

    @contextmanager
    def place(self, key: Hashable, size: int, left: float | None = None) -> Iterator[Place]:
        """A place as long as the block.

        Args:
            key: whose it is; one place at a time.
            size: of the ballot, in bytes.
            left: seconds until the announced end of the vote. Who could come back only after it
                is taken now, however long it waits, as long as there is room.

        Raises:
            Problem: busy; says when to come back, and the place that is kept until then.
        """
        place = self._enter(key, size, left)
        self._places.add(place)
        try:
            yield place
        finally:
            self._places.remove(place)

    def seconds(self, size: int) -> float:
        """How long the line takes for so many bytes, at the pace of late."""
        return size * self._pace

    def _enter(self, key: Hashable, size: int, left: float | None) -> Place:
        number = self._number(key)
        ahead = [place.size for place in self._places if place.number < number]
        away = [ticket.size for ticket in self._tickets.values() if ticket.number < number]
        here, wait = sum(place.size for place in self._places), self.seconds(sum(ahead) + sum(away))
        # Half of what may stand ahead: to be early is to be refused again, late is to idle.
        again = max(1, ceil(wait - min(wait, self._most_seconds) / 2))
        again = again if self._measured else min(again, _UNKNOWN)
        short = wait <= self._most_seconds and here + sum(away) + size <= self._most_bytes
        idle = self.seconds(here) <= _HARDLY
        late = left is not None and again + _PATIENCE >= left
        if here + size <= self._most_bytes and (short or idle or late):
            self._tickets.pop(key, None)
            return Place(number, size, self)
        self._tickets[key] = _Ticket(number, size, self._clock() + again + _PATIENCE)
        raise busy(again, place=len(ahead) + len(away) + 1)

    def _number(self, key: Hashable) -> int:
        """By the first time it came, if it has been told to come back."""
        now = self._clock()
        self._tickets = {of: held for of, held in self._tickets.items() if held.until > now}
        if key in self._tickets:
            return self._tickets[key].number
        self._numbers += 1
        return self._numbers

    def await_turn(self, place: Place) -> None:
        """The place is ready to be called."""
        heapq.heappush(self._ready, place)
        self._call()

    def end_turn(self, size: int) -> None:
        """A check of so many bytes has ended."""
        self._called -= 1
        now = self._clock()
        self._ended.append((now, size))
        if len(self._ended) > _FEW:
            (first, before), *_ = self._ended
            self._measured = True
            self._pace = (now - first) / (sum(size for _, size in self._ended) - before)
        if not self._ready:
            self._ended.clear()
        self._call()

    def _call(self) -> None:
        # One more than there are workers: none waits for the event loop between two checks.
        while self._ready and self._called <= self._workers:
            place = heapq.heappop(self._ready)
            if place in self._places and not place.called.done():
                self._called += 1
                place.called.set_result(None)
