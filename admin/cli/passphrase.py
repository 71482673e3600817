"""Where a passphrase comes from: never an argument, never echoed.

In this order: the file named by `--passphrase-file` or PHIEUKIN_PASSPHRASE_FILE, the
terminal, the first line of a pipe.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from admin.words import words

LIMIT = 1024  # bytes; nobody types more

_Command = TypeVar("_Command", bound=Callable[..., Any])


def passphrase_option(command: _Command) -> _Command:
    """Adds `--passphrase-file` to a command."""
    return click.option(
        "--passphrase-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        envvar="PHIEUKIN_PASSPHRASE_FILE",
        help=words("cli.trustee.options.passphrase_file"),
    )(command)


def ask(file: Path | None, *, new: bool) -> str:
    """The passphrase; on a terminal a new one is asked for twice.

    Raises:
        click.UsageError: there is none, or it is not one line of text.
    """
    if file is not None:
        with file.open("rb") as stream:
            return _first_line(stream.read(LIMIT + 1), str(file))
    if sys.stdin.isatty():
        prompt = words("cli.trustee.new_passphrase" if new else "cli.trustee.passphrase")
        again = words("cli.trustee.passphrase_again") if new else False
        answer = click.prompt(prompt, hide_input=True, confirmation_prompt=again, err=True)
        return str(answer)
    return _first_line(sys.stdin.buffer.readline(LIMIT + 1), "stdin")


def _first_line(data: bytes, path: str) -> str:
    line = data.split(b"\n", 1)[0].removesuffix(b"\r")
    if not line:
        raise click.UsageError(words("cli.trustee.no_passphrase", path=path))
    try:
        return _checked(line.decode("utf-8"), path)
    except UnicodeDecodeError:
        raise click.UsageError(words("cli.trustee.bad_passphrase", path=path)) from None


def _checked(line: str, path: str) -> str:
    if len(line.encode()) > LIMIT:
        raise click.UsageError(words("cli.trustee.bad_passphrase", path=path))
    return line.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")  # Notepad writes one first
