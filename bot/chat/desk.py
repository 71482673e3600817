"""What all handlers work with: the registrar's side, and who an account speaks for.

The box's side is not here: whoever needs ballots is `ballot`, and is handed it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from telegram import User
from telegram.ext import ExtBot

from admin.record.session_file import SessionFile
from admin.session import keys
from admin.session import session as sessions
from admin.session.datadir import DataDir
from admin.voting.ballot_button import ButtonKey
from admin.words import Language
from bot.chat.pages import Voice, language_of
from bot.pauses import Pauses
from bot.sides.board import Board, Counts, Session
from bot.sides.registrar import RegistrarSide
from crypto.lifecycle import State
from crypto.session import Election, Parameters
from storage.rows import Chat

CHANNEL: Final = "chat"
VOTER, CHAIR, OBSERVER, OFFICE = ROLES = ("voter", "chair", "observer", "office")
WATCHING: Final = (CHAIR, OBSERVER)  # they see counts, codes and the record's files


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session as it stands at this moment."""

    uuid: str
    human: SessionFile
    shown: Session
    election: Election | None

    @property
    def state(self) -> State:
        return self.shown.state

    @property
    def parameters(self) -> Parameters | None:
        return self.election.parameters if self.election else None

    @property
    def on_paper(self) -> bool:
        """Whether paper is the only way of voting."""
        return self.shown.on_paper

    @property
    def by_chat(self) -> bool:
        """Whether this session takes votes by buttons."""
        return self.parameters is not None and CHANNEL in self.parameters.policy.channels

    @property
    def short_code(self) -> str:
        """What a chair types to confirm: the first group of φ as the hall screen shows it."""
        return self.election.spoken_phi[:4] if self.election else ""

    def head(self, voice: Voice) -> str:
        """Which session it is, and whether it is only a rehearsal."""
        text = voice("head", title=self.human.title, body=self.human.body)
        rehearsal = self.parameters is not None and self.parameters.policy.rehearsal
        return f"{voice('rehearsal')}\n{text}" if rehearsal else text

    def voice(self, language: Language) -> Voice:
        """How this body speaks to its members."""
        if self.parameters is None:
            return Voice(language)
        return Voice(language, self.human.regime(self.parameters.policy.regime).kind)


@dataclass
class Desk:
    """Made once for the bot; every handler module gets it."""

    datadir: DataDir
    bot: ExtBot[None]
    registrar: RegistrarSide
    board: Board
    clock: Callable[[], float]
    pauses: Pauses
    spoken: dict[int, Language] = field(default_factory=dict)
    _sealed: dict[str, tuple[SessionFile, Election]] = field(default_factory=dict)

    @property
    def now(self) -> int:
        return int(self.clock())

    async def session(self, uuid: str) -> sessions.Session:
        """The session as the registrar's book has it. Raises UnknownSession."""
        return await sessions.Session.load(self.registrar.book, uuid)

    async def sitting(self, uuid: str) -> Sitting:
        """A session with its counts. Raises UnknownSession."""
        return await self._sitting(uuid, await self.board.session(uuid))

    async def standing(self, uuid: str) -> Sitting:
        """A session without its counts, for each tap on a ballot. Raises UnknownSession."""
        state = await self.board.state(uuid)
        return await self._sitting(
            uuid, Session(election=None, state=state, counts=Counts(), closes=None)
        )

    async def _sitting(self, uuid: str, shown: Session) -> Sitting:
        if uuid not in self._sealed:
            session = await self.session(uuid)
            if session.definition is None or session.on_paper:
                return Sitting(uuid, session.session_file, shown, None)
            self._sealed[uuid] = session.session_file, session.electronic.election
        return Sitting(uuid, self._sealed[uuid][0], shown, self._sealed[uuid][1])

    async def chats(self, account: int, *roles: str) -> list[Chat]:
        """Whom an account speaks for, as one of these roles."""
        found = await self.registrar.book.chats.of_account(account)
        return [chat for chat in found if chat.role in roles]

    def key(self, sitting: Sitting) -> ButtonKey | None:
        """The key of a session's ballot buttons; None after the close."""
        raw = keys.buttons(self.datadir, sitting.uuid)
        if raw is None or sitting.parameters is None:
            return None
        policy, officials = sitting.parameters.policy, sitting.parameters.officials
        return ButtonKey(raw, sitting.uuid, len(policy.levels), len(officials))

    async def voice(self, who: User | None) -> Voice:
        """The language of who wrote or tapped."""
        if who is None:
            return Voice(language_of(None))
        known = await self.registrar.book.chats.of_account(who.id)
        if known:
            return Voice(language_of(known[0].language))
        return Voice(self.spoken.get(who.id) or language_of(who.language_code))
