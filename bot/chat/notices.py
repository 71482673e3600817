"""What people are told without asking, once each: check-in, opening, the coming end, the result.

Reminders go by the token: who has not collected one is reminded of that. Nobody is ever told, and
nothing here knows, whether somebody has cast a ballot.

That an account has got a notice is written down after it was sent: a crash in between sends it
again, none is lost. One round looks at every session; a session's notices are sent by a task of
its own, so that a large one holds up neither the others nor the answers to taps.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from telegram.error import BadRequest, TelegramError

from admin.lifecycle import signing
from admin.office import dossiers
from admin.rules import zones
from bot import logs
from bot.chat import launch, sheet, talk
from bot.chat.desk import CHAIR, VOTER, WATCHING, Desk, Sitting
from bot.chat.pages import Page, Voice, language_of
from bot.chat.results import Published
from bot.pauses import rounds
from crypto import checkpoint, note
from crypto.lifecycle import (
    ABANDONED,
    FINISHED,
    UNDER_WAY,
    UNTIL_OPENING,
    State,
    Step,
    possible_from,
)
from storage.rows import Chat

_AT_ONCE: Final = 16  # messages on the way; the pace is Telegram's
# A planned time is near this many seconds before; the last one that fits is told.
_BEFORE_END: Final = (("two", 120), ("ten", 600))
_BEFORE_OPENING: Final = 600
_REMIND_SECONDS: Final = 60

Teller = Callable[[Chat, Voice], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to be told to some accounts.

    Attributes:
        name: under which it is noted that an account has got it.
        tell: sends it; whether it was sent.
    """

    name: str
    chats: list[Chat]
    tell: Teller


