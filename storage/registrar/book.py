"""The registrar's book: the roster, who has got a token, and the committee's messages.

It never holds a credential: the token's request is blinded, and forgotten after the close.
Each call is one transaction, or a savepoint in one, on disk before it returns. The book does not
ask what time it is and does not check a signature.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Table, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto.errors import (
    BadCode,
    RecoveryTaken,
    Refused,
    TokenAlreadyIssued,
    UnknownSession,
    WrongState,
)
from crypto.lifecycle import BALLOTS_OUT, State, Step
from storage.database import Database, grouped, insert_once, uncancelled
from storage.errors import PaperIssued
from storage.faults import refusing
from storage.registrar.chats import Chats
from storage.registrar.head_count import check_present
from storage.registrar.logins import Logins
from storage.registrar.paper import Paper
from storage.registrar.questions import Questions
from storage.registrar.roles import read_role_codes, require_unused
from storage.registrar.roster import add_persons, read_roster, remove_persons, set_roster
from storage.registrar.tables import (
    amendments,
    chats,
    codes,
    definitions,
    evidence,
    issued,
    journal,
    key_checks,
    logins,
    messages,
    notes,
    persons,
    questions,
    recovery,
    seen_init_data,
    sessions,
)
from storage.rows import PAPERS, TRUSTEE, Code, Login, Person, Proposal, RoleCode, SessionRow
from storage.session_state import (
    hold,
    hold_ended,
    put_note,
    read_notes,
    require_before_opening,
    require_checkin,
    take,
    withdraw_opening,
)


class RegistrarBook:
    """Made by `storage.books.open_registrar`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.chats = Chats(database)
        self.logins = Logins(database)
        self.paper = Paper(database)
        self.questions = Questions(database)

    async def close(self) -> None:
        """Ends all connections; the book is not used again."""
        await self._database.close()

    # ---- sessions

    @uncancelled
    async def add_session(self, uuid: str, session_json: bytes) -> None:
        """Begins a draft. Idempotent; `Refused` if another session has this uuid."""
        row = {"uuid": uuid, "state": State.DRAFT.value, "session_json": session_json}
        async with self._database.write() as tx:
            if await insert_once(tx, sessions, **row):
                return
            stored = select(sessions.c.session_json).where(sessions.c.uuid == uuid)
            if await tx.scalar(stored) != session_json:
                raise Refused("another session with this uuid is here")

    @uncancelled
    async def session(self, uuid: str) -> SessionRow:
        """The session, or `UnknownSession`."""
        async with self._database.read() as tx:
            row = (await tx.execute(_SESSIONS.where(sessions.c.uuid == uuid))).one_or_none()
        if row is None:
            raise UnknownSession("no session has this uuid here")
        return _session(row)

    @uncancelled
    async def sessions(self) -> list[SessionRow]:
        """Every session, in the order of the uuids."""
        async with self._database.read() as tx:
            rows = (await tx.execute(_SESSIONS.order_by(sessions.c.uuid))).all()
        return [_session(row) for row in rows]

    @uncancelled
    async def uuids(self, *, sealed: bool = False) -> set[str]:
        """Of all sessions; or of those that are sealed for an electronic vote."""
        query = select(sessions.c.uuid)
        if sealed:
            electronic = definitions.c.sealed & definitions.c.election.is_not(None)
            query = select(definitions.c.uuid).where(electronic)
        async with self._database.read() as tx:
            return set(await tx.scalars(query))

    @uncancelled
    async def in_states(self, *states: State, unsigned: State | None = None) -> list[str]:
        """The uuids of the sessions in one of these states, ascending: cheap to ask for.

        Args:
            unsigned: only those without a note of this state.
        """
        query = select(sessions.c.uuid).where(sessions.c.state.in_(map(str, states)))
        if unsigned is not None:
            noted = select(notes.c.uuid).where(notes.c.state == unsigned.value)
            query = query.where(sessions.c.uuid.not_in(noted))
        async with self._database.read() as tx:
            return list(await tx.scalars(query.order_by(sessions.c.uuid)))

    @uncancelled
    async def update_draft(self, uuid: str, terms: bytes, session_json: bytes) -> None:
        """Replaces what the session is prepared from; `WrongState` once it is sealed."""
        async with self._database.write() as tx:
            await _hold_draft(tx, uuid)
            changed = update(sessions).where(sessions.c.uuid == uuid)
            await tx.execute(changed.values(terms=terms, session_json=session_json))

    @uncancelled
    async def propose(self, uuid: str, session_json: bytes, proposal: Proposal) -> None:
        """Stores the definition that trustees are to sign, and the session.json it covers.

        Idempotent.

        Raises:
            WrongState: the session is not a draft.
            Refused: another definition was proposed before.
        """
        columns = {name: getattr(proposal, name) for name in Proposal.__slots__}
        async with self._database.write() as tx:
            await _hold_draft(tx, uuid)
            await _propose(tx, uuid, columns)
            changed = update(sessions).where(sessions.c.uuid == uuid)
            await tx.execute(changed.values(session_json=session_json))

    @uncancelled
    async def propose_on_paper(self, uuid: str, session_json: bytes, paper: bytes) -> None:
        """Stores the definition of a vote on paper only, and the session.json it covers.

        Raises as `propose`. Idempotent.
        """
        async with self._database.write() as tx:
            await _hold_draft(tx, uuid)
            await _propose(tx, uuid, {"paper": paper})
            changed = update(sessions).where(sessions.c.uuid == uuid)
            await tx.execute(changed.values(session_json=session_json))

    @uncancelled
    async def proposal(self, uuid: str) -> Proposal | None:
        """The proposed or sealed definition of an electronic vote, if there is one."""
        columns = [definitions.c[name] for name in Proposal.__slots__]
        electronic = (definitions.c.uuid == uuid) & definitions.c.election.is_not(None)
        async with self._database.read() as tx:
            row = (await tx.execute(select(*columns).where(electronic))).one_or_none()
        return Proposal(*row) if row else None

    @uncancelled
    async def move(self, uuid: str, step: Step, *, entry: str | None = None) -> State:
        """Makes a step of the life cycle, with a line of the journal in the same transaction.

        The seal makes the proposed definition the sealed one.

        Raises:
            WrongState: the step is not possible now.
            Refused: to open with more tokens than people, or to resume what a trustee has signed.
        """
        async with self._database.write() as tx:
            state = await take(tx, sessions, uuid, step)
            if step is Step.RESUME:
                await _require_unsigned(tx, uuid)
                await withdraw_opening(tx, notes, uuid)
            if step is Step.SEAL:
                sealed = update(definitions).where(definitions.c.uuid == uuid)
                await tx.execute(sealed.values(sealed=True))
            if step is Step.OPEN:
                await check_present(tx, uuid)
            if entry is not None:
                await _add_entry(tx, uuid, entry)
            return state

    @uncancelled
    async def set_present(self, uuid: str, present: int) -> None:
        """The committee's head count, until voting is opened; `Refused` below those with tokens."""
        async with self._database.write() as tx:
            if (state := await hold(tx, sessions, uuid)) is not State.CHECKIN:
                raise WrongState(f"heads are counted during check-in; the session is {state}")
            changed = update(sessions).where(sessions.c.uuid == uuid)
            await tx.execute(changed.values(present=present))
            await check_present(tx, uuid)

    # ---- roster

    @uncancelled
    async def put_roster(self, uuid: str, roster: Sequence[Person]) -> None:
        """Replaces the roster of a draft; who is no longer on it loses code and login."""
        async with self._database.write() as tx:
            await _hold_draft(tx, uuid)
            await set_roster(tx, uuid, roster)

    @uncancelled
    async def roster(self, uuid: str) -> list[Person]:
        """The roster in the order of the spreadsheet."""
        async with self._database.read() as tx:
            return await read_roster(tx, uuid)

    @uncancelled
    async def amend(
        self,
        uuid: str,
        number: int,
        body: bytes,
        earlier: bytes,
        add: Sequence[Person],
        remove: Sequence[bytes],
    ) -> None:
        """Changes a sealed roster by a numbered amendment. Idempotent.

        Args:
            earlier: the roster before the amendment, kept for the auditors.

        Raises:
            RegistrationEnded: voting has been opened.
            TokenAlreadyIssued: a person who is to be removed has a token.
            Refused: another amendment has this number, or it is not the next one.
        """
        async with self._database.write() as tx:
            require_before_opening(await hold(tx, sessions, uuid))
            of_session = amendments.c.uuid == uuid
            last = await tx.scalar(select(func.max(amendments.c.number)).where(of_session)) or 0
            row = {"uuid": uuid, "number": number, "body": body, "earlier": earlier}
            if not await insert_once(tx, amendments, **row):
                query = select(amendments.c.body).where(of_session, amendments.c.number == number)
                if await tx.scalar(query) != body:
                    raise Refused(f"another amendment has the number {number}")
                return
            if number != last + 1:
                raise Refused(f"the next amendment has the number {last + 1}, not {number}")
            await remove_persons(tx, uuid, remove)
            with refusing(repeated=Refused("a person who is to be added is on the roster")):
                await add_persons(tx, uuid, add)

    @uncancelled
    async def amendments(self, uuid: str) -> list[bytes]:
        """The bodies of the amendments in the order of their numbers."""
        return await self._listed(amendments, "body", uuid)

    @uncancelled
    async def earlier_rosters(self, uuid: str) -> list[bytes]:
        """The roster before each amendment, in the order of their numbers."""
        return await self._listed(amendments, "earlier", uuid)

    # ---- codes and logins

    @uncancelled
    async def replace_codes(self, new: Sequence[Code]) -> None:
        """Stores the hashes of new codes; what each holder had before ends: code, logins, chats.

        All or none.
        """
        unknown = Refused("a code is for a person or a session that is not here")
        async with self._database.write() as tx:
            for code in new:
                await hold(tx, sessions, code.uuid)
                whom = {"person": code.person, "role": code.role, "owner": code.owner}
                await _revoke(tx, code.uuid, whom)
            with refusing(reference=unknown, repeated=Refused("a code stands there already")):
                if new:
                    await tx.execute(insert(codes), [_admission(code, codes) for code in new])

    @uncancelled
    async def code(self, hashed: bytes) -> Code | None:
        """Whom a code admits; the caller compares `expires` with the clock."""
        async with self._database.read() as tx:
            row = (await tx.execute(select(codes).where(codes.c.hash == hashed))).one_or_none()
        return Code(*row) if row else None

    @uncancelled
    async def role_codes(self, uuid: str) -> list[RoleCode]:
        """The codes of chairs, trustees, observers and offices, without what admits."""
        async with self._database.read() as tx:
            return await read_role_codes(tx, uuid)

    @uncancelled
    async def revoke(
        self,
        uuid: str,
        *,
        person: bytes | None = None,
        role: str | None = None,
        owner: int | None = None,
    ) -> int:
        """Ends codes, logins, chats of a person or role (and owner); says how many codes."""
        whom = {"person": person, "role": role, "owner": owner}
        if not any(value is not None for value in whom.values()):
            raise Refused("revoking needs a person or a role")
        async with self._database.write() as tx:
            await hold(tx, sessions, uuid)
            return await _revoke(tx, uuid, whom)

    @grouped
    async def add_login(self, tx: AsyncConnection, login: Login) -> None:
        """Stores the hash of a bearer.

        Raises:
            BadCode: the person was removed, or the code of the role ended, meanwhile.
            CodeTaken: an account or another device uses the code of the role.
        """
        if login.owner is not None and login.role != TRUSTEE:
            await hold(tx, sessions, login.uuid)
            await require_unused(tx, login.uuid, login.role, login.owner)
        with refusing(reference=BadCode("the code admits nobody")):
            await tx.execute(insert(logins), _admission(login, logins))

    @uncancelled
    async def login(self, hashed: bytes, now: int) -> Login | None:
        """Whom a bearer admits at this time."""
        query = select(logins).where(logins.c.hash == hashed, logins.c.expires > now)
        async with self._database.read() as tx:
            row = (await tx.execute(query)).one_or_none()
        return Login(*row) if row else None

    # ---- tokens

    @grouped
    async def issue(
        self,
        tx: AsyncConnection,
        uuid: str,
        person: bytes,
        request: bytes,
        answer: bytes,
        channel: str,
    ) -> bytes:
        """Stores a person's only token answer; the same request again gets the stored one.

        Raises:
            TokenAlreadyIssued: the person has an answer to another request.
            PaperIssued: the person has a paper ballot.
            RegistrationEnded: voting has been opened.
            WrongState: check-in has not begun.
            BadCode: the person is not on the roster.
        """
        row = {"uuid": uuid, "person": person, "request": request, "answer": answer}
        of_person = (issued.c.uuid == uuid) & (issued.c.person == person)
        require_checkin(await hold(tx, sessions, uuid))
        with refusing(reference=BadCode("the person is not on the roster")):
            if await insert_once(tx, issued, **row, channel=channel):
                return answer
        stored = (await tx.execute(select(issued).where(of_person))).one()
        if stored.channel in PAPERS:
            raise PaperIssued("this person has a paper ballot")
        if stored.request != request:
            raise TokenAlreadyIssued("this person has a token for another request")
        return bytes(stored.answer)

    @uncancelled
    async def issued(self, uuid: str) -> dict[str, int]:
        """How many tokens were issued by each channel; paper ballots are none (`paper.counts`)."""
        query = select(issued.c.channel, func.count().label("many")).where(issued.c.uuid == uuid)
        query = query.where(issued.c.channel.not_in(PAPERS)).group_by(issued.c.channel)
        query = query.order_by(issued.c.channel)
        async with self._database.read() as tx:
            return {row.channel: row.many for row in await tx.execute(query)}

    @uncancelled
    async def put_recovery(self, uuid: str, person: bytes, sealed: bytes) -> None:
        """Stores what the phone of an issued token has sealed. Idempotent; the first stays.

        Raises:
            Refused: no token has been issued to this person.
            PaperIssued: the person has a paper ballot.
            RecoveryTaken: something else is stored.
            WrongState: no ballots are out.
        """
        of_person = (recovery.c.uuid == uuid) & (recovery.c.person == person)
        ballot_of_person = (issued.c.uuid == uuid) & (issued.c.person == person)
        async with self._database.write() as tx:
            state = await hold(tx, sessions, uuid)
            if state not in BALLOTS_OUT:
                raise WrongState(f"no ballots are out; the session is {state}")
            channel = await tx.scalar(select(issued.c.channel).where(ballot_of_person))
            if channel is None:
                raise Refused("this person has no token that another device could use")
            if channel in PAPERS:
                raise PaperIssued("this person has a paper ballot")
            if await insert_once(tx, recovery, uuid=uuid, person=person, sealed=sealed):
                return
            if await tx.scalar(select(recovery.c.sealed).where(of_person)) != sealed:
                raise RecoveryTaken("something else was left for this person's other device")

    @uncancelled
    async def recovery(self, uuid: str, person: bytes) -> bytes | None:
        """The sealed secrets, if the phone stored any."""
        of_person = (recovery.c.uuid == uuid) & (recovery.c.person == person)
        async with self._database.read() as tx:
            return await tx.scalar(select(recovery.c.sealed).where(of_person))

    # ---- committee

    @uncancelled
    async def put_message(
        self, uuid: str, kind: str, owner: int, body: bytes, *, during: State
    ) -> None:
        """Stores what a trustee sends. Idempotent; another body of this kind is `Refused`.

        Args:
            during: the state in which this kind is taken; in another it is `WrongState`.
        """
        async with self._database.write() as tx:
            if (state := await hold(tx, sessions, uuid)) is not during:
                raise WrongState(f"no {kind} is taken while the session is {state}")
            if await insert_once(tx, messages, uuid=uuid, kind=kind, owner=owner, body=body):
                return
            of_kind = (messages.c.uuid == uuid) & (messages.c.kind == kind)
            stored = select(messages.c.body).where(of_kind, messages.c.owner == owner)
            if await tx.scalar(stored) != body:
                raise Refused(f"trustee {owner} has already sent another {kind}")

    @uncancelled
    async def replace_message(
        self, uuid: str, kind: str, owner: int, old: bytes, new: bytes
    ) -> None:
        """Puts a message in the place of another; `Refused` if that is not there any more."""
        async with self._database.write() as tx:
            await hold(tx, sessions, uuid)
            of_kind = (messages.c.uuid == uuid) & (messages.c.kind == kind)
            stored = of_kind & (messages.c.owner == owner) & (messages.c.body == old)
            if (await tx.execute(update(messages).where(stored).values(body=new))).rowcount != 1:
                raise Refused(f"trustee {owner} has already sent another {kind}")

    @uncancelled
    async def messages(self, uuid: str, kind: str) -> dict[int, bytes]:
        """What the trustees have sent, by their numbers."""
        of_kind = (messages.c.uuid == uuid) & (messages.c.kind == kind)
        sent = select(messages.c.owner, messages.c.body).where(of_kind).order_by(messages.c.owner)
        async with self._database.read() as tx:
            return {row.owner: row.body for row in await tx.execute(sent)}

    @uncancelled
    async def note_key_check(self, uuid: str, owner: int, day: str) -> None:
        """Notes that a trustee's key made a trial share on a day, YYYY-MM-DD (UTC). Idempotent."""
        async with self._database.write() as tx:
            await hold(tx, sessions, uuid)
            await insert_once(tx, key_checks, uuid=uuid, day=day, owner=owner)

    @uncancelled
    async def checked_keys(self, uuid: str, day: str) -> set[int]:
        """The trustees whose keys made a trial share on a day."""
        checked = (key_checks.c.uuid == uuid) & (key_checks.c.day == day)
        async with self._database.read() as tx:
            return set(await tx.scalars(select(key_checks.c.owner).where(checked)))

    # ---- what is said about the session

    @uncancelled
    async def put_note(self, uuid: str, state: State, note: bytes) -> None:
        """Stores the signed note of a state, or more signatures on it; another is `Refused`."""
        async with self._database.write() as tx:
            await put_note(tx, sessions, notes, uuid, state, note)

    @uncancelled
    async def notes(self, uuid: str) -> dict[State, bytes]:
        """The signed notes in the order of the life cycle."""
        async with self._database.read() as tx:
            return await read_notes(tx, notes, uuid)

    @uncancelled
    async def add_entry(self, uuid: str, text: str) -> None:
        """Adds a line to the journal; it names no voter."""
        async with self._database.write() as tx:
            await hold(tx, sessions, uuid)
            await _add_entry(tx, uuid, text)

    @uncancelled
    async def entries(self, uuid: str) -> list[str]:
        """The journal, oldest line first."""
        return await self._listed(journal, "entry", uuid)

    @uncancelled
    async def forget(self, uuid: str) -> None:
        """After the end: keeps who got a token and by which channel, and nothing that led to it.

        May be called again, and must be after a crash in its middle.
        """
        async with self._database.write() as tx:
            await hold_ended(tx, sessions, uuid)
            await tx.execute(delete(codes).where(codes.c.uuid == uuid, codes.c.person.is_not(None)))
            for table in (logins, recovery, seen_init_data):
                await tx.execute(delete(table).where(table.c.uuid == uuid))
            blank = update(issued).where(issued.c.uuid == uuid)
            await tx.execute(blank.values(request=None, answer=None))
        moved = (issued, recovery, logins, codes, persons, seen_init_data, evidence, questions)
        await self._database.rewrite(uuid, *moved)

    async def _listed(self, table: Table, column: str, uuid: str) -> list[Any]:
        query = select(table.c[column]).where(table.c.uuid == uuid).order_by(table.c.number)
        async with self._database.read() as tx:
            return list(await tx.scalars(query))


