"""How often a running server looks, and how long it waits before it goes on.

`phieukin serve` runs with what stands here; who starts a server within a program may choose.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot import logs


@dataclass(frozen=True, slots=True)
class Pauses:
    """Seconds, chosen once at the start.

    Attributes:
        look: between two looks at a session that somebody follows ("within a second", with room
            for a slow disk).
        heartbeat: of a silent stream; proxies give up on one after 30 or 60.
        end: between two looks for announced ends that come before the next, and for signatures of
            the committee; `look`, while nothing is opened, open or closed.
        grace: before a close: a request whose last byte has come may not have been looked at yet.
        notices: between two looks for what people are to be told.
        boards: between two looks at the messages that renew themselves.
        edit: the least between two edits of one such message.
        plans: between two looks at the deadlines of which chairs are reminded.
        answer: for Telegram to answer a call.
        call_again: the longest before a failed call is made again.
        fetch_again: the same for a failed fetch of updates.
    """

    look: float = 0.5
    heartbeat: float = 15.0
    end: float = 0.25
    grace: float = 0.25
    notices: float = 1.0
    boards: float = 1.0
    edit: float = 3.0
    plans: float = 60.0
    answer: float = 20.0
    call_again: float = 8.0
    fetch_again: float = 15.0


async def rounds(work: Callable[[], Awaitable[None]], doing: str, seconds: float) -> None:
    """Works until it is cancelled, with a pause after each round, whatever a round raises.

    Args:
        doing: for the log, which gets the first of several failures in a row.
    """
    failing = False
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001  the server outlives it, and tries again
            if not failing:
                logs.failure(doing, error)
            failing = True
        else:
            failing = False
        await asyncio.sleep(seconds)
