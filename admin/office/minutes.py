"""From the books, or from a record, to what the documents of a count say.

The books know more than a record or a result file: the journal, the roster. Whoever has only the
file prints what it says, after its audit.
"""

import hashlib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from admin.documents.compose import AttendanceList
from admin.documents.facts import MeetingFacts, Participant
from admin.documents.minutes import CommitteeSignature, Minutes, RecordSeal
from admin.documents.wording import bare
from admin.lifecycle import counted
from admin.record import bundle, result_file
from admin.record.audit import AuditOptions, Outcome
from admin.record.session_file import SessionFile
from admin.rules.channel import electronic
from admin.session.books import Books
from admin.session.datadir import DataDir
from admin.session.definition import Definition
from admin.session.session import Session
from crypto import checkpoint, note, tally
from crypto.archive import Kind, Reader
from crypto.audit import evidence
from crypto.audit.evidence import Issuance
from crypto.checkpoint import Amendment
from crypto.errors import Incomplete, Refused, WrongState
from crypto.lifecycle import COUNTED, VALID, State
from crypto.session import Parameters
from storage.registrar.book import RegistrarBook
from storage.rows import Person

# ---- from the books


async def of_books(books: Books, session: Session, facts: MeetingFacts) -> Minutes:
    """The count as the books have it.

    Raises:
        WrongState: the totals have not been opened.
        PaperNotEntered: paper ballots are out, and no two people have entered the same numbers.
        Refused: numbers contradict each other, or somebody excused is not on the roster.
    """
    if session.state not in COUNTED:
        raise WrongState(
            f"papers of the count are made after the tally; the session is {session.state}"
        )
    roster = await books.registrar.roster(session.uuid)
    _check_excused(facts, roster)
    count, seal = await counted.of_books(books, session), None
    if not session.on_paper:
        seal = _seal(books.datadir, session, await books.registrar.notes(session.uuid))
    return Minutes(
        facts=_addressed(located(facts, session.session_file), roster),
        session_file=session.session_file,
        regime=session.regime,
        policy=session.policy,
        officials=session.officials,
        summoned=len(roster),
        present=session.present or 0,
        electronic=count.electronic,
        paper=count.paper,
        late=count.late,
        uncounted=count.uncounted,
        counts=count.digest,
        journal=tuple(await books.registrar.entries(session.uuid)),
        amendments=_amendments(await books.registrar.amendments(session.uuid)),
        seal=seal,
    )


async def attendance(book: RegistrarBook, session: Session, facts: MeetingFacts) -> AttendanceList:
    """Who is summoned; known since the seal.

    Raises:
        WrongState: the session has not been sealed.
        Refused: somebody excused is not on the roster.
    """
    if session.state not in VALID:
        raise WrongState(f"the list is fixed at the seal; the session is {session.state}")
    roster = await book.roster(session.uuid)
    _check_excused(facts, roster)
    return AttendanceList(
        facts=_addressed(facts, roster),
        session_file=session.session_file,
        regime=session.regime,
        people=tuple(
            Participant(person.name, _details(person.details), person.details.get("honorific", ""))
            for person in roster
        ),
        rehearsal=session.policy.rehearsal,
    )


def _details(details: dict[str, str]) -> str:
    return ", ".join(details[key] for key in ("position", "unit") if details.get(key))


def _seal(datadir: DataDir, session: Session, notes: Mapping[State, bytes]) -> RecordSeal:
    path = datadir.bundle(session.uuid)
    published = session.state == State.PUBLISHED and path.exists()
    address = f"{datadir.settings.public_url}/s/{session.uuid}"
    return RecordSeal(
        session.code,
        session.electronic.parameters.committee.size,
        _signature(session.electronic, notes[State.OPEN]),
        _signature(session.electronic, notes[State.CLOSED]),
        address,
        digest(path) if published else None,
    )


def _signature(definition: Definition, raw: bytes) -> CommitteeSignature:
    election, parameters, signed = definition.election, definition.parameters, note.parse(raw)
    code = checkpoint.check_committee(signed, election, parameters)
    return CommitteeSignature(code, tuple(checkpoint.signers(signed, election, parameters)))


def _check_excused(facts: MeetingFacts, roster: Sequence[Person]) -> None:
    names = {person.name for person in roster}
    for person in facts.excused or ():
        if person.name not in names:
            raise Refused(f"excused: {person.name} is not on the roster")


