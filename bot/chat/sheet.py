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
from admin.voting.ballot_button import Button, ButtonKey, CastButton
from bot.chat import launch
from bot.chat.desk import Desk, Sitting
from bot.chat.dossiers import line
from bot.chat.pages import LIMIT, Page, Row, Voice, language_of, split
from crypto.errors import BadCredentials, ProtocolError, Refused, WrongState
from crypto.session import Election, Level, Parameters
from storage.rows import Chat

MARKED: Final = "✅ "
_LINE: Final = 30  # letters of a line of the review beside the name
_SHORT_NAME: Final = 40  # letters, where a review of all would be too long for a message


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a voter keeps of a ballot that is cast; it says nothing of what was chosen."""

    tracker: str
    promise: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Draws for one account."""

    sitting: Sitting
    key: ButtonKey
    account: int
    voice: Voice

    @property
    def election(self) -> Election:
        if self.sitting.election is None:
            raise WrongState("the session has not been sealed")
        return self.sitting.election

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
        keys = ["ballot.offer", "ballot.weaker", *(["ballot.stronger"] if app else [])]
        text = "\n\n".join([self.sitting.head(self.voice), *map(self.voice, keys)])
        return Page(
            text,
            [
                *app,
                [self._button(self.voice("buttons.collect"), first)],
                [self._button(self.voice("buttons.papers"), first.to(buttons.DOSSIERS))],
            ],
        )

    def ready(self, draft: Button) -> Page:
        """The token is there: the button that begins the ballot."""
        text = f"{self.sitting.head(self.voice)}\n\n{self.voice('ballot.ready')}"
        return Page(
            text,
            [
                [self._button(self.voice("buttons.begin"), draft.to(buttons.START))],
                [self._button(self.voice("buttons.papers"), draft.to(buttons.DOSSIERS))],
            ],
        )

    def unregistered(self) -> Page:
        """No token was collected while there was time."""
        return Page(f"{self.sitting.head(self.voice)}\n\n{self.voice('ballot.registration_ended')}")

    def official(self, draft: Button) -> Page:
        """One official: the levels, and ways to the others."""
        index, total = draft.page, len(draft.marks)
        official = self.parameters.officials[index]
        marked = total - len(draft.unmarked)
        text = self._heading(index) + self.voice(
            "ballot.official",
            number=index + 1,
            total=total,
            name=official.name,
            position=official.position,
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
        number = len(names)
        bullets = "\n".join(f"• {name}" for name in _short(names))
        text = self.voice("ballot.blanks", number=number, names=bullets)
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

    def stopped(self, draft: Button, error: ProtocolError) -> Page:
        """Nothing is encrypted: the opening does not hold, or not with this voter's credential."""
        key = "unlisted" if isinstance(error, BadCredentials) else "stopped"
        again = self._button(self.voice("buttons.begin"), draft.to(buttons.START))
        return Page(f"{self.sitting.head(self.voice)}\n\n{self.voice(f'ballot.{key}')}", [[again]])

    def rated(self, draft: Button, *, collected: bool) -> list[Page]:
        """The list of officials, in as many messages as it takes; the first has the way back."""
        officials = self.parameters.officials
        rows = [line(i, o.name, o.position, self.voice) for i, o in enumerate(officials, 1)]
        texts = split(f"{self.voice('papers.list', total=len(officials))}\n", rows)
        back = buttons.START if collected else buttons.TOKEN
        label = "buttons.begin" if collected else "buttons.collect"
        way = [[self._button(self.voice(label), draft.to(back))]]
        return [Page(texts[0], way), *(Page(text) for text in texts[1:])]

    def recorded(self, receipt: Receipt, what: str, button: CastButton | None) -> Page:
        """After the vote: what became of the ballot, and what the voter keeps.

        Args:
            what: what became of it, in words.
            button: looks for the ballot after the close.
        """
        tracker = receipt.tracker
        label = self.voice("buttons.copy")
        copy = InlineKeyboardButton(label, copy_text=CopyTextButton(tracker))
        looking: list[Row] = []
        if button is not None:
            looking.append([self._button(self.voice("buttons.check"), button)])
        kept = self.voice("ballot.receipt", tracker=tracker, promise=receipt.promise)
        text = f"{what}\n\n{kept}"
        return Page(text, [*looking, [copy]])

    def _level(self, draft: Button, number: int, level: Level) -> InlineKeyboardButton:
        chosen = draft.marks[draft.page] == number
        label = self._label(level)
        following = draft.mark(draft.page, None if chosen else number)
        return self._button(f"{MARKED}{label}" if chosen else label, following)

    def _label(self, level: Level) -> str:
        """The legal wording; in another language the translation in the regime."""
        if self.voice.language == "vi":
            return level.label
        return self.sitting.session.regime.label_of(level.key, self.voice.language)

    def _ways(self, draft: Button) -> list[Row]:
        index, last = draft.page, len(draft.marks) - 1
        way: list[InlineKeyboardButton] = []
        if index > 0:
            way.append(self._button(self.voice("buttons.back"), draft.to(index - 1)))
        if index < last:
            way.append(self._button(self.voice("buttons.next"), draft.to(index + 1)))
        rows: list[Row] = [way] if way else []
        unmarked = [i for i in draft.unmarked if i != index]
        if unmarked:
            following = next((i for i in unmarked if i > index), unmarked[0])
            rows.append([self._missing(draft, following)])
        rows.append([self._button(self.voice("buttons.review"), draft.to(buttons.REVIEW))])
        return rows

    def _missing(self, draft: Button, following: int) -> InlineKeyboardButton:
        label = self.voice("buttons.missing", number=len(draft.unmarked))
        return self._button(label, draft.to(following))

    def _again(self, draft: Button) -> Row:
        return [self._button(self.voice("buttons.again"), draft.to(buttons.SEND))]

    def _listed(self, draft: Button) -> str:
        room = LIMIT - sum(len(block.heading) + _LINE for block in self.sitting.session_file.blocks)
        names = _short([official.name for official in self.parameters.officials], room)
        lines = []
        for i, (name, mark) in enumerate(zip(names, draft.marks, strict=True), start=1):
            if self._begins(i - 1):
                lines.append(f"\n{self._heading(i - 1).strip()}")
            choice = (
                self.voice("ballot.blank_line")
                if mark is None
                else f"<b>{self._label(self.parameters.policy.levels[mark])}</b>"
            )
            lines.append(f"{i}. {self.voice('ballot.name', name=name)}: {choice}")
        return "\n".join([self.voice("ballot.review"), "", *lines])

    def _heading(self, place: int) -> str:
        """The khối of an official, above the rest; nothing where there are none."""
        headings = self.sitting.session_file.headings
        return f"{self.voice('ballot.block', heading=headings[place])}\n\n" if headings else ""

    def _begins(self, place: int) -> bool:
        """Whether an official is the first of a khối."""
        headings = self.sitting.session_file.headings
        return bool(headings) and (place == 0 or headings[place] != headings[place - 1])

    def _button(self, text: str, button: Button | CastButton) -> InlineKeyboardButton:
        return InlineKeyboardButton(text, callback_data=self.key.seal(self.account, button))


def offer(desk: Desk, sitting: Sitting, chat: Chat) -> Page | None:
    """The page that lets a voter collect the token; None if that is not possible here."""
    voice = sitting.voice(language_of(chat.language))
    app = launch.rows(desk, sitting, voice)
    if not sitting.by_chat:
        text = f"{sitting.head(voice)}\n\n{voice('ballot.offer_app')}"
        return Page(text, app) if app else None
    key = desk.key(sitting)
    return None if key is None else Sheet(sitting, key, chat.account, voice).offer(app)


def _short(names: list[str], room: int = LIMIT) -> list[str]:
    """Names that fit one message together, the longest cut if need be."""
    if sum(len(name) + _LINE for name in names) <= room:
        return names
    return [name if len(name) <= _SHORT_NAME else f"{name[:_SHORT_NAME]}…" for name in names]
