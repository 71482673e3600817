"""A group or channel as a test sees it, and what is written in any chat."""

from collections.abc import Callable

from tests.telegram import formatting
from tests.telegram.cloud import PATIENCE, PRESENT, Cloud, StoredChat, Wire
from tests.telegram.snapshot import Message


class Screen:
    """A chat on a phone."""

    def __init__(self, cloud: Cloud, number: int, name: str) -> None:
        self._cloud = cloud
        self.id = number
        self.name = name

    @property
    def messages(self) -> list[Message]:
        """As they are now, oldest first."""
        chat = self._cloud.chats.get(self.id)
        return self._cloud.seen(chat) if chat is not None else []

    @property
    def history(self) -> list[Message]:
        """Every state of every message that was ever to be seen here."""
        chat = self._cloud.chats.get(self.id)
        return list(chat.shown) if chat is not None else []

    async def until(
        self,
        wanted: Callable[[Message], bool],
        timeout: float = PATIENCE,  # noqa: ASYNC109  a test says how long
    ) -> Message:
        """The newest message of the bot that is as wanted, when there is one.

        Raises:
            TimeoutError: there is none; the detail is what stands there instead.
        """
        try:
            return await self._cloud.until(
                lambda: self._newest(wanted), timeout, f"{self.name} waited"
            )
        except TimeoutError as error:
            texts = [(message.text, message.labels) for message in self.messages]
            raise TimeoutError(f"{error}; on the phone: {texts!r}") from None

    def _newest(self, wanted: Callable[[Message], bool]) -> Message | None:
        fitting = [message for message in self.messages if message.from_bot and wanted(message)]
        return fitting[-1] if fitting else None


class Room(Screen):
    """Where several people read; what is done there is in groups.py."""

    def __init__(self, cloud: Cloud, chat: StoredChat) -> None:
        super().__init__(cloud, chat.id, str(chat.wire["title"]))
        self._chat = chat


def text(written: str) -> Wire:
    """The text of a message as part of it, with what Telegram marks by itself."""
    marked = formatting.formatted(written, "")
    return {"text": marked.text} | ({"entities": marked.entities} if marked.entities else {})


def post(cloud: Cloud, chat: StoredChat, wire: Wire) -> int:
    """What somebody writes, and the update about it if the bot hears it."""
    message = cloud.put(chat, wire)
    if not _hears(cloud, chat, message.wire):
        return 0
    cloud.met.add(wire.get("from", {}).get("id", 0))
    kind = "channel_post" if chat.kind == "channel" else "message"
    return cloud.updates.add(kind, message.wire)


def moved(cloud: Cloud, chat: StoredChat, by: Wire, status: str) -> int:
    """What the bot is in a chat from now on; returns the id of the update about it."""
    before = chat.members.get(cloud.bot_id, "left")
    chat.members[cloud.bot_id] = status
    body = {
        "chat": chat.wire,
        "from": by,
        "date": cloud.now,
        "old_chat_member": _member(cloud, before),
        "new_chat_member": _member(cloud, status),
    }
    return cloud.updates.add("my_chat_member", body)


def _member(cloud: Cloud, status: str) -> Wire:
    """A ChatMember: https://core.telegram.org/bots/api#chatmember."""
    until = {"until_date": 0} if status == "kicked" else {}
    return {"status": status, "user": cloud.bot} | until


def _hears(cloud: Cloud, chat: StoredChat, wire: Wire) -> bool:
    """Privacy mode: https://core.telegram.org/bots/features#privacy-mode.

    In a group of which it is a mere member the bot hears commands that name no other bot.
    """
    if chat.members.get(cloud.bot_id) not in PRESENT:
        return False
    if chat.kind != "supergroup" or "new_chat_members" in wire:
        return True
    units = wire.get("text", "").encode("utf-16-le")
    for entity in wire.get("entities", []):
        start, end = entity["offset"], entity["offset"] + entity["length"]
        command = units[2 * start : 2 * end].decode("utf-16-le").lower()
        if command.partition("@")[2] in {"", cloud.bot["username"]}:
            return True
    return False
