"""What a finished session hands out: its public record, the bundle for its auditors, its result."""

from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from admin.lifecycle import counted
from admin.lifecycle.seal import SALT
from admin.office import scan
from admin.prepare import roster
from admin.record import auditor, files, result_file
from admin.record.audit import AuditOptions
from admin.record.auditor import Attendance
from admin.record.paper_definition import PaperDefinition
from admin.session import keys
from admin.session.books import Books
from admin.session.datadir import DataDir
from admin.session.session import Session
from crypto.audit.ballots import Run
from crypto.audit.evidence import SESSION
from crypto.errors import Refused, WrongState
from crypto.lifecycle import FINISHED, VOTED, State
from storage.registrar.book import RegistrarBook
from storage.rows import PAPER, PAPERS


def record(datadir: DataDir, session: Session, target: Path) -> None:
    """Copies the record of a session that was published or failed.

    Raises:
        OnPaper: the session votes on paper only.
        WrongState: it has come to neither end.
    """
    _ = session.electronic
    if session.state not in FINISHED - {State.CANCELLED}:
        raise WrongState(
            f"a record is exported after: session publish; the session is {session.state}"
        )
    with datadir.bundle(session.uuid).open("rb") as source, files.replacing(target) as copy:
        while chunk := source.read(1 << 20):
            copy.write(chunk)


async def result(books: Books, session: Session, target: Path, run: Run) -> int:
    """Writes the result file of a published session, checked as the office above checks it.

    Returns:
        How many scans of the signed minutes are in it.

    Raises:
        WrongState: the session has not been published.
        Refused: the name of the file ends otherwise.
        PaperNotEntered: paper ballots are out, and no two people have entered the same numbers.
    """
    uuid, datadir = session.uuid, books.datadir
    if not target.name.endswith(result_file.SUFFIX):
        raise Refused(f"{target.name}: the name of a result file ends in {result_file.SUFFIX}")
    if session.state != State.PUBLISHED:
        raise WrongState(
            f"a result is exported after: session publish; the session is {session.state}"
        )
    count = await counted.of_books(books, session)
    contents: dict[str, BinaryIO] = {
        result_file.COUNT: BytesIO(count.encode()),
        SESSION: BytesIO(session.session_file.encode()),
    }
    scans = scan.attached(datadir, uuid)
    with ExitStack() as opened, files.replacing(target) as file:
        if isinstance(session.definition, PaperDefinition):
            contents[result_file.PAPER] = BytesIO(session.definition.encode())
        else:
            path = datadir.bundle(uuid)
            contents[path.name] = opened.enter_context(path.open("rb"))
        for path in scans:
            contents[path.name] = opened.enter_context(path.open("rb"))
        result_file.write(file, uuid, contents, keys.signer(datadir, uuid, "chair"))
        result_file.read(file, AuditOptions(run=run))
    return len(scans)


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
