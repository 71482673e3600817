"""The chair's steps. What cannot be undone waits for the session's short code.

The short code is the first group of φ, as the hall screen shows it: it says which session is meant,
and that the hand did not slip. A step that waits is kept in memory only, for two minutes; after
that, or a restart, the chair gives the command again. Everything is one of the steps that
admin/lifecycle/electronic.py has for the command line, too.
"""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from admin.lifecycle import electronic, order
from admin.lifecycle.key_checks import untried
from admin.record.pool import workers
from admin.session.books import Books, opened
from admin.session.datadir import DataDir
from admin.session.terms import NoQuorum, Terms
from bot import logs
from bot.chat import board, talk
from bot.chat.desk import CHAIR, ENDED, Desk, Sitting
from bot.chat.pages import Page, Voice, language_of, plain
from bot.sides.problem import Problem
from crypto.errors import ProtocolError, WrongState
from crypto.lifecycle import State

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

COMMANDS: Final = ("checkin", "present", "open", "close", "publish", "note")
CONFIRM_SECONDS: Final = 120
_CLOSE_SECONDS, _MOST_MINUTES = 60, 60
_NEEDS: Final = {
    "checkin": {State.SEALED},
    "present": {State.CHECKIN},
    "open": {State.CHECKIN},
    "close": {State.OPEN},
    "publish": {State.CLOSED, State.TALLIED},
    "note": set(State) - ENDED - {State.DRAFT},
}
_AT_ONCE: Final = ("present", "note")  # may be corrected by another of the same
_TYPED: Final = str.maketrans("OIL", "011", "- ")


@dataclass(frozen=True, slots=True)
class Wish:
    """A step that a chair asked for.

    Attributes:
        uuid: the session; None while the chair chooses among several.
        until: Unix seconds.
    """

    name: str
    argument: str
    uuid: str | None
    until: int


