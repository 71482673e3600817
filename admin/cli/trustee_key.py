"""The options of commands on a trustee's key file, and what such a command shows of the key."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import click

from admin.cli import console
from admin.cli.keys import KeyFile, OpenKey
from admin.cli.passphrase import passphrase_option
from admin.words import words
from crypto import ceremony
from crypto.committee import Moment
from crypto.encoding import CODE_GROUPS, spoken
from crypto.errors import Incomplete
from crypto.group import Element, G
from crypto.keyfile import TrusteeState

SCHEMA = "phieukin.trustee/1"

_Command = TypeVar("_Command", bound=Callable[..., Any])


def file_path(*, exists: bool) -> click.Path:
    """The type of an argument that names a file."""
    return click.Path(exists=exists, dir_okay=False, path_type=Path)


def path_option(
    name: str, *, exists: bool = False, required: bool = False
) -> Callable[[_Command], _Command]:
    """A path option; its help stands in the catalogue under its own name."""
    names = [f"--{name}", "-o"] if name == "out" else [f"--{name}"]
    text = words(f"cli.trustee.options.{name}")
    return click.option(*names, type=file_path(exists=exists), required=required, help=text)


def key_options(command: _Command) -> _Command:
    """What every command on an existing key file takes."""
    for option in (
        passphrase_option,
        path_option("copy"),
        path_option("key", exists=True, required=True),
    ):
        command = option(command)
    return command


def out_options(command: _Command) -> _Command:
    """What every command that writes a message takes."""
    force = click.option("--force", is_flag=True, help=words("cli.trustee.options.force"))
    return force(path_option("out", required=True)(command))


# --- What is shown ------------------------------------------------------------------------


def show(key: OpenKey, file: KeyFile) -> None:
    """The state as people and programs may see it, on stdout; warns of what is amiss with it."""
    state = key.state
    if not file.copied:
        console.warn(words("cli.trustee.no_copy"))
    if key.restored:
        console.warn(words("cli.keys.restored", path=file.path))
    verification = verification_key(state)
    step1s = ceremony.pinned(state)
    agreed = len(step1s) == state.size > 1
    document = {
        "schema": SCHEMA,
        "index": state.index,
        "of": state.size,
        "threshold": state.threshold,
        "step": last_step(state),
        "agreement": ceremony.agreement_code(step1s) if agreed else None,
        "verification_key": None if verification is None else verification.hex,
        "fingerprint": None if verification is None else _fingerprint(verification),
        "signed": [str(moment) for moment in Moment if state.signed(moment) is not None],
        "opened": state.tally is not None,
        "copy": file.copied,
        "restored": key.restored,
    }
    if console.settings().json:
        console.emit_json(document)
        return
    console.data(words("cli.trustee.who", **document))
    for name in ("agreement", "fingerprint"):
        if document[name] is not None:
            console.data(words(f"cli.trustee.{name}", code=document[name]))


def last_step(state: TrusteeState) -> int:
    """The last step that this key has made."""
    if state.single or len(state.step1s) < state.size:
        return 1
    return 2 if state.share is None else 3


def verification_key(state: TrusteeState) -> Element | None:
    """The public key that the ceremony has left this trustee; None until it is finished."""
    return G**state.secret if state.single or state.share is not None else None


def refuse_unfinished(key: OpenKey, file: KeyFile) -> None:
    """Raises Incomplete for a key that has not taken every step of the ceremony."""
    if verification_key(key.state) is None:
        step = last_step(key.state) + 1
        raise Incomplete(f"{file.path}: step {step} of the ceremony comes next")


def _fingerprint(key: Element) -> str:
    return spoken(sha256(key.hex.encode()).digest(), CODE_GROUPS)
