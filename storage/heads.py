"""The committee's head count against the tokens, inside a transaction of the registrar's book."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto.errors import Refused
from storage.registrar_tables import issued, sessions


async def check_present(tx: AsyncConnection, uuid: str) -> None:
    """Raises Refused if more persons have a token than are present, as far as they are counted."""
    present = await tx.scalar(select(sessions.c.present).where(sessions.c.uuid == uuid))
    mine = select(func.count()).select_from(issued).where(issued.c.uuid == uuid)
    tokens = await tx.scalar(mine) or 0
    if present is not None and tokens > present:
        raise Refused(f"{tokens} tokens are out, but only {present} are present: count again")
