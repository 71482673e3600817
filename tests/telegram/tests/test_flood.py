"""tests/telegram/flood.py: how much is too much."""

import pytest

from tests.telegram.flood import Flood
from tests.telegram.refusal import Refusal
from tests.telegram.standin import StandIn
from tests.telegram.tests.scene import LAN, Direct, inline

GROUP = -1001


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def seconds_to_wait(flood: Flood, chat: int) -> int:
    """0 if the message goes; people read the words, programs the number."""
    try:
        flood.take(chat)
    except Refusal as refusal:
        code, words, seconds = refusal.code, refusal.description, refusal.parameters["retry_after"]
    else:
        return 0
    assert (code, words) == (429, f"Too Many Requests: retry after {seconds}")
    return seconds


@pytest.mark.parametrize(
    ("limits", "rounds"),
    [
        ({}, [(0.0, [LAN] * 6, [0] * 5 + [1]), (1.0, [LAN], [0]), (1.0, [LAN], [0])]),
        ({}, [(0.0, [GROUP] * 21, [0] * 20 + [3]), (3.0, [GROUP], [0])]),
        ({}, [(0.0, [*range(1, 32)], [0] * 30 + [1]), (1.0, [*range(101, 131)], [0] * 30)]),
        ({"private_burst": 1}, [(0.0, [LAN, LAN, 43], [0, 1, 0])]),
    ],
    ids=["person", "group", "all together", "one does not hold up another"],
)
def test_how_much_is_too_much(
    limits: dict[str, float], rounds: list[tuple[float, list[int], list[int]]]
):
    """Each round: seconds that pass, chats written to, and how long each must wait then."""
    clock = Clock()
    flood = Flood(**limits, clock=clock)
    for seconds, chats, waits in rounds:
        clock.now += seconds
        assert [seconds_to_wait(flood, chat) for chat in chats] == waits


async def test_messages_and_edits_count_and_nothing_else():
    """Answers to taps and deletions are free; a refused message is not sent."""
    telegram = StandIn(flood=Flood(private_burst=2, private=0.001))
    bot, lan = Direct(telegram), telegram.person(LAN, "Lan")
    await lan.start()
    keyboard = inline(callback_data="a")
    sent = await bot.call("sendMessage", chat_id=LAN, text="a", reply_markup=keyboard)
    place = {"chat_id": LAN, "message_id": sent["message_id"]}
    await bot.call("answerCallbackQuery", callback_query_id=(await lan.tap("Cao")).query)
    await bot.call("editMessageText", text="b", **place)

    assert (await bot.refused("editMessageText", text="c", **place)).startswith("Too Many Requests")
    assert (await bot.refused("sendMessage", chat_id=LAN, text="d")).startswith("Too Many Requests")
    assert [message.text for message in lan.messages] == ["/start", "b"]
    await bot.call("deleteMessage", **place)
