"""The product of the ballots that this process has stored, kept as they come.

A product has no order, and the trackers beside it are a set: nothing here tells who came when, and
nothing of it is written. The close takes it for exactly the ballots that it names and multiplies
the rest itself (admin/lifecycle/electronic.py), so that a restart or a second server costs time
and never a ballot.
"""

from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Final

from crypto.tally import Tally

_TOGETHER: Final = 8  # ballots; until then they wait, and the thread is woken less often


@dataclass(frozen=True, slots=True)
class Product:
    """The product of exactly the ballots with these trackers."""

    trackers: frozenset[str]
    tally: Tally


class RunningProducts:
    """The product of each session's ballots so far, multiplied in one thread beside."""

    def __init__(self) -> None:
        self._waiting: list[tuple[str, Product]] = []
        self._trackers: defaultdict[str, set[str]] = defaultdict(set)
        self._tallies: dict[str, Tally] = {}
        self._multiplying = Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="products")

    def add(self, uuid: str, trackers: Iterable[str], tally: Tally) -> None:
        """Takes ballots that are stored, and their product; returns at once.

        The same ballots again change nothing.
        """
        self._waiting.append((uuid, Product(frozenset(trackers), tally)))
        if len(self._waiting) >= _TOGETHER:
            self._thread.submit(self._multiply)

    def of(self, uuid: str) -> Product | None:
        """What has come so far; None before the first ballot. Multiplies what still waits."""
        self._multiply()
        with self._multiplying:
            if uuid not in self._tallies:
                return None
            return Product(frozenset(self._trackers[uuid]), self._tallies[uuid])

    def forget(self, uuid: str) -> None:
        """After the close."""
        self._multiply()
        with self._multiplying:
            self._trackers.pop(uuid, None)
            self._tallies.pop(uuid, None)

    def _multiply(self) -> None:
        with self._multiplying:
            while self._waiting:
                uuid, new = self._waiting.pop()
                trackers, so_far = self._trackers[uuid], self._tallies.get(uuid)
                if trackers.isdisjoint(new.trackers):
                    # In this order: what fails to be multiplied is named by no tracker.
                    self._tallies[uuid] = new.tally if so_far is None else so_far * new.tally
                    trackers |= new.trackers
