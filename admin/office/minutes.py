"""From the books, or from a record, to what the papers say.

The books know more than a record: the journal, the roster, the paper ballots. Whoever has only
the record prints what it says, after its audit.
"""

import hashlib
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from admin.documents.compose import Attendance
from admin.documents.facts import Facts, Person
from admin.documents.minutes import (
    Amendment,
    Block,
    Column,
    Excluded,
    Marks,
    Minutes,
    Official,
    Pile,
    Seal,
    electronic,
)
from admin.paper import ballots
from admin.paper.ballots import PaperNotEntered
from admin.prepare import draft as drafts
from admin.prepare import papers_form
from admin.prepare.draft import Examined
from admin.record import bundle, files, opening
from admin.record.audit import Outcome
from admin.record.session_file import SessionFile
from admin.rules.cells import Problem
from admin.session.books import Books
from admin.session.datadir import DataDir
from crypto import checkpoint, note, tally
from crypto.archive import Kind, Reader
from crypto.audit import evidence
from crypto.audit.evidence import Issuance
from crypto.errors import Incomplete, Refused, WrongState
from crypto.lifecycle import State
from crypto.session import Official as Rated
from crypto.session import Policy
from storage.rows import PAPER

FOLDER: Final = "papers"
COUNTED: Final = (State.TALLIED, State.PUBLISHED)
_SUMMONED: Final = (State.SEALED, State.CHECKIN, State.OPEN, State.CLOSED, *COUNTED)


# ---- what people entered


def folder(datadir: DataDir, uuid: str) -> Path:
    """Where the papers of a session lie."""
    return datadir.folder / FOLDER / uuid


def read_facts(path: Path) -> Facts:
    """The facts in a file.

    Raises:
        BadDraft: with every problem, one on a line.
        OSError: the file cannot be read.
    """
    problems: list[Problem] = []
    facts = papers_form.read(path, problems)
    if problems:
        raise drafts.refusal(problems, "en")
    return facts


def examined(draft: Path, found: Examined) -> Examined:
    """A draft as it was examined, with the problems of its papers.toml."""
    source, problems = draft / papers_form.FILE, list[Problem]()
    if source.exists():
        papers_form.read(source, problems)
    if not problems:
        return found
    return replace(found, draft=None, problems=(*found.problems, *problems))


def keep(draft: Path, datadir: DataDir, uuid: str) -> bool:
    """Takes the facts of a draft over; whether there were any.

    Raises:
        BadDraft: something in the file is wrong.
    """
    source = draft / papers_form.FILE
    if not source.exists():
        return False
    read_facts(source)
    target = folder(datadir, uuid)
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    files.write(target / papers_form.FILE, source.read_bytes(), mode=0o600)
    return True


def kept(datadir: DataDir, uuid: str) -> Facts:
    """The facts that were taken over at the seal; nothing if there were none."""
    path = folder(datadir, uuid) / papers_form.FILE
    return read_facts(path) if path.exists() else Facts()


# ---- from the books


async def minutes(books: Books, uuid: str, facts: Facts) -> Minutes:
    """The count as the books have it.

    Raises:
        UnknownSession: there is no such session.
        WrongState: the totals have not been opened.
        PaperNotEntered: paper ballots are out, and no two people have entered the same numbers.
        Refused: numbers contradict each other, or somebody excused is not on the roster.
    """
    session = await books.session(uuid)
    if session.state not in COUNTED:
        raise WrongState(
            f"papers of the count are made after the tally; the session is {session.state}"
        )
    human, roster = session.session_file, await books.registrar.roster(uuid)
    _check_excused(facts, [person.name for person in roster])
    policy, seal, column = session.policy, None, None
    if not session.on_paper:
        election = session.electronic.election
        totals = opening.read_result(books.datadir.archive(uuid), election)
        cast = (await books.box.counts(uuid))["cast"]
        issued = sum((await books.registrar.issued(uuid)).values())
        column = electronic(issued, cast, totals or (), _blocks(human))
        seal = _seal(books.datadir, uuid, election.spoken_phi, session.state)
    counted, late, uncounted = await _on_paper(books, uuid, policy)
    amended = [each.decode() for each in await books.registrar.amendments(uuid)]
    return Minutes(
        facts=_located(facts, human),
        **_named(human),
        regime=session.regime,
        officials=_officials(session.officials),
        summoned=len(roster),
        present=session.present or 0,
        electronic=column,
        paper=counted,
        late=late,
        uncounted=uncounted,
        journal=tuple(await books.registrar.entries(uuid)),
        amendments=_amendments(amended),
        seal=seal,
        rehearsal=policy.rehearsal,
    )


