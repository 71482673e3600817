"""Pins: https://core.telegram.org/bots/api#pinchatmessage."""

from typing import Any, Final

from tests.telegram.cloud import Cloud, StoredChat
from tests.telegram.parameters import Parameters
from tests.telegram.refusal import bad


def _pinning(cloud: Cloud, call: Parameters) -> StoredChat:
    """A chat whose pins the bot may change."""
    chat = cloud.chat(call.integer("chat_id"))
    if not chat.private and chat.members[cloud.bot_id] != "administrator":
        raise bad("not enough rights to manage pinned messages in the chat")
    return chat


def pin_chat_message(cloud: Cloud, call: Parameters) -> Any:
    """Telegram tells everybody in a message of its own, the bot included."""
    chat = _pinning(cloud, call)
    message = chat.messages.get(call.integer("message_id") or 0)
    if message is None or message.service:
        raise bad("message to pin not found")
    if message.id in chat.pinned:
        return True
    chat.pinned.append(message.id)
    cloud.changed()
    notice = cloud.put(chat, {"from": cloud.bot, "pinned_message": message.wire})
    cloud.updates.add("message", notice.wire)
    return True


def unpin_chat_message(cloud: Cloud, call: Parameters) -> Any:
    """The one that is named, or the newest."""
    chat = _pinning(cloud, call)
    number = call.integer("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if number not in chat.messages:
        raise bad("message to unpin not found")
    if number in chat.pinned:
        chat.pinned.remove(number)
    cloud.changed()
    return True


METHODS: Final = {
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
}
