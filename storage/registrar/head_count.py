"""The committee's head count against the ballots that are out, inside a transaction."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto.errors import Refused
from storage.registrar.tables import issued, persons, sessions
from storage.rows import LATE, PAPER


async def check_present(tx: AsyncConnection, uuid: str) -> None:
    """Raises Refused if more ballots are out than people present, as far as they are counted.

    Those who came after the opening were not counted, and neither are their paper ballots here.
    """
    present = await tx.scalar(select(sessions.c.present).where(sessions.c.uuid == uuid))
    query = select(issued.c.channel, func.count().label("many")).where(issued.c.uuid == uuid)
    rows = await tx.execute(query.group_by(issued.c.channel))
    by_channel = {row.channel: row.many for row in rows}
    paper = by_channel.pop(PAPER, 0)
    by_channel.pop(LATE, 0)
    tokens = sum(by_channel.values())
    if present is not None and tokens + paper > present:
        ballots = f"{tokens} tokens and {paper} paper ballots" if paper else f"{tokens} tokens"
        raise Refused(f"{ballots} are out, but only {present} are present: count again")


async def check_late(tx: AsyncConnection, uuid: str) -> None:
    """Raises Refused if those present at the opening and those late are more than the roster."""
    present = await tx.scalar(select(sessions.c.present).where(sessions.c.uuid == uuid)) or 0
    came_late = (issued.c.uuid == uuid) & (issued.c.channel == LATE)
    late = await tx.scalar(select(func.count()).select_from(issued).where(came_late)) or 0
    persons_of_session = select(func.count()).select_from(persons).where(persons.c.uuid == uuid)
    roster = await tx.scalar(persons_of_session) or 0
    if present + late > roster:
        raise Refused(f"{present} were present and {late} came late, but the roster has {roster}")
