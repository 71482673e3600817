"""`phieukin trustee`: a member of the counting committee makes keys; the group of its commands.

Runs on the trustee's own machine, offline. The key file is rewritten before anything that
depends on it is written out, each file whole or not at all, and its second copy with it.
Signatures and shares from carried files: trustee_files.py; everything on a server:
trustee_join.py.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from admin.cli import console
from admin.cli.keys import KeyFile, distinct, read, ready
from admin.cli.passphrase import ask, passphrase_option
from admin.cli.trustee_files import decrypt, sign
from admin.cli.trustee_join import command as join
from admin.cli.trustee_key import (
    file_path,
    key_options,
    out_options,
    path_option,
    refuse_unfinished,
    show,
)
from admin.record import files
from admin.words import words
from crypto import ceremony
from crypto.ceremony_messages import LIMIT, Step1, Step2
from crypto.committee import safe_threshold
from crypto.errors import Incomplete, Refused
from crypto.keyfile import TrusteeState, new_seed, try_share
from crypto.trustees import MAX_TRUSTEES

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Decoded = TypeVar("_Decoded")


@click.group(help=words("cli.commands.trustee"))
def command() -> None:
    """The group."""


for _subcommand in (join, sign, decrypt):
    command.add_command(_subcommand)


def _number(name: str) -> Callable[[_Command], _Command]:
    """A required count of trustees."""
    kind, text = click.IntRange(1, MAX_TRUSTEES), words(f"cli.trustee.options.{name}")
    return click.option(f"--{name}", type=kind, required=True, help=text)


def _decoded(decode: Callable[[bytes, str], _Decoded], paths: Sequence[Path]) -> list[_Decoded]:
    return [decode(read(path, LIMIT), str(path)) for path in paths]


# --- Commands -----------------------------------------------------------------------------


@command.command(help=words("cli.trustee.step1"))
@_number("index")
@_number("of")
@_number("threshold")
@path_option("key", required=True)
@path_option("copy")
@out_options
@passphrase_option
def step1(
    index: int,
    of: int,
    threshold: int,
    key: Path,
    copy: Path | None,
    out: Path,
    force: bool,
    passphrase_file: Path | None,
) -> None:
    """Makes the key file and the first message."""
    if max(index, threshold) > of:
        raise click.UsageError(words("cli.trustee.impossible", size=of))
    if not safe_threshold(of, threshold):
        raise Refused(words("cli.trustee.unsafe", size=of, threshold=threshold, least=of // 2 + 1))
    distinct(key, copy, out)
    # Not even --force overwrites a key file: it may be the only key of a session.
    ready(key, copy)
    ready(out, force=force)
    passphrase = ask(passphrase_file, new=True)
    if of == 1:
        state = TrusteeState(new_seed(), 1, 1, 1)
        message = ceremony.single(state).encode()
    else:
        state, first = ceremony.step1(index, of, threshold)
        message = first.encode()
    keys = KeyFile(key, copy, None)
    opened = keys.make(state, passphrase)
    files.write(out, message)
    show(opened, keys)
    next_step = "after_single" if of == 1 else "after_step1"
    console.say(words(f"cli.trustee.{next_step}", out=out))


@command.command(help=words("cli.trustee.step2"))
@key_options
@out_options
@click.argument("messages", metavar="FILE...", type=file_path(exists=True), nargs=-1, required=True)
def step2(
    key: Path,
    copy: Path | None,
    messages: tuple[Path, ...],
    out: Path,
    force: bool,
    passphrase_file: Path | None,
) -> None:
    """Checks all first messages and makes the second."""
    distinct(key, copy, out, *messages)
    ready(out, force=force)
    step1s = _decoded(Step1.decode, messages)
    keys = KeyFile(key, copy, passphrase_file)
    opened = keys.open()
    keys.refuse_restored(opened)
    state, message = ceremony.step2(opened.state, step1s)
    opened = keys.save(opened, state)
    files.write(out, message.encode())
    show(opened, keys)
    console.say(words("cli.trustee.after_step2", out=out))


@command.command(help=words("cli.trustee.step3"))
@key_options
@out_options
@click.argument("messages", metavar="FILE...", type=file_path(exists=True), nargs=-1, required=True)
def step3(
    key: Path,
    copy: Path | None,
    messages: tuple[Path, ...],
    out: Path,
    force: bool,
    passphrase_file: Path | None,
) -> None:
    """Checks all second messages and makes the verification key."""
    distinct(key, copy, out, *messages)
    ready(out, force=force)
    step2s = _decoded(Step2.decode, messages)
    keys = KeyFile(key, copy, passphrase_file)
    opened = keys.open()
    keys.refuse_restored(opened)
    state, message = ceremony.step3(opened.state, step2s)
    opened = keys.save(opened, state)
    files.write(out, message.encode())
    show(opened, keys)
    console.say(words("cli.trustee.after_step3", out=out))


@command.command(help=words("cli.trustee.check"))
@key_options
def check(key: Path, copy: Path | None, passphrase_file: Path | None) -> None:
    """Opens the key file and makes a trial share with it."""
    if copy is not None and not copy.exists():
        raise Incomplete(f"{copy}: there is no such copy of the key file")
    keys = KeyFile(key, copy, passphrase_file)
    opened = keys.open()
    show(opened, keys)
    refuse_unfinished(opened, keys)
    try_share(opened.state)
    console.say(words("cli.trustee.works"))
