"""Lines over a size, as SVG: plain shapes and text on white, no program needed to draw it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

Points = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT = 400, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 40, 46
_COLOURS: Final = ("#1b6e9c", "#8ab6cf", "#b5541c", "#dba98a", "#6b6b6b")
_STEPS: Final = (1, 2, 5)
_MOST_STEPS: Final = 6


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot: a title, what grows to the right, and the lines by their names."""

    title: str
    across: str
    lines: Mapping[str, Points]


def draw(panels: Sequence[Panel], unit: str) -> str:
    """The panels side by side, with one legend; the heights are in `unit`."""
    names = list(dict.fromkeys(name for panel in panels for name in panel.lines))
    colours = dict(zip(names, _COLOURS, strict=False))
    width, height = _WIDTH * len(panels), _HEIGHT + 26 + 20 * ((len(names) + 2) // 3)
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for number, panel in enumerate(panels):
        parts.append(f'<g transform="translate({number * _WIDTH} 0)">')
        parts += _panel(panel, colours, unit)
        parts.append("</g>")
    parts += _legend(colours)
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, colours: Mapping[str, str], unit: str) -> list[str]:
    points = [point for line in panel.lines.values() for point in line]
    right, top = _ceiling(max(x for x, _ in points)), _ceiling(max(y for _, y in points))

    def place(x: float, y: float) -> tuple[float, float]:
        across = _LEFT + (_WIDTH - _LEFT - _RIGHT) * x / right[-1]
        return round(across, 1), round(_HEIGHT - _BOTTOM - _inside() * y / top[-1], 1)

    parts = [f'<text x="{_LEFT}" y="22" font-weight="bold">{escape(panel.title)}</text>']
    for mark in top:
        x, y = place(0, mark)
        parts.append(f'<path d="M{x} {y}H{_WIDTH - _RIGHT}" stroke="#dddddd"/>')
        parts.append(f'<text x="{x - 6}" y="{y + 4}" text-anchor="end">{mark:g} {unit}</text>')
    for mark in right:
        x, y = place(mark, 0)
        parts.append(f'<text x="{x}" y="{y + 18}" text-anchor="middle">{mark:g}</text>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(
        f'<text x="{middle}" y="{_HEIGHT - 10}" text-anchor="middle">{escape(panel.across)}</text>'
    )
    for name, line in panel.lines.items():
        placed = [place(x, y) for x, y in line]
        path = " ".join(f"{x},{y}" for x, y in placed)
        colour = colours[name]
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in placed]
    return parts


def _inside() -> int:
    return _HEIGHT - _TOP - _BOTTOM


def _ceiling(most: float) -> list[float]:
    """Round marks from 0 to at least `most`."""
    step = next(
        digit * 10.0**power
        for power in range(-6, 9)
        for digit in _STEPS
        if digit * 10.0**power * _MOST_STEPS >= most
    )
    marks = [0.0]
    while marks[-1] < most:
        marks.append(round(marks[-1] + step, 6))
    return marks


def _legend(colours: Mapping[str, str]) -> list[str]:
    parts = []
    for number, (name, colour) in enumerate(colours.items()):
        x, y = _LEFT + 250 * (number % 3), _HEIGHT + 18 + 20 * (number // 3)
        parts.append(f'<path d="M{x} {y - 4}h22" stroke="{colour}" stroke-width="3"/>')
        parts.append(f'<text x="{x + 28}" y="{y}">{escape(name)}</text>')
    return parts
