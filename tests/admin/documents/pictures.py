"""Reads what a picture shows: sizes of a PNG, letters and bars of an SVG."""

import json
import re
import struct
import unicodedata
from importlib import metadata, resources
from pathlib import Path
from typing import NamedTuple

import pytest
import typst

LOCKED = Path(__file__).parents[3] / "requirements-dev.lock"
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_VOWELS = [
    unicodedata.normalize("NFC", vowel + tone) for vowel in "aăâeêioôơuưy" for tone in _TONES
]
# Every letter of the language that Latin does not have, and the plain vowels: 146 of them.
VIETNAMESE = [*_VOWELS, "đ", *(vowel.upper() for vowel in _VOWELS), "Đ"]

_SOURCE = b"""
#set page(height: auto)
#set text(font: "Tinos", number-width: "tabular")
#let (words, weight, size) = json(bytes(sys.inputs.data))
#for word in words { block(text(weight: weight, size: size * 1pt, word)) }
"""
_GLYPH = re.compile(r'<use xlink:href="#(g\w+)"')
_AREA = re.compile(r'<path fill="([^"]+)"[^>]* d="M 0 0v 17h ([0-9.]+)v -17Z "/>')
_SWATCH = re.compile(r'<path fill="([^"]+)"[^>]* d="M 0 0v 8.5h 10v -8.5Z "/>')


class Face(NamedTuple):
    """How the template sets a kind of text; one letter in two faces has two outlines."""

    size: float
    weight: str = "regular"


BANNER, BODY, TITLE = Face(13, "bold"), Face(11.5, "semibold"), Face(17, "bold")
NAME, COUNT, PLAIN, FOOT = Face(12, "bold"), Face(10.5, "bold"), Face(10.5), Face(10)


def size(png: bytes) -> tuple[int, int]:
    """Width and height in pixels."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return int(width), int(height)


def height(svg: bytes) -> float:
    """In points."""
    match = re.search(rb'viewBox="0 0 480 ([0-9.]+)"', svg)
    assert match
    return float(match[1])


def spelled(text: str, face: Face = PLAIN) -> list[str]:
    """Each word as the outlines that Typst itself gives it, outside our template."""
    data = json.dumps({"words": text.split(), **face._asdict()})
    own = Path(str(resources.files("admin.documents"))) / "fonts"
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[own])
    compiler = typst.Compiler(_SOURCE, font_paths=fonts, sys_inputs={"data": data})
    drawn = compiler.compile(format="svg")
    assert isinstance(drawn, bytes)
    groups = re.findall(r"<g [^>]*>((?:<use [^>]*>)+)</g>", drawn.decode())
    assert len(groups) == len(text.split())
    return [" ".join(_GLYPH.findall(group)) for group in groups]


def outlines(svg: bytes) -> str:
    """All letters of a drawing, in the order in which they are read."""
    return " ".join(_GLYPH.findall(svg.decode()))


def shows(svg: bytes, text: str, face: Face = PLAIN) -> bool:
    """Whether every word of the text stands in the drawing, letter by letter."""
    drawn = outlines(svg)
    return all(word in drawn for word in spelled(text, face))


def bars(svg: bytes) -> list[list[tuple[str, float]]]:
    """For each bar its parts: the paint, and the width in points of 262."""
    rows: list[list[tuple[str, float]]] = []
    for paint, width in _AREA.findall(svg.decode()):
        if paint == "none":  # the frame around a bar comes first
            rows.append([])
        elif paint != "#ffffff":  # a separator
            rows[-1].append((paint, float(width)))
    return rows


def swatches(svg: bytes) -> list[str]:
    """The paints beside the words of the legend and the numbers, in reading order."""
    return _SWATCH.findall(svg.decode())


def looks_as_it_did(picture: bytes, golden: Path, folder: Path) -> None:
    """Pixel by pixel. The new picture is kept; where the change is meant, it becomes the old."""
    locked = re.search(r"^typst==(\S+)", LOCKED.read_text("utf-8"), re.MULTILINE)
    assert locked
    if metadata.version("typst") != locked[1]:
        pytest.skip(f"golden is from Typst {locked[1]}")
    new = folder / golden.name
    new.write_bytes(picture)
    assert picture == golden.read_bytes(), f"{new} is not {golden}"
