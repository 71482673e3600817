"""Sending, editing, deleting, answering taps: https://core.telegram.org/bots/api#sendmessage."""

from typing import Any, Final

from tests.telegram import formatting, markup
from tests.telegram.cloud import Answer, Chat, Cloud, Entry, Wire
from tests.telegram.formatting import Formatted
from tests.telegram.parameters import Given
from tests.telegram.refusal import NOT_MODIFIED, bad

TEXT: Final = 4096  # UTF-16 units, after the markup is taken out
CAPTION: Final = 1024
NOTICE: Final = 200  # characters of an answer to a tap
_TWO_DAYS: Final = 48 * 3600  # after which nothing is deleted for everybody
_MANY: Final = 100  # messages in one call
_ACTIONS: Final = frozenset(
    {
        "choose_sticker",
        "find_location",
        "record_video",
        "record_video_note",
        "record_voice",
        "typing",
        "upload_document",
        "upload_photo",
        "upload_video",
        "upload_video_note",
        "upload_voice",
    }
)
_EXPIRED: Final = "query is too old and response timeout expired or query ID is invalid"


# ---- reading a call


def text(given: Given) -> Formatted:
    """The text of a message.

    Raises:
        Refusal: empty, too long or badly marked.
    """
    found = formatting.formatted(given.text("text"), given.text("parse_mode"), _marked(given))
    if not found.text:
        raise bad("message text is empty")
    if formatting.length(found.text) > TEXT:
        raise bad("message is too long")
    return found


def caption(given: Given) -> Wire:
    """The caption of a file as part of a message, nothing if there is none."""
    found = formatting.formatted(given.text("caption"), given.text("parse_mode"), _marked(given))
    if formatting.length(found.text) > CAPTION:
        raise bad("message caption is too long")
    wire: Wire = {"caption": found.text} if found.text else {}
    return wire | ({"caption_entities": found.entities} if found.entities else {})


def _marked(given: Given) -> list[formatting.Entity] | None:
    entities = given.sequence("caption_entities" if "caption" in given else "entities")
    for entity in entities or []:
        numbers = isinstance(entity, dict) and [entity.get(key) for key in ("offset", "length")]
        if not numbers or not all(isinstance(number, int) for number in numbers):
            raise bad("can't parse MessageEntity: expected an Object with type, offset and length")
        if not isinstance(entity.get("type"), str):
            raise bad("can't parse MessageEntity: Can't find field \"type\"")
    return entities


def keyboard(cloud: Cloud, chat: Chat, given: Given, *, inline: bool = False) -> Wire:
    """The keyboard, checked.

    Args:
        cloud: where it is to stand.
        chat: its place there.
        given: the call.
        inline: no other kind will do.
    """
    found = given.mapping("reply_markup", "reply keyboard markup")
    if inline and found and "inline_keyboard" not in found:
        raise bad("inline keyboard expected")
    return markup.checked(found, private=chat.private, http_apps=cloud.http_apps)


def replied(chat: Chat, given: Given) -> Wire:
    """What the message answers, as part of it."""
    said = given.mapping("reply_parameters", "reply parameters")
    if said is None:
        return {}
    entry = chat.entries.get(said.get("message_id", 0))
    if entry is not None:
        return {"reply_to_message": entry.told()}
    if said.get("allow_sending_without_reply"):
        return {}
    raise bad("message to be replied not found")


def check_reply(cloud: Cloud, chat: Chat, given: Given) -> None:
    """Refuses a keyboard or a reply before anything is kept for the message."""
    keyboard(cloud, chat, given)
    replied(chat, given)


# ---- sending


def send(cloud: Cloud, chat: Chat, given: Given, content: Wire) -> Wire:
    """Puts a message of the bot into a chat; the content is all but where, who and when."""
    shown = keyboard(cloud, chat, given)
    author: Wire = {"from": cloud.bot}
    if chat.kind == "channel":
        author = {"sender_chat": chat.wire}
    wire = {**author, **replied(chat, given), **content}
    if given.flag("protect_content"):
        wire["has_protected_content"] = True
    if "inline_keyboard" in shown:
        wire["reply_markup"] = shown
    entry = cloud.put(
        chat,
        wire,
        html=given.text("text") or given.text("caption"),
        silent=given.flag("disable_notification"),
        keyboard={} if "inline_keyboard" in shown else shown,
    )
    return entry.wire


def send_message(cloud: Cloud, given: Given) -> Any:
    """A text."""
    chat = cloud.chat(given.integer("chat_id"))
    found = text(given)
    content: Wire = {"text": found.text}
    return send(cloud, chat, given, content | _entities(found))


def _entities(found: Formatted) -> Wire:
    return {"entities": found.entities} if found.entities else {}


