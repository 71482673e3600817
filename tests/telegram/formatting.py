"""HTML and entities: https://core.telegram.org/bots/api#formatting-options.

Lengths and offsets count UTF-16 code units, as Telegram's do. Of the three modes only HTML is
simulated, with the tags that our bot writes.
"""

import re
import sys
from typing import Any, Final, NamedTuple

from tests.telegram.refusal import Refusal, bad

Entity = dict[str, Any]

_TYPES: Final = {
    "b": "bold",
    "i": "italic",
    "u": "underline",
    "code": "code",
    "blockquote": "blockquote",
}
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_TOKEN: Final = re.compile(
    r"<(?P<end>/?)(?P<name>[^\s>]*)(?P<attributes>[^>]*)>|(?P<open></?)"
    r"|&(?:#(?P<decimal>\d{1,7})|#x(?P<hex>[0-9A-Fa-f]{1,6})|(?P<named>lt|gt|amp|quot));?"
)
_COMMAND: Final = re.compile(r"(?<![\w/<>])/\w{1,64}(?:@\w{3,32})?(?![\w/<>])", re.ASCII)


class Formatted(NamedTuple):
    """Text without markup, and what the markup said."""

    text: str
    entities: list[Entity]


def length(text: str) -> int:
    """As Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def formatted(text: str, mode: str) -> Formatted:
    """Text as the bot sent it, with `parse_mode` or plain.

    Raises:
        Refusal: can't parse entities.
    """
    if mode and mode.lower() != "html":
        raise bad("unsupported parse_mode")
    parsed = parse_html(text) if mode else Formatted(text, [])
    return _whole(_trimmed(parsed))


def _trimmed(parsed: Formatted) -> Formatted:
    """Space around a message is dropped, and what marked nothing else."""
    text = parsed.text.strip()
    lead = length(parsed.text) - length(parsed.text.lstrip())
    shifted = []
    for entity in parsed.entities:
        start = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] + entity["length"] - lead, length(text))
        if start < end:
            shifted.append({**entity, "offset": start, "length": end - start})
    return Formatted(text, shifted)


def _whole(parsed: Formatted) -> Formatted:
    """With the commands, which Telegram marks by itself outside of code."""
    entities = list(parsed.entities)
    for command in _COMMAND.finditer(parsed.text):
        start, units = length(parsed.text[: command.start()]), length(command[0])
        if not any(
            code["offset"] < start + units and start < code["offset"] + code["length"]
            for code in parsed.entities
            if code["type"] == "code"
        ):
            entities.append({"type": "bot_command", "offset": start, "length": units})
    entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return Formatted(parsed.text, entities)


def parse_html(source: str) -> Formatted:
    """Telegram's HTML: the tags that our bot writes, every one closed, no bare `<`.

    Raises:
        Refusal: can't parse entities, with the place.
    """
    text, place = "", 0
    entities: list[Entity] = []
    opened: list[tuple[str, Entity]] = []
    for token in _TOKEN.finditer(source):
        text += source[place : token.start()]
        place = token.end()
        offset = len(source[: token.start()].encode("utf-8", "surrogatepass"))
        if token["open"]:
            kind = "end" if token["open"] == "</" else "start"
            raise _broken(f"Unclosed {kind} tag at byte offset {offset}")
        if token["name"] is None:
            text += _character(token)
        elif token["end"]:
            entity = _closed(opened, token["name"].lower(), offset)
            entity["length"] = length(text) - entity["offset"]
        else:
            name, entity = _started(token, offset, length(text))
            opened.append((name, entity))
            entities.append(entity)
    if opened:
        raise _broken(f'Can\'t find end tag corresponding to start tag "{opened[-1][0]}"')
    # What marks nothing is dropped.
    return Formatted(text + source[place:], [entity for entity in entities if entity["length"]])


def _started(token: re.Match[str], byte: int, written: int) -> tuple[str, Entity]:
    name = token["name"].lower()
    if name not in _TYPES:
        raise _broken(f'Unsupported start tag "{name}" at byte offset {byte}')
    expandable = name == "blockquote" and token["attributes"].strip() == "expandable"
    kind = "expandable_blockquote" if expandable else _TYPES[name]
    return name, {"type": kind, "offset": written, "length": 0}


def _closed(opened: list[tuple[str, Entity]], name: str, byte: int) -> Entity:
    """The innermost open tag, which must be the one that ends here."""
    if not opened:
        raise _broken(f"Unexpected end tag at byte offset {byte}")
    expected, entity = opened.pop()
    if name not in {expected, ""}:
        raise _broken(
            f'Unmatched end tag at byte offset {byte}, expected "</{expected}>", found "</{name}>"'
        )
    return entity


def _character(token: re.Match[str]) -> str:
    if token["named"]:
        return _NAMED[token["named"]]
    code = int(token["decimal"]) if token["decimal"] else int(token["hex"], 16)
    return chr(code) if 0 < code <= sys.maxunicode else token[0]


def _broken(description: str) -> Refusal:
    return bad(f"can't parse entities: {description}")
