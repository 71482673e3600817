"""Ballots are checked in processes of their own, so that the server keeps answering.

The queue is short on purpose: a client that is told to come back soon does, a client that
waits in a queue of minutes gives up. A worker that dies takes the checks under way with it;
they are answered as busy and the workers are replaced.
"""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from admin.record.pool import processes
from bot import logs
from bot.sides.problem import busy
from crypto import ballot
from crypto.audit.ballots import Batch, check_batch
from crypto.session import Election

T = TypeVar("T")

WAITING: Final = 64  # ballots for each worker: about 6 s of work with 44 officials, 6 MB
_NICE: Final = 5  # below the server itself, so that answering comes before checking


class Checker:
    """Worker processes and a queue of bounded length.

    Args:
        workers: how many processes; none is a thread of this one.
        waiting: how many ballots may be under way for each.
    """

    def __init__(self, workers: int, waiting: int = WAITING) -> None:
        self.workers = workers
        self._places = max(workers, 1) * waiting
        self._taken = 0
        self._pool = self._start()

    async def check(self, election: bytes, raw: bytes) -> Batch:
        """The result of the auditor's own check of one ballot.

        Raises:
            ProtocolError: as `check_batch` raises it.
            Problem: busy; the ballot has not been judged.
        """
        return await self._run(check_batch, election, 1, [raw])

    async def encrypt(self, election: bytes, secret: int, choices: Sequence[int | None]) -> bytes:
        """A ballot made for somebody who votes by buttons; its randomness is forgotten at once.

        Raises:
            BadBallot: a choice that does not exist, or a blank where none is allowed.
            Problem: busy.
        """
        return await self._run(_encrypt, election, secret, tuple(choices))

    async def _run(self, work: Callable[..., T], *args: object) -> T:
        if self._taken >= self._places:
            raise busy(2)
        self._taken += 1
        pool = self._pool
        try:
            return await asyncio.wrap_future(pool.submit(work, *args))
        except BrokenProcessPool:
            self._replace(pool)
            raise busy() from None
        finally:
            self._taken -= 1

    async def ready(self) -> bool:
        """Whether a worker answers; one that died is replaced."""
        pool = self._pool
        try:
            await asyncio.wrap_future(pool.submit(os.getpid))
        except BrokenProcessPool:
            self._replace(pool)
            return False
        return True

    async def warm(self) -> None:
        """Waits until every worker has started."""
        futures = [self._pool.submit(_started) for _ in range(self.workers)]
        await asyncio.gather(*(asyncio.wrap_future(future) for future in futures))

    def close(self) -> None:
        """Ends the workers; what they were doing is dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _replace(self, broken: Executor) -> None:
        if self._pool is broken:  # the first of several checks that failed with it
            logs.event("a worker died; starting new ones")
            self._pool = self._start()
            broken.shutdown(wait=False, cancel_futures=True)

    def _start(self) -> Executor:
        if not self.workers:
            return ThreadPoolExecutor(1)
        return processes(self.workers, nice=_NICE)


@asynccontextmanager
async def checker(workers: int | None = None, waiting: int = WAITING) -> AsyncIterator[Checker]:
    """Workers that live as long as the block; one for each core unless `workers` says."""
    running = Checker((os.cpu_count() or 1) if workers is None else workers, waiting)
    try:
        await running.warm()
        yield running
    finally:
        await asyncio.to_thread(running.close)


def _encrypt(election: bytes, secret: int, choices: tuple[int | None, ...]) -> bytes:
    raw, _ = ballot.prepare(Election.decode(election), secret, choices)
    return raw


def _started() -> int:
    # Long enough for the pool to see that this worker is taken and to start the next.
    threading.Event().wait(0.05)
    return os.getpid()
