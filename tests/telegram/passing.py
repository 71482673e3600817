"""Forward, copy, pin: https://core.telegram.org/bots/api#forwardmessage."""

from typing import Any, Final

from tests.telegram import files, messages
from tests.telegram.cloud import Chat, Cloud, Entry
from tests.telegram.parameters import Given
from tests.telegram.refusal import bad


def _source(cloud: Cloud, given: Given, what: str, done: str) -> Entry:
    """The message to pass on, which must not be protected."""
    origin = cloud.chat(given.integer("from_chat_id"))
    entry = origin.entries.get(given.integer("message_id") or 0)
    if entry is None:
        raise bad(f"message to {what} not found")
    if entry.service or entry.wire.get("has_protected_content"):
        raise bad(f"message can't be {done}")
    return entry


def forward_message(cloud: Cloud, given: Given) -> Any:
    """With the name of who wrote it."""
    chat = cloud.chat(given.integer("chat_id"))
    entry = _source(cloud, given, "forward", "forwarded")
    return messages.send(cloud, chat, given, files.passed(entry))


def copy_message(cloud: Cloud, given: Given) -> Any:
    """Without a trace of where it comes from; its keyboard does not come along."""
    chat = cloud.chat(given.integer("chat_id"))
    entry = _source(cloud, given, "copy", "copied")
    content = files.content(entry)
    if "caption" in given and "text" not in content:
        kept = {k: v for k, v in content.items() if k not in {"caption", "caption_entities"}}
        content = kept | messages.caption(given)
    return {"message_id": messages.send(cloud, chat, given, content)["message_id"]}


def _pinning(cloud: Cloud, given: Given) -> Chat:
    """A chat whose pins the bot may change."""
    chat = cloud.chat(given.integer("chat_id"))
    if not chat.private and chat.members[cloud.bot_id] != "administrator":
        raise bad("not enough rights to manage pinned messages in the chat")
    return chat


def pin_chat_message(cloud: Cloud, given: Given) -> Any:
    """Telegram tells everybody in a message of its own, the bot included."""
    chat = _pinning(cloud, given)
    entry = chat.entries.get(given.integer("message_id") or 0)
    if entry is None or entry.service:
        raise bad("message to pin not found")
    if entry.id in chat.pinned:
        return True
    chat.pinned.append(entry.id)
    cloud.changed()
    author = {"sender_chat": chat.wire} if chat.kind == "channel" else {"from": cloud.bot}
    told = cloud.put(chat, {**author, "pinned_message": entry.told()})
    cloud.updates.add("channel_post" if chat.kind == "channel" else "message", told.wire)
    return True


def unpin_chat_message(cloud: Cloud, given: Given) -> Any:
    """The one that is named, or the newest."""
    chat = _pinning(cloud, given)
    number = given.integer("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if number not in chat.entries:
        raise bad("message to unpin not found")
    if number in chat.pinned:
        chat.pinned.remove(number)
    cloud.changed()
    return True


def unpin_all_chat_messages(cloud: Cloud, given: Given) -> Any:
    """Nothing is pinned any more."""
    _pinning(cloud, given).pinned.clear()
    cloud.changed()
    return True


METHODS: Final = {
    "copyMessage": copy_message,
    "forwardMessage": forward_message,
    "pinChatMessage": pin_chat_message,
    "unpinAllChatMessages": unpin_all_chat_messages,
    "unpinChatMessage": unpin_chat_message,
}
