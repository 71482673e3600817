"""Something asynchronous that goes on beside what the caller does."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, contextmanager
from threading import Thread
from typing import TypeVar

_T = TypeVar("_T")


@contextmanager
def in_background(
    name: str, context: AbstractAsyncContextManager[_T]
) -> Iterator[tuple[_T, asyncio.AbstractEventLoop]]:
    """Holds a context open in a thread of its own; what is not done by the end is given up.

    Args:
        name: of the thread.
        context: entered and left in that thread.

    Yields:
        What the context gives, and the loop to submit coroutines to.

    Raises:
        Exception: whatever entering the context raises.
    """
    ready: Future[tuple[_T, asyncio.AbstractEventLoop]] = Future()
    over = asyncio.Event()

    async def hold() -> None:
        async with context as entered:
            ready.set_result((entered, asyncio.get_running_loop()))
            await over.wait()

    def run() -> None:
        try:
            asyncio.run(hold())
        except BaseException as error:  # handed to the caller, who waits for it
            if ready.done():
                raise
            ready.set_exception(error)

    thread = Thread(target=run, name=name)
    thread.start()
    entered, loop = ready.result()
    try:
        yield entered, loop
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
