"""Where a centred line of a DOCX breaks: where the PDF breaks it (templates/lines.typ).

Word breaks a line only where it is full, and leaves a last word alone under it. So the breaks are
put in here, by the widths of Tinos, which are those of Times New Roman.
"""

import json
import re
import struct
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

_HALVINGS: Final = 7  # as in lines.typ
_LEAST: Final = 0.4  # of the room, as there
_POINT: Final = 72 / 25.4  # points in a millimetre
_GLUE: Final = "\u00a0"
_REGULAR, _BOLD, _ITALIC = "Tinos-Regular.ttf", "Tinos-Bold.ttf", "Tinos-Italic.ttf"


@dataclass(frozen=True, slots=True)
class FontWidths:
    """How wide letters are, in parts of the size; `other` is the width of what has no letter."""

    letters: dict[str, float]
    other: float

    def of(self, text: str) -> float:
        """The sum of its letters, kerning left out."""
        return sum(self.letters.get(letter, self.other) for letter in text)


def balanced(text: str, room: float, size: float, *, bold: bool, italic: bool = False) -> list[str]:
    """Lines of about the same length, as few as the room allows, no word of two syllables torn.

    Args:
        room: millimetres.
        size: of the letters, in points.
    """
    widths = _widths(_BOLD if bold else _ITALIC if italic else _REGULAR)
    whole = room * _POINT / size
    words = _glued(text).split(" ")
    if max(map(widths.of, words)) > whole:
        words = text.split(" ")
    lines = _filled(words, whole, widths)
    least, most = whole * _LEAST, whole
    for _ in range(_HALVINGS):
        half = (least + most) / 2
        tried = _filled(words, half, widths)
        if len(tried) == len(lines) and all(widths.of(line) <= half for line in tried):
            most, lines = half, tried
        else:
            least = half
    return [line.replace(_GLUE, " ") for line in lines]


def _filled(words: list[str], room: float, widths: FontWidths) -> list[str]:
    """Each line with as many words as it holds; a word longer than the room has one alone."""
    lines = [words[0]]
    for word in words[1:]:
        longer = f"{lines[-1]} {word}"
        if widths.of(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _glued(text: str) -> str:
    return _whole_words().sub(lambda found: found[0].replace(" ", _GLUE), text)


@cache
def _whole_words() -> re.Pattern[str]:
    file = resources.files("admin.documents") / "templates" / "whole-words.json"
    words = "|".join(json.loads(file.read_text("utf-8")))
    return re.compile(rf"\b({words})\b", re.IGNORECASE)


@cache
def _widths(name: str) -> FontWidths:
    """From the tables head, hhea, hmtx and cmap (format 4) of a TrueType font."""
    font = (resources.files("admin.documents") / "fonts" / name).read_bytes()
    (number,) = struct.unpack_from(">H", font, 4)
    records = (struct.unpack_from(">4s4xI4x", font, 12 + 16 * place) for place in range(number))
    tables = {tag.decode(): offset for tag, offset in records}
    (size,) = struct.unpack_from(">H", font, tables["head"] + 18)
    (measured,) = struct.unpack_from(">H", font, tables["hhea"] + 34)
    advances = struct.unpack_from(">" + "H2x" * measured, font, tables["hmtx"])
    glyphs = _glyphs(font, tables["cmap"])
    letters = {
        letter: advances[min(glyph, measured - 1)] / size for letter, glyph in glyphs.items()
    }
    return FontWidths(letters, advances[0] / size)


def _glyphs(font: bytes, cmap: int) -> dict[str, int]:
    """The number of the glyph of each letter of the basic plane."""
    (encodings,) = struct.unpack_from(">H", font, cmap + 2)
    offsets = [struct.unpack_from(">I", font, cmap + 8 + 8 * i)[0] for i in range(encodings)]
    table = next(cmap + o for o in offsets if struct.unpack_from(">H", font, cmap + o) == (4,))
    (twice,) = struct.unpack_from(">H", font, table + 6)
    shape, segments = f">{twice // 2}H", range(twice // 2)
    ends = struct.unpack_from(shape, font, table + 14)
    starts = struct.unpack_from(shape, font, table + 16 + twice)
    deltas = struct.unpack_from(shape, font, table + 16 + 2 * twice)
    ranges = struct.unpack_from(shape, font, table + 16 + 3 * twice)
    glyphs = {}
    for i in segments:
        for letter in range(starts[i], min(ends[i], 0xFFFE) + 1):
            glyph = letter
            if ranges[i]:
                at = table + 16 + 3 * twice + 2 * i + ranges[i] + 2 * (letter - starts[i])
                (glyph,) = struct.unpack_from(">H", font, at)
            if glyph or not ranges[i]:
                glyphs[chr(letter)] = (glyph + deltas[i]) & 0xFFFF
    return glyphs
