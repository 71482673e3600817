"""What a call may contain, by method, and reading it.

The names are those that our bot uses of https://core.telegram.org/bots/api#available-methods.
Telegram ignores what it does not know; here any other name is refused, because it is a mistake.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from tests.telegram.refusal import bad
from tests.telegram.snapshot import File

_SEND: Final = "chat_id disable_notification protect_content reply_markup parse_mode"
_TEXT: Final = "text link_preview_options"
_NAMES: Final = {
    "getMe": "",
    "getUpdates": "offset limit timeout allowed_updates",
    "setWebhook": "url max_connections allowed_updates drop_pending_updates secret_token",
    "deleteWebhook": "drop_pending_updates",
    "sendMessage": f"{_SEND} {_TEXT}",
    "sendDocument": f"{_SEND} caption document",
    "sendPhoto": f"{_SEND} caption photo",
    "editMessageText": f"chat_id message_id reply_markup parse_mode {_TEXT}",
    "deleteMessage": "chat_id message_id",
    "pinChatMessage": "chat_id message_id disable_notification",
    "unpinChatMessage": "chat_id message_id",
    "answerCallbackQuery": "callback_query_id text show_alert",
    "setMyCommands": "commands scope language_code",
    "setMyDescription": "description language_code",
    "setMyShortDescription": "short_description language_code",
    "setChatMenuButton": "chat_id menu_button",
}
ALLOWED: Final = {method: frozenset(names.split()) for method, names in _NAMES.items()}

# What is JSON inside a form.
_STRUCTURED: Final = frozenset(
    {
        "allowed_updates",
        "commands",
        "link_preview_options",
        "menu_button",
        "reply_markup",
        "scope",
    }
)
_TRUTH: Final = {"true": True, "false": False}
ATTACHED: Final = "attach://"


class Parameters:
    """The parameters of one call, as they stand in its form."""

    def __init__(self, values: Mapping[str, str], files: Mapping[str, File] | None = None) -> None:
        self._values = {name: _decoded(name, value) for name, value in values.items()}
        self._files = dict(files or {})

    @property
    def names(self) -> set[str]:
        """Of the parameters, without files that one of them refers to."""
        attached = {
            value.removeprefix(ATTACHED)
            for value in self._values.values()
            if isinstance(value, str) and value.startswith(ATTACHED)
        }
        return set(self._values) | (set(self._files) - attached)

    @property
    def decoded(self) -> dict[str, Any]:
        """For the record of calls: JSON decoded, files in their places."""
        return {name: self.file(name) or self._values[name] for name in sorted(self.names)}

    def __contains__(self, name: str) -> bool:
        return name in self._values or name in self._files

    def text(self, name: str) -> str:
        """Empty if absent."""
        return str(self._values.get(name, ""))

    def integer(self, name: str) -> int | None:
        value = self._values.get(name)
        try:
            return None if value is None else int(value)
        except ValueError:
            why = "chat not found" if name == "chat_id" else f"invalid {name} specified"
            raise bad(why) from None

    def number(self, name: str, least: int, most: int, otherwise: int) -> int:
        """An integer within bounds."""
        value = self.integer(name)
        if value is None:
            return otherwise
        if not least <= value <= most:
            raise bad(f"invalid {name} specified")
        return value

    def flag(self, name: str) -> bool:
        """False if absent."""
        value = _TRUTH.get(self._values.get(name, "false"))
        if value is None:
            raise bad(f'field "{name}" must be of type Boolean')
        return value

    def structure(self, name: str, kind: type) -> Any:
        """JSON of a kind, None if absent."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, kind):
            raise bad(f"can't parse {name} JSON object")
        return value

    def file(self, name: str) -> File | None:
        """What was uploaded under this name, or is referred to by it."""
        value = self._values.get(name)
        if isinstance(value, str) and value.startswith(ATTACHED):
            name = value.removeprefix(ATTACHED)
        return self._files.get(name)


def _decoded(name: str, value: str) -> Any:
    if name not in _STRUCTURED:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
