"""Followers of a session hear of changes, whoever made them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from admin.lifecycle import steps
from admin.session.datadir import DataDir
from bot.pauses import Pauses
from bot.sides import board
from bot.web import clients
from crypto.committee import Moment
from crypto.lifecycle import Step
from tests import testkit
from tests.worlds import committee, hall
from tests.worlds.hall import Client, code
from tests.worlds.quick import PLAIN


@asynccontextmanager
async def following(client: Client, uuid: str) -> AsyncIterator[AsyncIterator[str]]:
    """The lines of the stream of events."""
    async with (
        httpx.AsyncClient(verify=PLAIN, trust_env=False, timeout=20) as http,
        http.stream("GET", f"{client.url}/api/v1/sessions/{uuid}/events") as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        yield response.aiter_lines()


async def event(lines: AsyncIterator[str]) -> dict[str, Any]:
    """The next event; heartbeats are passed over."""
    async for line in lines:
        if line.startswith("data: "):
            document: dict[str, Any] = json.loads(line.removeprefix("data: "))
            return document
    raise AssertionError("the stream ended")


async def test_a_change_by_another_process_is_told_within_a_second(where: DataDir, client: Client):
    """State and counts at once, then each change; nothing else is in an event."""
    session = hall.sealed(where, Step.CHECK_IN)
    async with following(client, session.uuid) as lines:
        first = await event(lines)
        await asyncio.to_thread(session.register, 1)
        await asyncio.to_thread(session.move, Step.OPEN)
        second = await event(lines)

    assert set(first) == {"state", "counts", "closes", "on_paper", "waiting", "zone"}
    assert (first["state"], first["counts"]["registered"]) == ("checkin", None)
    assert second["counts"]["registered"] == 1
    assert Pauses().look < 1


async def test_a_step_is_told_when_it_is_whole(where: DataDir, client: Client):
    """Whoever reads "open" can cast and finds the list that the committee signed."""
    session = hall.sealed(where, Step.CHECK_IN)
    path = f"/api/v1/sessions/{session.uuid}"
    hall.with_books(where, lambda books: steps.set_present(books, session.uuid, 9))

    async def only_registrar(books: Any) -> None:
        await books.registrar.move(session.uuid, Step.OPEN)

    async def then_box(books: Any) -> None:
        await books.box.move(session.uuid, Step.OPEN)

    async def then_note(books: Any) -> None:
        await steps.open_voting(books, session.uuid)

    async def then_signatures(books: Any) -> None:
        await committee.sign(books, session.uuid, Moment.OPENING, testkit.committee().states)

    told = []
    for work in (only_registrar, then_box, then_note, then_signatures):
        hall.with_books(where, work)
        answer = client.call("GET", path).json()
        told.append((answer["state"], answer["waiting"]))

    sealing = {"moment": "opening", "signed": 0, "needed": 3, "size": 3}
    assert told[0] == ("checkin", None)
    assert told[2:] == [("checkin", sealing), ("open", None)]


async def test_the_announced_end_is_told(where: DataDir, client: Client):
    """For the countdown on every screen."""
    session = hall.sealed(where, Step.CHECK_IN, Step.OPEN)
    async with following(client, session.uuid) as lines:
        await event(lines)
        hall.with_books(where, lambda books: books.box.set_closing(session.uuid, hall.FAR))
        assert (await event(lines))["closes"] == hall.FAR


async def test_a_silent_stream_has_a_heartbeat(where: DataDir, client: Client):
    """A comment, so that no proxy gives up on it."""
    session = hall.sealed(where)
    async with following(client, session.uuid) as lines:
        await event(lines)
        beats = [line async for line in _first(lines, 6)]

    assert ":" in beats
    assert not [line for line in beats if line.startswith("data")]


async def _first(lines: AsyncIterator[str], count: int) -> AsyncIterator[str]:
    for _ in range(count):
        yield await anext(lines)


async def test_followers_have_so_many_places(
    where: DataDir, client: Client, monkeypatch: pytest.MonkeyPatch
):
    """One more is told to come back; a place that is left is free again."""
    session = hall.sealed(where)
    monkeypatch.setattr(clients, "STREAMS_OF_ONE", 1)
    path = f"/api/v1/sessions/{session.uuid}/events"
    async with following(client, session.uuid) as lines:
        await event(lines)
        assert code(await asyncio.to_thread(client.call, "GET", path)) == (503, "busy")
    for _ in range(50):
        await asyncio.sleep(0.1)
        try:
            async with following(client, session.uuid) as lines:
                assert await event(lines)
                return
        except AssertionError:
            continue
    raise AssertionError("the place was not given back")


async def test_an_unknown_session_has_no_events(client: Client):
    """It is refused like any other question about it."""
    answer = await asyncio.to_thread(client.call, "GET", "/api/v1/sessions/none/events")

    assert code(answer) == (404, "unknown_session")


async def test_many_followers_are_one_look(
    where: DataDir, client: Client, monkeypatch: pytest.MonkeyPatch
):
    """The books are read once for a session, however many follow it."""
    session, looks = hall.sealed(where), []
    plain = board.Board.session

    async def counted(self: board.Board, uuid: str) -> board.PublicSession:
        looks.append(uuid)
        return await plain(self, uuid)

    async def follow() -> None:
        async with following(client, session.uuid) as lines:
            await event(lines)
            await asyncio.sleep(1)

    monkeypatch.setattr(board.Board, "session", counted)
    await asyncio.gather(*(follow() for _ in range(20)))

    # At most five each second for as long as that took.
    assert 0 < looks.count(session.uuid) < 20
