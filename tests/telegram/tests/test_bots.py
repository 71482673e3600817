"""Real bots of two libraries, one by polling and one by webhook, through the stand-in."""

from collections.abc import AsyncIterator

import pytest

from tests.telegram.cloud import Answer
from tests.telegram.standin import StandIn
from tests.telegram.tests.bots import BOTS
from tests.telegram.tests.oracle import check_answer, check_call, check_update


@pytest.fixture(params=BOTS)
async def live(request: pytest.FixtureRequest, telegram: StandIn) -> AsyncIterator[StandIn]:
    """A Telegram with a bot at work; everything that was said must be as documented."""
    async with BOTS[request.param](telegram):
        yield telegram
        await telegram.quiet(idle=0.03)
    for call in telegram.calls:
        check_call(call)
        check_answer(call)
    for update in telegram.updates:
        check_update(update)


async def test_a_ballot_is_shown_tapped_and_taken_away(live: StandIn):
    """A person starts with a payload, sees grades, taps one, is answered, and the grades go."""
    lan = live.person(42, "Lan")
    await lan.start("K7_-x")

    ballot = await lan.until(lambda message: message.labels == ["Cao", "Vừa", "Thấp"])
    tap = await lan.tap("Vừa")

    assert ballot.text == "Phiếu K7_-x & mời"
    assert [entity["type"] for entity in ballot.entities] == ["bold", "italic"]
    assert await tap.answer() == Answer("đã nhận v1:Vừa", alert=True)
    assert (await lan.until(lambda message: message.text == "cảm ơn")).labels == []
    assert [message.text for message in lan.history] == ["/start K7_-x", ballot.text, "cảm ơn"]
    assert lan.notifications == ["Phiếu K7_-x & mời"]


async def test_a_command_in_a_group_is_answered_there(live: StandIn):
    """In a group the bot hears a command, also of who never wrote to it."""
    lan = live.person(42, "Lan")
    group = live.group("Kỳ họp")
    group.add(lan)
    group.add_bot(by=lan)

    await lan.say("/start", chat=group)

    await group.until(lambda message: message.labels == ["Cao", "Vừa", "Thấp"])
    assert lan.messages == []


async def test_quiet_means_done(live: StandIn):
    """When it is quiet the bot has answered everybody."""
    people = [live.person(number, f"Người {number}") for number in range(1, 9)]
    for person in people:
        await person.start()

    await live.quiet()

    assert all(len(person.messages) == 2 for person in people)
    assert live.updates_unacknowledged == 0
