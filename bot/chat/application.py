"""The bot: python-telegram-bot's Application, started and stopped with the server.

The vote never waits for Telegram: it is reached by tasks of its own, which try for ever and say
once in the log that they do. The token is read from its file, and written nowhere.
"""

import asyncio
import hashlib
import hmac
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import httpx
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder
from telegram.request import HTTPXRequest

from admin.session.books import Books
from admin.session.datadir import DataDir
from bot import logs
from bot.chat import menu
from bot.chat.ballot import Ballots
from bot.chat.chair import Chair
from bot.chat.desk import Desk
from bot.chat.dossiers import Dossiers
from bot.chat.intake import WANTED, Fetching, Intake, parsed, poll
from bot.chat.live import LiveMessages
from bot.chat.notices import Notices
from bot.chat.pace import Pace, Rates
from bot.chat.questions import Inquiries
from bot.chat.reminders import Reminders
from bot.chat.routing import Routing
from bot.pauses import Pauses
from bot.sides.board import Board
from bot.sides.box import BoxSide
from bot.sides.registrar import RegistrarSide

App = Application[Fetching, Any, Any, Any, Any, Any]

_CONNECTIONS: Final = 64
_CONNECT_SECONDS: Final = 10.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_STOP_SECONDS: Final = 15.0  # for taps under way when the operator stops the server
_WEBHOOK_AT_ONCE: Final = 40


@dataclass
class RunningBot:
    """The running bot.

    Attributes:
        secret: the last part of the webhook's address.
        header: what Telegram must send along.
        ready: whether Telegram has been reached.
    """

    app: App
    intake: Intake
    secret: str
    header: str
    ready: bool = False

    async def brought(self, body: Any) -> bool:
        """Works on what a webhook brought; False if it is no update."""
        update = parsed(body, self.app.bot)
        if update is None:
            return False
        await self.intake.take(update)
        return True

    def is_telegram(self, secret: str, header: str) -> bool:
        """Whether a request knows both secrets."""
        same = hmac.compare_digest(secret.encode(), self.secret.encode())
        return hmac.compare_digest(header.encode(), self.header.encode()) and same


@asynccontextmanager
async def chatting(
    datadir: DataDir,
    registrar: RegistrarSide,
    box: BoxSide,
    board: Board,
    clock: Callable[[], float],
    pauses: Pauses,
    rates: Rates,
) -> AsyncIterator[RunningBot | None]:
    """The bot for the length of the block; None without a token.

    Raises:
        Refused: the token cannot be read.
    """
    token = datadir.token()
    if token is None:
        yield None
        return
    app = _built(datadir, token, pauses, rates)
    desk = Desk(datadir, app.bot, registrar, board, clock, pauses)
    notices = Notices(desk)
    chair = Chair(desk, Books(datadir, registrar.book, box.book), notices.remind)
    live_messages = LiveMessages(desk)
    reminders = Reminders(desk)
    routing = Routing(
        desk,
        Ballots(desk, box),
        chair,
        live_messages,
        notices,
        Dossiers(desk),
        Inquiries(desk),
        reminders,
    )
    routing.install(app)
    intake = Intake(app.process_update)
    chat = RunningBot(app, intake, _derived(token, "path"), _derived(token, "header"))
    running = asyncio.create_task(
        _run(chat, desk, (notices.watch, live_messages.watch, reminders.watch))
    )
    try:
        yield chat
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        with suppress(TimeoutError):
            await asyncio.wait_for(intake.all_done(), _STOP_SECONDS)
        await app.shutdown()
        await app.bot.shutdown()  # which the application leaves open if it was never reached


