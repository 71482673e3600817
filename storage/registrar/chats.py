"""Which account of a messenger speaks for whom, a part of the registrar's book.

No message is kept here, no number of one, and no time: the accounts of a session's voters, and
which of the notices each has got. Voters are forgotten once they have heard the result.
"""

from sqlalchemy import ColumnElement, delete, select, update

from crypto.errors import BadCode
from storage.database import Database, insert_once, uncancelled
from storage.errors import CodeTaken
from storage.faults import refusing
from storage.registrar.roles import require_unused
from storage.registrar.tables import chats, issued, notices, sessions
from storage.rows import PAPERS, Chat
from storage.session_state import hold


class Chats:
    """Made by `RegistrarBook`, whose database it shares."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @uncancelled
    async def admit(self, chat: Chat) -> None:
        """Lets an account speak for somebody. Idempotent.

        Raises:
            CodeTaken: another account speaks for this person or holder of the role, or a device
                does, or this account for another.
            BadCode: the person has been taken off the roster, or the code of the role was ended.
        """
        row = {column.name: getattr(chat, column.name) for column in chats.c}
        of_account = (chats.c.uuid == chat.uuid) & (chats.c.account == chat.account)
        query = select(chats.c.person, chats.c.owner).where(of_account, chats.c.role == chat.role)
        async with self._database.write() as tx:
            await hold(tx, sessions, chat.uuid)
            if chat.owner is not None:
                await require_unused(tx, chat.uuid, chat.role, chat.owner, chat.account)
            with refusing(reference=BadCode("the code admits nobody")):
                if await insert_once(tx, chats, **row):
                    return
            stored = (await tx.execute(query)).one_or_none()
            if stored is None or (stored.person, stored.owner) != (chat.person, chat.owner):
                raise CodeTaken("another account uses this code, or this account another code")

    @uncancelled
    async def of_account(self, account: int) -> list[Chat]:
        """Whom an account speaks for, in the order of the sessions' uuids."""
        query = select(chats).where(chats.c.account == account).order_by(*chats.primary_key)
        async with self._database.read() as tx:
            return [Chat(*row) for row in await tx.execute(query)]

    @uncancelled
    async def of_session(self, uuid: str) -> list[Chat]:
        """Every account of a session."""
        query = select(chats).where(chats.c.uuid == uuid).order_by(*chats.primary_key)
        async with self._database.read() as tx:
            return [Chat(*row) for row in await tx.execute(query)]

    @uncancelled
    async def with_token(self, uuid: str) -> set[int]:
        """The accounts whose voter has got a token, by whatever channel."""
        return await self._with(uuid, issued.c.channel.not_in(PAPERS))

    @uncancelled
    async def with_paper(self, uuid: str) -> set[int]:
        """The accounts whose voter has got a paper ballot."""
        return await self._with(uuid, issued.c.channel.in_(PAPERS))

    async def _with(self, uuid: str, kind: ColumnElement[bool]) -> set[int]:
        same = (issued.c.uuid == chats.c.uuid) & (issued.c.person == chats.c.person)
        query = select(chats.c.account).join(issued, same).where(chats.c.uuid == uuid, kind)
        async with self._database.read() as tx:
            return set(await tx.scalars(query))

    @uncancelled
    async def speak(self, account: int, language: str) -> None:
        """The language of an account from now on."""
        async with self._database.write() as tx:
            changed = update(chats).where(chats.c.account == account)
            await tx.execute(changed.values(language=language))

    # ---- notices

    @uncancelled
    async def notified(self, uuid: str, notice: str) -> set[int]:
        """The accounts that have got a notice."""
        query = select(notices.c.account).where(notices.c.uuid == uuid, notices.c.notice == notice)
        async with self._database.read() as tx:
            return set(await tx.scalars(query))

    @uncancelled
    async def note_sent(self, uuid: str, notice: str, account: int) -> None:
        """Notes that an account has got a notice. Idempotent."""
        async with self._database.write() as tx:
            await insert_once(tx, notices, uuid=uuid, notice=notice, account=account)

    @uncancelled
    async def forget(self, uuid: str) -> None:
        """At the very end: no account of a voter is kept, nor what it was told.

        May be called again, and must be after a crash in its middle.
        """
        left = select(chats.c.account).where(chats.c.uuid == uuid)
        async with self._database.write() as tx:
            await tx.execute(delete(chats).where(chats.c.uuid == uuid, chats.c.person.is_not(None)))
            gone = notices.c.account.not_in(left)
            await tx.execute(delete(notices).where(notices.c.uuid == uuid, gone))
        await self._database.rewrite(uuid, notices, chats)
