"""A message as people see it, at one moment."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class File(NamedTuple):
    """A document or photo."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a keyboard, with exactly one action."""

    text: str
    callback_data: str | None = None
    web_app: str | None = None
    copy_text: str | None = None


Rows = list[list[Button]]


@dataclass(frozen=True, slots=True)
class Message:
    """What stands in a chat.

    `text` is without markup, of a file its caption; `html` is what the bot sent.
    """

    id: int
    chat: int
    text: str
    kind: str = "text"
    from_bot: bool = True
    html: str = ""
    entities: list[dict[str, Any]] = field(default_factory=list)
    buttons: Rows = field(default_factory=list)
    file: File | None = None
    pinned: bool = False
    protected: bool = False
    silent: bool = False

    @property
    def labels(self) -> list[str]:
        """What is written on the buttons, row after row."""
        return [button.text for row in self.buttons for button in row]


def rows(markup: dict[str, Any]) -> Rows:
    """The buttons of an inline keyboard as the Bot API writes it."""
    return [[_button(button) for button in row] for row in markup.get("inline_keyboard", [])]


def _button(wire: Any) -> Button:
    return Button(
        wire["text"],
        callback_data=wire.get("callback_data"),
        web_app=wire.get("web_app", {}).get("url"),
        copy_text=wire.get("copy_text", {}).get("text"),
    )
