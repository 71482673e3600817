"""tests/telegram/people.py and groups.py: what people do, see, and what the bot learns of it.

Every update that these tests cause is read by aiogram and by python-telegram-bot.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.telegram.people import Person
from tests.telegram.snapshot import Button, File
from tests.telegram.standin import StandIn
from tests.telegram.tests.oracle import check_update
from tests.telegram.tests.scene import LAN, Direct, inline


@pytest.fixture
def telegram() -> Iterator[StandIn]:
    """Nothing listens: people and rules need no HTTP."""
    standin = StandIn(flood=None)
    yield standin
    for update in standin.updates:
        check_update(update)


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


# --- the private chat ---------------------------------------------------------------------


async def test_a_chat_begins_with_the_person(lan: Person, bot: Direct):
    """Nobody is written to who did not write first."""
    assert await bot.refused("sendMessage", chat_id=LAN, text="a") == "Bad Request: chat not found"

    await lan.start()

    await bot.call("sendMessage", chat_id=LAN, text="a")
    assert lan.last.text == "a"


async def test_start_carries_its_payload(lan: Person, telegram: StandIn):
    """The payload stands behind the command, which is marked; another link does not work."""
    assert await lan.start("K7_-" * 16) == telegram.updates[-1]["update_id"]
    message = newest(telegram)
    assert message["text"] == "/start " + "K7_-" * 16
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert message["from"]["language_code"] == "vi"

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

    assert [message.text for message in lan.messages] == ["/start", "ba", "hai"]
    await bot.call("deleteMessage", **place)

    assert [message.text for message in lan.messages] == ["/start", "hai"]
    assert [message.text for message in lan.history] == ["/start", "một", "hai", "ba"]
    assert lan.notifications == ["một"]
    assert lan.last.text == "hai"


async def test_a_message_is_seen_with_all_that_belongs_to_it(lan: Person, bot: Direct):
    """Markup, protection and each kind of button."""
    await lan.start()
    buttons = [
        {"text": "a", "callback_data": "v1"},
        {"text": "c", "web_app": {"url": "https://b.example/"}},
        {"text": "d", "copy_text": {"text": "K7"}},
    ]
    await bot.call(
        "sendMessage",
        chat_id=LAN,
        text="<b>a</b>",
        parse_mode="HTML",
        protect_content=True,
        reply_markup={"inline_keyboard": [buttons[:1], buttons[1:]]},
    )

    message = lan.last
    assert (message.text, message.html, message.protected) == ("a", "<b>a</b>", True)
    assert message.buttons == [
        [Button("a", callback_data="v1")],
        [Button("c", web_app="https://b.example/"), Button("d", copy_text="K7")],
    ]
    with pytest.raises(PermissionError):
        await lan.forward(message)
    for text in ("c", "d"):
        with pytest.raises(ValueError, match="says nothing to the bot"):
            await lan.tap(text)
    assert lan.app("c") == "https://b.example/"
    with pytest.raises(ValueError, match="opens no Mini App"):
        lan.app("d")
    with pytest.raises(LookupError):
        lan.app("e")


async def test_waiting_for_a_message_says_what_is_there_instead(lan: Person, bot: Direct):
    """A test that waits in vain learns what stood on the phone."""
    await lan.start()
    await bot.call("sendMessage", chat_id=LAN, text="khác")

    assert (await lan.until(lambda message: message.text == "khác")).from_bot
    with pytest.raises(TimeoutError, match="khác"):
        await lan.until(lambda message: message.text == "này", timeout=0.01)
    with pytest.raises(LookupError):
        _ = Person(lan._cloud, {"id": 7, "first_name": "Tú"}).last


async def test_files_contacts_and_forwards_reach_the_bot(
    lan: Person, telegram: StandIn, bot: Direct
):
    """A contact says whose it is, a forward where it is from, a file what it is."""
    telegram.person(43, "Minh")
    await lan.send_document("a.pdf", b"abc", caption="xem")
    assert newest(telegram)["document"]["mime_type"] == "application/pdf"
    assert newest(telegram)["caption"] == "xem"
    await lan.share_contact()
    assert newest(telegram)["contact"]["user_id"] == LAN
    await lan.share_contact(of=43)
    card = {"phone_number": lan.phone, "first_name": "Minh", "user_id": 43}
    assert newest(telegram)["contact"] == card
    await bot.call("sendMessage", chat_id=LAN, text="a")
    await lan.forward(lan.last)
    assert newest(telegram)["forward_origin"]["sender_user"]["username"] == telegram.username
    assert lan.messages[0].file == File("a.pdf", b"abc")


async def test_a_blocked_bot_is_told_and_may_not_write(lan: Person, telegram: StandIn, bot: Direct):
    """Block and unblock are updates; between them nothing goes in either direction."""
    await lan.start()
    await lan.block()
    assert newest(telegram)["new_chat_member"]["status"] == "kicked"
    refusal = await bot.refused("sendMessage", chat_id=LAN, text="a")
    assert refusal == "Forbidden: bot was blocked by the user"
    with pytest.raises(PermissionError):
        await lan.say("a")

    await lan.unblock()

    assert newest(telegram)["old_chat_member"]["status"] == "kicked"
    await bot.call("sendMessage", chat_id=LAN, text="a")


# --- taps ---------------------------------------------------------------------------------


async def test_the_newest_button_is_tapped(lan: Person, telegram: StandIn, bot: Direct):
    """Of several with the same words the newest is meant, unless the message is said."""
    await lan.start()
    for data in ("cũ", "mới"):
        keyboard = inline(callback_data=data)
        await bot.call("sendMessage", chat_id=LAN, text=data, reply_markup=keyboard)

    await lan.tap("Cao")
    assert newest(telegram)["data"] == "mới"
    await lan.tap(lambda label: label.startswith("C"), in_message=lan.messages[1])
    assert newest(telegram)["data"] == "cũ"
    with pytest.raises(LookupError, match="Cao"):
        await lan.tap("Thấp")


async def test_a_phone_that_is_behind_sends_what_it_shows(
    lan: Person, telegram: StandIn, bot: Direct
):
    """An old keyboard can still be tapped after an edit, and after the message is gone."""
    await lan.start()
    sent = await bot.call(
        "sendMessage", chat_id=LAN, text="a", reply_markup=inline(callback_data="cũ")
    )
    place = {"chat_id": LAN, "message_id": sent["message_id"]}
    old = lan.last
    await bot.call("editMessageText", text="b", **place)
    with pytest.raises(LookupError):
        await lan.tap("Cao")

    await lan.tap("Cao", on=old)
    assert newest(telegram)["data"] == "cũ"
    assert newest(telegram)["message"]["text"] == "b"

    await bot.call("deleteMessage", **place)
    await lan.tap("Cao", on=old)
    assert newest(telegram)["message"] == {**newest(telegram)["message"], "date": 0}
    assert "text" not in newest(telegram)["message"]


async def test_a_tap_is_answered_once_and_in_time(lan: Person, telegram: StandIn, bot: Direct):
    """A second answer and a late one are refused; a tap without an answer goes on turning."""
    expired = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    await lan.start()
    await bot.call("sendMessage", chat_id=LAN, text="a", reply_markup=inline(callback_data="a"))
    tap = await lan.tap("Cao")
    with pytest.raises(TimeoutError):
        await tap.answer(timeout=0.01)

    await bot.call("answerCallbackQuery", callback_query_id=tap.query)

    assert tap.answered
    assert (await tap.answer()).text is None
    assert await bot.refused("answerCallbackQuery", callback_query_id=tap.query) == expired
    late = await lan.tap("Cao")
    telegram.cloud.query_seconds = -1.0
    assert await bot.refused("answerCallbackQuery", callback_query_id=late.query) == expired


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


# --- groups and channels ------------------------------------------------------------------


async def test_in_a_group_the_bot_hears_what_is_meant_for_it(lan: Person, telegram: StandIn):
    """Commands; talk and other bots' commands are not for it."""
    group = telegram.group("Kỳ họp")
    group.add(lan)
    assert await lan.say("/open", chat=group) == 0
    group.add_bot(by=lan)

    assert await lan.say("/open", chat=group) != 0
    assert await lan.say(f"/open@{telegram.username}", chat=group) != 0
    assert await lan.say("chuyện riêng", chat=group) == 0
    assert await lan.say("/open@another_bot", chat=group) == 0

    assert [message.text for message in group.messages][-1] == "/open@another_bot"


