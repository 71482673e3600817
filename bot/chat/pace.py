"""How fast we send, and how patiently: python-telegram-bot's rate limiter.

Telegram takes about 30 messages in a second, one in a second to one chat beyond a short burst,
and 20 in a minute to a group (https://core.telegram.org/bots/faq). An answer of 429 tells how
long to wait; that holds up this chat only. A server that fails or is silent is asked again:
everything we say may be said twice, and edits are the same when repeated.
"""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter
from telegram.ext import BaseRateLimiter

PATIENCE: Final = 120.0  # seconds; then the caller hears of the fault
FIRST_PAUSE: Final = 0.25
_FREE: Final = frozenset({"answerCallbackQuery", "getMe", "getChat", "sendChatAction"})
_CHATS: Final = 4096  # beyond that, chats long silent are forgotten

# python-telegram-bot gives durations as such only if asked to.
os.environ.setdefault("PTB_TIMEDELTA", "1")


@dataclass
class Bucket:
    """So many at once, and one more each `seconds`."""

    size: int
    seconds: float
    clock: Callable[[], float] = time.monotonic
    _next: float = field(default=float("-inf"))

    def reserve(self) -> float:
        """Takes a place; how long to wait for it."""
        now = self.clock()
        self._next = max(self._next, now - (self.size - 1) * self.seconds)
        wait = max(0.0, self._next - now)
        self._next += self.seconds
        return wait

    @property
    def full(self) -> bool:
        return self._next <= self.clock() - (self.size - 1) * self.seconds


@dataclass(frozen=True, slots=True)
class Rates:
    """Limits of all messages, of a chat, of a group: (burst, seconds for each one beyond it)."""

    all: tuple[int, float] = (25, 1 / 28)
    private: tuple[int, float] = (4, 1.05)
    group: tuple[int, float] = (3, 3.2)


class Pace(BaseRateLimiter[None]):
    """Keeps Telegram's limits; asks again after a fault.

    Args:
        rates: the limits.
        patience: seconds for which one call is tried.
        first, longest: seconds between the first two tries, and at most between two.
    """

    def __init__(
        self,
        rates: Rates,
        patience: float = PATIENCE,
        *,
        first: float = FIRST_PAUSE,
        longest: float,
    ) -> None:
        self._rates = rates
        self._patience = patience
        self._first, self._longest = first, longest
        self._all = Bucket(*rates.all)
        self._chats: dict[int | str, Bucket] = {}

    async def initialize(self) -> None:
        """Nothing to begin with."""

    async def shutdown(self) -> None:
        """Nothing to end."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: None,  # noqa: ARG002  python-telegram-bot's signature
    ) -> Any:
        """Makes a call, at its time, again if need be.

        Raises:
            TelegramError: Telegram's refusal, or its last fault when patience has ended.
        """
        # Who asks whether Telegram is there wants to hear it at once, and asks again.
        patience = 0.0 if endpoint == "getMe" else self._patience
        until, pause = time.monotonic() + patience, self._first
        while True:
            await self._wait(endpoint, data.get("chat_id"))
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                wait = retry_seconds(error)
                if time.monotonic() + wait > until:
                    raise
            except (BadRequest, InvalidToken):
                raise
            except NetworkError:
                wait, pause = pause, min(2 * pause, self._longest)
                if time.monotonic() + wait > until:
                    raise
            await asyncio.sleep(wait)

    async def _wait(self, endpoint: str, chat: int | str | None) -> None:
        if endpoint in _FREE or chat is None:
            return
        if len(self._chats) > _CHATS:
            self._chats = {key: bucket for key, bucket in self._chats.items() if not bucket.full}
        bucket = self._chats.setdefault(chat, self._bucket(chat))
        await asyncio.sleep(bucket.reserve())
        await asyncio.sleep(self._all.reserve())

    def _bucket(self, chat: int | str) -> Bucket:
        private = isinstance(chat, int) and chat > 0
        return Bucket(*(self._rates.private if private else self._rates.group))


def retry_seconds(error: RetryAfter) -> float:
    """The seconds that Telegram tells us to wait."""
    wait = error.retry_after
    return float(wait) if isinstance(wait, int) else wait.total_seconds()
