"""A trustee's key file on the disk: whole or not at all, and its second copy with it.

The key file remembers what the trustee has signed. A file restored from an older copy has
forgotten it, and one that was taken to another machine leaves a second one behind: either could
sign twice. So every writing gives the file a new random mark, and this machine keeps the same
mark (marks.py); a file whose mark it does not have is a *restored copy*, which signs nothing
(docs/protocol.md §6.4).
"""

from dataclasses import dataclass, replace
from errno import ENOENT
from os import strerror
from pathlib import Path
from secrets import token_hex

import click

from admin.cli import marks
from admin.cli.passphrase import ask
from admin.record import files
from admin.words import words
from crypto import keyfile
from crypto.errors import Refused
from crypto.keyfile import MARK_BYTES, TrusteeState, seal, unseal


@dataclass(frozen=True, slots=True, repr=False)
class OpenKey:
    """What a key file holds, opened.

    Attributes:
        restored: whether this machine did not write it last.
    """

    state: TrusteeState
    passphrase: str
    restored: bool = False


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key file on the disk, its second copy if one was named, and how to open them."""

    path: Path
    copy: Path | None
    passphrase_file: Path | None

    def open(self) -> OpenKey:
        """The state, and whether it may sign.

        Raises:
            Refused: the second copy exists and is not the same: one of them is old.
        """
        raw = read(self.path, keyfile.LIMIT)
        if self.copied and read(self.copy or self.path, keyfile.LIMIT) != raw:
            raise Refused(f"{self.copy}: not the same as {self.path}; keep the newer of the two")
        passphrase = ask(self.passphrase_file, new=False)
        state = unseal(raw, passphrase, str(self.path))
        return OpenKey(state, passphrase, restored=not marks.known(state))

    @property
    def copied(self) -> bool:
        return self.copy is not None and self.copy.exists()

    def make(self, state: TrusteeState, passphrase: str) -> OpenKey:
        """Writes a key that was just made."""
        return self._write(state, passphrase)

    def save(self, key: OpenKey, state: TrusteeState) -> OpenKey:
        """Writes the new state of a key, and its copy with the same bytes.

        A restored copy stays one: its mark does not change, and the machine keeps none.

        Raises:
            Refused: another run has written the file since it was opened.
        """
        if key.restored:
            self._put(state, key.passphrase)
            return replace(key, state=state)
        if not marks.known(key.state):
            raise Refused(f"{self.path}: another run has changed the key file; start again")
        return self._write(state, key.passphrase)

    def _write(self, state: TrusteeState, passphrase: str) -> OpenKey:
        # The machine knows both marks while files are written: whichever a crash leaves is known.
        # Nothing that depends on the new state has left the machine before the older is forgotten.
        state = replace(state, mark=token_hex(MARK_BYTES))
        marks.announce(state)
        self._put(state, passphrase)
        marks.settle(state)
        return OpenKey(state, passphrase)

    def _put(self, state: TrusteeState, passphrase: str) -> None:
        raw = seal(state, passphrase)
        for path in [self.path] if self.copy is None else [self.path, self.copy]:
            files.write(path, raw, mode=0o600)

    def refuse_restored(self, key: OpenKey) -> None:
        """Raises Refused for a restored copy: it cannot know what it has signed."""
        if key.restored:
            raise Refused(words("cli.keys.restored", path=self.path))


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
