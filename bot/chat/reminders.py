"""The plan, for chairs: what is due, and a reminder of it two days before, on the day, and late.

Each once, by day only. What was told stands in the book, so that a restart does not repeat it. The
offices of the officials hear of the papers that are asked of them, and tick nothing off.
"""

import asyncio
import hashlib
import time
from dataclasses import dataclass
from datetime import date
from typing import Final

from telegram import CallbackQuery
from telegram.error import TelegramError

from admin.office import dossiers
from admin.office import plan as deadlines
from admin.office.dossiers import Lack
from admin.office.plan import Plan
from admin.rules import dossiers as rules
from admin.rules.calendar import Due
from admin.words import words
from bot import logs
from bot.chat import talk
from bot.chat.desk import CHAIR, OFFICE, Desk, Sitting
from bot.chat.pages import Page, Row, Voice, language_of, plain, split
from crypto.lifecycle import ABANDONED
from storage.rows import Chat

HOURS: Final = (7, 20)  # local time: from, and before
NEAR_DAYS: Final = 2


@dataclass(frozen=True, slots=True)
class Seen:
    """A plan as it stands today."""

    plan: Plan
    dues: tuple[Due, ...]
    lacks: tuple[Lack, ...]
    today: date

    def tells(self, due: Due, role: str) -> bool:
        """Whether a deadline is told to this role."""
        return role == CHAIR or due.deadline.key in rules.due(self.plan.regime)


