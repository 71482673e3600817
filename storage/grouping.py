"""Group commit: changes that come while a transaction is written share the next one.

A disk syncs, and PostgreSQL hands over the lock of a session's row, some hundred times a second
at best: five hundred people who come at once would each wait for all before. Where one of a group
is refused, the group is written again with a savepoint for each, so that a refusal undoes that
change alone. Nobody gets an outcome before the commit; where it fails, nobody's change is stored.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.faults import named

T = TypeVar("T")

MOST: Final = 64  # changes of one group: of ballots of 44 officials about 0.2 s of writing


@dataclass(frozen=True, slots=True)
class _Change:
    """What somebody waits for."""

    apply: Callable[[AsyncConnection], Awaitable[Any]]
    outcome: asyncio.Future[Any]


class Groups:
    """The changes of one database that wait for a transaction, in the order they came.

    Args:
        write: begins a transaction; committed when its block ends.
    """

    def __init__(self, write: Callable[[], AbstractAsyncContextManager[AsyncConnection]]) -> None:
        self._write = write
        self._waiting: deque[_Change] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def store(self, change: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """The result of a change, on disk when this returns.

        Raises:
            ProtocolError: the change's own refusal; the others of its group are stored.
            OSError: the transaction failed, and none of the group is stored.
        """
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Change(change, outcome))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await outcome

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                await self._write_group()
        finally:
            self._writing = None

    async def _write_group(self) -> None:
        group: list[_Change] = []
        try:
            async with self._write() as tx:
                group = self._next()  # with whoever came while the transaction waited to begin
                outcomes = [await change.apply(tx) for change in group]
        except OSError as error:
            group = group or self._next()
            outcomes = [error] * len(group)
        except Exception:  # noqa: BLE001  whose it is, the savepoints will tell
            group = group or self._next()
            outcomes = await self._write_apart(group)
        for change, outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, Exception):
                change.outcome.set_exception(outcome)
            else:
                change.outcome.set_result(outcome)

    async def _write_apart(self, group: list[_Change]) -> list[Any]:
        """The outcomes of a group in which one at least refuses; all that do not are stored."""
        try:
            async with self._write() as tx:
                return [await _outcome(tx, change) for change in group]
        except Exception as error:  # noqa: BLE001  it belongs to those who wait
            return [error] * len(group)

    def _next(self) -> list[_Change]:
        return [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]


async def _outcome(tx: AsyncConnection, change: _Change) -> Any:
    """What the change returns, or the exception by which it undid itself.

    Raises:
        OSError: the database failed; SQLite may have undone the whole transaction by itself.
    """
    savepoint = await tx.begin_nested()
    try:
        with named():
            outcome = await change.apply(tx)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  raised again where the change is waited for
        await savepoint.rollback()
        return error
    await savepoint.commit()
    return outcome
