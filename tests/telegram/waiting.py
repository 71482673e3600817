"""Waiting for what the bot will do."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from tests.telegram.cloud import Cloud
from tests.telegram.snapshot import Message

SECONDS: Final = 30.0  # for a machine that is busy with other things

_Seen = TypeVar("_Seen")


async def until(cloud: Cloud, look: Callable[[], _Seen | None], timeout: float, what: str) -> _Seen:  # noqa: ASYNC109  a test says how long
    """The first that is seen which is not None.

    Raises:
        TimeoutError: nothing; `what` says for what the wait was.
    """
    try:
        async with asyncio.timeout(timeout):
            while (found := look()) is None:
                await cloud.change()
            return found
    except TimeoutError:
        raise TimeoutError(f"{what} for {timeout} s") from None


def newest(messages: Iterable[Message], wanted: Callable[[Message], bool]) -> Message | None:
    """The last message of the bot that is as wanted."""
    fitting = [message for message in messages if message.from_bot and wanted(message)]
    return fitting[-1] if fitting else None
