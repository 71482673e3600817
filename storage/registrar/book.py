"""The registrar's book: the roster, who has got a token, and the committee's messages.

It never holds a credential: the token's request is blinded, and forgotten after the close.
Each call is one transaction, on disk before it returns. The book does not ask what time it
is and does not check a signature.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Table, delete, func, insert, select, update

from crypto.errors import BadCode, Refused, TokenAlreadyIssued, UnknownSession, WrongState
from crypto.lifecycle import State, Step
from storage.database import Database, insert_once, whole
from storage.errors import PaperIssued
from storage.faults import refusing
from storage.registrar.chats import Chats
from storage.registrar.head_count import check_present
from storage.registrar.journal import add_line
from storage.registrar.logins import Arrivals
from storage.registrar.paper import Paper
from storage.registrar.questions import Questions
from storage.registrar.roster import add_persons, read_roster, remove_persons, set_roster
from storage.registrar.tables import (
    amendments,
    chats,
    codes,
    committee,
    evidence,
    issued,
    journal,
    logins,
    notes,
    persons,
    questions,
    recovery,
    sessions,
    shown,
)
from storage.rows import PAPERS, Code, Login, Person, SessionRow
from storage.session_state import (
    hold,
    hold_ended,
    put_note,
    read_notes,
    require_before_opening,
    require_checkin,
    take,
)


class RegistrarBook:
    """Made by `storage.books.open_registrar`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.chats = Chats(database)
        self.arrivals = Arrivals(database)
        self.paper = Paper(database)
        self.questions = Questions(database)

    async def close(self) -> None:
        """Ends all connections; the book is not used again."""
        await self._database.close()

    # ---- sessions

    @whole
    async def add_session(self, uuid: str, human: bytes) -> None:
        """Begins a draft; the same again is fine, another of this uuid is `Refused`."""
        async with self._database.write() as tx:
            if await insert_once(tx, sessions, uuid=uuid, state=State.DRAFT.value, human=human):
                return
            if await tx.scalar(select(sessions.c.human).where(sessions.c.uuid == uuid)) != human:
                raise Refused("another session with this uuid is here")

    @whole
    async def session(self, uuid: str) -> SessionRow:
        """The session, or `UnknownSession`."""
        async with self._database.read() as tx:
            row = (await tx.execute(select(sessions).where(sessions.c.uuid == uuid))).one_or_none()
        if row is None:
            raise UnknownSession("no session has this uuid here")
        return _session(row)

    @whole
    async def sessions(self) -> list[SessionRow]:
        """Every session, in the order of the uuids."""
        async with self._database.read() as tx:
            rows = (await tx.execute(select(sessions).order_by(sessions.c.uuid))).all()
        return [_session(row) for row in rows]

    @whole
    async def update_draft(self, uuid: str, draft: bytes, human: bytes) -> None:
        """Replaces what the session is prepared from; `WrongState` once it is sealed."""
        async with self._database.write() as tx:
            if (state := await hold(tx, sessions, uuid)) is not State.DRAFT:
                raise WrongState(f"only a draft can be changed; the session is {state}")
            changed = update(sessions).where(sessions.c.uuid == uuid)
            await tx.execute(changed.values(draft=draft, human=human))

    @whole
    async def move(
        self,
        uuid: str,
        step: Step,
        *,
        election: bytes | None = None,
        present: int | None = None,
        entry: str | None = None,
    ) -> State:
        """Makes a step of the life cycle, and writes what comes with it in the same moment.

        Raises:
            WrongState: the step is not possible now.
            Refused: to open with more tokens than people.
        """
        given = {"election": election, "present": present}
        async with self._database.write() as tx:
            written = {name: value for name, value in given.items() if value is not None}
            state = await take(tx, sessions, uuid, step, **written)
            if step is Step.OPEN:
                await check_present(tx, uuid)
            if entry is not None:
                await add_line(tx, uuid, entry)
            return state

    @whole
    async def set_present(self, uuid: str, present: int) -> None:
        """The committee's head count, until voting is opened; `Refused` below those with tokens."""
        async with self._database.write() as tx:
            if (state := await hold(tx, sessions, uuid)) is not State.CHECKIN:
                raise WrongState(f"heads are counted during check-in; the session is {state}")
            changed = update(sessions).where(sessions.c.uuid == uuid)
            await tx.execute(changed.values(present=present))
            await check_present(tx, uuid)

    # ---- roster

    @whole
    async def put_roster(self, uuid: str, roster: Sequence[Person]) -> None:
        """Replaces the roster of a draft; who is no longer on it loses code and login."""
        async with self._database.write() as tx:
            if (state := await hold(tx, sessions, uuid)) is not State.DRAFT:
                raise WrongState(f"the roster is fixed by the seal; the session is {state}")
            await set_roster(tx, uuid, roster)

    @whole
    async def roster(self, uuid: str) -> list[Person]:
        """The roster in the order of the spreadsheet."""
        async with self._database.read() as tx:
            return await read_roster(tx, uuid)

    @whole
    async def amend(
        self,
        uuid: str,
        number: int,
        body: bytes,
        add: Sequence[Person],
        remove: Sequence[bytes],
    ) -> None:
        """Changes a sealed roster by a numbered amendment; the same again is fine.

        Raises:
            RegistrationEnded: voting has been opened.
            TokenAlreadyIssued: a person who is to be removed has a token.
            Refused: another amendment has this number, or it is not the next one.
        """
        async with self._database.write() as tx:
            require_before_opening(await hold(tx, sessions, uuid))
            mine = amendments.c.uuid == uuid
            last = await tx.scalar(select(func.max(amendments.c.number)).where(mine)) or 0
            if not await insert_once(tx, amendments, uuid=uuid, number=number, body=body):
                asked = select(amendments.c.body).where(mine, amendments.c.number == number)
                if await tx.scalar(asked) != body:
                    raise Refused(f"another amendment has the number {number}")
                return
            if number != last + 1:
                raise Refused(f"the next amendment has the number {last + 1}, not {number}")
            await remove_persons(tx, uuid, remove)
            with refusing(repeated=Refused("a person who is to be added is on the roster")):
                await add_persons(tx, uuid, add)

    @whole
    async def amendments(self, uuid: str) -> list[bytes]:
        """The bodies of the amendments in the order of their numbers."""
        return await self._listed(amendments, "body", uuid)

    # ---- codes and logins

    @whole
    async def add_codes(self, new: Sequence[Code]) -> None:
        """Stores the hashes of new codes, all or none."""
        unknown = Refused("a code is for a person or a session that is not here")
        async with self._database.write() as tx:
            with refusing(reference=unknown, repeated=Refused("a code stands there already")):
                if new:
                    await tx.execute(insert(codes), [_admission(code, codes) for code in new])

    @whole
    async def code(self, hashed: bytes) -> Code | None:
        """Whom a code admits; the caller compares `expires` with the clock."""
        async with self._database.read() as tx:
            row = (await tx.execute(select(codes).where(codes.c.hash == hashed))).one_or_none()
        return Code(*row) if row else None

    @whole
    async def revoke(
        self,
        uuid: str,
        *,
        person: bytes | None = None,
        role: str | None = None,
        owner: int | None = None,
    ) -> int:
        """Ends codes, logins, chats of a person or role (and owner); says how many codes."""
        wanted = {"person": person, "role": role, "owner": owner}
        given = {name: value for name, value in wanted.items() if value is not None}
        if not given:
            raise Refused("revoking needs a person or a role")
        async with self._database.write() as tx:
            await hold(tx, sessions, uuid)
            gone = 0
            for table in (chats, logins, codes):
                match = [table.c[name] == value for name, value in given.items() if name in table.c]
                done = await tx.execute(delete(table).where(table.c.uuid == uuid, *match))
                gone = done.rowcount
        return gone

    @whole
    async def add_login(self, login: Login) -> None:
        """Stores the hash of a bearer; `BadCode` if the person was removed meanwhile."""
        async with self._database.write() as tx:
            with refusing(reference=BadCode("the code admits nobody")):
                await tx.execute(insert(logins), _admission(login, logins))

    @whole
    async def login(self, hashed: bytes, now: int) -> Login | None:
        """Whom a bearer admits at this time."""
        asked = select(logins).where(logins.c.hash == hashed, logins.c.expires > now)
        async with self._database.read() as tx:
            row = (await tx.execute(asked)).one_or_none()
        return Login(*row) if row else None

    # ---- tokens

    @whole
    async def issue(
        self, uuid: str, person: bytes, request: bytes, answer: bytes, channel: str
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
        mine = (issued.c.uuid == uuid) & (issued.c.person == person)
        async with self._database.write() as tx:
            require_checkin(await hold(tx, sessions, uuid))
            with refusing(reference=BadCode("the person is not on the roster")):
                if await insert_once(tx, issued, **row, channel=channel):
                    return answer
            stored = (await tx.execute(select(issued).where(mine))).one()
        if stored.channel in PAPERS:
            raise PaperIssued("this person has a paper ballot")
        if stored.request != request:
            raise TokenAlreadyIssued("this person has a token for another request")
        return bytes(stored.answer)

    @whole
    async def issued(self, uuid: str) -> dict[str, int]:
        """How many tokens were issued by each channel; paper ballots are none (`paper.counts`)."""
        asked = select(issued.c.channel, func.count().label("many")).where(issued.c.uuid == uuid)
        asked = asked.where(issued.c.channel.not_in(PAPERS)).group_by(issued.c.channel)
        asked = asked.order_by(issued.c.channel)
        async with self._database.read() as tx:
            return {row.channel: row.many for row in await tx.execute(asked)}

    @whole
    async def put_recovery(self, uuid: str, person: bytes, sealed: bytes) -> None:
        """Stores a phone's sealed secrets, replacing earlier ones until the token is issued.

        Raises:
            TokenAlreadyIssued: there is a token, and these are not the secrets stored for it.
            PaperIssued: the person has a paper ballot.
            RegistrationEnded: voting has been opened.
        """
        mine = (recovery.c.uuid == uuid) & (recovery.c.person == person)
        hers = (issued.c.uuid == uuid) & (issued.c.person == person)
        async with self._database.write() as tx:
            require_checkin(await hold(tx, sessions, uuid))
            with refusing(reference=BadCode("the person is not on the roster")):
                channel = await tx.scalar(select(issued.c.channel).where(hers))
                if channel in PAPERS:
                    raise PaperIssued("this person has a paper ballot")
                if channel is None:
                    await tx.execute(delete(recovery).where(mine))
                    await insert_once(tx, recovery, uuid=uuid, person=person, sealed=sealed)
                    return
            if await tx.scalar(select(recovery.c.sealed).where(mine)) != sealed:
                raise TokenAlreadyIssued("the secrets of an issued token stay as they are")

    @whole
    async def recovery(self, uuid: str, person: bytes) -> bytes | None:
        """The sealed secrets, if the phone stored any."""
        mine = (recovery.c.uuid == uuid) & (recovery.c.person == person)
        async with self._database.read() as tx:
            return await tx.scalar(select(recovery.c.sealed).where(mine))

    # ---- committee

    @whole
    async def put_message(self, uuid: str, kind: str, owner: int, body: bytes) -> None:
        """Stores what a trustee sends; the same again is fine, another body is `Refused`."""
        async with self._database.write() as tx:
            await hold(tx, sessions, uuid)
            if await insert_once(tx, committee, uuid=uuid, kind=kind, owner=owner, body=body):
                return
            mine = (committee.c.uuid == uuid) & (committee.c.kind == kind)
            asked = select(committee.c.body).where(mine, committee.c.owner == owner)
            if await tx.scalar(asked) != body:
                raise Refused(f"trustee {owner} has already sent another {kind}")

    @whole
    async def messages(self, uuid: str, kind: str) -> dict[int, bytes]:
        """What the trustees have sent, by their numbers."""
        mine = (committee.c.uuid == uuid) & (committee.c.kind == kind)
        asked = select(committee.c.owner, committee.c.body).where(mine).order_by(committee.c.owner)
        async with self._database.read() as tx:
            return {row.owner: row.body for row in await tx.execute(asked)}

    @whole
    async def restart_ceremony(self, uuid: str) -> None:
        """Deletes every message of the committee, as long as the session is a draft."""
        async with self._database.write() as tx:
            if (state := await hold(tx, sessions, uuid)) is not State.DRAFT:
                raise WrongState(f"the keys are fixed by the seal; the session is {state}")
            await tx.execute(delete(committee).where(committee.c.uuid == uuid))

    # ---- what is said about the session

    @whole
    async def put_note(self, uuid: str, state: State, note: bytes) -> None:
        """Stores the signed note of a state; the same again is fine, another is `Refused`."""
        async with self._database.write() as tx:
            await put_note(tx, notes, uuid, state, note)

    @whole
    async def notes(self, uuid: str) -> dict[State, bytes]:
        """The signed notes in the order of the life cycle."""
        async with self._database.read() as tx:
            return await read_notes(tx, notes, uuid)

    @whole
    async def add_entry(self, uuid: str, text: str) -> None:
        """Adds a line to the journal; it names no voter."""
        async with self._database.write() as tx:
            await hold(tx, sessions, uuid)
            await add_line(tx, uuid, text)

    @whole
    async def entries(self, uuid: str) -> list[str]:
        """The journal, oldest line first."""
        return await self._listed(journal, "entry", uuid)

    @whole
    async def forget(self, uuid: str) -> None:
        """After the end: keeps who got a token and by which channel, and nothing that led to it.

        May be called again, and must be after a crash in its middle.
        """
        async with self._database.write() as tx:
            await hold_ended(tx, sessions, uuid)
            await tx.execute(delete(codes).where(codes.c.uuid == uuid, codes.c.person.is_not(None)))
            for table in (logins, recovery, shown):
                await tx.execute(delete(table).where(table.c.uuid == uuid))
            blank = update(issued).where(issued.c.uuid == uuid)
            await tx.execute(blank.values(request=None, answer=None))
        moved = (issued, recovery, logins, codes, persons, shown, evidence, questions)
        await self._database.rewrite(uuid, *moved)

    async def _listed(self, table: Table, column: str, uuid: str) -> list[Any]:
        asked = select(table.c[column]).where(table.c.uuid == uuid).order_by(table.c.number)
        async with self._database.read() as tx:
            return list(await tx.scalars(asked))


def _session(row: Row[Any]) -> SessionRow:
    state = State(row.state)
    return SessionRow(row.uuid, state, row.human, row.election, row.present, row.draft)


def _admission(row: Code | Login, table: Table) -> dict[str, object]:
    return {column.name: getattr(row, column.name) for column in table.c}
