"""Sending, editing, deleting, pinning, answering taps: https://core.telegram.org/bots/api#sendmessage."""

from typing import Any, Final

from tests.telegram import formatting, markup
from tests.telegram.cloud import Answer, Cloud, StoredChat, StoredMessage, Wire
from tests.telegram.formatting import Formatted
from tests.telegram.parameters import Parameters
from tests.telegram.refusal import NOT_MODIFIED, bad

TEXT: Final = 4096  # UTF-16 units, after the markup is taken out
CAPTION: Final = 1024
NOTICE: Final = 200  # characters of an answer to a tap
_TWO_DAYS: Final = 48 * 3600  # after which nothing is deleted for everybody
_EXPIRED: Final = "query is too old and response timeout expired or query ID is invalid"


# ---- reading a call


def text(call: Parameters) -> Formatted:
    """The text of a message.

    Raises:
        Refusal: empty, too long or badly marked.
    """
    formatted = formatting.formatted(call.text("text"), call.text("parse_mode"))
    if not formatted.text:
        raise bad("message text is empty")
    if formatting.length(formatted.text) > TEXT:
        raise bad("message is too long")
    return formatted


def caption(call: Parameters) -> Wire:
    """The caption of a file as part of a message, nothing if there is none."""
    formatted = formatting.formatted(call.text("caption"), call.text("parse_mode"))
    if formatting.length(formatted.text) > CAPTION:
        raise bad("message caption is too long")
    wire: Wire = {"caption": formatted.text} if formatted.text else {}
    return wire | ({"caption_entities": formatted.entities} if formatted.entities else {})


def keyboard(cloud: Cloud, chat: StoredChat, call: Parameters) -> Wire:
    """The inline keyboard, checked; empty for none."""
    wire = call.structure("reply_markup", dict)
    return markup.checked(wire, private=chat.private, http_apps=cloud.http_apps)


# ---- sending


def send(cloud: Cloud, chat: StoredChat, call: Parameters, content: Wire) -> Wire:
    """Puts a message of the bot into a chat; the content is all but where, who and when."""
    wire = {"from": cloud.bot, **content}
    if call.flag("protect_content"):
        wire["has_protected_content"] = True
    if buttons := keyboard(cloud, chat, call):
        wire["reply_markup"] = buttons
    html = call.text("text") or call.text("caption")
    return cloud.put(chat, wire, html=html, silent=call.flag("disable_notification")).wire


def send_message(cloud: Cloud, call: Parameters) -> Any:
    """A text."""
    chat = cloud.chat(call.integer("chat_id"))
    return send(cloud, chat, call, _content(text(call)))


def _content(formatted: Formatted) -> Wire:
    entities = {"entities": formatted.entities} if formatted.entities else {}
    return {"text": formatted.text, **entities}


# ---- editing


def _own(cloud: Cloud, call: Parameters) -> tuple[StoredChat, StoredMessage]:
    """The message to edit.

    Raises:
        Refusal: gone, or not the bot's.
    """
    if "message_id" not in call:
        raise bad("message identifier is not specified")
    chat = cloud.chat(call.integer("chat_id"))
    message = chat.messages.get(call.integer("message_id") or 0)
    if message is None:
        raise bad("message to edit not found")
    if not message.by_bot or message.service:
        raise bad("message can't be edited")
    return chat, message


def edit_message_text(cloud: Cloud, call: Parameters) -> Any:
    """Another text and the keyboard of this call; without one the old keyboard goes."""
    chat, message = _own(cloud, call)
    content = _content(text(call))
    if "text" not in message.wire:
        raise bad("there is no text in the message to edit")
    dropped = {"text", "entities", "reply_markup", "edit_date"}
    wire = {name: value for name, value in message.wire.items() if name not in dropped} | content
    if buttons := keyboard(cloud, chat, call):
        wire["reply_markup"] = buttons
    if wire == {name: value for name, value in message.wire.items() if name != "edit_date"}:
        raise bad(NOT_MODIFIED)
    return cloud.edit(chat, message, wire, call.text("text")).wire


# ---- deleting


def delete_message(cloud: Cloud, call: Parameters) -> Any:
    """For everybody."""
    chat = cloud.chat(call.integer("chat_id"))
    message = chat.messages.get(call.integer("message_id") or 0)
    if message is None:
        raise bad("message to delete not found")
    if not _deletable(cloud, chat, message):
        raise bad("message can't be deleted for everyone")
    cloud.remove(chat, message.id)
    return True


def _deletable(cloud: Cloud, chat: StoredChat, message: StoredMessage) -> bool:
    """Young, and the bot's own or in a private chat."""
    young = cloud.now - message.wire["date"] < _TWO_DAYS
    return young and (chat.private or message.by_bot)


# ---- taps


def answer_callback_query(cloud: Cloud, call: Parameters) -> Any:
    """Stops the button from turning, at most once for each tap."""
    notice = call.text("text")
    if formatting.length(notice) > NOTICE:
        raise bad("MESSAGE_TOO_LONG")
    query = cloud.queries.get(call.text("callback_query_id"))
    late = query is None or cloud.clock() - query.at > cloud.query_seconds
    if query is None or late or query.answer is not None:
        raise bad(_EXPIRED)
    query.answer = Answer(notice or None, call.flag("show_alert"))
    cloud.changed()
    return True


# ---- pins


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


def _pinning(cloud: Cloud, call: Parameters) -> StoredChat:
    """A chat whose pins the bot may change: in a group it is no administrator."""
    chat = cloud.chat(call.integer("chat_id"))
    if not chat.private:
        raise bad("not enough rights to manage pinned messages in the chat")
    return chat


METHODS: Final = {
    "answerCallbackQuery": answer_callback_query,
    "deleteMessage": delete_message,
    "editMessageText": edit_message_text,
    "pinChatMessage": pin_chat_message,
    "sendMessage": send_message,
    "unpinChatMessage": unpin_chat_message,
}
