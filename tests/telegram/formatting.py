"""HTML and entities: https://core.telegram.org/bots/api#formatting-options.

Lengths and offsets count UTF-16 code units, as Telegram's do. Of the three modes only HTML is
simulated.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from tests.telegram.refusal import Refusal, bad

Entity = dict[str, Any]

_TYPES: Final = {
    "a": "text_link",
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_TOKEN: Final = re.compile(r"<|&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(lt|gt|amp|quot));?")
_END: Final = re.compile(r"</([^\s>]*)\s*>")
_START: Final = re.compile(r"<([^\s>]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
_ATTRIBUTE: Final = re.compile(r"\s*([^\s=]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[A-Za-z0-9.-]+))?")
_AUTOMATIC: Final = (
    ("bot_command", re.compile(r"(?<![\w/<>])/\w{1,64}(?:@\w{3,32})?(?![\w/<>])", re.ASCII)),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z]\w{3,31}\b", re.ASCII)),
    ("url", re.compile(r"\bhttps?://[^\s<>\"]+")),
)
_LAST: Final = 0x10FFFF


class Formatted(NamedTuple):
    """Text without markup, and what the markup said."""

    text: str
    entities: list[Entity]


def length(text: str) -> int:
    """As Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def automatic(text: str) -> list[Entity]:
    """What Telegram marks by itself: commands, mentions, addresses."""
    return [
        {"type": kind, "offset": length(text[: hit.start()]), "length": length(hit[0])}
        for kind, pattern in _AUTOMATIC
        for hit in pattern.finditer(text)
    ]


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
    """With what Telegram finds by itself outside of code and links."""
    closed = [e for e in parsed.entities if e["type"] in {"code", "pre", "text_link"}]
    free = [e for e in automatic(parsed.text) if not any(_meet(e, entity) for entity in closed)]
    entities = sorted([*parsed.entities, *free], key=lambda e: (e["offset"], -e["length"]))
    return Formatted(parsed.text, entities)


def _meet(first: Entity, second: Entity) -> bool:
    return bool(
        first["offset"] < second["offset"] + second["length"]
        and second["offset"] < first["offset"] + first["length"]
    )


def parse_html(source: str) -> Formatted:
    """Telegram's HTML: its own few tags, every one closed, no bare `<`.

    Raises:
        Refusal: can't parse entities, with the place.
    """
    parser = _Html(source)
    parser.read()
    return Formatted("".join(parser.text), parser.entities)


@dataclass(slots=True)
class _Open:
    """A start tag that waits for its end."""

    name: str
    entity: Entity | None


@dataclass(slots=True)
class _Html:
    source: str
    text: list[str] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    written: int = 0

    def read(self) -> None:
        place = 0
        for start, end, plain in self._tokens():
            self._write(self.source[place:start])
            self._write(plain)
            place = end
        self._write(self.source[place:])
        if self.stack:
            raise _broken(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].name}"')

    def _tokens(self) -> Iterator[tuple[int, int, str]]:
        """Where a tag or a named character stands, and what is written for it."""
        place = 0
        while hit := _TOKEN.search(self.source, place):
            place = hit.end()
            if hit[0] != "<":
                yield hit.start(), place, _character(hit)
                continue
            # What stands before the tag is written first: tags count from there.
            yield hit.start(), hit.start(), ""
            end = self.source.startswith("</", hit.start())
            place = self._end(hit.start()) if end else self._start(hit.start())
            yield hit.start(), place, ""

    def _write(self, text: str) -> None:
        self.text.append(text)
        self.written += length(text)

    def _start(self, place: int) -> int:
        tag = _START.match(self.source, place)
        if tag is None:
            raise _broken(f"Unclosed start tag at byte offset {self._byte(place)}")
        name = tag[1].lower()
        if name not in _TYPES:
            raise _broken(f'Unsupported start tag "{name}" at byte offset {self._byte(place)}')
        attributes = {key.lower(): value.strip("\"'") for key, value in _ATTRIBUTE.findall(tag[2])}
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _broken(
                f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(place)}'
            )
        self.stack.append(_Open(name, self._entity(name, attributes)))
        return tag.end()

    def _entity(self, name: str, attributes: dict[str, str]) -> Entity | None:
        """Stands in its place at once: outer entities come before inner ones."""
        entity: Entity = {"type": _TYPES[name], "offset": self.written, "length": 0}
        if name == "a":
            entity["url"] = _unescaped(attributes.get("href", ""))
        elif name == "tg-emoji":
            entity["custom_emoji_id"] = attributes.get("emoji-id", "")
        elif name == "blockquote" and "expandable" in attributes:
            entity["type"] = "expandable_blockquote"
        language = attributes.get("class", "")
        if name == "code" and language.startswith("language-") and self._just_in_pre():
            self.entities[-1]["language"] = language.removeprefix("language-")
            return None
        self.entities.append(entity)
        return entity

    def _just_in_pre(self) -> bool:
        entity = self.stack[-1].entity if self.stack and self.stack[-1].name == "pre" else None
        return entity is not None and entity["offset"] == self.written

    def _end(self, place: int) -> int:
        tag = _END.match(self.source, place)
        if tag is None:
            raise _broken(f"Unclosed end tag at byte offset {self._byte(place)}")
        if not self.stack:
            raise _broken(f"Unexpected end tag at byte offset {self._byte(place)}")
        opened = self.stack.pop()
        if tag[1].lower() not in {opened.name, ""}:
            raise _broken(
                f"Unmatched end tag at byte offset {self._byte(place)},"
                f' expected "</{opened.name}>", found "</{tag[1].lower()}>"'
            )
        if opened.entity is not None:
            self._close(opened.entity)
        return tag.end()

    def _close(self, entity: Entity) -> None:
        entity["length"] = self.written - entity["offset"]
        # A link to nowhere is only text, and so is what marks nothing.
        if not entity["length"] or entity.get("url") == "":
            self.entities.remove(entity)

    def _byte(self, place: int) -> int:
        return len(self.source[:place].encode("utf-8", "surrogatepass"))


def _character(hit: re.Match[str]) -> str:
    if hit[3]:
        return _NAMED[hit[3]]
    code = int(hit[1]) if hit[1] else int(hit[2], 16)
    return chr(code) if 0 < code <= _LAST else hit[0]


def _unescaped(value: str) -> str:
    return _TOKEN.sub(lambda hit: hit[0] if hit[0] == "<" else _character(hit), value)


def _broken(description: str) -> Refusal:
    return bad(f"can't parse entities: {description}")
