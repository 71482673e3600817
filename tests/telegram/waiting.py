"""Waiting for what the bot will do."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from tests.telegram.cloud import Cloud
from tests.telegram.snapshot import Message

SECONDS: Final = 30.0  # for a machine that is busy with other things

_Result = TypeVar("_Result")


async def until(
    cloud: Cloud,
    look: Callable[[], _Result | None],
    timeout: float,  # noqa: ASYNC109  a test says how long
    what: str,
) -> _Result:
    """The first that is seen which is not None.

    Raises:
        TimeoutError: nothing; `what` says for what the wait was.
    """
    try:
        async with asyncio.timeout(timeout):
            while (result := look()) is None:
                await cloud.change()
            return result
    except TimeoutError:
        raise TimeoutError(f"{what} for {timeout} s") from None


def newest(messages: Iterable[Message], fits: Callable[[Message], bool]) -> Message | None:
    """The last message of the bot that is as wanted."""
    fitting = [message for message in messages if message.from_bot and fits(message)]
    return fitting[-1] if fitting else None
