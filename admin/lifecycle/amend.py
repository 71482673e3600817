"""A change of the roster after the seal and before the opening: numbered, signed, with a reason."""

import secrets
from collections.abc import Sequence

from admin.lifecycle.seal import SALT
from admin.prepare import roster
from admin.session import keys
from admin.session.datadir import DataDir
from admin.session.session import Session
from crypto import note
from crypto.checkpoint import AMENDERS, Amendment
from crypto.encoding import text
from crypto.errors import Refused
from crypto.session import roster_mac
from storage.registrar.book import RegistrarBook
from storage.rows import Person


async def amend(
    book: RegistrarBook,
    datadir: DataDir,
    session: Session,
    add: Sequence[str],
    remove: Sequence[int],
    reason: str,
) -> Amendment:
    """Adds people by name and removes people by their number on the roster.

    Raises:
        WrongState, RegistrationEnded: not sealed yet, or open already.
        Refused: nothing to change, a number that is not on the roster, a name that is there.
        TokenAlreadyIssued: somebody to be removed has a token.
        Malformed: a name or the reason is not acceptable text.
    """
    uuid, phi = session.uuid, session.electronic.election.phi
    people = await book.roster(uuid)
    gone = {person.place: person for person in people if person.place in remove}
    _check(people, gone, add, remove)
    last = max(person.place for person in people)
    new = [
        Person(secrets.token_bytes(16), place, text(name, "name"), {})
        for place, name in enumerate(add, start=last + 1)
    ]
    after = [person for person in people if person.place not in gone] + new
    salt = (datadir.keys(uuid) / SALT).read_bytes()
    earlier = roster.encode(uuid, roster.rows(people))
    amendment = Amendment(
        len(await book.amendments(uuid)) + 1,
        len(new),
        len(gone),
        roster_mac(salt, roster.encode(uuid, roster.rows(after))),
        text(reason, "reason"),
    )
    signers = [keys.signer(datadir, uuid, party) for party in AMENDERS]
    signed = note.sign(amendment.body(uuid, phi), signers).encode()
    removed = [person.person for person in gone.values()]
    await book.amend(uuid, amendment.number, signed, earlier, new, removed)
    return amendment


def _check(
    people: Sequence[Person], gone: dict[int, Person], add: Sequence[str], remove: Sequence[int]
) -> None:
    if not add and not remove:
        raise Refused("nothing to change: add or remove somebody")
    for place in remove:
        if place not in gone:
            raise Refused(f"the roster has no number {place}")
    names = [person.name for person in people if person.place not in gone]
    for name in add:
        if name in names:
            raise Refused(f"{name} is on the roster already; add what tells them apart")
        names.append(name)
