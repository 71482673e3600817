"""Which update goes where. An error ends here: told to the person, logged without its text."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from telegram import CallbackQuery, Message, Update
from telegram.error import TelegramError
from telegram.ext import (
    Application,
    ApplicationHandlerStop,
    CallbackContext,
    CallbackQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from admin.voting import ballot_button
from bot import logs
from bot.chat import doorway, guide, talk
from bot.chat.ballot import Ballots
from bot.chat.chair import COMMANDS, Chair
from bot.chat.desk import CHAIR, ROLES, Desk
from bot.chat.dossiers import Dossiers
from bot.chat.live import LiveMessages
from bot.chat.notices import Notices
from bot.chat.pages import Page, Voice
from bot.chat.questions import Inquiries
from bot.chat.reminders import Reminders

App = Application[Any, Any, Any, Any, Any, Any]
Context = CallbackContext[Any, Any, Any, Any]

_PRIVATE: Final = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
_WRITTEN: Final = filters.ChatType.PRIVATE & (filters.TEXT | filters.CAPTION) & ~filters.COMMAND
_ELSEWHERE: Final = filters.COMMAND & ~filters.ChatType.PRIVATE


@dataclass
class Routing:
    """The bot's handlers."""

    desk: Desk
    ballots: Ballots
    chair: Chair
    live_messages: LiveMessages
    notices: Notices
    dossiers: Dossiers
    questions: Inquiries
    reminders: Reminders

    def install(self, app: App) -> None:
        """Everything that the bot reacts to; all else is left alone."""
        app.add_handler(MessageHandler(_WRITTEN, self._written), group=-1)
        app.add_handler(CallbackQueryHandler(self._tap))
        app.add_handler(MessageHandler(_ELSEWHERE, self._elsewhere))
        app.add_handler(MessageHandler(_PRIVATE & filters.COMMAND, self._command))
        app.add_handler(MessageHandler(_PRIVATE & filters.TEXT, self._text))
        app.add_handler(MessageHandler(_PRIVATE & filters.CONTACT, self._contact))
        app.add_handler(MessageHandler(_PRIVATE & ~filters.StatusUpdate.ALL, self._other))
        app.add_handler(TypeHandler(Update, self._added))
        app.add_error_handler(self._failed)

    async def _tap(self, update: Update, _: Context) -> None:
        query = update.callback_query
        if query is None or query.data is None:
            return
        if ballot_button.is_ballot(query.data):
            await self.ballots.tapped(query)
            return
        voice = await self.desk.voice(query.from_user)
        name, *fields = query.data.removeprefix("v1:").split(":")
        await self._plain_tap(query, name, fields, voice)

    async def _plain_tap(
        self, query: CallbackQuery, name: str, fields: list[str], voice: Voice
    ) -> None:
        account = query.from_user.id
        if name in {"yes", "no"} and len(fields) == (2 if name == "yes" else 0):
            await doorway.decided(self.desk, query, [name, *fields], voice)
        elif name == "lang" and len(fields) == 1:
            await doorway.spoke(self.desk, query, fields[0])
        elif name == "at" and len(fields) == 1:
            await talk.answer(query)
            await self.chair.chose(account, fields[0], voice)
        elif name == "remind" and len(fields) == 1:
            await self._remind(query, fields[0], voice)
        else:
            await self._about_officials(query, [name, *fields], voice)

    async def _about_officials(self, query: CallbackQuery, fields: list[str], voice: Voice) -> None:
        match fields:
            case ["file", uuid, number]:
                await self.dossiers.tapped(query, uuid, number, voice)
            case ["ask", uuid, number]:
                await self.questions.chose(query, uuid, number, voice)
            case ["asked", decision]:
                await self.questions.decided(query, decision, voice)
            case ["done", uuid, mark]:
                await self.reminders.tapped(query, uuid, mark, voice)
            case _:
                await talk.answer(query, voice("alerts.old_button"))

    async def _remind(self, query: CallbackQuery, uuid: str, voice: Voice) -> None:
        chats = await self.desk.chats(query.from_user.id, CHAIR)
        if all(chat.uuid != uuid for chat in chats):
            await talk.answer(query, voice("chair.not_chair"))
            return
        self.notices.remind(uuid)
        await talk.answer(query, voice("chair.reminded"))

    async def _command(self, update: Update, _: Context) -> None:
        message = update.effective_message
        if message is None or message.text is None:
            return
        voice = await self.desk.voice(update.effective_user)
        word, _space, argument = message.text.partition(" ")
        name, _at, whom = word.removeprefix("/").lower().partition("@")
        if whom and whom != (self.desk.bot.username or "").lower():
            return
        argument = argument.strip()
        if name == "start":
            await doorway.start(self.desk, message, argument, voice)
        elif name in COMMANDS:
            await self.chair.command(message.chat.id, name, argument, voice)
        elif name == "language":
            await self._say(message, doorway.languages(voice))
        elif name in self._shown:
            await self._shown[name](message.chat.id, voice)
        else:
            await self._help(message, voice)

    @property
    def _shown(self) -> dict[str, Callable[[int, Voice], Awaitable[None]]]:
        """Commands that only show something."""
        return {
            "session": self.live_messages.show,
            "papers": self.dossiers.show,
            "guide": partial(guide.show, self.desk),
            "ask": self.questions.offer,
            "questions": self.questions.read,
            "plan": self.reminders.show,
        }

    async def _written(self, update: Update, _: Context) -> None:
        """Before all others, and for edits too: no code stays in a chat."""
        message = update.effective_message
        if message is not None and await doorway.taken_code(
            self.desk, message, await self.desk.voice(update.effective_user)
        ):
            raise ApplicationHandlerStop

    async def _text(self, update: Update, _: Context) -> None:
        message = update.effective_message
        if message is None or message.text is None:
            return
        voice = await self.desk.voice(update.effective_user)
        if await self.chair.typed(message.chat.id, message.text):
            return
        if await self.questions.typed(message.chat.id, message.text, voice):
            return
        if doorway.looks_like_code(message.text):
            await doorway.shown_code(self.desk, message, message.text, voice)
            return
        await self._help(message, voice)

    async def _contact(self, update: Update, _: Context) -> None:
        message = update.effective_message
        if message is not None:
            await self._say(
                message, Page((await self.desk.voice(update.effective_user))("door.contact"))
            )

    async def _other(self, update: Update, _: Context) -> None:
        message = update.effective_message
        if message is not None:
            await self._help(message, await self.desk.voice(update.effective_user))

    async def _elsewhere(self, update: Update, _: Context) -> None:
        await doorway.refused(self.desk, update, await self.desk.voice(update.effective_user))

    async def _added(self, update: Update, _: Context) -> None:
        """The bot was added to a group or channel: it says where it works."""
        change = update.my_chat_member
        if change is None or change.chat.type == change.chat.PRIVATE:
            return
        if change.new_chat_member.status in {"member", "administrator"}:
            await doorway.refused(self.desk, update, await self.desk.voice(update.effective_user))

    async def _help(self, message: Message, voice: Voice) -> None:
        chats = await self.desk.registrar.book.chats.of_account(message.chat.id)
        roles = {chat.role for chat in chats}
        parts = [voice(f"help.{role}") for role in ROLES if role in roles]
        text = "\n\n".join([*(parts or [voice("help.stranger")]), voice("help.everyone")])
        await self._say(message, Page(text))

    async def _say(self, message: Message, page: Page) -> None:
        await talk.say(self.desk.bot, message.chat.id, page)

    async def _failed(self, update: object, context: Context) -> None:
        """Whatever went wrong: the person hears that nothing is recorded, the log only where."""
        error = context.error
        if error is None:
            return
        logs.failure("an update", error)
        if not isinstance(update, Update) or update.effective_user is None:
            return
        try:
            voice = await self.desk.voice(update.effective_user)
            if update.callback_query is not None:
                await talk.answer(update.callback_query, voice("alerts.failed"))
            elif update.effective_chat is not None:
                await talk.say(
                    self.desk.bot, update.effective_chat.id, Page(voice("alerts.failed"))
                )
        except (TelegramError, OSError) as second:
            logs.failure("telling of a failure", second)
