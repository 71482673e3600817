"""Inline keyboards: https://core.telegram.org/bots/api#inlinekeyboardbutton.

Of the buttons only those that our bot has are simulated: data for the bot, a Mini App, a text
to be copied.
"""

from typing import Any, Final
from urllib.parse import urlsplit

from tests.telegram.refusal import Refusal, bad

DATA_BYTES: Final = 64
COPIED: Final = 256  # characters of text that a button copies
_BUTTONS: Final = 100  # of one keyboard; beyond that Telegram answers the same
_ACTIONS: Final = frozenset({"callback_data", "copy_text", "web_app"})
_LOOKS: Final = frozenset({"text", "style", "icon_custom_emoji_id"})
_STYLES: Final = frozenset({"danger", "success", "primary"})
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
    for button in _buttons(markup["inline_keyboard"]):
        _check_button(button, private=private, http_apps=http_apps)
    rows = [row for row in markup["inline_keyboard"] if row]
    return {"inline_keyboard": rows} if rows else {}


def check_app(url: Any, *, http_apps: bool, what: str) -> None:
    """A page that Telegram opens within itself.

    Raises:
        Refusal: not over HTTPS.
    """
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
    except ValueError:
        parts = None
    if parts is None or not parts.hostname:
        raise bad(f"{what} Web App URL '{url}' is invalid: URL host is empty")
    if parts.scheme != "https" and not (http_apps and parts.scheme == "http"):
        raise bad(f"{what} Web App URL '{url}' is invalid: Only HTTPS links are allowed")


def _buttons(rows: Any) -> list[Any]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise _unreadable("expected an Array of Arrays")
    buttons = [button for row in rows for button in row]
    if len(buttons) > _BUTTONS:
        raise bad("reply markup is too long")
    return buttons


def _check_button(button: Any, *, private: bool, http_apps: bool) -> None:
    actions = _actions(button)
    if not actions:
        raise _unreadable("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise _unreadable(f"exactly one action is expected, found {sorted(actions)}")
    if "callback_data" in button:
        _check_data(button["callback_data"])
    elif "copy_text" in button:
        _check_copied(button["copy_text"])
    else:
        _check_web_app(button["web_app"], private=private, http_apps=http_apps)


def _actions(button: Any) -> set[str]:
    """What the button does."""
    if not isinstance(button, dict):
        raise _unreadable("expected an Object")
    if not isinstance(button.get("text"), str) or not button["text"].strip():
        raise _unreadable('Field "text" must be a non-empty String')
    if unknown := set(button) - _ACTIONS - _LOOKS:
        raise _unreadable(f"unknown fields {sorted(unknown)}")
    if button.get("style", "primary") not in _STYLES:
        raise _unreadable("invalid button style specified")
    return set(button) & _ACTIONS


def _check_data(data: Any) -> None:
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= DATA_BYTES:
        raise bad("BUTTON_DATA_INVALID")


def _check_copied(copied: Any) -> None:
    text = copied.get("text") if isinstance(copied, dict) and set(copied) == {"text"} else None
    if not isinstance(text, str) or not 1 <= len(text) <= COPIED:
        raise bad("BUTTON_COPY_TEXT_INVALID")


def _check_web_app(app: Any, *, private: bool, http_apps: bool) -> None:
    if not isinstance(app, dict) or set(app) != {"url"}:
        raise _unreadable("can't parse Web App")
    if not private:
        raise bad("BUTTON_TYPE_INVALID")
    check_app(app["url"], http_apps=http_apps, what=_BUTTON)


def _unreadable(why: str) -> Refusal:
    return bad(f"can't parse {_BUTTON}: {why}")
