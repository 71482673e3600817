"""Who is in a chat: https://core.telegram.org/bots/api#chatmemberupdated."""

from typing import Final

from tests.telegram.cloud import Cloud, StoredChat, Wire

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


def member(cloud: Cloud, chat: StoredChat, number: int, status: str | None = None) -> Wire:
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


def moved(cloud: Cloud, chat: StoredChat, by: Wire, number: int, status: str) -> int:
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
