"""The pages of a ballot: one official on each, then a review in words.

Nothing is marked beforehand; the levels stand in legal order; a tap on a mark takes it back. Every
button carries the whole draft (admin/voting/ballot_button.py), so a page can be drawn from the tap
alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from telegram import CopyTextButton, InlineKeyboardButton

from admin.voting import ballot_button as buttons
from admin.voting.ballot_button import Button, ButtonKey
from admin.words import words
from bot.chat.desk import Sitting
from bot.chat.dossiers import line
from bot.chat.pages import LIMIT, Page, Row, Voice, split
from crypto.errors import Refused
from crypto.session import Level, Parameters

MARKED: Final = "✅ "
_LINE: Final = 30  # letters of a line of the review beside the name
_SHORT_NAME: Final = 40  # letters, where a review of all would be too long for a message


@dataclass(frozen=True, slots=True)
class Sheet:
    """Draws for one account."""

    sitting: Sitting
    key: ButtonKey
    account: int
    voice: Voice

    @property
    def parameters(self) -> Parameters:
        if self.sitting.parameters is None:
            raise Refused("the session has not been sealed")
        return self.sitting.parameters

    def offer(self, app: Sequence[Row]) -> Page:
        """Check-in: the button that collects the token. A new seed at each call.

        Args:
            app: the button of the Mini App, where there is one.
        """
        first = Button.first(len(self.parameters.officials))
        said = ["ballot.offer", "ballot.weaker", *(["ballot.stronger"] if app else [])]
        text = "\n\n".join([self.sitting.head(self.voice), *map(self.voice, said)])
        return Page(
            text,
            [
                *app,
                [self._button(self.voice("buttons.collect"), first)],
                [self._button(self.voice("buttons.papers"), first.to(buttons.PAPERS))],
            ],
        )

    def ready(self, draft: Button) -> Page:
        """The token is there: the button that begins the ballot."""
        text = f"{self.sitting.head(self.voice)}\n\n{self.voice('ballot.ready')}"
        return Page(
            text,
            [
                [self._button(self.voice("buttons.begin"), draft.to(buttons.START))],
                [self._button(self.voice("buttons.papers"), draft.to(buttons.PAPERS))],
            ],
        )

    def official(self, draft: Button) -> Page:
        """One official: the levels, and ways to the others."""
        here, total = draft.page, len(draft.marks)
        one = self.parameters.officials[here]
        marked = total - len(draft.unmarked)
        text = self._heading(here) + self.voice(
            "ballot.official",
            number=here + 1,
            total=total,
            name=one.name,
            position=one.position,
            marked=marked,
        )
        rows: list[Row] = [
            [self._level(draft, number, level)]
            for number, level in enumerate(self.parameters.policy.levels)
        ]
        return Page(text, [*rows, *self._ways(draft)])

    def review(self, draft: Button) -> Page:
        """The whole ballot in words, and what is missing."""
        unmarked = draft.unmarked
        text = self._listed(draft)
        if not unmarked:
            text += f"\n\n{self.voice('ballot.final')}"
            rows: list[Row] = [[self._button(self.voice("buttons.send"), draft.to(buttons.SEND))]]
        elif self.parameters.policy.fewest:
            text += f"\n\n{self.voice('ballot.must_fill', number=len(unmarked))}"
            rows = []
        else:
            text += f"\n\n{self.voice('ballot.some_blank', number=len(unmarked))}"
            rows = [[self._button(self.voice("buttons.send"), draft.to(buttons.BLANKS))]]
        if unmarked:
            rows.insert(0, [self._missing(draft, unmarked[0])])
        rows.append([self._button(self.voice("buttons.edit"), draft.to(0))])
        return Page(text, rows)

    def blanks(self, draft: Button) -> Page:
        """The warning before a ballot with blank lines is sent."""
        names = [self.parameters.officials[i].name for i in draft.unmarked]
        listed = "\n".join(f"• {name}" for name in _short(names))
        number = len(names)
        text = self.voice("ballot.blanks", number=number, names=listed)
        return Page(
            text,
            [
                [self._missing(draft, draft.unmarked[0])],
                [
                    self._button(
                        self.voice("buttons.send_blank", number=number), draft.to(buttons.SEND)
                    )
                ],
                [self._button(self.voice("buttons.review"), draft.to(buttons.REVIEW))],
            ],
        )

    def sending(self, draft: Button) -> Page:
        """While the ballot is encrypted, checked and stored."""
        return Page(self.voice("ballot.sending"), [self._again(draft)])

    def not_sent(self, draft: Button) -> Page:
        """Nothing is stored, and trying again may help."""
        return Page(self.voice("ballot.not_sent"), [self._again(draft)])

    def papers(self, draft: Button, *, collected: bool) -> list[Page]:
        """Who is rated, in as many messages as that takes; the first has the way back."""
        officials = self.parameters.officials
        rows = [line(i, one.name, one.position, self.voice) for i, one in enumerate(officials, 1)]
        texts = split(f"{self.voice('papers.list', total=len(officials))}\n", rows)
        back = buttons.START if collected else buttons.TOKEN
        label = "buttons.begin" if collected else "buttons.collect"
        way = [[self._button(self.voice(label), draft.to(back))]]
        return [Page(texts[0], way), *(Page(text) for text in texts[1:])]

    def _level(self, draft: Button, number: int, level: Level) -> InlineKeyboardButton:
        chosen = draft.marks[draft.page] == number
        label = self._label(level)
        following = draft.mark(draft.page, None if chosen else number)
        return self._button(f"{MARKED}{label}" if chosen else label, following)

    def _label(self, level: Level) -> str:
        """The legal wording; in another language its translation, where there is one."""
        if self.voice.language == "vi":
            return level.label
        return words(f"levels.{level.key}", self.voice.language)

    def _ways(self, draft: Button) -> list[Row]:
        here, last = draft.page, len(draft.marks) - 1
        way: list[InlineKeyboardButton] = []
        if here > 0:
            way.append(self._button(self.voice("buttons.back"), draft.to(here - 1)))
        if here < last:
            way.append(self._button(self.voice("buttons.next"), draft.to(here + 1)))
        rows: list[Row] = [way] if way else []
        others = [i for i in draft.unmarked if i != here]
        if others:
            rows.append([self._missing(draft, next((i for i in others if i > here), others[0]))])
        rows.append([self._button(self.voice("buttons.review"), draft.to(buttons.REVIEW))])
        return rows

    def _missing(self, draft: Button, following: int) -> InlineKeyboardButton:
        label = self.voice("buttons.missing", number=len(draft.unmarked))
        return self._button(label, draft.to(following))

    def _again(self, draft: Button) -> Row:
        return [self._button(self.voice("buttons.again"), draft.to(buttons.SEND))]

    def _listed(self, draft: Button) -> str:
        room = LIMIT - sum(len(block.heading) + _LINE for block in self.sitting.human.blocks)
        names = _short([one.name for one in self.parameters.officials], room)
        lines = []
        for i, (name, mark) in enumerate(zip(names, draft.marks, strict=True), start=1):
            if self._begins(i - 1):
                lines.append(f"\n{self._heading(i - 1).strip()}")
            said = (
                self.voice("ballot.blank_line")
                if mark is None
                else f"<b>{self._label(self.parameters.policy.levels[mark])}</b>"
            )
            lines.append(f"{i}. {self.voice('ballot.name', name=name)}: {said}")
        return "\n".join([self.voice("ballot.review"), "", *lines])

    def _heading(self, place: int) -> str:
        """The khối of an official, above the rest; nothing where there are none."""
        headings = self.sitting.human.headings
        return f"{self.voice('ballot.block', heading=headings[place])}\n\n" if headings else ""

    def _begins(self, place: int) -> bool:
        """Whether an official is the first of a khối."""
        headings = self.sitting.human.headings
        return bool(headings) and (place == 0 or headings[place] != headings[place - 1])

    def _button(self, text: str, draft: Button) -> InlineKeyboardButton:
        return InlineKeyboardButton(text, callback_data=self.key.seal(self.account, draft))


def _short(names: list[str], room: int = LIMIT) -> list[str]:
    """Names that fit one message together, the longest cut if need be."""
    if sum(len(name) + _LINE for name in names) <= room:
        return names
    return [name if len(name) <= _SHORT_NAME else f"{name[:_SHORT_NAME]}…" for name in names]


def recorded(voice: Voice, tracker: str, promise: str) -> Page:
    """After the vote: the tracker and the promise, and nothing of what was chosen."""
    copy = InlineKeyboardButton(voice("buttons.copy"), copy_text=CopyTextButton(tracker))
    return Page(voice("ballot.recorded", tracker=tracker, promise=promise), [[copy]])
