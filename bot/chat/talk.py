"""Says something to one chat, whatever has happened to the chat or the message meanwhile."""

from typing import Final

from telegram import CallbackQuery, LinkPreviewOptions, Message
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden
from telegram.ext import ExtBot

from bot.chat.pages import Page

_EMPTY: Final = "…"
_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
_TOO_OLD: Final = "query is too old"
_SAME: Final = "message is not modified"
_GONE: Final = ("message to edit not found", "message can't be edited", "message_id_invalid")
_NOBODY: Final = ("chat not found", "user is deactivated")


async def say(
    bot: ExtBot[None], chat: int, page: Page, *, protected: bool = False, silent: bool = False
) -> Message | None:
    """A new message; None where nobody can be reached: the bot is blocked, the account gone.

    Args:
        protected: cannot be forwarded, so that a choice on the screen is no proof to others.
        silent: makes no sound.

    Raises:
        TelegramError: Telegram cannot be reached.
    """
    try:
        return await bot.send_message(
            chat,
            page.text,
            parse_mode=ParseMode.HTML,
            reply_markup=page.keyboard,
            link_preview_options=_NO_PREVIEW,
            protect_content=protected,
            disable_notification=silent,
        )
    except Forbidden:
        return None
    except BadRequest as error:
        if _means(error, *_NOBODY):
            return None
        raise


async def change(bot: ExtBot[None], chat: int, message: int, page: Page) -> bool:
    """Makes a message show something else; False if there is no such message any more.

    Raises:
        TelegramError: Telegram cannot be reached.
    """
    try:
        await bot.edit_message_text(
            page.text,
            chat,
            message,
            parse_mode=ParseMode.HTML,
            reply_markup=page.keyboard,
            link_preview_options=_NO_PREVIEW,
        )
    except Forbidden:
        return True
    except BadRequest as error:
        if _means(error, *_GONE):
            return False
        if not _means(error, _SAME):
            raise
    return True


async def turn(bot: ExtBot[None], query: CallbackQuery, page: Page) -> None:
    """Makes the message that was tapped on show a page, or a new one if that is gone.

    A new one comes empty, so that a locked phone does not show what is on the page.
    """
    if query.message is None:
        return
    chat = query.message.chat.id
    if await change(bot, chat, query.message.message_id, page):
        return
    sent = await say(bot, chat, Page(_EMPTY), protected=True, silent=True)
    if sent is not None:
        await change(bot, chat, sent.message_id, page)


async def answer(query: CallbackQuery, text: str | None = None) -> None:
    """Ends the waiting of a tap, with an alert if there is a text; too late is no matter."""
    try:
        await query.answer(text, show_alert=text is not None)
    except BadRequest as error:
        if not _means(error, _TOO_OLD):
            raise


async def pin(bot: ExtBot[None], chat: int, message: int) -> None:
    """Keeps a message at the top of a chat, without a sound."""
    try:
        await bot.pin_chat_message(chat, message, disable_notification=True)
    except (BadRequest, Forbidden):
        return


async def unpin(bot: ExtBot[None], chat: int, message: int) -> None:
    """Undoes `pin`."""
    try:
        await bot.unpin_chat_message(chat, message)
    except (BadRequest, Forbidden):
        return


def _means(error: BadRequest, *texts: str) -> bool:
    message = str(error).lower()
    return any(text in message for text in texts)
