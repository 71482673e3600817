"""A change of the roster after the seal and before the opening: numbered, signed, with a reason."""

import secrets
from collections.abc import Iterable, Sequence

from admin.lifecycle.seal import SALT
from admin.prepare import draft as drafts
from admin.prepare import people as names_of_people
from admin.prepare import roster
from admin.rules.cells import Fault, Problem
from admin.session import keys
from admin.session.datadir import DataDir
from admin.session.session import Session
from admin.words import language
from crypto import note
from crypto.checkpoint import AMENDERS, MAX_AMENDMENTS, MAX_REASON, Amendment
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
    warnings: list[Problem],
) -> Amendment:
    """Adds people by name and removes people by their number on the roster.

    Args:
        warnings: gets those of the import, names that may be those of people on the roster; and
            that the body has more members than was said.

    Raises:
        WrongState, RegistrationEnded: not sealed yet, or open already.
        Refused: nothing to change, a number that is not on the roster, a name that is there, fewer
            people than were counted or must vote, or too many amendments.
        TokenAlreadyIssued: somebody to be removed has a token.
        BadDraft: a name that the import would refuse, or a roster too short or too long.
        Malformed: the reason is not acceptable text.
    """
    uuid, phi = session.uuid, session.electronic.election.phi
    people = await book.roster(uuid)
    gone = {person.place: person for person in people if person.place in remove}
    if not add and not remove:
        raise Refused("nothing to change: add or remove somebody")
    staying = [person for person in people if person.place not in gone]
    problems: list[Problem] = []
    last = max(person.place for person in people)
    added = names_of_people.read_added(add, staying, last, problems, warnings)
    _check(staying, gone, added.values(), remove)
    if problems:
        raise drafts.refusal(problems, language())
    _check_size(session, len(staying) + len(added), warnings)
    new = [Person(secrets.token_bytes(16), place, name, {}) for place, name in added.items()]
    after = staying + new
    salt = (datadir.keys(uuid) / SALT).read_bytes()
    earlier = roster.encode(uuid, roster.rows(people))
    number = len(await book.amendments(uuid)) + 1
    if number > MAX_AMENDMENTS:
        raise Refused(f"a roster has at most {MAX_AMENDMENTS} amendments: put changes together")
    amendment = Amendment(
        number,
        len(new),
        len(gone),
        roster_mac(salt, roster.encode(uuid, roster.rows(after))),
        text(reason, "reason", limit=MAX_REASON),
    )
    signers = [keys.signer(datadir, uuid, party) for party in AMENDERS]
    signed = note.sign(amendment.body(uuid, phi), signers).encode()
    removed = [person.person for person in gone.values()]
    await book.amend(uuid, amendment.number, signed, earlier, new, removed)
    return amendment


def _check_size(session: Session, size: int, warnings: list[Problem]) -> None:
    """What was said of the roster holds of the new one, too: no record contradicts itself."""
    if session.present is not None and session.present > size:
        raise Refused(
            f"{session.present} were counted as present, but the roster would have {size}: "
            "enter the head count again first"
        )
    least = session.electronic.parameters.policy.min_ballots
    if size < least:
        raise Refused(f"the roster would have {size}, but no fewer than {least} ballots are opened")
    if size > session.session_file.delegates:
        fault = Fault("more_members", delegates=session.session_file.delegates, roster=size)
        warnings.append(Problem("session.json", None, None, fault))


def _check(
    staying: Sequence[Person], gone: dict[int, Person], added: Iterable[str], remove: Sequence[int]
) -> None:
    for place in remove:
        if place not in gone:
            raise Refused(f"the roster has no number {place}")
    names = {person.name for person in staying}
    for name in added:
        if name in names:
            raise Refused(f"{name} is on the roster already; add what tells them apart")
        names.add(name)
