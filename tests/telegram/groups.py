"""Groups and channels, as a test drives them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tests.telegram import formatting, waiting
from tests.telegram.cloud import PRESENT, Chat, Cloud, Wire
from tests.telegram.members import moved
from tests.telegram.snapshot import Message

if TYPE_CHECKING:
    from tests.telegram.people import Person

# https://core.telegram.org/bots/api#message: who writes for an administrator that hides.
ANONYMOUS: Final = {
    "id": 1087968824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}


def post(cloud: Cloud, chat: Chat, wire: Wire) -> int:
    """What somebody writes, and the update about it if the bot hears it."""
    entry = cloud.put(chat, wire)
    if not _hears(cloud, chat, entry.wire):
        return 0
    cloud.met.add(wire.get("from", {}).get("id", 0))
    kind = "channel_post" if chat.kind == "channel" else "message"
    return cloud.updates.add(kind, entry.wire)


def _hears(cloud: Cloud, chat: Chat, wire: Wire) -> bool:
    """Privacy mode: https://core.telegram.org/bots/features#privacy-mode."""
    status = chat.members.get(cloud.bot_id)
    if status not in PRESENT:
        return False
    if chat.kind != "supergroup" or status == "administrator" or "new_chat_members" in wire:
        return True
    answered = wire.get("reply_to_message", {}).get("from", {}).get("id") == cloud.bot_id
    return answered or _addressed(wire, cloud.bot["username"])


def _addressed(wire: Wire, name: str) -> bool:
    """By a command that names no other bot, or by the bot's name."""
    units = wire.get("text", "").encode("utf-16-le")
    for entity in wire.get("entities", []):
        start, end = entity["offset"], entity["offset"] + entity["length"]
        said = units[2 * start : 2 * end].decode("utf-16-le").lower()
        command, _, addressee = said.partition("@")
        if entity["type"] == "bot_command" and (not addressee or addressee == name):
            return True
        if entity["type"] == "mention" and not command and addressee == name:
            return True
    return False


class Group:
    """A supergroup."""

    def __init__(self, cloud: Cloud, chat: Chat) -> None:
        self._cloud = cloud
        self._chat = chat
        self.id = chat.id
        self.title = str(chat.wire["title"])

    @property
    def messages(self) -> list[Message]:
        """The group as it is now, oldest first."""
        return self._cloud.seen(self._chat)

    @property
    def history(self) -> list[Message]:
        """Every state of every message that was ever to be seen here."""
        return list(self._chat.shown)

    async def until(
        self,
        wanted: Callable[[Message], bool],
        timeout: float = waiting.SECONDS,  # noqa: ASYNC109  a test says how long
    ) -> Message:
        """The newest message of the bot that is as wanted, when there is one.

        Raises:
            TimeoutError: there is none.
        """
        return await waiting.until(
            self._cloud,
            lambda: waiting.newest(self.messages, wanted),
            timeout,
            f"the group {self.title} waited",
        )

    def add(self, person: "Person", status: str = "member") -> int:
        """A person joins, as "member", "administrator" or "creator"."""
        wire = self._cloud.people[person.id]
        self._joined(wire, wire)
        return moved(self._cloud, self._chat, wire, person.id, status)

    def remove(self, person: "Person") -> int:
        wire = self._cloud.people[person.id]
        return moved(self._cloud, self._chat, wire, person.id, "left")

    def add_bot(self, by: "Person", status: str = "member") -> int:
        """Somebody brings the bot, as "member" or "administrator"; also to change what it is."""
        wire = self._cloud.people[by.id]
        new = self._chat.members.get(self._cloud.bot_id) not in PRESENT
        update = moved(self._cloud, self._chat, wire, self._cloud.bot_id, status)
        if new:
            self._joined(wire, self._cloud.bot)
        return update

    def remove_bot(self, by: "Person") -> int:
        """Somebody throws the bot out."""
        wire = self._cloud.people[by.id]
        return moved(self._cloud, self._chat, wire, self._cloud.bot_id, "kicked")

    async def say_anonymously(self, text: str) -> int:
        """An administrator who hides writes; nobody learns who."""
        return _say(self._cloud, self._chat, text, {"from": ANONYMOUS})

    def _joined(self, by: Wire, who: Wire) -> None:
        post(self._cloud, self._chat, {"from": by, "new_chat_members": [who]})


class Channel:
    """A channel with the bot as an administrator."""

    def __init__(self, cloud: Cloud, chat: Chat) -> None:
        self._cloud = cloud
        self._chat = chat
        self.id = chat.id
        self.title = str(chat.wire["title"])
        chat.members[cloud.bot_id] = "administrator"

    @property
    def messages(self) -> list[Message]:
        """The channel as it is now, oldest first."""
        return self._cloud.seen(self._chat)

    async def post(self, text: str) -> int:
        """The channel says something; nobody learns who wrote it."""
        return _say(self._cloud, self._chat, text, {})


def _say(cloud: Cloud, chat: Chat, text: str, author: Wire) -> int:
    marked = formatting.formatted(text, "", None)
    content: Wire = {"text": marked.text}
    if marked.entities:
        content["entities"] = marked.entities
    return post(cloud, chat, {**author, "sender_chat": chat.wire, **content})
