"""A delegate votes by buttons while the server is killed again and again.

An update that was not acknowledged comes again to the server that is started next, so every step
is done twice or more; the phone is told the truth at each moment, and everything in the end.
"""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from crypto.lifecycle import Step
from tests.fault import lives, phones
from tests.fault.phones import PATIENCE, Hall
from tests.telegram.people import Person
from tests.telegram.snapshot import Message
from tests.worlds.scene import (
    BEGIN,
    COLLECT,
    LEVELS,
    NEXT,
    RECORDED,
    REVIEW,
    SEND,
    offers,
    says,
    tracker_of,
)

pytestmark = pytest.mark.slow


SIDES = ("before", "after")
COLLECTING = (
    "RegistrarBook.issue", "BoxBook.register", "answerCallbackQuery", "editMessageText",
    "pinChatMessage",
)  # fmt: skip
SENDING = ("BoxBook.cast", "answerCallbackQuery", "editMessageText")
ASKED_AGAIN = 0.8  # seconds in which a bot at work has asked for updates more than once


@pytest.fixture(scope="module")
def nursery() -> Iterator[subprocess.Popen[bytes]]:
    with lives.nursery("tests.fault.phones") as started:
        yield started


@pytest_asyncio.fixture(params=["polling", "webhook"])
async def hall(
    request: pytest.FixtureRequest, tmp_path: Path, nursery: subprocess.Popen[bytes]
) -> AsyncIterator[Hall]:
    webhook = request.param == "webhook"
    async with phones.hall_of(tmp_path, f"chat {request.param}", nursery, webhook=webhook) as hall:
        yield hall


def shown_of(person: Person, message: Message) -> Message:
    """The same message as it is now."""
    return next(current for current in person.messages if current.id == message.id)


async def check_voted_once(hall: Hall, person: Person, final: Message) -> None:
    """One token, one credential, one ballot: the one that the phone shows."""
    scene = hall.scene
    assert await scene.counts() == (1, 1, 1)
    assert await scene.books.box.trackers(scene.uuid) == [tracker_of(final)]
    trackers = {tracker for _, tracker in hall.witness.told}
    assert trackers == {tracker_of(final)}
    assert hall.witness.lies == []
    assert shown_of(person, final).text == final.text


async def test_a_server_that_dies_after_each_tap(hall: Hall):
    """From /start to the tracker, with a kill soon after every single thing that is done."""
    scene, person = hall.scene, hall.scene.stranger("Lan")
    shaken = partial(hall.shaken, person)
    await hall.start()
    code = f"{scene.uuid}-{scene.sealed.voters[0]}"
    await shaken(partial(person.start, code), offers("Đúng"))
    offer = await shaken(partial(person.tap, "Đúng"), offers(COLLECT))
    await shaken(partial(person.tap, COLLECT), says("Đã nhận phiếu."))
    await scene.move(Step.OPEN)
    await shaken(partial(person.tap, BEGIN), says("Người số 1 trong"))
    for number, level in enumerate(LEVELS, start=1):
        await shaken(partial(person.tap, level), offers(f"✅ {level}"))
        if number < len(LEVELS):
            await shaken(partial(person.tap, NEXT), says(f"Người số {number + 1} trong"))
    review = await shaken(partial(person.tap, REVIEW), offers(SEND))
    final = await shaken(partial(person.tap, SEND), says(RECORDED))
    again = await shaken(partial(person.tap, SEND, on=review), says(RECORDED))
    await scene.telegram.quiet()

    assert again.text == final.text
    await check_voted_once(hall, person, final)
    await person.tap(COLLECT, on=offer)
    await scene.telegram.quiet()
    assert await scene.counts() == (1, 1, 1)


@pytest.mark.parametrize("hall", ["polling"], indirect=True)
async def test_a_server_that_dies_at_each_boundary_of_collecting(hall: Hall):
    """Before and after every commit and every call to Telegram; then once more for the same tap."""
    await hall.start()
    person = await hall.scene.voter(1)
    offer = await person.until(offers(COLLECT))
    await hall.scene.telegram.quiet()
    await hall.stop()

    await person.tap(COLLECT)
    deaths = await hall.swept()
    first = await hall.scene.books.box.credentials(hall.scene.uuid)
    await person.tap(COLLECT, on=offer)
    await hall.scene.telegram.quiet()

    assert await hall.scene.books.box.credentials(hall.scene.uuid) == first
    assert await hall.scene.counts() == (1, 1, 0)
    assert says("Đã nhận phiếu.")(shown_of(person, offer))
    assert deaths >= {f"{side} {name} 1" for side in SIDES for name in COLLECTING}


async def test_a_server_that_dies_at_each_boundary_of_sending(hall: Hall):
    """Nobody hears of a ballot that is not in the book, and everybody of the one that is."""
    await hall.start()
    person = await hall.scene.collected(1)
    await hall.scene.move(Step.OPEN)
    review = await hall.scene.filled(person, [0, 1, 2])
    await hall.scene.telegram.quiet()
    await hall.stop()

    await person.tap(SEND)
    deaths = await hall.swept()
    final = shown_of(person, review)
    await person.tap(SEND, on=review)
    await hall.scene.telegram.quiet()

    await check_voted_once(hall, person, final)
    assert deaths >= {f"{side} {name} 1" for side in SIDES for name in SENDING}


@pytest.mark.parametrize("hall", ["polling"], indirect=True)
async def test_what_is_being_worked_on_is_not_acknowledged(hall: Hall):
    """A bot that fetches the next updates while it waits for Telegram loses none in a crash."""
    scene, faults = hall.scene, hall.scene.telegram.faults
    await hall.start()
    person = await scene.collected(1)
    await scene.move(Step.OPEN)
    await scene.filled(person, [0, 1, 2])
    await scene.telegram.quiet()
    neighbour = scene.stranger("Anh")
    faults.add("editMessageText", "timeout")
    await person.tap(SEND)
    await neighbour.say("/start")
    await neighbour.until(says("quét mã QR"))
    await asyncio.sleep(ASKED_AGAIN)
    await hall.stop()
    assert not any(says(RECORDED)(message) for message in person.history)

    await hall.start()
    final = await person.until(says(RECORDED), PATIENCE)
    await check_voted_once(hall, person, final)
