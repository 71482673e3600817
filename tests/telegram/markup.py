"""Inline keyboards: https://core.telegram.org/bots/api#inlinekeyboardbutton.

Of the buttons only those that our bot has are simulated: data for the bot, a Mini App, a text
to be copied. What names they have is for oracle.py to judge.
"""

from typing import Any, Final
from urllib.parse import urlsplit

from tests.telegram.refusal import bad

DATA_BYTES: Final = 64
COPIED: Final = 256  # characters of text that a button copies
_BUTTONS: Final = 100  # of one keyboard; beyond that Telegram answers the same
_ACTIONS: Final = frozenset({"callback_data", "copy_text", "web_app"})
_BUTTON: Final = "inline keyboard button"


def checked(markup: dict[str, Any] | None, *, private: bool, http_apps: bool) -> dict[str, Any]:
    """A keyboard that Telegram would show, empty for none.

    Raises:
        Refusal: it would not.
    """
    if not markup:
        return {}
    if set(markup) != {"inline_keyboard"}:
        raise bad("inline keyboard expected")
    buttons = [button for row in markup["inline_keyboard"] for button in row]
    if len(buttons) > _BUTTONS:
        raise bad("reply markup is too long")
    for button in buttons:
        _check_button(button, private=private, http_apps=http_apps)
    rows = [row for row in markup["inline_keyboard"] if row]
    return {"inline_keyboard": rows} if rows else {}


def check_app(url: str, *, http_apps: bool, what: str) -> None:
    """A page that Telegram opens within itself.

    Raises:
        Refusal: not over HTTPS.
    """
    parts = urlsplit(url)
    if not parts.hostname:
        raise bad(f"{what} Web App URL '{url}' is invalid: URL host is empty")
    if parts.scheme != "https" and not (http_apps and parts.scheme == "http"):
        raise bad(f"{what} Web App URL '{url}' is invalid: Only HTTPS links are allowed")


def _check_button(button: dict[str, Any], *, private: bool, http_apps: bool) -> None:
    actions = set(button) & _ACTIONS
    if len(actions) != 1:
        raise bad(f"can't parse {_BUTTON}: exactly one action is expected, found {sorted(actions)}")
    if not button["text"].strip():
        raise bad(f'can\'t parse {_BUTTON}: Field "text" must be a non-empty String')
    if "callback_data" in button:
        if not 1 <= len(button["callback_data"].encode()) <= DATA_BYTES:
            raise bad("BUTTON_DATA_INVALID")
    elif "copy_text" in button:
        if not 1 <= len(button["copy_text"]["text"]) <= COPIED:
            raise bad("BUTTON_COPY_TEXT_INVALID")
    elif not private:
        raise bad("BUTTON_TYPE_INVALID")
    else:
        check_app(button["web_app"]["url"], http_apps=http_apps, what=_BUTTON)
