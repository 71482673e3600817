"""The lines of the roster, inside a transaction of the registrar's book."""

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto.encoding import canonical
from crypto.errors import Malformed, TokenAlreadyIssued
from storage.faults import refusing
from storage.registrar.tables import chats, codes, logins, persons, recovery
from storage.rows import Person


async def read_roster(tx: AsyncConnection, uuid: str) -> list[Person]:
    """In the order of the spreadsheet."""
    query = select(persons.c.person, persons.c.place, persons.c.name, persons.c.details)
    order = (persons.c.place, persons.c.person)
    rows = await tx.execute(query.where(persons.c.uuid == uuid).order_by(*order))
    return [Person(row.person, row.place, row.name, json.loads(row.details)) for row in rows]


async def set_roster(tx: AsyncConnection, uuid: str, roster: Sequence[Person]) -> None:
    """Makes the stored roster this one; who stays keeps the code."""
    staying = {person.person for person in roster}
    if len(staying) != len(roster):
        raise Malformed("the same person stands twice on the roster")
    stored = {person.person for person in await read_roster(tx, uuid)}
    await remove_persons(tx, uuid, stored - staying)
    await add_persons(tx, uuid, [new for new in roster if new.person not in stored])
    await _change_persons(tx, uuid, [new for new in roster if new.person in stored])


async def add_persons(tx: AsyncConnection, uuid: str, new: Sequence[Person]) -> None:
    """New lines; a line that is there already breaks the key."""
    if new:
        await tx.execute(insert(persons), [{"uuid": uuid, **_columns(person)} for person in new])


async def remove_persons(tx: AsyncConnection, uuid: str, gone: Iterable[bytes]) -> None:
    """Takes persons off the roster, with code, login, recovery and chat.

    Raises:
        TokenAlreadyIssued: one of them has a token.
        Malformed: one of them is not on the roster.
    """
    for person in gone:
        for table in (codes, logins, recovery, chats):
            await tx.execute(delete(table).where(table.c.uuid == uuid, table.c.person == person))
        line = delete(persons).where(persons.c.uuid == uuid, persons.c.person == person)
        with refusing(reference=TokenAlreadyIssued("who has a token stays on the roster")):
            deleted = await tx.execute(line)
        if deleted.rowcount != 1:
            raise Malformed("a person who is to be removed is not on the roster")


async def _change_persons(tx: AsyncConnection, uuid: str, changed: Sequence[Person]) -> None:
    for person in changed:
        key = (persons.c.uuid == uuid) & (persons.c.person == person.person)
        await tx.execute(update(persons).where(key).values(**_columns(person)))


def _columns(person: Person) -> dict[str, object]:
    return {
        "person": person.person,
        "place": person.place,
        "name": person.name,
        "details": canonical(person.details).decode(),
    }
