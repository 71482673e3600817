"""What may not be changed, asked or set; every refusal beside the call it was made from."""

from typing import Any

import pytest

from tests.telegram.tests.scene import LAN, At, Case, button, ids, prove

EDIT: dict[str, Any] = {"chat_id": LAN, "message_id": At("own"), "text": "mới"}
COMMAND = {"command": "start", "description": "Bắt đầu"}
COMMANDS: dict[str, Any] = {"commands": [COMMAND]}
APP = "https://vote.example/app"
HOOK: dict[str, Any] = {"url": "https://bot.example/hook", "secret_token": "a-Z_9"}
TAPPED: dict[str, Any] = {"callback_query_id": At("tapped"), "text": "đã nhận"}
DELETE: dict[str, Any] = {"chat_id": LAN, "message_id": At("own")}
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)
EXPIRED = "query is too old and response timeout expired or query ID is invalid"

EDITS = [
    Case("editMessageText", EDIT, {"message_id": 999}, "message to edit not found"),
    Case("editMessageText", EDIT, {"message_id": ...}, "message identifier is not specified"),
    Case("editMessageText", EDIT, {"message_id": At("theirs")}, "message can't be edited"),
    Case("editMessageText", EDIT, {"chat_id": 44}, "bot was blocked by the user", "Forbidden"),
    Case("editMessageText", EDIT, {"text": ""}, "message text is empty"),
    Case("editMessageText", EDIT, {"text": "own", **button(callback_data="a")}, NOT_MODIFIED),
    Case(
        "editMessageText",
        EDIT,
        {"message_id": At("document")},
        "there is no text in the message to edit",
    ),
    Case(
        "editMessageText",
        EDIT,
        {"reply_markup": {"remove_keyboard": True}},
        "inline keyboard expected",
    ),
]

DELETIONS = [
    Case("deleteMessage", DELETE, {"message_id": 999}, "message to delete not found"),
    Case(
        "deleteMessage",
        {"chat_id": At("met"), "message_id": At("in_met")},
        {"message_id": At("command")},
        "message can't be deleted for everyone",
    ),
]

TAPS = [
    Case("answerCallbackQuery", TAPPED, {"callback_query_id": "1"}, EXPIRED),
    Case(
        "answerCallbackQuery",
        {**TAPPED, "text": "ế" * 200},
        {"text": "a" * 201},
        "MESSAGE_TOO_LONG",
    ),
]

PINS = [
    Case("pinChatMessage", DELETE, {"message_id": 999}, "message to pin not found"),
    Case(
        "pinChatMessage",
        {"chat_id": At("led"), "message_id": At("in_led")},
        {"chat_id": At("met"), "message_id": At("in_met")},
        "not enough rights to manage pinned messages in the chat",
    ),
    Case("unpinChatMessage", DELETE, {"message_id": 999}, "message to unpin not found"),
]

DOCUMENT = {"chat_id": LAN, "document": At("file")}
FILES = [
    Case("sendDocument", DOCUMENT, {"document": ...}, "there is no document in the request"),
    Case("sendDocument", DOCUMENT, {"document": "a"}, "wrong file identifier/HTTP URL specified"),
    Case(
        "sendDocument",
        DOCUMENT,
        {"document": At("picture")},
        "wrong file identifier/HTTP URL specified",
    ),
    Case(
        "sendDocument",
        {**DOCUMENT, "caption": "a" * 1024},
        {"caption": "a" * 1025},
        "message caption is too long",
    ),
    Case(
        "sendPhoto",
        {"chat_id": LAN, "photo": At("picture")},
        {"photo": ...},
        "there is no photo in the request",
    ),
]


def command(**part: Any) -> dict[str, Any]:
    return {"commands": [{**COMMAND, **part}]}


