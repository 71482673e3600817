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

from bot.web import logs

WANTED: Final = ("message", "callback_query", "my_chat_member", "channel_post")
_LONG_POLL: Final = 25  # seconds that Telegram may wait for an update
_BUSY_PAUSE: Final = 0.2  # while some are worked on: they are all that Telegram would tell again
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 15.0
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

    async def some_done(self, seconds: float) -> None:
        """Waits until one of those under way is done, or for so long."""
        await asyncio.wait(
            self._tasks.values(), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )

    async def all_done(self) -> None:
        """Waits for all that are under way."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

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


async def poll(bot: ExtBot[None], intake: Intake) -> None:
    """Fetches updates for ever.

    Telegram forgets those below the offset we ask from: that is the oldest one under way.
    """
    following, failing = 0, False
    pause = _FIRST_PAUSE
    while True:
        offset = following if intake.oldest is None else intake.oldest
        try:
            found = await bot.get_updates(
                offset, timeout=0 if intake.oldest else _LONG_POLL, allowed_updates=WANTED
            )
        except TelegramError as error:
            failing = _told(error, before=failing)
            await asyncio.sleep(_wait_after(error, pause))
            pause = min(2 * pause, _LONGEST_PAUSE)
            continue
        if failing:
            logs.event("Telegram answers again")
        failing, pause = False, _FIRST_PAUSE
        for update in found:
            intake.begin(update)
            following = max(following, update.update_id + 1)
        if intake.oldest is not None:
            await intake.some_done(_BUSY_PAUSE)


def parsed(body: Any, bot: ExtBot[None]) -> Update | None:
    """The update that a webhook brought; None for anything else."""
    if not isinstance(body, dict) or not isinstance(body.get("update_id"), int):
        return None
    try:
        return Update.de_json(body, bot)
    except (TypeError, ValueError, KeyError, AttributeError):
        return None


def _told(error: TelegramError, *, before: bool) -> bool:
    """Logs the first of a row of failures; its text could hold the token."""
    if not before:
        other = isinstance(error, Conflict)
        why = "another program uses the bot's token" if other else type(error).__name__
        logs.event(f"Telegram cannot be reached: {why}; trying on")
    return True


def _wait_after(error: TelegramError, pause: float) -> float:
    if isinstance(error, RetryAfter):
        said = error.retry_after
        return float(said) if isinstance(said, int) else said.total_seconds()
    return pause if isinstance(error, NetworkError) else max(pause, 3.0)
