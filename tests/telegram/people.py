"""Persons with the bot on their phones, as a test drives them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tests.telegram import files, rooms
from tests.telegram.cloud import PATIENCE, PRESENT, Answer, Cloud, Query, StoredChat, Wire
from tests.telegram.rooms import Room, Screen
from tests.telegram.snapshot import Button, File, Message

Label = str | Callable[[str], bool]

_PAYLOAD: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PHONE: Final = 900_000_000


@dataclass(frozen=True, slots=True)
class Tap:
    """A tap on a button, under way to the bot."""

    update: int
    query: str
    _cloud: Cloud = field(repr=False)

    @property
    def answered(self) -> bool:
        return self._cloud.queries[self.query].answer is not None

    async def answer(self, timeout: float = PATIENCE) -> Answer:  # noqa: ASYNC109  as above
        """What the bot says to it.

        Raises:
            TimeoutError: the button goes on turning.
        """
        query = self._cloud.queries[self.query]
        return await self._cloud.until(lambda: query.answer, timeout, "the tap has no answer")


class Person(Screen):
    """Somebody; the private chat with the bot begins when they write first."""

    def __init__(self, cloud: Cloud, wire: Wire) -> None:
        super().__init__(cloud, int(wire["id"]), str(wire["first_name"]))
        self._wire = wire
        self.phone = f"84{_PHONE + self.id % _PHONE}"

    # ---- what they see

    @property
    def last(self) -> Message:
        """The bot's newest message.

        Raises:
            LookupError: there is none.
        """
        newest = self._newest(lambda _: True)
        if newest is None:
            raise LookupError(f"the bot wrote nothing to {self.name}")
        return newest

    @property
    def notifications(self) -> list[str]:
        """What showed up on the locked phone: new messages of the bot, unless sent silently."""
        first: dict[int, Message] = {}
        for message in self.history:
            first.setdefault(message.id, message)
        return [m.text for m in first.values() if m.from_bot and not m.silent]

    # ---- what they do

    async def say(self, text: str, chat: Room | None = None) -> int:
        """Writes to the bot or in a group; returns the update's id, 0 if the bot gets none.

        Raises:
            PermissionError: they blocked the bot, or are not in the group.
        """
        return self._post(rooms.text(text), chat)

    async def start(self, payload: str = "") -> int:
        """Follows a link to the bot and presses START.

        Raises:
            ValueError: a link with such a payload does not work.
        """
        if payload and not _PAYLOAD.fullmatch(payload):
            raise ValueError("a payload has 1 to 64 characters of A-Z, a-z, 0-9, _ and -")
        return await self.say(f"/start {payload}".strip())

    async def share_contact(self, of: int | None = None) -> int:
        """Their own number, or the card of somebody else."""
        number = self.id if of is None else of
        owner = self._cloud.people.get(number, self._wire)
        contact = {"phone_number": self.phone, "first_name": owner["first_name"], "user_id": number}
        return self._post({"contact": contact})

    async def edit(self, message: Message, text: str) -> int:
        """Changes a text of their own; returns the update's id."""
        chat = self._cloud.chats[message.chat]
        stored = chat.messages[message.id]
        edited = self._cloud.edit(chat, stored, {**stored.wire, **rooms.text(text)}, stored.html)
        return self._cloud.updates.add("edited_message", edited.wire)

    async def send_document(self, name: str, content: bytes, caption: str = "") -> int:
        captioned = {"caption": caption} if caption else {}
        return self._post({**files.document(self._cloud, File(name, content)), **captioned})

    async def block(self) -> int:
        """Stops the bot; it is told so."""
        return rooms.moved(self._cloud, self._private(), self._wire, "kicked")

    async def unblock(self) -> int:
        return rooms.moved(self._cloud, self._private(), self._wire, "member")

    async def tap(
        self,
        label: Label,
        in_message: Message | None = None,
        *,
        on: Message | None = None,
    ) -> Tap:
        """Taps a button under the newest message that has it.

        Args:
            label: what is written on it, or whether that is it.
            in_message: only this message, as it is now.
            on: a message as it was, as on a phone that is behind.

        Raises:
            LookupError: no such button.
            ValueError: the button says nothing to the bot.
        """
        message, button = _button(self.messages, label, in_message, on)
        if button.callback_data is None:
            raise ValueError(f"{button.text!r} says nothing to the bot")
        origin = self._cloud.chats[message.chat]
        query = files.token()
        self._cloud.queries[query] = Query(self._cloud.clock())
        body = {
            "id": query,
            "from": self._wire,
            "message": _message_of_tap(origin, message.id),
            "chat_instance": str(origin.id),
            "data": button.callback_data,
        }
        return Tap(self._cloud.updates.add("callback_query", body), query, self._cloud)

    def app(self, label: Label) -> str:
        """The page that a button under the newest message that has it opens within Telegram.

        Raises:
            LookupError: no such button.
            ValueError: the button opens none.
        """
        _, button = _button(self.messages, label, None, None)
        if button.web_app is None:
            raise ValueError(f"{button.text!r} opens no Mini App")
        return button.web_app

    @property
    def menu(self) -> Button | None:
        """The button beside the field for text, where it opens a Mini App."""
        button = self._cloud.settings.get(("menu", str(self.id)), {})
        if button.get("type") != "web_app":
            return None
        return Button(button["text"], web_app=button["web_app"]["url"])

    def _post(self, content: Wire, chat: Room | None = None) -> int:
        room = self._cloud.chats[chat.id] if chat is not None else self._private()
        if room.private and room.members[self._cloud.bot_id] == "kicked":
            raise PermissionError(f"{self.name} has blocked the bot")
        if not room.private and room.members.get(self.id) not in PRESENT:
            raise PermissionError(f"{self.name} is not in the group")
        return rooms.post(self._cloud, room, {"from": self._wire, **content})

    def _private(self) -> StoredChat:
        return self._cloud.private_chat(self._wire)


def _button(
    visible: list[Message], label: Label, in_message: Message | None, on: Message | None
) -> tuple[Message, Button]:
    """The button that is meant, and where it stands."""
    fits = (lambda text: text == label) if isinstance(label, str) else label
    if in_message is not None:
        visible = [message for message in visible if message.id == in_message.id]
    if on is not None:
        visible = [on]
    for message in reversed(visible):
        for button in (button for row in message.buttons for button in row):
            if fits(button.text):
                return message, button
    labels = [message.labels for message in visible if message.buttons]
    raise LookupError(f"no button {label!r}; there are {labels}")


def _message_of_tap(chat: StoredChat, number: int) -> Wire:
    """The message of a tap; of one that is deleted only where it was."""
    if number in chat.messages:
        return chat.messages[number].wire
    return {"chat": chat.wire, "message_id": number, "date": 0}
