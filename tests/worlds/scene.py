"""A sealed session, a bot over its books, and people on the phones of a stand-in for Telegram."""

import asyncio
import logging
import re
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from fastapi import FastAPI

from admin.session.books import Books, opened
from admin.session.datadir import DataDir
from admin.voting.codes import code_hash
from bot import logs, server
from bot.app import Options, running
from bot.chat.application import RunningBot
from crypto.committee import Moment
from crypto.lifecycle import State, Step
from storage.rows import Code
from tests.telegram.cloud import Cloud
from tests.telegram.people import Person
from tests.telegram.snapshot import Message
from tests.telegram.standin import StandIn
from tests.worlds import committee, hall
from tests.worlds.hall import FAR, Sealed
from tests.worlds.quick import QUICK

CHAT = ("chat", "cli")
LEVELS = ("Tín nhiệm cao", "Tín nhiệm", "Tín nhiệm thấp")
COLLECT, BEGIN, REVIEW, SEND, AGAIN = (
    "Nhận phiếu", "Ghi phiếu", "Xem lại phiếu", "Xác nhận bỏ phiếu", "Gửi lại",
)  # fmt: skip
SEND_BLANK, NEXT, CHECK = "Vẫn gửi phiếu", "Người sau ›", "Kiểm tra phiếu"
ASKS_GROUP = re.compile(r"(?:nhóm thứ|group) ([1-5])")


def says(*parts: str) -> Any:
    """Whether a message has all these texts."""
    return lambda message: all(part in message.text for part in parts)


def sends(ending: str) -> Any:
    """Whether a message is a file whose name ends so."""
    return lambda message: message.file is not None and message.file.name.endswith(ending)


def offers(label: str) -> Any:
    """Whether a message has a button that begins so."""
    return lambda message: any(text.startswith(label) for text in message.labels)