async def test_who_is_not_in_a_group_cannot_write_there(lan: Person, telegram: StandIn):
    """First one joins, then one speaks."""
    group = telegram.group("Kỳ họp")
    with pytest.raises(PermissionError):
        await lan.say("/open", chat=group)
    group.add(lan)
    await lan.say("/open", chat=group)


async def test_nobody_learns_who_speaks_for_a_group_or_channel(lan: Person, telegram: StandIn):
    """An anonymous administrator is the same robot everywhere; a channel has no author at all."""
    group, channel = telegram.group("Kỳ họp"), telegram.channel("Tin")
    group.add_bot(by=lan)

    await group.say_anonymously("/open")
    message = newest(telegram)
    assert (message["from"]["id"], message["sender_chat"]["id"]) == (1087968824, group.id)
    await channel.post("/start")
    assert "channel_post" in telegram.updates[-1]
    assert "from" not in newest(telegram)
    assert [message.text for message in channel.messages] == ["/start"]


async def test_a_pin_is_told_to_all(lan: Person, telegram: StandIn, bot: Direct):
    """Telegram writes that something is pinned, also to the bot; people see the pin itself."""
    await lan.start()
    sent = await bot.call("sendMessage", chat_id=LAN, text="a")
    await bot.call("pinChatMessage", chat_id=LAN, message_id=sent["message_id"])

    assert newest(telegram)["pinned_message"]["text"] == "a"
    assert lan.last.pinned
    await bot.call("unpinChatMessage", chat_id=LAN, message_id=sent["message_id"])
    assert not lan.messages[-1].pinned
    refusal = await bot.refused("unpinChatMessage", chat_id=LAN)
    assert refusal == "Bad Request: message to unpin not found"
