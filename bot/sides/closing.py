"""Ends the vote at the announced time: whatever was received before it is stored first."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from admin.lifecycle import electronic
from admin.session.books import opened
from bot import logs
from bot.pauses import Pauses
from bot.sides.box import BoxSide
from crypto.errors import UnknownSession
from crypto.lifecycle import State
from storage.registrar.book import RegistrarBook

_AGAIN: Final = 3.0  # after a close that failed, such as for want of room on the disk


async def watch(
    registrar: RegistrarBook, box: BoxSide, clock: Callable[[], float], pauses: Pauses
) -> None:
    """Closes every session whose time has come, and finishes what a crash interrupted; for ever."""
    while True:
        await _close_all(box, lambda: _due(registrar, box, clock()), pauses.grace)
        await asyncio.sleep(pauses.end)


async def _close_all(box: BoxSide, which: Callable[[], Awaitable[list[str]]], grace: float) -> None:
    """Closes each of them, whatever happens to the others."""
    try:
        found = await which()
    except OSError as error:
        logs.failure("looking for sessions to close", error)
        found = []
    for uuid in found:
        try:
            await _close(box, uuid, grace)
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


async def _close(box: BoxSide, uuid: str, grace: float) -> None:
    await asyncio.sleep(grace)
    while box.under_way[uuid]:  # noqa: ASYNC110  once in a session: not worth an event
        await asyncio.sleep(grace)
    # In a thread with books of its own: the archive takes seconds, others go on voting.
    await asyncio.to_thread(asyncio.run, _apart(box, uuid))
    logs.event("a session is closed")


async def _apart(box: BoxSide, uuid: str) -> None:
    async with opened(box.datadir) as books:
        await electronic.close(books, uuid)