@dataclass
class Notices:
    """Sends every notice that is due, once to each account."""

    desk: Desk
    _busy: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _reminded: dict[str, int] = field(default_factory=dict)
    _results: dict[str, Published] = field(default_factory=dict)
    _finished: set[str] = field(default_factory=set)

    async def watch(self) -> None:
        """Looks for notices that are due until it is cancelled."""
        try:
            await rounds(self._look, "telling people", self.desk.pauses.notices)
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def remind(self, uuid: str) -> None:
        """A chair asks that those without a token are reminded; once in a minute is enough."""
        if self.desk.now - self._reminded.get(uuid, 0) >= _REMIND_SECONDS:
            self._reminded[uuid] = self.desk.now

    async def _look(self) -> None:
        for row in await self.desk.registrar.book.sessions():
            task = self._busy.get(row.uuid)
            if row.uuid in self._finished or (task is not None and not task.done()):
                continue
            chats = await self.desk.registrar.book.chats.of_session(row.uuid)
            if chats:
                self._busy[row.uuid] = asyncio.create_task(self._session(row.uuid, chats))

    async def _session(self, uuid: str, chats: list[Chat]) -> None:
        try:
            sitting = await self.desk.sitting(uuid)
            due = [*self._new_chairs(sitting, chats), *self._dossiers(sitting, chats)]
            if sitting.state not in {State.DRAFT, State.SEALED}:
                due += await self._due(sitting, chats)
            complete = [await self._send(uuid, notice) for notice in due]
            ended = sitting.state in FINISHED
            if ended and all(complete):
                await self.desk.registrar.book.chats.forget(uuid)
                self._results.pop(uuid, None)
                self._finished.add(uuid)
        except Exception as error:  # noqa: BLE001  the next round tries again
            logs.failure("telling people of a session", error)

    async def _send(self, uuid: str, notice: Notice) -> bool:
        """Sends a notice to all who have not got it; returns whether everyone has."""
        book = self.desk.registrar.book.chats
        notified = await book.notified(uuid, notice.name)
        places = asyncio.Semaphore(_AT_ONCE)

        async def tell(chat: Chat) -> bool:
            async with places:
                voice = Voice(language_of(chat.language))
                try:
                    sent = await notice.tell(chat, voice)
                except TelegramError as error:
                    if isinstance(error, BadRequest):  # not the network: a fault of ours
                        logs.failure("telling somebody", error)
                    return False
                if sent:
                    await book.note_sent(uuid, notice.name, chat.account)
                return sent

        waiting = {chat.account: chat for chat in notice.chats if chat.account not in notified}
        return all(await asyncio.gather(*(tell(chat) for chat in waiting.values())))

    # ---- what is due

    async def _due(self, sitting: Sitting, chats: list[Chat]) -> list[Notice]:
        if sitting.session.on_paper:
            return [self._on_paper(sitting, chats)]
        with_token = await self.desk.registrar.book.chats.with_token(sitting.uuid)
        on_paper = await self.desk.registrar.book.chats.with_paper(sitting.uuid)
        voters = [chat for chat in chats if chat.role == VOTER and chat.account not in on_paper]
        collected = [chat for chat in voters if chat.account in with_token]
        without = [chat for chat in voters if chat.account not in with_token]
        offices = [chat for chat in chats if chat.role in WATCHING]
        menus = self._menus(sitting, voters)
        if sitting.state == State.CHECKIN:
            sealing = await self._sealing(sitting, collected, without, offices)
            return [*(sealing or self._at_checkin(sitting, without)), *menus]
        if sitting.state == State.OPEN:
            return [
                self._plain("opened", sitting, collected, in_channel=True),
                self._plain("opened_without", sitting, without),
                await self._coded("opened_office", sitting, State.OPEN, offices),
                *self._coming_end(sitting, collected),
                *menus,
            ]
        if sitting.state in possible_from(Step.TALLY, Step.PUBLISH):
            return [*await self._closed(sitting, collected, offices), *menus]
        if sitting.state == State.PUBLISHED:
            return [await self._published(sitting, chats), *menus]
        return [self._plain(str(sitting.state), sitting, chats), *menus]

    def _on_paper(self, sitting: Sitting, chats: list[Chat]) -> Notice:
        """A session on paper: nothing is collected here; or it was cancelled, or has failed."""
        over = sitting.state in ABANDONED
        return self._plain(str(sitting.state) if over else "on_paper", sitting, chats)

    def _dossiers(self, sitting: Sitting, chats: list[Chat]) -> list[Notice]:
        """Dossiers were added after the seal; the notice does not say whose."""
        times = dossiers.changes(self.desk.datadir, sitting.uuid)
        if not times or sitting.state not in UNTIL_OPENING:
            return []
        return [self._plain("papers", sitting, chats, name=dossiers_notice(times))]

    def _new_chairs(self, sitting: Sitting, chats: list[Chat]) -> list[Notice]:
        """Each chair to all others: a code in the wrong hands is not used in silence."""
        chairs = [chat for chat in chats if chat.role == CHAIR]
        return [
            self._plain(
                "new_chair",
                sitting,
                [chat for chat in chairs if chat.account != newcomer.account],
                name=chair_notice(newcomer),
                number=newcomer.owner,
            )
            for newcomer in chairs
            if len(chairs) > 1
        ]

    def _menus(self, sitting: Sitting, voters: list[Chat]) -> list[Notice]:
        """The button beside the field for text: there while the session runs, then not."""
        if launch.address(self.desk, sitting) is None:
            return []

        async def tell(chat: Chat, _: Voice) -> bool:
            await launch.show(self.desk, chat.account)
            return True

        running = sitting.state in UNDER_WAY
        return [Notice("menu" if running else "no menu", voters, tell)]

    def _at_checkin(self, sitting: Sitting, without: list[Chat]) -> list[Notice]:
        async def offer(chat: Chat, voice: Voice) -> bool:
            page = sheet.offer(self.desk, sitting, chat)
            if page is None:
                voice = sitting.voice(voice.language)
                page = Page(f"{sitting.head(voice)}\n\n{voice('door.voter.elsewhere')}")
            await talk.say(self.desk.bot, chat.account, page, protected=True)
            return True

        due = [Notice("checkin", without, offer)]
        opens = _planned(sitting, sitting.session.settled_terms.opens)
        if opens is not None and 0 < opens - self.desk.now <= _BEFORE_OPENING:
            due.append(self._plain("collect", sitting, without, name="collect", in_channel=True))
        if sitting.uuid in self._reminded:
            reminder = f"collect {self._reminded[sitting.uuid]}"
            due.append(self._plain("collect", sitting, without, name=reminder, in_channel=True))
        return due

    async def _sealing(
        self, sitting: Sitting, collected: list[Chat], without: list[Chat], offices: list[Chat]
    ) -> list[Notice]:
        """The committee looks at the list: whoever misses a place on it must say so now.

        Once for each list: check-in may be resumed, and another list proposed. Nothing before one.
        """
        notes = await self.desk.registrar.book.notes(sitting.uuid)
        if not sitting.sealing or State.OPEN not in notes:
            return []
        which = checkpoint.digest_of(note.parse(notes[State.OPEN]).text)[:16]
        return [
            self._plain("sealing", sitting, collected, f"sealing {which}", in_channel=True),
            self._plain("sealing_without", sitting, without, f"sealing without {which}"),
            self._plain("sealing_office", sitting, offices, f"sealing office {which}"),
        ]

    async def _closed(
        self, sitting: Sitting, collected: list[Chat], offices: list[Chat]
    ) -> list[Notice]:
        """Nobody is told that a ballot is counted before the committee has signed the close."""
        if sitting.waiting is not None:
            return [
                self._plain("closed", sitting, collected),
                self._plain("closing_office", sitting, offices),
            ]
        link = f"{self.desk.datadir.settings.public_url}/s/{sitting.uuid}"
        return [
            self._plain("signed", sitting, collected, in_channel=True, link=link),
            await self._coded("closed_office", sitting, State.CLOSED, offices),
        ]

    def _coming_end(self, sitting: Sitting, collected: list[Chat]) -> list[Notice]:
        closes = sitting.closes or _planned(sitting, sitting.session.settled_terms.closes)
        if closes is None:
            return []
        left = closes - self.desk.now
        for name, seconds in _BEFORE_END:
            if 0 < left <= seconds:
                named = f"{name} {closes}"
                return [
                    self._plain(
                        "coming_end", sitting, collected, named, in_channel=True, moment=closes
                    )
                ]
        return []

    async def _published(self, sitting: Sitting, chats: list[Chat]) -> Notice:
        if sitting.uuid not in self._results:
            self._results[sitting.uuid] = await Published.read(self.desk, sitting)
        result = self._results[sitting.uuid]

        async def tell(chat: Chat, voice: Voice) -> bool:
            await result.tell(self.desk, chat, sitting.voice(voice.language))
            return True

        return Notice("published", chats, tell)

    async def _coded(self, key: str, sitting: Sitting, state: State, chats: list[Chat]) -> Notice:
        """A notice with the code that people compare; the committee has signed."""
        code = await signing.committee_code(self.desk.registrar.book, sitting.session, state)
        return self._plain(key, sitting, chats, code=code)

    def _plain(
        self,
        key: str,
        sitting: Sitting,
        chats: Iterable[Chat],
        name: str | None = None,
        *,
        in_channel: bool = False,
        moment: int | None = None,
        **params: object,
    ) -> Notice:
        """A sentence, with the time of day of the moment where it names one.

        `in_channel`: in the words, and with the button, of how the session votes.
        """
        worded = launch.key(self.desk, sitting, key) if in_channel else key

        async def tell(chat: Chat, voice: Voice) -> bool:
            voice = sitting.voice(voice.language)
            time = {} if moment is None else {"time": sitting.clock(moment, voice)}
            text = f"{sitting.head(voice)}\n\n{voice(f'notices.{worded}', **params, **time)}"
            page = Page(text, launch.rows(self.desk, sitting, voice) if in_channel else [])
            await talk.say(self.desk.bot, chat.account, page)
            return True

        return Notice(name or key, list(chats), tell)


def dossiers_notice(times: int) -> str:
    """The name of the notice that dossiers were added, for the n-th time."""
    return f"papers {times}"


def chair_notice(newcomer: Chat) -> str:
    """The name of the notice that an account has become chair."""
    return f"chair {newcomer.owner} {newcomer.account}"


def _planned(sitting: Sitting, local_time: str | None) -> int | None:
    """Unix seconds of a time in the form, which is by the clock of the session."""
    if local_time is None:
        return None
    zone = zones.named(sitting.session_file.zone)
    return int(datetime.fromisoformat(local_time).replace(tzinfo=zone).timestamp())
