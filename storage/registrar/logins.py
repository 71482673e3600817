"""Mini App logins and issued ballots, a part of the registrar's book.

What Telegram signs admits once: its hash is remembered as long as it could be shown again, and
forgotten with the logins. For the auditors it is kept whole, sealed to their key, without a time.
"""

import secrets
from enum import Enum

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto.errors import WrongState
from crypto.lifecycle import OVER
from storage.database import Database, grouped, insert_once, uncancelled
from storage.registrar.tables import (
    EVIDENCE_BYTES,
    chats,
    codes,
    evidence,
    issued,
    logins,
    seen_init_data,
    sessions,
)
from storage.rows import MINIAPP, SeenInitData
from storage.session_state import hold

VOTER = "voter"


class LoginOutcome(Enum):
    """Outcome of a Mini App login."""

    ADMITTED = "admitted"
    STRANGER = "stranger"
    REPEATED = "repeated"


class Logins:
    """Made by `RegistrarBook`, whose database it shares."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @grouped
    async def admit(
        self,
        tx: AsyncConnection,
        init_data: SeenInitData,
        hashed: bytes,
        expires: int,
        now: int,
    ) -> LoginOutcome:
        """Makes a bearer for the voter for whom an account speaks, once for each showing.

        Args:
            hashed: the hash of the bearer's text.
            expires: until when the bearer is good.
            now: Unix seconds.

        Raises:
            WrongState: the session has ended; its logins are forgotten.
            UnknownSession: there is no such session.
        """
        of_account = (chats.c.uuid == init_data.uuid) & (chats.c.account == init_data.account)
        if (state := await hold(tx, sessions, init_data.uuid)) in OVER:
            raise WrongState(f"nobody logs in any more; the session is {state}")
        person = await tx.scalar(select(chats.c.person).where(of_account, chats.c.role == VOTER))
        if person is None:
            return LoginOutcome.STRANGER
        await tx.execute(delete(seen_init_data).where(seen_init_data.c.expires <= now))
        once = {"hash": init_data.hash, "uuid": init_data.uuid, "expires": init_data.expires}
        if not await insert_once(tx, seen_init_data, **once):
            return LoginOutcome.REPEATED
        row = {"hash": hashed, "uuid": init_data.uuid, "role": VOTER, "person": person}
        await tx.execute(insert(logins).values(**row, expires=expires, way=MINIAPP))
        if init_data.evidence is not None:
            key = {"uuid": init_data.uuid, "id": secrets.token_bytes(EVIDENCE_BYTES)}
            await tx.execute(insert(evidence).values(**key, sealed=init_data.evidence))
        return LoginOutcome.ADMITTED

    @uncancelled
    async def evidence(self, uuid: str) -> list[bytes]:
        """What is kept for the auditors, in no order that means anything."""
        query = select(evidence.c.sealed).where(evidence.c.uuid == uuid)
        async with self._database.read() as tx:
            return list(await tx.scalars(query.order_by(evidence.c.id)))

    @uncancelled
    async def invited(self, uuid: str) -> int:
        """For how many voters there are codes."""
        of_voters = (codes.c.uuid == uuid) & (codes.c.role == VOTER)
        query = select(func.count(codes.c.person.distinct())).where(of_voters)
        async with self._database.read() as tx:
            return await tx.scalar(query) or 0

    @uncancelled
    async def issued_to(self, uuid: str) -> list[tuple[bytes, str]]:
        """The persons who got a ballot, each with the channel, in no order that means anything."""
        query = select(issued.c.person, issued.c.channel).where(issued.c.uuid == uuid)
        async with self._database.read() as tx:
            rows = await tx.execute(query.order_by(issued.c.person))
            return [(row.person, row.channel) for row in rows]
