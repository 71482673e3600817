"""The registrar's side: who somebody is, and the key that signs one token for each.

No credential, ballot or tracker is known here.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from admin.office.questions import QuestionCounts
from admin.session import keys
from admin.session.datadir import DataDir
from admin.session.session import Session
from bot.sides.problem import Problem
from crypto.blind import IssuerSecret
from crypto.errors import Refused
from crypto.session import Policy
from storage.registrar.book import RegistrarBook

# A meeting of 500 with letters at hand makes a few; a program that tries codes makes many.
_WRONG, _WRONG_SECONDS = 30, 60.0


class Attempts:
    """Counts wrong codes by session, no addresses; says when there are too many.

    Args:
        most: failures that are answered as such within `seconds`.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        most: int = _WRONG,
        seconds: float = _WRONG_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._failures: dict[str, deque[float]] = {}
        self.total = 0

    def failed(self, uuid: str) -> int | None:
        """Counts one; returns the seconds to wait if there are too many, else None."""
        now = self._clock()
        self.total += 1
        recent = self._failures.setdefault(uuid, deque(maxlen=self._most + 1))
        while recent and recent[0] <= now - self._seconds:
            recent.popleft()
        recent.append(now)
        return int(recent[0] + self._seconds - now) + 1 if len(recent) > self._most else None


@dataclass
class RegistrarSide:
    """The registrar's book and keys, and what is counted in memory."""

    datadir: DataDir
    book: RegistrarBook
    clock: Callable[[], float] = time.time
    attempts: Attempts = field(default_factory=Attempts)
    quota: QuestionCounts = field(default_factory=QuestionCounts)
    _issuers: dict[str, IssuerSecret] = field(default_factory=dict)
    _policies: dict[str, Policy] = field(default_factory=dict)
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def bot_token(self) -> str:
        """The bot's token. Raises Problem where this host has none."""
        try:
            token = self.datadir.token()
        except Refused:
            token = None
        if token is None:
            raise Problem(403, "no_bot")
        return token

    def issuer(self, uuid: str) -> IssuerSecret:
        """The key that signs a session's tokens, read once."""
        if uuid not in self._issuers:
            self._issuers[uuid] = keys.issuer(self.datadir, uuid)
        return self._issuers[uuid]

    async def policy(self, uuid: str) -> Policy:
        """The rules of a session, read once: nothing changes them after the seal.

        Raises:
            UnknownSession: there is no such session.
            OnPaper: it votes on paper only.
            Refused: it has not been sealed.
        """
        if uuid not in self._policies:
            async with self._reading:  # once, not once for each of those who come together
                if uuid not in self._policies:
                    self._policies[uuid] = await self._read_policy(uuid)
        return self._policies[uuid]

    async def _read_policy(self, uuid: str) -> Policy:
        session = await Session.load(self.book, uuid)
        if session.definition is None:
            raise Refused("the session has not been sealed")
        return session.electronic.parameters.policy
