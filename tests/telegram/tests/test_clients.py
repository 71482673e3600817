"""The real clients of two libraries understand every answer, the refusals too."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import telegram as ptb
from aiogram import Bot, exceptions, types
from telegram import error

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


async def test_aiogram_understands_refusals(checked: StandIn, aiogram: Bot):
    """Blocked, flooded, broken, unknown: each is the library's own exception."""
    with pytest.raises(exceptions.TelegramBadRequest, match="chat not found"):
        await aiogram.send_message(99, "a")
    await checked.person(43, "Minh").start()
    await checked.person(43, "Minh").block()
    with pytest.raises(exceptions.TelegramForbiddenError, match="blocked by the user"):
        await aiogram.send_message(43, "a")
    checked.faults.add("sendMessage", 429, retry_after=9)
    with pytest.raises(exceptions.TelegramRetryAfter) as flooded:
        await aiogram.send_message(LAN, "a")
    assert flooded.value.retry_after == 9
    checked.faults.add("sendMessage", 500)
    with pytest.raises(exceptions.TelegramServerError):
        await aiogram.send_message(LAN, "a")
    checked.faults.add("sendMessage", "hang_up")
    with pytest.raises(exceptions.TelegramNetworkError):
        await aiogram.send_message(LAN, "a")


async def test_aiogram_is_told_of_a_conflict(checked: StandIn, aiogram: Bot):
    """The first of two who ask learns of the second."""
    checked.cloud.updates.drop()
    first = asyncio.create_task(aiogram.get_updates(timeout=9))
    await asyncio.sleep(0.05)
    await aiogram.get_updates()

    with pytest.raises(exceptions.TelegramConflictError):
        await first
    async with aiogram_bot(checked, "123456:" + "a" * 35) as stranger:
        with pytest.raises(exceptions.TelegramUnauthorizedError):
            await stranger.get_me()


async def test_aiogram_sets_what_people_see(aiogram: Bot):
    """Commands by scope and language, name, description, menu: what is set is what is told."""
    start = types.BotCommand(command="start", description="Bắt đầu")
    everybody = types.BotCommandScopeAllPrivateChats()
    await aiogram.set_my_commands([start], scope=everybody, language_code="vi")
    await aiogram.set_my_commands([start], scope=types.BotCommandScopeChat(chat_id=LAN))

    (told,) = await aiogram.get_my_commands(scope=everybody, language_code="vi")
    assert told.model_dump() == start.model_dump()
    assert await aiogram.get_my_commands(scope=everybody) == []
    assert await aiogram.get_my_commands() == []
    await aiogram.delete_my_commands(scope=everybody, language_code="vi")
    assert await aiogram.get_my_commands(scope=everybody, language_code="vi") == []
    await aiogram.set_my_name("Phiếu")
    await aiogram.set_my_description("Mô tả", language_code="vi")
    await aiogram.set_my_short_description("Ngắn")
    assert (await aiogram.get_me()).first_name == "Phiếu"
    assert (await aiogram.get_my_name()).name == "Phiếu"
    assert (await aiogram.get_my_description(language_code="vi")).description == "Mô tả"
    assert (await aiogram.get_my_description()).description == ""
    assert (await aiogram.get_my_short_description()).short_description == "Ngắn"
    app = types.MenuButtonWebApp(text="Phiếu", web_app=types.WebAppInfo(url=APP))
    await aiogram.set_chat_menu_button(chat_id=LAN, menu_button=app)
    assert (await aiogram.get_chat_menu_button(chat_id=LAN)).model_dump() == app.model_dump()
    assert (await aiogram.get_chat_menu_button()).type == "commands"
    assert (await aiogram.get_webhook_info()).url == ""


async def test_aiogram_sends_changes_and_takes_away(checked: StandIn, aiogram: Bot):
    """A document's caption, a photo, a copy, pins, and in the end an empty chat."""
    sent = await aiogram.send_document(
        LAN, types.BufferedInputFile(b"abc", "a.txt"), caption="<b>a</b>", parse_mode="HTML"
    )
    await aiogram.edit_message_caption(chat_id=LAN, message_id=sent.message_id, caption="b")
    photo = await aiogram.send_photo(LAN, types.BufferedInputFile(PNG, "a.png"))
    await aiogram.copy_message(LAN, LAN, sent.message_id)
    await aiogram.forward_message(LAN, LAN, photo.message_id)
    await aiogram.pin_chat_message(LAN, sent.message_id)
    await aiogram.unpin_chat_message(LAN, message_id=sent.message_id)
    await aiogram.unpin_all_chat_messages(LAN)
    await aiogram.send_chat_action(LAN, "typing")
    assert (await aiogram.get_chat(LAN)).first_name == "Lan"
    assert (await aiogram.get_chat_member(LAN, LAN)).status == "left"
    assert await aiogram.get_chat_member_count(LAN) == 2

    await aiogram.delete_messages(LAN, list(range(1, 20)))

    assert checked.cloud.chats[LAN].entries == {}


