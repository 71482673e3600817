"""The box's side before the books: who is told to come back costs next to nothing."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import event

from admin.session.books import Books
from admin.session.datadir import DataDir
from bot.sides.box import BoxSide
from bot.sides.checking import Checker
from bot.sides.line import Line
from bot.sides.problem import Problem
from crypto.encoding import b64_sha256
from crypto.errors import BadSignature, UnknownCredential
from crypto.group import random_scalar
from crypto.lifecycle import Step
from tests.worlds import hall
from tests.worlds.hall import Sealed


def voting(where: DataDir, voters: int) -> tuple[Sealed, list[bytes]]:
    session = hall.sealed(where, Step.CHECK_IN)
    secrets = session.register(voters)
    session.move(Step.OPEN)
    return session, [session.vote(secret) for secret in secrets]


def test_a_full_line_touches_no_database(where: DataDir):
    """Whoever does not fit, and a stranger, cost no statement; the same bytes come in later."""
    session, (first, second) = voting(where, 2)
    election = session.insider.election
    stranger = session.vote(random_scalar())
    forged = second.replace(b'"challenge":"', b'"challenge":"1', 1)

    async def work(books: Books) -> None:
        side = BoxSide(where, books.box, Checker(0))
        statements: list[str] = []
        try:
            await side.take(election, first, 0.0)
            side.checker.line = Line(0, most_bytes=len(second) - 1)
            engine = books.box._database._engine.sync_engine
            event.listen(
                engine, "before_cursor_execute", lambda *context: statements.append(context[2])
            )
            with pytest.raises(Problem) as refused:
                await side.take(election, second, 0.0)
            with pytest.raises(UnknownCredential):
                await side.take(election, stranger, 0.0)
            with pytest.raises(BadSignature):
                await side.take(election, forged, 0.0)
            assert (refused.value.code, refused.value.place) == ("busy", 1)
            assert statements == []
            side.checker.line = Line(0)
            await side.take(election, second, 0.0)
            assert statements != []
        finally:
            await asyncio.to_thread(side.checker.close)
        assert await books.box.trackers(session.uuid) == sorted(map(b64_sha256, (first, second)))

    hall.with_books(where, work)


def test_the_same_bytes_again_stand_where_they_stand(where: DataDir):
    """Whoever sends again what waits already needs no second place, even in a full line."""
    session, (raw,) = voting(where, 1)
    election = session.insider.election

    async def work(books: Books) -> None:
        side = BoxSide(where, books.box, Checker(0))
        side.checker.line = Line(0, most_bytes=len(raw))
        try:
            async with AsyncExitStack() as blocking:
                for key in "ab":  # the worker's ballot, and the next at hand
                    place = blocking.enter_context(side.checker.line.place(key, 0))
                    await blocking.enter_async_context(place.turn())
                first = asyncio.create_task(side.take(election, raw, 0.0))
                while not side._castings:  # noqa: ASYNC110  nothing tells of it
                    await asyncio.sleep(0.01)
                again = asyncio.create_task(side.take(election, raw, 0.0))
                await asyncio.sleep(0.05)
                assert not first.done()
                assert not again.done()
            await asyncio.gather(first, again)
        finally:
            await asyncio.to_thread(side.checker.close)
        assert await books.box.trackers(session.uuid) == [b64_sha256(raw)]

    hall.with_books(where, work)
