"""The commands that Telegram lists: by the kind of chat, by language, more for chairs."""

from typing import Final

from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import BadRequest, Forbidden

from admin.words import LANGUAGES, Language
from bot.chat import launch
from bot.chat.desk import CHAIR, OFFICE, VOTER, Desk
from bot.chat.pages import Voice, language_of

EVERYONE: Final = ("session", "guide", "papers", "ask", "help", "language")
OF_CHAIR: Final = (
    *("session", "checkin", "present", "open", "resume", "close", "publish", "note"),
    *("plan", "questions", "guide", "papers", "help", "language"),
)
OF_OFFICE: Final = ("plan", "guide", "papers", "help", "language")
GROUP: Final = ("help",)


def commands(names: tuple[str, ...], language: Language) -> list[BotCommand]:
    """Telegram's list of commands, each with its description."""
    voice = Voice(language)
    return [BotCommand(name, voice(f"commands.{name}")) for name in names]


async def publish(desk: Desk) -> None:
    """Sets the commands and descriptions that everyone sees, once at the start.

    In each language; in Vietnamese where a phone has another.
    """
    default = LANGUAGES[0]
    for language in (None, *LANGUAGES):
        for scope, names in (
            (BotCommandScopeAllPrivateChats(), EVERYONE),
            (BotCommandScopeAllGroupChats(), GROUP),
        ):
            await desk.bot.set_my_commands(
                commands(names, language or default), scope=scope, language_code=language
            )
    for language in (None, *LANGUAGES):
        voice = Voice(language or default)
        await desk.bot.set_my_description(voice("about.long"), language_code=language)
        await desk.bot.set_my_short_description(voice("about.short"), language_code=language)


async def install(desk: Desk, account: int) -> None:
    """Sets the commands of one account's roles and its Mini App, in the language it chose."""
    chats = await desk.registrar.book.chats.of_account(account)
    if not chats:
        return
    roles = {chat.role for chat in chats}
    names = OF_CHAIR if CHAIR in roles else OF_OFFICE if roles == {OFFICE} else EVERYONE
    language = language_of(chats[0].language)
    try:
        await desk.bot.set_my_commands(
            commands(names, language), scope=BotCommandScopeChat(account)
        )
    except (BadRequest, Forbidden):
        return
    if any(chat.role == VOTER for chat in chats):
        await launch.show(desk, account)
