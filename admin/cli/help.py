"""The words that click itself puts into a help text, in the reader's language.

A metavar such as FILE is translated as a detail is, and so stands in errors as in the help.
"""

import re
from collections.abc import Iterable
from typing import Final

import click

from admin.details import localized
from admin.words import words

_METAVAR: Final = re.compile(r"\b[A-Z][A-Z_]+( RANGE)?\b")
# Behind the help of an option: "[default: 50; required]".
_EXTRA: Final = re.compile(r"(?<=\[)[^\[\]]*(?=\]$)")
_HEADINGS: Final = {
    "Options": "options",
    "Commands": "commands",
    "Positional arguments": "arguments",
}


class HelpText(click.HelpFormatter):
    """Writes usage, headings and lists of options."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, _metavars(args), prefix or words("cli.help.usage") + " ")

    def write_heading(self, heading: str) -> None:
        key = _HEADINGS.get(heading)
        super().write_heading(words(f"cli.help.{key}") if key else heading)

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        listed = [(_metavars(first), _text(second)) for first, second in rows]
        super().write_dl(listed, col_max, col_spacing)


class Context(click.Context):
    """A context whose help is written so."""

    formatter_class = HelpText


def _metavars(text: str) -> str:
    return _METAVAR.sub(lambda metavar: localized(metavar[0]), text)


def _text(text: str) -> str:
    if text == "Show this message and exit.":
        return words("cli.help.help")
    return _EXTRA.sub(lambda extra: localized(extra[0]), text)
