"""Where a passphrase comes from, never an argument and never echoed, and which is good enough.

In this order: the file named by `--passphrase-file` or PHIEUKIN_PASSPHRASE_FILE, the
terminal, the first line of a pipe.
"""

import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from admin.cli import console
from admin.words import words
from crypto.errors import Refused

LIMIT = 1024  # bytes; nobody types more

_LEAST: Final = 12  # characters
_STRONG: Final = 4  # zxcvbn's best: ten thousand million guesses, each as dear as Argon2id makes it
_ESTIMATED: Final = 72  # characters: zxcvbn takes quadratic time
# What is guessed first here, besides zxcvbn's own words, which are English.
_LOCAL: Final = (
    *("phiếu kín", "phieukin", "mật khẩu", "matkhau", "tín nhiệm", "tinnhiem", "việt nam"),
    *("vietnam", "ban kiểm phiếu", "bankiemphieu", "passphrase", "trustee"),
    *("correct horse battery staple", "correcthorsebatterystaple"),
)

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
        Refused: a new one would be guessed.
    """
    passphrase = _entered(file, new=new)
    if new:
        check(passphrase)
    return passphrase


def check(passphrase: str) -> None:
    """Refuses a passphrase that would be guessed. Passing is no proof of strength.

    Raises:
        Refused: too short, or among the first guesses; says why and what to do.
    """
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # noqa: PLC0415  its word lists cost 120 ms

    normal = unicodedata.normalize("NFC", passphrase)
    if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in normal):
        raise Refused(words("cli.passphrase.control"))
    if len(normal) < _LEAST:
        raise Refused(words("cli.passphrase.short", least=_LEAST))
    estimate = zxcvbn(normal[:_ESTIMATED], user_inputs=_LOCAL)
    if estimate["score"] < _STRONG:
        longest = max(estimate["sequence"], key=lambda match: len(match["token"]))
        raise Refused(words(f"cli.passphrase.{longest['pattern']}"))


def _entered(file: Path | None, *, new: bool) -> str:
    if file is not None:
        with file.open("rb") as stream:
            return _first_line(stream.read(LIMIT + 1), str(file))
    if sys.stdin.isatty():
        return _typed(new=new)
    return _first_line(sys.stdin.buffer.readline(LIMIT + 1), "stdin")


def _typed(*, new: bool) -> str:
    """A new one is typed twice, until both are the same."""
    question = words("cli.trustee.new_passphrase" if new else "cli.trustee.passphrase")
    while True:
        typed = str(click.prompt(question, hide_input=True, err=True))
        again = words("cli.trustee.passphrase_again")
        if not new or typed == click.prompt(again, hide_input=True, err=True):
            return typed
        console.warn(words("cli.passphrase.differ"))


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
