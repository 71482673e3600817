"""Questions from voters to the officials: asked here, read by the chair, nobody's.

What somebody is about to ask waits in memory, for ten minutes, until it is confirmed. It goes to
the book without the account, and only numbers are ever logged or told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from telegram import CallbackQuery

from admin.office import questions
from admin.session.session import Session
from admin.voting import codes
from bot.chat import talk
from bot.chat.desk import CHAIR, VOTER, Desk, Sitting
from bot.chat.pages import Page, Voice, language_of, plain, split
from crypto.errors import BadCode, ProtocolError
from crypto.session import Official
from storage.rows import Chat

WAIT_SECONDS: Final = 600
_ROWS: Final = 90  # buttons of a message; Telegram takes 100


@dataclass(frozen=True, slots=True, repr=False)
class UnsentQuestion:
    """An official of whom somebody is about to ask, and what; `until` in Unix seconds."""

    chat: Chat
    number: int
    text: str | None
    until: int


@dataclass
class Inquiries:
    """Questions that are being written, by account; the book keeps them without one."""

    desk: Desk
    _unsent: dict[int, UnsentQuestion] = field(default_factory=dict, repr=False)

    async def offer(self, account: int, voice: Voice) -> None:
        """`/ask`: a button for each official."""
        chats = await self.desk.chats(account, VOTER)
        if not chats:
            await self._say(account, voice("questions.voters_only"))
        for chat in chats:
            for page in await self._officials(chat):
                await talk.say(self.desk.bot, account, page)

    async def chose(self, query: CallbackQuery, uuid: str, number: str, voice: Voice) -> None:
        """An official was tapped: the next text is the question."""
        account = query.from_user.id
        chats = [chat for chat in await self.desk.chats(account, VOTER) if chat.uuid == uuid]
        officials = await self._rated(uuid) if chats else ()
        if not number.isascii() or not number.isdigit() or not 1 <= int(number) <= len(officials):
            await talk.answer(query, voice("alerts.old_button"))
            return
        await talk.answer(query)
        self._unsent[account] = UnsentQuestion(
            chats[0], int(number), None, self.desk.now + WAIT_SECONDS
        )
        name = officials[int(number) - 1].name
        most = questions.MOST_LETTERS
        await self._say(account, voice("questions.write", number=number, name=name, most=most))

    async def typed(self, account: int, text: str, voice: Voice) -> bool:
        """A text of somebody who is asking: shown once more; False if nobody waits for one."""
        unsent = self._waiting(account)
        if unsent is None or unsent.text is not None or _is_code(text):
            return False
        try:
            question = questions.checked(text)
        except questions.BadQuestion as error:
            await self._say(account, voice.refusal(error.code))
            return True
        self._unsent[account] = UnsentQuestion(
            unsent.chat, unsent.number, question, self.desk.now + WAIT_SECONDS
        )
        name = (await self._rated(unsent.chat.uuid))[unsent.number - 1].name
        preview = voice("questions.sure", number=unsent.number, name=name, text=question)
        rows = [
            [plain("asked:send", voice("buttons.ask"))],
            [plain("asked:drop", voice("buttons.drop"))],
        ]
        await talk.say(self.desk.bot, account, Page(preview, rows), protected=True)
        return True

    async def decided(self, query: CallbackQuery, answer: str, voice: Voice) -> None:
        """Sends what was shown, or drops it; the message keeps nothing of it."""
        account = query.from_user.id
        unsent = self._waiting(account)
        if unsent is None or unsent.text is None:
            await talk.answer(query, voice("alerts.old_button"))
            return
        await talk.answer(query)
        del self._unsent[account]
        if answer != "send":
            await talk.turn(self.desk.bot, query, Page(voice("questions.dropped")))
            return
        try:
            reply = await self._send(unsent, unsent.text, voice)
        except ProtocolError as error:
            reply = voice.refusal(error.code)
        await talk.turn(self.desk.bot, query, Page(reply))

    async def read(self, account: int, voice: Voice) -> None:
        """`/questions`: for chairs, by official, in an order that tells nothing."""
        chats = await self.desk.chats(account, CHAIR)
        if not chats:
            await self._say(account, voice("chair.not_chair"))
        for chat in chats:
            sitting = await self.desk.sitting(chat.uuid)
            for text in await self._asked(sitting, sitting.voice(language_of(chat.language))):
                await talk.say(self.desk.bot, account, Page(text), protected=True)

    # ---- inside

    async def _send(self, unsent: UnsentQuestion, text: str, voice: Voice) -> str:
        side, chat = self.desk.registrar, unsent.chat
        if chat.person is None:
            raise BadCode("the account speaks for no voter")
        session = await Session.load(side.book, chat.uuid)
        day = session.today(self.desk.now)
        await questions.ask(
            side.book, side.datadir, session, side.quota, chat.person, unsent.number, text, day
        )
        return voice("questions.sent", left=side.quota.left(chat.uuid, chat.person))

    async def _officials(self, chat: Chat) -> list[Page]:
        sitting = await self.desk.sitting(chat.uuid)
        voice = sitting.voice(language_of(chat.language))
        head = sitting.head(voice)
        session = await Session.load(self.desk.registrar.book, chat.uuid)
        time = questions.question_time(self.desk.datadir, session, session.today(self.desk.now))
        if not time.taken or sitting.parameters is None:
            return [Page(f"{head}\n\n{voice('questions.closed')}")]
        key = "questions.whom" if time.until is None else "questions.whom_until"
        until = "" if time.until is None else f"{time.until:%d/%m/%Y}"
        rows = [
            [plain(f"ask:{chat.uuid}:{i}", voice("buttons.file", number=i, name=official.name))]
            for i, official in enumerate(sitting.parameters.officials, start=1)
        ]
        parts = [rows[at : at + _ROWS] for at in range(0, len(rows), _ROWS)]
        return [Page(f"{head}\n\n{voice(key, until=until)}", part) for part in parts]

    async def _rated(self, uuid: str) -> Sequence[Official]:
        parameters = (await self.desk.standing(uuid)).parameters
        return parameters.officials if parameters else ()

    async def _asked(self, sitting: Sitting, voice: Voice) -> list[str]:
        received = questions.in_order(await self.desk.registrar.book.questions.all(sitting.uuid))
        head = f"{sitting.head(voice)}\n\n{voice('questions.number', number=len(received))}"
        officials = sitting.parameters.officials if sitting.parameters else ()
        lines, last = [], 0
        for question in received:
            if question.official != last:
                last = question.official
                name = officials[last - 1].name
                lines.append("\n" + voice("papers.official", number=last, name=name))
            lines.append(voice("questions.one", text=question.text))
        return split(head, lines)

    def _waiting(self, account: int) -> UnsentQuestion | None:
        unsent = self._unsent.get(account)
        if unsent is not None and unsent.until < self.desk.now:
            del self._unsent[account]
            return None
        return unsent

    async def _say(self, account: int, text: str) -> None:
        await talk.say(self.desk.bot, account, Page(text))


def _is_code(text: str) -> bool:
    """A code of a letter, typed in the wrong moment, is no question."""
    try:
        codes.parse(text)
    except BadCode:
        return False
    return True
