"""What happened, in order, until the bot acknowledges it: https://core.telegram.org/bots/api#getupdates.

A bot that dies loses nothing here: what it did not acknowledge comes again. No HTTP.
"""

import asyncio
import itertools
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from tests.telegram.refusal import conflict

Update = dict[str, Any]

_FIRST: Final = 100_000_000
_HOOKED: Final = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook"
    " first"
)
_OTHER: Final = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)


@dataclass(frozen=True, slots=True)
class Hook:
    """Where updates are posted to."""

    url: str
    secret: str = field(repr=False)
    connections: int


class Updates:
    """The queue.

    hook: set while a webhook is.
    failure: why the last delivery to it failed, if one did.
    """

    def __init__(self) -> None:
        self._ids = itertools.count(_FIRST + secrets.randbelow(_FIRST))
        self._all: dict[int, Update] = {}
        self._waiting: dict[int, Update] = {}
        self._again: list[Update] = []
        self._delivered_again: list[Update] = []
        self._allowed: frozenset[str] = frozenset()
        self._polls = 0
        self._news = asyncio.Event()
        self.hook: Hook | None = None
        self.failure: str | None = None

    @property
    def unacknowledged(self) -> int:
        return len(self._waiting) + len(self._again) + len(self._delivered_again)

    @property
    def waiting(self) -> list[Update]:
        return list(self._waiting.values())

    @property
    def everything(self) -> list[Update]:
        """Every update there ever was."""
        return list(self._all.values())

    def allow(self, kinds: list[str] | None) -> None:
        """From now on these; an empty list is all."""
        if kinds is not None:
            self._allowed = frozenset(kinds)

    def add(self, kind: str, body: dict[str, Any]) -> int:
        """Returns the update's id, 0 if the bot does not want such updates."""
        if self._allowed and kind not in self._allowed:
            return 0
        number = next(self._ids)
        self._all[number] = self._waiting[number] = {"update_id": number, kind: body}
        self.wake()
        return number

    def again(self, update_id: int) -> None:
        """Delivers an update to who asks once more, acknowledged or not."""
        self._again.append(self._all[update_id])
        self.wake()

    def done(self, update_id: int) -> None:
        """Acknowledged."""
        self._waiting.pop(update_id, None)

    def wake(self) -> None:
        """Everybody who waits for news looks again."""
        self._news.set()
        self._news = asyncio.Event()

    async def news(self) -> None:
        """Until something happens."""
        await self._news.wait()

    async def ask(self, offset: int, limit: int, seconds: float) -> list[Update]:
        """What waits, or the first that comes; acknowledges everything below the offset.

        Raises:
            Refusal: a webhook is set, or somebody else asked meanwhile.
        """
        if self.hook is not None:
            raise conflict(_HOOKED)
        self._polls += 1
        poll = self._polls
        self._delivered_again.clear()
        self._acknowledge(offset)
        # Of two who ask only the newer one gets an answer.
        self.wake()
        try:
            async with asyncio.timeout(seconds):
                while not self._ready and poll == self._polls and self.hook is None:
                    await self.news()
        except TimeoutError:
            pass
        if poll != self._polls:
            raise conflict(_OTHER)
        if self.hook is not None:
            raise conflict("terminated by setWebhook request")
        self._delivered_again, self._again = self._again, []
        return [*self._delivered_again, *self.waiting][:limit]

    @property
    def _ready(self) -> bool:
        return bool(self._waiting or self._again)

    def _acknowledge(self, offset: int) -> None:
        for update_id in [number for number in self._waiting if number < offset]:
            del self._waiting[update_id]