@dataclass
class Chair:
    """What chairs ask for, and what waits for their confirmation."""

    desk: Desk
    books: Books
    _wishes: dict[int, Wish] = field(default_factory=dict)

    async def command(self, account: int, name: str, argument: str, voice: Voice) -> None:
        """`/checkin`, `/present 45`, `/open`, `/close 10`, `/publish`, `/note …`."""
        self._wishes.pop(account, None)
        chats = await self.desk.chats(account, CHAIR)
        if not chats:
            await self._say(account, voice("chair.not_chair"))
            return
        sittings = [await self.desk.sitting(chat.uuid) for chat in chats]
        running = [one for one in sittings if one.state not in ENDED]
        fitting = [one for one in running if one.state in _NEEDS[name]] or running
        if not fitting:
            await self._say(account, voice("chair.no_session"))
        elif len(fitting) > 1:
            self._wish(account, name, argument, None)
            rows = [[plain(f"at:{one.uuid}", one.human.title[:60])] for one in fitting]
            await talk.say(self.desk.bot, account, Page(voice("chair.which"), rows))
        else:
            await self._asked(account, fitting[0], name, argument)

    async def chose(self, account: int, uuid: str, voice: Voice) -> None:
        """The session for a command, where the chair has several."""
        wish = self._waiting(account)
        mine = [chat for chat in await self.desk.chats(account, CHAIR) if chat.uuid == uuid]
        if wish is None or not mine:
            await self._say(account, voice("chair.nothing_waits"))
            return
        await self._asked(account, await self.desk.sitting(uuid), wish.name, wish.argument)

    async def typed(self, account: int, text: str) -> bool:
        """A text of somebody with a step that waits; False if none does."""
        wish = self._waiting(account)
        if wish is None or wish.uuid is None:
            return False
        sitting = await self.desk.sitting(wish.uuid)
        voice = await self._voice(account, sitting)
        if text.strip().upper().translate(_TYPED) != sitting.short_code:
            await self._say(account, voice("chair.wrong_confirmation", code=sitting.short_code))
            return True
        del self._wishes[account]
        await self._step(account, sitting, voice, wish)
        return True

    # ---- what is asked for

    async def _asked(self, account: int, sitting: Sitting, name: str, argument: str) -> None:
        voice = await self._voice(account, sitting)
        refusal = await self._refusal(sitting, name, argument, voice)
        if refusal is not None:
            await self._say(account, refusal)
            return
        wish = self._wish(account, name, argument, sitting.uuid)
        if name in _AT_ONCE:
            del self._wishes[account]
            await self._step(account, sitting, voice, wish)
            return
        said = voice(f"chair.ask.{name}", when=_when(argument, voice))
        warning = await self._warning(sitting, name, voice)
        asked = voice("chair.confirm", code=sitting.short_code)
        parts = [sitting.head(voice), said, warning, asked]
        await self._say(account, "\n\n".join(part for part in parts if part))

    async def _refusal(
        self, sitting: Sitting, name: str, argument: str, voice: Voice
    ) -> str | None:
        """Why this is not possible now; None if it is."""
        if sitting.on_paper and name not in _AT_ONCE:
            return voice("chair.on_paper")
        if sitting.state not in _NEEDS[name]:
            already = voice.catalogued(f"chair.already.{name}_{sitting.state}")
            return already or voice("chair.wrong_state", state=voice.state(sitting.state))
        if {"present": not _is_number(argument), "note": not argument}.get(name):
            return voice(f"chair.{name}_how")
        if name == "open":
            refusal = self._opening(sitting, await self._terms(sitting), voice)
            return refusal or await self._out_of_order(sitting, voice)
        if name == "close":
            return self._closing(sitting, argument, voice)
        return None

    def _opening(self, sitting: Sitting, terms: Terms, voice: Voice) -> str | None:
        counts = sitting.shown.counts
        if counts.present is None:
            return voice("chair.present_missing")
        try:
            terms.check_quorum(counts.present, counts.roster or 0)
        except NoQuorum:
            return voice(
                "chair.no_quorum",
                present=counts.present,
                roster=counts.roster,
                quorum=f"{terms.part}/{terms.of}",
            )
        return None

    async def _out_of_order(self, sitting: Sitting, voice: Voice) -> str | None:
        try:
            await order.check_order(self.books, sitting.uuid)
        except WrongState:
            return voice("chair.before_not_closed", before=sitting.human.after)
        return None

    def _closing(self, sitting: Sitting, argument: str, voice: Voice) -> str | None:
        if argument and not (_is_number(argument) and int(argument) <= _MOST_MINUTES):
            return voice("chair.close_how", most=_MOST_MINUTES)
        closes = sitting.shown.closes
        if closes is not None and self.desk.now + _seconds(argument) >= closes:
            return voice("chair.closing_already", time=board.clock_time(closes))
        return None

    async def _warning(self, sitting: Sitting, name: str, voice: Voice) -> str:
        """What the chair should know before this step."""
        counts = sitting.shown.counts
        if name == "open":
            session = await self.desk.session(sitting.uuid)
            missing, needed = await untried(self.desk.registrar.book, session, self.desk.now)
            size = session.registered.trustees
            told = voice(
                "chair.open_counts",
                present=counts.present,
                issued=counts.issued,
                registered=counts.registered,
            )
            if size - len(missing) < needed:
                listed = ", ".join(map(str, missing))
                told += "\n" + voice("chair.untried", missing=listed, needed=needed)
            before = await order.check_order(self.books, sitting.uuid)
            if before is not None:
                told += "\n" + voice("chair.before_unknown", before=before.uuid)
            return told
        if name == "close":
            return voice("chair.close_counts", registered=counts.registered, cast=counts.cast)
        return ""

    # ---- what is done

    async def _step(self, account: int, sitting: Sitting, voice: Voice, wish: Wish) -> None:
        steps: dict[str, Callable[[Sitting, Voice, str], Awaitable[str]]] = {
            "checkin": self._check_in,
            "present": self._present,
            "open": self._open,
            "close": self._close,
            "publish": self._publish,
            "note": self._note,
        }
        if wish.name == "publish":
            await self._say(account, voice("chair.counting"))
        try:
            said = await steps[wish.name](sitting, voice, wish.argument)
        except ProtocolError as error:
            said = f"{voice.refusal(error.code)}\n\n{voice('chair.nothing_changed')}"
        except (Problem, OSError) as error:
            logs.failure(f"{wish.name} by chat", error)
            said = voice("chair.try_again")
        await self._say(account, f"{sitting.head(voice)}\n\n{said}")

    async def _check_in(self, sitting: Sitting, voice: Voice, _: str) -> str:
        await electronic.check_in(self.books, sitting.uuid)
        return voice("chair.done.checkin")

    async def _present(self, sitting: Sitting, voice: Voice, argument: str) -> str:
        count, counts = int(argument), sitting.shown.counts
        roster = len(await self.desk.registrar.book.roster(sitting.uuid))
        if count > roster:
            return voice("chair.present_over_roster", count=count, roster=roster)
        if count < (counts.issued or 0):
            return voice("chair.present_under_issued", count=count, issued=counts.issued)
        await electronic.set_present(self.books, sitting.uuid, count)
        return voice("chair.done.present", count=count)

    async def _open(self, sitting: Sitting, voice: Voice, _: str) -> str:
        made = await electronic.open_voting(self.books, sitting.uuid)
        return voice("chair.done.open", code=made.short_code)

    async def _close(self, sitting: Sitting, voice: Voice, argument: str) -> str:
        seconds = _seconds(argument)
        closes = self.desk.now + seconds
        row = await self.books.box.session(sitting.uuid)
        if row.state != State.OPEN:
            raise WrongState(f"the session is {row.state}")
        if row.closes is None or closes < row.closes:
            await self.books.box.set_closing(sitting.uuid, closes)
        return voice("chair.done.close", time=board.clock_time(closes))

    async def _publish(self, sitting: Sitting, voice: Voice, _: str) -> str:
        # In a thread with books of its own: the audit of the archive may take a minute.
        await asyncio.to_thread(asyncio.run, _count_and_publish(self.desk.datadir, sitting.uuid))
        return voice("chair.done.publish")

    async def _note(self, sitting: Sitting, voice: Voice, argument: str) -> str:
        await self.desk.registrar.book.add_entry(sitting.uuid, argument)
        return voice("chair.done.note")

    # ---- small things

    def _wish(self, account: int, name: str, argument: str, uuid: str | None) -> Wish:
        wish = Wish(name, argument, uuid, self.desk.now + CONFIRM_SECONDS)
        self._wishes[account] = wish
        return wish

    def _waiting(self, account: int) -> Wish | None:
        wish = self._wishes.get(account)
        if wish is not None and wish.until < self.desk.now:
            del self._wishes[account]
            return None
        return wish

    async def _terms(self, sitting: Sitting) -> Terms:
        return (await self.desk.session(sitting.uuid)).registered

    async def _voice(self, account: int, sitting: Sitting) -> Voice:
        chats = await self.desk.chats(account, CHAIR)
        return sitting.voice(language_of(chats[0].language if chats else None))

    async def _say(self, account: int, text: str) -> None:
        await talk.say(self.desk.bot, account, Page(text))


async def _count_and_publish(datadir: DataDir, uuid: str) -> None:
    async with opened(datadir) as books:
        with workers() as pool:
            await electronic.count_sent(books, uuid, pool.checking())
        await electronic.publish(books, uuid)


def _is_number(said: str) -> bool:
    return said.isascii() and said.isdigit() and len(said) <= len("200000")


def _seconds(argument: str) -> int:
    return int(argument) * 60 if argument else _CLOSE_SECONDS


def _when(argument: str, voice: Voice) -> str:
    if not argument:
        return voice("time.seconds", number=_CLOSE_SECONDS)
    return voice("time.minutes", number=argument) if argument != "0" else voice("time.now")
