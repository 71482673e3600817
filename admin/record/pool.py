"""Workers for the checks of ballots, fed only as fast as they work.

They start with the first task: what is checked sooner than they would start is checked here. A
worker gets bytes and gives back a `Batch`; nothing else passes between them.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from itertools import chain, islice
from multiprocessing.connection import wait
from typing import TypeVar

from crypto.audit.ballots import Batch, Run, check_batch, reread_batch
from crypto.encoding import b64_sha256
from crypto.group import backend

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")
_Task = tuple[bytes, int, list[bytes]]  # what `check_batch` is given
FEW = 4  # batches of a ballot box of 32; processes take as long to start
_AHEAD = 2  # batches waiting for each worker: enough to keep it busy, and memory stays flat


def processes(count: int, *, nice: int = 0) -> Executor:
    """Processes that end with this one, however it ends, and leave Ctrl+C to it.

    Args:
        count: how many.
        nice: by how much they stand back behind this process.
    """
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(nice,))


def _begin(nice: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if nice:
        os.nice(nice)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


@contextmanager
def workers(count: int | None = None) -> Iterator["Workers"]:
    """Workers that live as long as the block; one for each core unless `count` says.

    Threads where the kernel checks ballots, for it leaves Python's lock to others; else processes.
    """
    count = count or os.cpu_count() or 1
    threads = backend().name == "kernel"
    with ThreadPoolExecutor(count) if threads else processes(count) as executor:
        try:
            yield Workers(executor, count, few=0 if threads else FEW)
        finally:
            executor.shutdown(cancel_futures=True)


class Workers:
    """A pool that keeps the order of its tasks and never holds many of them.

    Args:
        executor: where tasks run.
        count: how many of them at a time.
        few: so many batches, if there are no more, are checked before it would have started.
    """

    def __init__(self, executor: Executor, count: int, few: int = FEW) -> None:
        self._executor = executor
        self._few = few
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

    def checking(self, on_batch: Callable[[int], None] = lambda _: None) -> Run:
        """A `Run` for the audit; `on_batch` hears how many ballots each finished batch held."""

        def run(batches: Iterable[_Task]) -> Iterator[Batch]:
            source = iter(batches)
            first = list(islice(source, self._few + 1))
            work = chain(first, source)
            for batch in self.map(_check, work) if len(first) > self._few else map(_check, work):
                on_batch(len(batch.trackers))
                yield batch

        return run


def knowing(run: Run, election: bytes, trackers: AbstractSet[str]) -> Run:
    """The same `Run`, which proves nothing again about ballots with these trackers.

    A tracker is the hash of all bytes of a ballot: one that was altered has another, and gets the
    full check.

    Args:
        run: the full check.
        election: the definition for which these ballots were judged.
        trackers: of ballots that `check_batch` has found valid.
    """

    def checked(batches: Iterable[_Task]) -> Iterator[Batch]:
        for task in batches:
            if task[0] == election and all(b64_sha256(raw) in trackers for raw in task[2]):
                yield reread_batch(*task)
            else:
                yield from run([task])

    return checked if trackers else run


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
