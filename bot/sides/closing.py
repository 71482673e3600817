"""Ends the vote at the announced time, and takes in what the committee signs.

Whatever was received before the end is stored first. Nothing that comes later is waited for, and
of what came before only the look at its signature, then the checks of those whose signature holds
(docs/protocol.md §5.3).
"""

import asyncio
from collections.abc import Callable
from typing import Final

from admin.lifecycle import steps
from admin.session.books import Books, apart
from bot import logs
from bot.pauses import Pauses
from bot.sides.box import BoxSide
from crypto.errors import ProtocolError
from storage.registrar.book import RegistrarBook

_AGAIN: Final = 3.0  # after a close that failed, such as for want of room on the disk


async def watch(
    registrar: RegistrarBook, box: BoxSide, clock: Callable[[], float], pauses: Pauses
) -> None:
    """Closes sessions whose time has come, gathers signatures, finishes what was interrupted."""
    books = Books(box.datadir, registrar, box.book)
    signed: set[str] = set()  # of these nothing is left to be gathered
    while True:
        under_way: list[str] = []
        try:
            under_way = await steps.under_way(books)
            if under_way:
                await _end(box, await steps.due(books, clock() + pauses.end), clock, pauses)
                signable = await steps.signable(books, under_way)
                signed |= await _gather(books, set(signable) - signed)
        except OSError as error:
            logs.failure("looking for sessions to close", error)
        await asyncio.sleep(pauses.end if under_way else pauses.look)


async def _end(box: BoxSide, uuids: list[str], clock: Callable[[], float], pauses: Pauses) -> None:
    for uuid in uuids:
        try:
            await _close(box, uuid, clock, pauses.grace)
        except Exception as error:  # noqa: BLE001  the next one must still be closed
            logs.failure("closing a session", error)
            await asyncio.sleep(_AGAIN)


async def _gather(books: Books, uuids: set[str]) -> set[str]:
    """Takes in what the committee has signed; whose closing a quorum has signed."""
    signed: set[str] = set()
    for uuid in uuids:
        try:
            if await steps.gather(books, uuid):
                signed.add(uuid)
        except (ProtocolError, OSError) as error:
            logs.failure("gathering the committee's signatures", error)
    return signed


async def _close(box: BoxSide, uuid: str, clock: Callable[[], float], grace: float) -> None:
    """Closes a session at its announced end, which may come before the next look for ends."""
    closes = (await box.book.session(uuid)).closes
    await asyncio.sleep(max(0.0, (closes or 0) - clock()) + grace)
    while box.awaits(uuid, closes):  # noqa: ASYNC110  once in a session: not worth an event
        await asyncio.sleep(grace)
    running = await asyncio.to_thread(box.products.of, uuid)
    await apart(box.datadir, lambda books: steps.close(books, uuid, running))
    box.products.forget(uuid)
    logs.event("a session is closed")
