"""tests/telegram/people.py and groups.py: the rules that people's phones and groups keep.

What people do and see is exercised by every test of the bot; here stands what Telegram forbids.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.telegram import oracle
from tests.telegram.people import Person
from tests.telegram.standin import StandIn
from tests.telegram.tests.scene import LAN, Direct, inline

EXPIRED = "Bad Request: query is too old and response timeout expired or query ID is invalid"


@pytest.fixture
def telegram() -> Iterator[StandIn]:
    """Nothing listens: people and rules need no HTTP. Every update is as documented."""
    standin = StandIn(flood=None)
    yield standin
    for update in standin.updates:
        oracle.check_update(update)


@pytest.fixture
def bot(telegram: StandIn) -> Direct:
    return Direct(telegram)


@pytest.fixture
def lan(telegram: StandIn) -> Person:
    return telegram.person(LAN, "Lan", username="lan_ng", last_name="Nguyễn")


def newest(telegram: StandIn) -> Any:
    """What the newest update says."""
    update = telegram.updates[-1]
    return next(value for name, value in update.items() if name != "update_id")


async def test_start_carries_its_payload(lan: Person, telegram: StandIn):
    """The payload stands behind the command, which is marked; another link does not work."""
    await lan.start("K7_-" * 16)
    assert newest(telegram)["text"] == "/start " + "K7_-" * 16
    assert newest(telegram)["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]

    for payload in ("a" * 65, "a b", "ế"):
        with pytest.raises(ValueError, match="1 to 64"):
            await lan.start(payload)


async def test_people_see_what_there_is_and_remember_what_there_was(lan: Person, bot: Direct):
    """Edits and deletions change the screen and not the history; only sounds are notifications."""
    await lan.start()
    first = await bot.call("sendMessage", chat_id=LAN, text="một")
    place = {"chat_id": LAN, "message_id": first["message_id"]}
    await bot.call("sendMessage", chat_id=LAN, text="hai", disable_notification=True)
    await bot.call("editMessageText", text="ba", **place)
    await bot.call("deleteMessage", **place)

    assert [message.text for message in lan.messages] == ["/start", "hai"]
    assert [message.text for message in lan.history] == ["/start", "một", "hai", "ba"]
    assert lan.notifications == ["một"]
    with pytest.raises(TimeoutError, match="hai"):  # a test that waits in vain learns what is there
        await lan.until(lambda message: message.text == "này", timeout=0.01)


async def test_a_phone_that_is_behind_sends_what_it_shows(
    lan: Person, telegram: StandIn, bot: Direct
):
    """An old keyboard can still be tapped after an edit, and after the message is gone."""
    await lan.start()
    sent = await bot.call(
        "sendMessage", chat_id=LAN, text="a", reply_markup=inline(callback_data="cũ")
    )
    place = {"chat_id": LAN, "message_id": sent["message_id"]}
    old = lan.messages[-1]
    await bot.call("editMessageText", text="b", **place)
    with pytest.raises(LookupError):
        await lan.tap("Cao")

    await lan.tap("Cao", on=old)
    assert (newest(telegram)["data"], newest(telegram)["message"]["text"]) == ("cũ", "b")

    await bot.call("deleteMessage", **place)
    await lan.tap("Cao", on=old)
    assert newest(telegram)["message"]["date"] == 0
    assert "text" not in newest(telegram)["message"]


async def test_a_tap_is_answered_once_and_in_time(lan: Person, telegram: StandIn, bot: Direct):
    """A second answer and a late one are refused; a tap without an answer goes on turning."""
    await lan.start()
    await bot.call("sendMessage", chat_id=LAN, text="a", reply_markup=inline(callback_data="a"))
    tap = await lan.tap("Cao")
    with pytest.raises(TimeoutError):
        await tap.answer(timeout=0.01)

    await bot.call("answerCallbackQuery", callback_query_id=tap.query)

    assert (await tap.answer()).text is None
    assert await bot.refused("answerCallbackQuery", callback_query_id=tap.query) == EXPIRED
    late = await lan.tap("Cao")
    telegram.cloud.query_seconds = -1.0
    assert await bot.refused("answerCallbackQuery", callback_query_id=late.query) == EXPIRED


async def test_old_messages_stay():
    """After two days a message can no longer be deleted for everybody; before, it can."""
    hours = 0
    telegram = StandIn(flood=None, clock=lambda: 1_700_000_000 + hours * 3600)
    bot, lan = Direct(telegram), telegram.person(LAN, "Lan")
    await lan.start()
    for text in ("a", "b"):
        await bot.call("sendMessage", chat_id=LAN, text=text)
    first, second = (message.id for message in lan.messages if message.from_bot)

    hours = 47
    await bot.call("deleteMessage", chat_id=LAN, message_id=first)
    hours = 49
    refusal = await bot.refused("deleteMessage", chat_id=LAN, message_id=second)
    assert refusal == "Bad Request: message can't be deleted for everyone"


async def test_in_a_group_the_bot_hears_what_is_meant_for_it(lan: Person, telegram: StandIn):
    """Commands of those who are in it; talk and other bots' commands are not for the bot."""
    group = telegram.group("Kỳ họp")
    with pytest.raises(PermissionError):
        await lan.say("/open", chat=group)
    group.add(lan)
    assert await lan.say("/open", chat=group) == 0
    group.add_bot(by=lan)

    assert await lan.say("/open", chat=group) != 0
    assert await lan.say(f"/open@{telegram.username}", chat=group) != 0
    assert await lan.say("chuyện riêng", chat=group) == 0
    assert await lan.say("/open@another_bot", chat=group) == 0
    await group.say_anonymously("/open")
    assert newest(telegram)["from"]["id"] == 1087968824
