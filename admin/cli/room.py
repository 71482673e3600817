"""What only people in the room can know, asked of the person at the terminal or taken from options.

Codes are compared by one group of them, chosen at random, so that nobody who makes a code can
prepare for the group. Nothing is assumed: where nobody is there to answer and no option does, the
answer is "not yet".
"""

import re
import secrets
import sys
import time
from dataclasses import dataclass
from typing import Final

import click

from admin.cli import console
from admin.words import words
from crypto.encoding import is_code, same_code
from crypto.errors import BadCheckpoint

_PHI: Final = r"[A-Za-z0-9+/]{43}"


@dataclass(frozen=True, slots=True)
class Answers:
    """What people in the room said, if the command line has it.

    Attributes:
        agreement: the code of the ceremony that all trustees have read out.
        fingerprint: the session code, or φ in full.
        opening, closing: codes from the hall screen.
        present: the committee's head count.
        cast: how many ballots the hall screen shows.
        settled: nobody's phone is unsettled.
    """

    agreement: str | None = None
    fingerprint: str | None = None
    opening: str | None = None
    closing: str | None = None
    present: int | None = None
    cast: int | None = None
    settled: bool = False


class TypedCode(click.ParamType[str]):
    """An option that takes a code as people type and copy it, or φ in full where that is shown.

    What has neither shape is a mistake of typing and no sign of a forgery.
    """

    name = "code"

    def __init__(self, *, phi: bool = False) -> None:
        self._phi = phi

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        typed = value.strip().removeprefix("φ").strip(" :=\t")
        if not is_code(typed) and not (self._phi and re.fullmatch(_PHI, typed)):
            self.fail(words("cli.room.no_phi" if self._phi else "cli.room.no_code"), param, ctx)
        return typed


def attended() -> bool:
    """Whether a person can answer."""
    return sys.stdin.isatty()


def compared(kind: str, code: str, answer: str | None, *others: str) -> bool:
    """Whether people have found a code to be the same everywhere.

    Args:
        kind: "agreement", "session", "opening" or "closing".
        answer: the whole code from an option.
        others: what may be given in place of the code, such as φ.

    Raises:
        BadCheckpoint: the answer is another code.
    """
    name = f"{kind} code"
    if answer is not None:
        if answer not in others and not same_code(code, answer):
            raise BadCheckpoint(f"the {name} here is {code}, not the one that was given")
        return True
    if not attended():
        return False
    groups = code.split("-")
    place = secrets.randbelow(len(groups))
    question = words(f"cli.room.ask_{kind}", number=place + 1)
    if not same_code(groups[place], str(click.prompt(question, err=True))):
        raise BadCheckpoint(
            f"group {place + 1} of the {name} here is another: listen, look and type again"
        )
    return True


def head_count(answers: Answers) -> int | None:
    """The people in the hall, as the committee has counted them itself."""
    if answers.present is not None or not attended():
        return answers.present
    return _number(words("cli.room.ask_present"))


def cast_count(answers: Answers) -> int | None:
    """The ballots that the hall screen shows as cast."""
    if answers.cast is not None or not attended():
        return answers.cast
    return _number(words("cli.room.ask_cast"))


def agreed(question: str) -> bool:
    """Whether the person at the terminal says yes. Raises click.Abort for a no."""
    if not attended():
        return False
    question = words("cli.room.yes_no", question=question)
    typed = click.prompt(question, "", show_default=False, err=True)
    if str(typed).strip().casefold() not in words("cli.room.yes").split():
        raise click.Abort
    return True


def _number(question: str) -> int:
    """What the person at the terminal types, asked until it is a number."""
    while True:
        typed = str(click.prompt(question, err=True)).strip()
        if typed.isascii() and typed.isdigit():
            return int(typed)
        console.warn(words("cli.room.no_number", typed=typed))


def now() -> int:
    """Unix seconds by this machine's clock."""
    return int(time.time())


def rest(seconds: float) -> None:
    """Waits."""
    time.sleep(seconds)
