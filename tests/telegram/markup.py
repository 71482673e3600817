"""Keyboards: https://core.telegram.org/bots/api#inlinekeyboardbutton."""

from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from tests.telegram.refusal import Refusal, bad

DATA_BYTES: Final = 64
COPIED: Final = 256  # characters of text that a button copies
_BUTTONS: Final = 100  # of one keyboard; beyond that Telegram answers the same
_ACTIONS: Final = frozenset(
    {
        "callback_data",
        "callback_game",
        "copy_text",
        "login_url",
        "pay",
        "switch_inline_query",
        "switch_inline_query_chosen_chat",
        "switch_inline_query_current_chat",
        "url",
        "web_app",
    }
)
_LOOKS: Final = frozenset({"text", "style", "icon_custom_emoji_id"})
_REQUESTS: Final = frozenset(
    {
        "request_chat",
        "request_contact",
        "request_location",
        "request_poll",
        "request_users",
        "web_app",
    }
)
_KEYBOARDS: Final = {
    "inline_keyboard": frozenset({"inline_keyboard"}),
    "keyboard": frozenset(
        {
            "keyboard",
            "is_persistent",
            "resize_keyboard",
            "one_time_keyboard",
            "input_field_placeholder",
            "selective",
        }
    ),
    "remove_keyboard": frozenset({"remove_keyboard", "selective"}),
    "force_reply": frozenset({"force_reply", "input_field_placeholder", "selective"}),
}
_STYLES: Final = frozenset({"danger", "success", "primary"})
_SCHEMES: Final = frozenset({"http", "https", "tg", "ton", "tonsite"})


def checked(markup: dict[str, Any] | None, *, private: bool, http_apps: bool) -> dict[str, Any]:
    """A keyboard that Telegram would show, empty for none.

    Raises:
        Refusal: it would not.
    """
    if not markup:
        return {}
    kind = next((kind for kind in _KEYBOARDS if kind in markup), None)
    if kind is None or set(markup) - _KEYBOARDS[kind]:
        raise bad("object expected as reply markup")
    if kind == "inline_keyboard":
        for button in _buttons(markup[kind], "inline keyboard button"):
            _check_inline(button, private=private, http_apps=http_apps)
        rows = [row for row in markup[kind] if row]
        return {kind: rows} if rows else {}
    if kind == "keyboard":
        for button in _buttons(markup[kind], "keyboard button"):
            _check_reply(button, private=private, http_apps=http_apps)
    return markup


def check_app(url: Any, *, http_apps: bool, what: str) -> None:
    """A page that Telegram opens within itself.

    Raises:
        Refusal: not over HTTPS.
    """
    parts = _split(url)
    if parts is None or not parts.hostname:
        raise bad(f"{what} Web App URL '{url}' is invalid: URL host is empty")
    if parts.scheme != "https" and not (http_apps and parts.scheme == "http"):
        raise bad(f"{what} Web App URL '{url}' is invalid: Only HTTPS links are allowed")


def _split(url: Any) -> SplitResult | None:
    try:
        return urlsplit(url) if isinstance(url, str) else None
    except ValueError:
        return None


def _buttons(rows: Any, what: str) -> list[Any]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise _unreadable(what, "expected an Array of Arrays")
    buttons = [button for row in rows for button in row]
    if len(buttons) > _BUTTONS:
        raise bad("reply markup is too long")
    return buttons


def _check_inline(button: Any, *, private: bool, http_apps: bool) -> None:
    what = "inline keyboard button"
    actions = _check_looks(button, what, _ACTIONS)
    if not actions:
        raise _unreadable(what, "Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise _unreadable(what, f"exactly one action is expected, found {sorted(actions)}")
    if "callback_data" in button:
        _check_data(button["callback_data"])
    elif "url" in button:
        _check_url(button["url"])
    elif "copy_text" in button:
        _check_copied(button["copy_text"])
    elif "web_app" in button:
        _check_web_app(button, what, private=private, http_apps=http_apps)


def _check_looks(button: Any, what: str, actions: frozenset[str]) -> set[str]:
    """Returns what the button does."""
    if not isinstance(button, dict):
        raise _unreadable(what, "expected an Object")
    if not isinstance(button.get("text"), str) or not button["text"].strip():
        raise _unreadable(what, 'Field "text" must be a non-empty String')
    if strange := set(button) - actions - _LOOKS:
        raise _unreadable(what, f"unknown fields {sorted(strange)}")
    if button.get("style", "primary") not in _STYLES:
        raise _unreadable(what, "invalid button style specified")
    return set(button) & actions


def _check_reply(button: Any, *, private: bool, http_apps: bool) -> None:
    what = "keyboard button"
    wire = {"text": button} if isinstance(button, str) else button
    actions = _check_looks(wire, what, _REQUESTS)
    if len(actions) > 1:
        raise _unreadable(what, f"at most one action is expected, found {sorted(actions)}")
    if "web_app" in wire:
        _check_web_app(wire, what, private=private, http_apps=http_apps)
    elif "request_contact" in wire and not private:
        raise bad("phone number can be requested in private chats only")
    elif "request_location" in wire and not private:
        raise bad("location can be requested in private chats only")


def _check_data(data: Any) -> None:
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= DATA_BYTES:
        raise bad("BUTTON_DATA_INVALID")


def _check_url(url: Any) -> None:
    parts = _split(url)
    host = (parts.hostname or "") if parts is not None else ""
    if parts is None or parts.scheme not in _SCHEMES:
        raise _invalid(url, "Unsupported URL protocol")
    if not host:
        raise _invalid(url, "URL host is empty")
    if parts.scheme in {"http", "https"} and "." not in host.strip("."):
        raise _invalid(url, "Wrong HTTP URL")


def _check_copied(copied: Any) -> None:
    text = copied.get("text") if isinstance(copied, dict) and set(copied) == {"text"} else None
    if not isinstance(text, str) or not 1 <= len(text) <= COPIED:
        raise bad("BUTTON_COPY_TEXT_INVALID")


def _check_web_app(button: dict[str, Any], what: str, *, private: bool, http_apps: bool) -> None:
    app = button["web_app"]
    if not isinstance(app, dict) or set(app) != {"url"}:
        raise _unreadable(what, "can't parse Web App")
    if not private:
        raise bad("BUTTON_TYPE_INVALID")
    check_app(app["url"], http_apps=http_apps, what=what)


def _invalid(url: Any, why: str) -> Refusal:
    return bad(f"inline keyboard button URL '{url}' is invalid: {why}")


def _unreadable(what: str, why: str) -> Refusal:
    return bad(f"can't parse {what}: {why}")
