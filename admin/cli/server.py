"""The options of commands that talk to a server: where it is, and the code that admits."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from admin.client.server import origin
from admin.voting import codes
from admin.words import words
from crypto.encoding import uuid as check_uuid
from crypto.errors import Malformed

_MAX_CODE = 1024  # bytes; a link of a letter has 120

_Command = TypeVar("_Command", bound=Callable[..., Any])


def server_option(command: _Command) -> _Command:
    """Adds `--server`."""
    return click.option(
        "--server", metavar="URL", required=True, callback=_origin, help=words("cli.vote.server")
    )(command)


def uuid_option(*, required: bool = True) -> Callable[[_Command], _Command]:
    """Adds `--uuid`."""
    text = words("cli.vote.uuid")
    return click.option("--uuid", metavar="UUID", required=required, callback=_uuid, help=text)


def code_option(command: _Command) -> _Command:
    """Adds `--code-file`; a code is a secret and never an argument."""
    path = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
    return click.option(
        "--code-file", metavar="FILE", type=path, required=True, help=words("cli.vote.code_file")
    )(command)


def read_code(path: Path) -> str:
    """The first line of the file, or of stdin for "-".

    Raises:
        click.UsageError: it is empty, or not text.
    """
    if str(path) == "-":
        data = sys.stdin.buffer.readline(_MAX_CODE)
    else:
        with path.open("rb") as file:
            data = file.readline(_MAX_CODE)
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        text = ""
    if not text:
        raise click.UsageError(words("cli.vote.no_code", path=path))
    return text


def link_uuid(code: str) -> str:
    """The session's uuid where the code was given as the link of a letter or of a trustee.

    Raises:
        click.UsageError: it was not.
    """
    session = codes.session_of_link(code)
    if session is None:
        raise click.UsageError(words("cli.vote.no_uuid"))
    try:
        return check_uuid(session, "uuid")
    except Malformed as error:
        raise click.UsageError(str(error)) from None


def _origin(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    try:
        return origin(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _uuid(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    try:
        return None if value is None else check_uuid(value, "uuid")
    except Malformed as error:
        raise click.BadParameter(str(error)) from None