@dataclass
class Scene:
    """What a test of the bot looks at."""

    telegram: StandIn
    where: DataDir
    app: FastAPI
    sealed: Sealed
    options: Options = QUICK
    people: int = 0
    roles: int = 0
    known: list[Person] = field(default_factory=list)

    @property
    def uuid(self) -> str:
        return self.sealed.uuid

    @property
    def books(self) -> Books:
        return Books(self.where, self.app.state.registrar.book, self.app.state.box.book)

    @property
    def chat(self) -> RunningBot:
        chat = self.app.state.chat
        assert isinstance(chat, RunningBot)
        return chat

    async def confirm(self, chair: Person, session: Sealed | None = None) -> None:
        """The chair types the group of the session code that the bot asks for."""
        said = max(message.id for message in chair.messages if not message.from_bot)
        asking = await chair.until(
            lambda message: message.id > said and ASKS_GROUP.search(message.text) is not None
        )
        await chair.say(self.group(asking, session))

    def group(self, asking: Message, session: Sealed | None = None) -> str:
        """The group of the session code that a message asks for."""
        number = ASKS_GROUP.search(asking.text)
        assert number is not None
        return (session or self.sealed).insider.code.split("-")[int(number[1]) - 1]

    async def close(self) -> None:
        """The server ends the vote: two who close at once would be in each other's way."""
        await self.books.box.set_closing(self.uuid, self.chat_now())
        async with asyncio.timeout(60):
            while State.CLOSED not in await self.books.registrar.notes(self.uuid):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def sign(self, moment: Moment, *owners: int) -> None:
        """These trustees, or all, sign the opening or the closing that the server proposes."""
        states = [self.sealed.insider.state(owner) for owner in owners or (1, 2, 3)]
        await committee.sign(self.books, self.uuid, moment, states)

    def chat_now(self) -> int:
        return int(time.time())

    @asynccontextmanager
    async def again(self) -> AsyncIterator[None]:
        """A second server over the same data, in the place of the first one's bot."""
        async with running(self.where, self.options):
            yield

    async def looks(self) -> None:
        """Until the bot has looked several times at what it should tell people."""
        await asyncio.sleep(3 * QUICK.pauses.notices)

    async def move(self, *steps: Step) -> None:
        await self.sealed.moving(self.books, *steps)

    async def role_code(self, role: str, session: Sealed | None = None, owner: int = 0) -> str:
        """A new code of a chair or observer: of one more, unless it is to be the n-th."""
        uuid = (session or self.sealed).uuid
        code = hall.letters()
        hashed = code_hash(uuid, code)
        self.roles += 1
        owner = owner or 100 + self.roles
        await self.books.registrar.replace_codes([Code(hashed, uuid, role, None, owner, FAR)])
        return code

    def stranger(self, name: str = "Lan", **more: str) -> Person:
        self.people += 1
        return self.telegram.person(1000 + self.people, name, **more)

    async def enter(self, person: Person, code: str, session: Sealed | None = None) -> Person:
        """Shows a code by its QR and says yes."""
        await person.start(f"{(session or self.sealed).uuid}-{code}")
        await person.until(offers("Đúng"))
        await person.tap("Đúng")
        await person.until(says("Đã xác nhận."))
        return person

    async def voter(self, number: int, **more: str) -> Person:
        """The voter with this number on the roster, known to the bot."""
        person = self.stranger(f"Đại biểu {number}", **more)
        self.known.append(person)
        return await self.enter(person, self.sealed.voters[number - 1])

    async def chair(self) -> Person:
        return await self.enter(self.stranger("Chủ tọa"), await self.role_code("chair"))

    async def office(self) -> Person:
        """The office of an official."""
        return await self.enter(self.stranger("Văn phòng"), await self.role_code("office"))

    async def collected(self, number: int) -> Person:
        """A voter with a token; the session is in check-in."""
        person = await self.voter(number)
        await person.until(offers(COLLECT))
        await person.tap(COLLECT)
        await person.until(says("Đã nhận phiếu."))
        return person

    async def filled(self, person: Person, choices: list[int | None]) -> Message:
        """Marks everybody and stops at the review."""
        await person.tap(BEGIN)
        for number, choice in enumerate(choices, start=1):
            await person.until(says(f"Người số {number} trong"))
            if choice is not None:
                await person.tap(LEVELS[choice])
                await person.until(offers(f"✅ {LEVELS[choice]}"))
            await person.tap(NEXT if number < len(choices) else REVIEW)
        return await person.until(says("Xem lại phiếu"))

    async def voted(self, person: Person, choices: list[int | None]) -> str:
        """A whole ballot; returns the tracker."""
        await self.filled(person, choices)
        await person.tap(SEND)
        if None in choices:
            await person.until(says("Phiếu sẽ không ghi những người này."))
            await person.tap(lambda label: label.startswith(SEND_BLANK))
        return tracker_of(await person.until(says("Phiếu đã được ghi nhận.")))

    async def counts(self) -> tuple[int, int, int]:
        """Issued, registered, cast."""
        box = await self.books.box.counts(self.uuid)
        issued = sum((await self.books.registrar.issued(self.uuid)).values())
        return issued, box["registered"], box["cast"]


def tracker_of(message: Message) -> str:
    """What the button copies."""
    buttons = [button for row in message.buttons for button in row]
    return next(button.copy_text for button in buttons if button.copy_text)


@asynccontextmanager
async def staged(
    folder: Path,
    *steps: Step,
    officials: int = 3,
    webhook: str = "",
    public: str = "",
    options: Options = QUICK,
    **policy: Any,
) -> AsyncIterator[Scene]:
    """A scene for the length of the block.

    Args:
        webhook: the server's public URL, if updates are to be brought there.
        public: the same, if they are fetched; with one Telegram takes HTTPS pages only.
        options: of the server; Telegram's limits are kept on neither side.
    """
    async with StandIn(flood=None) as telegram:
        where = place(folder, telegram, webhook, public)
        async with _played(telegram, where, steps, officials, policy, options) as scene:
            yield scene


@asynccontextmanager
async def _played(
    telegram: StandIn,
    where: DataDir,
    steps: tuple[Step, ...],
    officials: int,
    policy: dict[str, Any],
    options: Options,
) -> AsyncIterator[Scene]:
    async with running(where, options) as app:
        session = hall.defined(where, officials, **{"channels": CHAT, **policy})
        scene = Scene(telegram, where, app, session, options)
        await hall.store(scene.books, session)
        await scene.move(*steps)
        yield scene
    from tests.telegram import oracle  # noqa: PLC0415  seconds, which no nursery need pay

    oracle.check(telegram)


