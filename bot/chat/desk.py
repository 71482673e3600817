"""What all handlers work with: the registrar's side, and who an account speaks for.

The box's side is not here: whoever needs ballots is `ballot`, and is handed it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from telegram import User
from telegram.ext import ExtBot

from admin.record.session_file import SessionFile
from admin.rules import zones
from admin.session import keys
from admin.session.datadir import DataDir
from admin.session.definition import Definition
from admin.session.session import Session
from admin.voting.ballot_button import ButtonKey
from admin.words import Language
from bot.chat.pages import Voice, language_of
from bot.pauses import Pauses
from bot.sides.board import Awaited, Board, Counts
from bot.sides.registrar import RegistrarSide
from crypto.lifecycle import State
from crypto.session import Election, Parameters
from storage.rows import Chat

CHANNEL: Final = "chat"
VOTER, CHAIR, OBSERVER, OFFICE = ROLES = ("voter", "chair", "observer", "office")
WATCHING: Final = (CHAIR, OBSERVER)  # they see counts, codes and the record's files


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session as it stands at this moment.

    Attributes:
        session: as the registrar's book has it.
        state: what is public of it: a step of both books whose checkpoint is signed.
        counts: those of the board; empty where nobody asked for them.
        closes: when voting ends, in Unix seconds; None while that is not settled.
        waiting: for how many trustees' signatures everybody waits; as for the counts.
    """

    session: Session
    state: State
    counts: Counts = field(default_factory=Counts)
    closes: int | None = None
    waiting: Awaited | None = None

    @property
    def uuid(self) -> str:
        return self.session.uuid

    @property
    def session_file(self) -> SessionFile:
        return self.session.session_file

    @property
    def election(self) -> Election | None:
        """The definition of an electronic vote; None before the seal and on paper only."""
        definition = self.session.definition
        return definition.election if isinstance(definition, Definition) else None

    @property
    def parameters(self) -> Parameters | None:
        """Our part of it."""
        definition = self.session.definition
        return definition.parameters if isinstance(definition, Definition) else None

    @property
    def by_chat(self) -> bool:
        """Whether this session takes votes by buttons."""
        return self.parameters is not None and CHANNEL in self.parameters.policy.channels

    @property
    def sealing(self) -> bool:
        """Whether registration has ended, and the committee has not sealed the box yet."""
        return self.state == State.CHECKIN and self.session.state != State.CHECKIN

    @property
    def shown_state(self) -> State:
        """The state as people are told: while the committee seals the box, that it does."""
        return State.OPENING if self.sealing else self.state

    def clock(self, moment: int, voice: Voice) -> str:
        """The time of day where the body meets, as people say it; seconds where there are any."""
        local = zones.local(moment, self.session_file.zone)
        key = "time.of_day_exact" if local.second else "time.of_day"
        return voice(key, hour=local.hour, minute=f"{local:%M}", second=f"{local:%S}")

    def head(self, voice: Voice) -> str:
        """The heading of a message: the session, and whether it is only a rehearsal."""
        text = voice("head", title=self.session_file.title, body=self.session_file.body)
        rehearsal = self.parameters is not None and self.parameters.policy.rehearsal
        return f"{voice('rehearsal')}\n{text}" if rehearsal else text

    def voice(self, language: Language) -> Voice:
        """The words of this body for its members: of the Party or of the State (regime.kind)."""
        if self.session.definition is None:
            return Voice(language)
        return Voice(language, self.session.regime.kind)


@dataclass
class Desk:
    """The bot's registrar side, board and clock; made once, every handler gets it."""

    datadir: DataDir
    bot: ExtBot[None]
    registrar: RegistrarSide
    board: Board
    clock: Callable[[], float]
    pauses: Pauses
    spoken: dict[int, Language] = field(default_factory=dict)

    @property
    def now(self) -> int:
        return int(self.clock())

    async def sitting(self, uuid: str) -> Sitting:
        """A session with its counts. Raises UnknownSession."""
        public = await self.board.session(uuid)
        session = await self._session(uuid)
        return Sitting(session, public.state, public.counts, public.closes, public.waiting)

    async def standing(self, uuid: str) -> Sitting:
        """A session without its counts, for each tap on a ballot. Raises UnknownSession."""
        return Sitting(await self._session(uuid), await self.board.state(uuid))

    async def _session(self, uuid: str) -> Session:
        return await Session.load(self.registrar.book, uuid)

    async def chats(self, account: int, *roles: str) -> list[Chat]:
        """Whom an account speaks for, as one of these roles."""
        chats = await self.registrar.book.chats.of_account(account)
        return [chat for chat in chats if chat.role in roles]

    def key(self, sitting: Sitting) -> ButtonKey | None:
        """The key of a session's ballot buttons; None after the close."""
        raw = keys.buttons(self.datadir, sitting.uuid)
        if raw is None or sitting.parameters is None:
            return None
        policy, officials = sitting.parameters.policy, sitting.parameters.officials
        return ButtonKey(raw, sitting.uuid, len(policy.levels), len(officials))

    async def voice(self, who: User | None) -> Voice:
        """The language of somebody who wrote or tapped: as chosen, else as the phone says."""
        if who is None:
            return Voice(language_of(None))
        chats = await self.registrar.book.chats.of_account(who.id)
        if chats:
            return Voice(language_of(chats[0].language))
        return Voice(self.spoken.get(who.id) or language_of(who.language_code))
