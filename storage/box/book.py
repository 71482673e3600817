"""The box's book: registered credentials and their ballots, and never a person.

Each call is one transaction, or a savepoint in one, on disk before it returns: what is promised
after it survives a crash. The book does not check a ballot or a token; it keeps what may not
happen twice.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto.errors import (
    Closed,
    NotOpen,
    Refused,
    RegistrationEnded,
    RepeatedCiphertext,
    SecondBallot,
    UnknownCredential,
    UnknownSession,
    WrongState,
)
from crypto.lifecycle import BEFORE_VOTING, State, Step
from storage.box.tables import ballots, ciphertexts, credentials, notes, sessions
from storage.database import Database, grouped, insert_once, uncancelled
from storage.errors import BookTaken
from storage.faults import refusing
from storage.rows import BoxSession, Standing
from storage.session_state import (
    hold,
    hold_ended,
    put_note,
    read_notes,
    take,
    withdraw_opening,
)

_BALLOTS_AT_ONCE = 16  # read at a time: little memory, and no cursor stays open between them


class BoxBook:
    """Made by `storage.books.open_box`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def close(self) -> None:
        """Ends all connections; the book is not used again."""
        await self._database.close()

    # ---- sessions

    @uncancelled
    async def add_session(self, uuid: str, election: bytes) -> None:
        """A sealed session begins here. Idempotent; another of this uuid is `Refused`."""
        row = {"uuid": uuid, "state": State.SEALED.value, "election": election}
        async with self._database.write() as tx:
            if await insert_once(tx, sessions, **row):
                return
            query = select(sessions.c.election).where(sessions.c.uuid == uuid)
            if await tx.scalar(query) != election:
                raise Refused("another session with this uuid is here")

    @uncancelled
    async def session(self, uuid: str) -> BoxSession:
        """The session, or `UnknownSession`."""
        async with self._database.read() as tx:
            row = (await tx.execute(select(sessions).where(sessions.c.uuid == uuid))).one_or_none()
        if row is None:
            raise UnknownSession("no session has this uuid here")
        return BoxSession(row.uuid, State(row.state), row.election, row.closes)

    @uncancelled
    async def in_states(self, *states: State) -> set[str]:
        """The uuids of the sessions in one of these states: cheap to ask for."""
        query = select(sessions.c.uuid).where(sessions.c.state.in_(map(str, states)))
        async with self._database.read() as tx:
            return set(await tx.scalars(query))

    @uncancelled
    async def ended(self, now: float) -> set[str]:
        """The uuids of the open sessions whose announced end has come, and of the closed."""
        over = (sessions.c.state == State.OPEN.value) & (sessions.c.closes <= now)
        query = select(sessions.c.uuid).where(over | (sessions.c.state == State.CLOSED.value))
        async with self._database.read() as tx:
            return set(await tx.scalars(query))

    @uncancelled
    async def uuids(self) -> set[str]:
        """Of all sessions."""
        async with self._database.read() as tx:
            return set(await tx.scalars(select(sessions.c.uuid)))

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Keeps every other server from this database as long as the block; needs PostgreSQL.

        The file of SQLite lies in a data directory, which has a lock of its own.

        Raises:
            BookTaken: another one has it.
        """
        async with self._database.alone() as free:
            if not free:
                raise BookTaken("another phieukin serve has this ballot box")
            yield

    @uncancelled
    async def move(self, uuid: str, step: Step) -> State:
        """Makes a step of the life cycle; a ballot is before or after it, never in between.

        Raises:
            WrongState: the step is not possible now.
        """
        async with self._database.write() as tx:
            if step is Step.RESUME:
                await withdraw_opening(tx, notes, uuid)
            return await take(tx, sessions, uuid, step)

    @uncancelled
    async def set_closing(self, uuid: str, closes: int | None) -> None:
        """The announced time of the close, or none; `WrongState` unless voting is open."""
        async with self._database.write() as tx:
            if (state := await hold(tx, sessions, uuid)) is not State.OPEN:
                raise WrongState(f"only an open session can be closing; this one is {state}")
            changed = update(sessions).where(sessions.c.uuid == uuid)
            await tx.execute(changed.values(closes=closes))

    # ---- credentials

    @grouped
    async def register(
        self, tx: AsyncConnection, uuid: str, credential: bytes, token: bytes
    ) -> None:
        """Stores a credential and its token. Idempotent, at any time.

        Raises:
            RegistrationEnded: voting has been opened.
            WrongState: check-in has not begun.
            Refused: the credential stands there with another token.
        """
        of_credential = (credentials.c.uuid == uuid) & (credentials.c.credential == credential)
        stored = select(credentials.c.token).where(of_credential)
        state = await hold(tx, sessions, uuid)
        if state is not State.CHECKIN:
            if await tx.scalar(stored) == token:
                return
            raise _not_registering(state)
        row = {"uuid": uuid, "credential": credential, "token": token}
        if await insert_once(tx, credentials, **row) or await tx.scalar(stored) == token:
            return
        raise Refused("the credential is registered with another token")

    @uncancelled
    async def registered(self, uuid: str, credential: bytes) -> bool:
        """Whether the credential is registered."""
        of_credential = (credentials.c.uuid == uuid) & (credentials.c.credential == credential)
        async with self._database.read() as tx:
            return await tx.scalar(select(credentials.c.uuid).where(of_credential)) is not None

    @uncancelled
    async def credentials(self, uuid: str) -> list[tuple[bytes, bytes]]:
        """Credentials and tokens, ascending by the credential's digits as the record has them."""
        query = select(credentials.c.credential, credentials.c.token)
        async with self._database.read() as tx:
            rows = await tx.execute(query.where(credentials.c.uuid == uuid))
            pairs = [(row.credential, row.token) for row in rows]
        # The digits are those of a little-endian number, so the last byte comes first.
        return sorted(pairs, key=lambda pair: pair[0][::-1])

    # ---- ballots

    @grouped
    async def cast(
        self,
        tx: AsyncConnection,
        uuid: str,
        credential: bytes,
        tracker: str,
        raw: bytes,
        new: Sequence[bytes],
    ) -> None:
        """Stores a credential's only ballot. Idempotent, at any time.

        Args:
            uuid: the session.
            credential: who signed it.
            tracker: the hash of `raw`.
            raw: the ballot.
            new: the digests of its ciphertexts.

        Raises:
            NotOpen: voting has not been opened.
            Closed: voting has ended.
            UnknownCredential: the credential is not registered.
            SecondBallot: the credential has another ballot.
            RepeatedCiphertext: a ciphertext stands in this or another ballot already.
        """
        repeated = RepeatedCiphertext("a ciphertext stands elsewhere in the session")
        row = {"uuid": uuid, "credential": credential, "tracker": tracker, "raw": raw}
        state = await hold(tx, sessions, uuid)
        if state is not State.OPEN:
            if await _ballot(tx, uuid, credential) == raw:
                return
            raise _not_voting(state)
        with refusing(reference=UnknownCredential("the credential is not registered")):
            first = await insert_once(tx, ballots, **row)
        if not first:
            await _require_same(tx, uuid, credential, raw)
            return
        digests = [{"uuid": uuid, "digest": digest} for digest in sorted(new)]
        with refusing(repeated=repeated):
            if digests:
                await tx.execute(insert(ciphertexts), digests)

    @uncancelled
    async def ballot_of(self, uuid: str, credential: bytes) -> bytes | None:
        """The ballot of a credential, if it has voted."""
        async with self._database.read() as tx:
            return await _ballot(tx, uuid, credential)

    @uncancelled
    async def standing(self, uuid: str, credential: bytes) -> Standing:
        """What decides whether a ballot of a credential may come now, or `UnknownSession`."""
        of_credential = (ballots.c.uuid == uuid) & (ballots.c.credential == credential)
        tracker = select(ballots.c.tracker).where(of_credential).scalar_subquery()
        query = select(sessions.c.state, sessions.c.closes, tracker).where(sessions.c.uuid == uuid)
        async with self._database.read() as tx:
            row = (await tx.execute(query)).one_or_none()
        if row is None:
            raise UnknownSession("no session has this uuid here")
        return Standing(State(row[0]), row[1], row[2])

    @uncancelled
    async def has_cast(self, uuid: str, credential: bytes) -> bool:
        """Whether a credential has a ballot; cheaper than reading it."""
        of_credential = (ballots.c.uuid == uuid) & (ballots.c.credential == credential)
        async with self._database.read() as tx:
            return await tx.scalar(select(ballots.c.tracker).where(of_credential)) is not None

    async def ballots(self, uuid: str) -> AsyncIterator[bytes]:
        """Every ballot, ascending by tracker; complete once voting has ended."""
        last = ""
        while some := await self._ballots_after(uuid, last):
            for _, raw in some:
                yield raw
            last = some[-1][0]

    @uncancelled
    async def _ballots_after(self, uuid: str, tracker: str) -> list[tuple[str, bytes]]:
        query = select(ballots.c.tracker, ballots.c.raw)
        query = query.where(ballots.c.uuid == uuid, ballots.c.tracker > tracker)
        async with self._database.read() as tx:
            rows = await tx.execute(query.order_by(ballots.c.tracker).limit(_BALLOTS_AT_ONCE))
            return [(row.tracker, row.raw) for row in rows]

    @uncancelled
    async def trackers(self, uuid: str) -> list[str]:
        """Every tracker, ascending."""
        query = select(ballots.c.tracker).where(ballots.c.uuid == uuid).order_by(ballots.c.tracker)
        async with self._database.read() as tx:
            return list(await tx.scalars(query))

    @uncancelled
    async def counts(self, uuid: str) -> dict[str, int]:
        """How many credentials are registered and how many have cast."""
        many = {"registered": credentials, "cast": ballots}
        query = select(
            *(
                select(func.count()).where(table.c.uuid == uuid).scalar_subquery().label(name)
                for name, table in many.items()
            )
        )
        async with self._database.read() as tx:
            return dict((await tx.execute(query)).mappings().one())

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
    async def rewrite(self, uuid: str) -> None:
        """After the end: writes every table in the order of its key, so that none tells when.

        May be called again, and must be after a crash in its middle.
        """
        async with self._database.write() as tx:
            await hold_ended(tx, sessions, uuid)
        await self._database.rewrite(uuid, ballots, ciphertexts, credentials)


async def _ballot(tx: AsyncConnection, uuid: str, credential: bytes) -> bytes | None:
    of_credential = (ballots.c.uuid == uuid) & (ballots.c.credential == credential)
    return await tx.scalar(select(ballots.c.raw).where(of_credential))


async def _require_same(tx: AsyncConnection, uuid: str, credential: bytes, raw: bytes) -> None:
    stored = await _ballot(tx, uuid, credential)
    if stored is None:
        raise RepeatedCiphertext("a ballot with this tracker stands in the session")
    if stored != raw:
        raise SecondBallot("the credential has another ballot")


def _not_registering(state: State) -> WrongState:
    if state is State.SEALED:
        return WrongState(f"check-in has not begun; the session is {state}")
    return RegistrationEnded(f"credentials are registered before the opening; it is {state}")


def _not_voting(state: State) -> WrongState:
    if state in BEFORE_VOTING:
        return NotOpen(f"voting has not been opened; the session is {state}")
    return Closed(f"voting has ended; the session is {state}")
