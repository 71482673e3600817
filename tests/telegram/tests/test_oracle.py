"""The oracle itself: it lets through what is right and finds what is not."""

from typing import Any

import pytest

from tests.telegram.oracle import (
    METHODS,
    Wrong,
    check_answer,
    check_call,
    check_update,
    documented,
)
from tests.telegram.parameters import ALLOWED
from tests.telegram.snapshot import File
from tests.telegram.standin import Call

TEXT: dict[str, Any] = {"chat_id": "42", "text": "a", "protect_content": "true"}
CHAT = {"id": 42, "type": "private", "first_name": "Lan"}
PERSON = {"id": 42, "is_bot": False, "first_name": "Lan"}
FILE = File("a", b"a")
COMMAND = {"command": "a", "description": "b"}
MESSAGE = {"message_id": 1, "date": 1_700_000_000, "chat": CHAT, "from": PERSON, "text": "a"}


def call(method: str, parameters: dict[str, Any]) -> Call:
    return Call(method, parameters, 200, True, None)


def inline(**button: Any) -> dict[str, Any]:
    return {"reply_markup": {"inline_keyboard": [[{"text": "a", **button}]]}}


@pytest.mark.parametrize(
    ("method", "good", "wrong"),
    [
        ("sendMessage", TEXT, {"chat_id": 42}),
        ("sendMessage", TEXT, TEXT | {"txt": "a"}),
        ("sendMessage", TEXT, TEXT | {"disable_web_page_preview": True}),
        ("sendMessage", TEXT, TEXT | {"protect_content": "si"}),
        ("sendMessage", TEXT | inline(callback_data="a"), TEXT | inline(callbackdata="a")),
        ("sendDocument", {"chat_id": 42, "document": FILE}, {"chat_id": 42, "file": FILE}),
        ("setMyCommands", {"commands": [COMMAND]}, {"commands": [{"command": "a"}]}),
    ],
)
def test_calls_with_one_defect_are_found(method: str, good: dict[str, Any], wrong: dict[str, Any]):
    """A call as documented passes; with a wrong name, at any depth, it does not."""
    check_call(call(method, good))
    for defect in (call(method, wrong), call("sendMassage", good)):
        with pytest.raises(Wrong):
            check_call(defect)


def test_answers_with_one_defect_are_found():
    """A message is an answer to sendMessage; true and a message of another shape are not."""
    check_answer(Call("sendMessage", TEXT, 200, MESSAGE, None))
    check_answer(Call("sendMessage", TEXT, 400, None, "Bad Request: a"))
    for answer in (True, {**MESSAGE, "txt": "a"}, {**MESSAGE, "chat": {**CHAT, "colour": 1}}):
        with pytest.raises(Wrong):
            check_answer(Call("sendMessage", TEXT, 200, answer, None))


def test_updates_with_one_defect_are_found():
    """An update as documented passes; with a wrong name, at any depth, it does not."""
    check_update({"update_id": 1, "message": MESSAGE})
    for update in (
        {"update_id": 1, "mesage": MESSAGE},
        {"update_id": 1, "message": {**MESSAGE, "txt": "a"}},
        {"update_id": 1, "message": {**MESSAGE, "from": {**PERSON, "colour": 1}}},
        {"update_id": 1, "message": {"message_id": 1}},
        {"update_id": 1, "message": MESSAGE, "edited_message": MESSAGE},
        {"update_id": 1},
    ):
        with pytest.raises(Wrong):
            check_update(update)


def test_the_stand_in_knows_documented_names_only():
    """Those of aiogram, without what is deprecated."""
    for method, names in ALLOWED.items():
        assert names <= documented(METHODS[method]), method
