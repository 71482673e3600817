"""What a call may contain, by method, and reading it.

The names are those of https://core.telegram.org/bots/api#available-methods. Telegram ignores
other names; here they are refused, because they are mistakes.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from tests.telegram.refusal import bad
from tests.telegram.snapshot import File

_PLACE: Final = "chat_id business_connection_id message_thread_id direct_messages_topic_id"
_SEND: Final = (
    f"{_PLACE} disable_notification protect_content allow_paid_broadcast message_effect_id"
    " suggested_post_parameters reply_parameters reply_markup ephemeral_message_parameters"
)
_CAPTION: Final = "caption parse_mode caption_entities"
_NAMES: Final = {
    "getMe": "",
    "getUpdates": "offset limit timeout allowed_updates",
    "setWebhook": "url certificate ip_address max_connections allowed_updates"
    " drop_pending_updates secret_token",
    "deleteWebhook": "drop_pending_updates",
    "sendMessage": f"{_SEND} text parse_mode entities link_preview_options",
    "sendDocument": f"{_SEND} {_CAPTION} document thumbnail disable_content_type_detection",
    "sendPhoto": f"{_SEND} {_CAPTION} photo show_caption_above_media has_spoiler",
    "editMessageText": "business_connection_id chat_id message_id inline_message_id reply_markup"
    " text parse_mode entities link_preview_options",
    "deleteMessage": "chat_id message_id",
    "pinChatMessage": "business_connection_id chat_id message_id disable_notification",
    "unpinChatMessage": "business_connection_id chat_id message_id",
    "answerCallbackQuery": "callback_query_id text show_alert url cache_time",
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
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}
ATTACHED: Final = "attach://"


class Parameters:
    """The parameters of one call, however they were sent; null is as if absent."""

    def __init__(self, values: Mapping[str, Any], files: Mapping[str, File] | None = None) -> None:
        self._values = {
            name: _decoded(name, value) for name, value in values.items() if value is not None
        }
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
        value = self._values.get(name, "")
        if not isinstance(value, str):
            raise bad(f'field "{name}" must be of type String')
        return value

    def integer(self, name: str) -> int | None:
        value = self._values.get(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        try:
            return int(str(value))
        except ValueError:
            why = "chat not found" if name.endswith("chat_id") else f"invalid {name} specified"
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
        value = _TRUTH.get(str(self._values.get(name, "false")).lower())
        if value is None:
            raise bad(f'field "{name}" must be of type Boolean')
        return value

    def mapping(self, name: str, what: str) -> dict[str, Any] | None:
        """A JSON object; `what` is how Telegram calls it."""
        value = self._values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, dict):
            raise bad(f"can't parse {what} JSON object")
        return value

    def sequence(self, name: str) -> list[Any] | None:
        """A JSON array."""
        value = self._values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, list):
            raise bad(f"can't parse {name} JSON object")
        return value

    def file(self, name: str) -> File | None:
        """What was uploaded under this name, or is referred to by it."""
        if name in self._files:
            return self._files[name]
        value = self._values.get(name)
        if isinstance(value, str) and value.startswith(ATTACHED):
            return self._files.get(value.removeprefix(ATTACHED))
        return None


def _decoded(name: str, value: Any) -> Any:
    if name not in _STRUCTURED or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