def _addressed(facts: MeetingFacts, roster: Sequence[Person]) -> MeetingFacts:
    """People of the roster are addressed as it says, unless the facts say it themselves."""
    by_name = {person.name: person.details.get("honorific", "") for person in roster}

    def known(people: Iterable[Participant]) -> tuple[Participant, ...]:
        return tuple(
            replace(person, honorific=person.honorific or by_name.get(bare(person.name), ""))
            for person in people
        )

    return replace(
        facts,
        committee=known(facts.committee),
        witnesses=None if facts.witnesses is None else known(facts.witnesses),
        excused=None if facts.excused is None else known(facts.excused),
        chair=None if facts.chair is None else known((facts.chair,))[0],
    )


# ---- from a record


def of_record(path: Path, outcome: Outcome, facts: MeetingFacts) -> Minutes:
    """The count as an audited record has it: no journal.

    Raises:
        ProtocolError: the audit's own error.
        Incomplete: the file is a bare archive.
        Refused: paper ballots went out, which it does not have; or numbers contradict each other.
    """
    if outcome.error is not None:
        raise outcome.error
    setup, counts = outcome.report.setup, outcome.counts
    if setup is None or counts is None or setup.election.parameters is None:
        raise Incomplete(f"{path.name}: a whole record is needed, not an archive")
    parameters = setup.election.parameters
    with path.open("rb") as file:
        opened = bundle.opened(file)
        session_file = SessionFile.decode(opened.read(evidence.SESSION))
        issuance = Issuance.decode(opened.read(evidence.ISSUANCE))
        last = deque(Reader(opened.open_archive()), maxlen=1)[0]
    result_file.check_whole(path.name, issuance)
    if last.kind != Kind.RESULT:
        raise Incomplete(f"{path.name}: the totals are not in it")
    totals = tally.decode_result(last.files[0], setup.election)
    rules = session_file.regime(parameters.policy.regime)
    sizes = session_file.sizes(len(parameters.officials))
    return Minutes(
        facts=located(facts, session_file),
        session_file=session_file,
        regime=rules,
        policy=parameters.policy,
        officials=parameters.officials,
        summoned=counts.roster,
        present=counts.present,
        electronic=electronic(rules, counts.issued, counts.cast, totals, sizes),
        amendments=_amendments(signed.encode() for signed in issuance.amendments),
        seal=_sealed(outcome, parameters, digest(path)),
    )


def of_result(path: Path, options: AuditOptions, facts: MeetingFacts) -> Minutes:
    """The count as a result file has it, on paper as well: no journal.

    Raises:
        ProtocolError: what its check finds.
    """
    with path.open("rb") as file:
        result = result_file.read(file, options)
    count, sealed, session_file = result.count, result.sealed, result.session_file
    outcome, seal = sealed.outcome, None
    if outcome is not None and outcome.report.setup is not None:
        parameters = outcome.report.setup.election.parameters
        seal = None if parameters is None else _sealed(outcome, parameters, result.record)
    return Minutes(
        facts=located(facts, session_file),
        session_file=session_file,
        regime=session_file.regime(sealed.policy.regime),
        policy=sealed.policy,
        officials=sealed.officials,
        summoned=count.roster,
        present=count.present,
        electronic=count.electronic,
        paper=count.paper,
        late=count.late,
        uncounted=count.uncounted,
        counts=count.digest,
        amendments=_amendments(raw.encode() for raw in sealed.amendments),
        seal=seal,
    )


def _sealed(outcome: Outcome, parameters: Parameters, record: str) -> RecordSeal:
    return RecordSeal(
        outcome.code or "",
        parameters.committee.size,
        _found(outcome, "opening_signed"),
        _found(outcome, "closing_signed"),
        "",
        record,
    )


def _found(outcome: Outcome, check: str) -> CommitteeSignature:
    """What a check of the audit, which passed, found that the committee had signed."""
    facts = next(line.facts for line in outcome.report.checks if line.id == check)
    numbers = tuple(int(number) for number in str(facts["trustees"]).split(", "))
    return CommitteeSignature(str(facts["code"]), numbers)


# ---- both


def located(facts: MeetingFacts, session_file: SessionFile) -> MeetingFacts:
    """The count takes place where the meeting does, unless somebody says otherwise."""
    return replace(facts, venue=facts.venue or session_file.place or None)


def _amendments(notes: Iterable[bytes]) -> tuple[Amendment, ...]:
    """The changes of the roster in these signed notes, whose signatures were checked before."""
    return tuple(Amendment.from_body(note.parse(raw).text, "amendment") for raw in notes)


def digest(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
