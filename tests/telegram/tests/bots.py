"""The same small bot in two libraries: aiogram asks for updates, to PTB they are posted.

/start shows three grades; a tap is answered and takes the keyboard away.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final

import telegram as ptb
from aiogram import Bot, Dispatcher, types
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command, CommandObject
from aiohttp import web
from telegram import ext
from telegram.request import HTTPXRequest

from tests.telegram.standin import StandIn
from tests.telegram.tests.conftest import listening
from tests.telegram.webhook import HEADER

SIGN: Final = "s3cret_-"
GRADES: Final = ("Cao", "Vừa", "Thấp")

Running = Callable[[StandIn], AbstractAsyncContextManager[None]]


# --- aiogram ------------------------------------------------------------------------------


@asynccontextmanager
async def aiogram_bot(telegram: StandIn, token: str = "") -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(telegram.url))
    try:
        yield Bot(token or telegram.token, session=session)
    finally:
        # Without the quarter of a second that aiogram waits for TLS.
        if session._session is not None:
            await session._session.close()


def aiogram_dispatcher() -> Dispatcher:
    dispatcher = Dispatcher()

    @dispatcher.message(Command("start"))
    async def start(message: Any, command: CommandObject) -> None:
        buttons = [types.InlineKeyboardButton(text=g, callback_data=f"v1:{g}") for g in GRADES]
        await message.answer(
            f"<b>Phiếu</b> {command.args or ''} &amp; <i>mời</i>",
            parse_mode="HTML",
            reply_markup=types.InlineKeyboardMarkup(inline_keyboard=[buttons]),
        )

    @dispatcher.callback_query()
    async def tap(query: Any) -> None:
        await query.answer(f"đã nhận {query.data}", show_alert=True)
        await query.message.edit_text("cảm ơn")

    return dispatcher


@asynccontextmanager
async def aiogram_polling(telegram: StandIn) -> AsyncIterator[None]:
    dispatcher = aiogram_dispatcher()
    async with aiogram_bot(telegram) as bot:
        asking = asyncio.create_task(
            dispatcher.start_polling(
                bot, handle_signals=False, polling_timeout=2, close_bot_session=False
            )
        )
        try:
            yield
        finally:
            await dispatcher.stop_polling()
            await asking


# --- python-telegram-bot ------------------------------------------------------------------


async def _start(update: Any, context: Any) -> None:
    buttons = [ptb.InlineKeyboardButton(g, callback_data=f"v1:{g}") for g in GRADES]
    await update.effective_chat.send_message(
        f"<b>Phiếu</b> {' '.join(context.args)} &amp; <i>mời</i>",
        parse_mode="HTML",
        reply_markup=ptb.InlineKeyboardMarkup([buttons]),
    )


async def _tap(update: Any, _: Any) -> None:
    query = update.callback_query
    await query.answer(f"đã nhận {query.data}", show_alert=True)
    await query.edit_message_text("cảm ơn")


def _plain() -> HTTPXRequest:
    """Nothing here speaks TLS: loading certificates would take most of a test's time."""
    return HTTPXRequest(httpx_kwargs={"verify": False, "trust_env": False})


@asynccontextmanager
async def ptb_bot(telegram: StandIn) -> AsyncIterator[ptb.Bot]:
    """Only the client."""
    bot = ptb.Bot(
        telegram.token,
        base_url=f"{telegram.url}/bot",
        request=_plain(),
        get_updates_request=_plain(),
    )
    async with bot:
        yield bot


@asynccontextmanager
async def ptb_webhook(telegram: StandIn) -> AsyncIterator[None]:
    builder = ext.ApplicationBuilder().token(telegram.token).base_url(f"{telegram.url}/bot")
    builder = builder.request(_plain()).get_updates_request(_plain())
    application = builder.updater(None).build()
    application.add_handlers([ext.CommandHandler("start", _start), ext.CallbackQueryHandler(_tap)])

    async def hook(request: web.Request) -> web.Response:
        if request.headers.get(HEADER) != SIGN:
            return web.Response(status=403)
        update = ptb.Update.de_json(await request.json(), application.bot)
        await application.process_update(update)
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", hook)
    async with application, listening(app) as url:
        await application.start()
        await application.bot.set_webhook(f"{url}/hook", secret_token=SIGN)
        yield
        await application.bot.delete_webhook()
        await application.stop()


BOTS: Final[dict[str, Running]] = {
    "aiogram by polling": aiogram_polling,
    "ptb by webhook": ptb_webhook,
}
