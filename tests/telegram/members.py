"""Who is in a chat: https://core.telegram.org/bots/api#getchatmember."""

from typing import Any, Final

from tests.telegram.cloud import PRESENT, Chat, Cloud, Wire
from tests.telegram.parameters import Given
from tests.telegram.refusal import bad

_RIGHTS: Final = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
    "can_pin_messages",
)
_GIFTS: Final = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)
_LEADING: Final = frozenset({"creator", "administrator"})


def member(cloud: Cloud, chat: Chat, number: int, status: str | None = None) -> Wire:
    """A ChatMember; somebody who was never there has left."""
    status = status or chat.members.get(number, "left")
    person = cloud.bot if number == cloud.bot_id else cloud.people[number]
    wire: Wire = {"status": status, "user": person}
    if status == "administrator":
        wire |= {"can_be_edited": False, "is_anonymous": False} | dict.fromkeys(_RIGHTS, True)
    elif status == "creator":
        wire["is_anonymous"] = False
    elif status == "kicked":
        wire["until_date"] = 0
    return wire


def moved(cloud: Cloud, chat: Chat, by: Wire, number: int, status: str) -> int:
    """Changes what somebody is in a chat; returns the id of the update about it."""
    before = member(cloud, chat, number)
    chat.members[number] = status
    kind = "my_chat_member" if number == cloud.bot_id else "chat_member"
    # Only an administrator hears of others.
    if kind == "chat_member" and chat.members.get(cloud.bot_id) != "administrator":
        return 0
    body = {
        "chat": chat.wire,
        "from": by,
        "date": cloud.now,
        "old_chat_member": before,
        "new_chat_member": member(cloud, chat, number),
    }
    return cloud.updates.add(kind, body)


def get_chat(cloud: Cloud, given: Given) -> Any:
    """A ChatFullInfo, with the newest pinned message."""
    chat = cloud.chat(given.integer("chat_id"))
    wire = {
        **chat.wire,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(_GIFTS, False),
    }
    if chat.pinned:
        wire["pinned_message"] = chat.entries[chat.pinned[-1]].told()
    return wire


def get_chat_member(cloud: Cloud, given: Given) -> Any:
    """Somebody Telegram never heard of is refused; who was never there has left."""
    chat = cloud.chat(given.integer("chat_id"))
    number = given.integer("user_id")
    if number is None:
        raise bad("invalid user_id specified")
    if number != cloud.bot_id and number not in cloud.people:
        raise bad("user not found")
    return member(cloud, chat, number)


def get_chat_administrators(cloud: Cloud, given: Given) -> Any:
    """Bots only on request, and never this one."""
    chat = cloud.chat(given.integer("chat_id"))
    if chat.private:
        raise bad("there are no administrators in the private chat")
    return [
        member(cloud, chat, number)
        for number, status in chat.members.items()
        if status in _LEADING and (number != cloud.bot_id or given.flag("return_bots"))
    ]


def get_chat_member_count(cloud: Cloud, given: Given) -> Any:
    """Who is in it, the bot included."""
    chat = cloud.chat(given.integer("chat_id"))
    if chat.private:
        return 2
    return sum(status in PRESENT for status in chat.members.values())


def leave_chat(cloud: Cloud, given: Given) -> Any:
    """The bot goes by itself."""
    chat = cloud.chat(given.integer("chat_id"))
    if chat.private:
        raise bad("can't leave a private chat")
    moved(cloud, chat, cloud.bot, cloud.bot_id, "left")
    return True


METHODS: Final = {
    "getChat": get_chat,
    "getChatAdministrators": get_chat_administrators,
    "getChatMember": get_chat_member,
    "getChatMemberCount": get_chat_member_count,
    "leaveChat": leave_chat,
}
