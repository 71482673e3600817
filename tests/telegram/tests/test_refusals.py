"""What Telegram refuses, in its words; every refusal beside the call it was made from."""

from typing import Any

import pytest

from tests.telegram.refusal import NOT_MODIFIED
from tests.telegram.standin import StandIn
from tests.telegram.tests.scene import LAN, At, Direct, filled, inline, scene

Call = dict[str, Any]

TEXT: Call = {"chat_id": LAN, "text": "chào"}
APP = "https://vote.example/app"
ONE = [{"text": "Cao", "callback_data": "a"}]
EDIT: Call = {"chat_id": LAN, "message_id": At("own"), "text": "mới"}
PLACE: Call = {"chat_id": LAN, "message_id": At("own")}
COMMAND = {"command": "start", "description": "Bắt đầu"}
MENU = {"type": "web_app", "text": "Phiếu", "web_app": {"url": APP}}
HOOK: Call = {"url": "https://bot.example/hook", "secret_token": "a-Z_9"}
TAPPED: Call = {"callback_query_id": At("tapped"), "text": "đã nhận"}
DOCUMENT: Call = {"chat_id": LAN, "document": At("file")}
PHOTO: Call = {"chat_id": LAN, "photo": At("picture")}

BUTTON = "can't parse inline keyboard button: "
ACTIONS = f"{BUTTON}exactly one action is expected, found "
NO_LABEL = f'{BUTTON}Field "text" must be a non-empty String'
NOT_HTTPS = "Web App URL 'http://a.example' is invalid: Only HTTPS links are allowed"
EXPIRED = "query is too old and response timeout expired or query ID is invalid"
BLOCKED = "Forbidden: bot was blocked by the user"
NOT_MET = "Forbidden: bot can't initiate conversation with a user"
UNCLOSED = "can't parse entities: Can't find end tag corresponding to start tag \"b\""
ABSENT = "the stand-in does not simulate"
FILE_ID = "wrong file identifier/HTTP URL specified"
NO_RIGHTS = "not enough rights to manage pinned messages in the chat"
DESCRIPTION = "command description must be non-empty and not exceed 256"


def button(**action: Any) -> Call:
    return {"reply_markup": inline(**action)}


def keyboard(*rows: Any) -> Call:
    return {"reply_markup": {"inline_keyboard": [*rows]}}


def command(**part: Any) -> Call:
    return {"commands": [{**COMMAND, **part}]}


def numbered(count: int) -> Call:
    return {"commands": [{**COMMAND, "command": f"c{number}"} for number in range(count)]}


def menu(**part: Any) -> Call:
    return {"menu_button": {**MENU, **part}}


def scoped(**scope: Any) -> Call:
    return {"scope": scope}


