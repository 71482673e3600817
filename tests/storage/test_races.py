"""Many at once: exactly one first, and everyone else served."""

import asyncio
import contextlib
import errno
from dataclasses import replace

import pytest
from sqlalchemy import event

from crypto.errors import (
    Refused,
    RepeatedCiphertext,
    SecondBallot,
    TokenAlreadyIssued,
    UnknownCredential,
    WrongState,
)
from crypto.lifecycle import State, Step
from storage.books import open_box, open_registrar
from storage.box.book import BoxBook
from storage.errors import BookTaken
from tests.storage.sample import UUID, ballot, box_at, code, digest, person, registrar_at

AT_ONCE = 50
VOTERS = 81


async def test_fifty_requests_of_one_voter(registrar):
    """Fifty different requests of one person at once get exactly one answer."""
    await registrar_at(registrar, Step.SEAL, Step.CHECK_IN)
    holder = person(0).person

    async def ask(number: int):
        return await registrar.issue(UUID, holder, digest(f"{number}"), b"%d" % number, "web")

    results = await asyncio.gather(*map(ask, range(AT_ONCE)), return_exceptions=True)

    answers = [(at, result) for at, result in enumerate(results) if isinstance(result, bytes)]
    assert [result == b"%d" % at for at, result in answers] == [True]
    assert sum(isinstance(result, TokenAlreadyIssued) for result in results) == AT_ONCE - 1
    assert await registrar.issued(UUID) == {"web": 1}


async def test_fifty_times_the_same_request(registrar):
    """An impatient phone always gets the one stored answer."""
    await registrar_at(registrar, Step.SEAL, Step.CHECK_IN)
    holder, request = person(0).person, digest("request")

    async def ask(number: int):
        return await registrar.issue(UUID, holder, request, b"%d" % number, "web")

    assert len(set(await asyncio.gather(*map(ask, range(AT_ONCE))))) == 1


async def test_fifty_ballots_of_one_credential(box):
    """Fifty different ballots of one credential at once leave exactly one."""
    await box_at(box, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX)
    ballots = [ballot(number, of=0) for number in range(AT_ONCE)]

    casting = (box.cast(*sent.take()) for sent in ballots)
    results = await asyncio.gather(*casting, return_exceptions=True)

    first = [sent for sent, error in zip(ballots, results, strict=True) if error is None]
    assert sum(isinstance(result, SecondBallot) for result in results) == AT_ONCE - 1
    assert [raw async for raw in box.ballots(UUID)] == [sent.raw for sent in first]
    assert len(first) == 1


async def test_a_whole_assembly_at_once(registrar, box):
    """Everybody gets a token, a credential and a ballot in, all at the same moment."""
    await registrar_at(registrar, Step.SEAL, Step.CHECK_IN, voters=VOTERS)
    await box_at(box, Step.CHECK_IN, voters=0)

    async def check_in(number: int) -> None:
        sent, request = ballot(number), digest(f"request {number}")
        await registrar.issue(UUID, person(number).person, request, b"answer", "web")
        await box.register(UUID, sent.credential, sent.token)

    await asyncio.gather(*map(check_in, range(VOTERS)))
    await box.move(UUID, Step.OPEN)
    await box.move(UUID, Step.SEAL_BOX)
    await asyncio.gather(*(box.cast(*ballot(number).take()) for number in range(VOTERS)))

    assert await registrar.issued(UUID) == {"web": VOTERS}
    assert await box.counts(UUID) == {"registered": VOTERS, "cast": VOTERS}
    assert len(await box.trackers(UUID)) == VOTERS


async def test_no_ballot_slips_past_the_close(box):
    """Of ballots that race with the close, those acknowledged are those stored."""
    await box_at(box, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX, voters=AT_ONCE)

    async def cast(number: int) -> str | None:
        with contextlib.suppress(WrongState):
            await box.cast(*ballot(number).take())
            return ballot(number).tracker
        return None

    async def end() -> None:
        await asyncio.sleep(0.01)
        await box.move(UUID, Step.CLOSE)
        trackers.extend(await box.trackers(UUID))

    trackers: list[str] = []
    results, _ = await asyncio.gather(asyncio.gather(*map(cast, range(AT_ONCE))), end())

    assert sorted(tracker for tracker in results if tracker) == trackers == await box.trackers(UUID)


async def test_only_one_chair_opens(box):
    """A step that two make at once is made once."""
    await box_at(box, Step.CHECK_IN)

    opening = (box.move(UUID, Step.OPEN) for _ in range(AT_ONCE))
    results = await asyncio.gather(*opening, return_exceptions=True)

    assert results.count(State.OPENING) == 1
    assert sum(isinstance(result, WrongState) for result in results) == AT_ONCE - 1


async def test_the_command_line_beside_the_server(urls):
    """Two processes' worth of connections see and respect each other's writes."""
    server, chair = await open_box(urls[1]), await open_box(urls[1])
    await box_at(server, Step.CHECK_IN, voters=VOTERS)

    async def cast(number: int) -> None:
        await (server if number % 2 else chair).cast(*ballot(number).take())

    await chair.move(UUID, Step.OPEN)
    await chair.move(UUID, Step.SEAL_BOX)
    await asyncio.gather(*map(cast, range(VOTERS)))

    assert await server.counts(UUID) == await chair.counts(UUID)
    assert len(await server.trackers(UUID)) == VOTERS
    await server.close()
    await chair.close()


