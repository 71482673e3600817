"""Worker processes for the checks of ballots, fed only as fast as they work.

They start with the first task: what is checked sooner than they would start is checked here.
"""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import chain, islice
from typing import TypeVar

from crypto.audit.ballots import Batch, Run, check_batch

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")
FEW = 4  # batches of a ballot box of 32; processes take as long to start
_AHEAD = 2  # batches waiting for each worker: enough to keep it busy, and memory stays flat


@contextmanager
def workers(count: int | None = None) -> Iterator["Workers"]:
    """Processes that live as long as the block; one for each core unless `count` says."""
    count = count or os.cpu_count() or 1
    with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")) as executor:
        try:
            yield Workers(executor, count)
        finally:
            executor.shutdown(cancel_futures=True)


class Workers:
    """A pool that keeps the order of its tasks and never holds many of them."""

    def __init__(self, executor: Executor, count: int) -> None:
        self._executor = executor
        self.window = _AHEAD * count

    def submit(self, function: Callable[..., _Made], *arguments: object) -> Future[_Made]:
        """One task; the caller keeps no more than `window` of them waiting."""
        return self._executor.submit(function, *arguments)

    def map(self, function: Callable[[_Item], _Made], items: Iterable[_Item]) -> Iterator[_Made]:
        """`function` of each item, in order; takes items only as results are used."""
        waiting: deque[Future[_Made]] = deque()
        for item in items:
            waiting.append(self._executor.submit(function, item))
            if len(waiting) >= self.window:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def checking(self, on_batch: Callable[[int], None] = lambda _: None, few: int = FEW) -> Run:
        """A `Run` for the audit; `on_batch` hears how many ballots each finished batch held.

        Args:
            few: so many batches, if there are no more, are checked in this process.
        """

        def run(batches: Iterable[tuple[bytes, int, list[bytes]]]) -> Iterator[Batch]:
            source = iter(batches)
            first = list(islice(source, few + 1))
            work = chain(first, source)
            for batch in self.map(_check, work) if len(first) > few else map(_check, work):
                on_batch(len(batch.trackers))
                yield batch

        return run


def _check(batch: tuple[bytes, int, list[bytes]]) -> Batch:
    return check_batch(*batch)
