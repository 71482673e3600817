"""tests/telegram/flood.py: how much is too much, and what becomes of those who do not wait."""

import pytest

from tests.telegram.flood import Flood
from tests.telegram.refusal import Refusal
from tests.telegram.standin import StandIn
from tests.telegram.tests.scene import LAN, Direct

GROUP = -1001


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def waits(flood: Flood, chat: int) -> int:
    """The seconds to wait, 0 if the message goes."""
    try:
        flood.take(chat)
    except Refusal as refusal:
        return refusal.parameters["retry_after"]
    return 0


def test_a_person_gets_five_at_once_and_one_a_second(clock: Clock):
    """After a burst one message a second goes."""
    flood = Flood(clock=clock)

    assert [waits(flood, LAN) for _ in range(6)] == [0, 0, 0, 0, 0, 1]
    clock.now += 1
    assert waits(flood, LAN) == 0
    clock.now += 1
    assert waits(flood, LAN) == 0


def test_a_group_gets_twenty_a_minute(clock: Clock):
    """After twenty the group must rest for three seconds."""
    flood = Flood(clock=clock)

    assert [waits(flood, GROUP) for _ in range(21)] == [*[0] * 20, 3]
    clock.now += 3
    assert waits(flood, GROUP) == 0


def test_all_together_get_thirty_a_second(clock: Clock):
    """Different chats share one limit."""
    flood = Flood(clock=clock)

    assert [waits(flood, number) for number in range(1, 32)] == [*[0] * 30, 1]
    clock.now += 1
    assert [waits(flood, number) for number in range(101, 131)] == [0] * 30


def test_who_does_not_wait_waits_twice_as_long(clock: Clock):
    """Each call that comes too early doubles the wait; after it all is well."""
    flood = Flood(private_burst=1, clock=clock)

    assert [waits(flood, LAN) for _ in range(4)] == [0, 1, 2, 4]
    clock.now += 3.9
    assert waits(flood, LAN) == 8
    clock.now += 8
    assert waits(flood, LAN) == 0


def test_one_chat_does_not_hold_up_another(clock: Clock):
    """While one chat is closed messages to others go."""
    flood = Flood(private_burst=1, clock=clock)

    assert [waits(flood, LAN), waits(flood, LAN), waits(flood, 43)] == [0, 1, 0]


async def test_messages_and_edits_count_and_nothing_else():
    """Answers to taps and deletions are free; a refused message is not sent."""
    telegram = StandIn(flood=Flood(private_burst=2, private=0.001))
    bot, lan = Direct(telegram), telegram.person(LAN, "Lan")
    await lan.start()
    keyboard = {"inline_keyboard": [[{"text": "Cao", "callback_data": "a"}]]}
    sent = await bot.call("sendMessage", chat_id=LAN, text="a", reply_markup=keyboard)
    place = {"chat_id": LAN, "message_id": sent["message_id"]}
    await bot.call("answerCallbackQuery", callback_query_id=(await lan.tap("Cao")).query)
    await bot.call("editMessageText", text="b", **place)

    assert (await bot.refused("editMessageText", text="c", **place)).startswith("Too Many Requests")
    assert (await bot.refused("sendMessage", chat_id=LAN, text="d")).startswith("Too Many Requests")
    assert [message.text for message in lan.messages] == ["/start", "b"]
    await bot.call("deleteMessage", **place)


def test_the_words_say_what_the_parameter_says(clock: Clock):
    """People read the words, programs the number."""
    flood = Flood(private_burst=1, clock=clock)
    flood.take(LAN)

    with pytest.raises(Refusal, match="Too Many Requests: retry after 1") as refused:
        flood.take(LAN)

    assert (refused.value.code, refused.value.parameters) == (429, {"retry_after": 1})


async def test_limits_can_be_switched_off():
    """Without limits a hundred messages go."""
    telegram = StandIn(flood=None)
    bot, lan = Direct(telegram), telegram.person(LAN, "Lan")
    await lan.start()

    for number in range(100):
        await bot.call("sendMessage", chat_id=LAN, text=str(number))

    assert len(lan.messages) == 101


async def test_what_one_server_counts_another_does_not():
    """The limits of Telegram are a pattern, not a counter that all share."""
    for _ in range(2):
        telegram = StandIn()
        bot = Direct(telegram)
        await telegram.person(LAN, "Lan").start()
        for number in range(5):
            await bot.call("sendMessage", chat_id=LAN, text=str(number))
        assert (await bot.refused("sendMessage", chat_id=LAN, text="6")).startswith("Too Many")
