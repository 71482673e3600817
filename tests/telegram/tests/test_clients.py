"""The real clients of two libraries understand every answer, the refusals too."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import telegram as ptb
from aiogram import Bot, exceptions, types
from telegram import error

from tests.telegram.snapshot import Button
from tests.telegram.standin import StandIn
from tests.telegram.tests.bots import aiogram_bot, ptb_bot
from tests.telegram.tests.conftest import PNG
from tests.telegram.tests.oracle import check_answer, check_call

LAN = 42
APP = "https://vote.example/app"


@pytest.fixture
async def checked(telegram: StandIn) -> AsyncIterator[StandIn]:
    """A Telegram with Lan, whose calls must all be as documented."""
    await telegram.person(LAN, "Lan").start()
    yield telegram
    for call in telegram.calls:
        check_call(call)
        check_answer(call)


@pytest.fixture
async def aiogram(checked: StandIn) -> AsyncIterator[Bot]:
    async with aiogram_bot(checked) as bot:
        yield bot


@pytest.fixture
async def bot(checked: StandIn) -> AsyncIterator[ptb.Bot]:
    async with ptb_bot(checked) as opened:
        yield opened


async def refusals(telegram: StandIn, client: Any, code: int, errors: list[Any]) -> Any:
    """Each refusal is the library's own exception; returns the one for a flood.

    Args:
        client: sends a message to a chat.
        code: of a broken server.
        errors: of a chat that is none, a block, a flood, a broken server and a lost connection.
    """
    unknown, blocked, flooded, broken, lost = errors
    with pytest.raises(unknown, match=r"(?i)chat not found"):
        await client.send_message(99, "a")
    minh = telegram.person(43, "Minh")
    await minh.start()
    await minh.block()
    with pytest.raises(blocked, match="blocked by the user"):
        await client.send_message(43, "a")
    telegram.faults.add("sendMessage", 429, retry_after=9)
    with pytest.raises(flooded) as wait:
        await client.send_message(LAN, "a")
    troubles: list[tuple[Any, Any]] = [(code, broken), ("hang_up", lost)]
    for trouble, expected in troubles:
        telegram.faults.add("sendMessage", trouble)
        with pytest.raises(expected):
            await client.send_message(LAN, "a")
    return wait.value


async def test_aiogram_understands_refusals(checked: StandIn, aiogram: Bot):
    """Unknown, blocked, flooded, broken, cut off."""
    errors = [
        exceptions.TelegramBadRequest,
        exceptions.TelegramForbiddenError,
        exceptions.TelegramRetryAfter,
        exceptions.TelegramServerError,
        exceptions.TelegramNetworkError,
    ]
    assert (await refusals(checked, aiogram, 500, errors)).retry_after == 9


async def test_aiogram_is_told_of_a_conflict(checked: StandIn, aiogram: Bot):
    """The first of two who ask learns of the second."""
    after = checked.updates[-1]["update_id"] + 1
    first = asyncio.create_task(aiogram.get_updates(after, timeout=9))
    await asyncio.sleep(0.05)
    await aiogram.get_updates()

    with pytest.raises(exceptions.TelegramConflictError):
        await first
    async with aiogram_bot(checked, "123456:" + "a" * 35) as stranger:
        with pytest.raises(exceptions.TelegramUnauthorizedError):
            await stranger.get_me()


async def test_aiogram_sets_what_people_see(checked: StandIn, aiogram: Bot):
    """Commands by scope and language, descriptions, the menu."""
    start = types.BotCommand(command="start", description="Bắt đầu")
    everybody = types.BotCommandScopeAllPrivateChats()
    await aiogram.set_my_commands([start], scope=everybody, language_code="vi")
    await aiogram.set_my_commands([start], scope=types.BotCommandScopeChat(chat_id=LAN))
    await aiogram.set_my_description("Mô tả", language_code="vi")
    await aiogram.set_my_short_description("Ngắn")
    app = types.MenuButtonWebApp(text="Phiếu", web_app=types.WebAppInfo(url=APP))
    await aiogram.set_chat_menu_button(chat_id=LAN, menu_button=app)

    check_profile(checked)
    assert (await aiogram.get_me()).username == checked.username


async def test_aiogram_sends_changes_and_takes_away(checked: StandIn, aiogram: Bot):
    """A document, a photo twice, a text that is changed, pins, and in the end an empty chat."""
    upload = types.BufferedInputFile(b"abc", "a.txt")
    await aiogram.send_document(LAN, upload, caption="<b>a</b>", parse_mode="HTML")
    photo = await aiogram.send_photo(LAN, types.BufferedInputFile(PNG, "a.png"))
    assert photo.photo is not None
    await aiogram.send_photo(LAN, photo.photo[-1].file_id)
    sent = await aiogram.send_message(LAN, "a")
    await aiogram.edit_message_text("b", chat_id=LAN, message_id=sent.message_id)
    with pytest.raises(exceptions.TelegramBadRequest, match="not modified"):
        await aiogram.edit_message_text("b", chat_id=LAN, message_id=sent.message_id)
    await aiogram.pin_chat_message(LAN, sent.message_id)
    await aiogram.unpin_chat_message(LAN, message_id=sent.message_id)

    for number in list(checked.cloud.chats[LAN].messages):
        await aiogram.delete_message(LAN, number)

    assert checked.cloud.chats[LAN].messages == {}


def check_profile(telegram: StandIn) -> None:
    """What both libraries have set in these tests."""
    start = {"command": "start", "description": "Bắt đầu"}
    settings = telegram.cloud.settings
    assert settings["commands", "type=all_private_chats", "vi"] == [start]
    assert settings["description", "vi"] == "Mô tả"
    assert settings["short_description", ""] == "Ngắn"
    assert telegram.person(LAN, "Lan").menu == Button("Phiếu", web_app=APP)


async def test_ptb_understands_refusals(
    checked: StandIn, bot: ptb.Bot, monkeypatch: pytest.MonkeyPatch
):
    """The same; and of two who ask the first is told of a conflict."""
    # Without it the library warns whenever Telegram says how long to wait.
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    errors = [error.BadRequest, error.Forbidden, error.RetryAfter]
    errors += [error.NetworkError, error.NetworkError]
    flooded = await refusals(checked, bot, 502, errors)
    assert flooded.retry_after == timedelta(seconds=9)
    after = checked.updates[-1]["update_id"] + 1
    first = asyncio.create_task(bot.get_updates(after, timeout=9))
    await asyncio.sleep(0.05)
    async with ptb_bot(checked) as second:
        await second.get_updates()
    with pytest.raises(error.Conflict):
        await first


async def test_ptb_sets_what_people_see(checked: StandIn, bot: ptb.Bot):
    """Commands by scope and language, descriptions, the menu."""
    start = ptb.BotCommand("start", "Bắt đầu")
    everybody = ptb.BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([start], scope=everybody, language_code="vi")
    await bot.set_my_description("Mô tả", language_code="vi")
    await bot.set_my_short_description("Ngắn")
    await bot.set_chat_menu_button(LAN, ptb.MenuButtonWebApp("Phiếu", ptb.WebAppInfo(APP)))

    check_profile(checked)
    assert checked.username == bot.username


async def test_ptb_sends_changes_and_takes_away(checked: StandIn, bot: ptb.Bot):
    """A document, a photo twice, a text that is changed, pins, and in the end an empty chat."""
    await bot.send_document(
        LAN, b"abc", filename="a.txt", caption="<b>a</b>", parse_mode="HTML", protect_content=True
    )
    photo = await bot.send_photo(LAN, PNG)
    await bot.send_photo(LAN, photo.photo[-1].file_id)
    sent = await bot.send_message(LAN, "a")
    await bot.edit_message_text("b", LAN, sent.message_id)
    with pytest.raises(error.BadRequest, match="not modified"):
        await bot.edit_message_text("b", LAN, sent.message_id)
    await bot.pin_chat_message(LAN, sent.message_id, disable_notification=True)
    await bot.unpin_chat_message(LAN, sent.message_id)

    for number in list(checked.cloud.chats[LAN].messages):
        await bot.delete_message(LAN, number)

    assert checked.cloud.chats[LAN].messages == {}
