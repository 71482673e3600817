"""`phieukin trustee`: a member of the counting committee makes keys and opens the totals.

Runs on the trustee's own machine, offline. The key file is rewritten before anything that
depends on it is written out, each file whole or not at all, and its second copy with it.
"""

import resource
import sys
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import click

from admin.cli import console
from admin.cli.audit import MAX_WORKERS, audited
from admin.cli.keys import KeyFile, distinct, read, ready, same_code
from admin.cli.passphrase import ask, passphrase_option
from admin.cli.trustee_join import command as join
from admin.record import files
from admin.record.opening import ClosedArchive
from admin.words import words
from crypto import ceremony, keyfile, tally
from crypto.ceremony_messages import LIMIT, Step1, Step2, encode_single
from crypto.encoding import spoken
from crypto.errors import BadCheckpoint, Incomplete, Refused
from crypto.group import Element, G
from crypto.keyfile import TrusteeState, new_seed, remember
from crypto.trustees import MAX_TRUSTEES

SCHEMA = "phieukin.trustee/1"

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Decoded = TypeVar("_Decoded")


@click.group(help=words("cli.commands.trustee"))
def command() -> None:
    """The group; for all of it no file gets the key if it crashes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


command.add_command(join)


def _file(*, exists: bool) -> click.Path:
    return click.Path(exists=exists, dir_okay=False, path_type=Path)


def _number(name: str) -> Callable[[_Command], _Command]:
    """A required count of trustees."""
    kind, text = click.IntRange(1, MAX_TRUSTEES), words(f"cli.trustee.options.{name}")
    return click.option(f"--{name}", type=kind, required=True, help=text)


def _option(
    name: str, *, exists: bool = False, required: bool = False
) -> Callable[[_Command], _Command]:
    """A path option; its help stands in the catalogue under its own name."""
    names = [f"--{name}", "-o"] if name == "out" else [f"--{name}"]
    text = words(f"cli.trustee.options.{name}")
    return click.option(*names, type=_file(exists=exists), required=required, help=text)


def _key_options(command: _Command) -> _Command:
    """What every command on an existing key file takes."""
    for option in (
        passphrase_option,
        _option("copy"),
        _option("key", exists=True, required=True),
    ):
        command = option(command)
    return command


def _out_options(command: _Command) -> _Command:
    force = click.option("--force", is_flag=True, help=words("cli.trustee.options.force"))
    return force(_option("out", required=True)(command))


def _decoded(decode: Callable[[bytes, str], _Decoded], paths: Sequence[Path]) -> list[_Decoded]:
    return [decode(read(path, LIMIT), str(path)) for path in paths]


# --- What is shown ------------------------------------------------------------------------


def _show(state: TrusteeState, key: KeyFile) -> None:
    """The state as people and programs may see it, on stdout; warns if there is one file only."""
    if not key.copied:
        console.warn(words("cli.trustee.no_copy"))
    verification = _verification_key(state)
    step1s = ceremony.pinned(state)
    agreed = len(step1s) == state.size > 1
    document = {
        "schema": SCHEMA,
        "index": state.index,
        "of": state.size,
        "threshold": state.threshold,
        "step": _step(state),
        "agreement": ceremony.agreement_code(step1s) if agreed else None,
        "verification_key": None if verification is None else verification.hex,
        "fingerprint": None if verification is None else _fingerprint(verification),
        "opened": len(state.decryptions),
        "copy": key.copied,
    }
    if console.settings().json:
        console.emit_json(document)
        return
    console.data(words("cli.trustee.who", **document))
    for name in ("agreement", "fingerprint"):
        if document[name] is not None:
            console.data(words(f"cli.trustee.{name}", code=document[name]))


def _step(state: TrusteeState) -> int:
    """The last step that this key has made."""
    if state.single or len(state.step1s) < state.size:
        return 1
    return 2 if state.share is None else 3


def _verification_key(state: TrusteeState) -> Element | None:
    return G**state.secret if state.single or state.share is not None else None


def _fingerprint(key: Element) -> str:
    return spoken(sha256(key.hex.encode()).digest(), 5)


# --- Commands -----------------------------------------------------------------------------


@command.command(help=words("cli.trustee.step1"))
@_number("index")
@_number("of")
@_number("threshold")
@_option("key", required=True)
@_option("copy")
@_out_options
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
    distinct(key, copy, out)
    # Not even --force overwrites a key file: it may be the only key of a session.
    ready(key, copy)
    ready(out, force=force)
    passphrase = ask(passphrase_file, new=True)
    if of == 1:
        state = TrusteeState(new_seed(), 1, 1, 1)
        message = encode_single(ceremony.single(state.seed))
    else:
        state, first = ceremony.step1(index, of, threshold)
        message = first.encode()
    keys = KeyFile(key, copy, None)
    keys.save(state, passphrase)
    files.write(out, message)
    _show(state, keys)
    next_step = "after_single" if of == 1 else "after_step1"
    console.say(words(f"cli.trustee.{next_step}", out=out))


@command.command(help=words("cli.trustee.step2"))
@_key_options
@_out_options
@click.argument("messages", metavar="FILE...", type=_file(exists=True), nargs=-1, required=True)
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
    state, passphrase = keys.open()
    state, message = ceremony.step2(state, step1s)
    keys.save(state, passphrase)
    files.write(out, message.encode())
    _show(state, keys)
    console.say(words("cli.trustee.after_step2", out=out))


@command.command(help=words("cli.trustee.step3"))
@_key_options
@_out_options
@click.argument("messages", metavar="FILE...", type=_file(exists=True), nargs=-1, required=True)
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
    state, passphrase = keys.open()
    state, message = ceremony.step3(state, step2s)
    keys.save(state, passphrase)
    files.write(out, message.encode())
    _show(state, keys)
    console.say(words("cli.trustee.after_step3", out=out))


@command.command(help=words("cli.trustee.check"))
@_key_options
def check(key: Path, copy: Path | None, passphrase_file: Path | None) -> None:
    """Opens the key file and makes a trial share with it."""
    if copy is not None and not copy.exists():
        raise Incomplete(f"{copy}: there is no such copy of the key file")
    keys = KeyFile(key, copy, passphrase_file)
    state, _ = keys.open()
    _show(state, keys)
    if _verification_key(state) is None:
        raise Incomplete(f"{key}: step {_step(state) + 1} of the ceremony comes next")
    keyfile.try_share(state)
    console.say(words("cli.trustee.works"))


@command.command(help=words("cli.trustee.decrypt"))
@_key_options
@_out_options
@click.option("--code", help=words("cli.trustee.options.code"))
@click.option(
    "--workers", type=click.IntRange(1, MAX_WORKERS), help=words("cli.trustee.options.workers")
)
@click.argument("archive", metavar="FILE.bel", type=_file(exists=True))
def decrypt(
    key: Path,
    copy: Path | None,
    archive: Path,
    out: Path,
    force: bool,
    code: str | None,
    workers: int | None,
    passphrase_file: Path | None,
) -> None:
    """Audits the archive, asks for the code on the hall screen, and makes the share."""
    distinct(key, copy, out, archive)
    ready(out, force=force)
    keys = KeyFile(key, copy, passphrase_file)
    state, passphrase = keys.open()
    secret = state.secret
    with archive.open("rb") as file:
        closed = audited(file, workers)
    election, trustees, total = closed.setup.election, closed.setup.trustees, closed.cast.tally
    if G**secret not in trustees.verification_keys:
        raise Refused(f"{key}: none of the keys of this session; was it made for another?")
    owner = trustees.verification_keys.index(G**secret) + 1
    _confirm(closed, archive, code)
    state = remember(state, election.phi, closed.checkpoint.short_code, total.digest)
    keys.save(state, passphrase)
    share = tally.decrypt(election, total, owner, secret)
    tally.check_share(election, trustees, total, share)
    files.write(out, share.encode_file(election.phi))
    _show(state, keys)
    console.say(words("cli.trustee.after_decrypt", out=out))


def _confirm(closed: ClosedArchive, archive: Path, code: str | None) -> None:
    """Compares the code on the hall screen, which a person types; a script may leave it out."""
    if code is None and not sys.stdin.isatty():
        console.warn(words("cli.trustee.no_code", code=closed.checkpoint.short_code))
        return
    if code is None:
        code = str(click.prompt(words("cli.trustee.ask_code"), err=True))
    if not same_code(closed.checkpoint.short_code, code):
        raise BadCheckpoint(f"{archive}: the code on the hall screen is not that of this archive")
