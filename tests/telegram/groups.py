"""Groups and channels, as a test drives them."""

from typing import Final

from tests.telegram import rooms
from tests.telegram.cloud import Cloud, StoredChat, Wire
from tests.telegram.people import Person
from tests.telegram.rooms import Room

# https://core.telegram.org/bots/api#message: who writes for an administrator that hides.
ANONYMOUS: Final = {
    "id": 1087968824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}


class Group(Room):
    """A supergroup."""

    def add(self, person: Person) -> None:
        """A person joins."""
        wire = self._cloud.people[person.id]
        self._joined(wire, wire)
        self._chat.members[person.id] = "member"

    def add_bot(self, by: Person) -> int:
        """Somebody brings the bot; returns the id of the update about it."""
        wire = self._cloud.people[by.id]
        update = rooms.moved(self._cloud, self._chat, wire, "member")
        self._joined(wire, self._cloud.bot)
        return update

    async def say_anonymously(self, text: str) -> int:
        """An administrator who hides writes; nobody learns who."""
        author = {"from": ANONYMOUS, "sender_chat": self._chat.wire}
        return rooms.post(self._cloud, self._chat, author | rooms.text(text))

    def _joined(self, by: Wire, whom: Wire) -> None:
        rooms.post(self._cloud, self._chat, {"from": by, "new_chat_members": [whom]})


class Channel(Room):
    """A channel with the bot as an administrator."""

    def __init__(self, cloud: Cloud, chat: StoredChat) -> None:
        super().__init__(cloud, chat)
        chat.members[cloud.bot_id] = "administrator"

    async def post(self, text: str) -> int:
        """The channel says something; nobody learns who wrote it."""
        author = {"sender_chat": self._chat.wire}
        return rooms.post(self._cloud, self._chat, author | rooms.text(text))