# A method, a call of it that is done, and what must not be put into that call. `...` takes away.
REFUSED: list[tuple[str, Call, list[tuple[Call, str]]]] = [
    (
        "sendMessage",
        TEXT | button(callback_data="a") | {"protect_content": True},
        [
            ({"chat_id": 99}, "chat not found"),
            ({"chat_id": "@nobody"}, "chat not found"),
            ({"chat_id": ...}, "chat_id is empty"),
            ({"chat_id": 43}, NOT_MET),
            ({"chat_id": 44}, BLOCKED),
            ({"text": " \n"}, "message text is empty"),
            ({"text": ...}, "message text is empty"),
            ({"txt": "a"}, "unknown parameters of sendMessage: txt"),
            ({"parse_mode": "MarkdownV2"}, "unsupported parse_mode"),
            ({"text": "<b>a", "parse_mode": "HTML"}, UNCLOSED),
            ({"protect_content": "maybe"}, 'field "protect_content" must be of type Boolean'),
            (button(callback_data=""), "BUTTON_DATA_INVALID"),
            (button(callback_data="ế" * 22), "BUTTON_DATA_INVALID"),
            (button(), f"{ACTIONS}[]"),
            (
                button(callback_data="a", copy_text={"text": "b"}),
                f"{ACTIONS}['callback_data', 'copy_text']",
            ),
            (button(callback_data="a", text=" "), NO_LABEL),
            (button(copy_text={"text": ""}), "BUTTON_COPY_TEXT_INVALID"),
            (button(copy_text={"text": "a" * 257}), "BUTTON_COPY_TEXT_INVALID"),
            (button(web_app={"url": "http://a.example"}), f"inline keyboard button {NOT_HTTPS}"),
            (keyboard(*[ONE] * 101), "reply markup is too long"),
            ({"reply_markup": {"keyboard": [["a"]]}}, "inline keyboard expected"),
            ({"reply_markup": "[["}, "can't parse reply_markup JSON object"),
        ],
    ),
    ("sendMessage", TEXT | {"text": "ế" * 4096}, [({"text": "a" * 4097}, "message is too long")]),
    ("sendMessage", TEXT | {"text": "😀" * 2048}, [({"text": "😀" * 2049}, "message is too long")]),
    ("sendMessage", TEXT | button(callback_data="ế" * 21 + "a"), []),
    ("sendMessage", TEXT | button(copy_text={"text": "a" * 256}), []),
    ("sendMessage", TEXT | keyboard(*[ONE] * 100), []),
    (
        "sendMessage",
        TEXT | button(web_app={"url": APP}),
        [({"chat_id": At("met")}, "BUTTON_TYPE_INVALID")],
    ),
    (
        "editMessageText",
        EDIT,
        [
            ({"message_id": 999}, "message to edit not found"),
            ({"message_id": ...}, "message identifier is not specified"),
            ({"message_id": At("theirs")}, "message can't be edited"),
            ({"chat_id": 44}, BLOCKED),
            ({"text": ""}, "message text is empty"),
            ({"text": "own", **button(callback_data="a")}, NOT_MODIFIED),
            ({"message_id": At("document")}, "there is no text in the message to edit"),
            ({"reply_markup": {"remove_keyboard": True}}, "inline keyboard expected"),
        ],
    ),
    ("deleteMessage", PLACE, [({"message_id": 999}, "message to delete not found")]),
    (
        "deleteMessage",
        {"chat_id": At("met"), "message_id": At("in_met")},
        [({"message_id": At("command")}, "message can't be deleted for everyone")],
    ),
    (
        "answerCallbackQuery",
        TAPPED | {"text": "ế" * 200},
        [({"callback_query_id": "1"}, EXPIRED), ({"text": "a" * 201}, "MESSAGE_TOO_LONG")],
    ),
    (
        "pinChatMessage",
        PLACE,
        [
            ({"message_id": 999}, "message to pin not found"),
            ({"chat_id": At("met"), "message_id": At("in_met")}, NO_RIGHTS),
        ],
    ),
    ("unpinChatMessage", PLACE, [({"message_id": 999}, "message to unpin not found")]),
    (
        "sendDocument",
        DOCUMENT | {"caption": "a" * 1024},
        [
            ({"document": ...}, "there is no document in the request"),
            ({"document": "a"}, FILE_ID),
            ({"document": At("picture")}, FILE_ID),
            ({"caption": "a" * 1025}, "message caption is too long"),
        ],
    ),
    ("sendPhoto", PHOTO, [({"photo": ...}, "there is no photo in the request")]),
    (
        "setMyCommands",
        {"commands": [COMMAND], "language_code": "vi"} | scoped(type="chat", chat_id=LAN),
        [
            (command(command="Start"), "BOT_COMMAND_INVALID"),
            (command(command="a" * 33), "BOT_COMMAND_INVALID"),
            (command(description=" "), DESCRIPTION),
            (command(description="ế" * 257), DESCRIPTION),
            (numbered(101), "too many commands specified"),
            (
                {"commands": [COMMAND, COMMAND]},
                "can't parse list of bot commands: a command stands twice",
            ),
            ({"language_code": "vie"}, "invalid language code specified"),
            (
                scoped(type="everybody"),
                "can't parse BotCommandScope: unsupported type specified",
            ),
            (scoped(type="chat", chat_id=99), "chat not found"),
        ],
    ),
    ("setMyCommands", command(command="a" * 32, description="ế" * 256), []),
    ("setMyCommands", numbered(100), []),
    (
        "setMyDescription",
        {"description": "a" * 512},
        [({"description": "a" * 513}, "description is too long")],
    ),
    (
        "setMyShortDescription",
        {"short_description": "a" * 120},
        [({"short_description": "a" * 121}, "short description is too long")],
    ),
    (
        "setChatMenuButton",
        {"chat_id": LAN} | menu(),
        [
            (menu(web_app={"url": "http://a.example"}), f"menu button {NOT_HTTPS}"),
            (menu(text=" "), "menu button text must be non-empty"),
            ({"chat_id": At("met")}, "chat_id must be a private chat"),
        ],
    ),
    (
        "setWebhook",
        HOOK | {"max_connections": 100},
        [
            ({"url": "http://a.example"}, "bad webhook: An HTTPS URL must be provided for webhook"),
            ({"drop_pending_updates": True}, f"{ABSENT} drop_pending_updates"),
            ({"url": "hook"}, "bad webhook: invalid webhook URL specified"),
            ({"secret_token": "a b"}, "secret token contains unallowed characters"),
            ({"secret_token": "a" * 257}, "secret token is too long"),
            ({"max_connections": 101}, "invalid max_connections specified"),
        ],
    ),
    ("setWebhook", HOOK | {"secret_token": "a" * 256}, []),
    ("getUpdates", {"limit": 100}, [({"limit": 101}, "invalid limit specified")]),
]


@pytest.mark.parametrize(("method", "good", "defects"), REFUSED)
async def test_a_call_with_one_defect_is_not_done(
    method: str, good: Call, defects: list[tuple[Call, str]]
):
    """Each defect is refused and changes nothing that people see; without it the call is done."""
    telegram = StandIn(flood=None)
    bot = Direct(telegram)
    places = await scene(telegram, bot)
    before = telegram.cloud.chats[LAN].shown.copy()

    for defect, refusal in defects:
        status = "" if refusal.startswith("Forbidden") else "Bad Request: "
        description = await bot.refused(method, **filled(good | defect, places))
        assert description == f"{status}{refusal}", defect

    assert telegram.cloud.chats[LAN].shown == before
    await bot.call(method, **filled(good, places))
