"""Broken networks and servers on demand."""

import secrets
from dataclasses import dataclass
from typing import Final, Literal

Code = int | Literal["timeout", "hang_up"]

_FINE: Final = 1_000_000  # parts of a probability


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong, and how often."""

    method: str
    code: Code
    times: int | None
    retry_after: int
    every: int | None
    chance: float | None
    after: bool
    calls: int = 0

    def hits(self, method: str) -> bool:
        """Counts a call; True if this one goes wrong."""
        # A bot asks for updates all the time: "*" would be spent on that.
        meant = self.method == method or (self.method == "*" and method != "getUpdates")
        if not meant or self.times == 0:
            return False
        self.calls += 1
        if self.every is not None and self.calls % self.every:
            return False
        if self.chance is not None and secrets.randbelow(_FINE) >= self.chance * _FINE:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """What is to go wrong.

    reorder: batches of updates arrive in reverse.
    duplicate: every update arrives twice.
    hang: seconds without an answer before a "timeout" gives up the connection.
    """

    def __init__(self) -> None:
        self.reorder = False
        self.duplicate = False
        self.hang = 30.0
        self._faults: list[Fault] = []

    def add(
        self,
        method: str = "*",
        code: Code = 500,
        times: int | None = None,
        *,
        retry_after: int = 1,
        every: int | None = None,
        chance: float | None = None,
        after: bool = False,
    ) -> Fault:
        """Lets calls of a method go wrong; "*" is every method but getUpdates.

        Args:
            method: its name.
            code: the status, or "timeout" for no answer, or "hang_up" for a closed connection.
            times: how often; once, or without end if `every` or `chance` is given.
            retry_after: seconds, said with 429.
            every: only each n-th call.
            chance: only with this probability.
            after: the call takes effect, and only its answer is lost.
        """
        if times is None and every is None and chance is None:
            times = 1
        fault = Fault(method, code, times, retry_after, every, chance, after)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """From now on all goes well, updates included."""
        self._faults.clear()
        self.reorder = self.duplicate = False

    def hit(self, method: str) -> Fault | None:
        """What goes wrong with this call; of several the one added first."""
        return next((fault for fault in self._faults if fault.hits(method)), None)
