"""The state and the counts of a session, in one message that renews itself. Never a result.

For chairs and observers the newest `/session` of a chat is edited when a number has changed, at
most once in a few seconds; everyone else gets what holds at the moment.
"""

import time
from dataclasses import dataclass, field
from typing import Final

from telegram.error import TelegramError

from admin.lifecycle import signing
from bot.chat import launch, talk
from bot.chat.desk import CHAIR, VOTER, WATCHING, Desk, Sitting
from bot.chat.pages import Page, Row, Voice, language_of, plain
from bot.pauses import rounds
from crypto.committee import Moment
from crypto.lifecycle import FINISHED, State
from storage.rows import Chat

_SIGNED: Final = (State.OPEN, State.CLOSED)  # the codes that the hall screen shows, too


@dataclass
class LiveMessage:
    """A message that shows a session.

    Attributes:
        text: what it shows.
        edited: when, on a clock that only grows.
    """

    uuid: str
    message: int
    text: str
    edited: float


@dataclass
class LiveMessages:
    """The messages that renew themselves, by account. In memory: a new `/session` makes another."""

    desk: Desk
    _live: dict[int, LiveMessage] = field(default_factory=dict)

    async def show(self, account: int, voice: Voice) -> None:
        """`/session`: each session of the account."""
        chats = await self.desk.chats(account, VOTER, *WATCHING)
        best: dict[str, Chat] = {}
        for chat in chats:
            if chat.uuid not in best or chat.role == CHAIR:
                best[chat.uuid] = chat
        if not best:
            await talk.say(self.desk.bot, account, Page(voice("door.stranger")))
        sittings = [(await self.desk.sitting(chat.uuid), chat) for chat in best.values()]
        running = [(sitting, chat) for sitting, chat in sittings if sitting.state not in FINISHED]
        for sitting, chat in running or sittings:
            await self._show_one(account, sitting, chat)

    async def _show_one(self, account: int, sitting: Sitting, chat: Chat) -> None:
        page = await self.page(sitting, chat)
        sent = await talk.say(self.desk.bot, account, page)
        if sent is not None and chat.role in WATCHING and sitting.state not in FINISHED:
            self._live[account] = LiveMessage(
                chat.uuid, sent.message_id, page.text, time.monotonic()
            )

    async def watch(self) -> None:
        """Renews until it is cancelled; by itself, so that a slow chat holds up no notice."""
        await rounds(self._renew, "renewing counts", self.desk.pauses.boards)

    async def _renew(self) -> None:
        """Edits the messages whose numbers have changed."""
        for account, live in list(self._live.items()):
            if time.monotonic() - live.edited < self.desk.pauses.edit:
                continue
            chats = [
                chat for chat in await self.desk.chats(account, *WATCHING) if chat.uuid == live.uuid
            ]
            if not chats:
                del self._live[account]
                continue
            sitting = await self.desk.sitting(live.uuid)
            page = await self.page(sitting, chats[0])
            if page.text != live.text:
                await self._edit(account, live, page)
            if sitting.state in FINISHED:
                del self._live[account]

    async def _edit(self, account: int, live: LiveMessage, page: Page) -> None:
        try:
            edited = await talk.change(self.desk.bot, account, live.message, page)
        except TelegramError:
            return
        live.text, live.edited = page.text, time.monotonic()
        if not edited:
            del self._live[account]

    async def page(self, sitting: Sitting, chat: Chat) -> Page:
        """State, counts, the codes of the hall screen, and for chairs what comes next."""
        voice = sitting.voice(language_of(chat.language))
        counts, state = sitting.counts, sitting.state
        lines = [
            sitting.head(voice),
            "",
            voice("board.state", state=voice.state(sitting.shown_state)),
        ]
        waiting = sitting.waiting
        if waiting is not None:
            signed, needed = waiting.signed, waiting.needed
            lines.append(voice(f"board.waiting.{waiting.moment}", signed=signed, needed=needed))
        for name in ("roster", "present", "issued", "registered", "cast"):
            number = getattr(counts, name)
            lines.append(voice(f"board.{name}", number="–" if number is None else number))
        if sitting.election is not None:
            lines.append(voice("board.session_code", code=sitting.session.code))
        lines += await self._codes(sitting, voice)
        if state == State.OPEN and sitting.closes is not None:
            lines.append(voice("board.closes", time=sitting.clock(sitting.closes, voice)))
        rows: list[Row] = []
        if chat.role == VOTER:
            rows += launch.rows(self.desk, sitting, voice)
        if chat.role == CHAIR:
            lines += ["", voice(f"board.next.{_place(sitting)}")]
            if state == State.CHECKIN and not sitting.sealing:
                rows.append([plain(f"remind:{sitting.uuid}", voice("buttons.remind"))])
        return Page("\n".join(lines), rows)

    async def _codes(self, sitting: Sitting, voice: Voice) -> list[str]:
        book = self.desk.registrar.book
        codes = {
            state: await signing.committee_code(book, sitting.session, state) for state in _SIGNED
        }
        return [voice(f"board.code_{state}", code=code) for state, code in codes.items() if code]


def _place(sitting: Sitting) -> str:
    """What comes next depends on the state, and on whether the close is signed."""
    closing = sitting.waiting is not None and sitting.waiting.moment is Moment.CLOSING
    return "closing" if closing else sitting.shown_state
