"""What a finished session hands out: its public record, and the bundle for its auditors."""

from pathlib import Path

from admin.lifecycle.seal import SALT
from admin.prepare import roster
from admin.record import auditor, files
from admin.record.auditor import Attendance
from admin.session import keys
from admin.session.datadir import DataDir
from admin.session.session import Session
from crypto.errors import WrongState
from crypto.lifecycle import FINISHED, VOTED, State
from storage.registrar.book import RegistrarBook
from storage.rows import PAPER, PAPERS


def record(datadir: DataDir, session: Session, target: Path) -> None:
    """Copies the record of a session that was published or failed.

    Raises:
        WrongState: it has come to neither end.
    """
    if session.state not in FINISHED - {State.CANCELLED}:
        raise WrongState(
            f"a record is exported after: session publish; the session is {session.state}"
        )
    with datadir.bundle(session.uuid).open("rb") as source, files.replacing(target) as copy:
        while chunk := source.read(1 << 20):
            copy.write(chunk)


async def for_auditors(
    book: RegistrarBook, datadir: DataDir, session: Session, target: Path
) -> None:
    """Writes the auditors' bundle.

    Raises:
        OnPaper: the session votes on paper only.
        WrongState: voting has not ended.
    """
    uuid = session.electronic.election.uuid
    if session.state not in VOTED:
        raise WrongState(
            f"who got a ballot is told to the auditors after the close, not: {session.state}"
        )
    people = await book.roster(uuid)
    lines = {person.person: number for number, person in enumerate(people, start=1)}
    ballots = sorted(
        (lines[who], PAPER if channel in PAPERS else channel)
        for who, channel in await book.logins.issued_to(uuid)
    )
    rosters = [*await book.earlier_rosters(uuid), roster.encode(uuid, roster.rows(people))]
    salt = (datadir.keys(uuid) / SALT).read_bytes()
    evidence = await book.logins.evidence(uuid)
    chair = keys.signer(datadir, uuid, "chair")
    with files.replacing(target, mode=0o600) as file:
        auditor.write(file, Attendance(uuid, tuple(ballots)), rosters, salt, evidence, chair)
