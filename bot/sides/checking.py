"""Ballots are checked beside the server, so that it keeps answering, in the order of a line.

With the kernel (crypto/group.py) in threads, for it leaves Python's lock to others; without it
in processes. A process that dies takes the checks under way with it; they are answered as busy
and the processes are replaced.
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
from bot.sides.line import GUESS, KERNEL_GUESS, Line
from bot.sides.problem import busy
from crypto import ballot, group
from crypto.audit.ballots import Batch, check_batch
from crypto.session import Election

T = TypeVar("T")

_NICE: Final = 5  # below the server itself, so that answering comes before checking


class Checker:
    """Workers, and the line before them.

    Args:
        workers: how many; none is one thread, whatever checks.
        threads: instead of processes; where the kernel is in use if None.
    """

    def __init__(self, workers: int, *, threads: bool | None = None) -> None:
        self.workers = workers
        kernel = group.backend().name == "kernel"
        self.line = Line(workers, guess=KERNEL_GUESS if kernel else GUESS)
        self._threads = kernel if threads is None else threads
        self._pool = self._start()

    async def check(self, election: bytes, raw: bytes) -> Batch:
        """The result of the auditor's own check of one ballot, whose turn it is.

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
        pool = self._pool
        try:
            return await asyncio.wrap_future(pool.submit(work, *args))
        except BrokenProcessPool:
            self._replace(pool)
            raise busy() from None

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
        if not self.workers or self._threads:
            # Not niced: whoever holds Python's lock must not be kept from giving it up.
            return ThreadPoolExecutor(max(self.workers, 1), "check")
        return processes(self.workers, nice=_NICE)


@asynccontextmanager
async def checker(
    workers: int | None = None, *, threads: bool | None = None
) -> AsyncIterator[Checker]:
    """Workers that live as long as the block; one for each core unless `workers` says."""
    running = Checker((os.cpu_count() or 1) if workers is None else workers, threads=threads)
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
