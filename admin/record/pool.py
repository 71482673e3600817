"""Worker processes for the checks of ballots, fed only as fast as they work.

They start with the first task: what is checked sooner than they would start is checked here.
"""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from itertools import chain, islice
from typing import TypeVar

from crypto.audit.ballots import Batch, Run, check_batch

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")
_Task = tuple[bytes, int, list[bytes]]  # what `check_batch` is given
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

        def run(batches: Iterable[_Task]) -> Iterator[Batch]:
            source = iter(batches)
            first = list(islice(source, few + 1))
            work = chain(first, source)
            for batch in self.map(_check, work) if len(first) > few else map(_check, work):
                on_batch(len(batch.trackers))
                yield batch

        return run


def once(run: Run) -> Run:
    """The same `Run`, which checks the same bytes no second time: for an archive audited twice."""
    checked: dict[bytes, Batch] = {}

    def again(batches: Iterable[_Task]) -> Iterator[Batch]:
        for task in batches:
            name = _name(task)
            if name not in checked:
                (checked[name],) = run([task])
            yield checked[name]

    def first(batches: Iterable[_Task]) -> Iterator[Batch]:
        names: deque[bytes] = deque()

        def named() -> Iterator[_Task]:
            for task in batches:
                names.append(_name(task))
                yield task

        for batch in run(named()):
            checked[names.popleft()] = batch
            yield batch

    return lambda batches: again(batches) if checked else first(batches)


def _name(task: _Task) -> bytes:
    election, first, ballots = task
    whole = sha256(b"%d\n" % first)
    for raw in (election, *ballots):
        whole.update(sha256(raw).digest())
    return whole.digest()


def _check(batch: _Task) -> Batch:
    return check_batch(*batch)