@dataclass
class Reminders:
    """Looks at the plans, for ever; shows them to chairs."""

    desk: Desk

    async def watch(self) -> None:
        """Until it is cancelled."""
        failing = False
        while True:
            try:
                await self._look()
            except (OSError, TelegramError) as error:
                if not failing:
                    logs.failure("reminding of deadlines", error)
                failing = True
            else:
                failing = False
            await asyncio.sleep(self.desk.pauses.plans)

    async def show(self, account: int, voice: Voice) -> None:
        """`/plan`: what is due, what is late, what is done."""
        chats = await self.desk.chats(account, CHAIR, OFFICE)
        if not chats:
            await talk.say(self.desk.bot, account, Page(voice("chair.not_chair")))
        for chat in chats:
            sitting = await self.desk.sitting(chat.uuid)
            said = sitting.voice(language_of(chat.language))
            for page in self._pages(sitting, said, chat.role):
                await talk.say(self.desk.bot, account, page)

    async def tapped(self, query: CallbackQuery, uuid: str, mark: str, voice: Voice) -> None:
        """A chair says that something is done."""
        mine = await self.desk.chats(query.from_user.id, CHAIR)
        known = any(chat.uuid == uuid for chat in mine)
        plan = deadlines.kept(self.desk.datadir, uuid) if known else None
        key = (
            next((one.key for one in plan.deadlines if _mark(one.key) == mark), None)
            if plan
            else None
        )
        if key is None:
            await talk.answer(query, voice("alerts.old_button"))
            return
        await talk.answer(query)
        deadlines.finish(self.desk.datadir, uuid, [key])
        sitting = await self.desk.sitting(uuid)
        await talk.turn(self.desk.bot, query, self._pages(sitting, voice, CHAIR)[-1])

    # ---- the plan

    def _seen(self, sitting: Sitting) -> Seen | None:
        plan = deadlines.kept(self.desk.datadir, sitting.uuid)
        if plan is None:
            return None
        today = date.fromtimestamp(self.desk.now)  # noqa: DTZ012  days are those of the place
        if sitting.parameters is None:
            return Seen(plan, plan.dues(today), (), today)
        names = [one.name for one in sitting.parameters.officials]
        found = dossiers.of(self.desk.datadir, sitting.uuid)
        lacks = dossiers.lacking(plan.regime, names, found)
        met = rules.met(plan.regime, [lack.paper.kind for lack in lacks])
        return Seen(plan, plan.dues(today, met), lacks, today)

    def _pages(self, sitting: Sitting, voice: Voice, role: str) -> list[Page]:
        seen, head = self._seen(sitting), sitting.head(voice)
        if seen is None:
            return [Page(f"{head}\n\n{voice('plan.none')}")]
        lines = [f"\n{_line(due, seen, voice)}" for due in seen.dues if seen.tells(due, role)]
        texts = split(f"{head}\n\n{voice('plan.title', day=f'{seen.plan.vote:%d/%m/%Y}')}", lines)
        rows: list[Row] = [
            [plain(f"done:{sitting.uuid}:{_mark(key)}", voice("buttons.done", what=what)[:60])]
            for due in seen.dues
            if role == CHAIR
            and due.state in {"overdue", "today", "ahead"}
            and not due.deadline.optional
            for key, what in [(due.deadline.key, _told(due, voice))]
        ]
        return [*(Page(text) for text in texts[:-1]), Page(texts[-1], rows)]

    # ---- reminders

    async def _look(self) -> None:
        if not HOURS[0] <= time.localtime(self.desk.now).tm_hour < HOURS[1]:
            return
        for row in await self.desk.registrar.book.sessions():
            if row.state not in ABANDONED:
                chats = await self.desk.registrar.book.chats.of_session(row.uuid)
                asked = [chat for chat in chats if chat.role in {CHAIR, OFFICE}]
                if asked:
                    await self._remind(row.uuid, asked)

    async def _remind(self, uuid: str, chats: list[Chat]) -> None:
        sitting = await self.desk.sitting(uuid)
        seen = self._seen(sitting)
        if seen is None:
            return
        asked = await self._asked(seen)
        near = {name: due for due in seen.dues if (name := _name(due)) is not None}
        book = self.desk.registrar.book.chats
        told = {name: await book.notified(uuid, name) for name in (*near, *asked)}
        for chat in chats:
            voice = sitting.voice(language_of(chat.language))
            new = [name for name in told if chat.account not in told[name]]
            if chat.role == OFFICE:
                new = [name for name in new if name in near and seen.tells(near[name], OFFICE)]
            lines = [f"\n{_line(near[name], seen, voice)}" for name in new if name in near]
            lines += [
                f"\n{voice('plan.questions', number=asked[one])}" for one in new if one in asked
            ]
            if not lines:
                continue
            for text in split(f"{sitting.head(voice)}\n\n{voice('plan.remind')}", lines):
                await talk.say(self.desk.bot, chat.account, Page(text))
            for name in new:
                await book.note_sent(uuid, name, chat.account)

    async def _asked(self, seen: Seen) -> dict[str, int]:
        """That the time for questions is over, and how many there are; nothing before that."""
        until = seen.plan.questions_until()
        if until is None or seen.today <= until:
            return {}
        number = len(await self.desk.registrar.book.questions.all(seen.plan.uuid))
        return {f"questions {until}": number} if number else {}


def _name(due: Due) -> str | None:
    """Under which it is noted that a reminder was given; None where there is none to give."""
    key = f"due {due.deadline.key} {due.day}"
    if due.state in {"today", "overdue"}:
        return f"{key} {due.state}"
    return f"{key} near" if due.state == "ahead" and due.left <= NEAR_DAYS else None


def _line(due: Due, seen: Seen, voice: Voice) -> str:
    """A deadline, and under it whose papers are missing."""
    state = words(f"cli.plan.states.{due.state}", voice.language, days=abs(due.left))
    who = due.deadline.who.vi if voice.language == "vi" else due.deadline.who.en
    said = {"day": f"{due.day:%d/%m/%Y}", "state": state, "who": who, "what": _told(due, voice)}
    lines = [voice(f"plan.{'late' if due.state == 'overdue' else 'line'}", **said)]
    for lack in seen.lacks:
        if due.deadline.key in lack.paper.due:
            kind = words(f"dossiers.kinds.{lack.paper.kind}", voice.language)
            numbers = ", ".join(str(number) for number, _ in lack.officials)
            lines.append(voice("plan.lack", kind=kind, numbers=numbers))
    return "\n".join(lines)


def _told(due: Due, voice: Voice) -> str:
    return due.deadline.what.vi if voice.language == "vi" else due.deadline.what.en


def _mark(key: str) -> str:
    """A key in a button, which has little room."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]
