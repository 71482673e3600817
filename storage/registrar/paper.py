"""Paper ballots, a part of the registrar's book: who got one, and what was entered from them.

A paper ballot stands in the same row as a token would, so nobody gets both. Of a paper ballot the
book knows who got it, never what is on it: entries are sums over all of them.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto.errors import BadCode, Refused, WrongState
from crypto.lifecycle import BALLOTS_OUT, COUNTABLE, State
from storage.database import Database, insert_once, uncancelled
from storage.errors import HasToken, NoPaper, PaperIssued, PaperSettled
from storage.faults import refusing
from storage.registrar.head_count import check_late, check_present
from storage.registrar.tables import (
    issued,
    paper_counts,
    paper_entries,
    paper_pending,
    persons,
    sessions,
)
from storage.rows import LATE, PAPER, PAPERS, PaperCounts, PaperEntry
from storage.session_state import hold


class Paper:
    """Made by `RegistrarBook`, whose database it shares."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ---- ballots

    @uncancelled
    async def issue(self, uuid: str, people: Sequence[bytes], *, late: bool) -> None:
        """Notes who gets a paper ballot: all of them, or nobody.

        Args:
            late: they came after the opening and are not in its head count.

        Raises:
            HasToken, PaperIssued: names the first who has a ballot already.
            BadCode: one of them is not on the roster.
            WrongState: before check-in or after the close.
            Refused: more ballots than people.
        """
        async with self._database.write() as tx:
            state = await _hold_given_out(tx, uuid)
            if late and state is State.CHECKIN:
                raise Refused("nobody is late before the opening: the head count has everyone")
            for person in people:
                row = {"uuid": uuid, "person": person, "channel": LATE if late else PAPER}
                with refusing(reference=BadCode("the person is not on the roster")):
                    if not await insert_once(tx, issued, **row):
                        raise await _has_one(tx, uuid, person)
            await check_present(tx, uuid)
            if late:
                await check_late(tx, uuid)

    @uncancelled
    async def withdraw(self, uuid: str, person: bytes) -> None:
        """Takes back a ballot that was not used; the person is as before it.

        Raises:
            NoPaper: the person has none.
            WrongState: before check-in or after the close.
        """
        async with self._database.write() as tx:
            await _hold_given_out(tx, uuid)
            deleted = await tx.execute(delete(issued).where(_paper(uuid, person)))
            if deleted.rowcount != 1:
                raise NoPaper(f"{await _named(tx, uuid, person)} has no paper ballot")
            await _count(tx, uuid, "unused")

    @uncancelled
    async def exchange(self, uuid: str, person: bytes) -> None:
        """Counts a spoiled ballot for which another was given.

        Raises:
            NoPaper: the person has none.
            WrongState: before check-in or after the close.
        """
        async with self._database.write() as tx:
            await _hold_given_out(tx, uuid)
            if await tx.scalar(select(issued.c.channel).where(_paper(uuid, person))) is None:
                raise NoPaper(f"{await _named(tx, uuid, person)} has no paper ballot")
            await _count(tx, uuid, "exchanged")

    @uncancelled
    async def counts(self, uuid: str) -> PaperCounts:
        """How many paper ballots are out, came late, were exchanged, came back unused."""
        query = select(issued.c.channel, func.count().label("many")).where(issued.c.uuid == uuid)
        query = query.where(issued.c.channel.in_(PAPERS)).group_by(issued.c.channel)
        changes = select(paper_counts.c.exchanged, paper_counts.c.unused)
        async with self._database.read() as tx:
            by_channel = {row.channel: row.many for row in await tx.execute(query)}
            row = (await tx.execute(changes.where(paper_counts.c.uuid == uuid))).one_or_none()
        exchanged, unused = (0, 0) if row is None else row
        return PaperCounts(sum(by_channel.values()), by_channel.get(LATE, 0), exchanged, unused)

    @uncancelled
    async def holders(self, uuid: str) -> set[bytes]:
        """The persons who have a paper ballot."""
        on_paper = (issued.c.uuid == uuid) & issued.c.channel.in_(PAPERS)
        async with self._database.read() as tx:
            return set(await tx.scalars(select(issued.c.person).where(on_paper)))

    # ---- entries

    @uncancelled
    async def enter(self, uuid: str, by: str, moment: str, body: bytes) -> list[PaperEntry]:
        """Keeps an entry; the same as the person's last one is not kept again. All of them.

        Args:
            by: who entered, in the spelling that tells people apart.
            moment: when, to the hour.

        Raises:
            PaperSettled: two people's last entries are the same already.
            WrongState: before the close.
        """
        async with self._database.write() as tx:
            state = await _hold_entered(tx, uuid)
            entries = await _entries(tx, uuid)
            last = {entry.by: entry.body for entry in entries}
            if last.get(by) == body:
                return entries
            if settled(entries) is not None:
                raise PaperSettled("two people have entered the same numbers: the count is final")
            entry = PaperEntry(len(entries) + 1, by, moment, state, body)
            row = {"number": entry.number, "author": by, "moment": moment, "state": state.value}
            await tx.execute(insert(paper_entries).values(uuid=uuid, body=body, **row))
            return [*entries, entry]

    @uncancelled
    async def entries(self, uuid: str) -> list[PaperEntry]:
        """Every entry, in the order in which they were made."""
        async with self._database.read() as tx:
            return await _entries(tx, uuid)

    # ---- an entry that is being made

    @uncancelled
    async def keep_pending(self, uuid: str, by: str, body: bytes) -> None:
        """Replaces what somebody has entered so far. Raises WrongState before the close."""
        async with self._database.write() as tx:
            await _hold_entered(tx, uuid)
            of_author = (paper_pending.c.uuid == uuid) & (paper_pending.c.author == by)
            await tx.execute(delete(paper_pending).where(of_author))
            await tx.execute(insert(paper_pending).values(uuid=uuid, author=by, body=body))

    @uncancelled
    async def pending(self, uuid: str, by: str) -> bytes | None:
        """What somebody has entered so far."""
        of_author = (paper_pending.c.uuid == uuid) & (paper_pending.c.author == by)
        async with self._database.read() as tx:
            return await tx.scalar(select(paper_pending.c.body).where(of_author))

    @uncancelled
    async def forget_pending(self, uuid: str, by: str) -> None:
        """Leaves nothing of it: neither the last ballot nor how the sums grew."""
        async with self._database.write() as tx:
            of_author = (paper_pending.c.uuid == uuid) & (paper_pending.c.author == by)
            await tx.execute(delete(paper_pending).where(of_author))
        await self._database.rewrite(uuid, paper_pending)


