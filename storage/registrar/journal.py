"""The lines of the journal, inside a transaction of the registrar's book."""

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.registrar.tables import journal


async def add_line(tx: AsyncConnection, uuid: str, text: str) -> None:
    """A line after the last one."""
    last = await tx.scalar(select(func.max(journal.c.number)).where(journal.c.uuid == uuid))
    await tx.execute(insert(journal).values(uuid=uuid, number=(last or 0) + 1, entry=text))
