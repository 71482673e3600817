"""Updates: fetched or brought, worked on, and only then acknowledged to Telegram.

python-telegram-bot's own Updater acknowledges an update before its handler has run, so that a
crash loses it. Here a crash brings it again; every handler may run twice. Updates of one account
are worked on one after the other, those of different accounts at once.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final
from weakref import WeakValueDictionary

from telegram import Update
from telegram.error import Conflict, NetworkError, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot import logs
from bot.chat.pace import retry_seconds
from bot.pauses import Pauses

WANTED: Final = ("message", "edited_message", "callback_query", "my_chat_member", "channel_post")
_READ_SECONDS: Final = 15.0  # beyond the time that Telegram was given
_LONG_POLL: Final = 25  # seconds that Telegram may wait for an update
_BUSY_PAUSE: Final = 0.2  # while some are worked on: they are all that Telegram would tell again
_FIRST_PAUSE: Final = 0.5
_REMEMBERED: Final = 4096  # updates done; a webhook may bring one twice


class Intake:
    """Works on each update once, as long as this process lives.

    Args:
        work: what is done with an update; raises nothing.
    """

    def __init__(self, work: Callable[[Update], Awaitable[None]]) -> None:
        self._work = work
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._done: OrderedDict[int, None] = OrderedDict()

    def is_new(self, number: int) -> bool:
        """Whether an update has neither been worked on nor is being."""
        return number not in self._done and number not in self._tasks

    async def take(self, update: Update) -> None:
        """Returns when the update has been worked on, however often it comes."""
        if task := self.begin(update):
            await asyncio.shield(task)

    def begin(self, update: Update) -> asyncio.Task[None] | None:
        """Starts the work; None if it is done already."""
        number = update.update_id
        if number in self._done:
            return None
        if number not in self._tasks:
            self._tasks[number] = asyncio.create_task(self._in_order(update))
        return self._tasks[number]

    @property
    def oldest(self) -> int | None:
        """The first update that is still being worked on."""
        return min(self._tasks, default=None)

    async def all_done(self) -> None:
        """Waits for all that are under way."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    async def rest(self, seconds: float) -> None:
        """Waits for those that are under way now, at most so long."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=seconds)

    async def _in_order(self, update: Update) -> None:
        account = update.effective_user.id if update.effective_user else 0
        lock = self._locks.setdefault(account, asyncio.Lock())
        try:
            async with lock:
                await self._work(update)
        finally:
            del self._tasks[update.update_id]
            self._done[update.update_id] = None
            while len(self._done) > _REMEMBERED:
                self._done.popitem(last=False)


class Fetching(ExtBot[None]):
    """A bot that can fetch updates without reading them: most are those under way."""

    async def fetch(self, offset: int, seconds: int) -> list[dict[str, Any]]:
        """The next updates from this number on, at most 100. Raises TelegramError."""
        arguments = {"offset": offset, "timeout": seconds, "allowed_updates": WANTED}
        updates: Any = await self._post(
            "getUpdates", arguments, read_timeout=seconds + _READ_SECONDS
        )
        return list(updates)


async def poll(bot: Fetching, intake: Intake, pauses: Pauses) -> None:
    """Fetches updates for ever.

    Telegram forgets those below the offset we ask from: that is the oldest one under way. So no
    more than the hundred after it can be under way at once, however many people tap.
    """
    following, failing = 0, False
    pause = _FIRST_PAUSE
    while True:
        offset = following if intake.oldest is None else intake.oldest
        try:
            updates = await bot.fetch(offset, _LONG_POLL if intake.oldest is None else 0)
        except TelegramError as error:
            failing = _log_failure(error, before=failing)
            await asyncio.sleep(_wait_after(error, pause))
            pause = min(2 * pause, pauses.fetch_again)
            continue
        if failing:
            logs.event("Telegram answers again")
        failing, pause = False, _FIRST_PAUSE
        for raw in updates:
            following = max(following, raw["update_id"] + 1)
            if intake.is_new(raw["update_id"]) and (update := parsed(raw, bot)):
                intake.begin(update)
        await intake.rest(_BUSY_PAUSE)


def parsed(body: Any, bot: ExtBot[None]) -> Update | None:
    """An update out of its JSON; None for anything else."""
    if not isinstance(body, dict) or not isinstance(body.get("update_id"), int):
        return None
    try:
        return Update.de_json(body, bot)
    except (TypeError, ValueError, KeyError, AttributeError):
        return None


def _log_failure(error: TelegramError, *, before: bool) -> bool:
    """Logs the first of a row of failures; its text could hold the token."""
    if not before:
        rival = isinstance(error, Conflict)
        why = "another program uses the bot's token" if rival else type(error).__name__
        logs.event(f"Telegram cannot be reached: {why}; retrying")
    return True


def _wait_after(error: TelegramError, pause: float) -> float:
    if isinstance(error, RetryAfter):
        return retry_seconds(error)
    return pause if isinstance(error, NetworkError) else max(pause, 3.0)
