"""Ends the vote at the announced time: whatever was received before it is stored first."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from admin.lifecycle import electronic
from admin.session.books import opened
from bot import logs
from bot.sides.box import BoxSide
from crypto.errors import UnknownSession
from crypto.lifecycle import State
from storage.registrar.book import RegistrarBook

LOOK_SECONDS: Final = 0.5
_GRACE: Final = 0.25  # a request whose last byte has come may not have been looked at yet
_AGAIN: Final = 3.0  # after a close that failed, such as for want of room on the disk


async def watch(
    registrar: RegistrarBook, box: BoxSide, clock: Callable[[], float] = time.time
) -> None:
    """Closes every session whose time has come, and finishes what a crash interrupted; for ever."""
    while True:
        await _close_all(box, lambda: _due(registrar, box, clock()))
        await asyncio.sleep(LOOK_SECONDS)


async def _close_all(box: BoxSide, which: Callable[[], Awaitable[list[str]]]) -> None:
    """Closes each of them, whatever happens to the others."""
    try:
        found = await which()
    except OSError as error:
        logs.failure("looking for sessions to close", error)
        found = []
    for uuid in found:
        try:
            await _close(box, uuid)
        except Exception as error:  # noqa: BLE001  the next one must still be closed
            logs.failure("closing a session", error)
            await asyncio.sleep(_AGAIN)


async def _due(registrar: RegistrarBook, box: BoxSide, now: float) -> list[str]:
    """Whose time has come, and those closed without the checkpoint that comes last."""
    found = []
    for row in await registrar.sessions():
        if row.state == State.CLOSED and State.CLOSED not in await registrar.notes(row.uuid):
            found.append(row.uuid)
        if row.state != State.OPEN:
            continue
        try:
            closes = (await box.book.session(row.uuid)).closes
        except UnknownSession:
            continue
        if closes is not None and closes <= now:
            found.append(row.uuid)
    return found


async def _close(box: BoxSide, uuid: str) -> None:
    await asyncio.sleep(_GRACE)
    while box.under_way[uuid]:  # noqa: ASYNC110  once in a session: not worth an event
        await asyncio.sleep(_GRACE)
    # In a thread with books of its own: the archive takes seconds, others go on voting.
    await asyncio.to_thread(asyncio.run, _apart(box, uuid))
    logs.event("a session is closed")


async def _apart(box: BoxSide, uuid: str) -> None:
    async with opened(box.datadir) as books:
        await electronic.close(books, uuid)
