"""The real clients of two libraries understand every answer, the refusals too."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
import telegram as ptb
from aiogram import exceptions, types
from telegram import error

from tests.telegram.snapshot import Button
from tests.telegram.standin import StandIn
from tests.telegram.tests.bots import aiogram_bot, ptb_bot
from tests.telegram.tests.conftest import PNG
from tests.telegram.tests.oracle import check_answer, check_call

LAN = 42
APP = "https://vote.example/app"
DOCUMENT = b"\r\n--a\r\n\r\n\x00\xff" + bytes(range(256))


class Library(NamedTuple):
    """Two libraries, the same names; where they differ stands here."""

    client: Callable[[StandIn], AbstractAsyncContextManager[Any]]
    types: Any
    file: Callable[[bytes, str], Any]
    bad: type[Exception]
    forbidden: type[Exception]
    flooded: type[Exception]
    broken: type[Exception]
    gateway: type[Exception]
    lost: type[Exception]
    conflict: type[Exception]
    seconds: Callable[[int], Any]


LIBRARIES = {
    "aiogram": Library(
        aiogram_bot,
        types,
        types.BufferedInputFile,
        exceptions.TelegramBadRequest,
        exceptions.TelegramForbiddenError,
        exceptions.TelegramRetryAfter,
        exceptions.TelegramServerError,
        exceptions.ClientDecodeError,
        exceptions.TelegramNetworkError,
        exceptions.TelegramConflictError,
        int,
    ),
    "ptb": Library(
        ptb_bot,
        ptb,
        ptb.InputFile,
        error.BadRequest,
        error.Forbidden,
        error.RetryAfter,
        error.NetworkError,
        error.NetworkError,
        error.NetworkError,
        error.Conflict,
        lambda seconds: timedelta(seconds=seconds),
    ),
}


@pytest.fixture
async def checked(telegram: StandIn) -> AsyncIterator[StandIn]:
    """A Telegram with Lan, whose calls must all be as documented."""
    await telegram.person(LAN, "Lan").start()
    yield telegram
    for call in telegram.calls:
        check_call(call)
        check_answer(call)


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> Library:
    return LIBRARIES[request.param]


@pytest.fixture
async def bot(checked: StandIn, library: Library) -> AsyncIterator[Any]:
    async with library.client(checked) as opened:
        yield opened


async def test_refusals_are_the_librarys_own_exceptions(
    checked: StandIn, bot: Any, library: Library, monkeypatch: pytest.MonkeyPatch
):
    """Unknown, blocked, flooded, broken, cut off."""
    # Without it PTB warns whenever Telegram says how long to wait.
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    with pytest.raises(library.bad, match=r"(?i)chat not found"):
        await bot.send_message(99, "a")
    minh = checked.person(43, "Minh")
    await minh.start()
    await minh.block()
    with pytest.raises(library.forbidden, match="blocked by the user"):
        await bot.send_message(43, "a")
    checked.faults.add("sendMessage", 429, retry_after=9)
    with pytest.raises(library.flooded) as flooded:
        await bot.send_message(LAN, "a")
    assert getattr(flooded.value, "retry_after", None) == library.seconds(9)
    troubles: list[tuple[Any, type[Exception]]] = [
        (500, library.broken),
        (502, library.gateway),
        ("hang_up", library.lost),
    ]
    for code, expected in troubles:
        checked.faults.add("sendMessage", code)
        with pytest.raises(expected):
            await bot.send_message(LAN, "a")


async def test_the_first_of_two_who_ask_learns_of_the_second(
    checked: StandIn, bot: Any, library: Library
):
    """A second bot with the same token gets the updates."""
    after = checked.updates[-1]["update_id"] + 1
    first = asyncio.create_task(bot.get_updates(after, timeout=9))
    await asyncio.sleep(0.05)
    async with library.client(checked) as second:
        await second.get_updates()

    with pytest.raises(library.conflict):
        await first


async def test_a_stranger_is_not_let_in(telegram: StandIn):
    """A bot with another token is told so."""
    async with aiogram_bot(telegram, "123456:" + "a" * 35) as stranger:
        with pytest.raises(exceptions.TelegramUnauthorizedError):
            await stranger.get_me()


async def test_what_people_see_is_set(checked: StandIn, bot: Any, library: Library):
    """Commands by scope and language, descriptions, the menu."""
    kinds = library.types
    start = kinds.BotCommand(command="start", description="Bắt đầu")
    everybody = kinds.BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([start], scope=everybody, language_code="vi")
    await bot.set_my_commands([start], scope=kinds.BotCommandScopeChat(chat_id=LAN))
    await bot.set_my_description("Mô tả", language_code="vi")
    await bot.set_my_short_description("Ngắn")
    app = kinds.MenuButtonWebApp(text="Phiếu", web_app=kinds.WebAppInfo(url=APP))
    await bot.set_chat_menu_button(chat_id=LAN, menu_button=app)

    settings = checked.cloud.settings
    command = {"command": "start", "description": "Bắt đầu"}
    assert settings["commands", "type=all_private_chats", "vi"] == [command]
    assert settings["description", "vi"] == "Mô tả"
    assert settings["short_description", ""] == "Ngắn"
    assert checked.person(LAN, "Lan").menu == Button("Phiếu", web_app=APP)
    assert (await bot.get_me()).username == checked.username


async def test_messages_are_sent_changed_and_taken_away(
    checked: StandIn, bot: Any, library: Library
):
    """A document, a photo twice, a text that is changed, pins, and in the end an empty chat."""
    upload = library.file(DOCUMENT, "Kết quả.txt")
    await bot.send_document(
        LAN, upload, caption="<b>a</b>", parse_mode="HTML", protect_content=True
    )
    lan = checked.person(LAN, "Lan")
    assert (lan.last.text, lan.last.file) == ("a", ("Kết quả.txt", DOCUMENT))
    photo = await bot.send_photo(LAN, library.file(PNG, "a.png"))
    await bot.send_photo(LAN, photo.photo[-1].file_id)
    sent = await bot.send_message(LAN, "a")
    place = {"chat_id": LAN, "message_id": sent.message_id}
    await bot.edit_message_text("b", **place)
    with pytest.raises(library.bad, match="not modified"):
        await bot.edit_message_text("b", **place)
    await bot.pin_chat_message(**place, disable_notification=True)
    assert lan.last.pinned
    await bot.unpin_chat_message(**place)

    for number in list(checked.cloud.chats[LAN].messages):
        await bot.delete_message(LAN, number)

    assert checked.cloud.chats[LAN].messages == {}
