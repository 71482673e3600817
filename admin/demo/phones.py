"""People with the bot on their phones: delegates, the chair, an observer.

They know of the bot only what stands on their screens, in the words of admin/locales/chat. Telegram
is the stand-in of tests/telegram, which runs in a thread of its own.
"""

import asyncio
import html
import re
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, Any, Final, TypeVar

from admin.demo.background import in_background
from admin.demo.scenario import Choices
from admin.words import Language, catalogue, words
from tests.telegram.people import Label, Person
from tests.telegram.snapshot import Message
from tests.telegram.standin import StandIn

if TYPE_CHECKING:
    from concurrent.futures import Future

_T = TypeVar("_T")
_LANGUAGE: Final[Language] = "vi"
_MARKED: Final = "✅ "
_TAG: Final = re.compile(r"<[^<>]+>")
_PATIENCE: Final = 120.0  # seconds; a hundred people who tap at once wait for each other
_LONG: Final = 600.0  # the record of 5000 ballots is audited before it is published


# --- Telegram -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Exchange:
    """The stand-in, and the thread where everything on phones happens."""

    telegram: StandIn
    loop: asyncio.AbstractEventLoop

    def begin(self, work: Coroutine[Any, Any, _T]) -> "Future[_T]":
        """Something that goes on beside what the caller does."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)


@contextmanager
def exchange() -> Iterator[Exchange]:
    """The stand-in for the length of the block; what is not done by then is given up."""
    with in_background("telegram", StandIn()) as (telegram, loop):
        yield Exchange(telegram, loop)


# --- A phone ------------------------------------------------------------------------------


def sentence(key: str) -> tuple[str, ...]:
    """A sentence of the bot as people read it, without what is put into it."""
    pieces = [piece for piece, *_ in Formatter().parse(catalogue(_LANGUAGE)[f"chat.{key}"])]
    plain = [html.unescape(_TAG.sub("", piece)).strip() for piece in pieces]
    return tuple(piece for piece in plain if piece)


@dataclass(frozen=True, slots=True)
class Phone:
    """What somebody does with the bot."""

    person: Person

    async def sees(self, *parts: str, patience: float = _PATIENCE) -> Message:
        """Until a message has all these texts."""
        return await self.person.until(lambda m: all(part in m.text for part in parts), patience)

    async def taps(self, key: str, **values: object) -> None:
        """Until there is this button, and then on it."""
        await self.presses(words(f"chat.buttons.{key}", _LANGUAGE, **values))

    async def presses(self, label: Label) -> None:
        """The same for a button whose words are not the bot's own."""
        await self.person.until(lambda m: label in m.labels, _PATIENCE)
        await self.person.tap(label)

    async def enter(self, uuid: str, login: str) -> None:
        """Follows the QR code of a letter, and says yes."""
        await self.person.start(f"{uuid}-{login}")
        await self.taps("yes")
        await self.sees(*sentence("door.welcome"))


# --- A delegate ---------------------------------------------------------------------------


@dataclass
class Delegate:
    """Somebody who votes by buttons.

    Attributes:
        tracker, promise: what the bot said in the end.
    """

    phone: Phone
    uuid: str
    login: str
    choices: Choices
    tracker: str = ""
    promise: str = ""

    async def check_in(self, step: Callable[[int], None]) -> None:
        """From the letter to a ballot paper in a button."""
        await self.phone.enter(self.uuid, self.login)
        await self.phone.taps("collect")
        await self.phone.sees(*sentence("ballot.ready"))
        step(1)

    async def vote(self, levels: list[str], step: Callable[[int], None]) -> None:
        """Marks everybody, reviews, confirms; one step for each official."""
        phone = self.phone
        await phone.sees(*sentence("notices.opened"))
        await phone.taps("begin")
        total = len(self.choices)
        for number, choice in enumerate(self.choices, start=1):
            await self._mark(number, None if choice is None else levels[choice])
            step(1)
            await phone.taps("next" if number < total else "review")
        await phone.taps("send")
        if blank := self.choices.count(None):
            await phone.taps("send_blank", number=blank)
        self._remember(await phone.sees(*sentence("ballot.recorded")))

    async def look(self) -> None:
        """After the committee has signed the close: the receipt says that the ballot is counted."""
        await self.phone.sees(*sentence("notices.signed"))
        await self.phone.taps("check")
        await self.phone.sees(*sentence("ballot.counted"), self.tracker)

    async def _mark(self, number: int, level: str | None) -> None:
        heading = _heading(number, len(self.choices))
        await self.phone.sees(heading)
        if level is None:
            return
        await self.phone.presses(level)
        await self.phone.person.until(
            lambda m: heading in m.text and f"{_MARKED}{level}" in m.labels, _PATIENCE
        )

    def _remember(self, message: Message) -> None:
        """What the button copies, and the paper that the box signed."""
        buttons = [button for row in message.buttons for button in row]
        self.tracker = next(button.copy_text for button in buttons if button.copy_text)
        self.promise = message.text.partition(sentence("ballot.receipt")[-1])[2].strip() + "\n"


def _heading(number: int, total: int) -> str:
    """The first line on the page of an official."""
    sentence = catalogue(_LANGUAGE)["chat.ballot.official"].partition("\n")[0]
    return _TAG.sub("", sentence.format(number=number, total=total))


# --- The chair and an observer ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chair:
    """Leads the session; `code` is the session code on the hall screen."""

    phone: Phone
    code: str

    async def says(self, command: str, outcome: str, *, patience: float = _PATIENCE) -> None:
        """A step that waits for a group of the code."""
        name, confirm = command.partition(" ")[0], sentence("chair.confirm")
        await self.phone.person.say(f"/{command}")
        asking = await self.phone.sees(*sentence(f"chair.ask.{name}"), *confirm)
        number = asking.text.partition(confirm[0])[2].split()[0]
        await self.phone.person.say(self.code.split("-")[int(number) - 1])
        await self.phone.sees(*sentence(outcome), patience=patience)

    async def counts_present(self, number: int) -> None:
        """The head count."""
        await self.phone.person.say(f"/present {number}")
        await self.phone.sees(*sentence("chair.done.present"), str(number))

    async def closes(self) -> None:
        """Now; until the closing is there to be signed."""
        await self.says("close 0", "chair.done.close")
        await self.phone.sees(*sentence("notices.closing_office"))

    async def hears_of_the_close(self) -> None:
        """The committee has signed it."""
        await self.phone.sees(*sentence("notices.closed_office"))

    async def publishes(self) -> None:
        """Counts and publishes; until the record itself has come."""
        await self.says("publish", "chair.done.publish", patience=_LONG)
        await self.phone.person.until(lambda m: m.kind == "document", _PATIENCE)


async def watch(phone: Phone) -> None:
    """Asks for the session's figures, which renew themselves."""
    await phone.person.say("/session")
    await phone.sees(*sentence("board.state"))
