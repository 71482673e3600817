"""Everything the simulated Telegram knows: chats, messages, files, open questions. No HTTP.

Messages are kept as the Bot API writes them; what people see is a snapshot of that.
"""

import asyncio
import itertools
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

from tests.telegram.flood import Flood
from tests.telegram.refusal import Refusal, bad, forbidden
from tests.telegram.snapshot import File, Message, rows
from tests.telegram.updates import Updates

Wire = dict[str, Any]  # an object as the Bot API writes it

_Result = TypeVar("_Result")

NAME: Final = "phieukin_demo_bot"
PATIENCE: Final = 60.0  # seconds; for a machine that is busy with other things
PRESENT: Final = frozenset({"administrator", "member"})


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message in a chat."""

    wire: Wire
    by_bot: bool
    html: str = ""
    silent: bool = False

    @property
    def id(self) -> int:
        return int(self.wire["message_id"])

    @property
    def service(self) -> bool:
        """Telegram's own words about what happened, not what anybody wrote."""
        return "pinned_message" in self.wire or "new_chat_members" in self.wire


@dataclass(slots=True)
class StoredChat:
    """A private chat, a group or a channel, and who is in it by id.

    shown: every state of every message that was ever to be seen.
    """

    wire: Wire
    ids: Iterator[int]
    members: dict[int, str] = field(default_factory=dict)
    messages: dict[int, StoredMessage] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    shown: list[Message] = field(default_factory=list)

    @property
    def id(self) -> int:
        return int(self.wire["id"])

    @property
    def kind(self) -> str:
        return str(self.wire["type"])

    @property
    def private(self) -> bool:
        return self.kind == "private"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person is shown after a tap: nothing, a notice, or an alert."""

    text: str | None
    alert: bool = False


@dataclass(slots=True)
class Query:
    """A tap that waits for its answer."""

    at: float
    answer: Answer | None = None


@dataclass(slots=True)
class Cloud:
    """See the module; what may be set is explained at StandIn."""

    token: str = field(repr=False)
    flood: Flood | None
    clock: Callable[[], float] = time.time
    query_seconds: float = 15.0
    http_apps: bool = False
    updates: Updates = field(default_factory=Updates)
    chats: dict[int, StoredChat] = field(default_factory=dict)
    people: dict[int, Wire] = field(default_factory=dict)
    met: set[int] = field(default_factory=set)
    files: dict[str, File] = field(default_factory=dict)
    queries: dict[str, Query] = field(default_factory=dict)
    settings: dict[tuple[str, ...], Any] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _change: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def bot_id(self) -> int:
        return int(self.token.partition(":")[0])

    @property
    def bot(self) -> Wire:
        """The bot as others see it."""
        return {"id": self.bot_id, "is_bot": True, "first_name": "PhiếuKín", "username": NAME}

    @property
    def now(self) -> int:
        return int(self.clock())

    # ---- chats

    def private_chat(self, person: Wire) -> StoredChat:
        """With the bot; made at first use."""
        chat = self.chats.get(person["id"])
        if chat is None:
            wire: Wire = {"id": person["id"], "type": "private"}
            names = ("first_name", "last_name", "username")
            wire |= {name: person[name] for name in names if name in person}
            # All private chats of an account count their messages together.
            chat = self.chats[person["id"]] = StoredChat(wire, self._ids)
            chat.members[self.bot_id] = "member"
        return chat

    def common_chat(self, kind: str, title: str) -> StoredChat:
        """A supergroup or channel; the bot is not in it."""
        number = -1_000_000_000_000 - (1_000_000_000 + secrets.randbelow(1_000_000_000))
        chat = StoredChat({"id": number, "type": kind, "title": title}, itertools.count(1))
        self.chats[number] = chat
        return chat

    def chat(self, number: int | None) -> StoredChat:
        """Where the bot may be.

        Raises:
            Refusal: unknown, or the bot is not welcome there.
        """
        if number is None:
            raise bad("chat_id is empty")
        chat = self.chats.get(number)
        status = chat.members.get(self.bot_id) if chat is not None else None
        if chat is None or status is None:
            raise self._stranger(number)
        if status in PRESENT:
            return chat
        raise forbidden("bot was blocked by the user")

    def _stranger(self, number: int) -> Refusal:
        if number in self.met:
            return forbidden("bot can't initiate conversation with a user")
        return bad("chat not found")

    # ---- messages

    def put(self, chat: StoredChat, wire: Wire, **more: Any) -> StoredMessage:
        """A new message, under the chat's next number."""
        head = {"message_id": next(chat.ids), "date": self.now, "chat": chat.wire}
        by_bot = wire.get("from", {}).get("id") == self.bot_id
        return self.set(chat, StoredMessage({**head, **wire}, by_bot, **more))

    def set(self, chat: StoredChat, message: StoredMessage) -> StoredMessage:
        """A message as it is from now on."""
        chat.messages[message.id] = message
        if not message.service:
            chat.shown.append(self.snapshot(chat, message))
        self.changed()
        return message

    def edit(
        self, chat: StoredChat, message: StoredMessage, wire: Wire, html: str
    ) -> StoredMessage:
        """The same message with other content."""
        edited = replace(message, wire={**wire, "edit_date": self.now}, html=html)
        return self.set(chat, edited)

    def remove(self, chat: StoredChat, number: int) -> None:
        del chat.messages[number]
        if number in chat.pinned:
            chat.pinned.remove(number)
        self.changed()

    def snapshot(self, chat: StoredChat, message: StoredMessage) -> Message:
        wire = message.wire
        return Message(
            id=message.id,
            chat=chat.id,
            text=wire.get("text") or wire.get("caption") or "",
            kind=_kind(wire),
            from_bot=message.by_bot,
            html=message.html,
            entities=wire.get("entities") or wire.get("caption_entities") or [],
            buttons=rows(wire.get("reply_markup", {})),
            file=self.files.get(file_id(wire)),
            pinned=message.id in chat.pinned,
            protected=wire.get("has_protected_content", False),
            silent=message.silent,
        )

    def seen(self, chat: StoredChat) -> list[Message]:
        """What stands in a chat now, oldest first."""
        return [
            self.snapshot(chat, message)
            for message in chat.messages.values()
            if not message.service
        ]

    # ---- news for those who wait

    def changed(self) -> None:
        """Something is to be seen that was not before."""
        self._change.set()
        self._change = asyncio.Event()

    async def until(
        self,
        look: Callable[[], _Result | None],
        timeout: float,  # noqa: ASYNC109  a test says how long
        what: str,
    ) -> _Result:
        """The first that is seen which is not None.

        Raises:
            TimeoutError: nothing; `what` says for what the wait was.
        """
        try:
            async with asyncio.timeout(timeout):
                while (result := look()) is None:
                    await self._change.wait()
                return result
        except TimeoutError:
            raise TimeoutError(f"{what} for {timeout} s") from None


def file_id(wire: Wire) -> str:
    """Of the message's file, empty if it has none; of a photo the largest size."""
    if "photo" in wire:
        return str(wire["photo"][-1]["file_id"])
    return str(wire.get("document", {}).get("file_id", ""))


def _kind(wire: Wire) -> str:
    kinds = ("text", "document", "photo", "contact")
    return next((kind for kind in kinds if kind in wire), "other")
