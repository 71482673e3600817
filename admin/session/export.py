"""What a finished session hands out: its public record, and the bundle for its auditors."""

from pathlib import Path

from admin.record import auditor, files
from admin.record.auditor import Attendance
from admin.session import keys, roster
from admin.session.house import House, definition
from admin.session.seal import SALT
from crypto.errors import WrongState
from crypto.lifecycle import State
from storage.rows import PAPER, PAPERS

ENDED = (State.CLOSED, State.TALLIED, State.PUBLISHED, State.FAILED)


async def record(house: House, uuid: str, target: Path) -> None:
    """Copies the record of a session that was published or failed.

    Raises:
        WrongState: it has come to neither end.
        UnknownSession: there is no such session.
    """
    state = (await house.registrar.session(uuid)).state
    if state not in {State.PUBLISHED, State.FAILED}:
        raise WrongState(f"a record is exported after: session publish; the session is {state}")
    with house.place.bundle(uuid).open("rb") as source, files.replacing(target) as copy:
        while chunk := source.read(1 << 20):
            copy.write(chunk)


async def for_auditors(house: House, uuid: str, target: Path) -> None:
    """Writes the auditors' bundle.

    Raises:
        WrongState: voting has not ended.
        UnknownSession: there is no such session.
    """
    await definition(house, uuid)
    book = house.registrar
    state = (await book.session(uuid)).state
    if state not in ENDED:
        raise WrongState(f"who got a ballot is told to the auditors after the close, not: {state}")
    people = await book.roster(uuid)
    lines = {person.person: number for number, person in enumerate(people, start=1)}
    got = sorted(
        (lines[who], PAPER if channel in PAPERS else channel)
        for who, channel in await book.arrivals.issued_to(uuid)
    )
    earlier = await book.messages(uuid, roster.EARLIER)
    rosters = [
        *(earlier[number] for number in sorted(earlier)),
        roster.encode(uuid, roster.rows(people)),
    ]
    salt = (house.place.keys(uuid) / SALT).read_bytes()
    evidence = await book.arrivals.evidence(uuid)
    chair = keys.signer(house.place, uuid, "chair")
    with files.replacing(target, mode=0o600) as file:
        auditor.write(file, Attendance(uuid, tuple(got)), rosters, salt, evidence, chair)