PROFILE = [
    Case("setMyCommands", COMMANDS, command(command="Start"), "BOT_COMMAND_INVALID"),
    Case("setMyCommands", COMMANDS, command(command=""), "command must be non-empty"),
    Case(
        "setMyCommands",
        command(command="a" * 32),
        command(command="a" * 33),
        "command length must not exceed 32",
    ),
    Case(
        "setMyCommands", COMMANDS, command(description=" "), "command description must be non-empty"
    ),
    Case(
        "setMyCommands",
        command(description="ế" * 256),
        command(description="ế" * 257),
        "command description length must not exceed 256",
    ),
    Case(
        "setMyCommands",
        {"commands": [{**COMMAND, "command": f"c{number}"} for number in range(100)]},
        {"commands": [{**COMMAND, "command": f"c{number}"} for number in range(101)]},
        "too many commands specified",
    ),
    Case(
        "setMyCommands",
        COMMANDS,
        {"commands": [COMMAND, COMMAND]},
        "can't parse list of bot commands: a command stands twice",
    ),
    Case(
        "setMyCommands",
        {**COMMANDS, "language_code": "vi"},
        {"language_code": "vie"},
        "invalid language code specified",
    ),
    Case(
        "setMyCommands",
        {**COMMANDS, "scope": {"type": "all_private_chats"}},
        {"scope": {"type": "everybody"}},
        "can't parse BotCommandScope: unsupported type specified",
    ),
    Case(
        "setMyCommands",
        {**COMMANDS, "scope": {"type": "chat", "chat_id": LAN}},
        {"scope": {"type": "chat", "chat_id": 99}},
        "chat not found",
    ),
    Case(
        "setMyCommands",
        {**COMMANDS, "scope": {"type": "chat_administrators", "chat_id": At("led")}},
        {"scope": {"type": "chat_administrators", "chat_id": LAN}},
        "can't use specified scope in private chats",
    ),
    Case(
        "setMyCommands",
        {**COMMANDS, "scope": {"type": "chat", "chat_id": LAN}},
        {"scope": {"type": "chat"}},
        "can't parse BotCommandScope: other fields are expected",
    ),
    Case(
        "setMyDescription",
        {"description": "a" * 512},
        {"description": "a" * 513},
        "description is too long",
    ),
    Case(
        "setMyShortDescription",
        {"short_description": "a" * 120},
        {"short_description": "a" * 121},
        "short description is too long",
    ),
    Case(
        "setChatMenuButton",
        {"menu_button": {"type": "web_app", "text": "Phiếu", "web_app": {"url": APP}}},
        {
            "menu_button": {
                "type": "web_app",
                "text": "Phiếu",
                "web_app": {"url": "http://a.example"},
            }
        },
        "menu button Web App URL 'http://a.example' is invalid: Only HTTPS links are allowed",
    ),
    Case(
        "setChatMenuButton",
        {"menu_button": {"type": "web_app", "text": "Phiếu", "web_app": {"url": APP}}},
        {"menu_button": {"type": "web_app", "text": " ", "web_app": {"url": APP}}},
        "menu button text must be non-empty",
    ),
    Case(
        "setChatMenuButton",
        {"menu_button": {"type": "web_app", "text": "Phiếu", "web_app": {"url": APP}}},
        {"menu_button": {"type": "web_app", "text": "Phiếu", "web_app": {"url": APP, "a": 1}}},
        "can't parse menu button: can't parse Web App",
    ),
    Case(
        "setChatMenuButton",
        {"chat_id": LAN, "menu_button": {"type": "commands"}},
        {"chat_id": At("led")},
        "chat_id must be a private chat",
    ),
]

WEBHOOKS = [
    Case(
        "setWebhook",
        HOOK,
        {"url": "http://bot.example/hook"},
        "bad webhook: An HTTPS URL must be provided for webhook",
    ),
    Case("setWebhook", HOOK, {"url": "hook"}, "bad webhook: invalid webhook URL specified"),
    Case("setWebhook", HOOK, {"secret_token": "a b"}, "secret token contains unallowed characters"),
    Case(
        "setWebhook",
        {**HOOK, "secret_token": "a" * 256},
        {"secret_token": "a" * 257},
        "secret token is too long",
    ),
    Case(
        "setWebhook",
        {**HOOK, "max_connections": 100},
        {"max_connections": 101},
        "invalid max_connections specified",
    ),
    Case("getUpdates", {"limit": 100}, {"limit": 101}, "invalid limit specified"),
]

CASES = [
    *EDITS,
    *DELETIONS,
    *TAPS,
    *PINS,
    *FILES,
    *PROFILE,
    *WEBHOOKS,
]


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
async def test_a_call_with_one_defect_is_not_done(case: Case):
    """The call with its defect is refused and changes nothing; without it, it is done."""
    await prove(case)
