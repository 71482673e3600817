"""A message as people see it, at one moment."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class File(NamedTuple):
    """A document or photo."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a keyboard; an inline button has exactly one action."""

    text: str
    callback_data: str | None = None
    url: str | None = None
    web_app: str | None = None
    copy_text: str | None = None
    request_contact: bool = False


Rows = list[list[Button]]


@dataclass(frozen=True, slots=True)
class Message:
    """What stands in a chat.

    `text` is without markup, of a file its caption; `html` is what the bot sent. `buttons` stand
    under the message, `keyboard` replaces the phone's.
    """

    id: int
    chat: int
    text: str
    kind: str = "text"
    from_bot: bool = True
    html: str = ""
    entities: list[dict[str, Any]] = field(default_factory=list)
    buttons: Rows = field(default_factory=list)
    keyboard: Rows = field(default_factory=list)
    file: File | None = None
    reply_to: int | None = None
    pinned: bool = False
    protected: bool = False
    silent: bool = False

    @property
    def labels(self) -> list[str]:
        """What is written on the buttons, row after row."""
        return [button.text for row in self.buttons for button in row]


def rows(markup: dict[str, Any]) -> Rows:
    """The buttons of a keyboard as the Bot API writes it, inline or not."""
    found = markup.get("inline_keyboard") or markup.get("keyboard") or []
    return [[_button(button) for button in row] for row in found]


def _button(wire: Any) -> Button:
    if isinstance(wire, str):
        return Button(wire)
    return Button(
        wire["text"],
        callback_data=wire.get("callback_data"),
        url=wire.get("url"),
        web_app=wire.get("web_app", {}).get("url"),
        copy_text=wire.get("copy_text", {}).get("text"),
        request_contact=wire.get("request_contact", False),
    )
