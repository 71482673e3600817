"""The chair's steps. What is not undone easily waits for a group of the session code.

Which group of the five is drawn for each step, so that nobody who makes a code can prepare for it,
and it is not shown: typed from the hall screen, it says which session is meant, that the hand did
not slip, and that somebody has looked at the code. A step that waits is kept in memory only, for
two minutes; after that, or a restart, the chair gives the command again. Everything is one of the
steps of admin/lifecycle/steps.py, which says what stands against it; here are the words.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from admin.lifecycle import steps
from admin.lifecycle.steps import Act, Reason, Request
from admin.record.pool import workers
from admin.session.books import Books, apart
from bot import logs
from bot.chat import talk
from bot.chat.desk import CHAIR, Desk, Sitting
from bot.chat.pages import Page, Voice, language_of, plain
from bot.sides.problem import Problem
from crypto.audit.ballots import Run
from crypto.encoding import CODE_GROUPS, same_code
from crypto.errors import ProtocolError
from crypto.lifecycle import FINISHED

COMMANDS: Final = ("checkin", "present", "open", "resume", "close", "publish", "note")
CONFIRM_SECONDS: Final = 120
_CLOSE_SECONDS, _MOST_MINUTES = 60, 60
_AT_ONCE: Final = ("present", "note")  # may be corrected by another of the same


@dataclass(frozen=True, slots=True)
class PendingStep:
    """A step that a chair asked for.

    Attributes:
        uuid: the session; None while the chair chooses among several.
        until: Unix seconds.
        group: which group of the session code confirms it, from 0.
    """

    name: str
    argument: str
    uuid: str | None
    until: int
    group: int


@dataclass
class Chair:
    """The chairs' commands, and the steps that wait for confirmation, by account.

    Attributes:
        remind: tells those without a token that they can collect one.
    """

    desk: Desk
    books: Books
    remind: Callable[[str], None]
    _pending: dict[int, PendingStep] = field(default_factory=dict)

    async def command(self, account: int, name: str, argument: str, voice: Voice) -> None:
        """`/checkin`, `/present 45`, `/open`, `/resume`, `/close 10`, `/publish`, `/note …`."""
        self._pending.pop(account, None)
        chats = await self.desk.chats(account, CHAIR)
        if not chats:
            await self._say(account, voice("chair.not_chair"))
            return
        sittings = [await self.desk.sitting(chat.uuid) for chat in chats]
        running = [sitting for sitting in sittings if sitting.state not in FINISHED]
        possible = steps.RULES[Act(name)].states
        fitting = [sitting for sitting in running if sitting.shown_state in possible] or running
        if not fitting:
            await self._say(account, voice("chair.no_session"))
        elif len(fitting) > 1:
            self._remember(account, name, argument, None)
            rows = [
                [plain(f"at:{sitting.uuid}", sitting.session_file.title[:60])]
                for sitting in fitting
            ]
            await talk.say(self.desk.bot, account, Page(voice("chair.which"), rows))
        else:
            await self._request(account, fitting[0], name, argument)

    async def chose(self, account: int, uuid: str, voice: Voice) -> None:
        """The session for a command, where the chair has several."""
        pending = self._waiting(account)
        chats = [chat for chat in await self.desk.chats(account, CHAIR) if chat.uuid == uuid]
        if pending is None or not chats:
            await self._say(account, voice("chair.nothing_waits"))
            return
        await self._request(account, await self.desk.sitting(uuid), pending.name, pending.argument)

    async def typed(self, account: int, text: str) -> bool:
        """A text of somebody with a step that waits; False if none does."""
        pending = self._waiting(account)
        if pending is None or pending.uuid is None:
            return False
        sitting = await self.desk.sitting(pending.uuid)
        voice = await self._voice(account, sitting)
        if not same_code(sitting.session.code.split("-")[pending.group], text):
            await self._say(account, voice("chair.wrong_confirmation", number=pending.group + 1))
            return True
        del self._pending[account]
        await self._step(account, sitting, voice, pending)
        return True

    # ---- what is asked for

    async def _request(self, account: int, sitting: Sitting, name: str, argument: str) -> None:
        voice = await self._voice(account, sitting)
        reasons = await self._reasons(sitting, name, argument)
        refusal = self._refusal(sitting, name, argument, voice, reasons)
        if refusal is not None:
            await self._say(account, refusal)
            return
        pending = self._remember(account, name, argument, sitting.uuid)
        if name in _AT_ONCE:
            del self._pending[account]
            await self._step(account, sitting, voice, pending)
            return
        announcement = voice(f"chair.ask.{name}", when=_when(argument, voice))
        warning = _warning(sitting, name, voice, reasons)
        instruction = voice("chair.confirm", number=pending.group + 1)
        parts = [sitting.head(voice), announcement, warning, instruction]
        await self._say(account, "\n\n".join(part for part in parts if part))

    async def _reasons(self, sitting: Sitting, name: str, argument: str) -> dict[str, Reason]:
        """The reasons of admin/lifecycle/steps.py that stand against the step, by code."""
        count = int(argument) if _is_number(argument) else 0
        request = Request(Act(name), count, self.desk.now)
        reasons = await steps.reasons(self.books, sitting.session, request)
        return {reason.code: reason for reason in reasons}

    def _refusal(
        self,
        sitting: Sitting,
        name: str,
        argument: str,
        voice: Voice,
        reasons: dict[str, Reason],
    ) -> str | None:
        """The words that refuse the command; None if it is possible."""
        if sitting.session.on_paper and name not in _AT_ONCE:
            return voice("chair.on_paper")
        if "wrong_state" in reasons:
            state, waiting = sitting.shown_state, sitting.waiting
            counts = {"signed": waiting.signed, "needed": waiting.needed} if waiting else {}
            already = voice.catalogued(f"chair.already.{name}_{state}", **counts)
            return already or voice("chair.wrong_state", state=voice.state(state))
        if {"present": not _is_number(argument), "note": not argument}.get(name):
            return voice(f"chair.{name}_how")
        if name == "close" and not _is_minutes(argument):
            return voice("chair.close_how", most=_MOST_MINUTES)
        if closing := reasons.get("closing_already"):
            closes = int(str(closing.facts["closes"]))
            if self.desk.now + _seconds(argument) >= closes:  # a chair puts no end off
                return voice("chair.closing_already", time=sitting.clock(closes, voice))
        return None if name in _AT_ONCE else _first_refusal(reasons, voice)

    # ---- what is done

    async def _step(
        self, account: int, sitting: Sitting, voice: Voice, pending: PendingStep
    ) -> None:
        take = {
            "checkin": self._check_in,
            "present": self._present,
            "open": self._open,
            "resume": self._resume,
            "close": self._close,
            "publish": self._publish,
            "note": self._note,
        }
        if pending.name == "publish":
            await self._say(account, voice("chair.counting"))
        try:
            outcome = await take[pending.name](sitting, voice, pending.argument)
        except ProtocolError as error:
            outcome = f"{voice.refusal(error.code)}\n\n{voice('chair.nothing_changed')}"
        except (Problem, OSError) as error:
            logs.failure(f"{pending.name} by chat", error)
            outcome = voice("chair.try_again")
        await self._say(account, f"{sitting.head(voice)}\n\n{outcome}")

    async def _check_in(self, sitting: Sitting, voice: Voice, _: str) -> str:
        await steps.check_in(self.books, sitting.uuid)
        return voice("chair.done.checkin")

    async def _present(self, sitting: Sitting, voice: Voice, argument: str) -> str:
        refusal = _first_refusal(await self._reasons(sitting, "present", argument), voice)
        if refusal is not None:
            return refusal
        await steps.set_present(self.books, sitting.uuid, int(argument))
        return voice("chair.done.present", count=int(argument))

    async def _open(self, sitting: Sitting, voice: Voice, _: str) -> str:
        await steps.open_voting(self.books, sitting.uuid)
        return voice(
            "chair.done.open", needed=sitting.session.electronic.parameters.committee.quorum
        )

    async def _resume(self, sitting: Sitting, voice: Voice, _: str) -> str:
        await steps.resume(self.books, sitting.uuid)
        self.remind(sitting.uuid)
        return voice("chair.done.resume")

    async def _close(self, sitting: Sitting, voice: Voice, argument: str) -> str:
        seconds, now = _seconds(argument), self.desk.now
        closes = await steps.announce_close(self.books, sitting.uuid, now, seconds, put_off=False)
        return voice("chair.done.close", time=sitting.clock(closes or now, voice))

    async def _publish(self, sitting: Sitting, voice: Voice, _: str) -> str:
        # The audit of the archive may take a minute.
        await apart(self.desk.datadir, lambda books: steps.publish(books, sitting.uuid, _checks))
        return voice("chair.done.publish")

    async def _note(self, sitting: Sitting, voice: Voice, argument: str) -> str:
        await steps.note(self.books, sitting.uuid, argument)
        return voice("chair.done.note")

    # ---- small things

    def _remember(self, account: int, name: str, argument: str, uuid: str | None) -> PendingStep:
        until, group = self.desk.now + CONFIRM_SECONDS, secrets.randbelow(CODE_GROUPS)
        pending = PendingStep(name, argument, uuid, until, group)
        self._pending[account] = pending
        return pending

    def _waiting(self, account: int) -> PendingStep | None:
        pending = self._pending.get(account)
        if pending is not None and pending.until < self.desk.now:
            del self._pending[account]
            return None
        return pending

    async def _voice(self, account: int, sitting: Sitting) -> Voice:
        chats = await self.desk.chats(account, CHAIR)
        return sitting.voice(language_of(chats[0].language if chats else None))

    async def _say(self, account: int, text: str) -> None:
        await talk.say(self.desk.bot, account, Page(text))


@contextmanager
def _checks() -> Iterator[Run]:
    with workers() as pool:
        yield pool.checking()


def _first_refusal(reasons: dict[str, Reason], voice: Voice) -> str | None:
    """The words for the first reason that refuses, if one does."""
    for reason in reasons.values():
        if reason.error is not None:
            words = voice.catalogued(f"chair.{reason.code}", **reason.facts)
            return (
                words or f"{voice.refusal(reason.error.code)}\n\n{voice('chair.nothing_changed')}"
            )
    return None


def _warning(sitting: Sitting, name: str, voice: Voice, reasons: dict[str, Reason]) -> str:
    """The counts and warnings that a chair sees before confirming."""
    counts = sitting.counts
    if name == "close":
        return voice("chair.close_counts", registered=counts.registered, cast=counts.cast)
    if name == "publish" and "wrong_shares" in reasons:
        return voice("chair.wrong_shares", **reasons["wrong_shares"].facts)
    if name != "open":
        return ""
    lines = [voice("chair.open_counts", present=counts.present, issued=counts.issued)]
    for code in ("few_credentials", "untried", "before_unknown", "before_cancelled"):
        if code in reasons:
            key = "before_unknown" if code == "before_cancelled" else code
            lines.append(voice(f"chair.{key}", **reasons[code].facts))
    return "\n".join(lines)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len("200000")


def _is_minutes(argument: str) -> bool:
    return not argument or (_is_number(argument) and int(argument) <= _MOST_MINUTES)


def _seconds(argument: str) -> int:
    return int(argument) * 60 if argument else _CLOSE_SECONDS


def _when(argument: str, voice: Voice) -> str:
    if not argument:
        return voice("time.seconds", number=_CLOSE_SECONDS)
    return voice("time.minutes", number=argument) if argument != "0" else voice("time.now")
