"""The plan, for chairs: what is due, and a reminder of it two days before, on the day, and late.

Each once, by day only. What was told stands in the book, so that a restart does not repeat it. The
offices of the officials hear of the papers that are asked of them, and tick nothing off.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Final

from telegram import CallbackQuery

from admin.office import dossiers
from admin.office import plan as deadlines
from admin.office.dossiers import Lack
from admin.office.plan import Plan
from admin.rules import dossiers as rules
from admin.rules import zones
from admin.rules.calendar import Due
from admin.words import words
from bot.chat import talk
from bot.chat.desk import CHAIR, OFFICE, Desk, Sitting
from bot.chat.pages import Page, Row, Voice, language_of, plain, split
from bot.pauses import rounds
from crypto.lifecycle import ABANDONED
from storage.rows import Chat

HOURS: Final = (7, 20)  # local time: from, and before
NEAR_DAYS: Final = 2


@dataclass(frozen=True, slots=True)
class PlanToday:
    """A plan as it stands today."""

    plan: Plan
    dues: tuple[Due, ...]
    lacks: tuple[Lack, ...]
    today: date

    def tells(self, due: Due, role: str) -> bool:
        """Whether this role hears of a deadline: a chair of all, an office of dossiers only."""
        return role == CHAIR or due.deadline.key in rules.due(self.plan.regime)


@dataclass
class Reminders:
    """Reminds chairs and offices of deadlines, and shows the plan to those who ask."""

    desk: Desk

    async def watch(self) -> None:
        """Reminds until it is cancelled."""
        await rounds(self._look, "reminding of deadlines", self.desk.pauses.plans)

    async def show(self, account: int, voice: Voice) -> None:
        """`/plan`: what is due, what is late, what is done."""
        chats = await self.desk.chats(account, CHAIR, OFFICE)
        if not chats:
            await talk.say(self.desk.bot, account, Page(voice("chair.not_chair")))
        for chat in chats:
            sitting = await self.desk.sitting(chat.uuid)
            own_voice = sitting.voice(language_of(chat.language))
            for page in self._pages(sitting, own_voice, chat.role):
                await talk.say(self.desk.bot, account, page)

    async def tapped(self, query: CallbackQuery, uuid: str, mark: str, voice: Voice) -> None:
        """A chair says that something is done."""
        chats = await self.desk.chats(query.from_user.id, CHAIR)
        is_chair = any(chat.uuid == uuid for chat in chats)
        plan = deadlines.kept(self.desk.datadir, uuid) if is_chair else None
        keys = [deadline.key for deadline in plan.deadlines] if plan else []
        key = next((key for key in keys if _short_key(key) == mark), None)
        if key is None:
            await talk.answer(query, voice("alerts.old_button"))
            return
        await talk.answer(query)
        deadlines.finish(self.desk.datadir, uuid, [key])
        sitting = await self.desk.sitting(uuid)
        await talk.turn(self.desk.bot, query, self._pages(sitting, voice, CHAIR)[-1])

    # ---- the plan

    def _view(self, sitting: Sitting) -> PlanToday | None:
        plan = deadlines.kept(self.desk.datadir, sitting.uuid)
        if plan is None:
            return None
        today = sitting.session.today(self.desk.now)
        if sitting.parameters is None:
            return PlanToday(plan, plan.dues(today), (), today)
        names = [official.name for official in sitting.parameters.officials]
        files = dossiers.of(self.desk.datadir, sitting.uuid)
        lacks = dossiers.lacking(plan.regime, names, files)
        fulfilled = rules.met(plan.regime, [lack.piece.kind for lack in lacks])
        return PlanToday(plan, plan.dues(today, fulfilled), lacks, today)

    def _pages(self, sitting: Sitting, voice: Voice, role: str) -> list[Page]:
        view, head = self._view(sitting), sitting.head(voice)
        if view is None:
            return [Page(f"{head}\n\n{voice('plan.none')}")]
        lines = [f"\n{_line(due, view, voice)}" for due in view.dues if view.tells(due, role)]
        texts = split(f"{head}\n\n{voice('plan.title', day=f'{view.plan.vote:%d/%m/%Y}')}", lines)
        rows: list[Row] = [
            [plain(f"done:{sitting.uuid}:{_short_key(key)}", voice("buttons.done", what=what)[:60])]
            for due in view.dues
            if role == CHAIR
            and due.state in {"overdue", "today", "ahead"}
            and not due.deadline.optional
            for key, what in [(due.deadline.key, _what(due, voice))]
        ]
        return [*(Page(text) for text in texts[:-1]), Page(texts[-1], rows)]

    # ---- reminders

    async def _look(self) -> None:
        for row in await self.desk.registrar.book.sessions():
            if row.state not in ABANDONED:
                chats = await self.desk.registrar.book.chats.of_session(row.uuid)
                recipients = [chat for chat in chats if chat.role in {CHAIR, OFFICE}]
                if recipients:
                    await self._remind(row.uuid, recipients)

    async def _remind(self, uuid: str, chats: list[Chat]) -> None:
        sitting = await self.desk.sitting(uuid)
        view = self._view(sitting)
        hour = zones.local(self.desk.now, sitting.session_file.zone).hour
        if view is None or not HOURS[0] <= hour < HOURS[1]:
            return
        received = await self._questions(view)
        near = {name: due for due in view.dues if (name := _name(due)) is not None}
        book = self.desk.registrar.book.chats
        notified = {name: await book.notified(uuid, name) for name in (*near, *received)}
        for chat in chats:
            voice = sitting.voice(language_of(chat.language))
            new = [name for name in notified if chat.account not in notified[name]]
            if chat.role == OFFICE:
                new = [name for name in new if name in near and view.tells(near[name], OFFICE)]
            lines = [f"\n{_line(near[name], view, voice)}" for name in new if name in near]
            lines += [
                f"\n{voice('plan.questions', number=received[name])}"
                for name in new
                if name in received
            ]
            if not lines:
                continue
            for text in split(f"{sitting.head(voice)}\n\n{voice('plan.remind')}", lines):
                await talk.say(self.desk.bot, chat.account, Page(text))
            for name in new:
                await book.note_sent(uuid, name, chat.account)

    async def _questions(self, view: PlanToday) -> dict[str, int]:
        """The reminder that the time for questions is over, with their number; none before that."""
        until = view.plan.questions_until()
        if until is None or view.today <= until:
            return {}
        number = len(await self.desk.registrar.book.questions.all(view.plan.uuid))
        return {f"questions {until}": number} if number else {}


def _name(due: Due) -> str | None:
    """The name under which the book notes that a reminder was given; None where none is due."""
    key = f"due {due.deadline.key} {due.day}"
    if due.state in {"today", "overdue"}:
        return f"{key} {due.state}"
    return f"{key} near" if due.state == "ahead" and due.left <= NEAR_DAYS else None


def _line(due: Due, view: PlanToday, voice: Voice) -> str:
    """A deadline, and under it whose dossiers are missing."""
    state = words(f"cli.plan.states.{due.state}", voice.language, days=abs(due.left))
    who = due.deadline.who.vi if voice.language == "vi" else due.deadline.who.en
    fields = {"day": f"{due.day:%d/%m/%Y}", "state": state, "who": who, "what": _what(due, voice)}
    lines = [voice(f"plan.{'late' if due.state == 'overdue' else 'line'}", **fields)]
    for lack in view.lacks:
        if due.deadline.key in lack.piece.due:
            kind = words(f"dossiers.kinds.{lack.piece.kind}", voice.language)
            numbers = ", ".join(str(number) for number, _ in lack.officials)
            lines.append(voice("plan.lack", kind=kind, numbers=numbers))
    return "\n".join(lines)


def _what(due: Due, voice: Voice) -> str:
    return due.deadline.what.vi if voice.language == "vi" else due.deadline.what.en


def _short_key(key: str) -> str:
    """Eight letters for a deadline's key: a button carries 64 bytes."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]