def send_chat_action(cloud: Cloud, given: Given) -> Any:
    """The bot is writing, says the screen."""
    cloud.chat(given.integer("chat_id"))
    if given.text("action") not in _ACTIONS:
        raise bad("wrong parameter action in request")
    return True


# ---- editing


def _own(cloud: Cloud, given: Given) -> tuple[Chat, Entry]:
    """The message to edit.

    Raises:
        Refusal: gone, not the bot's, or with a keyboard that is not inline.
    """
    if "message_id" not in given and "inline_message_id" not in given:
        raise bad("message identifier is not specified")
    chat = cloud.chat(given.integer("chat_id"))
    entry = chat.entries.get(given.integer("message_id") or 0)
    if entry is None:
        raise bad("message to edit not found")
    if not entry.by_bot or entry.keyboard or entry.service or "forward_origin" in entry.wire:
        raise bad("message can't be edited")
    return chat, entry


def _edited(cloud: Cloud, given: Given, drop: set[str], content: Wire) -> Any:
    """The message with other content and the keyboard of this call, or with none."""
    chat, entry = _own(cloud, given)
    shown = keyboard(cloud, chat, given, inline=True)
    kept = {k: v for k, v in entry.wire.items() if k not in drop | {"reply_markup", "edit_date"}}
    wire = kept | content | ({"reply_markup": shown} if shown else {})
    if wire == {key: value for key, value in entry.wire.items() if key != "edit_date"}:
        raise bad(NOT_MODIFIED)
    html = given.text("text") or given.text("caption") if drop else entry.html
    return cloud.edit(chat, entry, wire, html).wire


def edit_message_text(cloud: Cloud, given: Given) -> Any:
    """Another text; without a keyboard in the call the old one goes."""
    _, entry = _own(cloud, given)
    found = text(given)
    if "text" not in entry.wire:
        raise bad("there is no text in the message to edit")
    content: Wire = {"text": found.text}
    return _edited(cloud, given, {"text", "entities"}, content | _entities(found))


def edit_message_caption(cloud: Cloud, given: Given) -> Any:
    """Another caption under a file."""
    _, entry = _own(cloud, given)
    if "document" not in entry.wire and "photo" not in entry.wire:
        raise bad("there is no caption in the message to edit")
    return _edited(cloud, given, {"caption", "caption_entities"}, caption(given))


def edit_message_reply_markup(cloud: Cloud, given: Given) -> Any:
    """Another keyboard, or none."""
    return _edited(cloud, given, set(), {})


# ---- deleting


def delete_message(cloud: Cloud, given: Given) -> Any:
    """For everybody."""
    chat = cloud.chat(given.integer("chat_id"))
    entry = chat.entries.get(given.integer("message_id") or 0)
    if entry is None:
        raise bad("message to delete not found")
    if not _deletable(cloud, chat, entry):
        raise bad("message can't be deleted for everyone")
    cloud.remove(chat, entry.id)
    return True


def delete_messages(cloud: Cloud, given: Given) -> Any:
    """Several; what is not there is skipped."""
    chat = cloud.chat(given.integer("chat_id"))
    numbers = given.sequence("message_ids")
    if not numbers:
        raise bad("message identifiers are not specified")
    if len(numbers) > _MANY:
        raise bad("too many message identifiers specified")
    entries = [chat.entries[number] for number in set(numbers) if number in chat.entries]
    if not all(_deletable(cloud, chat, entry) for entry in entries):
        raise bad("message can't be deleted for everyone")
    for entry in entries:
        cloud.remove(chat, entry.id)
    return True


def _deletable(cloud: Cloud, chat: Chat, entry: Entry) -> bool:
    """Young, and the bot's own, a private chat's, or the bot is an administrator."""
    administrator = chat.members[cloud.bot_id] == "administrator"
    young = cloud.now - entry.wire["date"] < _TWO_DAYS
    return administrator or (young and (chat.private or entry.by_bot))


# ---- taps


def answer_callback_query(cloud: Cloud, given: Given) -> Any:
    """Stops the button from turning, at most once for each tap."""
    said = given.text("text")
    if formatting.length(said) > NOTICE:
        raise bad("MESSAGE_TOO_LONG")
    query = cloud.queries.get(given.text("callback_query_id"))
    late = query is None or cloud.clock() - query.at > cloud.query_seconds
    if query is None or late or query.answer is not None:
        raise bad(_EXPIRED)
    query.answer = Answer(said or None, given.flag("show_alert"))
    cloud.changed()
    return True


METHODS: Final = {
    "answerCallbackQuery": answer_callback_query,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "editMessageCaption": edit_message_caption,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "editMessageText": edit_message_text,
    "sendChatAction": send_chat_action,
    "sendMessage": send_message,
}