# A definition that is only proposed is not the session's yet.
_SESSIONS = (
    select(
        sessions,
        definitions.c.election,
        definitions.c.trustees,
        definitions.c.paper,
        notes.c.note.label("seal"),
    )
    .outerjoin(definitions, (definitions.c.uuid == sessions.c.uuid) & definitions.c.sealed)
    .outerjoin(notes, (notes.c.uuid == sessions.c.uuid) & (notes.c.state == State.SEALED.value))
)


def _session(row: Row[Any]) -> SessionRow:
    columns = {name: getattr(row, name) for name in SessionRow.__slots__}
    return SessionRow(**columns | {"state": State(row.state)})


async def _hold_draft(tx: AsyncConnection, uuid: str) -> None:
    if (state := await hold(tx, sessions, uuid)) is not State.DRAFT:
        raise WrongState(f"only a draft can be changed; the session is {state}")


async def _require_unsigned(tx: AsyncConnection, uuid: str) -> None:
    """A trustee who has signed an opening signs no other, so nobody may take it back."""
    signed = (messages.c.uuid == uuid) & (messages.c.kind == "opening")
    query = select(messages.c.owner).where(signed).order_by(messages.c.owner)
    if owners := list(await tx.scalars(query)):
        stated = ", ".join(map(str, owners))
        raise Refused(f"trustees {stated} have signed the opening: check-in cannot be resumed")


