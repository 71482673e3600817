"""Single keys of a terminal, for those who type fast.

The terminal gives keys at once and shows none for the whole length of the block: to change it
for each key would throw away what was typed ahead.
"""

import os
import select
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import click

from admin.cli import console
from admin.words import words

ESCAPE = "\x1b"
ENTER = frozenset({"\r", "\n"})
BACK = frozenset({"\x7f", "\b"})
_SEQUENCE_SECONDS = 0.05  # the rest of an arrow key follows at once
_SEQUENCE_BYTES = 16


@contextmanager
def keys() -> Iterator[Callable[[str], str]]:
    """Lets keys be read: call the result with a question, it returns the key pressed.

    An arrow or function key is ESCAPE, whatever digits the terminal sends for it.

    Raises:
        click.UsageError: stdin is not a terminal, so nobody can press one.
        click.Abort: the terminal has gone.
    """
    if not sys.stdin.isatty():
        raise click.UsageError(words("cli.no_terminal"))
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal, termios.TCSADRAIN)
    try:
        yield lambda question: _pressed(terminal, question)
    finally:
        with suppress(termios.error):
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def line(press: Callable[[str], str], question: str) -> str:
    """What is typed until Enter, where single keys are read."""
    typed, prompt = "", question
    while (key := press(prompt)) not in ENTER:
        if key in BACK:
            prompt = "\b \b" if typed else ""
            typed = typed[:-1]
        else:
            prompt = key if key.isprintable() else ""
            typed += prompt
    console.say("")
    return typed


def _pressed(terminal: int, question: str) -> str:
    console.prompt(question)
    try:
        first = os.read(terminal, 1)
    except OSError:
        first = b""
    if not first:
        raise click.Abort
    if first.decode("latin-1") == ESCAPE:
        if select.select([terminal], [], [], _SEQUENCE_SECONDS)[0]:
            os.read(terminal, _SEQUENCE_BYTES)
        return ESCAPE
    following = _following(first[0])
    return (first + b"".join(os.read(terminal, 1) for _ in range(following))).decode(
        "utf-8", "replace"
    )


def _following(first: int) -> int:
    """How many bytes of UTF-8 follow this one."""
    return sum(first >= least for least in (0xC0, 0xE0, 0xF0))