def _built(datadir: DataDir, token: str, pauses: Pauses, rates: Rates) -> App:
    settings = datadir.settings
    proxy = settings.proxy or None

    def request(size: int) -> HTTPXRequest:
        return HTTPXRequest(
            connection_pool_size=size,
            proxy=proxy,
            read_timeout=pauses.answer,
            write_timeout=pauses.answer,
            connect_timeout=_CONNECT_SECONDS,
            pool_timeout=pauses.answer,
            media_write_timeout=4 * pauses.answer,
            httpx_kwargs={"verify": _authorities()},
        )

    address = settings.telegram_api.rstrip("/")
    bot = Fetching(
        token,
        base_url=f"{address}/bot",
        base_file_url=f"{address}/file/bot",
        request=request(_CONNECTIONS),
        get_updates_request=request(1),
        rate_limiter=Pace(rates, longest=pauses.call_again),
    )
    return ApplicationBuilder().bot(bot).updater(None).build()


@cache
def _authorities() -> ssl.SSLContext:
    """Whom clients trust; reading it takes a tenth of a second."""
    return httpx.create_ssl_context()


async def _run(
    chat: RunningBot, desk: Desk, watches: Sequence[Callable[[], Coroutine[Any, Any, None]]]
) -> None:
    """Reaches Telegram, then listens and tells, until it is cancelled."""
    webhook = desk.datadir.settings.telegram_webhook
    try:
        await _persist(chat.app.initialize)
        chat.ready = True
        await _persist(lambda: _introduce(desk))
        await _persist(lambda: _choose(chat, desk.datadir))
    except InvalidToken:
        logs.event("Telegram does not know the bot's token; the bot stays off")
        return
    logs.event(f"@{desk.bot.username} is answering, by {'webhook' if webhook else 'polling'}")
    works = list(watches)
    if not webhook:
        works.append(lambda: poll(chat.app.bot, chat.intake, desk.pauses))
    watching = [asyncio.create_task(_forever(work)) for work in works]
    try:
        await asyncio.gather(*watching)
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)


async def _introduce(desk: Desk) -> None:
    """Commands and description: nice to have, and no reason not to answer."""
    try:
        await menu.publish(desk)
    except BadRequest as error:
        logs.failure("telling Telegram the bot's commands", error)


async def _forever(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Begins again after an error that nobody expected; the others go on meanwhile."""
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001  the bot outlives it
            logs.failure("the bot", error)
            await asyncio.sleep(_FIRST_PAUSE)


async def _choose(chat: RunningBot, datadir: DataDir) -> None:
    """Where Telegram leaves updates; those that wait already are kept."""
    if not datadir.settings.telegram_webhook:
        await chat.app.bot.delete_webhook(drop_pending_updates=False)
        return
    await chat.app.bot.set_webhook(
        f"{datadir.settings.public_url}/telegram/{chat.secret}",
        secret_token=chat.header,
        allowed_updates=WANTED,
        max_connections=_WEBHOOK_AT_ONCE,
        drop_pending_updates=False,
    )


async def _persist(work: Callable[[], Awaitable[object]]) -> None:
    """Does it again until it is done. Raises InvalidToken."""
    pause, failing = _FIRST_PAUSE, False
    while True:
        try:
            await work()
        except InvalidToken:
            raise
        except TelegramError as error:
            if not failing:
                logs.event(f"Telegram cannot be reached: {type(error).__name__}; retrying")
            failing = True
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        else:
            return


def _derived(token: str, what: str) -> str:
    """A secret that only who knows the token can know."""
    return hmac.new(token.encode(), f"phieukin webhook {what}".encode(), hashlib.sha256).hexdigest()


async def introduced(datadir: DataDir) -> str | None:
    """The bot's name as Telegram has it; None without a token.

    Raises:
        ConnectionError: Telegram cannot be reached, or does not know the token.
    """
    token = datadir.token()
    if token is None:
        return None
    address = datadir.settings.telegram_api.rstrip("/")
    request = HTTPXRequest(proxy=datadir.settings.proxy or None)
    try:
        async with Bot(token, base_url=f"{address}/bot", request=request) as bot:
            return bot.username
    except TelegramError as error:
        raise ConnectionError(f"Telegram: {type(error).__name__}") from None