async def _propose(tx: AsyncConnection, uuid: str, columns: dict[str, bytes]) -> None:
    if await insert_once(tx, definitions, uuid=uuid, sealed=False, **columns):
        return
    row = (await tx.execute(select(definitions).where(definitions.c.uuid == uuid))).one()
    if any(getattr(row, name) != body for name, body in columns.items()):
        raise Refused("another definition of this session was proposed before")


async def _add_entry(tx: AsyncConnection, uuid: str, text: str) -> None:
    """Adds a line to the journal after the last one."""
    last = await tx.scalar(select(func.max(journal.c.number)).where(journal.c.uuid == uuid))
    await tx.execute(insert(journal).values(uuid=uuid, number=(last or 0) + 1, entry=text))


def _admission(row: Code | Login, table: Table) -> dict[str, object]:
    return {column.name: getattr(row, column.name) for column in table.c}


async def _revoke(tx: AsyncConnection, uuid: str, whom: Mapping[str, object]) -> int:
    """Ends chats, logins and codes of those with all these values; None stands for any."""
    ended = 0
    for table in (chats, logins, codes):
        match = [
            table.c[name] == value
            for name, value in whom.items()
            if value is not None and name in table.c
        ]
        deleted = await tx.execute(delete(table).where(table.c.uuid == uuid, *match))
        ended = deleted.rowcount
    return ended