async def test_two_make_the_same_book(urls):
    """Two who open a book that is not there yet both get it."""
    first, second = await asyncio.gather(open_registrar(urls[0]), open_registrar(urls[0]))
    await first.add_session(UUID, b"human")

    assert (await second.session(UUID)).session_json == b"human"
    await first.close()
    await second.close()


async def test_entries_made_at_once_are_all_there(registrar):
    """The journal numbers its entries without a gap or a loss."""
    await registrar_at(registrar)

    await asyncio.gather(*(registrar.add_entry(UUID, f"{number}") for number in range(AT_ONCE)))

    assert sorted(map(int, await registrar.entries(UUID))) == list(range(AT_ONCE))


async def test_a_code_made_twice_at_once(registrar):
    """Of two who store the same code for two people, one is refused."""
    await registrar_at(registrar)

    both = (code(0), replace(code(1), hash=code(0).hash))
    adding = (registrar.replace_codes([one]) for one in both)
    results = await asyncio.gather(*adding, return_exceptions=True)

    assert sorted(isinstance(result, Refused) for result in results) == [False, True]


async def test_a_caller_who_goes_away(box):
    """A cast cut off in its middle is wholly there or wholly not, and blocks nobody."""
    await box_at(box, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX, voters=20)
    for turn in range(10):
        tasks = [asyncio.create_task(box.cast(*ballot(number).take())) for number in range(20)]
        for task in tasks:
            await asyncio.sleep(0.0003 * turn)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    for number in range(20):
        await box.cast(*ballot(number).take())

    assert await box.counts(UUID) == {"registered": 20, "cast": 20}


async def test_readers_who_go_away_leave_no_transaction(box):
    """Whatever statement they are cut off in: the file can be written anew, which waits for all."""
    await box_at(box, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX, voters=20)
    for turn in range(10):
        tasks = [asyncio.create_task(box.counts(UUID)) for _ in range(20)]
        for task in tasks:
            await asyncio.sleep(0.0003 * turn)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    await box.move(UUID, Step.CLOSE)
    await box.rewrite(UUID)


async def test_ballots_that_come_together_are_stored_together(box):
    """Many share a transaction, and each has an outcome of its own: one bad one refuses itself."""
    await box_at(box, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX, voters=VOTERS)
    commits = counted(box, "commit")
    good = [ballot(number) for number in range(VOTERS)]
    last = good[-1]
    copied = replace(last, digests=(*last.digests[:5], good[0].digests[3]))
    second, stranger = ballot(VOTERS, of=3), ballot(VOTERS + 1)
    sent = [*good[:20], second, *good[20:40], stranger, *good[40:-1], copied]

    results = await asyncio.gather(
        *(box.cast(*cast.take()) for cast in sent), return_exceptions=True
    )

    refusals = {at: type(result) for at, result in enumerate(results) if result is not None}
    assert refusals == {20: SecondBallot, 41: UnknownCredential, 82: RepeatedCiphertext}
    assert await box.trackers(UUID) == sorted(cast.tracker for cast in good[:-1])
    await box.cast(*last.take())  # what came with the refused one is free for its own
    assert len(commits) <= 4


async def test_no_ballot_of_a_group_is_answered_before_the_commit(box):
    """While the transaction is not on disk nobody has an outcome."""
    await box_at(box, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX)
    early: list[bool] = []
    casting = [asyncio.ensure_future(box.cast(*ballot(number).take())) for number in range(3)]
    engine = box._database._engine.sync_engine
    event.listen(engine, "commit", lambda _: early.extend(cast.done() for cast in casting))

    await asyncio.gather(*casting)

    assert early == [False] * 3


async def test_a_commit_that_fails_stores_nothing_of_its_group(box):
    """Everybody of the group hears it, nobody's ballot is there, and the next attempt works."""
    await box_at(box, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX)
    failing = True

    def fail(_connection: object) -> None:
        if failing:
            raise OSError(errno.EIO, "the disk fails")

    event.listen(box._database._engine.sync_engine, "commit", fail)
    casting = [box.cast(*ballot(number).take()) for number in range(3)]
    results = await asyncio.gather(*casting, return_exceptions=True)
    failing = False

    assert [type(result) for result in results] == [OSError] * 3
    assert await box.counts(UUID) == {"registered": 3, "cast": 0}
    await asyncio.gather(*(box.cast(*ballot(number).take()) for number in range(3)))
    assert await box.counts(UUID) == {"registered": 3, "cast": 3}


async def test_two_servers_do_not_share_a_ballot_box(box, urls, kind):
    """From two data directories on one PostgreSQL; on SQLite the directory's own lock decides."""
    second = await open_box(urls[1])
    async with box.alone():
        if kind == "sqlite":
            async with second.alone():
                pass
        else:
            with pytest.raises(BookTaken):
                await second.alone().__aenter__()
    async with second.alone():
        pass
    await second.close()


def counted(book: BoxBook, name: str) -> list[object]:
    """Grows with every event of this name of the database."""
    events: list[object] = []
    event.listen(book._database._engine.sync_engine, name, events.append)
    return events
