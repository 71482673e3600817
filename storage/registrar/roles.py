"""The codes of roles, inside a transaction of the registrar's book.

The holders of a role are numbered, `owner`: chair 1, chair 2. The code of each admits one account
or one device. Trustees are not so bound: their program logs in anew at each step, and what they
send is signed with their own keys.
"""

from sqlalchemy import Select, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto.errors import BadCode
from storage.errors import CodeTaken
from storage.registrar.tables import chats, codes, logins
from storage.rows import RoleCode


async def require_unused(
    tx: AsyncConnection, uuid: str, role: str, owner: int, account: int | None = None
) -> None:
    """That there is a code of this holder of the role, and nobody else uses it.

    The caller holds the session, so that of two who come at once the second one is refused.

    Args:
        account: of the messenger, who may come again; None for a device, which may not.

    Raises:
        BadCode: the code was ended meanwhile.
        CodeTaken: an account or device uses it.
    """
    users = [_of_holder(chats, uuid, role, owner), _of_holder(logins, uuid, role, owner)]
    if account is not None:
        users[0] = users[0].where(chats.c.account != account)
    if (await tx.execute(_of_holder(codes, uuid, role, owner))).first() is None:
        raise BadCode("the code was ended")
    for query in users:
        if (await tx.execute(query)).first() is not None:
            raise CodeTaken("an account or a device uses this code")


def _of_holder(table: Table, uuid: str, role: str, owner: int) -> Select[tuple[str]]:
    query = select(table.c.role).where(table.c.uuid == uuid, table.c.role == role)
    return query.where(table.c.owner == owner).limit(1)


async def read_role_codes(tx: AsyncConnection, uuid: str) -> list[RoleCode]:
    """The codes of roles, by role and number."""
    holders = {}
    for table in (chats, logins):
        users = select(table.c.role, table.c.owner).where(table.c.uuid == uuid)
        rows = await tx.execute(users.where(table.c.owner.is_not(None)))
        holders[table] = {(row.role, row.owner) for row in rows}
    query = select(codes.c.role, codes.c.owner, codes.c.expires).where(codes.c.uuid == uuid)
    query = query.where(codes.c.owner.is_not(None)).order_by(codes.c.role, codes.c.owner)
    return [
        RoleCode(
            row.role,
            row.owner,
            row.expires,
            account=(row.role, row.owner) in holders[chats],
            device=(row.role, row.owner) in holders[logins],
        )
        for row in await tx.execute(query)
    ]