def place(folder: Path, telegram: StandIn, webhook: str = "", public: str = "") -> DataDir:
    """A data directory whose bot talks to the stand-in."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bot.token").write_text(telegram.token + "\n")
    lines = [
        'telegram_token_file = "bot.token"',
        f'telegram_api = "{telegram.url}"',
        f'telegram_bot = "{telegram.username}"',
    ]
    if webhook:
        lines.append("telegram_webhook = true")
    if webhook or public:
        lines.append(f'public_url = "{webhook or public}"')
    return hall.datadir(folder, "\n".join(lines))


def wrong_code() -> str:
    return hall.letters()


# ---- whether the bot says the truth


RECORDED = "✅ Phiếu đã được ghi nhận."
COUNTED = "✅ Phiếu có trong danh sách được kiểm."


@dataclass
class Witness:
    """Looks into the box at each moment at which a phone says that a ballot is recorded or counted.

    Attributes:
        told: the trackers that were shown as recorded, with whose phone it was.
        lies: those that did not stand in the box's book at that moment, or were called counted
            before all trustees' lines stood on the closing.
    """

    box: Path
    told: list[tuple[int, str]] = field(default_factory=list)
    lies: list[str] = field(default_factory=list)

    def see(self, message: Message) -> None:
        if not (message.from_bot and message.text.startswith((RECORDED, COUNTED))):
            return
        copied = [button.copy_text for row in message.buttons for button in row if button.copy_text]
        tracker = copied[0] if copied else "none"
        counted = message.text.startswith(COUNTED)
        if not counted:
            self.told.append((message.chat, tracker))
        with closing(sqlite3.connect(self.box, timeout=30)) as book:
            asked = "SELECT count(*) FROM ballots WHERE tracker = ?"
            if book.execute(asked, (tracker,)).fetchone()[0] != 1 or tracker not in message.text:
                self.lies.append(tracker)
            notes = book.execute("SELECT note FROM notes WHERE state = 'closed'").fetchall()
            if counted and [note.count(b"/trustee-") for (note,) in notes] != [3]:
                self.lies.append(tracker)


@contextmanager
def witness(where: DataDir) -> Iterator[Witness]:
    """Sees every message for the length of the block."""
    watcher, set_entry = Witness(where.folder / "box.db"), Cloud.set

    def set_and_see(cloud: Cloud, chat: Any, entry: Any) -> Any:
        watcher.see(cloud.snapshot(chat, entry))
        return set_entry(cloud, chat, entry)

    with patch.object(Cloud, "set", set_and_see):
        yield watcher


@asynccontextmanager
async def beside(telegram: StandIn, where: DataDir, session: Sealed) -> AsyncIterator[Scene]:
    """A scene whose server is somewhere else: books opened a second time, no app."""
    async with opened(where) as books:
        nothing = FastAPI()
        nothing.state.registrar = SimpleNamespace(book=books.registrar)
        nothing.state.box = SimpleNamespace(book=books.box)
        yield Scene(telegram, where, nothing, session)


# ---- the whole server


@asynccontextmanager
async def serving(
    where: DataDir, listener: socket.socket, options: Options = QUICK
) -> AsyncIterator[None]:
    """HTTP and bot in this loop, as `phieukin serve` has them, for the length of the block."""
    begun: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(server.serve(where, options, listener, begun.set_result))
    await asyncio.wait({task, begun}, return_when=asyncio.FIRST_COMPLETED)
    try:
        yield
    finally:
        if begun.done():
            begun.result().should_exit = True
        await task


@dataclass(frozen=True)
class Logged:
    """What went to the log, and the same lines as they would be without bot/logs.py."""

    ours: StringIO
    bare: StringIO


@contextmanager
def logged(*, debug: bool = True) -> Iterator[Logged]:
    """The log as `phieukin serve` makes it; or with every library at DEBUG, as it never does."""
    names = ("", "phieukin", "telegram", "httpx", "httpcore", "uvicorn", "sqlalchemy")
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.level for logger in loggers], logging.root.handlers[:]
    logs.configure()
    log = Logged(StringIO(), StringIO())
    logging.root.handlers[0].setStream(log.ours)  # type: ignore[attr-defined]
    logging.root.addHandler(logging.StreamHandler(log.bare))
    for logger in loggers if debug else ():
        logger.setLevel(logging.DEBUG)
    try:
        yield log
    finally:
        logging.root.handlers[:] = before[1]
        for logger, level in zip(loggers, before[0], strict=True):
            logger.setLevel(level)
