"""Broken networks and servers on demand."""

import secrets
from dataclasses import dataclass
from typing import Final, Literal

Code = int | Literal["timeout", "hang_up"]

_FINE: Final = 1_000_000  # parts of a probability


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong: once, or at every n-th call, or by chance.

    after: the call takes effect, and only its answer is lost.
    """

    method: str
    code: Code
    every: int | None
    chance: float | None
    after: bool
    calls: int = 0

    def hits(self, method: str) -> bool:
        """Counts a call; True if this one goes wrong."""
        # A bot asks for updates all the time: "*" would be spent on that.
        if self.method != method and (self.method != "*" or method == "getUpdates"):
            return False
        self.calls += 1
        if self.every is not None:
            return self.calls % self.every == 0
        if self.chance is not None:
            return secrets.randbelow(_FINE) < self.chance * _FINE
        return self.calls == 1


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
        method: str,
        code: Code,
        *,
        every: int | None = None,
        chance: float | None = None,
        after: bool = False,
    ) -> None:
        """Lets calls of a method go wrong; "*" is every method but getUpdates.

        Args:
            method: its name.
            code: the status, or "timeout" for no answer, or "hang_up" for a closed connection.
            every, chance, after: see Fault.
        """
        self._faults.append(Fault(method, code, every, chance, after))

    def hit(self, method: str) -> Fault | None:
        """What goes wrong with this call; of several the one added first."""
        return next((fault for fault in self._faults if fault.hits(method)), None)
