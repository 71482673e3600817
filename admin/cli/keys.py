"""A trustee's key file on the disk: whole or not at all, and its second copy with it."""

from dataclasses import dataclass
from errno import ENOENT
from os import strerror
from pathlib import Path

import click

from admin.cli.passphrase import ask
from admin.record import files
from admin.words import words
from crypto import keyfile
from crypto.errors import Refused
from crypto.keyfile import TrusteeState, seal, unseal


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key file on the disk, its second copy if one was named, and how to open them."""

    path: Path
    copy: Path | None
    passphrase_file: Path | None

    def open(self) -> tuple[TrusteeState, str]:
        """The state and the passphrase.

        Raises:
            Refused: the second copy exists and is not the same: one of them is old.
        """
        raw = read(self.path, keyfile.LIMIT)
        if self.copied and read(self.copy or self.path, keyfile.LIMIT) != raw:
            raise Refused(f"{self.copy}: not the same as {self.path}; keep the newer of the two")
        passphrase = ask(self.passphrase_file, new=False)
        return unseal(raw, passphrase, str(self.path)), passphrase

    @property
    def copied(self) -> bool:
        return self.copy is not None and self.copy.exists()

    def save(self, state: TrusteeState, passphrase: str) -> None:
        """Writes the key file, and its copy with the same bytes."""
        raw = seal(state, passphrase)
        for path in [self.path] if self.copy is None else [self.path, self.copy]:
            files.write(path, raw, mode=0o600)


def read(path: Path, limit: int) -> bytes:
    """A file, or its beginning that shows it to be too large."""
    with path.open("rb") as file:
        return file.read(limit + 1)


def ready(*paths: Path | None, force: bool = False) -> None:
    """Before anything is made: there is room for each file, and nothing is written over."""
    for path in paths:
        if path is None:
            continue
        if not path.parent.is_dir():
            raise FileNotFoundError(ENOENT, strerror(ENOENT), str(path.parent))
        if path.exists() and not force:
            raise Refused(f"{path}: exists already, and is not written over")


def distinct(*paths: Path | None) -> None:
    """Raises click.UsageError if two options name one file."""
    named = [path.resolve() for path in paths if path is not None]
    if len(set(named)) != len(named):
        raise click.UsageError(words("cli.trustee.same_path"))
