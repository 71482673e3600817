"""What may not be sent, in Telegram's words; every refusal beside the call it was made from."""

from typing import Any

import pytest

from tests.telegram.tests.scene import LAN, At, Case, button, ids, prove

TEXT: dict[str, Any] = {"chat_id": LAN, "text": "chào"}
ROWS = [[{"text": "Cao", "callback_data": "a"}]]
APP = "https://vote.example/app"

WHERE = [
    Case("sendMessage", TEXT, {"chat_id": 99}, "chat not found"),
    Case("sendMessage", TEXT, {"chat_id": "@nobody"}, "chat not found"),
    Case("sendMessage", TEXT, {"chat_id": ...}, "chat_id is empty"),
    Case(
        "sendMessage",
        TEXT,
        {"chat_id": 43},
        "bot can't initiate conversation with a user",
        "Forbidden",
    ),
    Case("sendMessage", TEXT, {"chat_id": 44}, "bot was blocked by the user", "Forbidden"),
]

TEXTS = [
    Case("sendMessage", TEXT, {"text": " \n"}, "message text is empty"),
    Case("sendMessage", TEXT, {"text": ...}, "message text is empty"),
    Case("sendMessage", {**TEXT, "text": "ế" * 4096}, {"text": "a" * 4097}, "message is too long"),
    Case(
        "sendMessage", {**TEXT, "text": "😀" * 2048}, {"text": "😀" * 2049}, "message is too long"
    ),
    Case("sendMessage", TEXT, {"text": 5}, 'field "text" must be of type String'),
    Case("sendMessage", TEXT, {"txt": "a"}, "unknown parameters of sendMessage: txt"),
    Case("sendMessage", TEXT, {"parse_mode": "MarkdownV2"}, "unsupported parse_mode"),
    Case(
        "sendMessage",
        {**TEXT, "text": "<b>a</b>", "parse_mode": "HTML"},
        {"text": "<b>a"},
        "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
    ),
    Case(
        "sendMessage",
        {**TEXT, "protect_content": True},
        {"protect_content": "maybe"},
        'field "protect_content" must be of type Boolean',
    ),
    Case(
        "sendMessage",
        TEXT,
        {"message_thread_id": 5},
        "the stand-in does not simulate message_thread_id",
    ),
    Case(
        "sendMessage",
        TEXT,
        {"entities": [{"type": "bold", "offset": 0, "length": 2}]},
        "the stand-in does not simulate entities",
    ),
]

DATA = {**TEXT, **button(callback_data="a")}
KEYBOARDS = [
    Case(
        "sendMessage",
        {**TEXT, **button(callback_data="ế" * 21 + "a")},
        button(callback_data="ế" * 22),
        "BUTTON_DATA_INVALID",
    ),
    Case("sendMessage", DATA, button(callback_data=""), "BUTTON_DATA_INVALID"),
    Case(
        "sendMessage",
        DATA,
        button(),
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
    Case(
        "sendMessage",
        DATA,
        button(callback_data="a", copy_text={"text": "b"}),
        "can't parse inline keyboard button: exactly one action is expected, found"
        " ['callback_data', 'copy_text']",
    ),
    Case(
        "sendMessage",
        DATA,
        button(callback_data="a", colour="red"),
        "can't parse inline keyboard button: unknown fields ['colour']",
    ),
    Case(
        "sendMessage",
        DATA,
        {"reply_markup": {"inline_keyboard": [[{"text": " ", "callback_data": "a"}]]}},
        'can\'t parse inline keyboard button: Field "text" must be a non-empty String',
    ),
    Case(
        "sendMessage",
        DATA,
        {"reply_markup": {"inline_keyboard": ROWS[0]}},
        "can't parse inline keyboard button: expected an Array of Arrays",
    ),
    Case(
        "sendMessage",
        {**TEXT, "reply_markup": {"inline_keyboard": ROWS * 100}},
        {"reply_markup": {"inline_keyboard": ROWS * 101}},
        "reply markup is too long",
    ),
    Case("sendMessage", DATA, {"reply_markup": {"keyboard": [["a"]]}}, "inline keyboard expected"),
    Case(
        "sendMessage", DATA, {"reply_markup": "[["}, "can't parse reply keyboard markup JSON object"
    ),
    Case(
        "sendMessage",
        {**TEXT, **button(copy_text={"text": "a" * 256})},
        button(copy_text={"text": "a" * 257}),
        "BUTTON_COPY_TEXT_INVALID",
    ),
    Case(
        "sendMessage",
        {**TEXT, **button(copy_text={"text": "a"})},
        button(copy_text={"text": ""}),
        "BUTTON_COPY_TEXT_INVALID",
    ),
    Case(
        "sendMessage",
        {**TEXT, **button(web_app={"url": APP})},
        button(web_app={"url": "http://vote.example/app"}),
        "inline keyboard button Web App URL 'http://vote.example/app' is invalid: Only HTTPS links"
        " are allowed",
    ),
    Case(
        "sendMessage",
        {**TEXT, **button(web_app={"url": APP})},
        {"chat_id": At("met")},
        "BUTTON_TYPE_INVALID",
    ),
]


CASES = [*WHERE, *TEXTS, *KEYBOARDS]


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
async def test_a_message_with_one_defect_is_not_sent(case: Case):
    """The call with its defect is refused and changes nothing; without it, it is done."""
    await prove(case)