async def attendance(books: Books, uuid: str, facts: Facts) -> Attendance:
    """Who is summoned; known since the seal.

    Raises:
        UnknownSession, WrongState: there is no such session, or it has not been sealed.
        Refused: somebody excused is not on the roster.
    """
    session = await books.session(uuid)
    if session.state not in _SUMMONED:
        raise WrongState(f"the list is fixed at the seal; the session is {session.state}")
    human, roster = session.session_file, await books.registrar.roster(uuid)
    _check_excused(facts, [person.name for person in roster])
    return Attendance(
        facts=facts,
        regime=session.regime,
        body=human.body,
        title=human.title,
        day=date.fromisoformat(human.date),
        people=tuple(Person(one.name, _details(one.details)) for one in roster),
        rehearsal=session.policy.rehearsal,
    )


async def for_members(books: Books, uuid: str) -> bool:
    """Whether the record of a session is for its members only."""
    return (await books.session(uuid)).policy.publication == "members"


def _details(said: dict[str, str]) -> str:
    return ", ".join(said[key] for key in ("position", "unit") if said.get(key))


def _seal(datadir: DataDir, uuid: str, phi: str, state: State) -> Seal:
    path = datadir.bundle(uuid)
    published = state == State.PUBLISHED and path.exists()
    record = digest(path) if published else None
    return Seal(phi, f"{datadir.settings.public_url}/s/{uuid}", record)


async def _on_paper(books: Books, uuid: str, policy: Policy) -> tuple[Column | None, int, int]:
    """The paper column, how many came late, how many ballots were too few to be counted."""
    if PAPER not in policy.channels:
        return None, 0, 0
    found = await ballots.column(books, uuid)
    if not found.issued:
        return None, found.late, 0
    if found.piles is None or found.lines is None:
        if found.issued < policy.min_ballots:
            return None, found.late, found.issued
        raise PaperNotEntered("the paper ballots have not been entered alike by two people")
    return (
        Column(
            found.issued,
            tuple(Pile(pile.collected, pile.valid, pile.invalid) for pile in found.piles),
            tuple(Marks(line.marks, line.blank) for line in found.lines),
            found.exchanged,
            found.unused,
        ),
        found.late,
        0,
    )


def _check_excused(facts: Facts, roster: Sequence[str]) -> None:
    for person in facts.excused or ():
        if person.name not in roster:
            raise Refused(f"excused: {person.name} is not on the roster")


# ---- from a record


def of_record(path: Path, outcome: Outcome, facts: Facts) -> Minutes:
    """The count as an audited record has it: no journal, no paper ballots.

    Raises:
        ProtocolError: the audit's own error.
        Incomplete: the file is a bare archive.
        Refused: numbers contradict each other.
    """
    if outcome.error is not None:
        raise outcome.error
    setup, counts = outcome.report.setup, outcome.counts
    if setup is None or counts is None or setup.election.parameters is None:
        raise Incomplete(f"{path.name}: a whole record is needed, not an archive")
    parameters = setup.election.parameters
    with path.open("rb") as file:
        opened = bundle.opened(file)
        human = SessionFile.decode(opened.read(evidence.SESSION))
        issuance = Issuance.decode(opened.read(evidence.ISSUANCE))
        last = deque(Reader(opened.open_archive()), maxlen=1)[0]
    if last.kind != Kind.RESULT:
        raise Incomplete(f"{path.name}: the totals are not in it")
    totals = tally.decode_result(last.files[0], setup.election)
    return Minutes(
        facts=_located(facts, human),
        **_named(human),
        regime=human.regime(parameters.policy.regime),
        officials=_officials(parameters.officials),
        summoned=counts.roster,
        present=counts.present,
        electronic=electronic(counts.issued, counts.cast, totals, _blocks(human)),
        amendments=_amendments(issuance.amendments),
        seal=Seal(setup.election.spoken_phi, "", digest(path)),
        rehearsal=parameters.policy.rehearsal,
    )


# ---- both


def _named(human: SessionFile) -> dict[str, Any]:
    """What people call things."""
    return {
        "body": human.body,
        "title": human.title,
        "day": date.fromisoformat(human.date),
        "delegates": human.delegates,
        "blocks": _blocks(human),
        "excluded": tuple(Excluded(o.name, o.position, o.reason) for o in human.excluded),
    }


def _located(facts: Facts, human: SessionFile) -> Facts:
    """The count takes place where the meeting does, unless somebody says otherwise."""
    return replace(facts, venue=facts.venue or human.place or None)


def _blocks(human: SessionFile) -> tuple[Block, ...]:
    return tuple(Block(one.heading, one.officials) for one in human.blocks)


def _officials(rated: Sequence[Rated]) -> tuple[Official, ...]:
    return tuple(Official(one.name, one.position) for one in rated)


def _amendments(notes: Sequence[str]) -> tuple[Amendment, ...]:
    made = []
    for said in notes:
        text = note.parse(said.encode()).text
        one = checkpoint.Amendment.from_body(text, "amendment")
        made.append(Amendment(one.number, one.added, one.removed, one.reason))
    return tuple(made)


def digest(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