def settled(entries: Sequence[PaperEntry]) -> tuple[PaperEntry, PaperEntry] | None:
    """The first two people whose last entries are the same, if there are two."""
    last = {entry.by: entry for entry in entries}
    first: dict[bytes, PaperEntry] = {}
    for entry in sorted(last.values(), key=lambda entry: entry.number):
        if entry.body in first:
            return first[entry.body], entry
        first[entry.body] = entry
    return None


def _paper(uuid: str, person: bytes) -> ColumnElement[bool]:
    paper_of_person = (issued.c.uuid == uuid) & (issued.c.person == person)
    return paper_of_person & issued.c.channel.in_(PAPERS)


async def _hold_given_out(tx: AsyncConnection, uuid: str) -> State:
    if (state := await hold(tx, sessions, uuid)) not in BALLOTS_OUT:
        raise WrongState(f"paper ballots go out from check-in to the close; the session is {state}")
    return state


async def _hold_entered(tx: AsyncConnection, uuid: str) -> State:
    if (state := await hold(tx, sessions, uuid)) not in COUNTABLE:
        raise WrongState(f"paper ballots are entered after the close; the session is {state}")
    return state


async def _has_one(tx: AsyncConnection, uuid: str, person: bytes) -> Refused:
    of_person = (issued.c.uuid == uuid) & (issued.c.person == person)
    channel = await tx.scalar(select(issued.c.channel).where(of_person))
    name = await _named(tx, uuid, person)
    if channel in PAPERS:
        return PaperIssued(f"{name} has a paper ballot already")
    return HasToken(f"{name} has an electronic ballot already ({channel})")


async def _named(tx: AsyncConnection, uuid: str, person: bytes) -> str:
    query = select(persons.c.place, persons.c.name)
    of_person = (persons.c.uuid == uuid) & (persons.c.person == person)
    row = (await tx.execute(query.where(of_person))).one_or_none()
    return "somebody who is not on the roster" if row is None else f"{row.place}. {row.name}"


async def _count(tx: AsyncConnection, uuid: str, column: str) -> None:
    await insert_once(tx, paper_counts, uuid=uuid, exchanged=0, unused=0)
    more = {column: paper_counts.c[column] + 1}
    await tx.execute(update(paper_counts).where(paper_counts.c.uuid == uuid).values(more))


async def _entries(tx: AsyncConnection, uuid: str) -> list[PaperEntry]:
    query = select(paper_entries).where(paper_entries.c.uuid == uuid)
    rows = await tx.execute(query.order_by(paper_entries.c.number))
    return [PaperEntry(r.number, r.author, r.moment, State(r.state), r.body) for r in rows]