async def test_ptb_understands_refusals(
    checked: StandIn, bot: ptb.Bot, monkeypatch: pytest.MonkeyPatch
):
    """Blocked, flooded, broken, unknown: each is the library's own exception."""
    # Without it the library warns whenever Telegram says how long to wait.
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    with pytest.raises(error.BadRequest, match="Chat not found"):
        await bot.send_message(99, "a")
    await checked.person(43, "Minh").start()
    await checked.person(43, "Minh").block()
    with pytest.raises(error.Forbidden, match="blocked by the user"):
        await bot.send_message(43, "a")
    checked.faults.add("sendMessage", 429, retry_after=9)
    with pytest.raises(error.RetryAfter) as flooded:
        await bot.send_message(LAN, "a")
    assert flooded.value.retry_after == timedelta(seconds=9)
    checked.faults.add("sendMessage", 502)
    with pytest.raises(error.NetworkError, match="Bad Gateway"):
        await bot.send_message(LAN, "a")
    checked.faults.add("sendMessage", "hang_up")
    with pytest.raises(error.NetworkError):
        await bot.send_message(LAN, "a")
    checked.cloud.updates.drop()
    first = asyncio.create_task(bot.get_updates(timeout=9))
    await asyncio.sleep(0.05)
    async with ptb_bot(checked) as second:
        await second.get_updates()
    with pytest.raises(error.Conflict):
        await first


async def test_ptb_sets_what_people_see(checked: StandIn, bot: ptb.Bot):
    """Commands by scope and language, name, description, menu: what is set is what is told."""
    start = ptb.BotCommand("start", "Bắt đầu")
    everybody = ptb.BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([start], scope=everybody, language_code="vi")

    assert await bot.get_my_commands(scope=everybody, language_code="vi") == (start,)
    assert await bot.get_my_commands(scope=everybody) == ()
    await bot.delete_my_commands(scope=everybody, language_code="vi")
    await bot.set_my_name("Phiếu")
    await bot.set_my_description("Mô tả", language_code="vi")
    await bot.set_my_short_description("Ngắn")
    assert (await bot.get_my_name()).name == "Phiếu"
    assert (await bot.get_my_description("vi")).description == "Mô tả"
    assert (await bot.get_my_short_description()).short_description == "Ngắn"
    app = ptb.MenuButtonWebApp("Phiếu", ptb.WebAppInfo(APP))
    await bot.set_chat_menu_button(LAN, app)
    assert await bot.get_chat_menu_button(LAN) == app
    assert (await bot.get_webhook_info()).url == ""
    assert checked.username == bot.username


async def test_ptb_sends_changes_and_takes_away(checked: StandIn, bot: ptb.Bot):
    """A document's caption, a photo, a copy, pins, and in the end an empty chat."""
    sent = await bot.send_document(
        LAN, b"abc", filename="a.txt", caption="<b>a</b>", parse_mode="HTML", protect_content=True
    )
    await bot.edit_message_caption(LAN, sent.message_id, caption="b")
    photo = await bot.send_photo(LAN, PNG)
    await bot.copy_message(LAN, LAN, photo.message_id)
    await bot.forward_message(LAN, LAN, photo.message_id)
    with pytest.raises(error.BadRequest, match="can't be forwarded"):
        await bot.forward_message(LAN, LAN, sent.message_id)
    await bot.pin_chat_message(LAN, sent.message_id, disable_notification=True)
    await bot.unpin_chat_message(LAN, sent.message_id)
    await bot.send_chat_action(LAN, "typing")
    assert (await bot.get_chat(LAN)).first_name == "Lan"
    fetched = await bot.get_file(photo.photo[-1].file_id)
    assert bytes(await fetched.download_as_bytearray()) == PNG
    with pytest.raises(error.BadRequest, match="not modified"):
        await bot.edit_message_caption(LAN, sent.message_id, caption="b")

    await bot.delete_messages(LAN, list(range(1, 20)))

    assert checked.cloud.chats[LAN].entries == {}
